package index

import (
	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// candidates returns documents of s among which all matches of e are; nil stands for all documents. The set is not to be changed.
func (s *shard) candidates(e query.Expr) (*roaring.Bitmap, error) {
	switch e := e.(type) {
	case *query.And:
		var all *roaring.Bitmap
		for _, op := range e.Operands {
			b, err := s.candidates(op)
			if err != nil {
				return nil, err
			}
			if b == nil {
				continue
			}
			if all == nil {
				all = b
			} else {
				all = roaring.And(all, b)
			}
			if all.IsEmpty() {
				break
			}
		}
		return all, nil
	case *query.Or:
		all := roaring.New()
		for _, op := range e.Operands {
			b, err := s.candidates(op)
			if err != nil || b == nil {
				return nil, err
			}
			all.Or(b)
		}
		return all, nil
	case *query.Words:
		// One term at least stands in the name.
		all := roaring.New()
		for _, w := range e.Terms {
			b, err := s.substring(query.Fold(w.Value))
			if err != nil || b == nil {
				return nil, err
			}
			all.Or(b)
		}
		return all, nil
	case *query.Text:
		switch e.Field {
		case query.Name:
			switch e.Mode {
			case query.Has:
				return s.substring(query.Fold(e.Value))
			case query.Is:
				return s.substring(string(rune(beginMark)) + query.Fold(e.Value) + string(rune(endMark)))
			}
		case query.Type:
			return s.postings(fieldType, e.Value)
		}
	}
	return nil, nil
}

// substring returns the documents whose marked folded name holds every trigram of v; nil if v has none.
func (s *shard) substring(v string) (*roaring.Bitmap, error) {
	var all *roaring.Bitmap
	for i := 0; i+3 <= len(v); i++ {
		b, err := s.postings(fieldGram, v[i:i+3])
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = b
		} else {
			all.And(b)
		}
		if all.IsEmpty() {
			break
		}
	}
	return all, nil
}

// postings returns the documents with a term, a set of the caller's own.
func (g *generation) postings(field, term string) (*roaring.Bitmap, error) {
	all := roaring.New()
	for _, s := range g.segs {
		d, err := s.seg.Dictionary(field)
		if err != nil {
			return nil, corrupt(g.dir, "%v", err)
		}
		pl, err := d.PostingsList([]byte(term), nil, nil)
		if err != nil {
			return nil, corrupt(g.dir, "%v", err)
		}
		one := roaring.New()
		if p, ok := pl.(interface{ OrInto(*roaring.Bitmap) }); ok {
			p.OrInto(one)
		}
		if s.first == 0 {
			all.Or(one)
		} else {
			all.Or(roaring.AddOffset64(one, int64(s.first)))
		}
	}
	return all, nil
}

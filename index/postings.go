package index

import (
	"bytes"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	"github.com/blevesearch/vellum"
)

// postings returns the documents with a term.
func (g *generation) postings(field, term string) (*roaring.Bitmap, error) {
	var all *roaring.Bitmap
	for _, s := range g.segs {
		d, err := s.seg.Dictionary(field)
		if err != nil {
			return nil, corrupt(g.dir, "%v", err)
		}
		set, err := g.list(s, d, term)
		if err != nil {
			return nil, err
		}
		switch {
		case set.IsEmpty():
		case all == nil:
			all = set
		default:
			all = roaring.Or(all, set)
		}
	}
	if all == nil {
		return none, nil
	}
	return all, nil
}

// list returns the documents of a segment with a term, by their numbers in the generation.
func (g *generation) list(s openSegment, d segment.TermDictionary, term string) (*roaring.Bitmap, error) {
	pl, err := d.PostingsList([]byte(term), nil, nil)
	if err != nil {
		return nil, corrupt(g.dir, "%v", err)
	}
	it, ok := pl.Iterator(false, false, false, nil).(segment.OptimizablePostingsIterator)
	if !ok {
		return none, nil // no such term
	}
	if n, ok := it.DocNum1Hit(); ok {
		return roaring.BitmapOf(uint32(n) + s.first), nil
	}
	set := it.ActualBitmap()
	switch {
	case set == nil:
		return none, nil
	case s.first > 0:
		return roaring.AddOffset64(set, int64(s.first)), nil
	}
	return set, nil
}

// eachTerm calls yield with the terms of a field in [from, to) and their documents, by segment, each segment in the order of terms.
// An empty to is no end. A false result ends the segment.
func (g *generation) eachTerm(field, from, to string, yield func(term string, set func() (*roaring.Bitmap, error)) (bool, error)) error {
	var lo, hi []byte
	if from != "" {
		lo = []byte(from)
	}
	if to != "" {
		hi = []byte(to)
	}
	for _, s := range g.segs {
		d, err := s.seg.Dictionary(field)
		if err != nil {
			return corrupt(g.dir, "%v", err)
		}
		it := d.AutomatonIterator(&vellum.AlwaysMatch{}, lo, hi)
		for {
			t, err := it.Next()
			if err != nil {
				return corrupt(g.dir, "%v", err)
			}
			if t == nil || hi != nil && bytes.Compare([]byte(t.Term), hi) >= 0 {
				break
			}
			term := t.Term // the iterator uses t again
			more, err := yield(term, func() (*roaring.Bitmap, error) { return g.list(s, d, term) })
			if err != nil {
				return err
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// lists returns the documents with each of terms.
func (g *generation) lists(field string, terms []string) ([]*roaring.Bitmap, error) {
	sets := make([]*roaring.Bitmap, len(terms))
	for i, t := range terms {
		var err error
		if sets[i], err = g.postings(field, t); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

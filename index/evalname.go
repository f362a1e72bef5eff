package index

import (
	"bytes"
	"strings"
	"unsafe"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Names: substrings, whole names, globs and regular expressions are looked for by trigrams, and verified against the column of
// folded names where trigrams can lie. Exact terms are verified against that column and the capital letters in it (nametext.go).

// filterNames returns the documents of set whose folded name passes test, which may be called by several goroutines.
func (e *evaluator) filterNames(set *roaring.Bitmap, test func(name []byte) bool) (*roaring.Bitmap, error) {
	return e.filter(set, func() func(uint32) (bool, error) {
		return func(n uint32) (bool, error) { return test(e.cols.nameOf(n)), nil }
	})
}

// textOf returns b, a slice of a mapped file, as a string that must not outlive the use of the generation.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// nameHas returns the documents of within whose folded name holds v, which is folded.
func (e *evaluator) nameHas(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if len(v) < 3 {
		if within.GetCardinality() > uint64(e.docs)/8 {
			return e.scanNames(v, within)
		}
		return e.filterNames(within, func(name []byte) bool { return bytes.Contains(name, []byte(v)) })
	}
	set, exact, err := e.gramsOf(gramKey{v: v}, within)
	if err != nil || exact {
		return set, err
	}
	return e.verifyHas(v, set)
}

// verifyHas returns the documents of set whose folded name holds v, by looking at names.
func (e *evaluator) verifyHas(v string, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	has := func(name []byte) bool { return bytes.Contains(name, []byte(v)) }
	if set.GetCardinality() < e.limits.words || strings.ContainsFunc(v, func(r rune) bool { return !isWord(r) }) {
		return e.filterNames(set, has)
	}
	// Of a common word most names hold just that: they need no verification.
	words, err := e.postings(fieldWord, v)
	if err != nil {
		return nil, err
	}
	if words = roaring.And(words, set); words.GetCardinality() < set.GetCardinality()/2 {
		return e.filterNames(set, has)
	}
	rest, err := e.filterNames(roaring.AndNot(set, words), has)
	if err != nil {
		return nil, err
	}
	return roaring.Or(words, rest), nil
}

// scanNames is nameHas by going through all names from the first to the last.
func (e *evaluator) scanNames(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	sep := []byte(v)
	c := e.cols
	return e.inParts(within, func(part *roaring.Bitmap) (*roaring.Bitmap, error) {
		if part.IsEmpty() {
			return none, nil
		}
		out := roaring.New()
		n, last := part.Minimum(), part.Maximum()
		if err := e.budget.spend(int(last - n)); err != nil {
			return nil, err
		}
		var hits [4096]uint32
		k := 0
		pos, end := c.name.at(n), c.name.at(last+1)
		if pos > end || end > uint32(len(c.names)) {
			return nil, corrupt(c.m.path, "bad offset of a name")
		}
		for pos < end {
			i := bytes.Index(c.names[pos:end], sep)
			if i < 0 {
				break
			}
			pos += uint32(i)
			for n < last && c.name.at(n+1) <= pos {
				n++
			}
			if next := c.name.at(n + 1); pos+uint32(len(sep)) > next {
				pos++ // it goes over into the next name
				continue
			} else {
				pos = next
			}
			hits[k] = n
			if k++; k == len(hits) {
				out.AddMany(hits[:])
				k = 0
			}
		}
		out.AddMany(hits[:k])
		out.And(part)
		return out, nil
	})
}

// pairsHas returns the documents of within whose folded name holds one at least of texts of one or two bytes, by one look at each name.
func (e *evaluator) pairsHas(texts []string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	var one [256]bool
	two := make([]bool, 1<<16)
	for _, t := range texts {
		if len(t) == 1 {
			one[t[0]] = true
		} else {
			two[int(t[0])<<8|int(t[1])] = true
		}
	}
	return e.filterNames(within, func(name []byte) bool {
		pair := 0
		for i, c := range name {
			pair = pair<<8&0xffff | int(c)
			if one[c] || i > 0 && two[pair] {
				return true
			}
		}
		return false
	})
}

// nameIs returns the documents of within whose folded name is v.
func (e *evaluator) nameIs(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	set, _, err := e.gramsOf(gramKey{true, v, true}, within)
	if err != nil {
		return nil, err
	}
	return e.filterNames(set, func(name []byte) bool { return string(name) == v })
}

// namePrefix returns the documents of within whose folded name begins with v.
func (e *evaluator) namePrefix(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	set, exact, err := e.gramsOf(gramKey{begin: true, v: v}, within)
	if err != nil || exact {
		return set, err
	}
	return e.filterNames(set, func(name []byte) bool { return bytes.HasPrefix(name, []byte(v)) })
}

// nameSuffix returns the documents of within whose folded name ends with v.
func (e *evaluator) nameSuffix(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	set, exact, err := e.gramsOf(gramKey{v: v, end: true}, within)
	if err != nil || exact {
		return set, err
	}
	return e.filterNames(set, func(name []byte) bool { return bytes.HasSuffix(name, []byte(v)) })
}

// nameNeed returns what every name holds that a leaf on names selects.
func nameNeed(t *query.Text) need {
	switch v := form(t.Value, t.Exact); {
	case t.Mode == query.Glob, t.Mode == query.Re:
		return requiredBy(query.Pattern(t))
	case t.Exact:
		return requiredByText(v)
	case len(v) < 3 || strings.ContainsFunc(v, func(r rune) bool { return r <= endMark }):
		return nil
	default:
		return need{{v}}
	}
}

// name evaluates a leaf on names.
func (e *evaluator) name(t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	v := form(t.Value, t.Exact)
	switch {
	case t.Mode == query.Has && !t.Exact:
		return e.nameHas(v, within)
	case t.Mode == query.Is && !t.Exact:
		return e.nameIs(v, within)
	}
	set, err := e.needed(nameNeed(t), within)
	if err != nil {
		return nil, err
	}
	if t.Exact {
		return e.filterExact(set, query.CompileText(t))
	}
	selects := query.CompileText(t)
	return e.filterNames(set, func(name []byte) bool { return selects(textOf(name)) })
}

// filterExact returns the documents of set whose name, composed but not folded, passes test, which may be called by several goroutines.
func (e *evaluator) filterExact(set *roaring.Bitmap, test func(name string) bool) (*roaring.Bitmap, error) {
	return e.filter(set, func() func(uint32) (bool, error) {
		name := e.exactNames()
		return func(n uint32) (bool, error) {
			s, err := name(n)
			return err == nil && test(s), err
		}
	})
}

// exactNames returns a function that returns the exact name of a document, valid until its next call. It is used by one goroutine.
func (e *evaluator) exactNames() func(n uint32) (string, error) {
	texts := e.nameTexts()
	return func(n uint32) (string, error) {
		text, err := texts(n)
		return query.Exact(text), err
	}
}

// nameTexts returns a function that returns the text form of the name of a document, valid until its next call. It is used by one goroutine.
func (e *evaluator) nameTexts() func(n uint32) (string, error) {
	names, docs := textReader{c: e.cols}, newDocReader(e.shard)
	return func(n uint32) (string, error) {
		if name, ok := names.at(n); ok {
			return name, nil
		}
		d, err := docs.at(n)
		return d.NameText(), err
	}
}

package index

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unsafe"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Names: substrings, whole names, globs and regular expressions are looked for by trigrams, and verified against the column of
// folded names where trigrams can lie. Exact terms are verified against that column and the capital letters in it (nametext.go).

// A gramKey names a text, at the begin or the end of names if that is asked for.
type gramKey struct {
	begin bool
	v     string
	end   bool
}

// A gramSet is the documents that hold each trigram of a text; exact says that they hold the text itself.
type gramSet struct {
	set   *roaring.Bitmap
	exact bool
}

const few = 256 // documents that are sooner verified than intersected

// gramsOf returns the documents of within whose folded name holds each trigram of v, which stands at the begin or the end of
// the name if that is asked for. It stops when few are left. exact says that they hold v itself.
func (e *evaluator) gramsOf(begin bool, v string, end bool, within *roaring.Bitmap) (set *roaring.Bitmap, exact bool, err error) {
	key := gramKey{begin, v, end}
	if g, ok := e.grams[key]; ok {
		return roaring.And(g.set, within), g.exact, nil
	}
	b := make([]byte, 0, len(v)+2)
	if begin {
		b = append(b, beginMark)
	}
	exact = true
	for i := range len(v) {
		b = append(b, gramByte(v[i]))
		exact = exact && v[i] > endMark+1
	}
	if end {
		b = append(b, endMark)
	}
	exact = exact && len(b) == 3
	if len(b) < 3 {
		return within, false, nil
	}
	type list struct {
		set *roaring.Bitmap
		n   uint64
	}
	var lists []list
	for i := 0; i+3 <= len(b); i++ {
		set, err := e.postings(fieldGram, string(b[i:i+3]))
		if err != nil {
			return nil, false, err
		}
		if set.IsEmpty() {
			e.grams[key] = gramSet{none, true}
			return none, true, nil
		}
		lists = append(lists, list{set, set.GetCardinality()})
	}
	slices.SortFunc(lists, func(a, b list) int { return cmp.Compare(a.n, b.n) })
	keep := lists[0].n < within.GetCardinality() // worth to be found for all documents: it may be asked for again
	set = within
	for i, list := range lists {
		if i == 0 && keep {
			set = list.set
		} else {
			set = roaring.And(set, list.set)
		}
		if set.GetCardinality() < few {
			break
		}
	}
	if keep {
		e.grams[key] = gramSet{set, exact}
		set = roaring.And(set, within)
	}
	return set, exact, nil
}

// needed returns the documents of within whose marked name holds what n says. It is a superset of what matches.
func (e *evaluator) needed(n need, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	for _, alts := range n {
		sets := make([]*roaring.Bitmap, len(alts))
		for i, t := range alts {
			var err error
			t, begin := strings.CutPrefix(t, string(rune(beginMark)))
			t, end := strings.CutSuffix(t, string(rune(endMark)))
			if sets[i], _, err = e.gramsOf(begin, t, end, within); err != nil {
				return nil, err
			}
		}
		if len(sets) == 1 {
			within = sets[0]
		} else {
			within = roaring.FastOr(sets...)
		}
	}
	return within, nil
}

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
	set, exact, err := e.gramsOf(false, v, false, within)
	if err != nil || exact {
		return set, err
	}
	has := func(name []byte) bool { return bytes.Contains(name, []byte(v)) }
	if set.GetCardinality() < e.limits.words || strings.ContainsFunc(v, func(r rune) bool { return !isWord(r) }) {
		return e.filterNames(set, has)
	}
	// Of a common word most names hold just that: they need no verification.
	words, err := e.postings(fieldWord, v)
	if err != nil {
		return nil, err
	}
	words = roaring.And(words, set)
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
	set, _, err := e.gramsOf(true, v, true, within)
	if err != nil {
		return nil, err
	}
	return e.filterNames(set, func(name []byte) bool { return string(name) == v })
}

// namePrefix returns the documents of within whose folded name begins with v.
func (e *evaluator) namePrefix(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	set, exact, err := e.gramsOf(true, v, false, within)
	if err != nil || exact {
		return set, err
	}
	return e.filterNames(set, func(name []byte) bool { return bytes.HasPrefix(name, []byte(v)) })
}

// nameSuffix returns the documents of within whose folded name ends with v.
func (e *evaluator) nameSuffix(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	set, exact, err := e.gramsOf(false, v, true, within)
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

// words evaluates terms that stand in the name, the directory or the host, one at least in the name.
func (e *evaluator) words(x *query.Words, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	// First what can have each term, by trigrams, the rarest first, so that sets become small before they are united.
	type term struct {
		query.Word
		leaf *query.Text
		need need
		can  *roaring.Bitmap // in the name
		n    uint64
	}
	terms := make([]term, len(x.Terms))
	for i, w := range x.Terms {
		leaf := wordLeaf(w)
		t := term{Word: w, leaf: leaf, need: nameNeed(leaf)}
		var err error
		if t.can, err = e.needed(t.need, within); err != nil {
			return nil, err
		}
		t.n = t.can.GetCardinality()
		terms[i] = t
	}
	slices.SortStableFunc(terms, func(a, b term) int { return cmp.Compare(a.n, b.n) })
	set := within
	for _, t := range terms {
		if len(t.need) == 0 {
			break // this and those after it can be everywhere
		}
		above, err := e.wordAbove(t.Word)
		if err != nil {
			return nil, err
		}
		if set = eitherOf(set, t.can, above); set.IsEmpty() {
			return none, nil
		}
	}
	// Only those with one in the name are verified, term by term.
	can := make([]*roaring.Bitmap, len(terms))
	for i, t := range terms {
		can[i] = roaring.And(set, t.can)
	}
	set = roaring.FastOr(can...)
	named := roaring.New()
	for _, t := range terms {
		names, err := e.name(t.leaf, set)
		if err != nil {
			return nil, err
		}
		above, err := e.wordAbove(t.Word)
		if err != nil {
			return nil, err
		}
		named.Or(names)
		if set = eitherOf(set, names, above); set.IsEmpty() {
			return none, nil
		}
	}
	return roaring.And(set, named), nil
}

// eitherOf returns the documents of set that are in a or b.
func eitherOf(set, a, b *roaring.Bitmap) *roaring.Bitmap {
	either := roaring.And(set, a)
	either.Or(roaring.And(set, b))
	return either
}

// wordAbove returns the documents that have a term in their directory or host. It is found once.
func (e *evaluator) wordAbove(w query.Word) (*roaring.Bitmap, error) {
	if set, ok := e.above[w]; ok {
		return set, nil
	}
	set, err := e.below(wordLeaf(w))
	if err != nil {
		return nil, err
	}
	for _, s := range e.servers {
		if strings.Contains(form(s.server.Host, w.Exact), form(w.Value, w.Exact)) {
			set.AddRange(uint64(s.first), uint64(s.first+s.docs))
		}
	}
	e.above[w] = set
	return set, nil
}

func wordLeaf(w query.Word) *query.Text {
	return &query.Text{Field: query.Name, Mode: query.Has, Value: w.Value, Exact: w.Exact}
}

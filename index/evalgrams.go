package index

import (
	"cmp"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Trigrams: what holds each trigram of a text is a superset of what holds the text. Their lists are intersected, the shortest first.

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

// A gramList is the documents with one trigram.
type gramList struct {
	set *roaring.Bitmap
	n   uint64 // how many they are
}

// gramLists returns the documents with each trigram of a text in their name, the shortest list first: a single empty one if any is; none at
// all if the text is too short to say anything. Exact says that what is in all of them holds the text itself.
func (e *evaluator) gramLists(key gramKey) (lists []gramList, exact bool, err error) {
	if g, ok := e.grams[key]; ok {
		return []gramList{{g.set, g.set.GetCardinality()}}, g.exact, nil
	}
	return e.fieldLists(fieldGram, key)
}

// fieldLists is gramLists for a field of trigrams.
func (e *evaluator) fieldLists(field string, key gramKey) (lists []gramList, exact bool, err error) {
	b := make([]byte, 0, len(key.v)+2)
	if key.begin {
		b = append(b, beginMark)
	}
	exact = true
	for i := range len(key.v) {
		b = append(b, gramByte(key.v[i]))
		exact = exact && key.v[i] > anyGramByte
	}
	if key.end {
		b = append(b, endMark)
	}
	if key == (gramKey{begin: true, end: true}) {
		b = append(b, endMark)
	}
	for i := 0; i+3 <= len(b); i++ {
		set, err := e.postings(field, string(b[i:i+3]))
		if err != nil {
			return nil, false, err
		}
		if set.IsEmpty() {
			return []gramList{{none, 0}}, true, nil
		}
		lists = append(lists, gramList{set, set.GetCardinality()})
	}
	slices.SortFunc(lists, shorter)
	return lists, exact && len(b) == 3, nil
}

// listsOf returns the documents with each trigram of all texts that n needs, the shortest list first. Where it needs one of several texts,
// that is left out. Exact says that what is in all lists holds all that n needs.
func (e *evaluator) listsOf(field string, n need) (all []gramList, exact bool, err error) {
	exact = true
	for _, alts := range n {
		if len(alts) > 1 {
			exact = false
			continue
		}
		lists, holds, err := e.fieldLists(field, keyOf(alts[0]))
		if err != nil {
			return nil, false, err
		}
		all, exact = append(all, lists...), exact && holds
	}
	slices.SortFunc(all, shorter)
	return all, exact, nil
}

// keyOf returns the key of a text that may stand between marks.
func keyOf(text string) (key gramKey) {
	key.v, key.begin = strings.CutPrefix(text, string(rune(beginMark)))
	key.v, key.end = strings.CutSuffix(key.v, string(rune(endMark)))
	return key
}

func shorter(a, b gramList) int { return cmp.Compare(a.n, b.n) }

// narrow returns the documents of within that are in all lists, or more if few are left.
func (e *evaluator) narrow(lists []gramList, within *roaring.Bitmap) *roaring.Bitmap {
	for i, l := range lists {
		if i > 0 && within.GetCardinality() < e.limits.few {
			break
		}
		within = e.in(l.set, within)
	}
	return within
}

// gramsOf returns the documents of within whose folded name holds each trigram of a text, or more if few are left. Exact says that they hold
// the text itself.
func (e *evaluator) gramsOf(key gramKey, within *roaring.Bitmap) (set *roaring.Bitmap, exact bool, err error) {
	if within.GetCardinality() < e.limits.few {
		return within, false, nil
	}
	lists, exact, err := e.gramLists(key)
	if err != nil || len(lists) == 0 {
		return within, false, err
	}
	if lists[0].n < within.GetCardinality() { // worth to be found for all documents: it may be asked for again
		set := e.narrow(lists[1:], lists[0].set)
		e.grams[key] = gramSet{set, exact}
		return e.in(set, within), exact, nil
	}
	return e.narrow(lists, within), exact, nil
}

// needed returns the documents of within whose marked name holds what n says. It is a superset of what matches.
func (e *evaluator) needed(n need, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	return e.neededByAll([]need{n}, within)
}

// neededByAll is needed for several needs.
func (e *evaluator) neededByAll(needs []need, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	var keys []gramKey
	var either [][]gramKey
	for _, n := range needs {
		for _, alts := range n {
			list := make([]gramKey, len(alts))
			for i, t := range alts {
				list[i] = keyOf(t)
			}
			if len(list) == 1 {
				keys = append(keys, list[0])
			} else {
				either = append(either, list)
			}
		}
	}
	within, err := e.gramsOfAll(keys, within)
	if err != nil {
		return nil, err
	}
	for _, list := range either {
		sets := make([]*roaring.Bitmap, len(list))
		for i, key := range list {
			if sets[i], _, err = e.gramsOf(key, within); err != nil {
				return nil, err
			}
		}
		within = roaring.FastOr(sets...)
	}
	return within, nil
}

// gramsOfAll is gramsOf for several texts. First come the shortest lists of each: trigrams of one text stand in the same names, so all lists of
// one text leave hardly less than the shortest, while those of another text leave little.
func (e *evaluator) gramsOfAll(keys []gramKey, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if len(keys) == 1 {
		set, _, err := e.gramsOf(keys[0], within)
		return set, err
	}
	var first, others []gramList
	for _, key := range keys {
		lists, _, err := e.gramLists(key)
		if err != nil {
			return nil, err
		}
		if len(lists) > 0 {
			first, others = append(first, lists[0]), append(others, lists[1:]...)
		}
	}
	slices.SortFunc(first, shorter)
	slices.SortFunc(others, shorter)
	return e.narrow(append(first, others...), within), nil
}

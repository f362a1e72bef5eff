package index

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Words are what people type: each may stand in the name, in a directory above, or in the host, and one has to stand in the name.

// A wordTerm is a term of Words being looked for.
type wordTerm struct {
	query.Word
	leaf  *query.Text
	lists []gramList      // of its trigrams in names, the shortest first; none: it is too short, and can be in every name
	above []gramList      // the same in the names of directories above
	sure  bool            // what is in all lists, of either, has it: nothing is to be verified
	can   *roaring.Bitmap // what is left that can have it in the name
	hosts *roaring.Bitmap // documents of servers that have it in the host
}

// words evaluates terms that stand in the name, the directory or the host, one at least in the name.
func (e *evaluator) words(x *query.Words, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	terms := make([]wordTerm, len(x.Terms))
	for i, w := range x.Terms {
		var err error
		if terms[i], err = e.wordTerm(w); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(terms, func(a, b wordTerm) int {
		if len(a.lists) == 0 || len(b.lists) == 0 {
			return len(b.lists) - len(a.lists)
		}
		return shorter(a.lists[0], b.lists[0])
	})
	// First what the shortest list of each term leaves, then what all lists leave of that.
	set, err := e.wordCandidates(terms, within)
	if err != nil {
		return nil, err
	}
	for i := range terms {
		if set.IsEmpty() {
			return none, nil
		}
		t := &terms[i]
		if t.can = e.narrow(t.lists, set); len(t.lists) > 0 {
			set = t.either(t.can, e.narrow(t.above, set), set)
		}
	}
	// Only those with one in the name are verified, term by term.
	can := none
	for _, t := range terms {
		can = union(can, t.can)
	}
	set = roaring.And(set, can)
	named := none
	for i := range terms {
		t := &terms[i]
		names := roaring.And(set, t.can)
		if !t.sure {
			if names, err = e.verifyWord(t, names); err != nil {
				return nil, err
			}
		}
		above := e.narrow(t.above, roaring.AndNot(set, names))
		if !t.sure {
			if above, err = e.climb(t.leaf, above); err != nil {
				return nil, err
			}
		}
		named = union(named, names)
		if set = t.either(names, above, set); set.IsEmpty() {
			return none, nil
		}
	}
	return roaring.And(set, named), nil
}

// wordCandidates returns documents of within among which are all that have each term in the name, above, or in the host, and one in
// the name, as the shortest lists of the terms say. Terms are sorted by these. For each term it finds those that have it in the name,
// and the terms before it elsewhere: so the long lists of a common term meet only what is above for a rare one, and no long lists are
// united.
func (e *evaluator) wordCandidates(terms []wordTerm, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	all := none
	for i, t := range terms {
		if err := e.budget.spend(0); err != nil {
			return nil, err
		}
		set := within
		for _, before := range terms[:i] {
			if len(before.lists) > 0 { // else it can be everywhere
				set = before.either(none, e.in(before.above[0].set, set), set)
			}
		}
		if len(t.lists) > 0 {
			set = e.in(t.lists[0].set, set)
		}
		for _, after := range terms[i+1:] {
			if len(after.lists) > 0 {
				set = after.either(e.in(after.lists[0].set, set), e.in(after.above[0].set, set), set)
			}
		}
		all = union(all, set)
	}
	return all, nil
}

func (e *evaluator) wordTerm(w query.Word) (t wordTerm, err error) {
	t = wordTerm{Word: w, leaf: wordLeaf(w), hosts: roaring.New()}
	for _, s := range e.servers {
		if strings.Contains(form(s.server.Host, w.Exact), form(w.Value, w.Exact)) {
			t.hosts.AddRange(uint64(s.first), uint64(s.first+s.docs))
		}
	}
	need := nameNeed(t.leaf)
	var inName, inAbove bool
	if t.lists, inName, err = e.listsOf(fieldGram, need); err != nil {
		return t, err
	}
	t.above, inAbove, err = e.listsOf(fieldAbove, need)
	t.sure = inName && inAbove && len(need) > 0 && !w.Exact
	return t, err
}

// either returns the documents that are in here or above, parts of set, or in set and of a host with the term.
func (t *wordTerm) either(here, above, set *roaring.Bitmap) *roaring.Bitmap {
	all := union(here, above)
	if !t.hosts.IsEmpty() {
		all = union(all, roaring.And(t.hosts, set))
	}
	return all
}

// verifyWord returns the documents of set with a term in their name.
func (e *evaluator) verifyWord(t *wordTerm, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	if t.Exact {
		return e.filterExact(set, query.CompileText(t.leaf))
	}
	return e.verifyHas(form(t.Value, false), set)
}

func wordLeaf(w query.Word) *query.Text {
	return &query.Text{Field: query.Name, Mode: query.Has, Value: w.Value, Exact: w.Exact}
}

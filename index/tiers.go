package index

import (
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Tiers of hits are sets too: those of one tier or better are found by postings where hits are many, so that the first page of
// a million of them is ranked without looking at each. The rules are those of Tier.

type tierKey struct {
	value  string
	exact  bool
	tier   int
	within *roaring.Bitmap
}

// An exprKey names the documents of within that x selects, and whose tier for x is at most tier.
type exprKey struct {
	x      query.Expr
	tier   int // or selected
	within *roaring.Bitmap
}

const selected = -1 // whatever the tier

// once returns what find does, which is called once for a key. Tiers of And ask twice for those of each operand: of 30 that stand in
// each other the innermost would be found a billion times.
func (e *evaluator) once(key exprKey, find func() (*roaring.Bitmap, error)) (*roaring.Bitmap, error) {
	if set, ok := e.exprs[key]; ok {
		return set, nil
	}
	set, err := find()
	if err == nil {
		e.exprs[key] = set
	}
	return set, err
}

// tierAtMost returns the documents of within, which x selects, whose tier for x is at most t.
func (e *evaluator) tierAtMost(x query.Expr, t int, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if t >= TierOther {
		return within, nil
	}
	switch x := x.(type) {
	case *query.And:
		return e.once(exprKey{x, t, within}, func() (*roaring.Bitmap, error) { return e.tierOfAnd(x, t, within) })
	case *query.Or:
		sets := make([]*roaring.Bitmap, len(x.Operands))
		for i, op := range x.Operands {
			var err error
			if leaf, ok := op.(*query.Text); ok && leaf.Field == query.Name && leaf.Mode == query.Has && !leaf.Exact && t < TierPath {
				// What is in such a tier is selected: there is no need to find all that is.
				if sets[i], err = e.nameTierAtMost(leaf, t, within); err != nil {
					return nil, err
				}
				continue
			}
			set, err := e.once(exprKey{op, selected, within}, func() (*roaring.Bitmap, error) { return e.eval(op, within) })
			if err != nil {
				return nil, err
			}
			if sets[i], err = e.tierAtMost(op, t, set); err != nil {
				return nil, err
			}
		}
		return roaring.FastOr(sets...), nil
	case *query.Words:
		if t >= TierPath {
			return within, nil
		}
		set := within
		for _, w := range x.Terms {
			s, err := e.nameTierAtMost(wordLeaf(w), t, within)
			if err != nil {
				return nil, err
			}
			set = roaring.And(set, s)
		}
		return set, nil
	case *query.Text:
		switch {
		case x.Field == query.Path, x.Field == query.Target:
			if t >= TierPath {
				return within, nil
			}
		case x.Field != query.Name:
		case t >= TierPart:
			return within, nil
		case x.Mode == query.Glob, x.Mode == query.Re:
		default:
			return e.nameTierAtMost(x, t, within)
		}
	}
	return none, nil
}

// tierOfAnd: the greatest tier among words and operands that are found in names, if there are any; else the least of all.
func (e *evaluator) tierOfAnd(x *query.And, t int, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	named := roaring.New()
	set, least := within, roaring.New()
	for _, op := range x.Operands {
		_, words := op.(*query.Words)
		inName := within
		if !words {
			var err error
			if inName, err = e.tierAtMost(op, TierPart, within); err != nil {
				return nil, err
			}
		}
		named.Or(inName)
		s, err := e.tierAtMost(op, t, within)
		if err != nil {
			return nil, err
		}
		least.Or(s)
		// Operands that are not found in the name do not count.
		set = roaring.Or(roaring.And(set, s), roaring.AndNot(set, inName))
	}
	return roaring.Or(roaring.And(set, named), roaring.AndNot(least, named)), nil
}

// nameTierAtMost returns the documents of within whose tier for a leaf on names, of mode Has or Is, is at most t.
func (e *evaluator) nameTierAtMost(leaf *query.Text, t int, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if t >= TierPath {
		return within, nil
	}
	key := tierKey{leaf.Value, leaf.Exact, t, within}
	if set, ok := e.tiers[key]; ok {
		return set, nil
	}
	set, err := e.findNameTier(leaf, t, within)
	if err == nil {
		e.tiers[key] = set
	}
	return set, err
}

func (e *evaluator) findNameTier(leaf *query.Text, t int, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	v := form(leaf.Value, leaf.Exact)
	test := func(name []byte) bool { return NameTier(textOf(name), v) <= t }
	if leaf.Exact || within.GetCardinality() <= e.limits.scan {
		if err := e.scanTiers(leaf, within); err != nil {
			return nil, err
		}
		return e.tiers[tierKey{leaf.Value, leaf.Exact, t, within}], nil
	}
	if t == TierName {
		return e.nameIs(v, within)
	}
	best, err := e.nameTierAtMost(leaf, t-1, within)
	if err != nil {
		return nil, err
	}
	var more *roaring.Bitmap
	switch t {
	case TierStem:
		more, err = e.namePrefix(v+".", within)
		if err == nil {
			more, err = e.filterNames(more, test)
		}
	case TierWord:
		if strings.ContainsFunc(v, func(r rune) bool { return !isWord(r) }) {
			more, err = e.filterNames(roaring.AndNot(within, best), test)
		} else {
			more, err = e.postings(fieldWord, v)
			more, err = e.found(more, within, err)
		}
	case TierPrefix:
		more, err = e.namePrefix(v, within)
	case TierStart:
		more, err = e.filterNames(roaring.AndNot(within, best), test)
	case TierPart:
		more, err = e.nameHas(v, within)
	}
	if err != nil {
		return nil, err
	}
	return roaring.Or(best, more), nil
}

// scanTiers finds all tiers of the documents of within for a leaf on names by looking at each.
func (e *evaluator) scanTiers(leaf *query.Text, within *roaring.Bitmap) error {
	v := form(leaf.Value, leaf.Exact)
	var docs [TierPart + 1][]uint32
	exact := e.exactNames()
	for i, it := 0, within.Iterator(); it.HasNext(); i++ {
		if i&4095 == 0 {
			if err := e.budget.spend(min(4096, int(within.GetCardinality())-i)); err != nil {
				return err
			}
		}
		n := it.Next()
		name := textOf(e.cols.nameOf(n))
		if leaf.Exact {
			var err error
			if name, err = exact(n); err != nil {
				return err
			}
		}
		if t := NameTier(name, v); t <= TierPart {
			docs[t] = append(docs[t], n)
		}
	}
	set := roaring.New()
	for t := range docs {
		set = roaring.Or(set, roaring.BitmapOf(docs[t]...))
		e.tiers[tierKey{leaf.Value, leaf.Exact, t, within}] = set
	}
	return nil
}

package index

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/index/query"
)

// errCut ends an evaluation whose time or cost is used up.
var errCut = errors.New("index: search cut short")

// A budget is how long a search may take and how much it may look at. It is shared by all goroutines of the search.
type budget struct {
	ctx      context.Context
	deadline time.Time    // zero: none
	cost     atomic.Int64 // documents looked at
	maxCost  int64        // 0: no limit
}

// spend accounts for n documents to be looked at. It returns the error of the context, or errCut.
func (b *budget) spend(n int) error {
	if b.ctx.Err() != nil {
		return context.Cause(b.ctx)
	}
	if c := b.cost.Add(int64(n)); b.maxCost > 0 && c > b.maxCost {
		return errCut
	}
	if !b.deadline.IsZero() && time.Now().After(b.deadline) {
		return errCut
	}
	return nil
}

// patternRuns is how many names, paths or terms a search tries a pattern on, at most, between two looks at its budget. One may take the
// largest pattern three milliseconds.
const patternRuns = 64

// look returns what ends the search, if anything does, once in patternRuns calls with numbers that count up.
func (b *budget) look(i int) error {
	if i%patternRuns != patternRuns-1 {
		return nil
	}
	return b.spend(0)
}

// An evaluator finds which documents of a shard expressions select, as sets. It serves one search, and is used by one
// goroutine; it uses others where there is much to look at.
//
// Sets that its methods return may be shared, with segments or with each other: they are never changed, only combined into new ones.
type evaluator struct {
	*shard
	allLive bool // live is all documents
	budget  *budget
	limits  limits
	tiers   map[tierKey]*roaring.Bitmap
	exprs   map[exprKey]*roaring.Bitmap
	grams   map[gramKey]gramSet
}

func newEvaluator(s *shard, b *budget, l limits) *evaluator {
	return &evaluator{
		shard: s, allLive: s.live.GetCardinality() == uint64(s.docs), budget: b, limits: l,
		tiers: map[tierKey]*roaring.Bitmap{}, exprs: map[exprKey]*roaring.Bitmap{}, grams: map[gramKey]gramSet{},
	}
}

// limits are numbers of documents at which another way becomes the faster one. They change no answer.
type limits struct {
	few      uint64 // documents that are sooner verified than intersected with one more list
	scan     uint64 // hits whose tiers are found by looking at each name, not by sets
	words    uint64 // names that may hold a text at which those that hold it as a word are taken out before verification
	values   uint64 // documents whose sizes and times are looked at, not looked for by sets
	count    uint64 // hits whose sizes and years are counted by looking at each, not by intersecting
	parallel uint64 // documents that are worth more than one goroutine
	part     uint64 // documents, looked at or not, that one goroutine takes at a time: whole containers of a bitmap
	walk     uint64 // share of all documents, one in so many, from which hits are met by walking all of them by rank
}

var usualLimits = limits{few: 512, scan: 2_000, words: 1_000, values: 50_000, count: 50_000, parallel: 8192, part: 4 << 16, walk: 256}

var none = roaring.New()

// postings returns the documents with a term.
func (e *evaluator) postings(field, term string) (*roaring.Bitmap, error) {
	if err := e.budget.spend(0); err != nil {
		return nil, err
	}
	return e.generation.postings(field, term)
}

// union returns the documents with any term of a field in [from, to) that is wanted.
func (e *evaluator) union(field, from, to string, want func(term string) bool) (*roaring.Bitmap, error) {
	var sets []*roaring.Bitmap
	i := 0
	err := e.eachTerm(field, from, to, func(term string, set func() (*roaring.Bitmap, error)) (bool, error) {
		if err := e.budget.look(i); err != nil {
			return false, err
		}
		i++
		if want(term) {
			s, err := set()
			if err != nil {
				return false, err
			}
			sets = append(sets, s)
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	return roaring.FastOr(sets...), nil
}

// eval returns the documents of within that x selects, exactly as Match does.
func (e *evaluator) eval(x query.Expr, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if within.IsEmpty() {
		return none, nil
	}
	switch x := x.(type) {
	case *query.All:
		return within, nil
	case *query.And:
		return e.and(x, within)
	case *query.Or:
		return e.or(x, within)
	case *query.Not:
		not, err := e.eval(x.Operand, within)
		if err != nil {
			return nil, err
		}
		return roaring.AndNot(within, not), nil
	case *query.Words:
		return e.words(x, within)
	case *query.Text:
		return e.text(x, within)
	case *query.Number:
		return e.number(x, within)
	case *query.Date:
		return e.date(x, within)
	case *query.Perm:
		set, err := e.union(fieldPerm, "", "", func(term string) bool {
			d := Document{Perm: octal(term)}
			return matchPerm(x, &d)
		})
		return e.found(set, within, err)
	case *query.Unknown:
		field := fieldTime
		if x.Field == query.Size {
			field = fieldSize
		}
		set, err := e.postings(field, unknownTerm)
		return e.found(set, within, err)
	}
	panic("index: unknown expression")
}

// and evaluates operands one after the other, each on what the others have left.
func (e *evaluator) and(x *query.And, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	type operand struct {
		query.Expr
		cost int
	}
	var ops []operand
	var not []query.Expr // what none may be: found at once
	for _, op := range x.Operands {
		if n, ok := op.(*query.Not); ok {
			not = append(not, n.Operand)
		} else {
			ops = append(ops, operand{op, costOf(op)})
		}
	}
	if len(not) > 0 {
		op := not[0]
		if len(not) > 1 {
			op = &query.Or{Operands: not}
		}
		ops = append(ops, operand{&query.Not{Operand: op}, costOf(op)})
	}
	slices.SortStableFunc(ops, func(a, b operand) int { return cmp.Compare(a.cost, b.cost) })
	var err error
	// What all can be is found before anything is verified.
	var needs []need
	for _, op := range ops {
		if t, ok := op.Expr.(*query.Text); ok && t.Field == query.Name {
			needs = append(needs, nameNeed(t))
		}
	}
	if within, err = e.neededByAll(needs, within); err != nil {
		return nil, err
	}
	for _, op := range ops {
		if _, ok := op.Expr.(*query.Or); ok && op.cost >= costNames {
			if within, err = e.candidates(op.Expr, within); err != nil {
				return nil, err
			}
		}
	}
	for _, op := range ops {
		if within, err = e.eval(op.Expr, within); err != nil || within.IsEmpty() {
			return none, err
		}
	}
	return within, nil
}

// manyShort is how many texts of one or two bytes are looked for in each name at once, rather than one by one in all names.
const manyShort = 8

// or evaluates operands, the expensive ones on what no other selects.
func (e *evaluator) or(x *query.Or, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	ops := x.Operands
	var short []string
	var others []query.Expr
	for _, op := range ops {
		if t, ok := op.(*query.Text); ok && t.Field == query.Name && t.Mode == query.Has && !t.Exact && len(query.Fold(t.Value)) < 3 {
			short = append(short, query.Fold(t.Value))
		} else {
			others = append(others, op)
		}
	}
	if len(short) < manyShort {
		others, short = ops, nil
	}
	sets := make([]*roaring.Bitmap, 0, len(others)+1)
	// What is selected already need not be looked at.
	left := func() *roaring.Bitmap { return roaring.AndNot(within, roaring.FastOr(sets...)) }
	for i, op := range others {
		w := within
		if i > 0 && costOf(op) >= costScan {
			w = left()
		}
		set, err := e.eval(op, w)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	if short != nil {
		set, err := e.pairsHas(short, left())
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return roaring.FastOr(sets...), nil
}

// candidates returns documents of within among which are all that x selects, by no more than sets; within if x says too little.
func (e *evaluator) candidates(x query.Expr, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	switch x := x.(type) {
	case *query.Or:
		sets := make([]*roaring.Bitmap, len(x.Operands))
		for i, op := range x.Operands {
			var err error
			if sets[i], err = e.candidates(op, within); err != nil {
				return nil, err
			}
			if sets[i] == within {
				return within, nil
			}
		}
		return roaring.FastOr(sets...), nil
	case *query.Text:
		if x.Field == query.Name {
			return e.needed(nameNeed(x), within)
		}
	}
	return within, nil
}

// in returns the documents of set that are in within.
func (e *evaluator) in(set, within *roaring.Bitmap) *roaring.Bitmap {
	if within == e.live && e.allLive {
		return set
	}
	return roaring.And(set, within)
}

// found is in for a set that was to be found first.
func (e *evaluator) found(set, within *roaring.Bitmap, err error) (*roaring.Bitmap, error) {
	if err != nil {
		return nil, err
	}
	return e.in(set, within), nil
}

// Costs of finding what an expression selects, the cheapest first: operands of And are taken in this order, so that the expensive
// ones look at what the others have left.
const (
	costSets   = iota // postings and intervals
	costRanges        // unions of many of them, or looks at columns
	costNames         // verification of names that trigrams have found
	costPaths         // paths
	costScan          // looks at every name there is
	costBlocks        // entry blocks are unpacked
)

func costOf(x query.Expr) int {
	most := func(list []query.Expr) int {
		c := 0
		for _, op := range list {
			c = max(c, costOf(op))
		}
		return c
	}
	switch x := x.(type) {
	case *query.And:
		return most(x.Operands)
	case *query.Or:
		return most(x.Operands)
	case *query.Not:
		return costOf(x.Operand)
	case *query.Words:
		c := costNames
		for _, w := range x.Terms {
			if len(nameNeed(wordLeaf(w))) == 0 {
				c = costScan
			}
		}
		return c
	case *query.Text:
		switch {
		case x.Field == query.Target, x.Field == query.Path && x.Exact:
			return costBlocks
		case x.Field == query.Path:
			return costPaths
		case x.Field != query.Name:
			return costSets
		case x.Mode == query.Is && !x.Exact:
			return costNames
		case len(nameNeed(x)) == 0:
			return costScan
		}
		return costNames
	case *query.Number, *query.Date:
		return costRanges
	}
	return costSets
}

// filter returns the documents of set that pass a test. newTest makes one for each goroutine.
func (e *evaluator) filter(set *roaring.Bitmap, newTest func() func(n uint32) (bool, error)) (*roaring.Bitmap, error) {
	one := func(part *roaring.Bitmap) (*roaring.Bitmap, error) {
		out := roaring.New()
		test := newTest()
		buf := make([]uint32, min(part.GetCardinality(), 4096))
		it := part.ManyIterator()
		for {
			n := it.NextMany(buf)
			if n == 0 {
				return out, nil
			}
			if err := e.budget.spend(n); err != nil {
				return nil, err
			}
			k := 0
			for i, d := range buf[:n] {
				if err := e.budget.look(i); err != nil {
					return nil, err
				}
				ok, err := test(d)
				if err != nil {
					return nil, err
				}
				if ok {
					buf[k] = d
					k++
				}
			}
			out.AddMany(buf[:k])
		}
	}
	if set.GetCardinality() <= e.limits.parallel {
		return one(set)
	}
	return e.inParts(set, one)
}

// inParts calls find for parts of set, several at a time, and returns all that it finds.
func (e *evaluator) inParts(set *roaring.Bitmap, find func(*roaring.Bitmap) (*roaring.Bitmap, error)) (*roaring.Bitmap, error) {
	size := e.limits.part
	lo, hi := uint64(set.Minimum())/size, uint64(set.Maximum())/size
	found := make([]*roaring.Bitmap, hi-lo+1)
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range found {
		g.Go(func() error {
			return guard(e.dir, func() (err error) {
				r := roaring.New()
				r.AddRange((lo+uint64(i))*size, (lo+uint64(i)+1)*size)
				r.And(set)
				found[i], err = find(r)
				return err
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return roaring.FastOr(found...), nil
}

// byMatch returns the documents of set that x selects, by unpacking their entries.
func (e *evaluator) byMatch(x query.Expr, set *roaring.Bitmap) (*roaring.Bitmap, error) {
	selects := Matcher(x)
	return e.filter(set, func() func(uint32) (bool, error) {
		r := newDocReader(e.shard)
		return func(n uint32) (bool, error) {
			d, err := r.at(n)
			return err == nil && selects(&d), err
		}
	})
}

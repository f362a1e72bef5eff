package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/index/query"
)

const defaultLimit = 50

// Search implements [Searcher]. A new manifest is picked up at the next call.
func (ix *Index) Search(ctx context.Context, expr query.Expr, opts *SearchOptions) (*Result, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if opts == nil {
		opts = &SearchOptions{}
	}
	expr = distinct(expr)
	s := &search{expr: expr, opts: opts, limits: ix.limits, order: NewOrder(expr, opts.Sort, time.Now())}
	s.budget = &budget{ctx: ctx, maxCost: opts.MaxCost}
	if opts.Timeout > 0 {
		s.budget.deadline = time.Now().Add(opts.Timeout)
	}
	for _, f := range opts.Facets {
		if !slices.Contains(FacetNames, f) {
			return nil, fmt.Errorf("index: no facet %q; there are %s", f, strings.Join(FacetNames, ", "))
		}
	}
	if opts.After != "" {
		var err error
		if s.after, err = s.order.After(opts.After); err != nil {
			return nil, err
		}
	}
	v, err := ix.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	var res *Result
	err = guard(ix.dir, func() (err error) {
		res, err = s.run(v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

// A search is one query on one view.
type search struct {
	expr   query.Expr
	opts   *SearchOptions
	order  *Order
	after  []byte // key of the last hit of the page before, or nil
	budget *budget
	limits limits
	shards []*shardHits
}

// shardHits are the hits in one shard.
type shardHits struct {
	e      *evaluator
	set    *roaring.Bitmap
	cut    bool
	sorter *sorter
	facets map[string]map[string]int
	page   []uint32 // the next hits, in order
	key    []byte   // of page[0], with its document
	doc    Document
	more   int    // how many hits were ordered the last time
	last   []byte // key of the last hit taken, of the page before at first
}

func (s *search) run(v *view) (*Result, error) {
	for _, sh := range v.shards {
		s.shards = append(s.shards, &shardHits{e: newEvaluator(sh, s.budget, s.limits)})
	}
	if err := s.each(s.find); err != nil {
		return nil, err
	}
	res := &Result{Docs: v.docs}
	for _, h := range s.shards {
		res.Total += int(h.set.GetCardinality())
		res.Partial = res.Partial || h.cut
	}
	// What has been found is to be shown, however long it took.
	s.budget = &budget{ctx: s.budget.ctx}
	for _, h := range s.shards {
		h.e.budget = s.budget
	}
	if len(s.opts.Facets) > 0 {
		if err := s.each(s.countFacets); err != nil {
			return nil, err
		}
		res.Facets = map[string][]FacetValue{}
		for _, name := range s.opts.Facets {
			res.Facets[name] = s.mergeFacet(name)
		}
	}
	limit := s.opts.Limit
	if limit == 0 {
		limit = defaultLimit
	}
	if limit < 0 {
		return res, nil
	}
	return res, s.fill(res, limit)
}

// each calls f with the shards, several at a time.
func (s *search) each(f func(h *shardHits) error) error {
	one := func(h *shardHits) error { return guard(h.e.dir, func() error { return f(h) }) }
	if len(s.shards) == 1 {
		return one(s.shards[0])
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, h := range s.shards {
		g.Go(func() error { return one(h) })
	}
	return g.Wait()
}

// find evaluates the expression. Where it has a limit and may look at everything there is, this goes from part to part, so that what is found when the limit
// is reached is right for the parts that were done.
func (s *search) find(h *shardHits) (err error) {
	live := h.e.live
	if s.opts.Timeout == 0 && s.opts.MaxCost == 0 || costOf(s.expr) <= costPaths {
		h.set, err = h.e.eval(s.expr, live)
		if errors.Is(err, errCut) {
			h.set, h.cut, err = none, true, nil
		}
		return err
	}
	h.set = roaring.New()
	for from := uint64(0); from < uint64(h.e.docs); from += s.limits.part {
		part := roaring.New()
		part.AddRange(from, from+s.limits.part)
		part.And(live)
		found, err := h.e.eval(s.expr, part)
		if errors.Is(err, errCut) {
			h.cut = true
			return nil
		} else if err != nil {
			return err
		}
		h.set.Or(found)
	}
	return nil
}

// fill puts the page into res, by merging the hits of the shards.
func (s *search) fill(res *Result, limit int) error {
	ahead := limit + 1
	err := s.each(func(h *shardHits) (err error) {
		if h.set.IsEmpty() {
			return nil
		}
		if h.sorter, err = newSorter(h.e, s.order, s.after); err != nil {
			return err
		}
		h.last = s.after
		return h.next(ahead, true)
	})
	if err != nil {
		return err
	}
	var last []byte
	highlight := func(d *Document) (name, dir []Range) { return nil, nil }
	if res.Total > 0 {
		highlight = Highlighter(s.expr)
	}
	res.Hits = slices.Grow(res.Hits, min(limit, res.Total))
	for {
		if err := s.budget.spend(0); err != nil {
			return err
		}
		h := s.first()
		if h == nil {
			return nil
		}
		key, d := h.key, h.doc
		hit := Hit{Document: d}
		shown := true
		if s.opts.Group && CanBeCopy(&d) && d.Copies > 1 {
			if hit.Others, shown, err = s.others(&d, key); err != nil {
				return err
			}
		}
		if shown {
			if len(res.Hits) == limit {
				res.Next = s.order.Cursor(last)
				return nil
			}
			hit.Highlights, hit.InDir = highlight(&d)
			res.Hits = append(res.Hits, hit)
			last = key
		}
		if err := h.next(ahead, false); err != nil {
			return err
		}
	}
}

// first returns the shard with the next hit, nil when there are no more.
func (s *search) first() *shardHits {
	var best *shardHits
	for _, h := range s.shards {
		if len(h.page) > 0 && (best == nil || bytes.Compare(h.key, best.key) < 0) {
			best = h
		}
	}
	return best
}

// next goes on to the next hit of the shard, if there is one; start: to the first.
func (h *shardHits) next(ahead int, start bool) (err error) {
	if !start {
		h.last = h.key
		h.page = h.page[1:]
	}
	if len(h.page) == 0 {
		if !start {
			if h.sorter, err = newSorter(h.e, h.sorter.order, h.last); err != nil {
				return err
			}
		}
		h.more = max(ahead, 2*h.more) // copies that another hit stands for may be all that comes
		if h.page, err = h.sorter.top(h.set, h.more); err != nil || len(h.page) == 0 {
			return err
		}
	}
	if h.key, h.doc, err = h.sorter.keyOf(h.page[0]); err != nil {
		return err
	}
	return h.advances()
}

// advances says whether the next hit comes after the last one: with damaged columns it may not, and whoever asks for page
// after page would do so for ever.
func (h *shardHits) advances() error {
	if h.last != nil && bytes.Compare(h.key, h.last) <= 0 {
		return corrupt(h.e.dir, "documents are not in the order of their columns")
	}
	return nil
}

// others returns the URLs of the hits that are copies of d, whose key is given, in order; shown is false if one of them comes before d, which then
// stands for d too.
func (s *search) others(d *Document, key []byte) (urls []string, shown bool, err error) {
	type other struct{ key, url []byte }
	var list []other
	hash := copyHash(d.Name, d.Size)
	for _, h := range s.shards {
		f := h.e.copies
		for i := f.find(hash); i < f.n && f.hashAt(i) == hash; i++ {
			n := f.doc.at(uint32(i))
			if !h.set.Contains(n) {
				continue
			}
			if h.sorter == nil {
				if h.sorter, err = newSorter(h.e, s.order, s.after); err != nil {
					return nil, false, err
				}
			}
			k, o, err := h.sorter.keyOf(n)
			if err != nil {
				return nil, false, err
			}
			switch c := bytes.Compare(k, key); {
			case o.Name != d.Name || o.Size != d.Size || c == 0:
			case c < 0:
				return nil, false, nil
			default:
				list = append(list, other{k, []byte(o.URL())})
			}
		}
	}
	slices.SortFunc(list, func(a, b other) int { return bytes.Compare(a.key, b.key) })
	for _, o := range list {
		urls = append(urls, string(o.url))
	}
	return urls, true, nil
}

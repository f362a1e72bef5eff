package indextest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

func TestScanPasses(t *testing.T) {
	Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
		CountCopies(docs)
		return Scan(docs, time.Now())
	})
}

// A mutant is a Searcher that is wrong in one way.
type mutant struct {
	index.Searcher
	before func(*query.Expr, *index.SearchOptions)
	after  func(*index.Result, *index.SearchOptions)
}

func (m *mutant) Search(ctx context.Context, expr query.Expr, opts *index.SearchOptions) (*index.Result, error) {
	o := index.SearchOptions{}
	if opts != nil {
		o = *opts
	}
	if m.before != nil {
		m.before(&expr, &o)
	}
	r, err := m.Searcher.Search(ctx, expr, &o)
	if err == nil && m.after != nil {
		m.after(r, &o)
	}
	return r, err
}

// edit returns an Opener of mutants that change each hit.
func edit(f func(*index.Hit)) func(*index.Result, *index.SearchOptions) {
	return func(r *index.Result, _ *index.SearchOptions) {
		for i := range r.Hits {
			f(&r.Hits[i])
		}
	}
}

// mapLeaves returns e with f applied to its text leaves.
func mapLeaves(e query.Expr, f func(query.Text) query.Text) query.Expr {
	list := func(in []query.Expr) []query.Expr {
		out := make([]query.Expr, len(in))
		for i, x := range in {
			out[i] = mapLeaves(x, f)
		}
		return out
	}
	switch e := e.(type) {
	case *query.And:
		return &query.And{Operands: list(e.Operands)}
	case *query.Or:
		return &query.Or{Operands: list(e.Operands)}
	case *query.Not:
		return &query.Not{Operand: mapLeaves(e.Operand, f)}
	case *query.Text:
		t := f(*e)
		return &t
	}
	return e
}

func TestMutantsFail(t *testing.T) {
	leaf := func(f func(*query.Text)) func(*query.Expr, *index.SearchOptions) {
		return func(e *query.Expr, _ *index.SearchOptions) {
			*e = mapLeaves(*e, func(t query.Text) query.Text { f(&t); return t })
		}
	}
	for _, m := range []struct {
		name   string
		mutant mutant
	}{
		{"total one less", mutant{after: func(r *index.Result, _ *index.SearchOptions) { r.Total = max(0, r.Total-1) }}},
		{"total of the page", mutant{after: func(r *index.Result, _ *index.SearchOptions) { r.Total = len(r.Hits) }}},
		{"partial", mutant{after: func(r *index.Result, _ *index.SearchOptions) { r.Partial = r.Total > 100 }}},
		{"documents", mutant{after: func(r *index.Result, _ *index.SearchOptions) { r.Docs = r.Total }}},
		{"no next page", mutant{after: func(r *index.Result, _ *index.SearchOptions) { r.Next = "" }}},
		{"order by path", mutant{before: func(_ *query.Expr, o *index.SearchOptions) { o.Sort = []query.SortKey{{Key: "path"}} }}},
		{"ignores descending", mutant{before: func(_ *query.Expr, o *index.SearchOptions) {
			o.Sort = slices.Clone(o.Sort)
			for i := range o.Sort {
				o.Sort[i].Desc = false
			}
		}}},
		{"one key only", mutant{before: func(_ *query.Expr, o *index.SearchOptions) { o.Sort = o.Sort[:min(len(o.Sort), 1)] }}},
		{"ignores the cursor", mutant{before: func(_ *query.Expr, o *index.SearchOptions) { o.After = "" }}},
		{"ignores the limit", mutant{before: func(_ *query.Expr, o *index.SearchOptions) { o.Limit = max(o.Limit, 1000) }}},
		{"swaps hits", mutant{after: func(r *index.Result, _ *index.SearchOptions) {
			if n := len(r.Hits); n > 40 {
				r.Hits[n-1], r.Hits[n-2] = r.Hits[n-2], r.Hits[n-1]
			}
		}}},
		{"no highlights", mutant{after: edit(func(h *index.Hit) { h.Highlights = nil })}},
		{"no highlights of directories", mutant{after: edit(func(h *index.Hit) { h.InDir = nil })}},
		{"no owner", mutant{after: edit(func(h *index.Hit) { h.Owner = "" })}},
		{"no time of day", mutant{after: edit(func(h *index.Hit) { h.ModTime = h.ModTime.Truncate(24 * time.Hour) })}},
		{"no subseconds", mutant{after: edit(func(h *index.Hit) { h.ModTime = h.ModTime.Truncate(time.Second) })}},
		{"no copies", mutant{after: edit(func(h *index.Hit) { h.Copies = 1 })}},
		{"no charset", mutant{after: edit(func(h *index.Hit) { s := *h.Server; s.Charset = ""; h.Server = &s })}},
		{"size of 32 bits", mutant{after: edit(func(h *index.Hit) { h.Size = int64(int32(h.Size)) })}},
		{"group ignored", mutant{before: func(_ *query.Expr, o *index.SearchOptions) { o.Group = false }}},
		{"others in disorder", mutant{after: edit(func(h *index.Hit) { h.Others = slices.Clone(h.Others); slices.Reverse(h.Others) })}},
		{"facet short", mutant{after: func(r *index.Result, _ *index.SearchOptions) {
			for k, v := range r.Facets {
				r.Facets[k] = v[:min(len(v), 3)]
			}
		}}},
		{"facet not asked for", mutant{before: func(_ *query.Expr, o *index.SearchOptions) { o.Facets = index.FacetNames }}},
		{"always exact", mutant{before: leaf(func(t *query.Text) { t.Exact = t.Field <= query.Target })}},
		{"never exact", mutant{before: leaf(func(t *query.Text) { t.Exact = false })}},
		{"whole as part", mutant{before: leaf(func(t *query.Text) {
			if t.Field == query.Name && t.Mode == query.Is {
				t.Mode = query.Has
			}
		})}},
		{"parent as in", mutant{before: leaf(func(t *query.Text) {
			if t.Field == query.Parent {
				t.Field = query.In
			}
		})}},
		{"not is nothing", mutant{before: func(e *query.Expr, _ *index.SearchOptions) {
			if n, ok := (*e).(*query.Not); ok {
				*e = n.Operand
			}
		}}},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			docs := Generate(1, 300)
			example := ExampleDocuments(t)
			m.mutant.Searcher = Scan(docs, time.Now())
			for _, c := range checks(1, nil, 120) {
				if c.run(newCase(docs, &m.mutant)) != nil {
					return
				}
			}
			m.mutant.Searcher = Scan(example, time.Now())
			if checkExamples(Examples(t))(newCase(example, &m.mutant)) == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

// TestContextMatters: a Searcher that does not look at its context fails.
func TestContextMatters(t *testing.T) {
	c := newCase(nil, deaf{Scan(nil, time.Now())})
	if c.checkMisuse() == nil {
		t.Error("got no error, want one")
	}
}

// deaf is a Searcher that does not look at its context.
type deaf struct{ index.Searcher }

func (d deaf) Search(_ context.Context, e query.Expr, o *index.SearchOptions) (*index.Result, error) {
	return d.Searcher.Search(context.Background(), e, o)
}

// TestGeneratedQueriesFind: most generated queries are right and find something, but not everything.
func TestGeneratedQueriesFind(t *testing.T) {
	docs := Generate(1, 600)
	texts := GenerateQueries(2, 1000, docs)
	queries := parseAll(texts)
	some := 0
	s := Scan(docs, time.Now())
	for _, q := range queries {
		r, err := s.Search(context.Background(), q.Expr, &index.SearchOptions{Limit: -1})
		if err != nil {
			t.Fatal(err)
		}
		if 0 < r.Total && r.Total < len(docs) {
			some++
		}
	}
	t.Logf("of %d queries %d are right, %d find some", len(texts), len(queries), some)
	if len(queries) < 900 || some < 450 {
		t.Errorf("of %d queries got %d right, %d that find some", len(texts), len(queries), some)
	}
}

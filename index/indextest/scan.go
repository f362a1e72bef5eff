package indextest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// Scan returns the plainest Searcher: each search looks at all of docs, which are a whole index with their Copies
// counted, and are not changed afterwards. Now stands for the time a document was seen where that is not known.
func Scan(docs []*index.Document, now time.Time) index.Searcher { return &scan{docs, now} }

type scan struct {
	docs []*index.Document
	now  time.Time
}

// A ranked is a document with its place in an order.
type ranked struct {
	key []byte
	doc *index.Document
}

func (s *scan) Search(ctx context.Context, expr query.Expr, opts *index.SearchOptions) (*index.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if opts == nil {
		opts = &index.SearchOptions{}
	}
	order := index.NewOrder(expr, opts.Sort, s.now)
	selects := index.Matcher(expr)
	var found []ranked
	for _, d := range s.docs {
		if selects(d) {
			found = append(found, ranked{order.AppendKey(nil, d), d})
		}
	}
	slices.SortFunc(found, func(a, b ranked) int { return bytes.Compare(a.key, b.key) })
	r := &index.Result{Total: len(found), Docs: len(s.docs)}
	if err := s.facets(r, found, opts.Facets); err != nil {
		return nil, err
	}
	others := map[*index.Document][]string{}
	if opts.Group {
		found = group(found, others)
	}
	if opts.After != "" {
		key, err := order.After(opts.After)
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(found, func(f ranked) bool { return bytes.Compare(f.key, key) <= 0 })
	}
	limit := opts.Limit
	if limit == 0 {
		limit = 50
	}
	limit = max(limit, 0)
	if limit > 0 && len(found) > limit {
		r.Next = order.Cursor(found[limit-1].key)
	}
	for _, f := range found[:min(limit, len(found))] {
		h := index.Hit{Document: *f.doc, Others: others[f.doc]}
		h.Highlights, h.InDir = index.Highlight(expr, f.doc)
		r.Hits = append(r.Hits, h)
	}
	return r, nil
}

func (s *scan) facets(r *index.Result, found []ranked, names []string) error {
	if names != nil {
		r.Facets = map[string][]index.FacetValue{}
	}
	for _, name := range names {
		if !slices.Contains(index.FacetNames, name) {
			return fmt.Errorf("indextest: no facet %q", name)
		}
		count := map[string]int{}
		for _, f := range found {
			count[index.FacetOf(name, f.doc)]++
		}
		values := []index.FacetValue{}
		for v, n := range count {
			values = append(values, index.FacetValue{Value: v, Count: n})
		}
		index.SortFacet(values)
		r.Facets[name] = values
	}
	return nil
}

// group leaves the first of those that are copies of each other, and puts the URLs of the others, in order, in others.
func group(found []ranked, others map[*index.Document][]string) []ranked {
	type copied struct {
		name string
		size int64
	}
	first := map[copied]*index.Document{}
	var out []ranked
	for _, f := range found {
		c := copied{f.doc.Name, f.doc.Size}
		if index.CanBeCopy(f.doc) {
			if best := first[c]; best != nil {
				others[best] = append(others[best], f.doc.URL())
				continue
			}
			first[c] = f.doc
		}
		out = append(out, f)
	}
	return out
}

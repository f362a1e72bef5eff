package indextest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// An Opener makes a Searcher of documents. They come in the order of a generation ([SortDocuments]), with all
// directories above each; their Copies are not counted: that is the index's part. Whatever has to be closed is closed
// by t.Cleanup.
type Opener func(t testing.TB, docs []*index.Document) index.Searcher

// Run checks that the searchers that open makes answer as [Scan] does.
func Run(t *testing.T, open Opener) {
	s := Suite{Seed: 1, Docs: 600, Queries: 300}
	if testing.Short() {
		s.Docs, s.Queries = 200, 100
	}
	s.Run(t, open)
}

// A Suite says how much is tried: [Run] takes seconds, and a bigger one with another seed finds what that does not.
type Suite struct {
	Seed    uint64 // of what is generated
	Docs    int    // documents generated, about
	Queries int    // queries generated
}

// Run is [Run] to the extent of s.
func (s *Suite) Run(t *testing.T, open Opener) {
	for _, set := range []struct {
		name   string
		docs   []*index.Document
		checks []check
	}{
		{"Empty", nil, []check{{"Everything", checkEmpty}}},
		{"Examples", ExampleDocuments(t), append(checks(s.Seed, exampleQueries(t), s.Queries/6), check{"Worked", checkExamples(Examples(t))})},
		{"Generated", Generate(s.Seed, s.Docs), checks(s.Seed, shapes, s.Queries)},
	} {
		t.Run(set.name, func(t *testing.T) {
			searcher := open(t, forOpener(set.docs))
			for _, c := range set.checks {
				t.Run(c.name, func(t *testing.T) {
					if err := c.run(newCase(set.docs, searcher)); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
}

// shapes are queries that an engine is likely to answer in a way of their own, and that are seldom generated.
var shapes = []string{
	"a | b | c | d | e | f | g | h | i | j",
	"ar | re | ad | ea | in | de | ex | te | st | me | r",
	"-a -e -i", "-ad -re -in readme", "a e i", "a e readme", "e r t -a",
	"name:=readme | e", "name:=readme | name:=readme.txt | txt", "name:=index.html | html | readme",
	"readme | txt case:yes", "(README case:yes) | e", "(README case:yes) -a", "a case:yes",
	"date:2024 size:>1", "size:<1k date:2020..2024 e", "size:unknown | size:0", "-size:>0 -date:2024",
	"/[a-e][a-e]$/", "/[0-9]$/", "/^.[aeiou]/", `/\bre/`, "/^[^.]{3,5}$/", "/(a|e).*[0-9]/", "/é|a$/",
	"/pub/*", "/pub/*e*", "path:/^\\/pub\\/.*e/", "pub/*.txt", "path:/^pub/",
	"e sort:ext", "e sort:name", "e sort:path", "sort:path", "sort:-path,size", "sort:ext,-name", "sort:size,path",
}

// Compare holds a Searcher against a plain scan of docs, which are all documents of its index with their Copies counted:
// totals, hits, facets and all pages of each of the queries.
func Compare(s index.Searcher, docs []*index.Document, queries []string) error {
	c := newCase(docs, s)
	for _, text := range queries {
		q, err := query.Parse(text, &query.Options{Now: Now})
		if err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
		for _, check := range []func(*query.Query) error{c.checkSearch, c.checkFacets, c.checkCursors} {
			if err := check(q); err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
		}
	}
	return nil
}

// forOpener returns copies of docs as an Opener takes them.
func forOpener(docs []*index.Document) []*index.Document {
	list := make([]*index.Document, len(docs))
	for i, d := range docs {
		c := *d
		c.Copies = 0
		list[i] = &c
	}
	SortDocuments(list)
	return list
}

// SortDocuments brings docs into the order of a generation: servers by key; of a directory its own entries first, by
// the bytes of their names, then each directory in it in the same way.
func SortDocuments(docs []*index.Document) {
	slices.SortStableFunc(docs, func(a, b *index.Document) int {
		return cmp.Or(
			strings.Compare(a.Server.Key(), b.Server.Key()),
			slices.Compare(strings.Split(a.Dir, "/")[1:], strings.Split(b.Dir, "/")[1:]),
			strings.Compare(a.Name, b.Name))
	})
}

// A check is one part of the suite. It returns what is wrong.
type check struct {
	name string
	run  func(c *testCase) error
}

// A testCase is a Searcher beside the plain one.
type testCase struct {
	got, want index.Searcher
	docs      []*index.Document
}

func newCase(docs []*index.Document, s index.Searcher) *testCase {
	return &testCase{got: s, want: Scan(docs, time.Now()), docs: docs}
}

// checks returns the parts of the suite that suit all documents; queries are those to be asked beside n generated ones.
func checks(seed uint64, queries []string, n int) []check {
	seed *= 100
	all := func(c *testCase) []*query.Query {
		return parseAll(append(queries, GenerateQueries(seed, n, c.docs)...))
	}
	some := func(c *testCase, k uint64) []*query.Query { return parseAll(GenerateQueries(seed+k, n/3, c.docs)) }
	return []check{
		{"Search", func(c *testCase) error { return c.each(all(c), c.checkSearch) }},
		{"Sort", func(c *testCase) error { return c.checkSorts(some(c, 3)) }},
		{"Cursors", func(c *testCase) error { return c.each(some(c, 4), c.checkCursors) }},
		{"Facets", func(c *testCase) error { return c.each(some(c, 5), c.checkFacets) }},
		{"Group", func(c *testCase) error { return c.each(some(c, 6), c.checkGroup) }},
		{"Limits", (*testCase).checkLimits},
		{"Misuse", (*testCase).checkMisuse},
		{"Concurrent", func(c *testCase) error { return c.checkConcurrent(some(c, 7)) }},
	}
}

// parseAll parses queries; those that are wrong are left out.
func parseAll(queries []string) []*query.Query {
	var list []*query.Query
	for _, s := range queries {
		if q, err := query.Parse(s, &query.Options{Now: Now}); err == nil {
			list = append(list, q)
		}
	}
	return list
}

// each runs check on each query and returns the first few failures.
func (c *testCase) each(queries []*query.Query, check func(*query.Query) error) error {
	var list []error
	for _, q := range queries {
		if err := check(q); err != nil {
			list = append(list, fmt.Errorf("%s: %w", query.Print(q), err))
			if len(list) == 5 {
				break
			}
		}
	}
	return errors.Join(list...)
}

// both searches with both searchers and compares the answers.
func (c *testCase) both(q *query.Query, opts *index.SearchOptions) (*index.Result, error) {
	ctx := context.Background()
	want, err := c.want.Search(ctx, q.Expr, opts)
	if err != nil {
		return nil, fmt.Errorf("the plain search: %w", err)
	}
	got, err := c.got.Search(ctx, q.Expr, opts)
	if err != nil {
		return nil, err
	}
	return got, compareResults(got, want)
}

func (c *testCase) checkSearch(q *query.Query) error {
	_, err := c.both(q, &index.SearchOptions{Sort: q.Sort})
	return err
}

// checkSorts searches by each key in both directions, and by several.
func (c *testCase) checkSorts(queries []*query.Query) error {
	var orders [][]query.SortKey
	for _, k := range query.SortKeys() {
		orders = append(orders, []query.SortKey{{Key: k}}, []query.SortKey{{Key: k, Desc: true}})
	}
	for i, k := range query.SortKeys() {
		orders = append(orders, []query.SortKey{{Key: "type"}, {Key: k, Desc: i%2 == 0}, {Key: "size", Desc: true}})
	}
	for i, keys := range orders {
		for j := i; j < len(queries); j += len(orders) {
			if _, err := c.both(queries[j], &index.SearchOptions{Sort: keys, Limit: 1000}); err != nil {
				return fmt.Errorf("%s by %v: %w", query.Print(queries[j]), keys, err)
			}
		}
		if _, err := c.both(&query.Query{Expr: &query.All{}}, &index.SearchOptions{Sort: keys, Limit: len(c.docs) + 1}); err != nil {
			return fmt.Errorf("everything by %v: %w", keys, err)
		}
	}
	return nil
}

// checkCursors goes from page to page until there are no more, and looks whether all hits of one big page came.
func (c *testCase) checkCursors(q *query.Query) error {
	whole, err := c.both(q, &index.SearchOptions{Sort: q.Sort, Limit: len(c.docs) + 1})
	if err != nil {
		return err
	}
	if whole.Next != "" {
		return fmt.Errorf("next page: got one after all %d hits", len(whole.Hits))
	}
	var paged []index.Hit
	opts := &index.SearchOptions{Sort: q.Sort, Limit: 1 + len(whole.Hits)/4}
	for {
		page, err := c.got.Search(context.Background(), q.Expr, opts)
		if err != nil {
			return fmt.Errorf("page after %d hits: %w", len(paged), err)
		}
		if page.Total != whole.Total {
			return fmt.Errorf("page after %d hits: got total %d, want %d", len(paged), page.Total, whole.Total)
		}
		paged = append(paged, page.Hits...)
		if page.Next == "" || len(paged) > len(whole.Hits) {
			break
		}
		opts.After = page.Next
	}
	return compareHits(paged, whole.Hits)
}

func (c *testCase) checkFacets(q *query.Query) error {
	_, err := c.both(q, &index.SearchOptions{Sort: q.Sort, Limit: -1, Facets: index.FacetNames})
	if err != nil {
		return err
	}
	_, err = c.both(q, &index.SearchOptions{Limit: 1, Facets: []string{"ext"}})
	return err
}

// checkGroup goes through the groups of copies, page by page.
func (c *testCase) checkGroup(q *query.Query) error {
	opts := index.SearchOptions{Sort: q.Sort, Limit: 7, Group: true}
	for page := 0; page < 5; page++ {
		got, err := c.both(q, &opts)
		if err != nil {
			return fmt.Errorf("page %d: %w", page, err)
		}
		if got.Next == "" {
			return nil
		}
		opts.After = got.Next
	}
	return nil
}

func (c *testCase) checkLimits() error {
	all := &query.Query{Expr: &query.All{}}
	for limit, want := range map[int]int{0: min(50, len(c.docs)), 1: 1, -1: 0, 7: 7, 1 << 20: len(c.docs)} {
		r, err := c.both(all, &index.SearchOptions{Limit: limit})
		if err != nil {
			return fmt.Errorf("limit %d: %w", limit, err)
		}
		if len(r.Hits) != want || r.Total != len(c.docs) || r.Docs != len(c.docs) {
			return fmt.Errorf("limit %d: got %d hits of %d in %d documents, want %d of %d", limit, len(r.Hits), r.Total, r.Docs, want, len(c.docs))
		}
	}
	r, err := c.got.Search(context.Background(), all.Expr, nil)
	if err != nil {
		return fmt.Errorf("no options: %w", err)
	}
	if len(r.Hits) != min(50, len(c.docs)) {
		return fmt.Errorf("no options: got %d hits", len(r.Hits))
	}
	return nil
}

// checkMisuse searches with a context that is over, and with cursors that are not of the query.
func (c *testCase) checkMisuse() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.got.Search(ctx, &query.All{}, nil); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("canceled: got error %v, want %v", err, context.Canceled)
	}
	r, err := c.got.Search(context.Background(), &query.All{}, &index.SearchOptions{Limit: 1})
	if err != nil {
		return err
	}
	other := &query.Text{Field: query.Type, Mode: query.Is, Value: "file"}
	for _, m := range []struct {
		expr query.Expr
		opts index.SearchOptions
	}{
		{&query.All{}, index.SearchOptions{After: "no cursor"}},
		{&query.All{}, index.SearchOptions{After: "AAAA"}},
		{other, index.SearchOptions{After: r.Next}},
		{&query.All{}, index.SearchOptions{After: r.Next, Sort: []query.SortKey{{Key: "size"}}}},
	} {
		if _, err := c.got.Search(context.Background(), m.expr, &m.opts); !errors.Is(err, index.ErrCursor) {
			return fmt.Errorf("cursor %q for %s by %v: got error %v, want %v", m.opts.After, m.expr, m.opts.Sort, err, index.ErrCursor)
		}
	}
	if _, err := c.got.Search(context.Background(), &query.All{}, &index.SearchOptions{Facets: []string{"colour"}}); err == nil {
		return errors.New("facet colour: got no error")
	}
	return nil
}

// checkConcurrent asks the queries from several goroutines at once.
func (c *testCase) checkConcurrent(queries []*query.Query) error {
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for j := i; j < len(queries) && errs[i] == nil; j += 3 {
				q := queries[j]
				_, err := c.both(q, &index.SearchOptions{Sort: q.Sort, Limit: 10, Facets: []string{"host", "ext"}})
				if err != nil {
					errs[i] = fmt.Errorf("%s: %w", query.Print(q), err)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func checkEmpty(c *testCase) error {
	for _, s := range []string{"", "a", "ext:iso", "-a", "size:>1 sort:size"} {
		q, err := query.Parse(s, nil)
		if err != nil {
			return err
		}
		r, err := c.both(q, &index.SearchOptions{Sort: q.Sort, Facets: index.FacetNames, Group: true})
		if err != nil {
			return fmt.Errorf("%q: %w", s, err)
		}
		if r.Total != 0 || r.Docs != 0 || len(r.Hits) != 0 || r.Next != "" {
			return fmt.Errorf("%q: got %+v", s, r)
		}
	}
	return nil
}

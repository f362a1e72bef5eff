package indextest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// Now is the time at which the examples are searched.
var Now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// An Example is a query of testdata/queries/examples.txt with what it means on the documents beside it.
type Example struct {
	Query string
	Tree  string // of the parsed query, with its order
	Hits  []int  // numbers of documents, from 1, in the order of the result
	Total int    // documents found; more than Hits if those are only the first
}

// dataFile reads a file of testdata/queries, which stands at the top of the module.
func dataFile(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("indextest: no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "testdata", "queries", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ExampleDocuments returns the documents of testdata/queries/documents.txt: a table with the columns number, server,
// type, size, time of modification, permissions, owner and path. A byte that is not UTF-8 stands there as <E9>.
// Copies are counted.
func ExampleDocuments(t testing.TB) []*index.Document {
	t.Helper()
	servers := map[string]*index.Server{}
	var docs []*index.Document
	for _, line := range strings.Split(dataFile(t, "documents.txt"), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		d, err := exampleDocument(servers, f, line)
		if err != nil || f[0] != strconv.Itoa(len(docs)+1) {
			t.Fatalf("documents.txt: %q: %v", line, err)
		}
		docs = append(docs, d)
	}
	CountCopies(docs)
	return docs
}

func exampleDocument(servers map[string]*index.Server, f []string, line string) (*index.Document, error) {
	server := servers[f[1]]
	if server == nil {
		host, port, _ := strings.Cut(f[1], ":")
		server = &index.Server{Scheme: "ftp", Host: host, Port: 21}
		if port != "" {
			n, err := strconv.Atoi(port)
			if err != nil {
				return nil, err
			}
			server.Port = n
		}
		servers[f[1]] = server
	}
	e := &parse.Entry{Size: -1, Perm: parse.NoPerm, Owner: f[6], Links: -1}
	if err := e.Type.UnmarshalText([]byte(f[2])); err != nil {
		return nil, err
	}
	if f[3] != "-" {
		n, err := strconv.ParseInt(f[3], 10, 64)
		if err != nil {
			return nil, err
		}
		e.Size = n
	}
	if f[4] != "-" {
		form := map[int]string{10: "2006-01-02", 16: "2006-01-02T15:04", 19: "2006-01-02T15:04:05"}[len(f[4])]
		at, err := time.Parse(form, f[4])
		if err != nil {
			return nil, err
		}
		e.ModTime, e.Precision = at, map[int]parse.Precision{10: parse.Day, 16: parse.Minute, 19: parse.Second}[len(f[4])]
	}
	if f[5] != "-" {
		n, err := strconv.ParseUint(f[5], 8, 12)
		if err != nil {
			return nil, err
		}
		e.Perm = parse.Perm(n)
	}
	path := strings.ReplaceAll(line[strings.Index(line, " /")+1:], "<E9>", "\xe9")
	path, e.Target, _ = strings.Cut(path, " -> ")
	i := strings.LastIndexByte(path, '/')
	e.Name = path[i+1:]
	return index.NewDocument(server, max(path[:i], "/"), e, time.Time{}, time.Time{}), nil
}

// Examples returns the examples of testdata/queries/examples.txt, which are blocks of lines
//
//	query wget | ext:h
//	tree  (or (name has "wget") (ext is "h"))
//	hits  10 11 9 25
//
// Hits are numbers of documents, or all, or none; "17 hits: 8 7 …" gives the total and the first.
func Examples(t testing.TB) []Example {
	t.Helper()
	var list []Example
	for _, block := range strings.Split(strings.TrimSpace(dataFile(t, "examples.txt")), "\n\n") {
		e, err := parseExample(block)
		if err != nil {
			t.Fatalf("examples.txt: %q: %v", block, err)
		}
		list = append(list, e)
	}
	return list
}

func parseExample(block string) (Example, error) {
	var e Example
	lines := strings.Split(block, "\n")
	if len(lines) != 3 {
		return e, fmt.Errorf("got %d lines, want 3", len(lines))
	}
	e.Query = strings.TrimPrefix(strings.TrimPrefix(lines[0], "query"), " ")
	e.Tree = strings.TrimPrefix(lines[1], "tree  ")
	hits := strings.TrimPrefix(lines[2], "hits  ")
	total, first, more := strings.Cut(hits, " hits: ")
	if more {
		hits = strings.TrimSuffix(first, " …")
	}
	switch hits {
	case "none":
		return e, nil
	case "all":
		e.Total = -1
		return e, nil
	}
	for _, f := range strings.Fields(hits) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return e, err
		}
		e.Hits = append(e.Hits, n)
	}
	e.Total = len(e.Hits)
	if more {
		n, err := strconv.Atoi(total)
		if err != nil {
			return e, err
		}
		e.Total = n
	}
	return e, nil
}

// CountCopies fills in the Copies of docs, which are a whole index.
func CountCopies(docs []*index.Document) {
	type key struct {
		name string
		size int64
	}
	count := map[key]int{}
	for _, d := range docs {
		if index.CanBeCopy(d) {
			count[key{d.Name, d.Size}]++
		}
	}
	for _, d := range docs {
		d.Copies = max(1, count[key{d.Name, d.Size}])
		if !index.CanBeCopy(d) {
			d.Copies = 1
		}
	}
}

// exampleQueries returns the queries of the worked examples.
func exampleQueries(t testing.TB) []string {
	var list []string
	for _, e := range Examples(t) {
		list = append(list, e.Query)
	}
	return list
}

// checkExamples returns a check of the worked examples on their documents: totals, and hits by number.
func checkExamples(examples []Example) func(*testCase) error {
	return func(c *testCase) error {
		for _, e := range examples {
			q, err := query.Parse(e.Query, &query.Options{Now: Now})
			if err != nil {
				return fmt.Errorf("%s: %w", e.Query, err)
			}
			r, err := c.got.Search(context.Background(), q.Expr, &index.SearchOptions{Sort: q.Sort, Limit: len(c.docs)})
			if err != nil {
				return fmt.Errorf("%s: %w", e.Query, err)
			}
			var hits []int
			for _, h := range r.Hits {
				hits = append(hits, 1+slices.IndexFunc(c.docs, func(d *index.Document) bool { return d.URL() == h.URL() }))
			}
			if e.Total < 0 {
				e.Total = len(c.docs)
			}
			if r.Total != e.Total || len(hits) != e.Total || !slices.Equal(hits[:min(len(e.Hits), len(hits))], e.Hits) {
				return fmt.Errorf("%s: got %d, %v, want %d, %v", e.Query, r.Total, hits, e.Total, e.Hits)
			}
		}
		return nil
	}
}

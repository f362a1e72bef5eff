package index_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// sources gives docs, which are in document order, server by server.
func sources(docs []*index.Document) []index.Source {
	var list []index.Source
	for i := 0; i < len(docs); {
		j := i
		for j < len(docs) && docs[j].Server.Key() == docs[i].Server.Key() {
			j++
		}
		part := docs[i:j]
		list = append(list, index.Source{Server: part[0].Server, ArchiveSeq: 1, Documents: func(yield func(*index.Document, error) bool) {
			for _, d := range part {
				if !yield(d, nil) {
					return
				}
			}
		}})
		i = j
	}
	return list
}

func open(t testing.TB, dir string) *index.Index {
	t.Helper()
	ix, err := index.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

func publish(t testing.TB, dir string, sources ...index.Source) {
	t.Helper()
	if _, err := index.Publish(context.Background(), dir, sources, nil); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	for name, build := range map[string]func(t testing.TB, dir string, sources []index.Source){
		"OneGeneration": func(t testing.TB, dir string, sources []index.Source) { publish(t, dir, sources...) },
		"ManyGenerations": func(t testing.TB, dir string, sources []index.Source) {
			publish(t, dir)
			for _, s := range sources {
				publish(t, dir, s)
			}
		},
		"BleveSegments": func(t testing.TB, dir string, sources []index.Source) {
			if err := index.PublishInSegments(dir, sources, 500, true); err != nil {
				t.Fatal(err)
			}
		},
		"ManyBleveSegments": func(t testing.TB, dir string, sources []index.Source) {
			if err := index.PublishInSegments(dir, sources, 70, true); err != nil {
				t.Fatal(err)
			}
		},
		"ManySegments": func(t testing.TB, dir string, sources []index.Source) {
			if err := index.PublishInSegments(dir, sources, 70, false); err != nil {
				t.Fatal(err)
			}
		},
		"OutOfDate": func(t testing.TB, dir string, sources []index.Source) {
			publish(t, dir, sources...)
			if err := index.Drop(context.Background(), dir, keys(sources[:len(sources)/2])...); err != nil {
				t.Fatal(err)
			}
			publish(t, dir, sources[:len(sources)/2]...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			many := strings.HasPrefix(name, "Many") && strings.HasSuffix(name, "Segments")
			if testing.Short() && !many {
				t.Skip("many segments of each writer are enough")
			}
			t.Parallel()
			suite := indextest.Suite{Seed: uint64(len(name)), Docs: 300, Queries: 100}
			suite.Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
				dir := t.TempDir()
				build(t, dir, sources(docs))
				ix := open(t, dir)
				if many {
					ix.LikeLarge()
				}
				return ix
			})
		})
	}
}

// Where what package segment writes is not what bleve reads, bleve writes itself, and says so: the index is as good.
func TestConformanceWithoutFastWriter(t *testing.T) {
	broken := errors.New("not what bleve reads")
	index.FailSelfCheck(t, broken)
	suite := indextest.Suite{Seed: 21, Docs: 150, Queries: 30}
	suite.Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
		dir := t.TempDir()
		var log bytes.Buffer
		opts := &index.PublishOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))}
		if _, err := index.Publish(context.Background(), dir, sources(docs), opts); err != nil {
			t.Fatal(err)
		}
		if len(docs) > 0 && !strings.Contains(log.String(), broken.Error()) {
			t.Errorf("the log does not say why it takes so long: %q", &log)
		}
		return open(t, dir)
	})
}

func keys(sources []index.Source) []string {
	var list []string
	for _, s := range sources {
		list = append(list, s.Server.Key())
	}
	return list
}

// An index that changes between pages neither repeats nor skips a hit that has not changed.
func TestCursorsOutliveGenerations(t *testing.T) {
	docs := indextest.Generate(7, 600)
	indextest.SortDocuments(docs)
	all := sources(docs)
	fixed, other := all[:len(all)-1], all[len(all)-1]
	var want []string
	for _, d := range docs {
		if d.Server.Key() != other.Server.Key() {
			want = append(want, d.URL())
		}
	}
	slices.Sort(want)
	for _, key := range query.SortKeys() {
		if key == "copies" {
			continue // they change with the other server
		}
		for _, desc := range []bool{false, true} {
			dir := t.TempDir()
			publish(t, dir, fixed...)
			ix := open(t, dir)
			opts := &index.SearchOptions{Sort: []query.SortKey{{Key: key, Desc: desc}}, Limit: 150}
			var got []string
			for page := 0; ; page++ {
				r, err := ix.Search(context.Background(), &query.All{}, opts)
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range r.Hits {
					if h.Server.Key() != other.Server.Key() {
						got = append(got, h.URL())
					}
				}
				if r.Next == "" {
					break
				}
				opts.After = r.Next
				switch page {
				case 0:
					publish(t, dir, other)
				case 1: // everything moves
					if _, err := index.Publish(context.Background(), dir, nil, &index.PublishOptions{Compact: true}); err != nil {
						t.Fatal(err)
					}
				case 2:
					if err := index.Drop(context.Background(), dir, other.Server.Key()); err != nil {
						t.Fatal(err)
					}
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("by %s, descending %t: (-want +got)\n%s", key, desc, diff)
			}
		}
	}
}

// TestDumps holds an index of real listings, $FTPIDX_DUMPS, against a scan: the examples of the language, and generated queries.
// $FTPIDX_DUMP_BYTES is how large a dump may be (default 300,000).
func TestDumps(t *testing.T) {
	dir := os.Getenv("FTPIDX_DUMPS")
	if dir == "" {
		t.Skip("FTPIDX_DUMPS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.ls-lR"))
	if err != nil {
		t.Fatal(err)
	}
	limit := int64(300_000)
	if s := os.Getenv("FTPIDX_DUMP_BYTES"); s != "" {
		if err := json.Unmarshal([]byte(s), &limit); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var docs []*index.Document
	for _, file := range files {
		if st, err := os.Stat(file); err != nil || st.Size() > limit {
			continue
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		entries, bad, err := parse.ReadAll(bufio.NewReader(f), &parse.Options{Now: now})
		f.Close()
		if err != nil || len(bad) > 0 {
			t.Fatalf("%s: %v %v", file, bad, err)
		}
		srv := &index.Server{Scheme: "ftp", Host: strings.TrimSuffix(filepath.Base(file), ".ls-lR"), Port: 21}
		for i := range entries {
			e := &entries[i]
			dir := "/" + strings.TrimPrefix(strings.TrimPrefix(e.Dir, "."), "/")
			docs = append(docs, index.NewDocument(srv, dir, e, time.Time{}, now))
		}
	}
	indextest.SortDocuments(docs)
	tmp := t.TempDir()
	publish(t, tmp, sources(docs)...)
	got := open(t, tmp)
	indextest.CountCopies(docs)
	want := indextest.Scan(docs, time.Now())
	queries := indextest.GenerateQueries(11, 300, docs)
	for _, e := range indextest.Examples(t) {
		queries = append(queries, e.Query)
	}
	t.Logf("%d documents, %d queries", len(docs), len(queries))
	hits := 0
	for _, s := range queries {
		q, err := query.Parse(s, &query.Options{Now: indextest.Now})
		if err != nil {
			continue
		}
		opts := &index.SearchOptions{Sort: q.Sort, Facets: index.FacetNames}
		g, err := got.Search(context.Background(), q.Expr, opts)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		w, err := want.Search(context.Background(), q.Expr, opts)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(urls(w), urls(g)); diff != "" || g.Total != w.Total || !cmp.Equal(w.Facets, g.Facets) {
			t.Errorf("%s: total %d, want %d, facets %v, want %v, hits (-want +got)\n%s", s, g.Total, w.Total, g.Facets, w.Facets, diff)
		}
		hits += w.Total
	}
	t.Logf("%d hits in all", hits)
}

func urls(r *index.Result) []string {
	list := []string{}
	for i := range r.Hits {
		list = append(list, r.Hits[i].URL())
	}
	return list
}

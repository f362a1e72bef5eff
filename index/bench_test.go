package index

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// The benchmarks measure an index of listings on disk:
//
//	FTPIDX_DUMPS=directory of <host>.ls-lR files, as `ls -lR` prints them
//	FTPIDX_ROUNDS=how often they are taken, each time as other hosts (default 2)
//	FTPIDX_INDEX=directory to keep the index in between runs (default: a temporary one)
//
// Without dumps they are skipped.

// dumpSources returns the servers of the dumps, rounds times.
func dumpSources(tb testing.TB) (sources []Source, docs int) {
	dir := os.Getenv("FTPIDX_DUMPS")
	if dir == "" {
		tb.Skip("FTPIDX_DUMPS is not set")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.ls-lR"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no dumps in %s: %v", dir, err)
	}
	rounds := 2
	if s := os.Getenv("FTPIDX_ROUNDS"); s != "" {
		if rounds, err = strconv.Atoi(s); err != nil {
			tb.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, file := range files {
		entries := readDump(tb, file, now)
		docs += rounds * len(entries)
		for r := range rounds {
			host := fmt.Sprintf("m%d.%s", r, strings.TrimSuffix(filepath.Base(file), ".ls-lR"))
			srv := &Server{Scheme: "ftp", Host: host, Port: 21}
			sources = append(sources, Source{Server: srv, ArchiveSeq: 1, Documents: func(yield func(*Document, error) bool) {
				for i := range entries {
					e := &entries[i]
					if !yield(NewDocument(srv, e.Dir, e, time.Time{}, now), nil) {
						return
					}
				}
			}})
		}
	}
	return sources, docs
}

func readDump(tb testing.TB, file string, now time.Time) []parse.Entry {
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	entries, bad, err := parse.ReadAll(bufio.NewReader(f), &parse.Options{Now: now})
	if err != nil || len(bad) > 0 {
		tb.Fatalf("%s: %v %v", file, bad, err)
	}
	for i := range entries {
		e := &entries[i]
		e.Dir = "/" + strings.TrimPrefix(strings.TrimPrefix(e.Dir, "."), "/")
	}
	slices.SortFunc(entries, func(a, b parse.Entry) int {
		if c := compareDirs(a.Dir, b.Dir); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return entries
}

// BenchmarkPublish builds the whole index. It reports CPU seconds a million documents, documents a second and bytes a document by part.
func BenchmarkPublish(b *testing.B) {
	sources, docs := dumpSources(b)
	b.ReportAllocs()
	for b.Loop() {
		dir := b.TempDir()
		start, cpu := time.Now(), cpuSeconds()
		if _, err := Publish(context.Background(), dir, sources, nil); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((cpuSeconds()-cpu)/float64(docs)*1e6, "cpu-s/Mdoc")
		b.ReportMetric(float64(docs)/time.Since(start).Seconds(), "docs/s")
		for part, size := range partSizes(b, dir) {
			b.ReportMetric(float64(size)/float64(docs), part+"-B/doc")
		}
	}
}

// partSizes returns the bytes of each kind of file in an index.
func partSizes(tb testing.TB, dir string) map[string]int64 {
	sizes := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		part := e.Name()
		switch filepath.Ext(part) {
		case ".zap":
			part = "segments"
		case copiesExt, seenExt:
			part = "side"
		}
		sizes[part] += fi.Size()
		sizes["all"] += fi.Size()
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return sizes
}

var benchIndex = sync.OnceValues(func() (string, error) {
	if dir := os.Getenv("FTPIDX_INDEX"); dir != "" {
		return dir, nil
	}
	return os.MkdirTemp("", "ftpidx-bench-")
})

// openBench opens the index of the dumps, built before if need be.
func openBench(b *testing.B) *Index {
	dir, err := benchIndex()
	if err != nil {
		b.Fatal(err)
	}
	if ok, err := exists(filepath.Join(dir, manifestName)); err != nil || !ok {
		sources, _ := dumpSources(b)
		if _, err := Publish(context.Background(), dir, sources, nil); err != nil {
			b.Fatal(err)
		}
	}
	ix, err := Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ix.Close() })
	return ix
}

// BenchmarkSearch measures each kind of query: the first page of 50, or what its options say.
func BenchmarkSearch(b *testing.B) {
	ix := openBench(b)
	for _, q := range []struct {
		kind, query string
		opts        SearchOptions
	}{
		{"everything", "", SearchOptions{}},
		{"word/rare", "wget", SearchOptions{}},
		{"word/common", "html", SearchOptions{}},
		{"word/count", "html", SearchOptions{Limit: -1}},
		{"words/and", "python test", SearchOptions{}},
		{"words/three", "class use html", SearchOptions{}},
		{"words/dir", "linux readme", SearchOptions{}},
		{"words/common", "lib dev", SearchOptions{}},
		{"names/and", "name:python name:test", SearchOptions{}},
		{"letters/3", "iso", SearchOptions{}},
		{"letters/2", "zq", SearchOptions{}},
		{"letters/1", "a", SearchOptions{}},
		{"substring", "buntu", SearchOptions{}},
		{"substring/long", "ython3.1", SearchOptions{}},
		{"suffix", "*.tar.gz", SearchOptions{}},
		{"prefix", "kern*", SearchOptions{}},
		{"prefix/common", "lib*", SearchOptions{}},
		{"glob", "*.{c,h}pp", SearchOptions{}},
		{"glob/letters", "?a*", SearchOptions{}},
		{"regexp", `/^lib[a-z]+-[0-9.]+\.so/`, SearchOptions{}},
		{"regexp/unindexable", `/[0-9][a-f]{3}$/`, SearchOptions{}},
		{"ext", "ext:iso", SearchOptions{}},
		{"ext/common", "ext:html", SearchOptions{}},
		{"ext/two", "ext:tar.gz", SearchOptions{}},
		{"kind", "kind:image", SearchOptions{}},
		{"size", "size:>1mb", SearchOptions{}},
		{"date", "date:2024", SearchOptions{}},
		{"ext+size+date", "ext:png size:>10k date:2020..2024", SearchOptions{}},
		{"in", "in:/pool/main/l", SearchOptions{}},
		{"in/name", "in:test html", SearchOptions{}},
		{"path", "doc/readme", SearchOptions{}},
		{"path/word", "path:python", SearchOptions{}},
		{"path/glob", "/pool/*.deb", SearchOptions{}},
		{"host", "host:git html", SearchOptions{}},
		{"not", "html -ext:html", SearchOptions{}},
		{"or", "wget | curl | rsync", SearchOptions{}},
		{"exact", "README case:yes", SearchOptions{}},
		{"copies", "copies:>1 html", SearchOptions{}},
		{"depth", "depth:<3", SearchOptions{}},
		{"perm", "perm:0644 readme", SearchOptions{}},
		{"zero", "zzqxjv", SearchOptions{}},
		{"sort/size", "html sort:-size", SearchOptions{}},
		{"sort/size/everything", "sort:-size", SearchOptions{}},
		{"sort/date", "html sort:-date", SearchOptions{}},
		{"sort/name", "html sort:name", SearchOptions{}},
		{"sort/name/everything", "sort:name", SearchOptions{}},
		{"sort/path", "readme sort:path", SearchOptions{}},
		{"facets", "html", SearchOptions{Facets: []string{"host", "ext"}, Limit: -1}},
		{"facets/all", "html", SearchOptions{Facets: FacetNames, Limit: -1}},
		{"facets/everything", "", SearchOptions{Facets: []string{"host", "ext"}, Limit: -1}},
		{"group", "readme", SearchOptions{Group: true}},
	} {
		parsed, err := query.Parse(q.query, nil)
		if err != nil {
			b.Fatal(err)
		}
		q.opts.Sort = parsed.Sort
		b.Run(q.kind, func(b *testing.B) {
			b.ReportAllocs()
			total := 0
			cpu := cpuSeconds()
			for b.Loop() {
				r, err := ix.Search(context.Background(), parsed.Expr, &q.opts)
				if err != nil {
					b.Fatal(err)
				}
				total = r.Total
			}
			b.ReportMetric((cpuSeconds()-cpu)*1e3/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(total), "hits")
		})
	}
	b.Run("page/deep", func(b *testing.B) {
		expr := &query.Text{Field: query.Name, Mode: query.Has, Value: "html"}
		opts := &SearchOptions{Limit: 20_000}
		r, err := ix.Search(context.Background(), expr, opts)
		if err != nil {
			b.Fatal(err)
		}
		if r.Next == "" {
			b.Skip("too few hits")
		}
		for b.Loop() {
			if _, err := ix.Search(context.Background(), expr, &SearchOptions{After: r.Next}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

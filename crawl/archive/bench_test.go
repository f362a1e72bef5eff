package archive_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// BenchmarkCrawl crawls 5,000 directories of a server in this process over loopback; the times
// include the server's.
func BenchmarkCrawl(b *testing.B) {
	s := &ftptest.Server{FS: forest(5000, 9)}
	seed := serve(b, s)
	b.ReportAllocs()
	for b.Loop() {
		c := newCrawler(b.TempDir())
		c.Policy.Connections = 8
		if report := run(b, c, seed); report.State != crawl.Complete {
			b.Fatalf("%+v", report)
		}
	}
	b.ReportMetric(float64(5000*b.N)/b.Elapsed().Seconds(), "dirs/s")
}

// dump returns what ls -lR prints of so many directories of so many files each.
func dump(dirs, files int) string {
	var b strings.Builder
	b.WriteString(".:\n")
	for d := range dirs {
		fmt.Fprintf(&b, "drwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 dir%05d\n", d)
	}
	for d := range dirs {
		fmt.Fprintf(&b, "\n./dir%05d:\ntotal 7\n", d)
		for f := range files {
			fmt.Fprintf(&b, "-rw-r--r--   1 ftp      ftp      %10d Feb %2d 09:30 some-package_%d.%d-1_amd64.deb\n", d*f*977, 1+f%28, d, f)
		}
	}
	return b.String()
}

func BenchmarkEntries(b *testing.B) {
	dir := b.TempDir()
	if _, err := archive.Import(b.Context(), dir, strings.NewReader(dump(5000, 40)), &archive.ImportOptions{Server: example, Now: epoch}); err != nil {
		b.Fatal(err)
	}
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = 0
		for _, err := range a.Entries(b.Context(), nil) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkImport(b *testing.B) {
	text := dump(2000, 100)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := archive.Import(b.Context(), b.TempDir(), strings.NewReader(text), &archive.ImportOptions{Server: example, Now: epoch}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(202000*b.N)/b.Elapsed().Seconds(), "entries/s")
}

// benchmarkArchive opens an archive of 5,000 directories of 40 files.
func benchmarkArchive(b *testing.B) *archive.Archive {
	dir := b.TempDir()
	if _, err := archive.Import(b.Context(), dir, strings.NewReader(dump(5000, 40)), &archive.ImportOptions{Server: example, Now: epoch}); err != nil {
		b.Fatal(err)
	}
	a, err := archive.Open(dir, example, &archive.Options{TellZone: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { a.Close() })
	return a
}

func BenchmarkExport(b *testing.B) {
	a := benchmarkArchive(b)
	for name, write := range map[string]func(*testing.B) error{
		"NDJSON": func(b *testing.B) error { _, err := a.Export(b.Context(), io.Discard); return err },
		"ls-lR":  func(b *testing.B) error { _, err := a.WriteLsLR(b.Context(), io.Discard); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(b); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(205000*b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// BenchmarkDifferences compares a tree with itself.
func BenchmarkDifferences(b *testing.B) {
	a := benchmarkArchive(b)
	b.ReportAllocs()
	for b.Loop() {
		c := archive.Comparison{X: archive.Tree{Archive: a}, Y: archive.Tree{Archive: a}}
		for d, err := range c.Differences(b.Context()) {
			b.Fatal(d, err)
		}
		if c.Compared != 205000 {
			b.Fatalf("%d entries compared", c.Compared)
		}
	}
	b.ReportMetric(float64(205000*b.N)/b.Elapsed().Seconds(), "entries/s")
}

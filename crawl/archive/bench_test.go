package archive_test

import (
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
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

package archive_test

import (
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// URLs are those that listings came by, until they come by others: a try in vain does not change them.
func TestSchemeIsThatOfTheListings(t *testing.T) {
	t.Parallel()
	config, _ := ftptest.Certificate("127.0.0.1")
	s := serve(t, &ftptest.Server{FS: forest(3, 3), TLSConfig: config})
	dir := t.TempDir()
	for _, step := range []struct {
		by       crawl.Scheme
		complete bool
		want     crawl.Scheme
	}{
		{crawl.FTP, true, crawl.FTP},
		{crawl.FTPS, false, crawl.FTP}, // the server says 220 where a handshake belongs
		{crawl.FTPES, true, crawl.FTPES},
		{crawl.FTPS, false, crawl.FTPES},
	} {
		s.Server.Scheme = step.by
		if r := run(t, newCrawler(dir), s); (r.State == crawl.Complete) != step.complete {
			t.Fatalf("by %s: %s, %v", step.by, r.State, r.Err)
		}
		sum, err := archive.ReadSummary(dir, s.Server.Key())
		if err != nil {
			t.Fatal(err)
		}
		a, err := archive.Open(dir, s.Server, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Server().Scheme; got != step.want || sum.Scheme != step.want {
			t.Errorf("after a crawl by %s: %s, in the summary %s; want %s", step.by, got, sum.Scheme, step.want)
		}
		a.Close()
	}
}

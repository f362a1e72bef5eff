package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// In a process with these variables the test binary is a crawler, to be killed or measured.
const (
	childURL   = "FTPIDX_TEST_CRAWL_URL"
	childSeeds = "FTPIDX_TEST_CRAWL_SEEDS"
	childDir   = "FTPIDX_TEST_CRAWL_DIR"
	childMax   = "FTPIDX_TEST_CRAWL_MAX_ENTRIES"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		os.Exit(crawlAsChild(url, os.Getenv(childDir)))
	}
	if dir := os.Getenv(childRead); dir != "" {
		os.Exit(readAsChild(dir))
	}
	if seeds := os.Getenv(childSeeds); seeds != "" {
		os.Exit(crawlSeedsAsChild(seeds, os.Getenv(childDir)))
	}
	goleak.VerifyTestMain(m)
}

// crawlAsChild crawls to the end and returns the exit status.
func crawlAsChild(url, dir string) int {
	s, err := crawl.ParseSeed(url)
	if err == nil {
		defer printMemory()
		var report *crawl.Report
		c := newCrawler(dir)
		c.Policy.Rate = 1000 // slow enough to be killed often on the way
		c.Policy.MaxEntries, _ = strconv.ParseInt(os.Getenv(childMax), 10, 64)
		if report, err = c.Run(context.Background(), s); err == nil && !report.Complete() && c.Policy.MaxEntries == 0 {
			err = fmt.Errorf("%+v", report.Servers[0])
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func TestKilledCrawlLosesNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills 50 processes")
	}
	t.Run("in clear", func(t *testing.T) { testKills(t, 30, new(ftptest.Server)) })
	t.Run("TLS", func(t *testing.T) {
		config, _ := ftptest.Certificate("127.0.0.1")
		testKills(t, 20, &ftptest.Server{TLSConfig: config, RequireTLS: true})
	})
}

// testKills crawls 5,000 directories of s with so many kills on the way: each after a random number of
// listings, and a random while after the last of them.
func testKills(t *testing.T, kills int, s *ftptest.Server) {
	t.Parallel()
	dirs := 5000
	if raceEnabled {
		dirs = 1500
	}
	tree := forest(dirs, 9)
	s.FS, s.Clock = tree, func() time.Time { return epoch }
	var left atomic.Int64
	due := make(chan struct{}, 1)
	s.Intercept = func(_ *ftptest.Session, c ftptest.Command) bool {
		if c.Verb == "LIST" && left.Add(-1) == 0 {
			due <- struct{}{}
		}
		return false
	}
	seed := serve(t, s)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	child := func() *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), childURL+"="+s.URL, childDir+"="+dir)
		cmd.Stderr = os.Stderr
		return cmd
	}
	committed := make(map[string]bool) // before the listing number seen
	seen := 0
	check := func() {
		t.Helper()
		listings := s.Stats().Listings
		for _, l := range listings[seen:] {
			if committed[l.Dir] {
				t.Errorf("%s was listed again after it was committed", l.Dir)
			}
		}
		seen = len(listings)
	}
	killed := 0
	for killed < kills {
		cmd := child()
		left.Store(1 + rand.Int64N(int64(2*dirs/3/kills)))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			select {
			case <-due:
				time.Sleep(time.Duration(rand.Int64N(int64(120 * time.Millisecond))))
				cmd.Process.Kill()
			case <-ended:
			}
		}()
		err := cmd.Wait()
		close(ended)
		if err == nil {
			break // it was faster
		}
		killed++
		check()
		a, err := archive.Open(dir, seed.Server, nil)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Logf("after kill %d: %v", killed, err) // before the first transaction
			continue
		}
		tried, err := a.Tried()
		if err != nil {
			t.Fatal(err)
		}
		a.Close()
		for _, d := range tried {
			committed[d] = true
		}
	}
	left.Store(0)
	t.Logf("%d kills, %d directories committed by then, %d listings", killed, len(committed), seen)
	if err := child().Run(); err != nil {
		t.Fatal(err)
	}
	check()
	same(t, paths(t, dir, seed.Server), treePaths(t, tree))
	all, err := archive.List(dir)
	if err != nil || len(all) != 1 || all[0].State != crawl.Complete || all[0].Counts.Listed != int64(len(treeDirs(tree))) {
		t.Errorf("got summaries %+v, %v, want one of a complete crawl", all, err)
	}
}

func treeDirs(tree *ftptest.Tree) []string {
	dirs := []string{"/"}
	_ = fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && p != "." {
			dirs = append(dirs, "/"+p)
		}
		return err
	})
	return dirs
}

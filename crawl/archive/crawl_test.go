package archive_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

var epoch = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// serve starts an FTP server for the test.
func serve(t testing.TB, s *ftptest.Server) crawl.Seed {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return seed(t, s.URL)
}

func seed(t testing.TB, url string) crawl.Seed {
	t.Helper()
	s, err := crawl.ParseSeed(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// eager is a policy for servers that are ours.
var eager = crawl.Policy{Rate: -1, MaxRate: -1, Backoff: time.Millisecond, Connections: 4}

// newCrawler returns a Crawler into archives in dir.
func newCrawler(dir string) *crawl.Crawler {
	return &crawl.Crawler{
		Dialer: &ftpconn.Dialer{
			ReplyTimeout: 20 * time.Second, BannerTimeout: 20 * time.Second, DialTimeout: 20 * time.Second,
			TLSConfig: &tls.Config{InsecureSkipVerify: true},
		},
		Open: func(_ context.Context, s crawl.Server) (crawl.Store, error) {
			return archive.Create(dir, s, nil)
		},
		Policy: eager,
	}
}

// run crawls one server and returns its report.
func run(t testing.TB, c *crawl.Crawler, seeds ...crawl.Seed) *crawl.ServerReport {
	t.Helper()
	report, err := c.Run(context.Background(), seeds...)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Servers) != 1 {
		t.Fatalf("got reports of %d servers, want 1", len(report.Servers))
	}
	return report.Servers[0]
}

// paths returns what the archive of a server holds, one pathname an entry, a "/" after directories.
func paths(t testing.TB, dir string, server crawl.Server) []string {
	t.Helper()
	a, err := archive.Open(dir, server, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	return archivePaths(t, a)
}

func archivePaths(t testing.TB, a *archive.Archive) []string {
	t.Helper()
	var all []string
	for item, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		p := crawl.Join(item.Dir, item.Entry.Name)
		if item.Entry.IsDir() {
			p += "/"
		}
		all = append(all, p)
	}
	return all
}

// treePaths returns what a Tree holds in document order, in the form of paths.
func treePaths(t testing.TB, tree *ftptest.Tree) []string {
	t.Helper()
	var all []string
	var walk func(dir string)
	walk = func(dir string) {
		entries, err := tree.ReadDir(strings.TrimPrefix(dir, "/") + map[bool]string{true: "."}[dir == "/"])
		if err != nil {
			return
		}
		slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		for _, e := range entries {
			p := crawl.Join(dir, e.Name())
			if e.IsDir() {
				p += "/"
			}
			all = append(all, p)
		}
		for _, e := range entries {
			if e.IsDir() {
				walk(crawl.Join(dir, e.Name()))
			}
		}
	}
	walk("/")
	return all
}

// same compares two lists of pathnames.
func same(t testing.TB, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("got %d entries, want %d", len(got), len(want))
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("the first difference is at %d: got %q, want %q", i, at(got, i), at(want, i))
		}
	}
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return "nothing"
}

// forest returns a tree of n directories, no two with the same listing.
func forest(n, fan int) *ftptest.Tree {
	tree := ftptest.NewTree(epoch)
	var dirs []string
	dirs = append(dirs, "")
	for i := 0; len(dirs) <= n; i++ {
		for j := range fan {
			d := fmt.Sprintf("%s/d%d-%d", dirs[i], i, j)
			tree.Dir(d)
			tree.File(fmt.Sprintf("%s/f%d.txt", d, i*fan+j), int64(i), epoch)
			dirs = append(dirs, d)
		}
	}
	return tree
}

func TestCrawlHoldsTheWholeTree(t *testing.T) {
	tree := ftptest.Mirror(epoch)
	s := &ftptest.Server{FS: tree, Clock: func() time.Time { return epoch }}
	seed := serve(t, s)
	dir := t.TempDir()
	crawler := newCrawler(dir)
	crawler.Policy.IgnoreRobots = true
	report := run(t, crawler, seed)
	// The Mirror has directories that nobody may enter or read.
	refused := report.Counts.Missing[crawl.Refused]
	if report.State != crawl.Incomplete || len(report.Counts.Missing) != 1 {
		t.Fatalf("got state %s (%v) and counts %+v, want incomplete because of refused directories", report.State, report.Err, report.Counts)
	}
	for _, e := range refused.Examples {
		if _, err := tree.ReadDir(e.Path[1:]); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s is counted as refused (%s); it can be read", e.Path, e.Detail)
		}
	}
	got := paths(t, dir, seed.Server)
	same(t, got, treePaths(t, tree))
	if int(report.Counts.Entries) != len(got) {
		t.Errorf("got %d entries counted, want %d", report.Counts.Entries, len(got))
	}
	all, err := archive.List(dir)
	if err != nil || len(all) != 1 {
		t.Fatalf("got %d summaries and %v, want 1", len(all), err)
	}
	if sum := all[0]; sum.State != crawl.Incomplete || sum.Counts.Pending != 0 || sum.Held.Entries != int64(len(got)) || sum.Running() {
		t.Errorf("got summary %+v", sum)
	}
}

func TestEachDirectoryIsListedOnce(t *testing.T) {
	tree := forest(600, 7)
	s := &ftptest.Server{FS: tree}
	seed := serve(t, s)
	dir := t.TempDir()
	sub := seed
	sub.Path = "/d0-1/d2-3" // a seed below the other one
	report := run(t, newCrawler(dir), seed, sub)
	if report.State != crawl.Complete {
		t.Fatalf("got %s, %v, %+v", report.State, report.Err, report.Counts)
	}
	for d, n := range s.Stats().Dirs() {
		if d == "/" {
			n -= 2 // to find out whether LIST -a shows more
		}
		if n != 1 {
			t.Errorf("%s was listed %d times, want once", d, n)
		}
	}
	same(t, paths(t, dir, seed.Server), treePaths(t, tree))
}

func TestSecondCrawlConfirmsAndFindsWhatIsNew(t *testing.T) {
	tree := forest(50, 5)
	s := &ftptest.Server{FS: tree, Clock: func() time.Time { return epoch }}
	seed := serve(t, s)
	dir := t.TempDir()
	c := newCrawler(dir)
	now := epoch.Add(time.Hour)
	c.Now = func() time.Time { return now }
	first := run(t, c, seed)
	now = now.Add(24 * time.Hour)
	tree.File("/d0-1/new.txt", 7, epoch)
	tree.Remove("/d0-1/f1.txt")
	second := run(t, c, seed)
	if first.Counts.Unchanged != 0 || second.Counts.Unchanged != second.Counts.Listed-1 {
		t.Errorf("got %d and %d of %d directories unchanged, want 0 and all but one", first.Counts.Unchanged, second.Counts.Unchanged, second.Counts.Listed)
	}
	same(t, paths(t, dir, seed.Server), treePaths(t, tree))
	a, err := archive.Open(dir, seed.Server, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for item, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		want := time.Time{} // what the first crawl found
		if item.Entry.Name == "new.txt" {
			want = now
		}
		if !item.Added.Equal(want) {
			t.Errorf("%s/%s was added %v, want %v", item.Dir, item.Entry.Name, item.Added, want)
		}
		if !item.Seen.Equal(now) {
			t.Errorf("%s/%s was seen %v, want %v", item.Dir, item.Entry.Name, item.Seen, now)
		}
	}
}

// An index is built from the archive while the crawl writes it.
func TestReadingWhileCrawling(t *testing.T) {
	tree := forest(1500, 8)
	s := &ftptest.Server{FS: tree}
	seed := serve(t, s)
	dir := t.TempDir()
	c := newCrawler(dir)
	opened := make(chan *archive.Archive, 1)
	c.Open = func(_ context.Context, s crawl.Server) (crawl.Store, error) {
		a, err := archive.Create(dir, s, nil)
		opened <- a
		return a, err
	}
	known := make(map[string]bool)
	for _, p := range treePaths(t, tree) {
		known[p] = true
	}
	done := make(chan struct{})
	reads, most := 0, 0
	go func() {
		defer close(done)
		a := <-opened
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			n, seq := 0, a.Seq()
			for item, err := range a.Entries(context.Background(), nil) {
				if err != nil {
					if !errors.Is(err, archive.ErrClosed) {
						t.Error(err)
					}
					return
				}
				p := crawl.Join(item.Dir, item.Entry.Name)
				if item.Entry.IsDir() {
					p += "/"
				}
				if !known[p] {
					t.Errorf("%s is not in the tree", p)
				}
				n++
			}
			if n < most {
				t.Errorf("got %d entries as of %d, after %d", n, seq, most)
			}
			reads, most = reads+1, n
			if n == len(known) {
				return
			}
		}
	}()
	if report := run(t, c, seed); report.State != crawl.Complete {
		t.Errorf("got %s, %v", report.State, report.Err)
	}
	<-done
	t.Logf("%d reads", reads)
}

func TestArchiveOfATypingErrorLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	report := run(t, newCrawler(dir), seed(t, "ftp://127.0.0.1:1/"))
	if report.State != crawl.Stopped || report.Err == nil {
		t.Errorf("got %s, %v, want stopped with an error", report.State, report.Err)
	}
	if names, _ := fs.Glob(dirFS(dir), "*"); len(names) != 0 {
		t.Errorf("got files %q, want none", names)
	}
}

func dirFS(dir string) fs.FS { return os.DirFS(dir) }

// A working directory after login that no system has counts as not told.
func TestLoginDirectoryBeyondAllBounds(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{FS: robotsTree("")}
	server.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb != "PWD" {
			return false
		}
		s.Reply(257, `"`+strings.Repeat("/p", 20_000)+`"`)
		return true
	}
	s := serve(t, server)
	dir := t.TempDir()
	if report := run(t, newCrawler(dir), s); report.State != crawl.Complete || report.Counts.Listed != 5 {
		t.Errorf("got %s, %v, %+v, want complete", report.State, report.Err, report.Counts)
	}
	all, err := archive.List(dir)
	if err != nil || len(all) != 1 || all[0].Facts.LoginDir != "/" {
		t.Errorf("got %+v, %v, want one server, with its login directory taken for /", all, err)
	}
}

// A seed is bytes: the archive finds what is below it when it is opened again, and says so to others.
func TestSeedThatIsNotUTF8(t *testing.T) {
	tree := ftptest.NewTree(epoch).File("caf\xe9/menu", 1, epoch)
	tree.Add("caf\xe9/clos\xe9", ftptest.Node{Mode: fs.ModeDir | 0o700})
	s := serve(t, &ftptest.Server{FS: tree})
	s.Path = "/caf\xe9"
	dir := t.TempDir()
	run(t, newCrawler(dir), s)
	same(t, paths(t, dir, s.Server), []string{"/caf\xe9/clos\xe9/", "/caf\xe9/menu"})
	for range 2 { // as the crawl wrote it, and as it is written anew
		sum, err := archive.ReadSummary(dir, s.Server.Key())
		if err != nil || !slices.Equal(sum.Seeds, []string{"/caf\xe9"}) {
			t.Errorf("got seeds %q, %v", sum.Seeds, err)
		}
		if m := sum.Counts.Missing[crawl.Refused]; m == nil || m.Examples[0].Path != "/caf\xe9/clos\xe9" {
			t.Errorf("got %+v", sum.Counts)
		}
		run(t, newCrawler(dir), s)
	}
}

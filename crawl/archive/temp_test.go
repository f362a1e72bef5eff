package archive_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// A disk without room for temporary files ends a crawl, which says so, and blames neither robots.txt nor the server.
func TestNoRoomForTemporaryFiles(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"root", "pub"} {
		tree := ftptest.NewTree(epoch).Dir("pub").File("robots.txt", 0, epoch)
		for i := range 16_000 { // more than is held in memory
			tree.File(fmt.Sprintf("%s/file%d", strings.TrimPrefix(where, "root"), i), 1, epoch)
		}
		s := serve(t, &ftptest.Server{FS: tree})
		dir := t.TempDir()
		c := newCrawler(dir)
		c.TempDir = t.TempDir()
		c.TempRoom = func() error { return archive.Room(c.TempDir, 1<<60) }
		report := run(t, c, s)
		if report.State != crawl.Stopped || !errors.Is(report.Err, archive.ErrDiskFull) || errors.Is(report.Err, crawl.ErrNoRobots) ||
			!strings.HasPrefix(report.Err.Error(), "temporary files in "+c.TempDir+": the disk is nearly full") {
			t.Errorf("%s: got %s, %v", where, report.State, report.Err)
		}
		if f := summary(t, dir, s.Server).Facts; f.Health.State != crawl.HealthOK || where == "pub" && f.Robots.State != crawl.RobotsRead {
			t.Errorf("%s: got %+v, %+v", where, f.Health, f.Robots)
		}
		// With room it goes on.
		c.TempRoom = nil
		if report := run(t, c, s); report.State != crawl.Complete {
			t.Errorf("%s: then got %s, %v", where, report.State, report.Err)
		}
	}
}

func summary(t *testing.T, dir string, s crawl.Server) archive.Summary {
	t.Helper()
	sum, err := archive.ReadSummary(dir, s.Key())
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// However much a published listing unpacks to, the disk never gets more than the listing of a directory may be, and is not
// touched where it has no room; the crawl walks instead.
func TestPublishedListingsAndTheDisk(t *testing.T) {
	t.Parallel()
	bomb := "\n./pub/huge:\n" + strings.Repeat("-rw-r--r-- 1 a b 1 Jan 01 2020 x\n", 1<<20)
	var sorted strings.Builder
	for i := range 1 << 17 {
		fmt.Fprintf(&sorted, "  %d 4 -rw-r--r-- 1 root root %d Jan 1 2020 ./pub/x%d\n", i, i*i, i)
	}
	for _, tt := range []struct {
		name, file, text, reason string
		room                     error
	}{
		{"one section of 32 MiB", "ls-lR.gz", bomb, `it has more than 4 MB for "/pub/huge"`, nil},
		{"find -ls of one directory", "find-ls.gz", sorted.String(), `it has more than 4 MB for "/pub"`, nil},
		{"no room", "ls-lR.gz", bomb, "temporary files in /.*: full", errors.New("full")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			manyDirs(p)
			text := tt.text
			if tt.file == "ls-lR.gz" {
				text = p.lsLR(".", nil) + text
			}
			p.publish(tt.file, gzipped(text), epoch.Add(-time.Hour))
			asked := 0
			report, _ := p.crawlFrom("", func(c *crawl.Crawler) {
				c.Policy.MaxListing = 4 << 20
				c.TempDir = t.TempDir()
				c.TempRoom = func() error { asked++; return tt.room }
			})
			if ok := regexp.MustCompile(tt.reason).MatchString(report.Published.Reason); report.Published.Used || !ok || report.State != crawl.Complete {
				t.Errorf("got %s, %+v, want %q", report.State, report.Published, tt.reason)
			}
			if asked == 0 || asked > 10 {
				t.Errorf("room was asked for %d times, each for 16 MiB at most", asked)
			}
			p.sameAs(p.there(), "crawl")
		})
	}
}

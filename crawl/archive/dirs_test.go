package archive_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// ways returns the directories by how they were learned and how they stand.
func (p *place) ways() map[string][]string {
	p.Helper()
	a, err := archive.Open(p.dir, seed(p, p.server.URL).Server, nil)
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close()
	all := make(map[string][]string)
	for d, err := range a.Dirs(context.Background()) {
		if err != nil {
			p.Fatal(err)
		}
		how := string(d.Way)
		if d.Kept {
			how += ", kept"
		}
		if d.Failed != "" {
			how += ", " + string(d.Failed)
		}
		all[how] = append(all[how], d.Path)
		if (d.Way == "") != d.Seen.IsZero() {
			p.Errorf("%s: got %+v", d.Path, d)
		}
	}
	return all
}

func TestDirsSayHowTheyWereLearned(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	manyDirs(p)
	p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), epoch.Add(-time.Hour))
	p.tree.File("fresh/dir/x", 1, epoch.AddDate(0, -2, 0))
	p.tree.Add("private", ftptest.Node{Mode: fs.ModeDir | 0o700})
	p.crawlFrom("", nil)
	got := p.ways()
	if walked := got["LIST"]; !slices.Contains(walked, "/") || !slices.Contains(walked, "/fresh") || !slices.Contains(walked, "/fresh/dir") || len(walked) > 60 {
		t.Errorf("got %q by LIST", walked)
	}
	if len(got["published"]) < 300 || !slices.Equal(got[", refused"], []string{"/private"}) {
		t.Errorf("got %d published, %q refused", len(got["published"]), got[", refused"])
	}

	// Quickly once more: what has not moved is kept, in the way in which it was learned.
	p.later(30 * 24 * time.Hour)
	p.crawl(crawl.RefreshQuick)
	again := p.ways()
	if len(again["published, kept"]) == 0 || slices.Contains(again["LIST, kept"], "/") || !slices.Contains(again["LIST"], "/") {
		t.Errorf("after a quick crawl: got %v", summed(again))
	}
	n := 0
	for _, dirs := range again {
		n += len(dirs)
	}
	want := 1 // the root
	for _, what := range p.there() {
		if strings.HasPrefix(what, "dir") {
			want++
		}
	}
	if n != want {
		t.Errorf("got %d directories, want %d", n, want)
	}
}

// summed returns how many there are of each.
func summed(m map[string][]string) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s: %d", k, len(m[k])))
	}
	return strings.Join(parts, "; ")
}

func TestDirsOfMLSDAndOfDumps(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.server.MLSD = true
	p.crawl(crawl.RefreshFull)
	if got := summed(p.ways()); got != "MLSD: 29" {
		t.Errorf("got %s", got)
	}
	for name, text := range map[string]string{
		"ls -lR": p.lsLR(".", nil),
		"find":   findLs(p),
	} {
		dir := t.TempDir()
		p.dir = dir
		o := &archive.ImportOptions{Server: seed(t, p.server.URL).Server, Now: epoch}
		if _, err := archive.Import(context.Background(), dir, strings.NewReader(text), o); err != nil {
			t.Fatal(err)
		}
		if got := p.ways(); len(got["imported"]) < 20 || len(got["LIST"])+len(got["MLSD"]) > 0 || len(got[", kept"]) > 1 { // find has no line for what is in an empty one
			t.Errorf("%s: got %s", name, summed(got))
		}
	}
}

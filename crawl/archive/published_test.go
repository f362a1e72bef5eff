package archive_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// manyDirs fills a place with 360 directories below pub.
func manyDirs(p *place) {
	for i := range 30 {
		for j := range 11 {
			dir := fmt.Sprintf("pub/g%02d/d%02d", i, j)
			for k := range 1 + (i+j)%4 {
				p.tree.File(fmt.Sprintf("%s/file-%d.tar", dir, k), int64(i*1000+j*10+k), epoch.AddDate(-1, 0, -i))
			}
		}
	}
}

// lsLR returns what ls -lR prints of the tree, but for what edit changes or takes away.
func (p *place) lsLR(base string, edit func(dir string, entries []ftptest.Entry) []ftptest.Entry) string {
	p.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	var walk func(dir string)
	walk = func(dir string) {
		dirents, err := p.tree.ReadDir(dir)
		if err != nil {
			p.Fatal(err)
		}
		var entries []ftptest.Entry
		for _, d := range dirents {
			info, err := d.Info()
			if err != nil {
				p.Fatal(err)
			}
			e := ftptest.Entry{FileInfo: info, Owner: "root", Group: "root", Links: 1}
			if info.Mode()&fs.ModeSymlink != 0 {
				e.Target, _ = p.tree.ReadLink(path.Join(dir, d.Name()))
			}
			entries = append(entries, e)
		}
		if edit != nil {
			entries = edit(dir, entries)
		}
		heading := base + strings.TrimPrefix(dir, ".")
		if dir != "." {
			heading = base + "/" + dir
		}
		fmt.Fprintf(w, "%s:\ntotal %d\n", heading, len(entries))
		ftptest.VSFTPD(w, dir, entries, p.now)
		w.WriteString("\n")
		for _, d := range dirents {
			if d.IsDir() {
				walk(path.Join(dir, d.Name()))
			}
		}
	}
	walk(".")
	w.Flush()
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func zstded(text string) string {
	w, _ := zstd.NewWriter(nil)
	return string(w.EncodeAll([]byte(text), nil))
}

// publish puts a file into the tree.
func (p *place) publish(name, content string, modified time.Time) {
	p.tree.Add(name, ftptest.Node{Data: content, ModTime: modified})
}

func TestPublishedListings(t *testing.T) {
	t.Parallel()
	resized := func(share int) func(string, []ftptest.Entry) []ftptest.Entry {
		n := 0
		return func(_ string, entries []ftptest.Entry) []ftptest.Entry {
			for i, e := range entries {
				if n++; n%share == 0 && e.Mode().IsRegular() {
					entries[i].FileInfo = sized{e.FileInfo}
				}
			}
			return entries
		}
	}
	fresh := epoch.Add(-20 * time.Hour)
	for _, c := range []struct {
		name   string
		set    func(*place) // after the tree is made
		used   bool
		reason string
		seed   string
	}{
		{name: "true, gzip", set: func(p *place) { p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), fresh) }, used: true},
		{name: "true, zstd", set: func(p *place) { p.publish("ls-lR.zst", zstded(p.lsLR(".", nil)), fresh) }, used: true},
		{name: "true, plain", set: func(p *place) { p.publish("ls-lR", p.lsLR(".", nil), fresh) }, used: true},
		{name: "true, absolute headings", set: func(p *place) { p.publish("ls-lR.gz", gzipped(p.lsLR("/srv/ftp", nil)), fresh) }, used: true},
		{name: "true, in pub", set: func(p *place) {
			text := p.lsLR(".", nil)
			text = text[strings.Index(text, "./pub:\n"):]
			text = text[:strings.LastIndex(text, "./pub/")] + text[strings.LastIndex(text, "./pub/"):]
			p.publish("pub/ls-lR.gz", gzipped(strings.ReplaceAll(text, "./pub", ".")), fresh)
		}, used: true},
		{name: "of more than is asked for", seed: "pub/", set: func(p *place) { p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), fresh) }, used: true},
		{name: "of too little", seed: "pub/g01/", set: func(p *place) { p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), fresh) }, reason: "it shows 12"},
		{name: "find -ls", set: func(p *place) { p.publish("find-ls.gz", gzipped(findLs(p)), fresh) }, used: true},
		{name: "directories added since", set: func(p *place) {
			p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), fresh)
			p.tree.File("fresh/dir/x", 1, epoch).File("fresh/y", 1, epoch)
		}, used: true},
		{name: "cut in a section, plain", set: func(p *place) {
			text := p.lsLR(".", nil)
			p.publish("ls-lR", text[:len(text)*2/3], fresh)
		}, used: true},
		{name: "truncated", set: func(p *place) {
			text := gzipped(p.lsLR(".", nil))
			p.publish("ls-lR.gz", text[:len(text)/2], fresh)
		}, reason: "cannot be read to its end"},
		{name: "stale", set: func(p *place) {
			p.publish("ls-lR.gz", gzipped(p.lsLR(".", resized(3))), epoch.AddDate(0, 0, -9))
		}, reason: ""},
		{name: "stale with a new date", set: func(p *place) { p.publish("ls-lR.gz", gzipped(p.lsLR(".", resized(3))), fresh) }, reason: "are as the server lists them"},
		{name: "lying: files that are not there", set: func(p *place) {
			p.publish("ls-lR.gz", gzipped(p.lsLR(".", func(dir string, entries []ftptest.Entry) []ftptest.Entry {
				if i := slices.IndexFunc(entries, func(e ftptest.Entry) bool { return e.Mode().IsRegular() }); i >= 0 {
					entries = append(entries, ftptest.Entry{FileInfo: renamed{entries[i].FileInfo}, Owner: "a", Group: "b", Links: 1})
				}
				return entries
			})), fresh)
		}, reason: "are as the server lists them"},
		{name: "lying: directories that are not there", set: func(p *place) {
			p.publish("ls-lR.gz", gzipped(strings.ReplaceAll(p.lsLR(".", nil), "d0", "dd0")), fresh)
		}, reason: "are as the server lists them"},
		{name: "bomb", set: func(p *place) { p.publish("ls-lR.gz", gzipped(strings.Repeat("\x00", 64<<20)), fresh) }, reason: "cannot be read to its end"},
		{name: "bomb of lines", set: func(p *place) {
			p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)+strings.Repeat("-rw-r--r-- 1 a b 1 Jan 01 2020 x\n", 2<<20)), fresh)
		}, reason: "cannot be read to its end"},
		{name: "nonsense", set: func(p *place) { p.publish("ls-lR.gz", "<html>Not found</html>", fresh) }, reason: "it shows 1"},
		{name: "a directory", set: func(p *place) { p.tree.Dir("ls-lR.gz") }},
		{name: "not readable", set: func(p *place) {
			p.tree.Add("ls-lR.gz", ftptest.Node{Mode: 0o600, Data: "x", ModTime: fresh})
		}, reason: "550"},
		{name: "bad, then good", set: func(p *place) {
			p.publish("ls-lR.zst", "nonsense", fresh)
			p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), fresh)
		}, used: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			manyDirs(p)
			c.set(p)
			report, listings := p.crawlFrom(c.seed, nil)
			got := report.Published
			if got.Used != c.used || !strings.Contains(got.Reason, c.reason) || (got.Reason != "") != (c.reason != "") {
				t.Errorf("got %+v, want used %v, %q", got, c.used, c.reason)
			}
			if report.State != crawl.Complete {
				t.Errorf("got %s, %v, %+v", report.State, report.Err, report.Counts)
			}
			want := p.there()
			if c.seed != "" {
				maps.DeleteFunc(want, func(name, _ string) bool { return !strings.HasPrefix(name, "/"+c.seed) })
			}
			p.sameAs(want, "crawl")
			dirs := 0
			for _, what := range want {
				if strings.HasPrefix(what, "dir") {
					dirs++
				}
			}
			if strings.HasPrefix(c.name, "true") && c.used {
				t.Logf("%d listings for %d directories, agreement %.3f of %d sampled", listings, dirs, got.Agreement, got.Sampled)
				if c.name != "true, in pub" && listings*20 > dirs {
					t.Errorf("%d listings for %d directories: less than 95 %% are saved", listings, dirs)
				}
				if got.Agreement < 0.98 || got.Agreement > 1 || report.Counts.Published != got.Dirs || got.Dirs+int64(listings) < int64(dirs) {
					t.Errorf("got %+v, %d counted as published", got, report.Counts.Published)
				}
			}
			if !c.used && report.Counts.Published != 0 {
				t.Errorf("%d directories are from a listing that is not used", report.Counts.Published)
			}
		})
	}
}

// crawlFrom is crawl from a seed, with changes to the Crawler.
func (p *place) crawlFrom(from string, change func(*crawl.Crawler)) (*crawl.ServerReport, int) {
	p.Helper()
	before := len(p.server.Stats().Listings)
	c := newCrawler(p.dir)
	c.Now = func() time.Time { return p.now }
	c.Open = func(_ context.Context, s crawl.Server) (crawl.Store, error) {
		return archive.Create(p.dir, s, &archive.Options{Now: c.Now})
	}
	if change != nil {
		change(c)
	}
	report := run(p, c, seed(p, p.server.URL+from))
	return report, len(p.server.Stats().Listings) - before
}

// sized and renamed are lies about a file.
type sized struct{ fs.FileInfo }

func (s sized) Size() int64 { return s.FileInfo.Size() + 1 }

type renamed struct{ fs.FileInfo }

func (r renamed) Name() string { return r.FileInfo.Name() + ".bak" }

// findLs returns what find -ls prints of the tree.
func findLs(p *place) string {
	var b strings.Builder
	n := 0
	err := fs.WalkDir(p.tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n++
		target := ""
		if info.Mode()&fs.ModeSymlink != 0 {
			to, _ := p.tree.ReadLink(name)
			target = " -> " + to
		}
		date := info.ModTime().Format("Jan _2  2006")
		if p.now.Sub(info.ModTime()) < 180*24*time.Hour {
			date = info.ModTime().Format("Jan _2 15:04")
		}
		if name != "." {
			name = "./" + name
		}
		fmt.Fprintf(&b, "%9d %6d %s %3d %-8s %-8s %8d %s %s%s\n", n, 4, ftptest.Mode(info.Mode()), 1, "root", "root", info.Size(), date, name, target)
		return nil
	})
	if err != nil {
		p.Fatal(err)
	}
	return b.String()
}

func TestPublishedModes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	manyDirs(p)
	p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), epoch.Add(-time.Hour))
	report, _ := p.crawlFrom("", func(c *crawl.Crawler) { c.Policy.Published = crawl.PublishedNever })
	if report.Counts.Published != 0 || p.server.Stats().Commands["RETR"] != 0 {
		t.Errorf("never: got %+v", report)
	}

	// What only a walk would find is said to be missing.
	q := newPlace(t)
	manyDirs(q)
	q.publish("ls-lR.gz", gzipped(q.lsLR(".", nil)), epoch.Add(-time.Hour))
	q.tree.File("fresh/x", 1, epoch)
	only := func(c *crawl.Crawler) { c.Policy.Published = crawl.PublishedOnly }
	report, listings := q.crawlFrom("", only)
	m := report.Counts.Missing[crawl.Unlisted]
	if !report.Published.Used || report.State != crawl.Incomplete || m == nil || m.N < 1 || listings > 40 {
		t.Errorf("only: got %+v with %d listings", report, listings)
	}
	for d := range q.server.Stats().Dirs() {
		if d == "/fresh" {
			t.Error("only: /fresh was asked for")
		}
	}

	r := newPlace(t)
	report, listings = r.crawlFrom("", only)
	if report.State != crawl.Stopped || !errors.Is(report.Err, crawl.ErrNotPublished) || listings > 10 {
		t.Errorf("only, with none: got %+v with %d listings", report, listings)
	}
}

// A published listing shows what robots.txt forbids to ask for; that is not taken from there either.
func TestPublishedListingsAndRobots(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	manyDirs(p)
	p.publish("robots.txt", "User-agent: *\nDisallow: /pub/g0\n", epoch)
	p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), epoch.Add(-time.Hour))
	report, _ := p.crawlFrom("", nil)
	if !report.Published.Used || report.Counts.LeftOut[crawl.Disallowed].N != 10 {
		t.Errorf("got %+v, %+v", report.Published, report.Counts)
	}
	want := p.there()
	maps.DeleteFunc(want, func(name, _ string) bool { return strings.HasPrefix(name, "/pub/g0") && strings.Count(name, "/") > 2 })
	p.sameAs(want, "crawl")
}

// The second crawl does not go back to a listing older than the first.
func TestPublishedListingOlderThanTheLastCrawl(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	manyDirs(p)
	p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), epoch.Add(-24*time.Hour))
	p.crawl(crawl.RefreshAuto)
	p.later(48 * time.Hour)
	p.put("pub/g01/d01/new", 1)
	p.later(24 * time.Hour)
	report, _ := p.crawl(crawl.RefreshFull)
	if report.Published.Used || report.Changes.Added != 1 {
		t.Errorf("got %+v, %+v", report.Published, report.Changes)
	}
	p.sameAs(p.there(), "second crawl")
	p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), p.now.Add(48*time.Hour))
	p.touch(".")
	p.later(72 * time.Hour)
	report, _ = p.crawl(crawl.RefreshFull)
	if !report.Published.Used || report.Changes.Added+report.Changes.Removed != 0 {
		t.Errorf("with a newer one: got %+v, %+v", report.Published, report.Changes)
	}
	p.sameAs(p.there(), "third crawl")
}

// A crawl that is interrupted after it read a published listing goes on with what that does not cover.
func TestPublishedListingOfAResumedCrawl(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	manyDirs(p)
	p.publish("ls-lR.gz", gzipped(p.lsLR(".", nil)), epoch.Add(-time.Hour))
	for i := range 30 {
		p.tree.File(fmt.Sprintf("fresh/d%d/x", i), 1, epoch)
	}
	report, first := p.crawlFrom("", func(c *crawl.Crawler) { c.Policy.MaxEntries = 1 })
	if report.State != crawl.Interrupted || !report.Published.Used {
		t.Fatalf("got %+v", report)
	}
	report, second := p.crawlFrom("", nil)
	if report.State != crawl.Complete || !report.Resumed || first+second > 60 {
		t.Errorf("got %+v with %d and %d listings", report, first, second)
	}
	p.sameAs(p.there(), "resumed")
}

package archive_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// summary returns what others may know of the place's archive.
func (p *place) summary() archive.Summary {
	p.Helper()
	s, err := archive.ReadSummary(p.dir, seed(p, p.server.URL).Server.Key())
	if err != nil {
		p.Fatal(err)
	}
	return s
}

// stands checks how the server stands, and which directories are missing by earlier crawls: "reason n example", sorted.
func (p *place) stands(when string, state crawl.State, missing ...string) {
	p.Helper()
	s := p.summary()
	var got []string
	for reason, t := range s.Earlier.Counts().Missing {
		line := fmt.Sprint(reason, " ", t.N)
		if len(t.Examples) > 0 {
			line += " " + t.Examples[0].Path
		}
		got = append(got, line)
	}
	slices.Sort(got)
	if s.State != state || !slices.Equal(got, missing) {
		p.Errorf("%s: got %s, missing %q, want %s, missing %q", when, s.State, got, state, missing)
	}
	a, err := archive.OpenKey(p.dir, s.Key, nil)
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close()
	if a.State() != state || a.Partial() != (state != crawl.Complete) {
		p.Errorf("%s: the archive says %s, partial: %t", when, a.State(), a.Partial())
	}
}

func TestACrawlOfAPartLeavesTheRestMissing(t *testing.T) {
	p := newPlace(t)
	p.chmod("b", 0o700, p.now)
	p.chmod("c/deep", 0o700, p.now)
	p.crawl("")
	p.stands("all", crawl.Incomplete)
	if report, _ := p.crawlFrom("/pub", nil); report.State != crawl.Complete || report.Counts.Gaps() != 0 {
		t.Errorf("a part that is whole: got %s", report.State)
	}
	p.stands("a part that is whole", crawl.Incomplete, "refused 2 /b")
	p.chmod("b", 0o755, p.now)
	p.crawlFrom("/b", nil)
	p.stands("one of two gaps filled", crawl.Incomplete, "refused 1 /c/deep")
	p.chmod("c/deep", 0o755, p.now)
	p.crawlFrom("/c", nil)
	p.stands("both filled", crawl.Complete)

	// What is not there any more is not missing.
	p.chmod("c/deep", 0o700, p.now)
	p.crawl(crawl.RefreshFull)
	p.stands("refused again", crawl.Incomplete)
	p.rm("c/deep")
	p.crawlFrom("/pub", nil)
	p.stands("nobody has seen that it is gone", crawl.Incomplete, "refused 1 /c/deep")
	p.crawl(crawl.RefreshFull)
	p.stands("all once more", crawl.Complete)
}

// A limit interrupts a crawl; the next one, of whatever, goes on with it.
func TestACrawlOfAPartFinishesWhatWasInterrupted(t *testing.T) {
	p := newPlace(t)
	p.crawlFrom("/", func(c *crawl.Crawler) { c.Policy.MaxEntries = 3 })
	p.stands("interrupted", crawl.Interrupted)
	p.crawlFrom("/pub", nil)
	p.stands("finished", crawl.Complete)
	if got, want := p.held(), p.there(); !maps.Equal(got, want) {
		t.Errorf("%d entries are held, %d are there", len(got), len(want))
	}
}

func TestWhatListingsLeaveOutStaysMissing(t *testing.T) {
	for _, old := range []bool{false, true} {
		p := newPlace(t)
		p.put("b/two\nlines", 1)
		p.crawlFrom("/", func(c *crawl.Crawler) { c.Policy.MaxPath = len("/c/deep") })
		p.stands("all", crawl.Incomplete)
		example := "/c/deep/deeper" // the first in document order
		if old {
			example = p.summary().Counts.Missing[crawl.PathTooLong].Examples[0].Path
			p.edit((*archive.Archive).Age)
		}
		p.crawlFrom("/a", nil)
		p.stands(fmt.Sprintf("old: %t, a part", old), crawl.Incomplete, "path too long 21 "+example)
		if e := p.summary().Earlier; e.Bad != 1 || len(e.BadLines) != 1 || e.BadLines[0].Path != "/b" || !strings.Contains(e.BadLines[0].Detail, "lines") {
			t.Errorf("old: %t: got %+v", old, e)
		}
		p.crawl(crawl.RefreshFull)
		p.stands("all once more", crawl.Incomplete)
		p.rm("b/two\nlines")
		p.crawlFrom("/b", nil)
		p.stands("without the bad line", crawl.Complete)
	}
}

// edit changes the archive.
func (p *place) edit(change func(*archive.Archive) error) {
	p.Helper()
	a, err := archive.Create(p.dir, seed(p, p.server.URL).Server, nil)
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close()
	if err := change(a); err != nil {
		p.Fatal(err)
	}
}

// imports imports a dump of the place.
func (p *place) imports(dump, base string) {
	p.Helper()
	_, err := archive.Import(context.Background(), p.dir, strings.NewReader(dump), &archive.ImportOptions{
		Server: seed(p, p.server.URL).Server, Now: p.now, Base: base,
	})
	if err != nil {
		p.Fatal(err)
	}
}

func TestImportsAndCrawlsLeaveTheRestMissing(t *testing.T) {
	const whole = ".:\n-rw-r--r-- 1 u g 1 Jan 01 2020 x\n"
	const lacking = ".:\ndrwxr-xr-x 2 u g 1 Jan 01 2020 gone\ndrwxr-xr-x 2 u g 1 Jan 01 2020 lost\n"

	p := newPlace(t)
	p.imports(lacking, "/pub")
	p.stands("a dump", crawl.Incomplete)
	p.imports(whole, "/other")
	p.stands("a dump of another part", crawl.Incomplete, "not in the dump 2")
	p.crawlFrom("/a", nil)
	p.stands("a crawl of another part", crawl.Incomplete, "not in the dump 2")
	p.later(1)
	p.imports(whole, "/pub")
	p.stands("a better dump", crawl.Complete)
	p.imports(lacking, "/pub")
	p.crawlFrom("/pub", nil)
	p.stands("a crawl of it", crawl.Complete)

	// What an interrupted crawl has left, and the import takes its place.
	p = newPlace(t)
	p.crawlFrom("/", func(c *crawl.Crawler) { c.Policy.MaxEntries, c.Policy.Connections = 1, 1 })
	p.imports(whole, "/other")
	if e := p.summary().Earlier; p.summary().State != crawl.Incomplete || e.Counts().Gaps() == 0 || e.Missing[crawl.Abandoned] == nil {
		t.Errorf("got %s, %+v, want directories not come to", p.summary().State, e)
	}
	p.crawl("")
	p.stands("a crawl of all", crawl.Complete)
	if got, want := p.held(), p.there(); len(got) != len(want)+1 { // and /other/x
		t.Errorf("%d entries are held, %d are there", len(got), len(want))
	}
}

func TestAnExportOfAPartlyCrawledServerIsPartial(t *testing.T) {
	p := newPlace(t)
	p.imports(`{"server":{"format":1,"state":"interrupted"}}`+"\n"+`{"dir":"/pub","name":"x"}`+"\n", "")
	p.stands("the export", crawl.Incomplete)
	p.crawlFrom("/a", nil)
	p.stands("a part", crawl.Incomplete)
	if e := p.summary().Earlier; e == nil || !e.Partial {
		t.Errorf("got %+v, want partial", e)
	}
	p.crawl("")
	p.stands("all", crawl.Complete)
}

// The state is what trying every directory again in the mind says: random trees, changes and crawls.
func TestStateIsThatOfEverythingAskedFor(t *testing.T) {
	for n := range 8 {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		p := newPlace(t)
		for _, name := range []string{"a", "b", "c", "pub", "empty"} {
			p.tree.Remove(name)
		}
		dirs := []string{"/"}
		for len(dirs) < 14 {
			d := crawl.Join(dirs[r.IntN(len(dirs))], string(rune('a'+r.IntN(3))))
			if !slices.Contains(dirs, d) {
				dirs = append(dirs, d)
				p.tree.Dir(d)
			}
		}
		m := model{tree: p.tree, seeds: map[string]bool{}, tried: map[string]bool{}, named: map[string][]string{}}
		for step := range 40 {
			d := dirs[r.IntN(len(dirs))]
			switch what := r.IntN(6); {
			case what < 3 && d != "/":
				p.chmod(d, []fs.FileMode{0o755, 0o700}[r.IntN(2)], p.now)
			case what == 3 && d != "/":
				p.tree.Remove(d)
			default:
				report, _ := p.crawlFrom("/%2F"+strings.TrimPrefix(d, "/"), func(c *crawl.Crawler) { c.Policy.Refresh = crawl.RefreshFull })
				gaps := m.crawl(d)
				s := p.summary()
				if got := s.Counts.Gaps() + s.Earlier.Counts().Gaps(); got != gaps || (s.State == crawl.Complete) != (gaps == 0) {
					t.Fatalf("tree %d, step %d, crawl of %s (%s): got %s, %d missing, want %d", n, step, d, report.State, s.State, got, gaps)
				}
			}
		}
	}
}

// A model is what is known of a server after some crawls.
type model struct {
	tree  *ftptest.Tree
	seeds map[string]bool
	tried map[string]bool     // whether it was listed the last time
	named map[string][]string // the subdirectories that the last listing names
}

// crawl crawls a directory and returns how many directories are missing then.
func (m *model) crawl(seed string) int64 {
	m.seeds[seed] = true
	missing := make(map[string]bool)
	var visit func(dir string)
	visit = func(dir string) {
		names, ok := m.list(dir)
		if m.tried[dir] = ok; !ok {
			missing[dir] = true
			return
		}
		m.named[dir] = names
		for _, name := range names {
			visit(path.Join(dir, name))
		}
	}
	visit(seed)
	if _, held := m.named[seed]; !held && seed != "/" {
		delete(m.seeds, seed)
	}
	var reach func(dir string)
	reach = func(dir string) {
		if ok, tried := m.tried[dir]; tried && !ok {
			missing[dir] = true
		}
		for _, name := range m.named[dir] {
			reach(path.Join(dir, name))
		}
	}
	for s := range m.seeds {
		reach(s)
	}
	return int64(len(missing))
}

// list returns the subdirectories as the server shows them.
func (m *model) list(dir string) (names []string, ok bool) {
	f, err := m.tree.Open(strings.TrimPrefix(path.Join(".", dir), "/"))
	if err != nil {
		return nil, false
	}
	f.Close()
	entries, err := m.tree.ReadDir(path.Join(".", dir))
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err == nil
}

package archive_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// A place is a server whose tree changes between crawls, with clocks that the test turns.
type place struct {
	*testing.T
	tree   *ftptest.Tree
	server *ftptest.Server
	dir    string
	now    time.Time
}

func newPlace(t *testing.T) *place {
	p := &place{T: t, tree: ftptest.NewTree(epoch.AddDate(-2, 0, 0)), dir: t.TempDir(), now: epoch}
	old, young := epoch.AddDate(-1, 0, 0), epoch.AddDate(0, 0, -10)
	for i := range 20 {
		p.tree.File(fmt.Sprintf("pub/leaf%d/file", i), int64(i), old)
	}
	p.tree.File("a/f1", 10, old).File("a/f2", 20, young).File("a/sub/x", 1, old).File("a/sub/y", 2, young)
	p.tree.File("b/g", 3, young).File("c/deep/deeper/z", 4, old).Dir("empty").File("top", 5, old)
	p.tree.Add("a/link", ftptest.Node{Mode: fs.ModeSymlink | 0o777, Target: "f1"})
	p.server = &ftptest.Server{FS: p.tree, Clock: func() time.Time { return p.now }}
	serve(t, p.server)
	return p
}

// crawl crawls the place and returns the report with the number of directories asked for.
func (p *place) crawl(mode crawl.Refresh) (*crawl.ServerReport, int) {
	p.Helper()
	before := len(p.server.Stats().Listings)
	c := newCrawler(p.dir)
	c.Now = func() time.Time { return p.now }
	c.Open = func(_ context.Context, s crawl.Server) (crawl.Store, error) {
		return archive.Create(p.dir, s, &archive.Options{Now: c.Now})
	}
	c.Policy.Refresh = mode
	report := run(p, c, seed(p, p.server.URL))
	return report, len(p.server.Stats().Listings) - before
}

// later lets time pass.
func (p *place) later(d time.Duration) { p.now = p.now.Add(d) }

// put, rm and mkdir change the tree as a file system would: the directory's time moves.
func (p *place) put(name string, size int64) {
	p.tree.File(name, size, p.now)
	p.touch(path.Dir(name))
}

func (p *place) rm(name string) {
	p.tree.Remove(name)
	p.touch(path.Dir(name))
}

func (p *place) mkdir(name string) {
	p.tree.Add(name, ftptest.Node{Mode: fs.ModeDir | 0o755, ModTime: p.now})
	p.touch(path.Dir(name))
}

func (p *place) touch(dir string) { p.chmod(dir, 0o755, p.now) }

func (p *place) chmod(dir string, perm fs.FileMode, modified time.Time) {
	if dir == "." {
		dir = ""
	}
	p.tree.Add(dir, ftptest.Node{Mode: fs.ModeDir | perm, ModTime: modified})
}

// held returns what the archive holds: what each entry is, by pathname.
func (p *place) held() map[string]string {
	p.Helper()
	a, err := archive.Open(p.dir, seed(p, p.server.URL).Server, nil)
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close()
	all := make(map[string]string)
	for item, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			p.Fatal(err)
		}
		e := item.Entry
		what := fmt.Sprint(e.Type, " ", e.Perm)
		if !e.IsDir() {
			what += fmt.Sprint(" ", e.Size, " ", e.ModTime.Format("2006-01-02"), " ", e.Target)
		}
		all[crawl.Join(item.Dir, e.Name)] = what
	}
	return all
}

// there returns what the server would show, in the form of held.
func (p *place) there() map[string]string {
	p.Helper()
	all := make(map[string]string)
	var walk func(dir string)
	walk = func(dir string) {
		entries, err := p.tree.ReadDir(strings.TrimPrefix(dir, "/") + map[bool]string{true: "."}[dir == "/"])
		if err != nil {
			return
		}
		if info, err := p.tree.Stat(strings.TrimPrefix(dir, "/")); err == nil && info.Mode()&1 == 0 {
			return
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				p.Fatal(err)
			}
			name := crawl.Join(dir, e.Name())
			perm := fmt.Sprintf("%04o", info.Mode().Perm())
			switch {
			case e.IsDir():
				all[name] = "dir " + perm
				walk(name)
			default:
				kind, target := "file", ""
				if info.Mode()&fs.ModeSymlink != 0 {
					kind = "link"
					target, _ = p.tree.ReadLink(strings.TrimPrefix(name, "/"))
				}
				all[name] = fmt.Sprint(kind, " ", perm, " ", info.Size(), " ", info.ModTime().UTC().Format("2006-01-02"), " ", target)
			}
		}
	}
	walk("/")
	return all
}

func differences(before, after map[string]string) (added, removed, changed []string) {
	for name, what := range after {
		switch old, ok := before[name]; {
		case !ok:
			added = append(added, name)
		case old != what:
			changed = append(changed, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			removed = append(removed, name)
		}
	}
	return added, removed, changed
}

func (p *place) sameAs(want map[string]string, what string) {
	p.Helper()
	missing, extra, other := differences(p.held(), want)
	if len(missing)+len(extra)+len(other) > 0 {
		p.Errorf("%s: the archive lacks %q, has %q that are not there, and %q otherwise", what, missing, extra, other)
	}
}

// treeChanges are ways in which a tree changes between two crawls.
var treeChanges = []struct {
	name   string
	change func(*place)
	quick  bool // a quick crawl sees it
}{
	{"nothing", func(*place) {}, true},
	{"file added", func(p *place) { p.put("b/new", 7) }, true},
	{"file added to an empty directory", func(p *place) { p.put("empty/new", 7) }, true},
	{"file added to the root", func(p *place) { p.put("new", 7) }, true},
	{"file removed", func(p *place) { p.rm("a/sub/x") }, true},
	{"last file removed", func(p *place) { p.rm("pub/leaf3/file") }, true},
	{"file renamed", func(p *place) { p.rm("b/g"); p.tree.File("b/h", 3, epoch.AddDate(0, 0, -10)) }, true},
	{"file rewritten by renaming", func(p *place) { p.put("b/g", 99) }, true},
	{"file rewritten in place", func(p *place) { p.tree.File("b/g", 99, p.now) }, false},
	{"file in a directory with subdirectories rewritten in place", func(p *place) { p.tree.File("a/f1", 99, p.now) }, true},
	{"permissions of a file", func(p *place) {
		p.tree.Add("b/g", ftptest.Node{Mode: 0o600, Size: 3, ModTime: epoch.AddDate(0, 0, -10)})
	}, false},
	{"directory added", func(p *place) { p.mkdir("b/d"); p.put("b/d/x", 1) }, true},
	{"directory added below a leaf", func(p *place) { p.mkdir("pub/leaf1/d"); p.mkdir("pub/leaf1/d/e"); p.put("pub/leaf1/d/e/x", 1) }, true},
	{"directory removed", func(p *place) { p.rm("c") }, true},
	{"leaf removed", func(p *place) { p.rm("pub/leaf7") }, true},
	{"directory renamed", func(p *place) {
		p.rm("a/sub")
		p.tree.File("a/bus/x", 1, epoch.AddDate(-1, 0, 0)).File("a/bus/y", 2, epoch.AddDate(0, 0, -10))
	}, true},
	{"directory replaced by a file", func(p *place) { p.tree.Remove("a/sub"); p.put("a/sub", 1) }, true},
	{"file replaced by a directory", func(p *place) { p.tree.Remove("a/f1"); p.mkdir("a/f1"); p.put("a/f1/in", 1) }, true},
	{"link to elsewhere", func(p *place) {
		p.tree.Add("a/link", ftptest.Node{Mode: fs.ModeSymlink | 0o777, Target: "f2", ModTime: p.now})
		p.touch("a")
	}, true},
	{"deep in the tree", func(p *place) { p.put("c/deep/deeper/new", 1) }, true},
	{"everything below a directory", func(p *place) {
		for i := range 20 {
			p.put(fmt.Sprintf("pub/leaf%d/file", i), 1000)
			p.put(fmt.Sprintf("pub/leaf%d/more", i), 1000)
		}
	}, true},
	{"everything removed", func(p *place) {
		for _, name := range []string{"a", "b", "c", "empty", "pub", "top"} {
			p.rm(name)
		}
	}, true},
	{"a time set back, as mirrors do", func(p *place) {
		p.tree.File("b/new", 1, epoch.AddDate(-3, 0, 0))
		p.chmod("b", 0o755, epoch.AddDate(-3, 0, 0))
	}, true},
}

func TestRefreshSeesChanges(t *testing.T) {
	t.Parallel()
	for _, mode := range []crawl.Refresh{crawl.RefreshFull, crawl.RefreshQuick} {
		for _, c := range treeChanges {
			t.Run(fmt.Sprint(mode, " ", c.name), func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				first, _ := p.crawl(crawl.RefreshAuto)
				if first.State != crawl.Complete || first.Refresh != crawl.RefreshFull || first.Changes != nil {
					t.Fatalf("first crawl: got %+v", first)
				}
				p.sameAs(p.there(), "first crawl")
				before := p.there()
				p.later(24 * time.Hour)
				c.change(p)
				p.later(24 * time.Hour)
				report, _ := p.crawl(mode)
				if report.State != crawl.Complete || report.Refresh != mode || report.Changes == nil {
					t.Fatalf("got %+v", report)
				}
				want := p.there()
				if mode == crawl.RefreshQuick && !c.quick {
					want = before
				}
				p.sameAs(want, string(mode))
				added, removed, changed := differences(before, want)
				got := report.Changes
				if got.Added != int64(len(added)) || got.Removed != int64(len(removed)) || got.Changed != int64(len(changed)) {
					t.Errorf("got %+v, want %d added, %d removed, %d changed", got, len(added), len(removed), len(changed))
				}
				for _, x := range got.Examples {
					list := map[crawl.ChangeKind][]string{crawl.Added: added, crawl.Removed: removed, crawl.Changed: changed}[x.Kind]
					if !slices.Contains(list, x.Path) {
						t.Errorf("%s is said to be %s", x.Path, x.Kind)
					}
				}
				// What a quick crawl missed, the next full one finds.
				p.later(24 * time.Hour)
				p.crawl(crawl.RefreshFull)
				p.sameAs(p.there(), "full crawl afterwards")
			})
		}
	}
}

func TestQuickRefreshOfAnUnchangedTreeIsCheap(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, first := p.crawl(crawl.RefreshAuto)
	p.later(48 * time.Hour)
	report, second := p.crawl(crawl.RefreshQuick)
	if second*100 >= first*40 {
		t.Errorf("the first crawl sent %d listings, the quick one %d", first, second)
	}
	if c := report.Counts; c.Listed != c.Unchanged || c.Unmoved == 0 || len(report.Changes.Examples) > 0 {
		t.Errorf("got %+v, %+v", c, report.Changes)
	}
}

// An archive of the size of a real one, and its age.
func TestQuickRefreshOfTheMirrorIsCheap(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tree = ftptest.Mirror(epoch)
	p.server = &ftptest.Server{FS: p.tree, Clock: func() time.Time { return p.now }}
	serve(t, p.server)
	_, first := p.crawl(crawl.RefreshAuto)
	p.later(200 * 24 * time.Hour) // what was young is listed by the day now
	report, second := p.crawl(crawl.RefreshQuick)
	t.Logf("first %d listings, quick %d, %+v", first, second, report.Changes)
	if second*100 >= first*40 {
		t.Errorf("the first crawl sent %d listings, the quick one %d", first, second)
	}
	if c := report.Changes; c == nil || c.Added+c.Removed+c.Changed != 0 {
		t.Errorf("nothing has changed, got %+v", c)
	}
}

func TestRefreshAuto(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	var got []crawl.Refresh
	for range 7 {
		report, _ := p.crawl(crawl.RefreshAuto)
		got = append(got, report.Refresh)
		p.later(24 * time.Hour)
	}
	q, f := crawl.RefreshQuick, crawl.RefreshFull
	if want := []crawl.Refresh{f, q, q, q, q, f, q}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p.later(31 * 24 * time.Hour)
	if report, _ := p.crawl(crawl.RefreshAuto); report.Refresh != f {
		t.Errorf("got %v a month later", report.Refresh)
	}
}

// What changed in the minute of the crawl, after it, shows no other time.
func TestQuickRefreshListsWhatWasYoung(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.put("b/just", 1)
	p.crawl(crawl.RefreshAuto)
	p.put("b/after", 1)
	p.later(24 * time.Hour)
	p.crawl(crawl.RefreshQuick)
	p.sameAs(p.there(), "quick")
}

// A directory that fails keeps what is known of it, with the time when that was last true, and is asked for until it can
// be listed again.
func TestRefreshOfWhatIsUnreadableForAWhile(t *testing.T) {
	t.Parallel()
	for _, mode := range []crawl.Refresh{crawl.RefreshFull, crawl.RefreshQuick} {
		p := newPlace(t)
		p.crawl(crawl.RefreshAuto)
		before := p.there()
		p.later(24 * time.Hour)
		p.chmod("b", 0o700, p.now)
		p.later(24 * time.Hour)
		report, _ := p.crawl(mode)
		want := maps.Clone(before)
		want["/b"] = "dir 0700"
		p.sameAs(want, "unreadable")
		if c := report.Changes; report.State != crawl.Incomplete || c.Added != 0 || c.Removed != 0 || c.Changed != 1 {
			t.Errorf("%s, unreadable: got %s, %+v", mode, report.State, c)
		}
		a, err := archive.Open(p.dir, seed(p, p.server.URL).Server, nil)
		if err != nil {
			t.Fatal(err)
		}
		for item, err := range a.Entries(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			if name := crawl.Join(item.Dir, item.Entry.Name); name == "/b/g" && !item.Seen.Equal(epoch) {
				t.Errorf("%s, unreadable: %s was last true %v, want %v", mode, name, item.Seen, epoch)
			}
		}
		a.Close()
		p.chmod("b", 0o755, epoch.Add(24*time.Hour))
		p.tree.File("b/new", 1, p.now)
		p.later(24 * time.Hour)
		report, _ = p.crawl(mode)
		p.sameAs(p.there(), "readable again")
		if c := report.Changes; report.State != crawl.Complete || c.Added != 1 || c.Removed != 0 || c.Changed != 1 {
			t.Errorf("%s, readable again: got %s, %+v", mode, report.State, c)
		}
	}
}

// A directory that goes and comes back is removed and added, with all that is below it.
func TestRefreshOfWhatComesBack(t *testing.T) {
	t.Parallel()
	for _, mode := range []crawl.Refresh{crawl.RefreshFull, crawl.RefreshQuick} {
		p := newPlace(t)
		p.crawl(crawl.RefreshAuto)
		p.later(24 * time.Hour)
		p.rm("c")
		p.later(24 * time.Hour)
		if report, _ := p.crawl(mode); report.Changes.Removed != 4 || report.Changes.Added != 0 {
			t.Errorf("%s, gone: got %+v", mode, report.Changes)
		}
		p.tree.File("c/deep/deeper/z", 4, epoch.AddDate(-1, 0, 0))
		p.touch(".")
		p.later(24 * time.Hour)
		if report, _ := p.crawl(mode); report.Changes.Added != 4 || report.Changes.Removed != 0 {
			t.Errorf("%s, back: got %+v", mode, report.Changes)
		}
		p.sameAs(p.there(), "back")
	}
}

package archive_test

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// A fakeTree is a random server: what each directory holds, and of which directories the listing failed or was cut.
type fakeTree struct {
	entries map[string][]string // of a directory: "name/" or "name=size"
	failed  map[string]bool
	cut     map[string]bool
}

// draw makes a tree in which half of what could be in it is.
func draw(r *rand.Rand) *fakeTree {
	t := &fakeTree{map[string][]string{}, map[string]bool{}, map[string]bool{}}
	var fill func(dir string, depth int)
	fill = func(dir string, depth int) {
		t.entries[dir] = nil
		for _, name := range []string{"a", "a b", "ab", "b", "c-"} {
			switch n := r.IntN(10); {
			case n < 3:
				t.entries[dir] = append(t.entries[dir], fmt.Sprintf("%s=%d", name, r.IntN(2)))
			case n < 7 && depth < 3:
				t.entries[dir] = append(t.entries[dir], name+"/")
				fill(crawl.Join(dir, name), depth+1)
			}
		}
		switch n := r.IntN(12); {
		case n == 0:
			t.failed[dir] = true
		case n == 1:
			t.cut[dir] = true
		}
	}
	fill("/", 0)
	return t
}

// crawled makes an archive of the tree below root.
func (f *fakeTree) crawled(t *testing.T, root string) *archive.Archive {
	b := newBook(t)
	b.begin(root)
	var dirs []string
	for dir := range f.entries {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	for _, dir := range dirs {
		if !f.reached(dir) {
			continue
		}
		status := crawl.Whole
		if f.cut[dir] {
			status = crawl.Partial
		}
		if f.failed[dir] {
			status = crawl.Failed
		}
		text := ""
		for _, e := range f.entries[dir] {
			if name, ok := strings.CutSuffix(e, "/"); ok {
				text += "drwxr-xr-x 1 a b 1 Mar  9  2011 " + name + "\r\n"
			} else {
				name, size, _ := strings.Cut(e, "=")
				text += "-rw-r--r-- 1 a b " + size + " Mar  9  2011 " + name + "\r\n"
			}
		}
		b.putText(path.Join(root, dir), status, text)
	}
	b.end()
	b.flush()
	return b.Archive
}

// reached reports whether a listing shows the directory.
func (f *fakeTree) reached(dir string) bool {
	return dir == "/" || f.reached(path.Dir(dir)) && !f.failed[path.Dir(dir)] && slices.Contains(f.entries[path.Dir(dir)], path.Base(dir)+"/")
}

// knows says what the tree tells of an entry: its description, "" that there is none; ok false: nothing.
func (f *fakeTree) knows(dir, name string) (what string, ok bool) {
	if !f.reached(dir) {
		if dir == "/" {
			return "", false
		}
		// Of a name that a cut listing shows as a file, nothing is concluded.
		what, ok := f.knows(path.Dir(dir), path.Base(dir))
		return "", ok && what != "dir" && !f.cut[path.Dir(dir)]
	}
	if f.failed[dir] {
		return "", false
	}
	for _, e := range f.entries[dir] {
		if e == name+"/" {
			return "dir", true
		}
		if n, size, ok := strings.Cut(e, "="); ok && n == name {
			return size, true
		}
	}
	return "", !f.cut[dir]
}

// The differences are those that looking at each possible pathname by itself finds.
func TestDifferencesAreWhatLookingAtEachPathFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 1))
		x, y := draw(r), draw(r)
		all := map[string]bool{}
		for _, tree := range []*fakeTree{x, y} {
			for dir, entries := range tree.entries {
				for _, e := range entries {
					name, _, _ := strings.Cut(strings.TrimSuffix(e, "/"), "=")
					all[crawl.Join(dir, name)] = true
				}
			}
		}
		var want []string
		for p := range all {
			inX, okX := x.knows(path.Dir(p), path.Base(p))
			inY, okY := y.knows(path.Dir(p), path.Base(p))
			switch {
			case !okX || !okY || inX == inY:
			case inX == "":
				want = append(want, "- "+p[1:])
			case inY == "":
				want = append(want, "+ "+p[1:])
			default:
				want = append(want, "~ "+p[1:])
			}
		}
		a, b := x.crawled(t, "/"), y.crawled(t, "/pub/mirror")
		c := archive.Comparison{X: archive.Tree{Archive: a}, Y: archive.Tree{Archive: b, Root: "/pub/mirror"}}
		var got, gaps []string
		order := ""
		for d, err := range c.Differences(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if d.Kind == archive.Unknown {
				gaps = append(gaps, d.Path)
				continue
			}
			got = append(got, [...]string{"+", "~", "-"}[d.Kind]+" "+d.Path)
			dir := strings.TrimPrefix(path.Dir("/"+d.Path), "/")
			if place := strings.ReplaceAll(dir, "/", "\x00"); place < order {
				t.Errorf("seed %d: %s comes after %q", seed, d.Path, order)
			} else {
				order = place
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: differences (-want +got):\n%s\nof %+v\nand %+v", seed, diff, x, y)
		}
		for _, g := range gaps {
			dir := "/" + g
			if !x.failed[dir] && !y.failed[dir] && !x.cut[dir] && !y.cut[dir] {
				t.Errorf("seed %d: %s is told as unknown", seed, dir)
			}
		}
	}
}

// A directory that could not be listed the last time is told, with what was known of it before; one that is listed for
// the first time is not taken for new.
func TestDifferencesBetweenTwoCrawls(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "closing/", "going/", "opened/", "stays")
	b.put("/closing", crawl.Whole, "x")
	b.put("/going", crawl.Whole, "y")
	b.put("/opened", crawl.Failed)
	b.end()
	b.begin("/")
	b.put("/", crawl.Whole, "closing/", "new/", "opened/", "stays")
	b.put("/closing", crawl.Failed)
	b.put("/new", crawl.Whole, "z")
	b.put("/opened", crawl.Whole, "old")
	b.end()
	rounds, before := b.Rounds()
	if rounds != 2 {
		t.Errorf("%d crawls, want 2", rounds)
	}
	c := archive.Comparison{X: archive.Tree{Archive: b.Archive}, Y: archive.Tree{Archive: b.Archive, Seq: before}}
	var got []string
	for d, err := range c.Differences(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, [...]string{"+", "~", "-", "?"}[d.Kind]+" "+d.Path)
	}
	want := []string{"- going", "+ new", "? closing", "- going/y", "+ new/z", "? opened"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if c.Compared != 4 || c.Unknown != 1 {
		t.Errorf("compared %d, unknown %d, want 4 and 1", c.Compared, c.Unknown)
	}
}

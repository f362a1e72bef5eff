package archive_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// A book is an archive that the test writes by hand.
type book struct {
	*testing.T
	*archive.Archive
	dir     string
	now     time.Time
	seeds   []string       // of the crawl that runs
	changes *crawl.Changes // that the last one found
}

func newBook(t *testing.T) *book {
	b := &book{T: t, dir: t.TempDir(), now: epoch}
	b.reopen()
	t.Cleanup(func() { b.Archive.Close() })
	return b
}

func (b *book) reopen() {
	b.Helper()
	if b.Archive != nil {
		if err := b.Archive.Close(); err != nil {
			b.Fatal(err)
		}
	}
	a, err := archive.Create(b.dir, example, &archive.Options{Now: func() time.Time { return b.now }})
	if err != nil {
		b.Fatal(err)
	}
	b.Archive = a
}

// begin begins a crawl an hour after what was before.
func (b *book) begin(seeds ...string) (resumed bool) {
	b.Helper()
	b.now = b.now.Add(time.Hour)
	b.seeds = seeds
	var dirs []crawl.Dir
	for _, s := range seeds {
		dirs = append(dirs, crawl.Dir{Server: example, Path: s})
	}
	resumed, err := b.Begin(context.Background(), dirs)
	if err != nil {
		b.Fatal(err)
	}
	return resumed
}

// put stores a listing of names, those that end in "/" being directories.
func (b *book) put(path string, status crawl.Status, names ...string) {
	b.Helper()
	b.putText(path, status, listing(names...))
}

func listing(names ...string) string {
	var text strings.Builder
	for _, name := range names {
		if d, ok := strings.CutSuffix(name, "/"); ok {
			text.WriteString("drwxr-xr-x    2 ftp      ftp          4096 Feb 01 09:30 " + d + "\r\n")
		} else {
			text.WriteString("-rw-r--r--    1 ftp      ftp          4096 Feb 01 09:30 " + name + "\r\n")
		}
	}
	return text.String()
}

func (b *book) putText(path string, status crawl.Status, text string) {
	b.Helper()
	depth := strings.Count(strings.TrimSuffix(path, "/"), "/")
	for _, s := range b.seeds {
		if rest, ok := strings.CutPrefix(path, s); ok && (rest == "" || rest[0] == '/') {
			depth = strings.Count(rest, "/")
		}
	}
	l := &crawl.Listing{Dir: crawl.Dir{Server: example, Path: path, Depth: depth}, Status: status, Start: b.now}
	if status == crawl.Failed {
		l.Reason = crawl.Refused
	} else {
		l.Spool = &crawl.Spool{Dir: b.TempDir()}
		if _, err := l.Spool.Write([]byte(text)); err != nil {
			b.Fatal(err)
		}
	}
	if err := (&crawl.Scanner{Options: b.ParseOptions}).Scan(l); err != nil {
		b.Fatal(err)
	}
	if err := b.Put(context.Background(), l); err != nil {
		b.Fatal(err)
	}
}

func (b *book) end() {
	b.Helper()
	report := &crawl.ServerReport{Server: example, State: crawl.Complete, Ended: b.now}
	if err := b.End(report); err != nil {
		b.Fatal(err)
	}
	b.changes = report.Changes
}

// flush waits until everything is committed and returns the frontier.
func (b *book) flush() []string {
	b.Helper()
	dirs, err := b.Pending(context.Background(), 1000, func(string) bool { return false })
	if err != nil {
		b.Fatal(err)
	}
	var paths []string
	for _, d := range dirs {
		paths = append(paths, d.Path)
	}
	return paths
}

func (b *book) want(paths ...string) {
	b.Helper()
	b.flush()
	if got := archivePaths(b.T, b.Archive); !slices.Equal(got, paths) {
		b.Errorf("got %q, want %q", got, paths)
	}
}

func TestOnlyAWholeListingReplaces(t *testing.T) {
	for _, tt := range []struct {
		first, second crawl.Status
		want          string
	}{
		{crawl.Whole, crawl.Whole, "/b"},
		{crawl.Whole, crawl.Partial, "/a"},
		{crawl.Whole, crawl.Unconfirmed, "/a"},
		{crawl.Whole, crawl.Failed, "/a"},
		{crawl.Partial, crawl.Partial, "/b"},
		{crawl.Partial, crawl.Unconfirmed, "/a"},
		{crawl.Partial, crawl.Failed, "/a"},
		{crawl.Unconfirmed, crawl.Whole, "/b"},
		{crawl.Failed, crawl.Unconfirmed, "/b"},
	} {
		t.Run(fmt.Sprintf("%v, then %v", tt.first, tt.second), func(t *testing.T) {
			b := newBook(t)
			b.begin("/")
			b.put("/", tt.first, "a")
			b.end()
			b.begin("/")
			b.put("/", tt.second, "b")
			b.end()
			b.want(tt.want)
		})
	}
}

func TestWhatAParentNoLongerShowsIsHistory(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "d/", "e/")
	b.put("/d", crawl.Whole, "x")
	b.put("/e", crawl.Whole, "y")
	b.end()
	b.want("/d/", "/e/", "/d/x", "/e/y")
	b.begin("/")
	b.put("/", crawl.Whole, "e/")
	b.put("/e", crawl.Failed)
	b.end()
	b.want("/e/", "/e/y")
}

func TestSeedsBelowTheRoot(t *testing.T) {
	b := newBook(t)
	b.begin("/pub/linux", "/pub!/x", "/pub/a/b")
	b.put("/pub/linux", crawl.Whole, "z")
	b.put("/pub!/x", crawl.Whole, "w")
	b.put("/pub/a/b", crawl.Whole, "v")
	b.want("/pub/a/b/v", "/pub/linux/z", "/pub!/x/w")
	// Later the directory above is crawled too, and names one of them.
	b.end()
	b.begin("/pub")
	b.put("/pub", crawl.Whole, "linux/", "f")
	b.want("/pub/f", "/pub/linux/", "/pub/a/b/v", "/pub/linux/z", "/pub!/x/w")
}

func TestSameListingIsConfirmed(t *testing.T) {
	b := newBook(t)
	var held []archive.Held
	for _, names := range [][]string{{"a"}, {"a"}, {"b"}, {"a"}, {"c"}, {"d"}} {
		b.begin("/")
		b.put("/", crawl.Whole, names...)
		b.end()
		held = append(held, b.Held())
		if seen := b.first().Seen; !seen.Equal(b.now) {
			t.Errorf("seen %v, want %v", seen, b.now)
		}
	}
	for i, want := range []int64{1, 1, 2, 3, 3, 3} {
		if held[i].Versions != want || held[i].Dirs != 1 || held[i].Entries != 1 {
			t.Errorf("after crawl %d: got %+v, want %d versions", i, held[i], want)
		}
	}
	b.want("/d")
}

func (b *book) first() archive.Item {
	b.Helper()
	for item, err := range b.Entries(context.Background(), nil) {
		if err != nil {
			b.Fatal(err)
		}
		e := *item.Entry
		item.Entry = &e
		return item
	}
	b.Fatal("no entries")
	return archive.Item{}
}

// The date of a line without a year is that of the time at which it was first seen.
func TestDatesDoNotDrift(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "a")
	b.end()
	want := time.Date(2024, 2, 1, 9, 30, 0, 0, time.UTC)
	for range 3 {
		if got := b.first().Entry.ModTime; !got.Equal(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		b.now = b.now.AddDate(1, 0, 0)
		b.begin("/")
		b.put("/", crawl.Whole, "a")
		b.end()
	}
}

func TestAddedIsCarriedOver(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "a", "c", "d/")
	b.put("/d", crawl.Failed) // known of, so that what is in it is not new later
	b.end()
	b.begin("/")
	second := b.now
	b.put("/", crawl.Whole, "a", "b", "c", "d/", "e/")
	b.put("/d", crawl.Whole, "x")
	b.put("/e", crawl.Whole, "y")
	b.end()
	b.begin("/")
	third := b.now
	b.put("/", crawl.Whole, "e/", "d/", "c", "b", "a", "0")
	b.put("/d", crawl.Whole, "x")
	b.put("/e", crawl.Whole, "y")
	b.end()
	want := map[string]time.Time{"a": {}, "b": second, "c": {}, "d": {}, "e": second, "0": third, "x": {}, "y": second}
	n := 0
	for item, err := range b.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if w := want[item.Entry.Name]; !item.Added.Equal(w) {
			t.Errorf("%s: added %v, want %v", item.Entry.Name, item.Added, w)
		}
	}
	if n != len(want) {
		t.Errorf("got %d entries, want %d", n, len(want))
	}
}

// Nobody knows since when a place has held what the first crawl of it finds, however long other places of the server are known.
func TestAddedIsNotKnownOfAPlaceCrawledForTheFirstTime(t *testing.T) {
	b := newBook(t)
	b.begin("/pub/a")
	b.put("/pub/a", crawl.Whole, "old", "sub/")
	b.put("/pub/a/sub", crawl.Whole, "old in sub")
	b.end()
	b.begin("/")
	b.put("/", crawl.Whole, "pub/", "other/")
	b.put("/pub", crawl.Whole, "a/")
	b.put("/other", crawl.Whole, "deep/")
	b.put("/other/deep", crawl.Whole, "old in deep")
	second := b.now
	b.put("/pub/a", crawl.Whole, "old", "sub/", "new/")
	b.put("/pub/a/sub", crawl.Whole, "old in sub")
	b.put("/pub/a/new", crawl.Whole, "newer/")
	b.put("/pub/a/new/newer", crawl.Whole, "new in newer")
	b.end()
	for item, err := range b.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		var want time.Time
		if strings.HasPrefix(item.Entry.Name, "new") {
			want = second
		}
		if !item.Added.Equal(want) {
			t.Errorf("%s in %s: added %v, want %v", item.Entry.Name, item.Dir, item.Added, want)
		}
	}
	if c := b.changes; c == nil || c.Added != 3 || c.Found != 5 || c.Removed != 0 {
		t.Errorf("got %+v, want 3 added and 5 found", c)
	}

	// What is listed only in part tells nothing of the rest.
	b.begin("/")
	b.put("/", crawl.Whole, "pub/", "other/", "cut/")
	b.put("/cut", crawl.Partial, "a")
	b.end()
	b.begin("/")
	b.put("/", crawl.Whole, "pub/", "other/", "cut/")
	b.put("/cut", crawl.Whole, "a", "b")
	b.end()
	for item, err := range b.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if item.Entry.Name == "b" && !item.Added.IsZero() {
			t.Errorf("what was beyond the cut: added %v, want unknown", item.Added)
		}
	}
}

// A seed that the server does not have is forgotten; one that it had is not, nor is the top of the tree.
func TestSeedsThatAreNotThereAreForgotten(t *testing.T) {
	b := newBook(t)
	b.begin("/", "/pub", "/pbu")
	b.put("/", crawl.Failed)
	b.put("/pub", crawl.Whole, "a")
	b.put("/pbu", crawl.Failed)
	b.end()
	b.begin("/pub")
	b.put("/pub", crawl.Failed)
	b.end()
	b.Close()
	s, err := archive.ReadSummary(b.dir, b.Server().Key())
	if err != nil || !slices.Equal(s.Seeds, []string{"/", "/pub"}) {
		t.Errorf("got %q, %v, want / and /pub", s.Seeds, err)
	}
}

func TestEntriesAreSortedAndTheFirstOfANameKept(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "b", "a/", "\xff", "a", "B", ".", "..", "b")
	b.want("/B", "/a/", "/b", "/\xff")
}

func TestAReadSeesNothingCommittedLater(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "d/", "e/")
	b.put("/d", crawl.Whole, "old")
	b.flush()
	entries := b.Entries(context.Background(), nil)
	seq := b.Seq()
	b.put("/e", crawl.Whole, "new")
	b.end()
	b.begin("/")
	b.put("/d", crawl.Whole, "newer")
	b.flush()
	if b.Seq() <= seq {
		t.Errorf("got sequence number %d after %d", b.Seq(), seq)
	}
	var got []string
	for item, err := range entries {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, item.Entry.Name)
	}
	if want := []string{"d", "e", "old"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	b.want("/d/", "/e/", "/d/newer", "/e/new")
}

func TestFrontier(t *testing.T) {
	b := newBook(t)
	if b.begin("/") {
		t.Error("a first crawl resumes")
	}
	b.put("/", crawl.Whole, "a/", "b/")
	b.put("/a", crawl.Whole, "x/")
	if got, want := b.flush(), []string{"/a/x", "/b"}; !slices.Equal(got, want) {
		t.Errorf("got frontier %q, want %q", got, want)
	}
	b.reopen()
	if !b.begin("/", "/b") { // a seed that is pending already, at another depth
		t.Error("what was left is not resumed")
	}
	if got := b.Progress(); got.Listed != 2 || got.Pending != 3 {
		t.Errorf("got %+v, want 2 listed", got)
	}
	b.put("/a/x", crawl.Failed)
	b.put("/b", crawl.Whole)
	if got := b.flush(); len(got) != 0 {
		t.Errorf("got frontier %q, want none", got)
	}
	// Killed before End: there is nothing left to list, and nothing is listed again.
	b.reopen()
	if !b.begin("/") || len(b.flush()) != 0 {
		t.Error("a crawl that lacks only its end begins anew")
	}
	b.end()
	if b.begin("/") || !slices.Equal(b.flush(), []string{"/"}) {
		t.Error("a crawl that has ended is resumed")
	}
}

// A seed below another is on the frontier once, as a seed.
func TestSeedIsNoChild(t *testing.T) {
	b := newBook(t)
	b.begin("/", "/b")
	b.put("/", crawl.Whole, "a/", "b/")
	if got, want := b.flush(), []string{"/a", "/b"}; !slices.Equal(got, want) {
		t.Errorf("got frontier %q, want %q", got, want)
	}
}

func TestLargeListings(t *testing.T) {
	var names []string
	for i := range 70000 {
		names = append(names, fmt.Sprintf("name-of-some-length-%05d", i^0x155)) // not in order
		if i%7 == 0 {
			names[i] += "/"
		}
	}
	var want []string
	for _, n := range names {
		want = append(want, "/"+n)
	}
	slices.SortFunc(want, func(a, b string) int {
		return strings.Compare(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
	})
	b := newBook(t)
	b.begin("/")
	seq := b.Seq()
	b.put("/", crawl.Whole, names...)
	b.end()
	if b.Seq() < seq+3 {
		t.Errorf("got %d transactions, want several", b.Seq()-seq)
	}
	same(t, archivePaths(t, b.Archive), want)
	if got := b.Progress().Pending; got != 10000 {
		t.Errorf("got %d directories pending, want 10000", got)
	}
	raw, err := b.Raw("/")
	if err != nil || string(raw) != listing(names...) {
		t.Errorf("got %d bytes, %v, want those put", len(raw), err)
	}
	// In order: read in one pass.
	slices.Sort(names)
	b.begin("/")
	b.put("/", crawl.Whole, names...)
	b.end()
	b.flush()
	slices.Sort(want)
	got := archivePaths(t, b.Archive)
	slices.Sort(got)
	same(t, got, want)
}

// What the process had written of a large listing when it was killed is no part of the archive.
func TestHalfAListingIsNone(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	if err := b.WriteHalf(strings.Repeat(listing("x"), 50000)); err != nil {
		t.Fatal(err)
	}
	if n, _ := b.Frames(); n == 0 {
		t.Fatal("no frames were written")
	}
	b.reopen()
	if n, err := b.Frames(); n != 0 || err != nil {
		t.Errorf("got %d frames, %v, want none", n, err)
	}
	b.begin("/")
	b.put("/", crawl.Whole, "a")
	b.want("/a")
}

func TestArchiveInUse(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	for name, open := range map[string]func() (*archive.Archive, error){
		"Create":  func() (*archive.Archive, error) { return archive.Create(b.dir, example, nil) },
		"OpenKey": func() (*archive.Archive, error) { return archive.OpenKey(b.dir, example.Key(), nil) },
	} {
		start := time.Now()
		_, err := open()
		var inUse *archive.InUseError
		if !errors.As(err, &inUse) || !strings.Contains(err.Error(), "ftp.example.org") {
			t.Errorf("%s: got %v, want that it is in use", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
	all, err := archive.List(b.dir)
	if err != nil || len(all) != 1 || !all[0].Running() || all[0].PID != os.Getpid() {
		t.Errorf("got %+v, %v, want one that runs", all, err)
	}
}

func TestFileThatPowerFailedOn(t *testing.T) {
	for size, ok := range map[int]bool{100: true, 4 * os.Getpagesize(): true, 1 << 20: false} {
		dir := t.TempDir()
		name := filepath.Join(dir, archive.FileName(example.Key())+".db")
		if err := os.WriteFile(name, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
		a, err := archive.Create(dir, example, nil)
		if (err == nil) != ok {
			t.Errorf("%d bytes of zeros: got %v", size, err)
		}
		if err == nil {
			a.Close()
		}
	}
}

func TestNoArchive(t *testing.T) {
	if _, err := archive.Open(t.TempDir(), example, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func TestDiskNearlyFull(t *testing.T) {
	dir := t.TempDir()
	a, err := archive.Create(dir, example, &archive.Options{MinFree: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Begin(context.Background(), []crawl.Dir{{Path: "/"}}); !errors.Is(err, archive.ErrDiskFull) {
		t.Errorf("got %v, want ErrDiskFull", err)
	}
	// What came later is refused as well.
	l := &crawl.Listing{Dir: crawl.Dir{Path: "/"}, Status: crawl.Failed, Start: epoch}
	if err := a.Put(context.Background(), l); !errors.Is(err, archive.ErrDiskFull) {
		t.Errorf("got %v, want ErrDiskFull", err)
	}
	a.Close()
}

// A server that is gone: its last crawl stays what it was.
func TestFailureKeepsTheLastCrawl(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	b.put("/", crawl.Whole, "a")
	b.end()
	b.reopen()
	if err := b.End(&crawl.ServerReport{State: crawl.Stopped, Err: errors.New("no route to host"), Ended: b.now}); err != nil {
		t.Fatal(err)
	}
	all, err := archive.List(b.dir)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if s := all[0]; s.State != crawl.Complete || s.Failures != 1 || s.Failure != "no route to host" || b.Partial() {
		t.Errorf("got %+v, want complete with a failure", s)
	}
	b.begin("/")
	b.put("/", crawl.Whole, "a")
	b.end()
	if all, _ := archive.List(b.dir); all[0].Failures != 0 {
		t.Errorf("got %+v, want no failures", all[0])
	}
}

func TestUncommittedListingsAreBounded(t *testing.T) {
	b := newBook(t)
	b.begin("/")
	release := b.Hold()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	n := 0
	for {
		l := &crawl.Listing{Dir: crawl.Dir{Path: fmt.Sprintf("/d%d", n)}, Status: crawl.Failed, Start: epoch}
		if err := b.Put(ctx, l); err != nil {
			break
		}
		n++
	}
	release()
	if n < 100 || n > 1400 {
		t.Errorf("got %d listings put while nothing is committed, want about a thousand", n)
	}
	b.flush()
}

// A summary that a killed process has not come to the end of leaves nothing behind when the next one has.
func TestHalfASummaryIsOverwritten(t *testing.T) {
	b := newBook(t)
	left := filepath.Join(b.dir, ".tmp-"+archive.FileName(b.Server().Key()))
	if err := os.WriteFile(left, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.begin("/")
	b.put("/", crawl.Whole, "a")
	b.end()
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it is gone", err)
	}
	if s, err := archive.ReadSummary(b.dir, b.Server().Key()); err != nil || s.State != crawl.Complete {
		t.Errorf("got %s, %v", s.State, err)
	}
}

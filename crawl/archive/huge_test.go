package archive_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
	"github.com/ftpidx/ftpidx/parse"
)

// manyLines returns the lines of a listing with all that an entry may have, every hundredth name twice.
func manyLines(n int) []string {
	lines := make([]string, 0, n)
	for i := range n {
		name := fmt.Sprintf("entry%06d", i-i%100/99)
		switch i % 5 {
		case 0:
			lines = append(lines, fmt.Sprintf("drwxr-sr-x+  %d user%d group%d 4096 Feb %2d %02d:%02d %s", i%7+2, i%3, i%5, i%28+1, i%24, i%60, name))
		case 1:
			lines = append(lines, fmt.Sprintf("lrwxrwxrwx 1 ftp ftp 7 Mar %2d  2019 %s -> ../%d/x", i%28+1, name, i))
		case 2:
			lines = append(lines, fmt.Sprintf("crw------- 1 root root 4, %d Mar %2d  2019 %s", i%256, i%28+1, name))
		case 3:
			lines = append(lines, fmt.Sprintf("-rw-r--r-- 1 ftp ftp %d 2021-03-04 05:06:07.%09d +0200 %s", i, i, name))
		default:
			lines = append(lines, fmt.Sprintf("-rw-r--r-- 1 ftp ftp %d Feb %2d  1969 %s", i, i%28+1, name))
		}
	}
	return lines
}

// A directory that is not sorted in memory yields what one yields that is.
func TestHugeDirectoryIsReadInOrder(t *testing.T) {
	t.Parallel()
	inOrder := manyLines(40_000)
	shuffled := slices.Clone(inOrder)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var once []string
	for i, l := range inOrder {
		if i%100 != 99 {
			once = append(once, l)
		}
	}
	for _, test := range []struct {
		name  string
		lines []string
	}{{"in order", once}, {"names twice", inOrder}, {"in no order", shuffled}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Join(test.lines, "\n") + "\n"
			zone, err := crawl.ParseZone("America/New_York")
			if err != nil {
				t.Fatal(err)
			}
			want, bad, err := parse.ReadAll(strings.NewReader(text), &parse.Options{Now: epoch, Location: zone})
			if err != nil || len(bad) > 0 || len(want) != len(test.lines) {
				t.Fatalf("%d entries of %d lines, %v, %v", len(want), len(test.lines), bad, err)
			}
			slices.SortStableFunc(want, func(x, y parse.Entry) int { return strings.Compare(x.Name, y.Name) })
			want = slices.CompactFunc(want, func(x, y parse.Entry) bool { return x.Name == y.Name })

			dir := t.TempDir()
			importInto(t, dir, strings.NewReader(".:\n"+text), archive.ImportOptions{Zone: "America/New_York"})
			a, err := archive.Open(dir, example, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			n := 0
			for item, err := range a.Entries(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if n == len(want) {
					t.Fatalf("more than the %d entries expected: %+v", n, item)
				}
				got, expected := *item.Entry, want[n]
				if d := cmp.Diff(expected, got); d != "" || got.ModTime.String() != expected.ModTime.String() {
					t.Fatalf("entry %d: got %v, -want +got:\n%s", n, got.ModTime, d)
				}
				n++
			}
			if n != len(want) {
				t.Errorf("got %d entries, want %d", n, len(want))
			}
			for range a.Entries(t.Context(), nil) {
				break // leaves nothing behind: goleak and the race detector would tell
			}
		})
	}
}

// A directory that leads to a seed, beside others, comes in its place, be they few or in a file.
func TestManySubdirectoriesAreGoneIntoInOrder(t *testing.T) {
	t.Parallel()
	const dirs = 30_000
	var b strings.Builder
	b.WriteString("/pub:\n")
	for i := range dirs {
		fmt.Fprintf(&b, "drwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 dir%05d\n", dirs-1-i)
	}
	for _, i := range []int{0, 12_345, dirs - 1} {
		fmt.Fprintf(&b, "\n/pub/dir%05d:\n-rw-r--r-- 1 ftp ftp 7 Feb  1 09:30 file\n", i)
	}
	for _, unnamed := range []string{"/pub/dir12345x", "/pub/a", "/pub/z/deep"} {
		fmt.Fprintf(&b, "\n%s:\n-rw-r--r-- 1 ftp ftp 7 Feb  1 09:30 file\n", unnamed)
	}
	_, got := importText(t, b.String(), archive.ImportOptions{})
	var below []string
	for _, p := range got {
		if strings.HasSuffix(p, "/file") {
			below = append(below, p)
		}
	}
	want := []string{"/pub/a/file", "/pub/dir00000/file", "/pub/dir12345/file", "/pub/dir12345x/file", "/pub/dir29999/file", "/pub/z/deep/file"}
	if d := cmp.Diff(want, below); d != "" || len(got) != dirs+len(want) {
		t.Errorf("%d entries, -want +got:\n%s", len(got), d)
	}
}

// When names first appeared is carried over in directories that are not compared in memory too, whatever their order.
func TestHugeDirectoryRemembersWhenNamesAppeared(t *testing.T) {
	t.Parallel()
	const n = 40_000
	dir := t.TempDir()
	text := func(names iter.Seq[int]) io.Reader {
		var b strings.Builder
		b.WriteString(".:\n")
		for i := range names {
			fmt.Fprintf(&b, "-rw-r--r-- 1 ftp ftp 7 Feb  1 09:30 file%05d\n", i)
		}
		return strings.NewReader(b.String())
	}
	later := epoch.Add(24 * time.Hour)
	old := func(i int) bool { return i%1000 != 7 }
	importInto(t, dir, text(func(yield func(int) bool) {
		for i := range n {
			if old(i) && !yield(i) {
				return
			}
		}
	}), archive.ImportOptions{})
	for _, now := range []time.Time{later, later.Add(time.Hour)} { // the second only carries over
		importInto(t, dir, text(func(yield func(int) bool) {
			for i := range n + now.Hour() { // so that it is not the same
				if !yield(i * 7919 % (n + now.Hour())) {
					return
				}
			}
		}), archive.ImportOptions{Now: now})
	}
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	i := 0
	for item, err := range a.Entries(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		var want time.Time
		switch {
		case i >= n+later.Hour():
			want = later.Add(time.Hour)
		case i >= n || !old(i):
			want = later
		}
		if name := fmt.Sprintf("file%05d", i); item.Entry.Name != name || !item.Added.Equal(want) {
			t.Fatalf("got %s, added %v, want %s, added %v", item.Entry.Name, item.Added, name, want)
		}
		i++
	}
	if i != n+later.Hour()+1 {
		t.Errorf("got %d entries", i)
	}
}

const childRead = "FTPIDX_TEST_READ"

// readAsChild reads the only archive in dir and returns the exit status.
func readAsChild(dir string) int {
	err := func() error {
		all, err := archive.List(dir)
		if err != nil {
			return err
		}
		a, err := archive.OpenKey(dir, all[0].Key, nil)
		if err != nil {
			return err
		}
		defer a.Close()
		defer printMemory()
		for _, err := range a.Entries(context.Background(), nil) {
			if err != nil {
				return err
			}
		}
		return nil
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// onlyDirs has directories of all names, for CWD.
type onlyDirs struct{}

func (onlyDirs) Open(string) (fs.File, error) { return fstest.MapFS{}.Open(".") }

// Crawling a directory of very many entries, crawling it again when it has changed, and reading it in document order
// need no more memory than other directories do.
func TestMemoryOfHugeDirectories(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const n, most = 200_000, 64 << 20
	for _, test := range []struct {
		name, mode string
		limit      int // of entries, for directories are not all to be listed
	}{{"files", "-rw-r--r--", 0}, {"directories", "drwxr-xr-x", n + 100}} {
		t.Run(test.name, func(t *testing.T) {
			var round atomic.Int64
			s := &ftptest.Server{FS: onlyDirs{}, Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb != "LIST" {
					return false
				}
				c.Transfer("Here comes the directory listing.", "Directory send OK.", func(w *bufio.Writer) {
					if c.Dir() != "/" {
						w.WriteString("-rw-r--r-- 1 ftp ftp 7 Feb 01  2020 file\r\n")
						return
					}
					for i := range n {
						// In no order, and each time another size.
						fmt.Fprintf(w, "%s 1 ftp ftp %d Feb 01  2020 some-package_%d-1_amd64\r\n", test.mode, round.Load(), i*7919%n)
					}
				})
				return true
			}}
			serve(t, s)
			dir := t.TempDir()
			child := func(what string, env ...string) {
				t.Helper()
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), append(env, childDir+"="+dir)...)
				start := time.Now()
				memory, peak := runMeasured(t, cmd)
				t.Logf("%s: %d MB, with pages of files %d, %v", what, memory>>20, peak>>20, time.Since(start).Round(time.Millisecond))
				if memory > most && !raceEnabled {
					t.Errorf("%s: %d MB, want at most %d", what, memory>>20, most>>20)
				}
			}
			url, max := childURL+"="+s.URL, childMax+"="+strconv.Itoa(test.limit)
			child("crawled", url, max)
			if round.Add(1); test.limit == 0 {
				child("crawled again", url, max)
			}
			child("read", childRead+"="+dir)
		})
	}
}

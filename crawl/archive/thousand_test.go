package archive_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// crawlSeedsAsChild crawls the servers in a file of seeds and returns the exit status.
func crawlSeedsAsChild(file, dir string) int {
	defer printMemory()
	f, err := os.Open(file)
	if err == nil {
		defer f.Close()
		var seeds []crawl.Seed
		if seeds, _, err = crawl.ReadSeeds(f); err == nil {
			c := newCrawler(dir)
			c.Dialer = &ftpconn.Dialer{DialTimeout: 4 * time.Second, BannerTimeout: 4 * time.Second, ReplyTimeout: 10 * time.Second, DataTimeout: 10 * time.Second}
			c.Policy.Connections = 2
			c.Policy.Backoff = 100 * time.Millisecond
			c.Policy.MaxListingTime = 6 * time.Second
			c.Policy.MaxListing = 1 << 20
			c.Policy.MaxEntries = 5000
			_, err = c.Run(context.Background(), seeds...)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A thousand servers: honest ones, of which one is slow; dead ones that refuse or keep silent; and
// some that do what no server should.
func TestThousandServers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	servers := 1000
	if raceEnabled {
		servers = 200
	}
	tree := forest(30, 5)
	hostile := []struct {
		name  string
		serve func(*ftptest.Session, ftptest.Command) bool
	}{
		{"endless listing", func(s *ftptest.Session, c ftptest.Command) bool {
			return c.Verb == "LIST" && forever(s, "-rw-r--r-- 1 ftp ftp 7 Feb 01 09:30 x\r\n", 0)
		}},
		{"endless line", func(s *ftptest.Session, c ftptest.Command) bool {
			return c.Verb == "LIST" && forever(s, "xxxxxxxxxxxxxxxx", 0)
		}},
		{"drips", func(s *ftptest.Session, c ftptest.Command) bool {
			return c.Verb == "LIST" && forever(s, "-", 100*time.Millisecond)
		}},
		{"endless reply", func(s *ftptest.Session, c ftptest.Command) bool {
			if c.Verb != "PWD" {
				return false
			}
			for range 1 << 14 {
				s.Write("257-and so on and so on and so on and so on\r\n")
			}
			return true
		}},
		{"lists itself for ever", func(s *ftptest.Session, c ftptest.Command) bool {
			if c.Verb == "CWD" {
				s.Reply(250, "Directory successfully changed.")
				return true
			}
			if c.Verb != "LIST" {
				return false
			}
			s.Transfer("Here comes the directory listing.", "Directory send OK.", func(w *bufio.Writer) {
				w.WriteString("drwxr-xr-x 1 ftp ftp 7 Feb 01 09:30 a\r\ndrwxr-xr-x 1 ftp ftp 7 Feb 01 09:30 b\r\n")
			})
			return true
		}},
		{"hangs up on every listing", func(s *ftptest.Session, c ftptest.Command) bool {
			if c.Verb == "LIST" {
				s.Hangup()
			}
			return c.Verb == "LIST"
		}},
	}
	kind := func(i int) string {
		switch {
		case i == 1:
			return "slow"
		case i%20 == 3:
			return "silent"
		case i%3 == 0:
			return "refuses"
		case i%50 == 7 || i%50 == 11: // one of them is no multiple of 3
			return hostile[i/50%len(hostile)].name
		}
		return "honest"
	}
	seeds := filepath.Join(t.TempDir(), "seeds")
	f, err := os.Create(seeds)
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]string)
	for i := range servers {
		s := &ftptest.Server{FS: tree, Listen: fmt.Sprintf("127.%d.%d.%d:0", 10+i/60000, 1+i/250, 1+i%250)}
		switch k := kind(i); k {
		case "slow":
			s.Intercept = func(_ *ftptest.Session, c ftptest.Command) bool {
				if c.Verb == "LIST" {
					time.Sleep(100 * time.Millisecond)
				}
				return false
			}
			s.MaxSessions = 1
		case "silent":
			s.Greet = func(s *ftptest.Session) bool { time.Sleep(6 * time.Second); return false }
		case "refuses", "honest":
		default:
			for _, h := range hostile {
				if h.name == k {
					s.Intercept = h.serve
				}
			}
		}
		seed := serve(t, s)
		if kind(i) == "refuses" {
			s.Close()
		}
		kinds[seed.Server.Key()] = kind(i)
		fmt.Fprintf(f, "%s # %s\n", s.URL, kind(i))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childSeeds+"="+seeds, childDir+"="+dir)
	start := time.Now()
	_, memory := runMeasured(t, cmd)
	took := time.Since(start)
	t.Logf("%v, %d MB", took, memory>>20)
	if memory > 200<<20 && !raceEnabled {
		t.Errorf("the crawler took %d MB, want less than 200", memory>>20)
	}
	// Waiting for the silent ones alone, one after the other, would take two time-outs of four seconds each.
	if limit := time.Duration(servers/20) * 8 * time.Second / 2; took > limit && !raceEnabled {
		t.Errorf("took %v, want less than %v", took, limit)
	}
	all, err := archive.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int)
	for _, s := range all {
		k := kinds[s.Key]
		got[k]++
		honest := k == "honest" || k == "slow"
		if honest && (s.State != crawl.Complete || s.Counts.Listed != int64(len(treeDirs(tree)))) {
			t.Errorf("%s (%s): got %s, %+v, want complete", s.Key, k, s.State, s.Counts)
		}
		if !honest && s.State == crawl.Complete {
			t.Errorf("%s (%s): got complete", s.Key, k)
		}
		if s.Counts.Entries > 50000 {
			t.Errorf("%s (%s): got %d entries", s.Key, k, s.Counts.Entries)
		}
	}
	for i := range servers {
		if k := kind(i); got[k] == 0 && k != "refuses" && k != "silent" && k != "endless reply" {
			t.Errorf("no archive of a server that is %s", k)
		}
	}
	t.Log(strings.ReplaceAll(fmt.Sprint(got), "map", ""))
}

// One directory of 350,000 entries, 100,000 of them directories, in no order: memory does not grow with it.
func TestMemoryForAHugeDirectory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const entries = 350_000
	s := &ftptest.Server{Intercept: func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb != "LIST" || c.Arg != "" {
			return false
		}
		s.Transfer("Here comes the directory listing.", "Directory send OK.", func(w *bufio.Writer) {
			for i := range entries {
				kind := "-"
				if i%7 < 2 {
					kind = "d"
				}
				fmt.Fprintf(w, "%srwxr-xr-x    1 ftp      ftp      %8d Feb 01 09:30 some-name-%06d.txt\r\n", kind, i, i^0x2aaaa)
			}
		})
		return true
	}}
	seed := serve(t, s)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childURL+"="+s.URL, childDir+"="+dir, childMax+"=1")
	_, memory := runMeasured(t, cmd)
	t.Logf("%d MB", memory>>20)
	if memory > 64<<20 && !raceEnabled {
		t.Errorf("the crawler took %d MB, want less than 64", memory>>20)
	}
	all, err := archive.List(dir)
	if err != nil || len(all) != 1 || all[0].Counts.Entries < entries || all[0].Counts.Pending < 100_000-2 || all[0].State != crawl.Interrupted {
		t.Fatalf("got %+v, %v, want %d entries and the directories pending", all, err, entries)
	}
	a, err := archive.Open(dir, seed.Server, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	n, last := 0, ""
	for item, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if item.Dir == "/" {
			if item.Entry.Name <= last {
				t.Fatalf("%q comes after %q", item.Entry.Name, last)
			}
			n, last = n+1, item.Entry.Name
		}
	}
	if n != entries {
		t.Errorf("got %d entries, want %d", n, entries)
	}
}

// forever sends text as a listing until the client goes away, or for ten seconds.
func forever(s *ftptest.Session, text string, pause time.Duration) bool {
	s.Reply(150, "Here comes the directory listing.")
	d, err := s.Data()
	if err != nil {
		return true
	}
	defer d.Close()
	if pause == 0 {
		text = strings.Repeat(text, 100)
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(pause) {
		if _, err := d.Write([]byte(text)); err != nil {
			break
		}
	}
	s.Reply(426, "Failure writing network stream.")
	return true
}

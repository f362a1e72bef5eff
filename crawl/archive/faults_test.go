package archive_test

import (
	"bufio"
	"hash/fnv"
	"sync"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// faults are what a server does once in a while instead of listing a directory properly. None of them may cost
// an entry.
var faults = []struct {
	name string
	at   string // verb
	do   func(*ftptest.Session)
}{
	{"421 idle", "CWD", func(s *ftptest.Session) { s.Reply(421, "Timeout."); s.Hangup() }},
	{"hangs up at CWD", "CWD", func(s *ftptest.Session) { s.Hangup() }},
	{"450", "LIST", func(s *ftptest.Session) { s.Reply(450, "Try again.") }},
	{"425", "LIST", func(s *ftptest.Session) { s.Reply(425, "Can't open data connection.") }},
	{"426 after half a line", "LIST", func(s *ftptest.Session) { half(s); s.Reply(426, "Failure writing network stream.") }},
	{"451 after half a line", "LIST", func(s *ftptest.Session) { half(s); s.Reply(451, "Local error.") }},
	{"hangs up after half a line", "LIST", func(s *ftptest.Session) { half(s); s.Hangup() }},
	{"is silent on the data connection", "LIST", func(s *ftptest.Session) {
		s.Reply(150, "Here comes the directory listing.")
		if d, err := s.Data(); err == nil {
			time.Sleep(1500 * time.Millisecond)
			d.Close()
		}
		s.Hangup()
	}},
	{"does not answer", "LIST", func(s *ftptest.Session) { time.Sleep(1500 * time.Millisecond); s.Hangup() }},
	{"says what is no reply", "LIST", func(s *ftptest.Session) { s.Write("<html>\r\n") }},
}

func half(s *ftptest.Session) {
	s.Reply(150, "Here comes the directory listing.")
	if d, err := s.Data(); err == nil {
		w := bufio.NewWriter(d)
		w.WriteString("drwxr-xr-x    2 ftp      ftp          4096 Mar 01 12:00 wrong\r\n-rw-r--r--    1 ftp ")
		w.Flush()
		d.Close()
	}
}

func TestFaultsOnTheWayCostNothing(t *testing.T) {
	t.Parallel()
	tree := forest(50, 6)
	var mu sync.Mutex
	met := make(map[string]int)
	faulted := make(map[string]bool)
	s := &ftptest.Server{FS: tree, MaxSessions: 3}
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		dir := c.Dir()
		if cmd.Verb == "CWD" {
			dir = cmd.Arg
		}
		h := fnv.New32a()
		h.Write([]byte(dir))
		f := faults[int(h.Sum32())%len(faults)]
		mu.Lock()
		if cmd.Verb != f.at || faulted[dir] || dir == "/" {
			mu.Unlock()
			return false
		}
		faulted[dir] = true
		met[f.name]++
		mu.Unlock()
		f.do(c)
		return true
	}
	seed := serve(t, s)
	dir := t.TempDir()
	c := newCrawler(dir)
	c.Dialer = &ftpconn.Dialer{DataTimeout: 600 * time.Millisecond, ReplyTimeout: time.Second}
	c.Policy.Connections = 8
	report := run(t, c, seed)
	if report.State != crawl.Complete {
		t.Errorf("got %s, %v, %+v, want complete", report.State, report.Err, report.Counts)
	}
	same(t, paths(t, dir, seed.Server), treePaths(t, tree))
	if len(met) != len(faults) {
		t.Errorf("met %v, want each of %d faults", met, len(faults))
	}
}

package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A net is a fakes' Dialer: servers by host, without sockets, so that tests can run on the clock of
// testing/synctest.
type net map[string]*server

func (n net) Dial(ctx context.Context, s crawl.Server) (crawl.Conn, error) {
	if n[s.Host] == nil {
		return nil, &crawl.Error{Op: "dial", Err: errors.New("no such host")}
	}
	return n[s.Host].dial(ctx)
}

// A server lists what is in dirs.
type server struct {
	hello crawl.Hello
	dirs  map[string]string // pathname → listing

	takes time.Duration // for a listing

	// dialing, if not nil, is asked before a login; open is the number of connections there are.
	dialing func(ctx context.Context, open int) error

	// listing, if not nil, is asked first. If it returns handled, that is the answer.
	// n counts the attempts at this directory from 1.
	listing func(ctx context.Context, path string, n int, w io.Writer) (reply crawl.Reply, err error, handled bool)

	mu     sync.Mutex
	open   int
	peak   int
	dials  []time.Time
	asked  []string
	times  []time.Time
	counts map[string]int
}

func (s *server) dial(ctx context.Context) (crawl.Conn, error) {
	s.mu.Lock()
	open := s.open
	s.dials = append(s.dials, time.Now())
	s.mu.Unlock()
	if s.dialing != nil {
		if err := s.dialing(ctx, open); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	s.peak = max(s.peak, s.open)
	return &conn{server: s}, nil
}

type conn struct {
	server *server
	next   string // what Next promised
	closed bool
}

func (c *conn) Hello() crawl.Hello     { return c.server.hello }
func (c *conn) Stats() crawl.ConnStats { return crawl.ConnStats{} }

func (c *conn) Close() error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.server.open--
	}
	return nil
}

func (c *conn) List(ctx context.Context, req crawl.Request, w io.Writer) (crawl.Reply, error) {
	s := c.server
	s.mu.Lock()
	if c.next != "" && c.next != req.Path {
		s.mu.Unlock()
		panic(fmt.Sprintf("Next promised %q, then came %q", c.next, req.Path))
	}
	c.next = ""
	s.asked = append(s.asked, req.Path)
	s.times = append(s.times, time.Now())
	if s.counts == nil {
		s.counts = make(map[string]int)
	}
	s.counts[req.Path]++
	n := s.counts[req.Path]
	s.mu.Unlock()
	if s.takes > 0 {
		time.Sleep(s.takes)
	}
	if err := ctx.Err(); err != nil {
		return crawl.Reply{}, err
	}
	if s.listing != nil {
		if reply, err, ok := s.listing(ctx, req.Path, n, w); ok {
			return reply, err
		}
	}
	text, ok := s.dirs[req.Path]
	if !ok {
		return crawl.Reply{}, &crawl.Error{Op: "CWD", Path: req.Path, Code: 550, Err: errors.New("Failed to change directory.")}
	}
	if _, err := io.WriteString(w, text); err != nil {
		return crawl.Reply{}, &crawl.Error{Op: "data", Err: err, Dead: true}
	}
	if req.Next != nil {
		c.next, _ = req.Next()
	}
	return crawl.Reply{Code: 226, Text: "Directory send OK."}, nil
}

const subdir = "drwxr-xr-x    2 ftp      ftp          4096 Feb 01 09:30 "

// file is a line that no two directories share.
func file(name string) string {
	return fmt.Sprintf("-rw-r--r--    1 ftp      ftp      %8d Feb 01 09:30 %s\r\n", len(name)*7919, name)
}

// forest returns the listings of a tree in which each of n directories has fan directories below it.
func forest(n, fan int) map[string]string {
	dirs := make(map[string]string)
	queue := []string{"/"}
	for made := 1; len(queue) > 0; {
		d := queue[0]
		queue = queue[1:]
		text := file(strings.ReplaceAll(d, "/", "_") + ".txt")
		for i := 0; i < fan && made < n; i++ {
			name := fmt.Sprintf("%c%d", 'a'+i%26, i)
			text += subdir + name + "\r\n"
			queue = append(queue, crawl.Join(d, name))
			made++
		}
		dirs[d] = text
	}
	return dirs
}

// A store is a crawl.Store in memory.
type store struct {
	mu      sync.Mutex
	facts   crawl.Facts
	pending map[string]crawl.Dir
	done    map[string]*crawl.Listing
	bytes   map[string]string
	counts  crawl.Counts
	closed  bool
	fail    error // what Put returns
}

func newStore() *store {
	return &store{pending: make(map[string]crawl.Dir), done: make(map[string]*crawl.Listing), bytes: make(map[string]string)}
}

func (s *store) Begin(_ context.Context, seeds []crawl.Dir) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	resumed := len(s.pending) > 0
	for _, d := range seeds {
		if s.done[d.Path] == nil {
			s.pending[d.Path] = d
		}
	}
	return resumed, nil
}

func (s *store) Put(ctx context.Context, l *crawl.Listing) error {
	defer l.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	if s.done[l.Dir.Path] != nil {
		return fmt.Errorf("%s is put twice", l.Dir.Path)
	}
	s.counts.Add(l)
	for d := range l.Children() {
		if s.done[d.Path] == nil {
			s.pending[d.Path] = d
		}
	}
	if l.Spool != nil {
		b, _ := io.ReadAll(l.Spool.NewReader())
		s.bytes[l.Dir.Path] = string(b)
	}
	delete(s.pending, l.Dir.Path)
	s.done[l.Dir.Path] = l
	return nil
}

func (s *store) Pending(_ context.Context, limit int, skip func(string) bool) ([]crawl.Dir, error) {
	s.mu.Lock()
	dirs := slices.Collect(maps.Values(s.pending))
	s.mu.Unlock()
	slices.SortFunc(dirs, func(a, b crawl.Dir) int { return strings.Compare(a.Path, b.Path) })
	dirs = slices.DeleteFunc(dirs, func(d crawl.Dir) bool { return skip(d.Path) })
	return dirs[:min(len(dirs), limit)], nil
}

func (s *store) Sum(path string) (sum [16]byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.done[path]; l != nil && l.Spool != nil {
		return l.Spool.Sum(), l.Entries >= crawl.LoopEntries
	}
	return sum, false
}

func (s *store) Facts() crawl.Facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts
}

func (s *store) ParseOptions(now time.Time) *parse.Options { return &parse.Options{Now: now} }

func (s *store) Learn(change func(*crawl.Facts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.facts)
}

func (s *store) Progress() crawl.Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts.Clone()
	c.Pending = int64(len(s.pending))
	return c
}

func (s *store) End(*crawl.ServerReport) error { return nil }

func (s *store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// stores opens stores by host, each once.
type stores map[string]*store

func (all stores) open(_ context.Context, s crawl.Server) (crawl.Store, error) {
	if all[s.Host] == nil {
		all[s.Host] = newStore()
	}
	return all[s.Host], nil
}

// crawlOne crawls the host "h" of n and returns what came of it.
func crawlOne(t *testing.T, s *server, change func(*crawl.Crawler)) (*crawl.ServerReport, *store) {
	t.Helper()
	all := stores{"h": newStore()}
	c := &crawl.Crawler{Dialer: net{"h": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1}}
	if change != nil {
		change(c)
	}
	report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Scheme: crawl.FTP, Host: "h", Port: 21}})
	if err != nil {
		t.Fatal(err)
	}
	if !all["h"].closed {
		t.Error("the store was not closed")
	}
	if s.open != 0 {
		t.Errorf("%d connections were left open", s.open)
	}
	return report.Servers[0], all["h"]
}

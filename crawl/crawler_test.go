package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

func TestAllDirectoriesAreListedOnce(t *testing.T) {
	for _, connections := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			// More than the window of the frontier holds.
			s := &server{dirs: forest(9000, 7), takes: time.Microsecond}
			report, store := crawlOne(t, s, func(c *crawl.Crawler) { c.Policy.Connections = connections })
			if report.State != crawl.Complete || report.Counts.Listed != int64(len(s.dirs)) || report.Counts.Pending != 0 {
				t.Errorf("got %s, %+v, want %d directories", report.State, report.Counts, len(s.dirs))
			}
			for d := range s.dirs {
				if s.counts[d] != 1 || store.done[d] == nil {
					t.Fatalf("%s was listed %d times, want once", d, s.counts[d])
				}
			}
			if s.peak != connections || report.Peak != connections {
				t.Errorf("got %d connections at the same time, reported %d, want %d", s.peak, report.Peak, connections)
			}
		})
	}
}

// Subdirectories beyond what the frontier holds are left to the store; beyond what the listing holds, they are read
// again from its spool.
func TestManySubdirectories(t *testing.T) {
	for _, n := range []int{3000, 20000} {
		var root strings.Builder
		dirs := make(map[string]string)
		for i := range n {
			name := fmt.Sprintf("d%d", i)
			root.WriteString(subdir + name + "\r\n")
			dirs["/"+name] = ""
		}
		dirs["/"] = root.String()
		report, _ := crawlOne(t, &server{dirs: dirs}, nil)
		if report.State != crawl.Complete || report.Counts.Listed != int64(n+1) {
			t.Errorf("got %s, %d listed, want %d", report.State, report.Counts.Listed, n+1)
		}
	}
}

func TestOneConnectionUntilTheFirstListingsCameClean(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{dirs: forest(100, 9), takes: 10 * time.Millisecond}
		s.listing = func(_ context.Context, _ string, _ int, _ io.Writer) (crawl.Reply, error, bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.asked) <= 3 && s.open > 1 {
				t.Errorf("listing %d came when there were %d connections", len(s.asked), s.open)
			}
			return crawl.Reply{}, nil, false
		}
		if crawlOne(t, s, nil); s.peak != 2 {
			t.Errorf("got %d connections at most, want 2", s.peak)
		}
	})
}

func TestRateAndDelay(t *testing.T) {
	for _, tt := range []struct {
		name     string
		policy   crawl.Policy
		min, max time.Duration // for 100 listings
	}{
		{"default", crawl.Policy{}, 4 * time.Second, 6 * time.Second}, // 20 a second
		{"rate", crawl.Policy{Rate: 5}, 19 * time.Second, 21 * time.Second},
		{"rate over all", crawl.Policy{Rate: -1, MaxRate: 10}, 9 * time.Second, 11 * time.Second},
		{"delay", crawl.Policy{Rate: -1, Delay: time.Second, Connections: 4}, 98 * time.Second, 101 * time.Second},
		{"no limit", crawl.Policy{Rate: -1, MaxRate: -1}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				crawlOne(t, &server{dirs: forest(100, 5)}, func(c *crawl.Crawler) { c.Policy = tt.policy })
				if took := time.Since(start); took < tt.min || took > tt.max {
					t.Errorf("took %v, want %v to %v", took, tt.min, tt.max)
				}
			})
		})
	}
}

var errFull = &crawl.Error{Op: "login", Code: 530, Err: fmt.Errorf("%w: Sorry, the maximum number of clients", crawl.ErrTooMany), Dead: true}

// What a server does with one connection more than it bears, and what becomes of it.
func TestTooManyConnections(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
	}{
		{"421 at the greeting", &crawl.Error{Op: "greeting", Code: 421, Err: errors.New("There are too many connections")}},
		{"530 at the login", errFull},
		{"530 without a word of it, while others are logged in", &crawl.Error{Op: "login", Code: 530, Err: errors.New("Login incorrect.")}},
		{"hangs up", &crawl.Error{Op: "greeting", Err: fmt.Errorf("%w: %w", crawl.ErrTooMany, io.EOF), Dead: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{dirs: forest(400, 6), takes: 10 * time.Millisecond}
				s.dialing = func(_ context.Context, open int) error {
					if open >= 2 {
						return tt.err
					}
					return nil
				}
				var limited []int
				report, store := crawlOne(t, s, func(c *crawl.Crawler) {
					c.Policy.Connections = 8
					c.Observe = func(e crawl.Event) {
						if e.Kind == crawl.Limited {
							limited = append(limited, e.Connections)
						}
					}
				})
				if report.State != crawl.Complete || report.Counts.Listed != 400 {
					t.Errorf("got %s (%v), %+v, want all 400", report.State, report.Err, report.Counts)
				}
				if store.facts.Connections != 2 || len(limited) == 0 || limited[len(limited)-1] != 2 {
					t.Errorf("got limit %d and events %v, want 2", store.facts.Connections, limited)
				}
				if n := len(s.dials); n > 9 {
					t.Errorf("got %d attempts to connect, want few", n)
				}
				// The next crawl knows.
				s.dials, s.counts = nil, nil
				again := newStore()
				again.facts = store.facts
				c := &crawl.Crawler{Dialer: net{"h": s}, Open: stores{"h": again}.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, Connections: 8}}
				if _, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}}); err != nil {
					t.Fatal(err)
				}
				if len(s.dials) != 2 {
					t.Errorf("the next crawl connected %d times, want 2", len(s.dials))
				}
			})
		})
	}
}

func TestFullServerIsTriedAgainWithGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{dirs: forest(10, 3)}
		refuse := 4
		s.dialing = func(context.Context, int) error {
			if refuse--; refuse >= 0 {
				return errFull
			}
			return nil
		}
		report, _ := crawlOne(t, s, func(c *crawl.Crawler) { c.Policy.Connections = 1 })
		if report.State != crawl.Complete {
			t.Errorf("got %s (%v), want complete", report.State, report.Err)
		}
		for i := 1; i < len(s.dials); i++ {
			pause, longest := s.dials[i].Sub(s.dials[i-1]), time.Second<<(i-1)
			if pause > longest || pause < longest*3/4 {
				t.Errorf("pause %d was %v, want up to a quarter less than %v", i, pause, longest)
			}
		}
	})
}

func TestServersThatCannotBeUsed(t *testing.T) {
	for _, tt := range []struct {
		name  string
		err   error
		dials int
		limit time.Duration
	}{
		{"refuses the port", &crawl.Error{Op: "dial", Err: syscall.ECONNREFUSED, Dead: true}, 1, 0},
		{"refuses the login", &crawl.Error{Op: "login", Code: 530, Err: errors.New("Login incorrect.")}, 1, 0},
		{"does not answer", &crawl.Error{Op: "dial", Err: context.DeadlineExceeded, Dead: true}, 2, time.Second},
		{"is full for ever", errFull, 9, 4 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := &server{dialing: func(context.Context, int) error { return tt.err }}
				report, _ := crawlOne(t, s, nil)
				if report.State != crawl.Stopped || !errors.Is(report.Err, tt.err) {
					t.Errorf("got %s, %v, want stopped, %v", report.State, report.Err, tt.err)
				}
				if len(s.dials) != tt.dials || time.Since(start) > tt.limit {
					t.Errorf("got %d attempts in %v, want %d in %v", len(s.dials), time.Since(start), tt.dials, tt.limit)
				}
			})
		})
	}
}

// One directory fails in some way; everything else is listed in any case.
func TestFaultsOfOneDirectory(t *testing.T) {
	const good = "-rw-r--r--    1 ftp      ftp             5 Feb 01 09:30 a\r\n"
	data := func(code int, text string) error {
		return &crawl.Error{Op: "data", Path: "/b1", Code: code, Err: errors.New(text)}
	}
	dead := &crawl.Error{Op: "LIST", Path: "/b1", Err: io.ErrUnexpectedEOF, Dead: true}
	for _, tt := range []struct {
		name     string
		listing  func(n int, w io.Writer) (crawl.Reply, error)
		attempts int
		status   crawl.Status
		reason   crawl.Reason
		bytes    string
	}{
		{"550", func(int, io.Writer) (crawl.Reply, error) { return crawl.Reply{}, data(550, "Permission denied") },
			1, crawl.Failed, crawl.Refused, ""},
		{"426 once, after some bytes", func(n int, w io.Writer) (crawl.Reply, error) {
			if n == 1 {
				io.WriteString(w, "half a li")
				return crawl.Reply{}, data(426, "Failure writing network stream.")
			}
			io.WriteString(w, good)
			return crawl.Reply{Code: 226}, nil
		}, 2, crawl.Whole, "", good},
		{"451 always", func(_ int, w io.Writer) (crawl.Reply, error) {
			io.WriteString(w, good)
			return crawl.Reply{}, data(451, "Local error")
		}, 4, crawl.Failed, crawl.Unreachable, ""},
		{"450 for an empty directory", func(int, io.Writer) (crawl.Reply, error) { return crawl.Reply{}, data(450, "No files found.") },
			4, crawl.Whole, "", ""},
		{"421 once", func(n int, w io.Writer) (crawl.Reply, error) {
			if n == 1 {
				return crawl.Reply{}, data(421, "Timeout.")
			}
			io.WriteString(w, good)
			return crawl.Reply{Code: 226}, nil
		}, 2, crawl.Whole, "", good},
		{"hangs up always", func(_ int, w io.Writer) (crawl.Reply, error) {
			io.WriteString(w, good)
			return crawl.Reply{}, dead
		}, 4, crawl.Failed, crawl.Unreachable, ""},
		{"never confirmed", func(_ int, w io.Writer) (crawl.Reply, error) {
			io.WriteString(w, good)
			return crawl.Reply{}, &crawl.Error{Op: "LIST", Path: "/b1", Err: fmt.Errorf("%w: %w", crawl.ErrUnconfirmed, io.EOF), Dead: true}
		}, 2, crawl.Unconfirmed, "", good},
		{"says that it is truncated", func(_ int, w io.Writer) (crawl.Reply, error) {
			io.WriteString(w, good)
			return crawl.Reply{Code: 226, Text: "Output truncated to 1 matches\n1 matches total"}, nil
		}, 1, crawl.Partial, crawl.Truncated, good},
		{"250 instead of 226", func(_ int, w io.Writer) (crawl.Reply, error) {
			io.WriteString(w, good)
			return crawl.Reply{Code: 250, Text: "ok"}, nil
		}, 1, crawl.Whole, "", good},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{dirs: forest(50, 4)}
				s.listing = func(_ context.Context, path string, n int, w io.Writer) (crawl.Reply, error, bool) {
					if path != "/b1" {
						return crawl.Reply{}, nil, false
					}
					reply, err := tt.listing(n, w)
					return reply, err, true
				}
				report, store := crawlOne(t, s, nil)
				l := store.done["/b1"]
				if s.counts["/b1"] != tt.attempts || l == nil || l.Status != tt.status || l.Reason != tt.reason {
					t.Fatalf("got %d attempts, %+v, want %d, %v, %q", s.counts["/b1"], l, tt.attempts, tt.status, tt.reason)
				}
				if store.bytes["/b1"] != tt.bytes {
					t.Errorf("got bytes %q, want %q", store.bytes["/b1"], tt.bytes)
				}
				whole := tt.status == crawl.Whole
				if (report.State == crawl.Complete) != whole {
					t.Errorf("got %s (%v), %+v", report.State, report.Err, report.Counts)
				}
				for d := range s.dirs {
					if store.done[d] == nil && !strings.HasPrefix(d, "/b1/") {
						t.Errorf("%s was not listed", d)
					}
				}
				if !whole && tt.status != crawl.Unconfirmed && report.Counts.Missing[tt.reason].Examples[0].Path != "/b1" {
					t.Errorf("got missing %+v, want /b1 as %q", report.Counts.Missing, tt.reason)
				}
			})
		})
	}
}

func TestServerThatCannotList(t *testing.T) {
	s := &server{dirs: forest(5, 2)}
	s.listing = func(context.Context, string, int, io.Writer) (crawl.Reply, error, bool) {
		return crawl.Reply{}, &crawl.Error{Op: "LIST", Path: "/", Code: 502, Err: errors.New("Command not implemented.")}, true
	}
	report, _ := crawlOne(t, s, nil)
	if report.State != crawl.Stopped || report.Err == nil || !strings.Contains(report.Err.Error(), "does not list") {
		t.Errorf("got %s, %v, want stopped", report.State, report.Err)
	}
}

func TestServerThatGoesAwayIsStoppedAndResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{dirs: forest(200, 5)}
		gone := errors.New("connection reset by peer")
		s.listing = func(context.Context, string, int, io.Writer) (crawl.Reply, error, bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return crawl.Reply{}, &crawl.Error{Op: "LIST", Err: gone, Dead: true}, len(s.asked) > 100
		}
		s.dialing = func(context.Context, int) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.asked) > 100 {
				return &crawl.Error{Op: "dial", Err: gone, Dead: true}
			}
			return nil
		}
		all := stores{}
		c := &crawl.Crawler{Dialer: net{"h": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1}}
		seed := crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}}
		report, _ := c.Run(t.Context(), seed)
		if r := report.Servers[0]; r.State != crawl.Stopped || !errors.Is(r.Err, gone) || r.Counts.Pending == 0 {
			t.Errorf("got %s, %v, %+v, want stopped with directories pending", r.State, r.Err, r.Counts)
		}
		listed := len(all["h"].done)
		s.listing, s.dialing, s.asked = nil, nil, nil
		report, _ = c.Run(t.Context(), seed)
		if r := report.Servers[0]; r.State != crawl.Complete || !r.Resumed || r.Counts.Listed != 200 {
			t.Errorf("got %s, %v, %+v, want the rest", r.State, r.Err, r.Counts)
		}
		if len(s.asked) != 200-listed {
			t.Errorf("got %d listings, want %d", len(s.asked), 200-listed)
		}
	})
}

func TestLimitsOfAListing(t *testing.T) {
	line := file("x")
	for _, tt := range []struct {
		name    string
		policy  crawl.Policy
		reason  crawl.Reason
		entries int64
	}{
		{"bytes", crawl.Policy{MaxListing: int64(10*len(line) + 20)}, crawl.TooLarge, 10},
		{"lines", crawl.Policy{MaxListingEntries: 7}, crawl.TooLarge, 7},
		{"time", crawl.Policy{MaxListingTime: 30 * time.Second}, crawl.TooSlow, 31},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{dirs: forest(10, 3)}
				s.listing = func(ctx context.Context, path string, n int, w io.Writer) (crawl.Reply, error, bool) {
					if path != "/b1" {
						return crawl.Reply{}, nil, false
					}
					for i := 0; ; i++ { // a line a second, for ever, each in two parts
						part := line[5:] + line[:5]
						if i == 0 {
							part = line[:5] + part
						}
						if _, err := io.WriteString(w, part); err != nil {
							return crawl.Reply{}, &crawl.Error{Op: "data", Err: err, Dead: true}, true
						}
						select {
						case <-ctx.Done():
							return crawl.Reply{}, &crawl.Error{Op: "data", Err: ctx.Err(), Dead: true}, true
						case <-time.After(time.Second):
						}
					}
				}
				report, store := crawlOne(t, s, func(c *crawl.Crawler) {
					c.Policy = tt.policy
				})
				l := store.done["/b1"]
				if l == nil || l.Status != crawl.Partial || l.Reason != tt.reason || l.Bad != 0 {
					t.Fatalf("got %+v, want it cut because %s", l, tt.reason)
				}
				if d := l.Entries - tt.entries; d < -1 || d > 1 {
					t.Errorf("got %d entries, want %d", l.Entries, tt.entries)
				}
				if s.counts["/b1"] != 1 || report.State != crawl.Incomplete || report.Counts.Listed != 7 { // without what is below /b1
					t.Errorf("got %d attempts, %s, %+v", s.counts["/b1"], report.State, report.Counts)
				}
			})
		})
	}
}

func TestLoopsAreNoticed(t *testing.T) {
	// /hall lists itself under every name in it.
	s := &server{dirs: map[string]string{"/": subdir + "hall\r\n" + subdir + "plain\r\n", "/plain": ""}}
	hall := subdir + "a\r\n" + subdir + "b\r\n" + file("x")
	s.listing = func(_ context.Context, path string, _ int, w io.Writer) (crawl.Reply, error, bool) {
		if !strings.HasPrefix(path, "/hall") {
			return crawl.Reply{}, nil, false
		}
		io.WriteString(w, hall)
		return crawl.Reply{Code: 226}, nil, true
	}
	report, store := crawlOne(t, s, nil)
	if store.done["/hall/a/b"] == nil || store.done["/hall/a/b/a"] != nil {
		t.Error("want three levels of the loop, and not a fourth")
	}
	if n := report.Counts.Missing[crawl.Looping].N; n != 4 || report.State != crawl.Incomplete {
		t.Errorf("got %d loops, %s, want 4", n, report.State)
	}
}

// The loop is noticed as well by a crawl that resumes in the middle of it.
func TestLoopsAreNoticedAfterResuming(t *testing.T) {
	s := &server{dirs: map[string]string{}}
	s.listing = func(_ context.Context, path string, _ int, w io.Writer) (crawl.Reply, error, bool) {
		io.WriteString(w, subdir+"a\r\n"+subdir+"b\r\n")
		return crawl.Reply{Code: 226}, nil, true
	}
	all := stores{}
	for n := range 20 {
		c := &crawl.Crawler{Dialer: net{"h": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, MaxEntries: int64(n + 1), Connections: 1}}
		report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}})
		if err != nil {
			t.Fatal(err)
		}
		if report.Servers[0].State == crawl.Incomplete {
			break
		}
	}
	if n := len(all["h"].done); n != 7 {
		t.Errorf("got %d directories, want the 7 of three levels", n)
	}
}

func TestDepthPathAndExclude(t *testing.T) {
	s := &server{dirs: map[string]string{
		"/": subdir + "a\r\n" + subdir + "skip\r\n" + subdir + "bad\x00name\r\n", "/a": subdir + "b\r\n" + subdir + strings.Repeat("l", 40) + "\r\n",
		"/a/b": subdir + "c\r\n", "/a/b/c": subdir + "d\r\n", "/skip": file("never"),
	}}
	report, store := crawlOne(t, s, func(c *crawl.Crawler) {
		c.Policy.MaxDepth, c.Policy.MaxPath, c.Policy.Exclude = 3, 30, []string{"sk*", "/a/x"}
	})
	want := map[crawl.Reason]string{
		crawl.BeyondMax: "/a/b/c/d", crawl.PathTooLong: "/a/" + strings.Repeat("l", 40), crawl.Excluded: "/skip", crawl.NotEnterable: "/bad\x00name",
	}
	if len(store.done) != 4 || len(report.Counts.Missing) != 2 || len(report.Counts.LeftOut) != 2 || report.Counts.Gaps() != 2 {
		t.Errorf("got %d directories, missing %+v, left out %+v", len(store.done), report.Counts.Missing, report.Counts.LeftOut)
	}
	for reason, path := range want {
		where := report.Counts.Missing
		if reason.LeftOut() {
			where = report.Counts.LeftOut
		}
		if got := where[reason]; got == nil || got.N != 1 || got.Examples[0].Path != path {
			t.Errorf("%s: got %+v, want %s", reason, got, path)
		}
	}
}

// A seed that is too long below the directory after login is missing, and the others are listed; one that no archive could hold ends
// the crawl with words.
func TestSeedsThatAreTooLong(t *testing.T) {
	home := strings.Repeat("/home", 5)
	s := &server{hello: crawl.Hello{LoginDir: home}, dirs: map[string]string{home: file("f"), "/pub": file("g")}}
	for _, tt := range []struct {
		seed  string
		state crawl.State
		err   string
	}{
		{strings.Repeat("x", 20), crawl.Incomplete, ""},
		{strings.Repeat("x", 31_000), crawl.Stopped, "has 31026 bytes"},
	} {
		all := stores{}
		c := &crawl.Crawler{Dialer: net{"h": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, MaxPath: 40}}
		at := crawl.Server{Host: "h", Port: 21}
		report, err := c.Run(t.Context(), crawl.Seed{Server: at, Path: tt.seed}, crawl.Seed{Server: at}, crawl.Seed{Server: at, Path: "/pub"})
		if err != nil {
			t.Fatal(err)
		}
		r := report.Servers[0]
		if r.State != tt.state || tt.err != "" && (r.Err == nil || !strings.Contains(r.Err.Error(), tt.err)) {
			t.Errorf("got %s, %v, want %s, %s", r.State, r.Err, tt.state, tt.err)
		}
		if tt.state == crawl.Stopped {
			continue
		}
		m := r.Counts.Missing[crawl.PathTooLong]
		if m == nil || m.N != 1 || m.Examples[0].Path != home+"/"+tt.seed || m.Examples[0].Detail != "46 bytes, where 40 are the limit" {
			t.Errorf("got %+v, want the seed", m)
		}
		if r.Counts.Listed != 2 || len(all["h"].done) != 3 {
			t.Errorf("got %+v, want the two other seeds listed", r.Counts)
		}
	}
}

// What the user, or robots.txt, wants left out is no gap; what a guard of ours cuts off is.
func TestWhatIsLeftOutIsNotMissing(t *testing.T) {
	deep := map[string]string{"/": subdir + "a\r\n"}
	for p, i := "/a", 0; i < 130; i, p = i+1, p+"/a" {
		deep[p] = subdir + "a\r\n" + file(fmt.Sprint("f", i))
	}
	for _, tt := range []struct {
		name  string
		set   func(*crawl.Policy)
		state crawl.State
	}{
		{"depth asked for", func(p *crawl.Policy) { p.MaxDepth = 2 }, crawl.Complete},
		{"a glob", func(p *crawl.Policy) { p.Exclude = []string{"a"} }, crawl.Complete},
		{"the guard against traps", func(p *crawl.Policy) {}, crawl.Incomplete},
	} {
		report, _ := crawlOne(t, &server{dirs: deep}, func(c *crawl.Crawler) { tt.set(&c.Policy) })
		if report.State != tt.state {
			t.Errorf("%s: got %s, missing %+v, left out %+v; want %s", tt.name, report.State, report.Counts.Missing, report.Counts.LeftOut, tt.state)
		}
	}
}

func TestInterruptionFinishesWhatIsInFlight(t *testing.T) {
	for _, tt := range []struct {
		name   string
		takes  time.Duration // for a listing
		within time.Duration
		kept   bool // the listing in flight
	}{
		{"quick", time.Second, 1100 * time.Millisecond, true},
		{"slow", time.Hour, 2100 * time.Millisecond, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				s := &server{dirs: forest(100, 4)}
				var interrupted time.Time
				s.listing = func(ctx context.Context, path string, _ int, w io.Writer) (crawl.Reply, error, bool) {
					if path == "/c2" {
						interrupted = time.Now()
						cancel(errors.New("interrupt"))
						select {
						case <-time.After(tt.takes):
						case <-ctx.Done():
							return crawl.Reply{}, ctx.Err(), true
						}
					}
					return crawl.Reply{}, nil, false
				}
				all := stores{}
				c := &crawl.Crawler{Dialer: net{"h": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, Connections: 1}}
				seed := crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}}
				report, err := c.Run(ctx, seed)
				if took := time.Since(interrupted); took > tt.within {
					t.Errorf("took %v after the interruption, want %v", took, tt.within)
				}
				if err == nil || report.Servers[0].State != crawl.Interrupted || report.Servers[0].Err == nil {
					t.Errorf("got %v, %+v, want it interrupted", err, report.Servers[0])
				}
				if kept := all["h"].done["/c2"] != nil; kept != tt.kept {
					t.Errorf("the listing in flight is kept: %v, want %v", kept, tt.kept)
				}
				s.listing = nil
				report, err = c.Run(t.Context(), seed)
				if err != nil || report.Servers[0].State != crawl.Complete || report.Servers[0].Counts.Listed != 100 {
					t.Errorf("got %v, %+v, want the rest", err, report.Servers[0])
				}
			})
		})
	}
}

func TestLimitsOfAServerInterrupt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		policy crawl.Policy
		want   error
	}{
		{"time", crawl.Policy{MaxTime: 2 * time.Second}, crawl.ErrMaxTime},
		{"entries", crawl.Policy{MaxEntries: 30}, crawl.ErrMaxEntries},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				report, _ := crawlOne(t, &server{dirs: forest(100, 4)}, func(c *crawl.Crawler) { c.Policy = tt.policy })
				if report.State != crawl.Interrupted || !errors.Is(report.Err, tt.want) || report.Counts.Pending == 0 {
					t.Errorf("got %s, %v, %d pending, want %v", report.State, report.Err, report.Counts.Pending, tt.want)
				}
			})
		})
	}
}

func TestOneServerNeverDelaysAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		servers, all := net{}, stores{}
		var seeds []crawl.Seed
		for i := range 30 {
			host := fmt.Sprintf("h%d", i)
			s := &server{dirs: forest(20, 3)}
			switch i % 3 {
			case 1: // dead
				s.dialing = func(ctx context.Context, _ int) error {
					select {
					case <-time.After(30 * time.Second):
						return &crawl.Error{Op: "dial", Err: context.DeadlineExceeded, Dead: true}
					case <-ctx.Done():
						return ctx.Err()
					}
				}
			case 2: // a line a minute
				s.listing = func(ctx context.Context, _ string, _ int, w io.Writer) (crawl.Reply, error, bool) {
					for {
						io.WriteString(w, file("x"))
						select {
						case <-ctx.Done():
							return crawl.Reply{}, ctx.Err(), true
						case <-time.After(time.Minute):
						}
					}
				}
			}
			servers[host] = s
			seeds = append(seeds, crawl.Seed{Server: crawl.Server{Host: host, Port: 21}})
		}
		var mu = make(chan struct{}, 1)
		mu <- struct{}{}
		ended := make(map[string]time.Duration)
		start := time.Now()
		c := &crawl.Crawler{
			Dialer: servers, Policy: crawl.Policy{Rate: 10},
			Open: func(ctx context.Context, s crawl.Server) (crawl.Store, error) {
				<-mu
				defer func() { mu <- struct{}{} }()
				return all.open(ctx, s)
			},
			Observe: func(e crawl.Event) {
				if e.Kind == crawl.Ended {
					ended[e.Server.Host] = time.Since(start)
				}
			},
		}
		if _, err := c.Run(t.Context(), seeds...); err != nil {
			t.Fatal(err)
		}
		for host, took := range ended {
			var i int
			fmt.Sscanf(host, "h%d", &i)
			limit := []time.Duration{3 * time.Second, 62 * time.Second, 62 * time.Second}[i%3]
			if took > limit {
				t.Errorf("%s took %v, want at most %v", host, took, limit)
			}
		}
		if len(ended) != 30 {
			t.Errorf("got %d reports, want 30", len(ended))
		}
	})
}

func TestManyLoginsOnOneHostDoNotKeepOthersWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &server{dirs: forest(10, 3), takes: time.Second}
		servers := net{"shared": shared, "other": &server{dirs: forest(10, 3)}}
		var seeds []crawl.Seed
		for i := range 20 {
			seeds = append(seeds, crawl.Seed{Server: crawl.Server{User: fmt.Sprintf("u%d", i), Host: "shared", Port: 21}})
		}
		seeds = append(seeds, crawl.Seed{Server: crawl.Server{Host: "other", Port: 21}})
		var took time.Duration
		waiting := 0
		start := time.Now()
		c := &crawl.Crawler{
			Dialer: servers, Policy: crawl.Policy{Rate: -1, MaxRate: -1, Parallel: 2, Connections: 1},
			Open: func(_ context.Context, s crawl.Server) (crawl.Store, error) { return newStore(), nil },
			Observe: func(e crawl.Event) {
				if e.Kind == crawl.Ended && e.Server.Host == "other" {
					took = time.Since(start)
				}
				if e.Kind == crawl.Waiting {
					waiting++
					if e.Address != "shared" || e.With.Host != "shared" || e.With == e.Server || e.Server.Host != "shared" {
						t.Errorf("%s waits for %s on %s", e.Server.Key(), e.With.Key(), e.Address)
					}
				}
			},
		}
		if report, err := c.Run(t.Context(), seeds...); err != nil || !report.Complete() || len(report.Servers) != 21 {
			t.Fatal(report, err)
		}
		if took > time.Second {
			t.Errorf("the other host took %v", took)
		}
		if waiting != 19 {
			t.Errorf("%d servers were said to wait, want 19", waiting)
		}
		if shared.peak != 1 {
			t.Errorf("got %d connections to the host, want 1", shared.peak)
		}
	})
}

// A server that is full keeps no other waiting, before its first login or when its only connection broke; how many have their
// archives open meanwhile is bounded. Under a limit of time it keeps its place.
func TestFullServersDoNotKeepOthersWaiting(t *testing.T) {
	for _, tt := range []struct {
		full    int
		broken  bool // they are full after the first connection broke
		maxTime time.Duration
		quick   bool // the other server is crawled at once
	}{
		{3, false, 0, true}, {3, true, 0, true}, {3, false, time.Hour, false}, {30, false, 0, false}, {30, true, 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			servers := net{"other": {dirs: forest(10, 3)}}
			var seeds []crawl.Seed
			for i := range tt.full {
				logins := 0
				full := &server{dirs: forest(10, 3)}
				full.dialing = func(context.Context, int) error {
					if logins++; logins <= 5 && (!tt.broken || logins > 1) {
						return errFull
					}
					return nil
				}
				full.listing = func(_ context.Context, path string, n int, w io.Writer) (crawl.Reply, error, bool) {
					return crawl.Reply{}, &crawl.Error{Op: "LIST", Path: path, Err: io.ErrUnexpectedEOF, Dead: true}, tt.broken && path == "/" && n == 1
				}
				host := fmt.Sprintf("full%d", i)
				servers[host] = full
				seeds = append(seeds, crawl.Seed{Server: crawl.Server{Host: host, Port: 21}})
			}
			seeds = append(seeds, crawl.Seed{Server: crawl.Server{Host: "other", Port: 21}})
			var open, peak atomic.Int32
			var took time.Duration
			start := time.Now()
			c := &crawl.Crawler{
				Dialer: servers, Policy: crawl.Policy{Rate: -1, MaxRate: -1, Parallel: 2, Connections: 1, MaxTime: tt.maxTime},
				Open: func(context.Context, crawl.Server) (crawl.Store, error) {
					peak.Store(max(peak.Load(), open.Add(1)))
					return newStore(), nil
				},
				Observe: func(e crawl.Event) {
					if e.Kind == crawl.Ended {
						open.Add(-1)
						if e.Server.Host == "other" {
							took = time.Since(start)
						}
					}
				},
			}
			report, err := c.Run(t.Context(), seeds...)
			if err != nil || len(report.Servers) != tt.full+1 || !report.Complete() {
				t.Fatalf("%+v: got %+v, %v, want all complete", tt, report, err)
			}
			if tt.quick != (took < 2*time.Second) {
				t.Errorf("%+v: the other server took %v", tt, took)
			}
			if peak.Load() > 4 { // two at work, and two that wait
				t.Errorf("%+v: %d archives were open", tt, peak.Load())
			}
		})
	}
}

// A server whose connection breaks while another waits for the address gets it back in the end, with a single place for both.
func TestServersOnOneAddressTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		breaks := &server{dirs: forest(20, 3), takes: time.Second}
		breaks.listing = func(_ context.Context, path string, n int, w io.Writer) (crawl.Reply, error, bool) {
			if n == 1 && path != "/" {
				return crawl.Reply{}, &crawl.Error{Op: "LIST", Path: path, Err: io.ErrUnexpectedEOF, Dead: true}, true
			}
			return crawl.Reply{}, nil, false
		}
		all := stores{}
		c := &crawl.Crawler{
			Dialer: net{"a": breaks, "b": {dirs: forest(20, 3)}}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, Connections: 1, Parallel: 1},
			Resolve: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil },
		}
		report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Host: "a", Port: 21}}, crawl.Seed{Server: crawl.Server{Host: "b", Port: 21}})
		if err != nil || len(report.Servers) != 2 || !report.Complete() {
			t.Fatalf("got %+v, %v, want both complete", report, err)
		}
	})
}

// A crawl that is interrupted while servers wait for an address ends at once.
func TestInterruptionWhileServersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		all := stores{}
		c := &crawl.Crawler{
			Dialer: net{"a": {dirs: forest(500, 3), takes: time.Second}, "b": {dirs: forest(500, 3), takes: time.Second}, "c": {dirs: forest(500, 3), takes: time.Second}}, Open: all.open, Policy: crawl.Policy{Connections: 1},
			Resolve: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil },
		}
		time.AfterFunc(10*time.Second, cancel)
		var seeds []crawl.Seed
		for _, host := range []string{"a", "b", "c"} {
			seeds = append(seeds, crawl.Seed{Server: crawl.Server{Host: host, Port: 21}})
		}
		start := time.Now()
		report, err := c.Run(ctx, seeds...)
		if took := time.Since(start); took > 13*time.Second || err == nil || len(report.Servers) != 3 || len(all) != 1 {
			t.Errorf("got %d reports, %d open archives, %v after %v", len(report.Servers), len(all), err, took)
		}
		for _, r := range report.Servers {
			if r.State != crawl.Interrupted {
				t.Errorf("%s: got %s, want interrupted", r.Server.Key(), r.State)
			}
		}
	})
}

// Two names of one address share its limits.
func TestLimitsHoldForAnAddress(t *testing.T) {
	s := &server{dirs: forest(50, 4)}
	all := stores{"a": newStore(), "b": newStore()}
	c := &crawl.Crawler{
		Dialer: net{"a": s, "b": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, Connections: 2},
		Resolve: func(context.Context, string) ([]string, error) { return []string{"192.0.2.1"}, nil },
	}
	report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Host: "a", Port: 21}}, crawl.Seed{Server: crawl.Server{Host: "b", Port: 21}})
	if err != nil || !report.Complete() || len(report.Servers) != 2 {
		t.Fatalf("got %+v, %v, want both complete", report, err)
	}
	if s.peak > 2 {
		t.Errorf("got %d connections to one address, want at most 2", s.peak)
	}
}

func TestStoreThatFailsEndsTheCrawlOfItsServer(t *testing.T) {
	full := errors.New("no space left on device")
	all := stores{"h": newStore()}
	all["h"].fail = full
	c := &crawl.Crawler{Dialer: net{"h": {dirs: forest(50, 4)}}, Open: all.open}
	report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}})
	if err != nil || report.Servers[0].State != crawl.Stopped || !errors.Is(report.Servers[0].Err, full) {
		t.Errorf("got %+v, %v, want stopped because %v", report.Servers[0], err, full)
	}
}

func TestSuspicionOfGluedAndCutListings(t *testing.T) {
	s := &server{
		hello: crawl.Hello{Banner: "---------- Welcome to Pure-FTPd ----------"},
		dirs: map[string]string{
			"/":    subdir + "big\r\nlrwxrwxrwx    1 ftp      ftp            12 Feb 01 09:30 long -> " + strings.Repeat("x", 1000) + "    0 4096 Nov 22 08:42 loop1\r\n",
			"/big": strings.Repeat(file("x"), 2000),
		},
	}
	report, store := crawlOne(t, s, nil)
	if l := store.done["/big"]; l.Status != crawl.Partial || l.Reason != crawl.Truncated {
		t.Errorf("2000 entries from Pure-FTPd: got %v, %q, want truncated", l.Status, l.Reason)
	}
	if report.Counts.Doubtful != 1 || len(report.Counts.BadLines) != 1 {
		t.Errorf("got %d doubtful entries, want the glued line", report.Counts.Doubtful)
	}
}

// remembering is a Dialer that learns.
type remembering struct {
	net
	recalled map[string]string
}

func (r *remembering) Recall(_ crawl.Server, facts map[string]string) { r.recalled = facts }
func (r *remembering) Facts(crawl.Server) map[string]string {
	return map[string]string{"no_epsv": "true"}
}

func TestWhatIsLearnedIsKept(t *testing.T) {
	s := &server{dirs: forest(5, 2), hello: crawl.Hello{Banner: "b", Welcome: "w", LoginDir: "/", Passive: "PASV", Listing: "LIST -a"}}
	all := stores{}
	seed := crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}}
	for range 2 {
		d := &remembering{net: net{"h": s}}
		c := &crawl.Crawler{Dialer: d, Open: all.open}
		known := all["h"] != nil
		if report, err := c.Run(t.Context(), seed); err != nil || !report.Complete() {
			t.Fatal(report, err)
		}
		if (d.recalled["no_epsv"] == "true") != known {
			t.Errorf("known %v: got %v recalled", known, d.recalled)
		}
		f := all["h"].facts
		if f.Banner != "b" || f.Welcome != "w" || f.LoginDir != "/" || f.Passive != "PASV" || f.Listing != "LIST -a" || f.Conn["no_epsv"] != "true" {
			t.Errorf("got facts %+v", f)
		}
		all["h"].done = make(map[string]*crawl.Listing)
	}
	for path, l := range all["h"].done {
		if l.Command != "LIST -a" {
			t.Errorf("%s: got command %q, want LIST -a", path, l.Command)
		}
	}
}

func TestGlobThatIsNone(t *testing.T) {
	c := &crawl.Crawler{Policy: crawl.Policy{Exclude: []string{"ok*", "[a"}}}
	if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), `"[a"`) {
		t.Errorf("got %v, want an error that names the glob", err)
	}
}

// What a Dialer learned is kept also if it never came to a login.
func TestWhatIsLearnedByAFailedLoginIsKept(t *testing.T) {
	refused := &crawl.Error{Op: "TLS", Err: errors.New("bad certificate"), Code: 534}
	s := &server{dialing: func(context.Context, int) error { return refused }}
	all := stores{}
	for i := range 2 {
		d := &remembering{net: net{"h": s}}
		c := &crawl.Crawler{Dialer: d, Open: all.open}
		report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}})
		if err != nil || !errors.Is(report.Servers[0].Err, refused) {
			t.Fatalf("got %+v, %v, want %v", report, err, refused)
		}
		if got := all["h"].facts.Conn["no_epsv"]; got != "true" {
			t.Errorf("crawl %d: got facts %v", i, all["h"].facts.Conn)
		}
		if (d.recalled["no_epsv"] == "true") != (i > 0) {
			t.Errorf("crawl %d: got %v recalled", i, d.recalled)
		}
	}
}

// Whose archive is not there when ctx ends was interrupted, not stopped by an error.
func TestInterruptedWhileTheStoreIsOpened(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	c := &crawl.Crawler{
		Dialer: net{"h": &server{dirs: forest(1, 1)}},
		Open: func(ctx context.Context, _ crawl.Server) (crawl.Store, error) {
			interrupt()
			return nil, context.Cause(ctx)
		},
	}
	report, err := c.Run(ctx, crawl.Seed{Server: crawl.Server{Host: "h", Port: 21}})
	if !errors.Is(err, context.Canceled) || len(report.Servers) != 1 || report.Servers[0].State != crawl.Interrupted {
		t.Errorf("got %v, %+v, want one server, interrupted", err, report)
	}
}

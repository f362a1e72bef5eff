package archive_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// robotsTree has /pub, /pub/free, /private, /private/deep, and a robots.txt unless that is empty.
func robotsTree(robots string) *ftptest.Tree {
	tree := ftptest.NewTree(epoch).Dir("pub/free", "private/deep")
	tree.File("pub/free/a", 1, epoch).File("private/deep/b", 1, epoch)
	if robots != "" {
		tree.Add("robots.txt", ftptest.Node{Data: robots})
	}
	return tree
}

// answer intercepts RETR of robots.txt.
func answer(code int, text string) func(*ftptest.Session, ftptest.Command) bool {
	return func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb != "RETR" {
			return false
		}
		s.Reply(code, text)
		return true
	}
}

func TestRobotsOverFTP(t *testing.T) {
	t.Parallel()
	const forbid = "User-agent: *\nDisallow: /private/\n"
	everything := []string{"/", "/private", "/private/deep", "/pub", "/pub/free"}
	open := []string{"/", "/pub", "/pub/free"}
	var many strings.Builder
	many.WriteString("User-agent: *\n")
	for i := 0; many.Len() < 1<<20; i++ {
		fmt.Fprintf(&many, "Disallow: /some/directory/that/is/not/here/%d/\n", i)
	}
	tooMany := many.String() + "Disallow: /private/\n" + strings.Repeat("# more\n", 300_000) + "Disallow: /pub/\n"
	times := 0
	for _, c := range []struct {
		name   string
		robots string
		tree   func(*ftptest.Tree)
		server func(*ftptest.Server)
		policy func(*crawl.Policy)
		seed   string
		user   string
		want   []string // directories listed
		state  crawl.State
		robot  crawl.RobotsState
		retr   int
		rule   string // that a directory is missing for
	}{
		{name: "file", robots: forbid, want: open, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1, rule: "line 2: Disallow: /private/"},
		{name: "550", robots: forbid, server: func(s *ftptest.Server) { s.Intercept = answer(550, "No.") }, want: everything, state: crawl.Complete, robot: crawl.RobotsAbsent, retr: 1},
		{name: "450", robots: forbid, server: func(s *ftptest.Server) { s.Intercept = answer(450, "Busy.") }, want: open[:1], state: crawl.Stopped, robot: crawl.RobotsUnavailable, retr: 4},
		{name: "421", robots: forbid, server: func(s *ftptest.Server) {
			s.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
				if c.Verb != "RETR" {
					return false
				}
				s.Reply(421, "Going down.")
				s.Hangup()
				return true
			}
		}, want: open[:1], state: crawl.Stopped, robot: crawl.RobotsUnavailable, retr: 4},
		{name: "no answer", robots: forbid, server: func(s *ftptest.Server) {
			s.Intercept = func(_ *ftptest.Session, c ftptest.Command) bool { return c.Verb == "RETR" }
		}, want: open[:1], state: crawl.Stopped, robot: crawl.RobotsUnavailable, retr: 4},
		{name: "450, then the file", robots: forbid, server: func(s *ftptest.Server) {
			s.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
				if c.Verb != "RETR" {
					return false
				}
				if times++; times == 1 {
					s.Reply(450, "Busy.")
					return true
				}
				return false
			}
		}, want: open, state: crawl.Complete, robot: crawl.RobotsRead, retr: 2, rule: "line 2: Disallow: /private/"},
		{name: "not listed", want: everything, state: crawl.Complete, robot: crawl.RobotsAbsent},
		{name: "a directory", tree: func(tree *ftptest.Tree) { tree.Dir("robots.txt") }, want: append(slices.Clone(everything), "/robots.txt"), state: crawl.Complete, robot: crawl.RobotsAbsent},
		{name: "root not listable", robots: "User-agent: *\nDisallow: /pub/free\n", seed: "pub/", tree: func(tree *ftptest.Tree) {
			tree.Add("/", ftptest.Node{Mode: fs.ModeDir | 0o711})
		}, server: refuseRoot, want: []string{"/", "/pub"}, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1, rule: "line 2: Disallow: /pub/free"},
		{name: "root not listable, none there", seed: "pub/", server: refuseRoot, want: open, state: crawl.Complete, robot: crawl.RobotsAbsent, retr: 1},
		{name: "HTML", robots: "<!DOCTYPE html><html><head>\n<style>a: b</style>\n<body>User-agent: *<br>\nDisallow: everything</body></html>\n", want: everything, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1},
		{name: "a megabyte of rules", robots: many.String() + "Disallow: /private/\n", want: open, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1, rule: "Disallow: /private/"},
		{name: "more than is read", robots: tooMany, want: open, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1, rule: "Disallow: /private/"},
		{name: "the seed is refused", robots: forbid, seed: "private/", want: open[:1], state: crawl.Incomplete, robot: crawl.RobotsRead, retr: 1, rule: "line 2: Disallow: /private/"},
		{name: "everything is refused", robots: "User-agent: ftpidx\nDisallow: /\n", want: open[:1], state: crawl.Incomplete, robot: crawl.RobotsRead, retr: 1, rule: "line 2: Disallow: /"},
		{name: "another robot is refused", robots: "User-agent: other\nDisallow: /\n", want: everything, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1},
		{name: "ignored", robots: forbid, policy: func(p *crawl.Policy) { p.IgnoreRobots = true }, want: everything, state: crawl.Complete},
		{name: "a real login", robots: forbid, user: "bob@", want: everything, state: crawl.Complete},
		{name: "login elsewhere", robots: "", tree: func(tree *ftptest.Tree) {
			tree.Add("pub/robots.txt", ftptest.Node{Data: "User-agent: *\nDisallow: /free/\n"})
		}, server: func(s *ftptest.Server) { s.LoginDir = "/pub" }, want: []string{"/pub"}, state: crawl.Complete, robot: crawl.RobotsRead, retr: 1, rule: "line 2: Disallow: /free/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := robotsTree(c.robots)
			if c.tree != nil {
				c.tree(tree)
			}
			server := &ftptest.Server{FS: tree}
			if c.server != nil {
				c.server(server)
			}
			serve(t, server)
			dir := t.TempDir()
			crawler := newCrawler(dir)
			crawler.Dialer.(*ftpconn.Dialer).ReplyTimeout = 300 * time.Millisecond
			crawler.Dialer.(*ftpconn.Dialer).Password = func(context.Context, crawl.Server) (string, error) { return "secret", nil }
			if c.policy != nil {
				c.policy(&crawler.Policy)
			}
			url := strings.Replace(server.URL, "ftp://", "ftp://"+c.user, 1) + c.seed
			report := run(t, crawler, seed(t, url))
			if report.State != c.state {
				t.Errorf("got %s, %v, %+v, want %s", report.State, report.Err, report.Counts, c.state)
			}
			stats := server.Stats()
			var got []string
			for d, n := range stats.Dirs() {
				got = append(got, d)
				// The Dialer has compared LIST with LIST -a in the directory after login.
				if most := map[bool]int{false: 1, true: 3}[d == cmp.Or(server.LoginDir, "/")]; n > most {
					t.Errorf("%s was listed %d times, want at most %d", d, n, most)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("listed %q, want %q", got, c.want)
			}
			if n := stats.Commands["RETR"]; n != c.retr {
				t.Errorf("RETR was sent %d times, want %d", n, c.retr)
			}
			if missing := cmp.Or(report.Counts.LeftOut[crawl.Disallowed], report.Counts.Missing[crawl.SeedDisallowed]); (missing != nil) != (c.rule != "") || missing != nil && !strings.HasSuffix(missing.Examples[0].Detail, c.rule) {
				t.Errorf("got %+v, want one for %q", missing, c.rule)
			}
			if report.State == crawl.Stopped && (report.Err == nil || !strings.Contains(report.Err.Error(), "robots.txt")) {
				t.Errorf("got %v, want an error that names robots.txt", report.Err)
			}
			if n := int64(stats.Commands["LIST"]); report.Manners.Listings != n || report.Manners.Commands == 0 {
				t.Errorf("got %+v, the server saw %d listings", report.Manners, n)
			}
			if a, err := archive.Open(dir, report.Server, nil); err == nil {
				if f := a.Facts().Robots; f.State != c.robot {
					t.Errorf("learned %+v, want %q", f, c.robot)
				}
				a.Close()
			} else {
				t.Error(err)
			}
		})
	}
}

// refuseRoot refuses listings of the root.
func refuseRoot(s *ftptest.Server) {
	s.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb != "LIST" || s.Dir() != "/" {
			return false
		}
		s.Reply(550, "Permission denied.")
		return true
	}
}

// sendRoot answers LIST in the root with lines on the data connection, and leaves the rest to end.
func sendRoot(lines string, end func(*ftptest.Session, net.Conn)) func(*ftptest.Session, ftptest.Command) bool {
	return func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb != "LIST" || s.Dir() != "/" {
			return false
		}
		s.Reply(150, "Here comes the directory listing.")
		if d, err := s.Data(); err == nil {
			io.WriteString(d, lines)
			end(s, d)
		}
		return true
	}
}

// Where the listing of the directory after login is cut or fails, RETR tells whether there is a robots.txt, and the crawl goes on: it
// takes what came of the listing for its own attempt, and asks no more often than for any other directory.
func TestRobotsWithoutAWholeRootListing(t *testing.T) {
	t.Parallel()
	const forbid = "User-agent: *\nDisallow: /private/\n"
	const lines = "drwxr-xr-x    2 ftp      ftp          4096 Mar 01 12:00 private\r\ndrwxr-xr-x    2 ftp      ftp          4096 Mar 01 12:00 pub\r\n"
	everything := []string{"/", "/private", "/private/deep", "/pub", "/pub/free"}
	open := []string{"/", "/pub", "/pub/free"}
	closing := func(code int) func(*ftptest.Session, net.Conn) {
		return func(s *ftptest.Session, d net.Conn) {
			d.Close()
			if code > 0 {
				s.Reply(code, "Transfer done.")
			}
		}
	}
	stall := func(s *ftptest.Session, d net.Conn) {
		d.SetReadDeadline(time.Now().Add(10 * time.Second))
		d.Read(make([]byte, 1)) // until the client closes it
		d.Close()
		s.Reply(426, "Timeout.")
	}
	for _, c := range []struct {
		name        string
		robots      string
		list        func(*ftptest.Session, ftptest.Command) bool // nil: as vsftpd
		banner      string
		policy      func(*crawl.Policy)
		want        []string // directories asked for
		lists       int      // of the root, after those by which the login finds out how to list
		missing     crawl.Reason
		unconfirmed int64
	}{
		{name: "too many lines", robots: forbid, policy: func(p *crawl.Policy) { p.MaxListingEntries = 2 }, want: open, lists: 1, missing: crawl.TooLarge},
		{name: "too many lines, no robots.txt", list: sendRoot(lines+lines, closing(226)), policy: func(p *crawl.Policy) { p.MaxListingEntries = 2 }, want: everything, lists: 1, missing: crawl.TooLarge},
		{name: "a line without end", list: sendRoot(strings.Repeat("x", 5000), closing(226)), policy: func(p *crawl.Policy) { p.MaxListing = 4000 }, want: open[:1], lists: 1, missing: crawl.TooLarge},
		{name: "the server cuts it", robots: forbid, list: sendRoot(lines, func(s *ftptest.Session, d net.Conn) {
			d.Close()
			s.Reply(226, "Output truncated to 2 matches")
		}), want: open, lists: 1, missing: crawl.Truncated},
		{name: "as many entries as the server cuts at", robots: forbid, banner: "Welcome to Pure-FTPd", list: sendRoot(lines+strings.Repeat("-rw-r--r--    1 ftp      ftp             1 Mar 01 12:00 file\r\n", 1998), closing(226)),
			want: open, lists: 1, missing: crawl.Truncated},
		{name: "426 after all", robots: forbid, list: sendRoot(lines, closing(426)), want: open[:1], lists: 4, missing: crawl.Unreachable},
		{name: "not confirmed", robots: forbid, list: sendRoot(lines, closing(0)), want: open, lists: 2, unconfirmed: 1},
		{name: "not confirmed, no robots.txt", list: sendRoot(lines, closing(0)), want: everything, lists: 2, unconfirmed: 1},
		{name: "stalls in a line", list: sendRoot(lines[:46], stall), want: open[:1], lists: 4, missing: crawl.Unreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := &ftptest.Server{FS: robotsTree(c.robots), Intercept: c.list, Banner: c.banner}
			serve(t, server)
			crawler := newCrawler(t.TempDir())
			dialer := crawler.Dialer.(*ftpconn.Dialer)
			dialer.ReplyTimeout, dialer.DataTimeout = 500*time.Millisecond, 500*time.Millisecond
			if c.policy != nil {
				c.policy(&crawler.Policy)
			}
			s := seed(t, server.URL)
			dialer.Recall(s.Server, map[string]string{"listing": "LIST"}) // it need not find out
			report := run(t, crawler, s)
			if report.State != crawl.Incomplete {
				t.Errorf("got %s, %v, want incomplete", report.State, report.Err)
			}
			stats := server.Stats()
			dirs := stats.Dirs()
			if got := slices.Sorted(maps.Keys(dirs)); !slices.Equal(got, c.want) {
				t.Errorf("listed %q, want %q", got, c.want)
			}
			if dirs["/"] != c.lists {
				t.Errorf("the root was listed %d times, want %d", dirs["/"], c.lists)
			}
			if n := stats.Commands["RETR"]; n != 1 {
				t.Errorf("RETR was sent %d times, want 1", n)
			}
			m := report.Counts.Missing[c.missing]
			if (m != nil) != (c.missing != "") || report.Counts.Unconfirmed != c.unconfirmed {
				t.Errorf("got %+v, want something missing for %q and %d directories not confirmed", report.Counts, c.missing, c.unconfirmed)
			}
		})
	}
}

// A crawl that was stopped for want of robots.txt goes on when it can be had, and one that is resumed within a day
// keeps the rules that it has.
func TestRobotsOfAResumedCrawl(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{FS: robotsTree("User-agent: *\nDisallow: /private/\n")}
	var busy atomic.Bool
	busy.Store(true)
	server.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
		return busy.Load() && answer(450, "Busy.")(s, c)
	}
	s := serve(t, server)
	dir := t.TempDir()
	if report := run(t, newCrawler(dir), s); report.State != crawl.Stopped {
		t.Fatalf("got %s", report.State)
	}
	busy.Store(false)
	crawler := newCrawler(dir)
	crawler.Policy.MaxEntries = 1
	if report := run(t, crawler, s); report.State != crawl.Interrupted {
		t.Fatalf("got %s", report.State)
	}
	before := server.Stats().Commands["RETR"]
	if report := run(t, newCrawler(dir), s); report.State != crawl.Complete || !report.Resumed {
		t.Fatalf("got %+v", report)
	}
	if n := server.Stats().Commands["RETR"] - before; n != 0 {
		t.Errorf("the resumed crawl asked for robots.txt %d times, want 0", n)
	}
	for d := range server.Stats().Dirs() {
		if strings.HasPrefix(d, "/private") {
			t.Errorf("%s was listed", d)
		}
	}
}

// What an earlier crawl was told to ignore and did not come to, a later one that obeys does not list.
func TestRobotsHoldForWhatIsPending(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{FS: robotsTree("User-agent: *\nDisallow: /private/\n")}
	s := serve(t, server)
	dir := t.TempDir()
	crawler := newCrawler(dir)
	crawler.Policy.IgnoreRobots, crawler.Policy.MaxEntries = true, 1
	run(t, crawler, s)
	report := run(t, newCrawler(dir), s)
	if m := report.Counts.LeftOut[crawl.Disallowed]; report.State != crawl.Complete || m == nil || m.N != 1 {
		t.Errorf("got %+v", report)
	}
	for d := range server.Stats().Dirs() {
		if strings.HasPrefix(d, "/private") {
			t.Errorf("%s was listed", d)
		}
	}
}

func TestCrawlDelayIsKept(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{FS: robotsTree("User-agent: *\nCrawl-delay: 0.2\n")}
	s := serve(t, server)
	crawler := newCrawler(t.TempDir())
	var slowed []time.Duration
	crawler.Observe = func(ev crawl.Event) {
		if ev.Kind == crawl.Slowed {
			slowed = append(slowed, ev.Elapsed)
		}
	}
	run(t, crawler, s)
	if want := []time.Duration{200 * time.Millisecond}; !slices.Equal(slowed, want) {
		t.Errorf("told of %v, want %v", slowed, want)
	}
	// Over all of them: each alone may be held up on its way, so that the next one seems early.
	var times []time.Time
	for _, l := range server.Stats().Listings {
		if l.Dir != "/" { // at the login it is listed to find out how
			times = append(times, l.Time)
		}
	}
	n := len(times)
	slowed = nil
	crawler.Policy.Delay = 300 * time.Millisecond
	crawler.Policy.MaxEntries = 1
	if run(t, crawler, s); slowed != nil {
		t.Errorf("told of %v, want nothing: the crawl is slower by itself", slowed)
	}
	if n < 3 {
		t.Fatalf("got %d listings", n)
	}
	if took, want := times[n-1].Sub(times[0]), time.Duration(n-1)*200*time.Millisecond; took < want-100*time.Millisecond {
		t.Errorf("%d listings took %v, want %v", n, took, want)
	}
}

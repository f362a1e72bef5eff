package archive_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// What the crawler says that it did is what the server saw.
func TestMannersAgreeWithTheServer(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{FS: robotsTree("User-agent: *\nDisallow: /private/\n")}
	s := serve(t, server)
	dir := t.TempDir()
	report := run(t, newCrawler(dir), s)
	server.Close() // has seen every QUIT
	all, err := archive.List(dir)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	m, saw := all[0].Manners, server.Stats()
	commands := 0
	for _, n := range saw.Commands {
		commands += n
	}
	if m != report.Manners {
		t.Errorf("the summary has %+v, the report %+v", m, report.Manners)
	}
	if int(m.Commands) != commands || int(m.Connections) != saw.Logins || m.Peak != saw.Peak || int(m.DataConns) != saw.DataConn {
		t.Errorf("got %+v, the server saw %d commands, %d logins, %d at once, %d data connections", m, commands, saw.Logins, saw.Peak, saw.DataConn)
	}
	if int(m.Listings) != saw.Commands["LIST"] {
		t.Errorf("got %d listings, the server saw %d", m.Listings, saw.Commands["LIST"])
	}
	if m.Refused != 1 || m.Limit != 4 || m.Rate != 0 {
		t.Errorf("got %+v", m)
	}
}

// Without further settings, to the letter and from the first command on: 20 listings in any second and one connection, then
// two, to an address, however many servers are on it.
func TestDefaultLimitsHoldForAnAddress(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	dir := t.TempDir()
	c := newCrawler(dir)
	c.Policy = crawl.Policy{}
	var servers []*ftptest.Server
	var seeds []crawl.Seed
	for range 3 {
		s := &ftptest.Server{FS: forest(30, 5)}
		seeds = append(seeds, serve(t, s))
		servers = append(servers, s)
	}
	report, err := c.Run(t.Context(), seeds...)
	if err != nil {
		t.Fatal(err)
	}
	var all ftptest.Stats
	for i, s := range servers {
		if r := report.Servers[i]; r.State != crawl.Complete || r.Manners.Peak > 2 || r.Manners.Rate != 20 || r.Manners.Limit != 2 {
			t.Errorf("got %s, %v, %+v", r.State, r.Err, r.Manners)
		}
		all.Listings = append(all.Listings, s.Stats().Listings...)
	}
	slices.SortFunc(all.Listings, func(a, b ftptest.Listing) int { return a.Time.Compare(b.Time) })
	// Twenty a second are 50 ms apart, 40 in 1,950 ms; the last one over each of two connections may be late by the
	// time that a busy machine takes to send it.
	if n := all.MostWithin(1950 * time.Millisecond); n > 42 {
		t.Errorf("%d listings within 1,950 ms, want 40", n)
	}
}

// Logins that the server turns away are part of what it saw.
func TestMannersCountLoginsInVain(t *testing.T) {
	t.Parallel()
	var turned atomic.Int32
	server := &ftptest.Server{FS: robotsTree("")}
	server.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb != "PASS" || turned.Add(1) > 2 {
			return false
		}
		s.Reply(421, "Too many users.")
		s.Hangup()
		return true
	}
	s := serve(t, server)
	report := run(t, newCrawler(t.TempDir()), s)
	server.Close()
	m, saw := report.Manners, server.Stats()
	commands := 0
	for _, n := range saw.Commands {
		commands += n
	}
	if report.State != crawl.Complete || int(m.Commands) != commands || m.Failed != 2 || int(m.Connections+m.Failed) != saw.Total {
		t.Errorf("got %s, %+v; the server saw %d commands over %d connections", report.State, m, commands, saw.Total)
	}
}

// The delay holds from the first listing on: those at the login, too, that find out how to list.
func TestDelayHoldsAtTheLogin(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{FS: robotsTree(""), Hidden: true}
	s := serve(t, server)
	c := newCrawler(t.TempDir())
	c.Policy.Delay = 200 * time.Millisecond
	run(t, c, s)
	listings := server.Stats().Listings
	// Over all of them: each alone may be held up on its way.
	n := len(listings)
	if n < 3 {
		t.Fatalf("got %d listings", n)
	}
	if took, want := listings[n-1].Time.Sub(listings[0].Time), time.Duration(n-1)*c.Policy.Delay; took < want-100*time.Millisecond {
		t.Errorf("%d listings took %v, want %v", n, took, want)
	}
}

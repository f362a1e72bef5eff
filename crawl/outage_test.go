package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

var errSilence = &crawl.Error{Op: "dial", Err: os.ErrDeadlineExceeded, Dead: true}

// crawlMany crawls the servers of n and returns the reports by host, with the pauses that were announced.
func crawlMany(t *testing.T, n net, all stores) (map[string]*crawl.ServerReport, int) {
	t.Helper()
	pauses := 0
	c := &crawl.Crawler{Dialer: n, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1}, Observe: func(e crawl.Event) {
		if e.Kind == crawl.Paused {
			pauses++
		}
	}}
	var seeds []crawl.Seed
	for host := range n {
		all[host] = newStore()
		seeds = append(seeds, crawl.Seed{Server: crawl.Server{Scheme: crawl.FTP, Host: host, Port: 21}})
	}
	report, err := c.Run(t.Context(), seeds...)
	if err != nil {
		t.Fatal(err)
	}
	byHost := make(map[string]*crawl.ServerReport)
	for _, r := range report.Servers {
		byHost[r.Server.Host] = r
	}
	return byHost, pauses
}

// dialing returns servers whose logins fail as the function says.
func dialing(count int, f func(host int) error) net {
	n := make(net)
	for i := range count {
		n[fmt.Sprint("h", i)] = &server{dirs: forest(5, 2), dialing: func(context.Context, int) error { return f(i) }}
	}
	return n
}

func TestOutageOfOurNetworkIsNobodysFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		all := make(stores)
		reports, pauses := crawlMany(t, dialing(10, func(int) error { return errSilence }), all)
		for host, r := range reports {
			if r.State != crawl.Stopped || !errors.Is(r.Err, crawl.ErrOutage) {
				t.Errorf("%s: got %s, %v, want an outage", host, r.State, r.Err)
			}
			if h := all[host].Facts().Health; h.State != "" {
				t.Errorf("%s is blamed: %+v", host, h)
			}
		}
		if d := time.Since(start); pauses == 0 || d > 6*time.Minute {
			t.Errorf("%d pauses in %v", pauses, d)
		}
	})
}

func TestOutageThatEndsIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		all := make(stores)
		reports, _ := crawlMany(t, dialing(5, func(int) error {
			if time.Since(start) < 90*time.Second {
				return errSilence
			}
			return nil
		}), all)
		for host, r := range reports {
			if h := all[host].Facts().Health; r.State != crawl.Complete || h.State != crawl.HealthOK {
				t.Errorf("%s: got %s, %v, %+v", host, r.State, r.Err, h)
			}
		}
	})
}

// In the middle of a crawl, too.
func TestOutageDuringTheCrawl(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		down := func() bool { d := time.Since(start); return d > 10*time.Second && d < 2*time.Minute }
		n, all := make(net), make(stores)
		for i := range 4 {
			s := &server{dirs: forest(40, 3), takes: time.Second}
			s.dialing = func(context.Context, int) error {
				if down() {
					return errSilence
				}
				return nil
			}
			s.listing = func(_ context.Context, _ string, _ int, _ io.Writer) (crawl.Reply, error, bool) {
				if down() {
					return crawl.Reply{}, &crawl.Error{Op: "LIST", Err: os.ErrDeadlineExceeded, Dead: true}, true
				}
				return crawl.Reply{}, nil, false
			}
			n[fmt.Sprint("h", i)] = s
		}
		reports, pauses := crawlMany(t, n, all)
		for host, r := range reports {
			if r.State == crawl.Stopped || all[host].Facts().Health.State != crawl.HealthOK || r.Counts.Listed+missing(r) != 40 {
				t.Errorf("%s: got %s, %v, %+v, %+v", host, r.State, r.Err, r.Counts, all[host].Facts().Health)
			}
		}
		if pauses == 0 {
			t.Error("no pause was announced")
		}
	})
}

func missing(r *crawl.ServerReport) (n int64) {
	for _, m := range r.Counts.Missing {
		n += m.N
	}
	return n
}

func TestServersThatDieAreBlamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := make(stores)
		reports, pauses := crawlMany(t, dialing(6, func(host int) error {
			switch host {
			case 0:
				return errSilence
			case 1:
				return &crawl.Error{Op: "dial", Err: syscall.ECONNREFUSED, Dead: true}
			case 2:
				return &crawl.Error{Op: "login", Code: 530, Err: errors.New("no anonymous logins here")}
			}
			return nil
		}), all)
		for host, r := range reports {
			want := crawl.HealthOK
			if host <= "h2" {
				want = crawl.HealthFailing
			}
			if h := all[host].Facts().Health; h.State != want || h.Locked || (want == crawl.HealthFailing) != (r.State == crawl.Stopped) {
				t.Errorf("%s: got %s, %v, %+v, want %s", host, r.State, r.Err, h, want)
			}
		}
		if pauses > 0 {
			t.Errorf("%d pauses though others answered", pauses)
		}
	})
}

// A refused password is not sent a second time, not even by the next crawl, until the user says so.
func TestRefusedPasswordLocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ok := false
		s := &server{dirs: forest(5, 2), dialing: func(context.Context, int) error {
			if ok {
				return nil
			}
			return &crawl.Error{Op: "login", Code: 530, Err: errors.New("Login incorrect.")}
		}}
		all := stores{"h": newStore()}
		crawlIt := func(retry bool) *crawl.ServerReport {
			c := &crawl.Crawler{Dialer: net{"h": s}, Open: all.open, Policy: crawl.Policy{Rate: -1, MaxRate: -1, RetryLogin: retry}}
			report, err := c.Run(t.Context(), crawl.Seed{Server: crawl.Server{Scheme: crawl.FTP, User: "bob", Host: "h", Port: 21}})
			if err != nil {
				t.Fatal(err)
			}
			all["h"].closed = false
			return report.Servers[0]
		}
		crawlIt(false)
		for range 3 {
			if r := crawlIt(false); !errors.Is(r.Err, crawl.ErrLocked) {
				t.Errorf("got %v, want locked", r.Err)
			}
		}
		if len(s.dials) != 1 || !all["h"].Facts().Health.Locked {
			t.Errorf("the password was sent %d times, want once; %+v", len(s.dials), all["h"].Facts().Health)
		}
		ok = true
		if r := crawlIt(true); r.State != crawl.Complete || all["h"].Facts().Health.Locked {
			t.Errorf("told to: got %s, %v, %+v", r.State, r.Err, all["h"].Facts().Health)
		}
		if r := crawlIt(false); r.State != crawl.Complete {
			t.Errorf("afterwards: got %s, %v", r.State, r.Err)
		}
	})
}

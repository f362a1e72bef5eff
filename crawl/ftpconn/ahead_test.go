package ftpconn

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// numbered is a tree in which each of n directories lists as its own name.
func numbered(n int) *ftptest.Tree {
	tree := ftptest.NewTree(time.Unix(1e9, 0))
	for i := range n {
		tree.File(fmt.Sprintf("d%d/is-d%d", i, i), 1, time.Unix(1e9, 0))
	}
	return tree
}

// together counts the commands that came before the reply to the one before them was sent.
func together(s *ftptest.Server) *atomic.Int32 {
	n := new(atomic.Int32)
	then := s.Intercept
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if c.Pending() > 0 {
			n.Add(1)
		}
		return then != nil && then(c, cmd)
	}
	return n
}

// After three clean listings CWD comes with EPSV, and LIST does not wait for the data connection.
func TestCommandsAreSentAhead(t *testing.T) {
	for _, test := range []struct {
		name    string
		careful bool
		server  *ftptest.Server
	}{
		{name: "EPSV", server: &ftptest.Server{}},
		{name: "PASV", server: &ftptest.Server{NoEPSV: true}},
		{name: "PRET", server: &ftptest.Server{Features: []string{"PRET", "MDTM"}}},
		{name: "careful", careful: true, server: &ftptest.Server{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &ftptest.Server{FS: numbered(30), NoEPSV: test.server.NoEPSV, Features: test.server.Features}
			var pret atomic.Int32
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb == "PRET" {
					pret.Add(1)
					c.Reply(200, "OK, "+cmd.Arg)
				}
				return cmd.Verb == "PRET"
			}
			n := together(s)
			server := serve(t, s)
			d := listed(&Dialer{Careful: test.careful}, server)
			c := open(t, d, server)
			for i := range 30 {
				if i == 3 && n.Load() != 0 {
					t.Errorf("%d commands were sent ahead before three listings were clean", n.Load())
				}
				req := crawl.Request{Path: fmt.Sprintf("/d%d", i), Next: func() (string, bool) { return fmt.Sprintf("/d%d", i+1), i < 29 }}
				var b bytes.Buffer
				r, err := c.List(t.Context(), req, &b)
				if err != nil || r.Code != 226 || !strings.HasSuffix(b.String(), fmt.Sprintf(" is-d%d\r\n", i)) {
					t.Fatalf("%s: %q, %v", req.Path, b.String(), err)
				}
			}
			// For each of 27 directories one command at least follows CWD before its reply.
			if got := n.Load(); !test.careful && got < 27 || test.careful && got != 0 {
				t.Errorf("%d commands were sent ahead", got)
			}
			if test.name == "PRET" && pret.Load() != 30 {
				t.Errorf("PRET was sent %d times, want 30", pret.Load())
			}
			if got := s.Stats().Commands["CWD"]; got != 30 {
				t.Errorf("CWD was sent %d times, want 30", got)
			}
		})
	}
}

// Whatever Next promises, and whichever directories are refused, no listing is another directory's.
func TestPromisesMayBeBroken(t *testing.T) {
	s := &ftptest.Server{FS: numbered(20)}
	server := serve(t, s)
	c := open(t, listed(new(Dialer), server), server)
	r := rand.New(rand.NewPCG(1, 2))
	pick := func() string { return fmt.Sprintf("/d%d", r.IntN(25)) } // the last five do not exist
	for range 500 {
		dir, promised := pick(), pick()
		var b bytes.Buffer
		_, err := c.List(t.Context(), crawl.Request{Path: dir, Next: func() (string, bool) { return promised, r.IntN(3) > 0 }}, &b)
		switch {
		case len(dir) == 4 && dir[2] == '2': // /d20 to /d24
			if err == nil || crawl.Broken(err) {
				t.Fatalf("%s: got %q, %v", dir, b.String(), err)
			}
		case err != nil:
			t.Fatal(err)
		case !strings.HasSuffix(b.String(), " is-"+dir[1:]+"\r\n"):
			t.Fatalf("%s: got %q", dir, b.String())
		}
	}
}

// A server that does not bear it loses no listing, and is treated carefully from then on.
func TestSurprise(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(c *ftptest.Session, cmd ftptest.Command) bool
	}{
		{"swallows what was sent too early", func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "CWD" && c.Pending() > 0 {
				c.Discard()
			}
			return false
		}},
		{"refuses EPSV sent too early", func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "CWD" && c.Pending() > 0 {
				c.Discard()
				c.Do(cmd)
				c.Reply(503, "Bad sequence of commands.")
				return true
			}
			return false
		}},
		{"hangs up", func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "CWD" && c.Pending() > 0 {
				c.Hangup()
				return true
			}
			return false
		}},
		{"answers twice", func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "CWD" && c.Pending() > 0 {
				c.Reply(250, "OK")
			}
			return false
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &ftptest.Server{FS: numbered(30), NoPASV: true, Intercept: test.do}
			n := together(s)
			server := serve(t, s)
			d := listed(&Dialer{ReplyTimeout: 500 * time.Millisecond}, server)
			c := open(t, d, server)
			lost := 0
			for i := 0; i < 30; i++ {
				var b bytes.Buffer
				_, err := c.List(t.Context(), crawl.Request{Path: fmt.Sprintf("/d%d", i)}, &b)
				if err != nil {
					lost++
					if lost > 1 || !crawl.Broken(err) {
						t.Fatalf("%d: %v", i, err)
					}
					c.Close()
					c = open(t, d, server)
					i--
				} else if !strings.HasSuffix(b.String(), fmt.Sprintf(" is-d%d\r\n", i)) {
					t.Fatalf("%d: got %q", i, b.String())
				}
			}
			if n.Load() != 1 {
				t.Errorf("%d commands were sent ahead, want 1", n.Load())
			}
		})
	}
}

// With LIST sent before the data connection stands, a dead port costs the connection, not the listing.
func TestDataPortDiesLater(t *testing.T) {
	s := &ftptest.Server{FS: numbered(10)}
	var dead atomic.Bool
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb == "EPSV" && dead.Load() {
			port, _ := c.Passive()
			c.Passive()
			c.Reply(229, fmt.Sprintf("ok (|||%d|)", port))
			return true
		}
		return false
	}
	server := serve(t, s)
	d := listed(new(Dialer), server)
	c := open(t, d, server)
	for i := range 10 {
		dead.Store(i >= 5)
		start := time.Now()
		got, _, err := list(t, c, fmt.Sprintf("/d%d", i))
		if i == 5 {
			if !crawl.Broken(err) || !crawl.Retryable(err) {
				t.Fatalf("got %v", err)
			}
			if time.Since(start) > soon {
				t.Errorf("took %v", time.Since(start))
			}
			c = open(t, d, server)
			got, _, err = list(t, c, "/d5")
		}
		if err != nil || !strings.HasSuffix(got, fmt.Sprintf(" is-d%d\r\n", i)) {
			t.Fatalf("%d: %q, %v", i, got, err)
		}
	}
	if h := c.Hello(); h.Passive != "PASV" {
		t.Errorf("passive: %s", h.Passive)
	}
	if d.Facts(server)["no_epsv"] != "true" {
		t.Errorf("facts: %v", d.Facts(server))
	}
}

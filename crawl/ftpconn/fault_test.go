package ftpconn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// A fault is what a server does wrong at LIST, or before, and what becomes of the listing.
type fault struct {
	name  string
	greet func(*ftptest.Session) bool
	at    string                                             // command at which it happens; "": LIST
	do    func(c *ftptest.Session, cmd ftptest.Command) bool // as Intercept

	code    int    // of the error; 0: none from the server
	broken  bool   // the connection is of no more use
	err     error  // that it is
	ok      bool   // no error at all
	listing string // if ok
}

// soon is how long anything may take that has a time-out of a second or less, on a machine that has much else to do; with
// the time-outs that a Dialer has unless told otherwise it would take 30 s or more.
const soon = 15 * time.Second

// faults returns the table anew: some rows remember that they have happened.
func faults() []fault {
	return []fault{
		{name: "450 on LIST", do: say(450, "busy"), code: 450},
		{name: "450 no files", do: say(450, "No files found"), ok: true},
		{name: "425 before 150", do: say(425, "Can't open data connection."), code: 425, broken: true},
		{name: "226 without 150 and without data", do: say(226, "Empty."), ok: true},
		{name: "226 without 150 but with data", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			send(c, "line\r\n", true)
			c.Reply(226, "Done.")
			return true
		}, ok: true, listing: "line\r\n"},
		{name: "250 at the end", do: sends("line\r\n", 250, "Done."), ok: true, listing: "line\r\n"},
		{name: "multi-line 226", do: sends("line\r\n", 226, "Options: -l\n226 1 match total"), ok: true, listing: "line\r\n"},
		{name: "426 in the middle", do: sends("line\r\nhal", 426, "Aborted."), code: 426, broken: true},
		{name: "451 in the middle", do: sends("line\r\nhal", 451, "Disk trouble."), code: 451},
		{name: "425 after the data", do: once(sends("line\r\n", 425, "Trouble.")), code: 425, broken: true},
		{name: "425 in place of the data, with EPSV", do: once(say(425, "Trouble.")), ok: true, listing: "…"},
		{name: "421 idle", at: "CWD", do: say(421, "Timeout."), code: 421, broken: true},
		{name: "control closed after the listing", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			c.Reply(150, "here")
			send(c, "line\r\n", true)
			time.Sleep(50 * time.Millisecond)
			c.Hangup()
			return true
		}, broken: true, err: crawl.ErrUnconfirmed},
		{name: "control closed instead of 150", do: func(c *ftptest.Session, _ ftptest.Command) bool { c.Hangup(); return true }, broken: true, err: io.EOF},
		{name: "data silent", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			c.Reply(150, "here")
			d := send(c, "line\r\n", false)
			defer d.Close()
			io.Copy(io.Discard, d) // until the client gives up
			return true
		}, broken: true},
		{name: "slow drip", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			c.Reply(150, "here")
			d := send(c, "l", false)
			defer d.Close()
			for {
				if _, err := d.Write([]byte("x")); err != nil {
					return true
				}
				time.Sleep(100 * time.Millisecond)
			}
		}, broken: true},
		{name: "endless line", do: sends(strings.Repeat("x", 1<<20), 226, "Done."), ok: true, listing: strings.Repeat("x", 1<<20)},
		{name: "endless listing", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			c.Reply(150, "here")
			d := send(c, "l", false)
			defer d.Close()
			for {
				if _, err := d.Write(make([]byte, 1<<16)); err != nil {
					return true
				}
			}
		}, broken: true, err: ErrTooLong},
		{name: "endless reply", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			for range 20000 {
				c.Write("150-" + strings.Repeat("y", 50) + "\r\n")
			}
			return true
		}, broken: true, err: errReplyTooLong},
		{name: "endless line of a reply", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			for range 20000 {
				c.Write("150-" + strings.Repeat("y", 50))
			}
			return true
		}, broken: true, err: errReplyTooLong},
		{name: "not a reply", do: func(c *ftptest.Session, _ ftptest.Command) bool { c.Write("<html>\r\n"); return true }, broken: true},
		{name: "no reply", do: func(c *ftptest.Session, _ ftptest.Command) bool { return true }, broken: true},
		{name: "EPSV works but its port is dead", at: "EPSV", do: func(c *ftptest.Session, _ ftptest.Command) bool {
			port, _ := c.Passive()
			if d, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
				d.Close()
			}
			c.Passive() // another one: the first is closed
			c.Reply(229, fmt.Sprintf("ok (|||%d|)", port))
			return true
		}, ok: true, listing: "…"},
		{name: "EPSV refused with 502", at: "EPSV", do: say(502, "no"), ok: true, listing: "…"},
		{name: "EPSV refused with 522", at: "EPSV", do: say(522, "no"), ok: true, listing: "…"},
		{name: "FEAT refused", at: "FEAT", do: say(530, "login first"), ok: true, listing: "…"},
		{name: "low data port", at: "EPSV", do: say(229, "ok (|||25|)"), ok: true, listing: "…"},
		{name: "500 to a long CWD", at: "CWD", do: say(500, "Command too long"), code: 500, broken: true},
	}
}

func say(code int, text string) func(*ftptest.Session, ftptest.Command) bool {
	return func(c *ftptest.Session, _ ftptest.Command) bool { c.Reply(code, text); return true }
}

// once does do the first time only.
func once(do func(*ftptest.Session, ftptest.Command) bool) func(*ftptest.Session, ftptest.Command) bool {
	var done atomic.Bool
	return func(c *ftptest.Session, cmd ftptest.Command) bool { return !done.Swap(true) && do(c, cmd) }
}

// send sends s on the data connection, and closes that or returns it.
func send(c *ftptest.Session, s string, close bool) net.Conn {
	d, err := c.Data()
	if err != nil {
		d, _ = net.Pipe()
		d.Close()
		return d
	}
	io.WriteString(d, s)
	if close {
		d.Close()
	}
	return d
}

func sends(listing string, code int, text string) func(*ftptest.Session, ftptest.Command) bool {
	return func(c *ftptest.Session, _ ftptest.Command) bool {
		c.Reply(150, "here")
		send(c, listing, true)
		c.Reply(code, text)
		return true
	}
}

func TestFaults(t *testing.T) {
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := &ftptest.Server{FS: small(time.Now()), Greet: f.greet}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				return cmd.Verb == or(f.at, "LIST") && f.do(c, cmd)
			}
			d := &Dialer{MaxListing: 4 << 20}
			if !f.ok { // what works must not end because the machine is slow
				d.ReplyTimeout, d.DataTimeout, d.Slowest = time.Second, 500*time.Millisecond, time.Second
			}
			server := serve(t, s)
			c := open(t, listed(d, server), server)
			var b bytes.Buffer
			start := time.Now()
			asked := 0
			_, err := c.List(t.Context(), crawl.Request{Path: "/pub", Next: func() (string, bool) { asked++; return "", false }}, &b)
			elapsed := time.Since(start)
			if elapsed > soon {
				t.Errorf("took %v", elapsed)
			}
			if f.ok {
				if err != nil {
					t.Fatalf("got %v, want no error", err)
				}
				if asked > 1 {
					t.Errorf("Next was called %d times", asked)
				}
				if got := b.String(); got != f.listing && !(f.listing == "…" && strings.Count(got, "\r\n") == 4) {
					t.Errorf("got %.100q, want %.100q", got, f.listing)
				}
				return
			}
			var e *crawl.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a *crawl.Error", err)
			}
			if e.Code != f.code || crawl.Broken(err) != f.broken || f.err != nil && !errors.Is(err, f.err) {
				t.Errorf("got %v (broken: %t), want code %d, broken: %t, %v", err, crawl.Broken(err), f.code, f.broken, f.err)
			}
		})
	}
}

// EPSV names a port that a firewall swallows: PASV after a while, and for good.
func TestEPSVFirewalled(t *testing.T) {
	s := &ftptest.Server{FS: small(time.Now())}
	var walled sync.Map
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb == "EPSV" {
			port, _ := c.Passive()
			walled.Store(fmt.Sprintf("127.0.0.1:%d", port), true)
			c.Reply(229, fmt.Sprintf("ok (|||%d|)", port))
			return true
		}
		return false
	}
	server := serve(t, s)
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		if _, ok := walled.LoadAndDelete(addr); ok {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		var nd net.Dialer
		return nd.DialContext(ctx, network, addr)
	}
	d := listed(&Dialer{DialContext: dial, DataDialTimeout: 200 * time.Millisecond}, server)
	for range 2 {
		c := open(t, d, server)
		for range 2 {
			if got, _, err := list(t, c, "/pub"); err != nil || strings.Count(got, "\r\n") != 4 || c.Hello().Passive != "PASV" {
				t.Fatalf("%q, %v", got, err)
			}
		}
	}
	if n := s.Stats().Commands["EPSV"]; n != 1 {
		t.Errorf("EPSV was sent %d times, want once", n)
	}
}

// A cancelled listing, and one that its reader does not want, leave nothing behind and block nobody.
func TestReaderFails(t *testing.T) {
	server := serve(t, &ftptest.Server{FS: numbered(5).Grow("many", 200, 200, 0)})
	d := listed(new(Dialer), server)
	full := errors.New("disk full")
	for range 4 {
		c := open(t, d, server)
		for range cleanListings {
			if _, _, err := list(t, c, "/d1"); err != nil {
				t.Fatal(err)
			}
		}
		_, err := c.List(t.Context(), crawl.Request{Path: "/many"}, writerFunc(func([]byte) (int, error) { return 0, full }))
		if !errors.Is(err, full) || !crawl.Broken(err) {
			t.Errorf("got %v, want %v", err, full)
		}
	}
	if d.memory(server).surprised {
		t.Error("a reader's failure is taken for the server's")
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// Close while a List runs ends it.
func TestCloseEndsList(t *testing.T) {
	started := make(chan struct{})
	s := &ftptest.Server{FS: small(time.Now())}
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb != "LIST" {
			return false
		}
		c.Reply(150, "here")
		d := send(c, "line\r\n", false)
		defer d.Close()
		close(started)
		io.Copy(io.Discard, d)
		return true
	}
	server := serve(t, s)
	c := open(t, listed(new(Dialer), server), server)
	go func() {
		<-started
		c.Close()
	}()
	start := time.Now()
	if _, _, err := list(t, c, "/pub"); !crawl.Broken(err) {
		t.Errorf("got %v", err)
	}
	if time.Since(start) > soon {
		t.Errorf("took %v", time.Since(start))
	}
}

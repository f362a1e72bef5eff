package ftpconn

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// A listing that always brings just enough to go on is cut off in the end.
func TestListingWithoutEnd(t *testing.T) {
	t.Parallel()
	s := &ftptest.Server{FS: small(time.Now())}
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb != "LIST" {
			return false
		}
		c.Reply(150, "here")
		d := send(c, "", false)
		defer d.Close()
		for {
			if _, err := io.WriteString(d, strings.Repeat("x", 4<<10)); err != nil {
				return true
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	server := serve(t, s)
	c := open(t, listed(&Dialer{Longest: 300 * time.Millisecond}, server), server)
	start := time.Now()
	_, _, err := list(t, c, "/pub")
	if took := time.Since(start); !errors.Is(err, os.ErrDeadlineExceeded) || !crawl.Broken(err) || took > soon {
		t.Errorf("got %v after %v, want a time-out after 300 ms", err, took)
	}
}

// What comes byte by byte, and replies that only announce others, count as one wait.
func TestDrippedReplies(t *testing.T) {
	drip := func(text string) func(*ftptest.Session) {
		return func(c *ftptest.Session) {
			for range 100 {
				c.Write(text)
				time.Sleep(40 * time.Millisecond)
			}
		}
	}
	for _, test := range []struct {
		name  string
		at    string // command; "": the greeting
		drip  func(*ftptest.Session)
		facts map[string]string
		op    string
	}{
		{name: "greeting", drip: drip("2"), op: "greeting"},
		{name: "ready in a minute, again and again", drip: drip("120 soon\r\n"), op: "greeting"},
		{name: "greetings", drip: drip("220 hello\r\n"), facts: map[string]string{"greets_twice": "true"}, op: "greeting"},
		{name: "reply to USER", at: "USER", drip: drip("3"), op: "login"},
		{name: "line of a reply", at: "PASS", drip: drip("230-x\r\n"), op: "login"},
		{name: "SYST", at: "SYST", drip: drip("2"), op: "SYST"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &ftptest.Server{FS: small(time.Now())}
			if test.at == "" {
				s.Greet = func(c *ftptest.Session) bool { test.drip(c); return false }
			}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb != test.at {
					return false
				}
				test.drip(c)
				return true
			}
			server := serve(t, s)
			d := &Dialer{BannerTimeout: 300 * time.Millisecond, ReplyTimeout: 300 * time.Millisecond}
			d.Recall(server, test.facts)
			start := time.Now()
			c, err := d.Dial(t.Context(), server)
			if err == nil {
				c.Close()
			}
			var e *crawl.Error
			if took := time.Since(start); !errors.As(err, &e) || e.Op != test.op || !errors.Is(err, os.ErrDeadlineExceeded) || took > soon {
				t.Errorf("got %v after %v, want a time-out of %s after 300 ms", err, took, test.op)
			}
		})
	}
}

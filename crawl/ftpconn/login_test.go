package ftpconn

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

func TestGreetings(t *testing.T) {
	greet := func(s string) func(*ftptest.Session) bool {
		return func(c *ftptest.Session) bool { c.Write(s); return true }
	}
	for _, test := range []struct {
		name   string
		greet  func(*ftptest.Session) bool
		banner string // "": an error
		err    error
		code   int
	}{
		{name: "one line", greet: greet("220 hello\r\n"), banner: "hello"},
		{name: "no text", greet: greet("220\r\n"), banner: ""},
		{name: "LF alone", greet: greet("220 hello\n"), banner: "hello"},
		{name: "codes inside", greet: greet("220-a\r\n  220 b\r\n\r\nfoo\r\n220x\r\n221 y\r\n220-z\r\n220 c\r\n"), banner: "a\n  220 b\n\nfoo\n220x\n221 y\n220-z\nc"},
		{name: "64 KiB", greet: greet("220-" + strings.Repeat(strings.Repeat("y", 62)+"\r\n", 1024) + "220 end\r\n"), banner: strings.Repeat(strings.Repeat("y", 62)+"\n", 1024) + "end"},
		{name: "in nnn minutes", greet: greet("120 ready in 000 minutes\r\n220 ready\r\n"), banner: "ready"},
		{name: "twice", greet: greet("220-a\r\n220 b\r\n220-\r\n220 c\r\n"), banner: "a\nb\n\nc"},
		{name: "421", greet: greet("421 too many\r\n"), code: 421},
		{name: "554", greet: greet("554 go away\r\n"), code: 554},
		{name: "HTTP", greet: greet("HTTP/1.0 400 Bad Request\r\n")},
		{name: "SSH", greet: greet("SSH-2.0-OpenSSH_9.2\r\n")},
		{name: "nothing", greet: func(*ftptest.Session) bool { return false }, err: io.EOF},
		{name: "half a line", greet: func(c *ftptest.Session) bool { c.Write("220 hel"); return false }, err: io.ErrUnexpectedEOF},
		{name: "endless", greet: func(c *ftptest.Session) bool {
			for range 1 << 14 {
				c.Write("220-" + strings.Repeat("y", 50) + "\r\n")
			}
			return false
		}, err: errReplyTooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, &ftptest.Server{FS: small(time.Now()), Greet: test.greet})
			d := listed(new(Dialer), server)
			c, err := d.Dial(t.Context(), server)
			if err == nil {
				defer c.Close()
				if _, _, err := list(t, c, "/pub"); err != nil {
					t.Error(err)
				}
				if got := c.Hello().Banner; got != test.banner {
					t.Errorf("banner: got %.200q, want %.200q", got, test.banner)
				}
				if test.name == "twice" && d.Facts(server)["greets_twice"] != "true" {
					t.Errorf("facts: %v", d.Facts(server))
				}
				return
			}
			var e *crawl.Error
			if test.banner != "" || !errors.As(err, &e) || e.Op != "greeting" || e.Code != test.code || test.err != nil && !errors.Is(err, test.err) {
				t.Errorf("got %v, want code %d, %v", err, test.code, test.err)
			}
		})
	}
}

// The greeting may take long, for look-ups; what comes after it may not.
func TestBannerTimeout(t *testing.T) {
	slow := func(c *ftptest.Session) bool {
		time.Sleep(500 * time.Millisecond)
		c.Reply(220, "at last")
		return true
	}
	server := serve(t, &ftptest.Server{Greet: slow})
	open(t, listed(&Dialer{ReplyTimeout: 100 * time.Millisecond, BannerTimeout: 10 * time.Second}, server), server)
	_, err := (&Dialer{BannerTimeout: 50 * time.Millisecond}).Dial(t.Context(), server)
	var e *crawl.Error
	if !errors.As(err, &e) || e.Op != "greeting" || !crawl.Retryable(err) {
		t.Errorf("got %v, want a time-out of the greeting", err)
	}
}

// Servers say in three ways that they have no place for one session more.
func TestTooMany(t *testing.T) {
	for _, test := range []struct {
		name   string
		greet  func(*ftptest.Session) bool
		pass   string // reply to the second PASS
		code   int
		isMany bool
	}{
		{name: "vsftpd", greet: func(c *ftptest.Session) bool {
			c.Reply(421, "There are too many connections from your internet address.")
			return false
		}, code: 421},
		{name: "ProFTPD by host", pass: "Sorry, the maximum number of clients (1) from your host are already connected.", code: 530, isMany: true},
		{name: "ProFTPD by MaxInstances", greet: func(*ftptest.Session) bool { return false }, isMany: true},
		{name: "another refusal", pass: "Login incorrect.", code: 530},
	} {
		t.Run(test.name, func(t *testing.T) {
			var n atomic.Int32
			s := &ftptest.Server{}
			s.Greet = func(c *ftptest.Session) bool {
				if n.Add(1) > 1 && test.greet != nil {
					return test.greet(c)
				}
				c.Reply(220, "hello")
				return true
			}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb == "PASS" && test.pass != "" && n.Load() > 1 {
					c.Reply(530, test.pass)
					return true
				}
				return false
			}
			server := serve(t, s)
			d := listed(new(Dialer), server)
			first := open(t, d, server)
			_, err := d.Dial(t.Context(), server)
			var e *crawl.Error
			if !errors.As(err, &e) || e.Code != test.code || errors.Is(err, crawl.ErrTooMany) != test.isMany {
				t.Errorf("got %v, want code %d, too many: %t", err, test.code, test.isMany)
			}
			// With nobody logged in, 530 is a refusal, and a connection closed without a word a failure.
			first.Close()
			_, err = d.Dial(t.Context(), server)
			if !errors.As(err, &e) || e.Code != test.code || errors.Is(err, crawl.ErrTooMany) {
				t.Errorf("alone: got %v, want code %d", err, test.code)
			}
		})
	}
}

func TestLoginReplies(t *testing.T) {
	for _, test := range []struct {
		name string
		at   string
		code int
		text string
		want int // 0: success
	}{
		{name: "USER is enough", at: "USER", code: 230, text: "Anonymous access granted."},
		{name: "PASS is superfluous", at: "PASS", code: 202, text: "Superfluous."},
		{name: "account wanted", at: "USER", code: 332, text: "Need account.", want: -1},
		{name: "USER refused", at: "USER", code: 530, text: "No anonymous logins.", want: 530},
		{name: "USER refused for now", at: "USER", code: 421, text: "Too busy.", want: 421},
		{name: "PASS refused", at: "PASS", code: 530, text: "Login incorrect.", want: 530},
		{name: "PASS not understood", at: "PASS", code: 500, text: "?", want: 500},
		{name: "TYPE answered oddly", at: "TYPE", code: 250, text: "fine"},
		{name: "TYPE refused", at: "TYPE", code: 504, text: "no", want: 504},
		{name: "SYST refused", at: "SYST", code: 502, text: "no"},
		{name: "PWD refused", at: "PWD", code: 550, text: "no"},
		{name: "PWD without quotes", at: "PWD", code: 257, text: "/ is the current directory"},
		{name: "PWD beyond all bounds", at: "PWD", code: 257, text: `"` + strings.Repeat("/p", 20_000) + `"`},
		{name: "FEAT not known", at: "FEAT", code: 500, text: "what"},
		{name: "FEAT before login", at: "FEAT", code: 530, text: "login"},
		{name: "dead at SYST", at: "SYST", code: 421, text: "bye", want: 421},
		{name: "out of step at SYST", at: "SYST", code: 226, text: "done", want: -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &ftptest.Server{FS: small(time.Now())}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb != test.at {
					return false
				}
				if cmd.Verb == "USER" && test.code == 230 || cmd.Verb == "PASS" && test.code == 202 {
					c.Accept("anonymous")
				}
				c.Reply(test.code, test.text)
				return true
			}
			server := serve(t, s)
			c, err := listed(new(Dialer), server).Dial(t.Context(), server)
			if err == nil {
				defer c.Close()
				if _, _, err := list(t, c, "/pub"); err != nil {
					t.Error(err)
				}
				if got := c.Hello().LoginDir; got != "/" {
					t.Errorf("login directory: %.80q", got)
				}
			}
			var e *crawl.Error
			if test.want == 0 && err != nil || test.want != 0 && (!errors.As(err, &e) || e.Code != max(test.want, 0)) {
				t.Errorf("got %v, want code %d", err, test.want)
			}
		})
	}
}

func TestOptsUTF8(t *testing.T) {
	for _, code := range []int{200, 202, 501, 504, 500, 550} {
		s := &ftptest.Server{Features: []string{"UTF8", "CLNT"}}
		var asked, told atomic.Bool
		s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
			switch cmd.Verb {
			case "OPTS":
				asked.Store(true)
				c.Reply(code, "so")
				return true
			case "CLNT":
				told.Store(cmd.Arg == "ftpidx")
				c.Reply(200, "Noted.")
				return true
			}
			return false
		}
		server := serve(t, s)
		open(t, listed(new(Dialer), server), server)
		if !asked.Load() || !told.Load() {
			t.Errorf("OPTS: %t, CLNT: %t, want both", asked.Load(), told.Load())
		}
	}
}

func TestDialIsSaidOnce(t *testing.T) {
	_, err := new(Dialer).Dial(t.Context(), crawl.Server{Scheme: crawl.FTP, Host: "127.0.0.1", Port: 1})
	if want := "dial: 127.0.0.1:1: connect: connection refused"; err == nil || err.Error() != want || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Whoever has a password sent in clear is told, once and before it is.
func TestPasswordInClearIsTold(t *testing.T) {
	for _, tt := range []struct {
		name string
		user string
		mode TLSMode
		want int32
	}{
		{"a login", "bob", Auto, 1},
		{"never is a wish", "bob", Never, 0},
		{"anonymous", "", Auto, 0},
	} {
		var told, early atomic.Int32
		s := &ftptest.Server{FS: small(time.Now())}
		s.Intercept = func(_ *ftptest.Session, c ftptest.Command) bool {
			if c.Verb == "PASS" && told.Load() == 0 {
				early.Add(1)
			}
			return false
		}
		server := serve(t, s)
		server.User = tt.user
		d := &Dialer{TLS: tt.mode, Password: func(context.Context, crawl.Server) (string, error) { return "secret", nil }}
		d.InClear = func(got crawl.Server) {
			if told.Add(1); got != server {
				t.Errorf("%s: got %s", tt.name, got.Key())
			}
		}
		open(t, d, server)
		open(t, d, server)
		if told.Load() != tt.want || tt.want == 1 && early.Load() != 0 {
			t.Errorf("%s: told %d times, want %d; %d passwords were sent before", tt.name, told.Load(), tt.want, early.Load())
		}
	}
}

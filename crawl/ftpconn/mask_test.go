package ftpconn

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// A server may repeat the password in whatever it says: nothing that is shown or kept holds it.
func TestPasswordIsHidden(t *testing.T) {
	const secret = "se cret+100%"
	for _, test := range []struct {
		name   string
		at     string // command
		reply  string // bytes
		banner string
		fails  bool
		want   string // in the error, or in what is known of the server
	}{
		{name: "530", at: "PASS", reply: "530 Login incorrect for " + secret + "\r\n", fails: true, want: "530 Login incorrect for ***"},
		{name: "530 twice", at: "PASS", reply: "530 " + secret + secret + "\r\n", fails: true, want: "530 ******"},
		{name: "530 of several lines", at: "PASS", reply: "530-No:\r\n" + secret + "\r\n530-" + secret + "\r\n530 " + secret + ".\r\n", fails: true, want: "No:\n***\n530-***\n***."},
		{name: "530 with a URL", at: "PASS", reply: "530 ftp://bob:se%20cret+100%25@h/ and se+cret%2B100%25\r\n", fails: true, want: "530 ftp://bob:***@h/ and ***"},
		{name: "out of step", at: "SYST", reply: "226 " + secret + "\r\n", fails: true, want: "226 ***"},
		{name: "machine's code out of step", at: "SYST", reply: "227 " + secret + "\r\n", fails: true, want: "227 ***"},
		{name: "not a reply", at: "PASS", reply: strings.Repeat("x", 70) + secret + "\r\n", fails: true, want: "xxx***"},
		{name: "230", at: "PASS", reply: "230 Welcome, your password is " + secret + "\r\n", want: "password is ***"},
		{name: "230 of several lines", at: "PASS", reply: "230-Welcome\r\n " + secret + "\r\n230 " + secret + "\r\n", want: "Welcome\n ***\n***"},
		{name: "FEAT", at: "FEAT", reply: "211-Features\r\n X" + secret + "\r\n EPSV\r\n211 End " + secret + "\r\n", want: "X***"},
		{name: "SYST", at: "SYST", reply: "215 UNIX " + secret + "\r\n", want: "UNIX ***"},
		{name: "greeting", banner: "as ever: " + secret, want: "as ever: ***"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &ftptest.Server{FS: small(time.Now()), Banner: test.banner}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb != test.at {
					return false
				}
				if cmd.Verb == "PASS" && cmd.Arg != secret {
					t.Errorf("sent %q", cmd.Arg)
				}
				c.Accept("bob")
				c.Write(test.reply)
				return true
			}
			server := serve(t, s)
			server.User = "bob"
			d := &Dialer{Password: func(context.Context, crawl.Server) (string, error) { return secret, nil }}
			c, err := listed(d, server).Dial(t.Context(), server)
			if (err != nil) != test.fails {
				t.Fatalf("got %v, want an error: %t", err, test.fails)
			}
			got := fmt.Sprint(err)
			if err == nil {
				defer c.Close()
				h := c.Hello()
				got = strings.Join(append(h.Features, h.Banner, h.Welcome, h.System), "\n")
			}
			if strings.Contains(got, "cret") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it and no password", got, test.want)
			}
		})
	}
}

// A password that is part of a port or of a pathname breaks nothing, and an anonymous one hides nothing.
func TestPasswordInNumbers(t *testing.T) {
	for _, test := range []struct{ user, password, welcome, want string }{
		{"bob", "1", "1 day", "*** day"},
		{"bob", "pub", "", "Login successful."},
		{"bob", "", "as it is", "as it is"},
		{"", "1", "1 day", "1 day"},
	} {
		for _, noEPSV := range []bool{false, true} {
			server := serve(t, &ftptest.Server{FS: small(time.Now()), Welcome: test.welcome, LoginDir: "/pub", NoEPSV: noEPSV})
			server.User = test.user
			d := &Dialer{Contact: test.password, Password: func(context.Context, crawl.Server) (string, error) { return test.password, nil }}
			c := open(t, listed(d, server), server)
			if got, _, err := list(t, c, "/pub"); err != nil || strings.Count(got, "\r\n") != 4 {
				t.Errorf("%q: %q, %v", test.password, got, err)
			}
			if h := c.Hello(); h.LoginDir != "/pub" || h.Welcome != test.want {
				t.Errorf("%q: got %q and %q, want /pub and %q", test.password, h.LoginDir, h.Welcome, test.want)
			}
		}
	}
}

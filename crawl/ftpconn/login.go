package ftpconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/ftpidx/ftpidx/crawl"
)

// open connects, logs in, and learns what the server says of itself.
func (c *Conn) open(ctx context.Context, user, password string) (err error) {
	defer c.during(ctx, &err)()
	if err := c.forbidden(); err != nil {
		return err
	}
	if c.server.User != "" {
		c.mask = masker(password)
	}
	if err := c.connect(); err != nil {
		return err
	}
	c.ctl.noEPSV = c.known.recall().noEPSV
	c.ctl.held = &crawl.Reply{Code: 220, Text: "ready"} // the library wants to be greeted too
	options := []ftp.DialOption{ftp.DialWithDialFunc(c.dialFunc), ftp.DialWithDisabledMLSD(true)}
	if c.tls != nil {
		options = append(options, ftp.DialWithTLS(c.tls)) // for PBSZ and PROT: what dials is ours
	}
	if c.lib, err = ftp.Dial(c.server.Addr(), options...); err != nil {
		return c.fail("greeting", "", err)
	}
	if err := c.lib.Login(user, password); err != nil {
		return c.loginFailed(err)
	}
	c.hello.Welcome, c.hello.Features = c.ctl.welcome, c.ctl.features
	if err := c.introduce(); err != nil {
		return err
	}
	if err := c.chooseListing(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counted = true
	c.known.mu.Lock()
	defer c.known.mu.Unlock()
	c.known.live++
	return nil
}

// connect makes the control connection, reads the greeting, and puts TLS over it where that is wanted.
func (c *Conn) connect() error {
	ctx, cancel := context.WithTimeout(c.ctx, c.d.dialTimeout())
	defer cancel()
	nc, err := c.d.dial(ctx, c.server.Addr(), net.Dialer{})
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op == err && op.Op == "dial" {
			err = dialError{op}
		}
		return c.fail("dial", "", err)
	}
	c.setControl(nc)
	c.host = c.server.Host
	if c.d.DialContext == nil {
		// The name may have other addresses, on which nobody listens for our data connection.
		c.host, _, _ = net.SplitHostPort(nc.RemoteAddr().String())
		c.local = nc.LocalAddr().(*net.TCPAddr).IP
	}
	c.ctl = c.newControl(quickACK(nc))
	if c.server.Scheme == crawl.FTPS {
		if err := c.handshake(c.ctl.Conn); err != nil {
			return err
		}
		return c.greeting()
	}
	if err := c.greeting(); err != nil {
		return err
	}
	if ask, must := c.explicit(); ask {
		return c.upgrade(must)
	}
	return nil
}

// A dialError is what a [crawl.Error] about "dial" holds: it does not say so again.
type dialError struct{ *net.OpError }

func (e dialError) Error() string {
	if e.Addr == nil { // the name was not found: Err has it
		return e.Err.Error()
	}
	return e.Addr.String() + ": " + e.Err.Error()
}

func (e dialError) Unwrap() error { return e.OpError }

func (c *Conn) newControl(nc net.Conn) *control {
	t := newControl(nc, c.d.replyTimeout(), c.d.maxReply(), &c.stats)
	t.mask = c.mask
	return t
}

// greeting reads the server's first reply.
func (c *Conn) greeting() error {
	end := time.Now().Add(c.d.bannerTimeout()) // for all that comes before the first command
	c.ctl.timeout = c.d.bannerTimeout()
	defer func() { c.ctl.timeout = c.d.replyTimeout() }()
	r, err := c.ctl.reply()
	for err == nil && r.Code == 120 { // "ready in nnn minutes"
		c.ctl.timeout = time.Until(end)
		r, err = c.ctl.reply()
	}
	switch {
	case err != nil && errors.Is(err, io.EOF) && c.known.others():
		// ProFTPD closes without a word what is beyond MaxInstances.
		return c.fail("greeting", "", fmt.Errorf("%w: %w", crawl.ErrTooMany, err))
	case err != nil:
		return c.fail("greeting", "", err)
	case r.Code != 220:
		return c.refused("greeting", "", r)
	}
	c.hello.Banner = r.Text
	if c.known.recall().swallow {
		return c.swallow(end)
	}
	return nil
}

// swallow reads what a server that greets more than once says within a second, and until end if it does not stop.
func (c *Conn) swallow(end time.Time) error {
	for {
		c.ctl.SetReadDeadline(time.Now().Add(time.Second))
		_, err := c.ctl.r.Peek(1)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		switch {
		case err != nil:
		case time.Now().After(end):
			err = os.ErrDeadlineExceeded
		case len(c.hello.Banner) > c.d.maxReply():
			err = errReplyTooLong
		}
		if err == nil {
			c.ctl.timeout = time.Until(end)
			var r crawl.Reply
			if r, err = c.ctl.read(); err == nil {
				c.hello.Banner += "\n" + r.Text
				continue
			}
		}
		return c.fail("greeting", "", err)
	}
}

// introduce tells the server what we are, if it asks, and learns its system and the working directory.
func (c *Conn) introduce() error {
	if _, ok := feature(c.hello.Features, "CLNT"); ok {
		if _, err := c.ctl.exec("CLNT " + or(c.d.Client, "ftpidx")); err != nil {
			return c.fail("CLNT", "", err)
		}
	}
	r, err := c.ctl.exec("SYST")
	if err != nil {
		return c.fail("SYST", "", err)
	}
	if r.Code == 421 {
		return c.refused("SYST", "", r)
	}
	if r.Code < 400 {
		c.hello.System = r.Text
	}
	r, err = c.ctl.exec("PWD")
	if err != nil {
		return c.fail("PWD", "", err)
	}
	if r.Code == 421 {
		return c.refused("PWD", "", r)
	}
	dir := ""
	if r.Code < 400 {
		var ok bool
		if dir, ok = quoted(r.Text); !ok {
			dir, _, _ = strings.Cut(r.Text, " ")
		}
	}
	return c.orient(dir)
}

// tooMany matches what servers say at 530 that have no place for another session, such as ProFTPD's
// "Sorry, the maximum number of clients (2) from your host are already connected."
var tooMany = regexp.MustCompile(`(?i)max|many|limit|try again|busy`)

// loginFailed names the reply that refused the login: the library forgets some codes.
func (c *Conn) loginFailed(err error) error {
	op := "login"
	if c.ctl.verb == "PBSZ" || c.ctl.verb == "PROT" {
		op = "TLS"
	}
	r := c.ctl.last
	switch {
	case c.ctl.err != nil:
		return c.fail(op, "", c.ctl.err)
	case r.Code < 400:
		return c.fail(op, "", fmt.Errorf("%w: %d %s", errOutOfStep, r.Code, r.Text))
	case r.Code == 530 && tooMany.MatchString(r.Text) && c.known.others():
		return &crawl.Error{Op: op, Code: r.Code, Err: fmt.Errorf("%w: %s", crawl.ErrTooMany, r.Text), Dead: true}
	}
	return c.refused(op, "", r)
}

// adapt learns from a failed login, and reports whether that makes another attempt worth while.
func (c *Conn) adapt(err error) bool {
	var e *crawl.Error
	if !errors.As(err, &e) || c.ctl == nil || errors.Is(err, crawl.ErrTooMany) {
		return false
	}
	if c.probed {
		return true
	}
	r := c.ctl.last
	learned := false
	c.known.learn(func(f *facts) {
		switch {
		case e.Op == "login" && r.Code == 220 && !f.swallow:
			// The answer to USER is a greeting: the second one.
			f.swallow, learned = true, true
		case c.tls == nil && c.d.tlsMode(c.server) == Auto && !f.needTLS && r.Code >= 400 && demandsTLS.MatchString(r.Text):
			f.needTLS, learned = true, true
		}
	})
	return learned
}

// unixLike reports whether a server with the reply text to SYST takes pathnames with slashes. RFC 959
// takes the names of systems from the "Assigned Numbers"; "" stands for a server that does not tell.
func unixLike(system string) bool {
	s := strings.ToUpper(system)
	if strings.Contains(s, "VMS") || strings.Contains(s, "MVS") {
		return false // "VMS MultiNet Unix Emulation" is VMS
	}
	return s == "" || strings.Contains(s, "UNIX") || strings.Contains(s, "WINDOWS") || strings.Contains(s, "LINUX")
}

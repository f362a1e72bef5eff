package ftpconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/ftpidx/ftpidx/crawl"
)

// A Dialer opens control connections. Its zero value is ready for use; it must not be copied after
// that, nor its fields changed. It implements [crawl.Dialer].
type Dialer struct {
	// Contact is the password of anonymous logins, by custom a mail address (RFC 1635); "": "anonymous@".
	Contact string

	// Password returns the password of a login that is not anonymous. It is asked for each connection.
	// Nil: such logins fail.
	Password func(ctx context.Context, server crawl.Server) (string, error)

	// DialContext makes the TCP connections, both kinds; nil: a net.Dialer whose data connections come
	// from the address that the control connection has, as vsftpd demands.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	DialTimeout     time.Duration // for a control connection to be made; 0: 30 s
	BannerTimeout   time.Duration // for the greeting, which may wait for look-ups; 0: 60 s
	ReplyTimeout    time.Duration // for every other reply; 0: 30 s
	DataDialTimeout time.Duration // for a data connection to be made; 0: 10 s
	DataTimeout     time.Duration // silence on a data connection; 0: 60 s
	Slowest         time.Duration // for a whole listing, besides a second for each KiB it brings; 0: 1 min

	MaxReply   int   // bytes of a reply; 0: 256 KiB
	MaxListing int64 // bytes of a listing; 0: 256 MiB

	mu    sync.Mutex
	known map[crawl.Server]*known
}

// ErrTooLong is what the Err of a [crawl.Error] is when a listing was longer than MaxListing.
var ErrTooLong = errors.New("listing too long")

// known is what the connections to one server share.
type known struct {
	mu     sync.Mutex
	live   int  // logged in now
	noEPSV bool // EPSV is refused, or its port is dead
}

func (d *Dialer) memory(s crawl.Server) *known {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.known[s]
	if k == nil {
		if d.known == nil {
			d.known = make(map[crawl.Server]*known)
		}
		k = new(known)
		d.known[s] = k
	}
	return k
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (d *Dialer) dialTimeout() time.Duration     { return or(d.DialTimeout, 30*time.Second) }
func (d *Dialer) bannerTimeout() time.Duration   { return or(d.BannerTimeout, 60*time.Second) }
func (d *Dialer) replyTimeout() time.Duration    { return or(d.ReplyTimeout, 30*time.Second) }
func (d *Dialer) dataDialTimeout() time.Duration { return or(d.DataDialTimeout, 10*time.Second) }
func (d *Dialer) dataTimeout() time.Duration     { return or(d.DataTimeout, 60*time.Second) }
func (d *Dialer) slowest() time.Duration         { return or(d.Slowest, time.Minute) }
func (d *Dialer) maxReply() int                  { return or(d.MaxReply, 256<<10) }
func (d *Dialer) maxListing() int64              { return or(d.MaxListing, 256<<20) }

// dial makes a TCP connection, from the address local if that is not nil.
func (d *Dialer) dial(ctx context.Context, addr string, local net.IP) (net.Conn, error) {
	if d.DialContext != nil {
		return d.DialContext(ctx, "tcp", addr)
	}
	var nd net.Dialer
	if local != nil {
		nd.LocalAddr = &net.TCPAddr{IP: local}
	}
	return nd.DialContext(ctx, "tcp", addr)
}

// Dial implements [crawl.Dialer].
func (d *Dialer) Dial(ctx context.Context, server crawl.Server) (crawl.Conn, error) {
	user, password := "anonymous", or(d.Contact, "anonymous@")
	if server.User != "" {
		if d.Password == nil {
			return nil, &crawl.Error{Op: "login", Code: 530, Err: fmt.Errorf("no password for %s", server.User)}
		}
		p, err := d.Password(ctx, server)
		if err != nil {
			return nil, err
		}
		user, password = server.User, p
	}
	if strings.ContainsAny(user+password, "\r\n\x00") {
		return nil, &crawl.Error{Op: "login", Code: 530, Err: errors.New("user or password holds CR, LF or NUL")}
	}
	if server.Scheme != crawl.FTP {
		return nil, &crawl.Error{Op: "TLS", Code: 534, Err: fmt.Errorf("scheme %q is not supported", server.Scheme)}
	}
	c := &Conn{d: d, server: server, known: d.memory(server)}
	if err := c.open(ctx, user, password); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// open connects and logs in.
func (c *Conn) open(ctx context.Context, user, password string) (err error) {
	defer c.during(ctx, &err)()
	if err := c.connect(); err != nil {
		return err
	}
	c.lib, err = ftp.Dial(c.server.Addr(), ftp.DialWithDialFunc(c.dialFunc), ftp.DialWithDisabledMLSD(true))
	if err != nil {
		return c.fail("greeting", "", err)
	}
	if err := c.lib.Login(user, password); err != nil {
		return c.loginFailed(err)
	}
	c.hello.Welcome, c.hello.Features = c.ctl.welcome, c.ctl.features
	if r, err := c.ctl.exec("SYST"); err != nil {
		return c.fail("SYST", "", err)
	} else if r.Code == 215 {
		c.hello.System = r.Text
	}
	r, err := c.ctl.exec("PWD")
	if err != nil {
		return c.fail("PWD", "", err)
	}
	if r.Code == 257 {
		c.hello.LoginDir, _ = quoted(r.Text)
	}
	if r.Code == 421 {
		return c.refused("PWD", "", r)
	}
	c.known.mu.Lock()
	c.known.live++
	c.counted = true
	c.known.mu.Unlock()
	return nil
}

// connect makes the control connection and reads the greeting.
func (c *Conn) connect() error {
	ctx, cancel := context.WithTimeout(c.ctx, c.d.dialTimeout())
	defer cancel()
	nc, err := c.d.dial(ctx, c.server.Addr(), nil)
	if err != nil {
		return c.fail("dial", "", err)
	}
	c.setControl(nc)
	c.host = c.server.Host
	if c.d.DialContext == nil {
		// The name may have other addresses, on which nobody listens for our data connection.
		c.host, _, _ = net.SplitHostPort(nc.RemoteAddr().String())
		c.local = nc.LocalAddr().(*net.TCPAddr).IP
	}
	c.ctl = newControl(quickACK(nc), c.d.bannerTimeout(), c.d.maxReply(), &c.stats)
	r, err := c.ctl.reply()
	for err == nil && r.Code == 120 { // "ready in nnn minutes"
		r, err = c.ctl.reply()
	}
	if err != nil {
		if errors.Is(err, io.EOF) && c.others() {
			err = fmt.Errorf("%w: %w", crawl.ErrTooMany, err)
		}
		return c.fail("greeting", "", err)
	}
	if r.Code != 220 {
		return c.refused("greeting", "", r)
	}
	c.hello.Banner = r.Text
	c.ctl.timeout = c.d.replyTimeout()
	c.known.mu.Lock()
	c.ctl.noEPSV = c.known.noEPSV
	c.known.mu.Unlock()
	c.ctl.held = &crawl.Reply{Code: 220, Text: "ready"}
	return nil
}

// others reports whether another connection to the server is logged in.
func (c *Conn) others() bool {
	c.known.mu.Lock()
	defer c.known.mu.Unlock()
	return c.known.live > 0
}

// tooMany matches what servers say at 530 that have no place for another session, such as ProFTPD's
// "Sorry, the maximum number of clients (2) from your host are already connected."
var tooMany = regexp.MustCompile(`(?i)max|many|limit|try again|busy`)

// loginFailed names the reply that refused the login: the library forgets some codes.
func (c *Conn) loginFailed(err error) error {
	r := c.ctl.last
	if c.ctl.err != nil || r.Code/100 < 4 {
		return c.fail("login", "", err)
	}
	if r.Code == 530 && c.others() && tooMany.MatchString(r.Text) {
		return &crawl.Error{Op: "login", Code: r.Code, Err: fmt.Errorf("%w: %s", crawl.ErrTooMany, r.Text), Dead: true}
	}
	return c.refused("login", "", r)
}

// dialFunc gives the library its connections: the control connection, made already, and then data ones.
func (c *Conn) dialFunc(_, addr string) (net.Conn, error) {
	if c.lib == nil {
		return c.ctl, nil
	}
	t := c.cur
	t.epsv = c.ctl.verb == "EPSV"
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	nc, err := c.dialData(port)
	if err != nil {
		t.dial = err
		return nil, err
	}
	return &data{nc, c, t}, nil
}

// checkPort refuses the ports where well-known services listen: a hostile server might have us talk to
// them in its place.
func checkPort(port string) error {
	if n, err := strconv.Atoi(port); err != nil || n < 1024 || n > 65535 {
		return fmt.Errorf("data port %s refused", port)
	}
	return nil
}

// quoted returns the pathname in a 257 reply, in which quotes are doubled (RFC 959, appendix II).
func quoted(text string) (string, bool) {
	i := strings.IndexByte(text, '"')
	if i < 0 {
		return "", false
	}
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] == '"' {
			if i+1 < len(text) && text[i+1] == '"' {
				i++
			} else {
				return b.String(), true
			}
		}
		b.WriteByte(text[i])
	}
	return "", false
}

package ftptest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Command is one line from a client.
type Command struct {
	Verb string // in upper case
	Arg  string // what follows the first blank, bytes as sent
	N    int    // its number in the session, from 1
}

// A Session is one control connection as the server sees it.
type Session struct {
	ID int // number of the session, from 1

	server *Server
	conn   net.Conn // TLS, once AUTH has been given
	r      *bufio.Reader
	n      int
	user   string
	logged bool
	dir    string // absolute
	prot   bool   // data connections are TLS too

	mu      sync.Mutex
	raw     net.Conn     // for Hangup
	passive net.Listener // where the next data connection is expected
	data    net.Conn
	gone    bool
}

func newSession(s *Server, id int, c net.Conn) *Session {
	return &Session{ID: id, server: s, conn: c, raw: c, dir: or(s.LoginDir, "/"), prot: s.Implicit}
}

// Dir returns the working directory, absolute.
func (c *Session) Dir() string { return c.dir }

// User returns the argument of USER, "" before.
func (c *Session) User() string { return c.user }

// Secure reports whether the control connection is TLS.
func (c *Session) Secure() bool { _, ok := c.conn.(*tls.Conn); return ok }

// Pending returns how many bytes the client has sent beyond the command that is being answered.
func (c *Session) Pending() int { return c.r.Buffered() }

// Discard drops what Pending counts.
func (c *Session) Discard() { c.r.Discard(c.r.Buffered()) }

// RemoteAddr returns the client's address.
func (c *Session) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }

// Accept makes the session one that is logged in.
func (c *Session) Accept(user string) { c.user, c.logged = user, true }

// Reply sends a reply; a text of several lines makes it a multi-line one (RFC 959, section 4.2).
func (c *Session) Reply(code int, text string) {
	lines := strings.Split(text, "\n")
	var b strings.Builder
	for i, l := range lines {
		sep := byte('-')
		if i == len(lines)-1 {
			sep = ' '
		}
		fmt.Fprintf(&b, "%03d%c%s\r\n", code, sep, l)
	}
	c.Write(b.String())
}

// Write sends bytes on the control connection as they are.
func (c *Session) Write(s string) {
	c.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c.conn, s)
}

// Hangup drops the control connection and what belongs to it. It may be called from any goroutine.
func (c *Session) Hangup() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	c.raw.Close()
	if c.passive != nil {
		c.passive.Close()
	}
	if c.data != nil {
		c.data.Close()
	}
}

// Data waits for the data connection that the last EPSV or PASV announced. The caller closes it.
func (c *Session) Data() (net.Conn, error) {
	c.mu.Lock()
	l := c.passive
	c.mu.Unlock()
	if l == nil {
		return nil, errors.New("no EPSV or PASV before")
	}
	l.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Second))
	d, err := l.Accept()
	l.Close()
	c.mu.Lock()
	c.passive = nil
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if host(d.RemoteAddr()) != host(c.conn.RemoteAddr()) {
		d.Close()
		return nil, errors.New("bad IP connecting")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		d.Close()
		return nil, net.ErrClosed
	}
	c.data = d
	c.server.mu.Lock()
	c.server.stats.DataConn++
	c.server.mu.Unlock()
	if c.prot {
		return tls.Server(d, c.server.TLSConfig), nil
	}
	return d, nil
}

// Passive listens for the next data connection and returns its port; the one before is forgotten.
func (c *Session) Passive() (port int, err error) {
	l, err := listenForData(host(c.conn.LocalAddr()))
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.passive != nil {
		c.passive.Close()
	}
	c.passive = l
	if c.gone {
		l.Close()
	}
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Data ports are taken in turn from below those that Linux gives to whoever asks for any (from 32768): among thousands of
// connections that have ended lately it looks for a free one for a millisecond and more.
const (
	firstDataPort = 30000
	dataPorts     = 2768
)

var dataPort atomic.Uint32

func init() { dataPort.Store(rand.Uint32N(dataPorts)) } // tests run in several processes

// listenForData listens on the next data port of addr that is free, or on any if none is.
func listenForData(addr string) (net.Listener, error) {
	for range dataPorts {
		port := firstDataPort + dataPort.Add(1)%dataPorts
		if l, err := net.Listen("tcp", net.JoinHostPort(addr, strconv.Itoa(int(port)))); err == nil {
			return l, nil
		}
	}
	return net.Listen("tcp", net.JoinHostPort(addr, "0"))
}

func host(a net.Addr) string {
	h, _, _ := net.SplitHostPort(a.String())
	return h
}

func (c *Session) serve() {
	s := c.server
	if s.Implicit {
		c.conn = tls.Server(c.conn, s.TLSConfig)
	}
	c.r = bufio.NewReader(c.conn)
	if s.Greet != nil {
		if !s.Greet(c) {
			return
		}
	} else {
		c.Reply(220, or(s.Banner, "(vsFTPd 3.0.3)"))
	}
	idle := s.IdleTimeout
	if idle == 0 {
		idle = time.Minute
	}
	for {
		c.conn.SetReadDeadline(time.Now().Add(idle))
		line, err := c.r.ReadString('\n')
		if err != nil {
			var ne net.Error
			if errors.As(err, &ne) && ne.Timeout() {
				c.Reply(421, "Timeout.")
			}
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		c.n++
		cmd := Command{Verb: strings.ToUpper(verb), Arg: arg, N: c.n}
		s.mu.Lock()
		s.stats.Commands[cmd.Verb]++
		if cmd.Verb == "LIST" || cmd.Verb == "NLST" || cmd.Verb == "MLSD" {
			_, p := listArg(cmd.Arg)
			s.stats.Listings = append(s.stats.Listings, Listing{time.Now(), c.ID, c.abs(p)})
		}
		s.mu.Unlock()
		if s.Intercept != nil && s.Intercept(c, cmd) {
			continue
		}
		if !c.Do(cmd) {
			return
		}
	}
}

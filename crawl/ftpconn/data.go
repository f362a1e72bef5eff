package ftpconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

// A transfer is what one data connection brings, and how that went.
type transfer struct {
	w     io.Writer
	limit int64 // bytes
	n     int64 // bytes so far
	next  func() (path string, ok bool)
	start time.Time

	epsv  bool  // the port came from EPSV
	dial  error // why the data connection could not be made
	err   error // why it failed afterwards; nil: it ended cleanly, or did not begin
	sink  bool  // err is w's, or the limit's
	ended bool  // the server closed the data connection in an orderly way
}

// data is a data connection as the library sees it: empty. Its first Read copies all bytes to the
// transfer's writer, so that the library parses nothing and holds nothing.
type data struct {
	c   *Conn
	t   *transfer
	nc  net.Conn // nil: not made
	err error    // why
}

// copyBuffer is as large as what servers write at once; each connection has one.
const copyBuffer = 32 << 10

// early is how long a data connection may stay silent after the transfer has already been confirmed.
const early = 2 * time.Second

// dialFunc gives the library its connections: the control connection, made already, and then data ones.
func (c *Conn) dialFunc(_, addr string) (net.Conn, error) {
	if c.lib == nil {
		return c.ctl, nil
	}
	t := c.cur
	t.epsv = c.ctl.verb == "EPSV"
	_, port, _ := net.SplitHostPort(addr)
	if t.dial = checkPort(port); t.dial != nil {
		return nil, t.dial
	}
	c.stats.DataConns++
	d := &data{c: c, t: t}
	if c.fast {
		// LIST is sent first, so that it is under way while the connection is being made.
		c.ctl.sent = func() { d.dial(c.ctx, port) }
		return d, nil
	}
	d.dial(c.ctx, port)
	if d.err != nil {
		t.dial = d.err
		return nil, d.err
	}
	return d, nil
}

// checkPort refuses the ports where well-known services listen: a hostile server might have us talk to
// them in its place.
func checkPort(port string) error {
	if n, err := strconv.Atoi(port); err != nil || n < 1024 || n > 65535 {
		return fmt.Errorf("data port %s refused", port)
	}
	return nil
}

// dial connects to port of the server's host, whatever address its reply named.
func (d *data) dial(ctx context.Context, port string) {
	c := d.c
	ctx, cancel := context.WithTimeout(ctx, c.d.dataDialTimeout())
	defer cancel()
	// Every read of a data connection has an end: no need for four system calls that ask for keep-alive.
	nd := net.Dialer{KeepAlive: -1}
	if c.local != nil {
		nd.LocalAddr, nd.Control = &net.TCPAddr{IP: c.local}, lateBind
	}
	nc, err := c.d.dial(ctx, net.JoinHostPort(c.host, port), nd)
	if err != nil {
		d.err = err
		if c.fast {
			// The server waits for us, perhaps for minutes, before it answers LIST.
			c.drop()
		}
		return
	}
	c.setData(nc)
	nc = quickACK(nc)
	if c.tls != nil {
		nc = tls.Client(nc, c.tls) // shakes hands at the first Read: servers are ready after LIST only
	}
	d.nc = nc
}

func (d *data) Read([]byte) (int, error) {
	if d.nc == nil {
		return 0, io.EOF
	}
	d.fetch()
	if t := d.t; t.ended && t.next != nil && d.c.fast && !d.c.ctl.early {
		next := t.next
		t.next = nil // to be asked once
		if path, ok := next(); ok {
			d.nc.Close() // some servers confirm only after that
			d.c.promise(path)
		}
	}
	return 0, io.EOF // the library closes us, then waits for the confirmation
}

// promise sends ahead what the listing of dir will begin with.
func (c *Conn) promise(dir string) {
	if !sendable(dir) || c.odd {
		return
	}
	if steps := split(dir, c.known.recall().doubleIAC); len(steps) == 1 {
		c.ctl.sendAhead(append([]string{"CWD " + steps[0]}, c.ctl.opening()...)...)
	}
}

// fetch copies the data connection to the transfer's writer until its end, a failure or a limit.
func (d *data) fetch() {
	c, t := d.c, d.t
	if c.buf == nil {
		c.buf = make([]byte, copyBuffer)
	}
	idle := c.d.dataTimeout()
	if c.ctl.early {
		idle = early
	}
	for {
		deadline := time.Now().Add(idle)
		// A server that drips is cut off too: a minute, and a second more for each KiB it brought, up to an hour.
		allowed := min(c.d.slowest()+time.Duration(t.n>>10)*time.Second, c.d.longest())
		if limit := t.start.Add(allowed); limit.Before(deadline) {
			deadline = limit
		}
		d.nc.SetDeadline(deadline) // of writing too: TLS shakes hands
		n, err := d.nc.Read(c.buf)
		t.n += int64(n)
		c.stats.Received += int64(n)
		c.stats.ListingBytes += int64(n)
		if n > 0 {
			if _, werr := t.w.Write(c.buf[:n]); werr != nil {
				t.sink = true
				c.abandon(t, werr)
				return
			}
		}
		switch {
		case t.n > t.limit:
			t.sink = true
			c.abandon(t, ErrTooLong)
			return
		case err == nil:
		case err == io.EOF:
			t.ended = true
			if tc, ok := d.nc.(*tls.Conn); ok && tc.ConnectionState().DidResume {
				c.resumed++
			}
			return
		case c.ctl.early && t.n == 0 && errors.Is(err, os.ErrDeadlineExceeded):
			t.ended = true // "226" without a data connection: an empty directory
			return
		default:
			c.abandon(t, err)
			return
		}
	}
}

// abandon gives a transfer up. The library closes the data connection and waits for a reply, often 426:
// not for long, since the control connection is of no more use in any case.
func (c *Conn) abandon(t *transfer, err error) {
	t.err = err
	c.ctl.timeout = min(c.ctl.timeout, time.Second)
}

func (d *data) Close() error {
	d.t.dial = d.err
	if d.nc != nil {
		d.nc.SetDeadline(time.Now().Add(5 * time.Second))
		d.nc.Close() // what a TLS goodbye may fail with is of no interest
	}
	return nil
}

func (d *data) Write([]byte) (int, error)        { return 0, errors.ErrUnsupported }
func (d *data) LocalAddr() net.Addr              { return nil }
func (d *data) RemoteAddr() net.Addr             { return nil }
func (d *data) SetDeadline(time.Time) error      { return nil }
func (d *data) SetReadDeadline(time.Time) error  { return nil }
func (d *data) SetWriteDeadline(time.Time) error { return nil }

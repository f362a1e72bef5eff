package ftpconn

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// A transfer is what one data connection brings, and how that went.
type transfer struct {
	w     io.Writer
	n     int64 // bytes so far
	start time.Time
	dial  error // why the data connection could not be made
	err   error // why it failed afterwards; nil: it ended cleanly, or did not begin
	ended bool  // the server closed the data connection in an orderly way
	epsv  bool  // the port came from EPSV
}

// data is a data connection as the library sees it: empty. Its first Read copies all bytes to the
// transfer's writer, so that the library parses nothing and holds nothing.
type data struct {
	net.Conn
	c *Conn
	t *transfer
}

// copyBuffer is as large as what a server writes at once; larger ones were not faster.
const copyBuffer = 32 << 10

// early is how long a data connection may stay silent after the transfer has already been confirmed.
const early = 2 * time.Second

func (d *data) Read([]byte) (int, error) {
	d.c.fetch(d.Conn, d.t)
	return 0, io.EOF // the library closes us, then waits for the confirmation
}

// fetch copies the data connection to t.w until its end, a failure or a limit.
func (c *Conn) fetch(nc net.Conn, t *transfer) {
	if c.buf == nil {
		c.buf = make([]byte, copyBuffer)
	}
	for {
		now := time.Now()
		idle := c.d.dataTimeout()
		if c.ctl.early {
			idle = early
		}
		deadline := now.Add(idle)
		// A server that drips is cut off too: a minute, and a second more for each KiB it brought.
		if limit := t.start.Add(c.d.slowest() + time.Duration(t.n>>10)*time.Second); limit.Before(deadline) {
			deadline = limit
		}
		nc.SetReadDeadline(deadline)
		n, err := nc.Read(c.buf)
		t.n += int64(n)
		c.stats.Received += int64(n)
		c.stats.ListingBytes += int64(n)
		if n > 0 {
			if _, werr := t.w.Write(c.buf[:n]); werr != nil {
				c.abandon(t, werr)
				return
			}
		}
		if t.n > c.d.maxListing() {
			c.abandon(t, ErrTooLong)
			return
		}
		switch {
		case err == nil:
		case err == io.EOF:
			t.ended = true
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

// dialData opens a data connection to port of the server's host, whatever address its reply named.
func (c *Conn) dialData(port string) (net.Conn, error) {
	if err := checkPort(port); err != nil {
		return nil, err
	}
	c.stats.DataConns++
	ctx, cancel := context.WithTimeout(c.ctx, c.d.dataDialTimeout())
	defer cancel()
	nc, err := c.d.dial(ctx, net.JoinHostPort(c.host, port), c.local)
	if err != nil {
		return nil, err
	}
	c.setData(nc)
	return quickACK(nc), nil
}

// Package ftpconn makes the control connections of a crawl, over github.com/jlaffaye/ftp.
//
// # How raw listings are got out of the library
//
// The library has no raw command, but it makes its connections through a function of ours, and
// ServerConn.List sends LIST and reads the data connection. That connection, [data], hands every byte to
// the crawl and shows the library an empty stream, so the library parses nothing, holds nothing, and has
// no longest line. A listing of 10,000 entries costs 61 allocations instead of 170,000.
//
// The control connection, [control], is ours too: it hands replies to the library one at a time, in the
// plainest form, and can slip in commands of which the library knows nothing.
//
//	crawl ── Conn.List ──► ftp.ServerConn ──► control ──► TLS? ──► TCP
//	  ▲                         └───────────► data ──────► TLS? ──► TCP
//	  └────── io.Writer ◄──────────────────────┘
//
// # What is asked of a server
//
// A listing is CWD and then LIST without an argument: the only form that is right everywhere. With a
// pathname, servers list something else, or nothing, where it holds blanks, brackets or a hyphen, and say
// 226; CWD says 550 where there is nothing to list.
//
// The address in a reply to PASV is never used: data connections go to the host that the control
// connection went to, from the same address, to no port below 1024.
package ftpconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/ftpidx/ftpidx/crawl"
)

// A Conn is one logged-in control connection; it implements [crawl.Conn].
type Conn struct {
	d      *Dialer
	server crawl.Server
	known  *known
	lib    *ftp.ServerConn
	ctl    *control
	host   string // where data connections go
	local  net.IP // where they come from, nil: anywhere
	hello  crawl.Hello
	stats  crawl.ConnStats
	buf    []byte

	busy sync.Mutex      // held by whoever uses the control connection
	ctx  context.Context // of the operation that runs
	cur  *transfer       // of the listing that runs

	mu          sync.Mutex // for what Close touches while a List runs
	closed      bool
	counted     bool     // in known.live
	control     net.Conn // TCP
	dataControl net.Conn // TCP
}

// Hello implements [crawl.Conn].
func (c *Conn) Hello() crawl.Hello { return c.hello }

// Stats implements [crawl.Conn].
func (c *Conn) Stats() crawl.ConnStats { return c.stats }

// List implements [crawl.Conn].
func (c *Conn) List(ctx context.Context, req crawl.Request, w io.Writer) (reply crawl.Reply, err error) {
	c.busy.Lock()
	defer c.busy.Unlock()
	defer c.during(ctx, &err)()
	if err := c.chdir(req.Path); err != nil {
		return crawl.Reply{}, err
	}
	reply, again, err := c.list(req, w)
	if again {
		// EPSV's port was dead, or the server could not use it. Nothing is lost yet: PASV may do.
		c.ctl.noEPSV = true
		reply, _, err = c.list(req, w)
	}
	if err == nil && c.ctl.noEPSV {
		c.known.mu.Lock()
		c.known.noEPSV = true
		c.known.mu.Unlock()
	}
	return reply, err
}

// chdir makes dir the working directory.
func (c *Conn) chdir(dir string) error {
	if strings.ContainsAny(dir, "\r\n\x00") {
		return &crawl.Error{Op: "CWD", Path: dir, Code: 553, Err: errors.New("a pathname with CR, LF or NUL cannot be sent")}
	}
	r, err := c.ctl.exec("CWD " + dir)
	if err != nil {
		return c.fail("CWD", dir, err)
	}
	if r.Code/100 != 2 {
		return c.refused("CWD", dir, r)
	}
	return nil
}

// list lists the working directory once; again: nothing came because of EPSV, and PASV may do.
func (c *Conn) list(req crawl.Request, w io.Writer) (reply crawl.Reply, again bool, err error) {
	t := &transfer{w: w, start: time.Now()}
	c.cur = t
	c.ctl.early = false
	_, err = c.lib.List("")
	c.setData(nil)
	r := c.ctl.last
	switch {
	case t.dial != nil:
		e := &crawl.Error{Op: "data", Path: req.Path, Err: t.dial, Dead: true}
		return r, t.epsv, e
	case t.err != nil && c.ctl.err == nil && r.Code/100 == 4: // 426 says why
		return r, false, &crawl.Error{Op: "data", Path: req.Path, Code: r.Code, Err: fmt.Errorf("%s: %w", r.Text, t.err), Dead: true}
	case t.err != nil:
		return r, false, c.fail("data", req.Path, t.err)
	case c.ctl.err != nil && t.ended:
		return r, false, c.fail("LIST", req.Path, fmt.Errorf("%w: %w", crawl.ErrUnconfirmed, c.ctl.err))
	case c.ctl.err != nil:
		return r, false, c.fail("LIST", req.Path, c.ctl.err)
	case err == nil:
		c.hello.Passive = "PASV"
		if t.epsv {
			c.hello.Passive = "EPSV"
		}
		return r, false, nil
	case r.Code/100 < 4: // a reply to PASV that nobody can read, or the like
		return r, false, c.fail("LIST", req.Path, err)
	case (r.Code == 450 || r.Code == 550) && strings.Contains(strings.ToLower(r.Text), "no files"):
		return r, false, nil // an empty directory: CWD has just entered it
	}
	return r, r.Code == 425 && t.epsv, c.refused("LIST", req.Path, r)
}

// refused makes an error of a negative reply.
func (c *Conn) refused(op, path string, r crawl.Reply) error {
	e := &crawl.Error{Op: op, Path: path, Code: r.Code, Err: errors.New(r.Text)}
	switch r.Code {
	case 421, 425, 426:
		e.Dead = true
	case 500:
		e.Dead = op == "CWD" // the command was too long for the server: a second reply may follow
	}
	return e
}

// fail makes an error of what happened without a reply.
func (c *Conn) fail(op, path string, err error) error {
	return &crawl.Error{Op: op, Path: path, Err: err, Dead: true}
}

// during makes ctx the context of an operation, in which both connections are closed as soon as ctx
// ends; the function it returns ends the operation, and makes ctx's error the operation's.
func (c *Conn) during(ctx context.Context, err *error) func() {
	c.ctx = ctx
	stop := context.AfterFunc(ctx, c.drop)
	return func() {
		stop()
		if e := ctx.Err(); e != nil && *err != nil {
			*err = e
		}
	}
}

func (c *Conn) setControl(nc net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.control = nc
	if c.closed || c.ctx.Err() != nil {
		nc.Close()
	}
}

func (c *Conn) setData(nc net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dataControl = nc
	if nc != nil && (c.closed || c.ctx.Err() != nil) {
		nc.Close()
	}
}

// drop closes both connections at once.
func (c *Conn) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.control != nil {
		c.control.Close()
	}
	if c.dataControl != nil {
		c.dataControl.Close()
	}
}

// Close implements [crawl.Conn].
func (c *Conn) Close() error {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	counted := c.counted
	c.mu.Unlock()
	if !first {
		return nil
	}
	if counted {
		c.known.mu.Lock()
		c.known.live--
		c.known.mu.Unlock()
	}
	if c.busy.TryLock() {
		if c.ctl != nil {
			c.ctl.timeout = min(c.ctl.timeout, time.Second)
			c.ctl.send("QUIT") // a courtesy: whether it arrives is of no interest
		}
		c.busy.Unlock()
	}
	c.drop()
	return nil
}

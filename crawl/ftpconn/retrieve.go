package ftpconn

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// Retrieve copies the file name, an absolute pathname, to w, up to limit bytes: beyond them the error
// matches [ErrTooLong], and the connection is of no more use. It returns the number of bytes copied, and
// the reply that confirms the transfer. Errors are as those of List.
func (c *Conn) Retrieve(ctx context.Context, name string, w io.Writer, limit int64) (n int64, reply crawl.Reply, err error) {
	c.busy.Lock()
	defer c.busy.Unlock()
	defer c.during(ctx, &err)()
	c.fast = false
	arg, err := c.locate("RETR", name)
	if err != nil {
		return 0, crawl.Reply{}, err
	}
	t := &transfer{w: w, limit: limit}
	once := func() (crawl.Reply, bool, error) {
		c.begin(t)
		resp, err := c.lib.Retr(arg)
		if err == nil {
			_, err = resp.Read(nil) // fetches all
			if cerr := resp.Close(); err == io.EOF {
				err = cerr
			}
		}
		return c.outcome(t, "RETR", name, err)
	}
	reply, again, err := once()
	if again && c.ctl.err == nil {
		c.ctl.noEPSV = true
		reply, _, err = once()
	}
	return t.n, reply, err
}

// ModTime returns the modification time of the file name, an absolute pathname, by MDTM (RFC 3659,
// section 3): in UTC, except on servers that have it wrong, such as vsftpd with use_localtime.
func (c *Conn) ModTime(ctx context.Context, name string) (modified time.Time, err error) {
	c.busy.Lock()
	defer c.busy.Unlock()
	defer c.during(ctx, &err)()
	c.fast = false
	arg, err := c.locate("MDTM", name)
	if err != nil {
		return time.Time{}, err
	}
	r, err := c.ctl.exec("MDTM " + arg)
	switch {
	case err != nil:
		return time.Time{}, c.fail("MDTM", name, err)
	case r.Code >= 400:
		return time.Time{}, c.refused("MDTM", name, r)
	}
	text, _, _ := strings.Cut(strings.TrimSpace(r.Text), ".") // fractions of a second
	modified, err = time.Parse("20060102150405", text)
	if err != nil {
		return time.Time{}, &crawl.Error{Op: "MDTM", Path: name, Code: r.Code, Err: errors.New("not a time: " + r.Text)}
	}
	return modified, nil
}

// locate returns the argument by which a command names a file: its pathname, or, where that would be too
// long or means nothing, its last element, after a CWD to its directory.
func (c *Conn) locate(verb, name string) (string, error) {
	if !sendable(name) {
		return "", &crawl.Error{Op: verb, Path: name, Code: 553, Err: errUnsendable}
	}
	if !c.odd && len(name) <= maxCommand-len("RETR \r\n") {
		return name, nil
	}
	dir, base := path.Split(name)
	return base, c.chdir(path.Clean(dir))
}

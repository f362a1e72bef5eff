package ftpconn

import (
	"bytes"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// A ListingMode says which command lists directories.
type ListingMode string

const (
	// ListAuto takes MLSD (RFC 3659) if the server offers it with the facts type, size and modify, else
	// LIST, with -a where that shows more. pyftpdlib is listed by LIST: its MLSD shows symbolic links as
	// the directories they lead to, so that every link to a parent would be a tree without end.
	ListAuto ListingMode = "auto"

	ListLIST ListingMode = "list" // LIST, with -a where that shows more
	ListMLSD ListingMode = "mlsd" // MLSD; it is an error if the server does not offer it
)

// wantedFacts are those of MLSD that a listing is read for.
var wantedFacts = []string{"type", "size", "modify", "perm", "unique", "unix.mode", "unix.owner", "unix.group", "unix.ownername", "unix.groupname", "unix.uid", "unix.gid"}

// chooseListing settles which command lists, for the life of the connection.
func (c *Conn) chooseListing() error {
	defer func() { c.hello.Listing = c.ctl.list }()
	if c.odd {
		return nil
	}
	mode := or(c.d.Listing, ListAuto)
	if mode == ListMLSD || mode == ListAuto && !strings.Contains(c.hello.Banner, "pyftpdlib") {
		ok, err := c.offersMLSD()
		if ok || err != nil {
			return err
		}
		if mode == ListMLSD {
			return c.refused("MLSD", "", crawl.Reply{Code: 502, Text: "not offered with the facts type, size and modify"})
		}
	}
	select { // one connection finds out for all
	case c.known.probe <- struct{}{}:
		defer func() { <-c.known.probe }()
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
	known := c.known.recall().listing
	if known == "LIST" || known == "LIST -a" {
		c.ctl.list = known
		return nil
	}
	best, err := c.probeAll()
	if err != nil {
		if c.ctx.Err() != nil {
			return err
		}
		c.probed = true // and not again: it cost the connection
	}
	c.known.learn(func(f *facts) { f.listing = best })
	c.ctl.list = best
	return err
}

// offersMLSD reports whether MLSD serves, and makes it the command if so. A server marks the facts that
// it sends unasked by stars: "MLST type*;size*;modify;"; others are asked for by OPTS MLST.
func (c *Conn) offersMLSD() (bool, error) {
	args, ok := feature(c.hello.Features, "MLST")
	if !ok {
		return false, nil
	}
	offered := make(map[string]bool) // and whether it comes unasked
	for _, f := range strings.Split(strings.ToLower(args), ";") {
		name, starred := strings.CutSuffix(strings.TrimSpace(f), "*")
		offered[name] = starred
	}
	var ask []string
	all := true
	for i, name := range wantedFacts {
		starred, ok := offered[name]
		if !ok {
			if i < 3 {
				return false, nil
			}
			continue
		}
		ask = append(ask, name)
		all = all && starred
	}
	if !all {
		r, err := c.ctl.exec("OPTS MLST " + strings.Join(ask, ";") + ";")
		if err != nil {
			return false, c.fail("OPTS", "", err)
		}
		if r.Code/100 != 2 {
			return false, nil
		}
	}
	c.ctl.list = "MLSD"
	c.known.learn(func(f *facts) { f.listing = "MLSD" })
	return true, nil
}

// probeLimit is how much of the login directory is looked at.
const probeLimit = 1 << 20

// probeAll finds out whether LIST -a shows all that LIST shows and more, by listing the login directory
// both ways: dot files are hidden by default on vsftpd, ProFTPD and Pure-FTPd, while other servers take
// "-a" for a name.
func (c *Conn) probeAll() (string, error) {
	bare, err := c.sample("LIST")
	if err != nil || bare == nil {
		return "LIST", err
	}
	all, err := c.sample("LIST -a")
	if err != nil || all == nil {
		return "LIST", err
	}
	for line := range bare {
		if !all[line] {
			return "LIST", nil
		}
	}
	if len(all) == len(bare) {
		return "LIST", nil
	}
	return "LIST -a", nil
}

// sample returns the lines that cmd lists in the working directory; nil if it is refused or too long.
// An error is one after which the connection is of no more use.
func (c *Conn) sample(cmd string) (map[string]bool, error) {
	if c.pace != nil {
		if err := c.pace(c.ctx); err != nil {
			return nil, err
		}
	}
	c.ctl.list = cmd
	defer func() { c.ctl.list = "LIST" }()
	var b bytes.Buffer
	_, err := c.listPassive(&transfer{w: &b, limit: probeLimit}, "")
	if crawl.Broken(err) {
		return nil, err
	}
	if err != nil {
		return nil, nil
	}
	lines := make(map[string]bool)
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "total ") {
			lines[strings.TrimRight(line, "\r\n")] = true
		}
	}
	return lines, nil
}

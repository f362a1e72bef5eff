package ftptest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path"
	"strings"
	"sync"
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
	l, err := net.Listen("tcp", net.JoinHostPort(host(c.conn.LocalAddr()), "0"))
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

// Do answers a command as the server does without Intercept; false: the session is at its end.
func (c *Session) Do(cmd Command) bool {
	s := c.server
	switch cmd.Verb {
	case "USER", "PASS", "AUTH", "PBSZ", "PROT", "FEAT", "SYST", "OPTS", "QUIT", "NOOP":
	default:
		if !c.logged {
			c.Reply(530, "Please login with USER and PASS.")
			return true
		}
	}
	switch cmd.Verb {
	case "USER":
		if s.RequireTLS && !c.Secure() {
			c.Reply(530, "Anonymous sessions must use encryption.")
			break
		}
		c.user, c.logged = cmd.Arg, false
		c.Reply(331, "Please specify the password.")
	case "PASS":
		c.login(cmd.Arg)
	case "AUTH":
		if s.TLSConfig == nil || c.Secure() || !strings.EqualFold(cmd.Arg, "TLS") {
			c.Reply(530, "Please login with USER and PASS.")
			break
		}
		c.Reply(234, "Proceed with negotiation.")
		c.conn = tls.Server(c.conn, s.TLSConfig)
		c.r.Reset(c.conn)
	case "PBSZ":
		c.Reply(200, "PBSZ set to 0.")
	case "PROT":
		switch strings.ToUpper(cmd.Arg) {
		case "P":
			c.prot = c.Secure()
			c.Reply(200, "PROT now Private.")
		case "C":
			c.prot = false
			c.Reply(200, "PROT now Clear.")
		default:
			c.Reply(536, "PROT not supported.")
		}
	case "FEAT":
		if f := s.features(); len(f) > 0 {
			c.Write("211-Features:\r\n " + strings.Join(f, "\r\n ") + "\r\n211 End\r\n")
		} else {
			c.Reply(500, "Unknown command.")
		}
	case "SYST":
		if s.System == "-" {
			c.Reply(500, "Unknown command.")
		} else {
			c.Reply(215, s.style().System)
		}
	case "OPTS":
		c.Reply(200, "Always in UTF8 mode.")
	case "TYPE":
		c.Reply(200, "Switching to Binary mode.")
	case "PWD", "XPWD":
		c.Reply(257, `"`+strings.ReplaceAll(s.style().PWD(c.dir), `"`, `""`)+`" is the current directory`)
	case "CWD", "XCWD":
		if to, ok := s.style().CWD(c.dir, cmd.Arg); ok {
			c.chdir(to)
		} else {
			c.Reply(501, "Invalid directory name.")
		}
	case "CDUP", "XCUP":
		c.chdir(s.style().CDUP(c.dir))
	case "EPSV":
		if s.NoEPSV {
			c.Reply(500, "Unknown command.")
		} else if port, err := c.Passive(); err != nil {
			c.Reply(425, err.Error())
		} else {
			c.Reply(229, fmt.Sprintf("Entering Extended Passive Mode (|||%d|)", port))
		}
	case "PASV":
		ip := net.ParseIP(host(c.conn.LocalAddr())).To4()
		if s.NoPASV || ip == nil {
			c.Reply(500, "Unknown command.")
		} else if port, err := c.Passive(); err != nil {
			c.Reply(425, err.Error())
		} else {
			c.Reply(227, fmt.Sprintf("Entering Passive Mode (%d,%d,%d,%d,%d,%d).", ip[0], ip[1], ip[2], ip[3], port>>8, port&255))
		}
	case "LIST":
		all, p := listArg(cmd.Arg)
		c.list(all, c.abs(p))
	case "MLSD":
		if !c.server.MLSD {
			c.Reply(500, "Unknown command.")
			break
		}
		c.mlsd(c.abs(cmd.Arg))
	case "NLST":
		all, p := listArg(cmd.Arg)
		c.nlst(all, c.abs(p))
	case "RETR":
		c.retrieve(c.abs(cmd.Arg))
	case "SIZE":
		if info, err := c.stat(c.abs(cmd.Arg)); err != nil || !info.Mode().IsRegular() {
			c.Reply(550, "Could not get file size.")
		} else {
			c.Reply(213, fmt.Sprint(info.Size()))
		}
	case "MDTM":
		if info, err := c.stat(c.abs(cmd.Arg)); err != nil {
			c.Reply(550, "Could not get file modification time.")
		} else {
			c.Reply(213, info.ModTime().UTC().Format("20060102150405"))
		}
	case "NOOP":
		c.Reply(200, "NOOP ok.")
	case "QUIT":
		c.Reply(221, "Goodbye.")
		return false
	default:
		c.Reply(500, "Unknown command.")
	}
	return true
}

func (c *Session) login(password string) {
	s := c.server
	switch {
	case c.user == "":
		c.Reply(503, "Login with USER first.")
	case c.logged:
		c.Reply(230, "Already logged in.")
	case s.Password != nil && !s.Password(c.user, password):
		c.Reply(530, "Login incorrect.")
	default:
		c.logged = true
		s.mu.Lock()
		s.stats.Logins++
		s.mu.Unlock()
		c.Reply(230, or(s.Welcome, "Login successful."))
	}
}

// listArg splits the argument of LIST into "is there a letter a among the options" and the pathname.
func listArg(arg string) (all bool, p string) {
	for strings.HasPrefix(arg, "-") {
		var opts string
		opts, arg, _ = strings.Cut(arg, " ")
		all = all || strings.Contains(opts, "a")
	}
	return all, arg
}

// abs makes a pathname absolute.
func (c *Session) abs(p string) string { return absolute(c.dir, p) }

func absolute(dir, p string) string {
	if !strings.HasPrefix(p, "/") {
		p = dir + "/" + p
	}
	return path.Clean(p)
}

// name returns p as an [fs.FS] wants it.
func name(p string) string { return or(strings.TrimPrefix(p, "/"), ".") }

func (c *Session) stat(p string) (fs.FileInfo, error) { return fs.Stat(c.server.FS, name(p)) }

func (c *Session) chdir(p string) {
	f, err := c.server.FS.Open(name(p))
	if err != nil {
		c.Reply(550, "Failed to change directory.")
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.IsDir() {
		c.Reply(550, "Failed to change directory.")
		return
	}
	c.dir = p
	c.Reply(250, "Directory successfully changed.")
}

// entries reads a directory; what is not one lists as itself, what is missing as nothing, both as vsftpd does.
func (c *Session) entries(all bool, p string) []Entry {
	s := c.server
	var entries []Entry
	info, err := c.stat(p)
	if err != nil {
		return nil
	}
	if !info.IsDir() {
		return append(entries, newEntry(s.FS, name(p), info))
	}
	dirents, _ := fs.ReadDir(s.FS, name(p))
	for _, d := range dirents {
		if s.Hidden && !all && strings.HasPrefix(d.Name(), ".") {
			continue
		}
		if info, err := d.Info(); err == nil {
			entries = append(entries, newEntry(s.FS, name(path.Join(p, d.Name())), info))
		}
	}
	return entries
}

func (c *Session) list(all bool, p string) {
	format := c.server.style().Format
	zone := c.server.Location
	if zone == nil {
		zone = time.UTC
	}
	entries := c.entries(all, p)
	c.Transfer("Here comes the directory listing.", "Directory send OK.", func(w *bufio.Writer) {
		format(w, p, entries, c.server.now().In(zone))
	})
}

func (c *Session) mlsd(p string) {
	entries := c.entries(true, p)
	c.Transfer("Opening data connection for MLSD.", "Transfer complete.", func(w *bufio.Writer) {
		for _, e := range entries {
			kind := "file"
			switch {
			case e.IsDir():
				kind = "dir"
			case e.Target != "":
				kind = "OS.unix=slink:" + e.Target
			}
			fmt.Fprintf(w, "type=%s;size=%d;modify=%s;perm=el;unix.mode=%04o; %s\r\n",
				kind, e.Size(), e.ModTime().UTC().Format("20060102150405"), e.Mode().Perm(), e.Name())
		}
	})
}

func (c *Session) nlst(all bool, p string) {
	entries := c.entries(all, p)
	c.Transfer("Here comes the directory listing.", "Directory send OK.", func(w *bufio.Writer) {
		for _, e := range entries {
			w.WriteString(e.Name() + "\r\n")
		}
	})
}

func (c *Session) retrieve(p string) {
	f, err := c.server.FS.Open(name(p))
	if err != nil {
		c.Reply(550, "Failed to open file.")
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		c.Reply(550, "Failed to open file.")
		return
	}
	c.Transfer(fmt.Sprintf("Opening BINARY mode data connection for %s (%d bytes).", p, info.Size()), "Transfer complete.",
		func(w *bufio.Writer) { io.Copy(w, f) })
}

// Transfer says 150 with the text before, sends what write writes on the data connection, and says 226
// with the text after; 425 or 426 if the data connection fails.
func (c *Session) Transfer(before, after string, write func(*bufio.Writer)) {
	c.mu.Lock()
	ready := c.passive != nil
	c.mu.Unlock()
	if !ready {
		c.Reply(425, "Use PORT or PASV first.")
		return
	}
	d, err := c.Data()
	if err != nil {
		c.Reply(425, "Failed to establish connection.")
		return
	}
	c.Reply(150, before)
	d.SetDeadline(time.Now().Add(time.Minute))
	if t, ok := d.(*tls.Conn); ok {
		if err := t.Handshake(); err != nil {
			d.Close()
			c.Reply(425, "Failed to negotiate TLS.")
			return
		}
		if c.server.RequireReuse && !t.ConnectionState().DidResume {
			d.Close()
			c.Reply(522, "SSL connection failed: session reuse required: see require_ssl_reuse option in vsftpd.conf man page")
			return
		}
	}
	w := bufio.NewWriterSize(d, 32<<10)
	write(w)
	err = w.Flush()
	if e := d.Close(); err == nil {
		err = e
	}
	if err != nil {
		c.Reply(426, "Failure writing network stream.")
		return
	}
	c.Reply(226, after)
}

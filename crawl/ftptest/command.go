package ftptest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path"
	"strings"
	"time"
)

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

package ftpconn

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// readable makes a temporary directory that every user may enter.
func readable(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ftpconn")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// vsftpd is what ftptest imitates: both print the same of the same.
func TestVSFTPD(t *testing.T) {
	root := readable(t)
	old := time.Date(2008, 10, 22, 9, 0, 0, 0, time.UTC)
	recent := time.Now().Add(-30 * 24 * time.Hour)
	for name, when := range map[string]time.Time{"000/a b.txt": old, "001": recent, "big\xff": old} {
		p := filepath.Join(root, name)
		os.MkdirAll(filepath.Dir(p), 0o755)
		if err := os.WriteFile(p, []byte("hello"), 0o644); err != nil {
			t.Fatal(err)
		}
		os.Chtimes(p, when, when)
	}
	os.Symlink("001", filepath.Join(root, "link"))
	os.Mkdir(filepath.Join(root, "private"), 0o700)
	s := realftp.Start(t, "vsftpd", root, "EXTRA=hide_ids=YES")
	c := open(t, new(Dialer), at(t, s.Addr))
	got, r, err := list(t, c, "/")
	if err != nil {
		t.Fatal(err)
	}
	if r.Code != 226 || r.Text != "Directory send OK." {
		t.Errorf("reply: %+v", r)
	}
	for _, want := range []string{
		" Oct 22  2008 big\xff\r\n",
		"-rw-r--r--    1 ftp      ftp             5 " + recent.UTC().Format("Jan 02 15:04") + " 001\r\n",
		" link -> 001\r\n",
		"drwx------    2 ftp      ftp          4096 ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if got, _, err := list(t, c, "/000"); err != nil || !strings.HasSuffix(got, " a b.txt\r\n") {
		t.Errorf("/000: %q, %v", got, err)
	}
	if _, _, err := list(t, c, "/private"); err == nil {
		t.Error("/private: no error")
	}
	if h := c.Hello(); h.Passive != "EPSV" || h.LoginDir != "/" || h.System != "UNIX Type: L8" || !strings.Contains(h.Banner, "vsFTPd") {
		t.Errorf("hello: %+v", h)
	}
}

// A realServer says what of the nasty tree one of the real servers shows, and how.
type realServer struct {
	name string
	mode ListingMode
	env  []string

	prefix string                                 // of pathnames
	eol    string                                 // of lines
	bare   bool                                   // links come without their targets
	hides  func(dir string, e realftp.Entry) bool // what is not listed
	rest   func(dir, lines string) bool           // what is listed besides
	losses int                                    // connections that it may close
	codes  func(dir string) int                   // of the refusal of a directory; unchecked: anything goes
}

const unchecked = -1

func control7(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// unreadable returns the codes for the three directories with modes 0700, 0744 and 0711; what lies in
// them may still be asked for.
func unreadable(access, exec, read int) func(string) int {
	return func(dir string) int {
		switch dir {
		case "/modes/noaccess":
			return access
		case "/modes/noexec":
			return exec
		case "/modes/noread":
			return read
		}
		return 0
	}
}

// and adds the refusal of directories by name.
func and(codes func(string) int, code int, which func(name string) bool) func(string) int {
	return func(dir string) int {
		if c := codes(dir); c != 0 {
			return c
		}
		if dir != "" && which(path.Base(dir)) {
			return code
		}
		return 0
	}
}

func notUTF8(name string) bool { return !utf8.ValidString(name) }

func hidesLinks(links ...string) func(string, realftp.Entry) bool {
	return func(dir string, e realftp.Entry) bool { return dir == "/links" && slices.Contains(links, e.Name) }
}

func nothingElse(_, lines string) bool { return lines == "" }

var realServers = []realServer{
	{name: "vsftpd", eol: "\r\n", codes: unreadable(550, 550, unchecked)},
	{name: "vsftpd", env: []string{"TLS=require"}, eol: "\r\n", codes: unreadable(550, 550, unchecked)},
	// A link with a target of 1,000 bytes is cut, and the next line glued to it.
	{name: "proftpd", mode: ListLIST, eol: "\r\n", hides: hidesLinks("dot", "parent", "longtarget", "loop1"), codes: unreadable(550, 550, unchecked),
		rest: func(dir, lines string) bool {
			return dir == "/links" && (lines == "" || strings.Count(lines, "\n") <= 2 && strings.Contains(lines, "longtarget -> xxx"))
		}},
	// MLSD leaves out links that lead nowhere.
	// In longpath it crashes; LIST comes after that.
	{name: "proftpd", mode: ListMLSD, eol: "\r\n", bare: true, losses: 10, hides: hidesLinks("dangling", "longtarget", "nl", "ping", "pong", "self", "x -> y", "リンク"), codes: unreadable(550, 550, 550),
		rest: func(dir, lines string) bool { return dir == "/links" }},
	{name: "proftpd", env: []string{"TLS=1"}, mode: ListLIST, eol: "\r\n", hides: hidesLinks("dot", "parent", "longtarget", "loop1"), codes: unreadable(550, 550, unchecked),
		rest: func(dir, lines string) bool { return dir == "/links" }},
	{name: "pure-ftpd", mode: ListLIST, eol: "\r\n", hides: func(_ string, e realftp.Entry) bool {
		return control7(e.Name) || e.Info.Mode()&(fs.ModeDevice|fs.ModeNamedPipe) != 0
	}, codes: and(unreadable(550, 550, unchecked), 553, func(name string) bool { return name[0] == '.' || strings.Contains(name, `\`) })},
	{name: "pure-ftpd", mode: ListMLSD, env: []string{"TLS=1"}, eol: "\r\n", bare: true, hides: func(_ string, e realftp.Entry) bool { return control7(e.Name) },
		codes: and(unreadable(550, 550, unchecked), 553, func(name string) bool { return name[0] == '.' || strings.Contains(name, `\`) })},
	{name: "inetutils", prefix: "/pub", eol: "\n", codes: unreadable(550, 550, unchecked), rest: func(_, lines string) bool {
		return strings.HasPrefix(lines, "total ") && strings.Count(lines, "\n") == 1
	}},
	{name: "pyftpdlib", eol: "\r\n", hides: func(_ string, e realftp.Entry) bool { return notUTF8(e.Name) || notUTF8(e.Target) },
		codes: and(unreadable(550, 550, 550), 550, notUTF8), rest: func(_, lines string) bool { return lines == "" || strings.Contains(lines, "?") }},
	{name: "pyftpdlib", mode: ListMLSD, env: []string{"TLS=require"}, eol: "\r\n", bare: true,
		hides: func(dir string, e realftp.Entry) bool { return notUTF8(e.Name) || e.Target != "" },
		codes: and(unreadable(550, 550, 550), 550, notUTF8), rest: func(dir, lines string) bool {
			return lines == "" || strings.Contains(lines, "?") || strings.HasPrefix(dir, "/links")
		}},
	{name: "goftp", mode: ListLIST, eol: "\r\n", bare: true, codes: and(unreadable(550, 550, 550), 550, func(name string) bool { return name == "modes" })},
	{name: "goftp", mode: ListMLSD, eol: "\n", bare: true, codes: and(unreadable(550, 550, 550), 550, func(name string) bool { return name == "modes" })},
	{name: "ftp-srv", eol: "\r\n", hides: func(_ string, e realftp.Entry) bool { return notUTF8(e.Name) || e.Target != "" },
		codes: and(unreadable(451, unchecked, 451), 550, func(name string) bool { return notUTF8(name) || strings.ContainsAny(name, `\"`) }),
		rest: func(dir, lines string) bool {
			return lines == "" || lines == "\r\n" || strings.HasPrefix(dir, "/links") || strings.Contains(lines, "\ufffd")
		}},
}

// Every directory of the nasty tree on every server: what is listed is what the disk holds, less what that
// server is known not to show; what is refused is what it is known to refuse.
func TestNastyTree(t *testing.T) {
	if testing.Short() {
		t.Skip("starts seven servers")
	}
	for _, s := range realServers {
		realftp.Need(t, s.name)
	}
	root := realftp.Nasty(t)
	var dirs []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, strings.TrimPrefix(p, root))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range realServers {
		t.Run(strings.TrimSpace(s.name+" "+string(s.mode)+" "+strings.Join(s.env, " ")), func(t *testing.T) {
			t.Parallel()
			started := realftp.Start(t, s.name, root, s.env...)
			server := at(t, started.Addr)
			d := &Dialer{Listing: s.mode}
			if s.env != nil {
				server.Scheme = crawl.FTPES
				pool, err := LoadCAs(started.Cert)
				if err != nil {
					t.Fatal(err)
				}
				d.TLSConfig = &tls.Config{RootCAs: pool}
			}
			c := open(t, d, server)
			redials := 0
			for i, dir := range dirs {
				next := func() (string, bool) { return s.prefix + dirs[i+1], true }
				if i+1 == len(dirs) {
					next = nil
				}
				req := crawl.Request{Path: or(s.prefix+dir, "/"), Next: next}
				var b bytes.Buffer
				_, err := c.List(t.Context(), req, &b)
				for err != nil && crawl.Broken(err) && redials < s.losses {
					redials++
					c.Close()
					c = open(t, d, server)
					b.Reset()
					_, err = c.List(t.Context(), req, &b)
				}
				s.check(t, root, dir, b.String(), err)
			}
			if s.env != nil && c.Hello().TLS == "" {
				t.Error("no TLS")
			}
			t.Logf("%d directories, %+v, %s", len(dirs), c.Stats(), c.Hello().Listing)
		})
	}
}

func (s realServer) check(t *testing.T, root, dir, got string, err error) {
	t.Helper()
	want := s.codes(dir)
	if strings.ContainsAny(dir, "\r\n") {
		want = 553
	}
	if want == unchecked {
		return
	}
	var e *crawl.Error
	if err != nil || want != 0 {
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%.60q: got %v, want code %d", dir, err, want)
		}
		return
	}
	left := []byte(got)
	for _, e := range realftp.ReadDir(t, root+dir) {
		if s.hides != nil && s.hides(dir, e) {
			continue
		}
		tail := " " + e.Name
		if e.Target != "" && !s.bare {
			tail += " -> " + e.Target
		}
		var ok bool
		if left, ok = cutLine(left, tail+s.eol); !ok {
			t.Errorf("%.60q: %.60q is not listed", dir, e.Name)
		}
	}
	left, _ = cutLine(left, " ."+s.eol)
	left, _ = cutLine(left, " .."+s.eol)
	got = string(left)
	rest := s.rest
	if rest == nil || rest(dir, got) != true && got == "" {
		rest = nothingElse
	}
	if !rest(dir, got) {
		t.Errorf("%.60q: there is also %.200q", dir, got)
	}
}

// cutLine removes, in place, the first line that ends in tail; a name may hold line ends.
func cutLine(lines []byte, tail string) ([]byte, bool) {
	i := bytes.Index(lines, []byte(tail))
	if i < 0 {
		return lines, false
	}
	return slices.Delete(lines, bytes.LastIndexByte(lines[:i], '\n')+1, i+len(tail)), true
}

// A real user of vsftpd, without chroot, comes out in his home; the password goes out over TLS alone.
func TestLoginDirectory(t *testing.T) {
	root := readable(t)
	if err := os.MkdirAll(filepath.Join(root, "home/bob's \"dir\"/docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(root, "home/bob's \"dir\"")
	s := realftp.Start(t, "vsftpd", root, "TLS=1", "LOCAL=home/bob's \"dir\"", "EXTRA=force_local_logins_ssl=YES\nforce_local_data_ssl=YES")
	server := at(t, s.Addr)
	server.User = "bob"
	pool, err := LoadCAs(s.Cert)
	if err != nil {
		t.Fatal(err)
	}
	d := &Dialer{TLSConfig: poolConfig(pool), Password: func(context.Context, crawl.Server) (string, error) { return "secret", nil }}
	c := open(t, d, server)
	if h := c.Hello(); h.LoginDir != home || h.TLS == "" {
		t.Errorf("login directory: %q, want %q; TLS %q", h.LoginDir, home, h.TLS)
	}
	for dir, want := range map[string]string{home: " docs\r\n", root: " home\r\n"} {
		if got, _, err := list(t, c, dir); err != nil || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, %v", dir, got, err)
		}
	}
}

// A server that takes two sessions: the third is told so in one of three ways, and the others go on.
func TestSessionLimits(t *testing.T) {
	for _, name := range []string{"vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"} {
		t.Run(name, func(t *testing.T) {
			root := readable(t)
			server := at(t, realftp.Start(t, name, root, "MAXPERIP=2").Addr)
			time.Sleep(200 * time.Millisecond) // the session that looked for the banner is counted for a while
			d := listed(&Dialer{Listing: ListLIST}, server)
			a, b := open(t, d, server), open(t, d, server)
			var e *crawl.Error
			if c, err := d.Dial(t.Context(), server); err == nil {
				c.Close()
				t.Error("a third session")
			} else if !errors.As(err, &e) || e.Code != 421 && !errors.Is(err, crawl.ErrTooMany) {
				t.Errorf("got %v, want 421 or too many", err)
			}
			for _, c := range []crawl.Conn{a, b} {
				if _, _, err := list(t, c, "/"); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// An idle server says 421 unasked, which the next command takes for its reply.
func TestIdle(t *testing.T) {
	server := at(t, realftp.Start(t, "vsftpd", readable(t), "IDLE=1").Addr)
	c := open(t, listed(new(Dialer), server), server)
	if _, _, err := list(t, c, "/"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2500 * time.Millisecond)
	_, _, err := list(t, c, "/")
	var e *crawl.Error
	if !errors.As(err, &e) || e.Code != 421 || !crawl.Broken(err) || !crawl.Retryable(err) {
		t.Errorf("got %v, want 421", err)
	}
}

// Pure-FTPd says that it has cut a listing only in the text of the confirmation.
func TestTruncationIsTold(t *testing.T) {
	root := readable(t)
	for i := range 30 {
		if err := os.WriteFile(filepath.Join(root, strings.Repeat("f", i+1)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := realftp.Start(t, "pure-ftpd", root, "LIMITRECURSION=20:8")
	for _, mode := range []ListingMode{ListLIST, ListMLSD} {
		c := open(t, &Dialer{Listing: mode}, at(t, s.Addr))
		got, r, err := list(t, c, "/")
		if err != nil || strings.Count(got, "\n") > 22 || !strings.Contains(r.Text, "truncated to 20 matches") {
			t.Errorf("%s: %d lines, %+v, %v", mode, strings.Count(got, "\n"), r, err)
		}
	}
}

// The addresses in replies to PASV are those of somebody else.
func TestWrongAddress(t *testing.T) {
	s := realftp.Start(t, "pure-ftpd", readable(t), "EXTRA=-P 192.0.2.7")
	server := at(t, s.Addr)
	d := listed(&Dialer{Listing: ListLIST}, server)
	d.Recall(server, map[string]string{"no_epsv": "true", "listing": "LIST"})
	c := open(t, d, server)
	if _, _, err := list(t, c, "/"); err != nil || c.Hello().Passive != "PASV" {
		t.Errorf("%s, %v", c.Hello().Passive, err)
	}
}

// ProFTPD lets a data connection in only with the TLS session of its own control connection: a cache that
// two connections share makes it refuse the second, or both.
func TestTLSSessionsAreSeparate(t *testing.T) {
	for _, name := range []string{"proftpd", "vsftpd"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := realftp.Start(t, name, readable(t), "TLS=require")
			pool, err := LoadCAs(s.Cert)
			if err != nil {
				t.Fatal(err)
			}
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				server := at(t, s.Addr) // ftp://: that TLS is demanded is found out
				d := listed(&Dialer{Listing: ListLIST, TLSConfig: &tls.Config{RootCAs: pool, MaxVersion: version}}, server)
				a, b := open(t, d, server), open(t, d, server)
				for range 5 {
					for _, c := range []crawl.Conn{a, b} {
						if _, _, err := list(t, c, "/"); err != nil {
							t.Fatalf("%s: %v", tls.VersionName(version), err)
						}
					}
				}
				if n := b.(*Conn).resumed; n != 5 {
					t.Errorf("%s: %d of 5 data connections resumed", tls.VersionName(version), n)
				}
			}
		})
	}
}

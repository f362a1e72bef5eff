package ftpconn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

func TestListingCommand(t *testing.T) {
	refuseA := func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb == "LIST" && cmd.Arg == "-a" {
			c.Reply(550, "No such file or directory.")
			return true
		}
		return false
	}
	mlst := "MLST type*;size*;modify*;perm*;unix.mode;"
	for _, test := range []struct {
		name   string
		server *ftptest.Server
		mode   ListingMode
		want   string // "": no connection
	}{
		{name: "hides dot files", server: &ftptest.Server{Hidden: true}, want: "LIST -a"},
		{name: "hides nothing", server: &ftptest.Server{}, want: "LIST"},
		{name: "takes -a for a name", server: &ftptest.Server{Hidden: true, Intercept: refuseA}, want: "LIST"},
		{name: "lists nothing with -a", server: &ftptest.Server{Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			return cmd.Arg == "-a" && sends("", 226, "ok")(c, cmd)
		}}, want: "LIST"},
		{name: "loses the connection with -a", server: &ftptest.Server{Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Arg == "-a" {
				c.Hangup()
			}
			return cmd.Arg == "-a"
		}}, want: "LIST"},
		{name: "MLSD", server: &ftptest.Server{MLSD: true}, want: "MLSD"},
		{name: "MLSD, but LIST wanted", server: &ftptest.Server{MLSD: true}, mode: ListLIST, want: "LIST"},
		{name: "MLSD without modify", server: &ftptest.Server{MLSD: true, Features: []string{"MLST type*;size*;"}}, want: "LIST"},
		{name: "MLSD, facts refused", server: &ftptest.Server{MLSD: true, Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			return cmd.Verb == "OPTS" && say(501, "no")(c, cmd)
		}}, want: "LIST"},
		{name: "MLSD wanted, not offered", server: &ftptest.Server{}, mode: ListMLSD},
		{name: "pyftpdlib", server: &ftptest.Server{MLSD: true, Banner: "pyftpdlib 1.5.7 ready."}, want: "LIST"},
		{name: "pyftpdlib, MLSD wanted", server: &ftptest.Server{MLSD: true, Banner: "pyftpdlib 1.5.7 ready."}, mode: ListMLSD, want: "MLSD"},
		{name: "PRET MLSD", server: &ftptest.Server{MLSD: true, Features: []string{mlst, "PRET"}, Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "PRET" && cmd.Arg != "MLSD" {
				return say(501, "want PRET MLSD")(c, cmd)
			}
			return cmd.Verb == "PRET" && say(200, "ok")(c, cmd)
		}}, want: "MLSD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := test.server
			s.FS = small(time.Now()).File("pub/.hidden", 1, time.Now()).File(".rc", 1, time.Now())
			server := serve(t, s)
			d := &Dialer{Listing: test.mode}
			c, err := d.Dial(t.Context(), server)
			if test.want == "" {
				if err == nil {
					c.Close()
					t.Error("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got, _, err := list(t, c, "/pub")
			if err != nil {
				t.Fatal(err)
			}
			if l := c.Hello().Listing; l != test.want {
				t.Errorf("got %s, want %s", l, test.want)
			}
			if (test.want == "MLSD") != strings.Contains(got, "type=file;size=5;modify=") {
				t.Errorf("got %s", got)
			}
			if shows := strings.Contains(got, ".hidden"); shows != (test.want != "LIST" || !s.Hidden) {
				t.Errorf("shows .hidden: %t", shows)
			}
			// Another connection, and another crawl, ask no more.
			before := len(s.Stats().Listings)
			again := &Dialer{Listing: test.mode}
			again.Recall(server, d.Facts(server))
			for _, d := range []*Dialer{d, again} {
				if l := open(t, d, server).Hello().Listing; l != test.want {
					t.Errorf("then: got %s, want %s", l, test.want)
				}
			}
			if n := len(s.Stats().Listings) - before; n != 0 {
				t.Errorf("%d more listings to find out", n)
			}
		})
	}
}

// ProFTPD 1.3.8 crashes at MLSD in deep directories.
func TestMLSDMayCostTheConnection(t *testing.T) {
	s := &ftptest.Server{FS: small(time.Now()), MLSD: true}
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb == "MLSD" && c.Dir() == "/pub" {
			c.Hangup()
			return true
		}
		return false
	}
	server := serve(t, s)
	var d Dialer
	c := open(t, &d, server)
	if _, _, err := list(t, c, "/pub"); !crawl.Broken(err) || !crawl.Retryable(err) {
		t.Fatalf("got %v", err)
	}
	c = open(t, &d, server)
	for _, test := range []struct {
		dir  string
		mlsd bool
	}{{"/pub", false}, {"/", true}, {"/pub", false}, {"/", true}} {
		got, _, err := list(t, c, test.dir)
		if err != nil || strings.HasPrefix(got, "type=") != test.mlsd {
			t.Errorf("%s: %q, %v", test.dir, got, err)
		}
	}
}

// A server that doubles 0xFF as Telnet does, and one that does not.
func TestIAC(t *testing.T) {
	tree := ftptest.NewTree(time.Now()).File("a\xff\xff\xffb/file", 1, time.Now()).File("c\xffd/file", 1, time.Now())
	for _, telnet := range []bool{false, true} {
		t.Run(fmt.Sprintf("telnet %t", telnet), func(t *testing.T) {
			s := &ftptest.Server{FS: tree}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if !telnet || cmd.Verb != "CWD" {
					return false
				}
				cmd.Arg = strings.ReplaceAll(cmd.Arg, "\xff\xff", "\x00")
				cmd.Arg = strings.ReplaceAll(cmd.Arg, "\xff", "")
				cmd.Arg = strings.ReplaceAll(cmd.Arg, "\x00", "\xff")
				c.Do(cmd)
				return true
			}
			server := serve(t, s)
			d := listed(new(Dialer), server)
			c := open(t, d, server)
			for range 6 { // with and without commands sent ahead
				for _, dir := range []string{"/a\xff\xff\xffb", "/c\xffd"} {
					if got, _, err := list(t, c, dir); err != nil || !strings.HasSuffix(got, " file\r\n") {
						t.Fatalf("%q: %q, %v", dir, got, err)
					}
				}
			}
			if got := d.Facts(server)["double_iac"] == "true"; got != telnet {
				t.Errorf("double_iac: %t, want %t", got, telnet)
			}
			want := 12
			if telnet {
				want = 13 // one refusal
			}
			if got := s.Stats().Commands["CWD"]; got != want {
				t.Errorf("CWD was sent %d times, want %d", got, want)
			}
			var e *crawl.Error
			if _, _, err := list(t, c, "/not\xffthere"); !errors.As(err, &e) || e.Code != 550 || crawl.Broken(err) {
				t.Errorf("missing: %v", err)
			}
		})
	}
}

// Commands stay below what inetutils ftpd takes, which answers longer ones twice.
func TestLongPathnames(t *testing.T) {
	tree := ftptest.NewTree(time.Now())
	deep := ""
	for i := range 14 {
		deep += "/" + string(rune('a'+i)) + strings.Repeat("n", 249)
	}
	tilde := strings.Repeat("/"+strings.Repeat("x", 240), 2) + "/~home/ blank/-R/" + strings.Repeat("y", 200) + "/z"
	for _, dir := range []string{deep, tilde} {
		tree.File(dir+"/end", 1, time.Now())
	}
	s := &ftptest.Server{FS: tree}
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if len(cmd.Verb)+1+len(cmd.Arg)+2 > 512 {
			c.Reply(500, "too long")
			c.Reply(500, "not a command")
			return true
		}
		if cmd.Verb == "CWD" && cmd.Arg != "" && strings.ContainsRune("~- ", rune(cmd.Arg[0])) {
			c.Reply(550, "that is an option, or somebody's home")
			return true
		}
		return false
	}
	server := serve(t, s)
	c := open(t, listed(new(Dialer), server), server)
	for range 5 {
		for _, dir := range []string{deep, tilde, "/", deep[:251]} {
			got, _, err := list(t, c, dir)
			if err != nil || len(dir) > 300 && !strings.HasSuffix(got, " end\r\n") {
				t.Fatalf("%.20q…: %.100q, %v", dir, got, err)
			}
		}
	}
	if _, _, err := list(t, c, deep+"/missing"); !strings.Contains(fmt.Sprint(err), "550") {
		t.Errorf("missing: %v", err)
	}
	if _, _, err := list(t, c, "/"); err != nil {
		t.Errorf("after a refused step: %v", err)
	}
}

func TestPASVReplies(t *testing.T) {
	for _, format := range []string{
		"Entering Passive Mode (192,0,2,7,%d,%d).", // another's address: not ours to visit
		"Entering Passive Mode 127,0,0,1,%d,%d",
		"Entering Passive Mode (127, 0, 0, 1, %d, %d)",
		"=127,0,0,1,%d,%d",
		"2 roads (127,0,0,1,%d,%d) to take",
	} {
		s := &ftptest.Server{FS: small(time.Now()), NoEPSV: true}
		s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb != "PASV" {
				return false
			}
			port, _ := c.Passive()
			c.Reply(227, fmt.Sprintf(format, port>>8, port&255))
			return true
		}
		server := serve(t, s)
		c := open(t, listed(new(Dialer), server), server)
		if got, _, err := list(t, c, "/pub"); err != nil || strings.Count(got, "\r\n") != 4 {
			t.Errorf("%s: %q, %v", format, got, err)
		}
	}
	for _, text := range []string{"what (1,2,3)", "(127,0,0,1,0,25)", "(127,0,0,1,999,9999)", "(127,0,0,1,-1,5)"} {
		s := &ftptest.Server{FS: small(time.Now()), NoEPSV: true}
		s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
			return cmd.Verb == "PASV" && say(227, text)(c, cmd)
		}
		server := serve(t, s)
		c := open(t, listed(new(Dialer), server), server)
		if _, _, err := list(t, c, "/pub"); !crawl.Broken(err) || s.Stats().DataConn != 0 {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestIPv6(t *testing.T) {
	s := &ftptest.Server{FS: small(time.Now()), Listen: "[::1]:0"}
	if l, err := net.Listen("tcp", s.Listen); err != nil {
		t.Skip("no IPv6 loopback: ", err)
	} else {
		l.Close()
	}
	server := serve(t, s)
	c := open(t, new(Dialer), server)
	for range 5 {
		if got, _, err := list(t, c, "/pub"); err != nil || strings.Count(got, "\r\n") != 4 {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if n := s.Stats().Commands["PASV"]; n != 0 {
		t.Errorf("PASV was sent %d times over IPv6", n)
	}
}

func TestRetrieve(t *testing.T) {
	when := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	tree := ftptest.NewTree(when).Add("robots.txt", ftptest.Node{Data: "User-agent: *\n"}).File("big", 1<<20, when)
	s := &ftptest.Server{FS: tree}
	server := serve(t, s)
	d := listed(new(Dialer), server)
	c := open(t, d, server).(*Conn)
	var b bytes.Buffer
	n, r, err := c.Retrieve(t.Context(), "/robots.txt", &b, 1000)
	if err != nil || n != 14 || r.Code != 226 || b.String() != "User-agent: *\n" {
		t.Errorf("%q, %d, %+v, %v", b.String(), n, r, err)
	}
	if modified, err := c.ModTime(t.Context(), "/robots.txt"); err != nil || !modified.Equal(when) {
		t.Errorf("%v, %v", modified, err)
	}
	var e *crawl.Error
	if _, _, err := c.Retrieve(t.Context(), "/absent", io.Discard, 1000); !errors.As(err, &e) || e.Code != 550 || e.Op != "RETR" || crawl.Broken(err) {
		t.Errorf("absent: %v", err)
	}
	if _, err := c.ModTime(t.Context(), "/absent"); !errors.As(err, &e) || e.Code != 550 {
		t.Errorf("absent: %v", err)
	}
	if _, _, err := c.Retrieve(t.Context(), "/a\nb", io.Discard, 1000); err == nil || crawl.Broken(err) {
		t.Errorf("LF: %v", err)
	}
	if _, _, err := list(t, c, "/"); err != nil {
		t.Errorf("then a listing: %v", err)
	}
	if n, _, err := c.Retrieve(t.Context(), "/big", io.Discard, 1000); !errors.Is(err, ErrTooLong) || !crawl.Broken(err) || n < 1000 || n > 1000+copyBuffer {
		t.Errorf("too long: %d, %v", n, err)
	}
}

// socks is as much of RFC 1928 as a test needs: no authentication, CONNECT, IPv4 and names.
func socks(t *testing.T, connects *atomic.Int32) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				b := make([]byte, 300)
				io.ReadFull(c, b[:2])
				io.ReadFull(c, b[:b[1]])
				c.Write([]byte{5, 0})
				io.ReadFull(c, b[:5])
				var host string
				switch b[3] {
				case 1:
					io.ReadFull(c, b[5:8])
					host = net.IP(b[4:8]).String()
				case 3:
					n := b[4]
					io.ReadFull(c, b[:n])
					host = string(b[:n])
					if host == "ftp.example" {
						host = "127.0.0.1"
					}
				}
				io.ReadFull(c, b[:2])
				to, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(int(b[0])<<8|int(b[1]))))
				if err != nil {
					c.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0})
					return
				}
				defer to.Close()
				connects.Add(1)
				c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
				go func() {
					io.Copy(to, c)
					to.(*net.TCPConn).CloseWrite()
				}()
				io.Copy(c, to)
			}()
		}
	}()
	return l.Addr().String()
}

func TestSOCKS(t *testing.T) {
	var connects atomic.Int32
	dial, err := SOCKS("socks5://" + socks(t, &connects))
	if err != nil {
		t.Fatal(err)
	}
	config, pool := ftptest.Certificate("ftp.example")
	s := &ftptest.Server{FS: small(time.Now()), TLSConfig: config, RequireReuse: true}
	server := serve(t, s)
	server.Host = "ftp.example" // which only the proxy can resolve
	for _, scheme := range []crawl.Scheme{crawl.FTP, crawl.FTPES} {
		server.Scheme = scheme
		d := listed(&Dialer{DialContext: dial, TLSConfig: poolConfig(pool)}, server)
		c := open(t, d, server)
		connects.Store(0)
		for range 6 {
			if got, _, err := list(t, c, "/pub"); err != nil || strings.Count(got, "\r\n") != 4 {
				t.Fatalf("%q, %v", got, err)
			}
		}
		if connects.Load() != 6 {
			t.Errorf("%d data connections went through the proxy, want 6", connects.Load())
		}
	}
	gone, err := SOCKS("socks5://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&Dialer{DialContext: gone}).Dial(t.Context(), crawl.Server{Scheme: crawl.FTP, Host: "ftp.example.org", Port: 21}); !errors.Is(err, crawl.ErrProxy) {
		t.Errorf("got %v, want that no proxy answers", err)
	}
	for _, bad := range []string{"http://127.0.0.1:80", "socks5://", "127.0.0.1:1080", "socks5://%zz"} {
		if _, err := SOCKS(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// A delaying or counting dialer sees every connection.
func TestDialContext(t *testing.T) {
	var n atomic.Int32
	server := serve(t, &ftptest.Server{FS: small(time.Now())})
	d := listed(&Dialer{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		n.Add(1)
		var nd net.Dialer
		return nd.DialContext(ctx, network, addr)
	}}, server)
	c := open(t, d, server)
	if _, _, err := list(t, c, "/pub"); err != nil || n.Load() != 2 {
		t.Errorf("%d connections, %v", n.Load(), err)
	}
}

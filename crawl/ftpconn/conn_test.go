package ftpconn

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve starts s, to be closed with the test.
func serve(t testing.TB, s *ftptest.Server) crawl.Server {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return at(t, s.Addr)
}

func at(t testing.TB, addr string) crawl.Server {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return crawl.Server{Scheme: crawl.FTP, Host: host, Port: n}
}

// open dials, and closes with the test.
func open(t testing.TB, d *Dialer, server crawl.Server) crawl.Conn {
	t.Helper()
	c, err := d.Dial(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func list(t testing.TB, c crawl.Conn, dir string) (string, crawl.Reply, error) {
	t.Helper()
	var b bytes.Buffer
	r, err := c.List(t.Context(), crawl.Request{Path: dir}, &b)
	return b.String(), r, err
}

// listed tells d that server is listed by plain LIST, so that it does not find out.
func listed(d *Dialer, server crawl.Server) *Dialer {
	d.Recall(server, map[string]string{"listing": "LIST"})
	return d
}

func small(now time.Time) *ftptest.Tree {
	return ftptest.NewTree(now).File("pub/a.txt", 5, now).Dir("pub/empty", "pub/x y").Add("pub/secret", ftptest.Node{Mode: fs.ModeDir | 0o700})
}

// The transcript of a real mirror of 2009 that this project began with: EPSV refused, PASV, LIST.
func TestTranscript(t *testing.T) {
	now := time.Date(2009, 6, 15, 12, 0, 0, 0, time.UTC)
	tree := ftptest.NewTree(now)
	tree.Add("000", ftptest.Node{Mode: fs.ModeDir | 0o755, Size: 50, ModTime: time.Date(2009, 5, 8, 22, 47, 0, 0, time.UTC), Meta: &ftptest.Meta{Links: 3}})
	tree.Add("001", ftptest.Node{Mode: fs.ModeDir | 0o755, Size: 68, ModTime: time.Date(2008, 10, 22, 9, 0, 0, 0, time.UTC), Meta: &ftptest.Meta{Links: 6}})
	s := &ftptest.Server{FS: tree, NoEPSV: true, Clock: func() time.Time { return now }, Banner: "Hello\n 220 not yet\n\nend", Welcome: "Welcome.\n230-is not the end\nLogin successful."}
	server := serve(t, s)
	var d Dialer
	c := open(t, &d, server)
	got, r, err := list(t, c, "/")
	if err != nil {
		t.Fatal(err)
	}
	want := "drwxr-xr-x    3 ftp      ftp            50 May 08 22:47 000\r\n" +
		"drwxr-xr-x    6 ftp      ftp            68 Oct 22  2008 001\r\n"
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if r.Code != 226 || r.Text != "Directory send OK." {
		t.Errorf("reply: %+v", r)
	}
	h := c.Hello()
	if h.Passive != "PASV" || h.LoginDir != "/" || h.System != "UNIX Type: L8" || len(h.Features) == 0 {
		t.Errorf("hello: %+v", h)
	}
	if h.Banner != "Hello\n 220 not yet\n\nend" && !strings.HasPrefix(h.Banner, "Hello\n") {
		t.Errorf("banner: %q", h.Banner)
	}
	if !strings.HasPrefix(h.Welcome, "Welcome.\n") || !strings.HasSuffix(h.Welcome, "\nLogin successful.") {
		t.Errorf("welcome: %q", h.Welcome)
	}
	// Another connection knows that EPSV is refused.
	if _, _, err := list(t, open(t, &d, server), "/"); err != nil {
		t.Fatal(err)
	}
	if n := s.Stats().Commands["EPSV"]; n != 1 {
		t.Errorf("EPSV was sent %d times, want 1", n)
	}
}

func TestList(t *testing.T) {
	now := time.Now()
	s := &ftptest.Server{FS: small(now)}
	server := serve(t, s)
	c := open(t, listed(new(Dialer), server), server)
	for _, dir := range []string{"/pub", "/pub/empty", "/pub/x y", "/"} {
		got, r, err := list(t, c, dir)
		if err != nil || r.Code != 226 {
			t.Fatalf("%s: %+v, %v", dir, r, err)
		}
		if dir == "/pub" && strings.Count(got, "\r\n") != 4 || dir == "/pub/empty" && got != "" {
			t.Errorf("%s: %q", dir, got)
		}
	}
	for _, dir := range []string{"/pub/secret", "/missing", "/pub/a.txt"} {
		_, _, err := list(t, c, dir)
		var e *crawl.Error
		if !errors.As(err, &e) || e.Code != 550 || e.Op != "CWD" || e.Path != dir || !errors.Is(err, fs.ErrNotExist) || crawl.Broken(err) || crawl.Retryable(err) {
			t.Errorf("%s: got %v", dir, err)
		}
	}
	for _, dir := range []string{"/a\rb", "/a\nb", "/a\x00b"} {
		if _, _, err := list(t, c, dir); err == nil || crawl.Broken(err) || crawl.Retryable(err) {
			t.Errorf("%q: got %v", dir, err)
		}
	}
	if _, _, err := list(t, c, "/pub"); err != nil {
		t.Errorf("after errors: %v", err)
	}
	st := c.Stats()
	if st.DataConns != 5 || st.ListingBytes == 0 || st.Received <= st.ListingBytes || st.Commands == 0 || st.Sent == 0 {
		t.Errorf("stats: %+v", st)
	}
	if got := s.Stats().Commands["PASV"]; got != 0 {
		t.Errorf("PASV was sent %d times although EPSV works", got)
	}
}

func TestCancelEndsAtOnce(t *testing.T) {
	stages := []string{"greeting", "USER", "SYST", "CWD", "EPSV", "LIST", "data"}
	for _, stage := range stages {
		t.Run(stage, func(t *testing.T) {
			block := make(chan struct{})
			ctx, cancel := context.WithCancel(t.Context())
			s := &ftptest.Server{FS: small(time.Now())}
			wait := func() {
				time.AfterFunc(50*time.Millisecond, cancel)
				<-block
			}
			if stage == "greeting" {
				s.Greet = func(*ftptest.Session) bool { wait(); return false }
			}
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if stage == "data" && cmd.Verb == "LIST" {
					d, err := c.Data()
					if err == nil {
						defer d.Close()
						c.Reply(150, "here")
						wait()
					}
					return true
				}
				if cmd.Verb == stage {
					wait()
				}
				return false
			}
			server := serve(t, s)
			t.Cleanup(func() { close(block) })
			start := time.Now()
			c, err := listed(new(Dialer), server).Dial(ctx, server)
			if err == nil {
				defer c.Close()
				_, err = c.List(ctx, crawl.Request{Path: "/pub"}, new(bytes.Buffer))
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want %v", err, context.Canceled)
			}
			if d := time.Since(start); d > soon {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := at(t, l.Addr().String())
	l.Close()
	var e *crawl.Error
	if _, err := new(Dialer).Dial(t.Context(), closed); !errors.As(err, &e) || e.Op != "dial" || e.Code != 0 || !crawl.Retryable(err) {
		t.Errorf("closed port: %v", err)
	}
	server := serve(t, &ftptest.Server{Password: func(user, password string) bool { return password == "right" }})
	if _, err := new(Dialer).Dial(t.Context(), server); !errors.As(err, &e) || e.Op != "login" || e.Code != 530 || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("refused login: %v", err)
	}
	server.User = "bob"
	if _, err := new(Dialer).Dial(t.Context(), server); !errors.As(err, &e) || e.Code != 530 {
		t.Errorf("no password: %v", err)
	}
	d := &Dialer{Password: func(context.Context, crawl.Server) (string, error) { return "right", nil }}
	open(t, d, server)
}

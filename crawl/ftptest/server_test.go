package ftptest

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/textproto"
	"path"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is the simplest one that works: what is expected of the server is spelt out with it.
type client struct {
	t *testing.T
	*textproto.Conn
}

func dial(t *testing.T, s *Server) client {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(10 * time.Second))
	cl := client{t, textproto.NewConn(c)}
	t.Cleanup(func() { cl.Close() })
	return cl
}

// say sends a command, unless it is empty, and wants a reply of code; it returns the text.
func (c client) say(cmd string, code int) string {
	c.t.Helper()
	if cmd != "" {
		c.PrintfLine("%s", cmd)
	}
	_, text, err := c.ReadResponse(code)
	if err != nil {
		c.t.Fatalf("%s: got %v, want %d", cmd, err, code)
	}
	return text
}

// get runs a command that transfers, over PASV, and returns the bytes.
func (c client) get(cmd string) string {
	c.t.Helper()
	text := c.say("PASV", 227)
	var h1, h2, h3, h4, p1, p2 int
	if _, err := fmt.Sscanf(text[strings.Index(text, "("):], "(%d,%d,%d,%d,%d,%d)", &h1, &h2, &h3, &h4, &p1, &p2); err != nil {
		c.t.Fatal(text, err)
	}
	d, err := net.Dial("tcp", fmt.Sprintf("%d.%d.%d.%d:%d", h1, h2, h3, h4, p1<<8+p2))
	if err != nil {
		c.t.Fatal(err)
	}
	defer d.Close()
	c.say(cmd, 150)
	b, err := io.ReadAll(d)
	if err != nil {
		c.t.Fatal(err)
	}
	c.say("", 226)
	return string(b)
}

func login(t *testing.T, s *Server) client {
	c := dial(t, s)
	c.say("", 220)
	c.say("USER anonymous", 331)
	c.say("PASS someone@", 230)
	return c
}

// The transcript of a real mirror of 2009 that this project began with.
func TestTranscript(t *testing.T) {
	now := time.Date(2009, 6, 15, 12, 0, 0, 0, time.UTC)
	tree := NewTree(now)
	tree.Add("000", Node{Mode: fs.ModeDir | 0o755, Size: 50, ModTime: time.Date(2009, 5, 8, 22, 47, 0, 0, time.UTC), Meta: &Meta{Links: 3}})
	tree.Add("001", Node{Mode: fs.ModeDir | 0o755, Size: 68, ModTime: time.Date(2008, 10, 22, 9, 0, 0, 0, time.UTC), Meta: &Meta{Links: 6}})
	s := &Server{FS: tree, NoEPSV: true, Clock: func() time.Time { return now }, Welcome: "Welcome.\n230 is not the end of this line\nLogin successful."}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := dial(t, s)
	c.say("", 220)
	c.say("USER anonymous", 331)
	c.PrintfLine("PASS x@")
	for _, want := range []string{"230-Welcome.", "230-230 is not the end of this line", "230 Login successful."} {
		if got, err := c.ReadLine(); got != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	c.say("EPSV", 500)
	port := c.say("PASV", 227)
	var p1, p2 int
	fmt.Sscanf(port[strings.Index(port, "("):], "(127,0,0,1,%d,%d)", &p1, &p2)
	d, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p1<<8+p2))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if got, want := c.say("LIST", 150), "Here comes the directory listing."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	listing, _ := io.ReadAll(d)
	want := "drwxr-xr-x    3 ftp      ftp            50 May 08 22:47 000\r\n" +
		"drwxr-xr-x    6 ftp      ftp            68 Oct 22  2008 001\r\n"
	if string(listing) != want {
		t.Errorf("got\n%s, want\n%s", listing, want)
	}
	if got, want := c.say("", 226), "Directory send OK."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCommands(t *testing.T) {
	tree := NewTree(time.Unix(1e9, 0)).
		File("pub/a\xff b", 12, time.Unix(1.1e9, 0)).
		Add("pub/readme", Node{Data: "hello", Size: 8}).
		Add("pub/link", Node{Mode: fs.ModeSymlink | 0o777, Target: "../pub/readme"}).
		Add("pub/secret", Node{Mode: fs.ModeDir | 0o700}).
		Add("pub/.hidden", Node{})
	s := &Server{FS: tree, Hidden: true}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := login(t, s)
	c.say("CWD pub", 250)
	if got := c.say("PWD", 257); !strings.HasPrefix(got, `"/pub"`) {
		t.Errorf("PWD: %q", got)
	}
	c.say("CWD secret", 550)
	c.say("CWD missing", 550)
	c.say("CWD readme", 550)
	want := "-rw-r--r--    1 ftp      ftp            12 Nov 09  2004 a\xff b\r\n" +
		"lrwxrwxrwx    1 ftp      ftp            13 Sep 09  2001 link -> ../pub/readme\r\n" +
		"-rw-r--r--    1 ftp      ftp             8 Sep 09  2001 readme\r\n" +
		"drwx------    2 ftp      ftp          4096 Sep 09  2001 secret\r\n"
	if got := c.get("LIST"); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if got := c.get("LIST -a"); !strings.Contains(got, " .hidden\r\n") {
		t.Errorf("LIST -a: %s", got)
	}
	if got := c.get("NLST"); got != "a\xff b\r\nlink\r\nreadme\r\nsecret\r\n" {
		t.Errorf("NLST: %q", got)
	}
	if got := c.get("RETR link"); got != "hello\x00\x00\x00" {
		t.Errorf("RETR: %q", got)
	}
	if got := c.say("SIZE readme", 213); got != "8" {
		t.Errorf("SIZE: %q", got)
	}
	if got := c.say("MDTM readme", 213); got != "20010909014640" {
		t.Errorf("MDTM: %q", got)
	}
	c.say("RETR secret", 550)
	c.say("CDUP", 250)
	c.say("NOOP", 200)
	c.say("LIST", 425)
	c.say("STOR x", 500)
	c.say("QUIT", 221)

	st := s.Stats()
	if st.Total != 1 || st.Peak != 1 || st.Logins != 1 || st.Commands["CWD"] != 4 || st.Dirs()["/pub"] != 3 || st.DataConn != 4 {
		t.Errorf("stats: %+v", st)
	}
}

func TestIntercept(t *testing.T) {
	s := &Server{FS: NewTree(time.Unix(0, 0)), MaxSessions: 2}
	s.Intercept = func(c *Session, cmd Command) bool {
		switch cmd.Verb {
		case "CWD":
			c.Reply(450, "busy")
			return true
		case "SYST":
			c.Hangup()
			return true
		case "LIST":
			c.Transfer("here", "done", func(w *bufio.Writer) { w.WriteString("odd") })
			return true
		}
		return false
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := login(t, s)
	c.say("CWD x", 450)
	if got := c.get("LIST"); got != "odd" {
		t.Errorf("LIST: %q", got)
	}
	login(t, s)
	dial(t, s).say("", 421)
	c.PrintfLine("SYST")
	if _, err := c.ReadLine(); err == nil {
		t.Error("the session goes on after Hangup")
	}
	if st := s.Stats(); st.Refused != 1 || st.Total != 3 {
		t.Errorf("stats: %+v", st)
	}
}

func TestMirror(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	list := func() (paths []string, dirs int) {
		tree := Mirror(now)
		var walk func(string)
		walk = func(d string) {
			entries, _ := tree.ReadDir(d)
			for _, e := range entries {
				p := path.Join(d, e.Name())
				i, _ := e.Info()
				if i.ModTime().After(now) {
					t.Errorf("%s is of the future: %s", p, i.ModTime())
				}
				paths = append(paths, fmt.Sprint(p, i.Size(), i.ModTime()))
				if e.IsDir() {
					dirs++
					walk(p)
				}
			}
		}
		walk(".")
		return paths, dirs
	}
	a, dirs := list()
	b, _ := list()
	if strings.Join(a, "\n") != strings.Join(b, "\n") {
		t.Error("two mirrors of the same time differ")
	}
	t.Logf("%d entries, %d directories", len(a), dirs)
	if len(a) < 1000 || dirs < 60 {
		t.Errorf("%d entries, %d directories: too few to be believable", len(a), dirs)
	}
}

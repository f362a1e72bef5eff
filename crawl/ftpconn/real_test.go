package ftpconn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

package main

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// testEnv is an env whose clock stands still; it returns what is written to the two streams.
func testEnv(now time.Time) (e *env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	noEnv := func(string) string { return "" }
	e = &env{stdout: newOutput(stdout, noEnv), stderr: newOutput(stderr, noEnv), now: func() time.Time { return now }, getenv: noEnv}
	e.stderr.unbuffered = true
	return e, stdout, stderr
}

// TestTranscript is the session that ftpidx was first described with: an anonymous login answered in several lines, EPSV
// refused, PASV, and vsftpd's two forms of dates, the year to be found from the clock.
func TestTranscript(t *testing.T) {
	now := time.Date(2009, 6, 15, 12, 0, 0, 0, time.UTC)
	tree := ftptest.NewTree(now)
	tree.Add("000", ftptest.Node{Mode: fs.ModeDir | 0o755, Size: 50, ModTime: time.Date(2009, 5, 8, 22, 47, 0, 0, time.UTC), Meta: &ftptest.Meta{Owner: "ftp", Group: "ftp", Links: 3}})
	tree.Add("001", ftptest.Node{Mode: fs.ModeDir | 0o755, Size: 68, ModTime: time.Date(2008, 10, 22, 9, 30, 0, 0, time.UTC), Meta: &ftptest.Meta{Owner: "ftp", Group: "ftp", Links: 6}})
	var said, sent []string
	server := &ftptest.Server{
		FS: tree, NoEPSV: true, Clock: func() time.Time { return now },
		Welcome: "Welcome.\nPlease be gentle.\nLogin successful.",
		Format: func(w *bufio.Writer, dir string, entries []ftptest.Entry, now time.Time) {
			var b bytes.Buffer
			bw := bufio.NewWriter(&b)
			ftptest.VSFTPD(bw, dir, entries, now)
			bw.Flush()
			if dir == "/" {
				sent = append(sent, b.String())
			}
			w.Write(b.Bytes())
		},
		Intercept: func(_ *ftptest.Session, c ftptest.Command) bool {
			said = append(said, c.Verb)
			return false
		},
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Close()

	e, stdout, stderr := testEnv(now)
	e.dataFlag = filepath.Join(t.TempDir(), "data")
	if err := runCrawl(context.Background(), e, &crawlOptions{urls: []string{server.URL}, policy: crawl.Policy{Connections: 2, Parallel: 1}}); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	server.Close() // the session has ended: said and sent are ours

	got := strings.Join(said, " ")
	for _, want := range []string{"USER PASS ", " EPSV PASV ", " LIST"} {
		if !strings.Contains(got, want) {
			t.Errorf("commands: got %q, want %q in it", got, want)
		}
	}
	listing := "drwxr-xr-x    3 ftp      ftp            50 May 08 22:47 000\r\n" +
		"drwxr-xr-x    6 ftp      ftp            68 Oct 22  2008 001\r\n"
	// Once each for LIST and LIST -a, to find out which shows more, and once for the archive.
	if want := []string{listing, listing, listing}; !slices.Equal(sent, want) {
		t.Errorf("listings of /: got %q, want %q", sent, want)
	}

	e.stdout.Flush()
	stdout.Reset()
	if err := runSearch(context.Background(), e, &searchOptions{words: []string{"type:dir"}, sort: "name", json: true}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d hits, want 2:\n%s", len(lines), stdout)
	}
	for i, want := range []string{
		`"path":"/000","name":"000","dir":"/","depth":0,"type":"dir","mtime":"2009-05-08T22:47:00Z","precision":"minute","perm":"0755","mode":"drwxr-xr-x","owner":"ftp","group":"ftp"`,
		`"path":"/001","name":"001","dir":"/","depth":0,"type":"dir","mtime":"2008-10-22T00:00:00Z","precision":"day","perm":"0755"`,
	} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("got  %s\nwant %s in it", lines[i], want)
		}
	}
}

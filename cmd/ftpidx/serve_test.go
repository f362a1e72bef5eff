package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index/web"
)

// serving runs ftpidx serve until the test ends, and returns its URL without the slash at the end.
func serving(t *testing.T, data string, args ...string) string {
	t.Helper()
	return servingLog(t, func(string) {}, data, args...)
}

// servingLog is serving with each line that serve says on standard error given to log, those before its URL too.
func servingLog(t *testing.T, log func(line string), data string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"--data", data, "serve", "--addr", "127.0.0.1:0"}, args...), strings.NewReader(""), io.Discard, w)
		w.Close()
	}()
	urls := make(chan string, 1)
	go func() {
		defer close(urls)
		found := false
		for sc := bufio.NewScanner(r); sc.Scan(); {
			log(sc.Text())
			if _, url, ok := strings.Cut(sc.Text(), " at http://"); ok && !found {
				found = true
				urls <- "http://" + strings.TrimSuffix(url, "/")
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		if got := <-status; got != exitOK {
			t.Errorf("exit status %d", got)
		}
	})
	url, ok := <-urls
	if !ok {
		t.Fatal("serve ended without a URL")
	}
	return url
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// Serve starts without an index; what is published while it runs is found, and so is what changes it again.
func TestServeFindsWhatIsPublishedLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	url := serving(t, data)
	total := func(q string) int {
		status, body := fetch(t, url+"/api/v1/search?q="+q)
		var a struct{ Total int }
		if err := json.Unmarshal([]byte(body), &a); err != nil || status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return a.Total
	}
	if n := total(""); n != 0 {
		t.Errorf("%d entries before the first", n)
	}
	if status, body := fetch(t, url+"/healthz"); status != 200 || body != "ok\n" {
		t.Errorf("%d %s", status, body)
	}
	for i, listing := range []string{
		".:\ntotal 1\n-rw-r--r-- 1 ftp ftp 100 Jan  5  2024 one.txt\n",
		".:\ntotal 2\n-rw-r--r-- 1 ftp ftp 100 Jan  5  2024 one.txt\n-rw-r--r-- 1 ftp ftp 100 Jan  5  2024 two.txt\n",
	} {
		file := filepath.Join(dir, "ftp.example.ls-lR")
		if err := os.WriteFile(file, []byte(listing), 0o644); err != nil {
			t.Fatal(err)
		}
		var out, errs strings.Builder
		if got := run(context.Background(), []string{"--data", data, "import", "--host", "ftp.example", file}, strings.NewReader(""), &out, &errs); got != exitOK {
			t.Fatalf("import: %d %s", got, errs.String())
		}
		if n := total("txt"); n != i+1 {
			t.Errorf("%d entries after publication %d", n, i+1)
		}
	}
	status, body := fetch(t, url+"/api/v1/servers/ftp.example")
	var summary struct {
		Server, State string
		Held          struct{ Entries int }
	}
	if err := json.Unmarshal([]byte(body), &summary); err != nil || status != 200 || summary.State != "complete" || summary.Held.Entries != 2 {
		t.Errorf("%d %s", status, body)
	}
	if _, body := fetch(t, url+"/metrics"); !strings.Contains(body, "ftpidx_index_documents 2\n") || !strings.Contains(body, `ftpidx_server_crawl_age_seconds{server="ftp.example"}`) {
		t.Errorf("metrics: %s", body)
	}
}

// A file that changes on the disk may make answers wrong; they end when that is found, and go on after a rebuild.
func TestServeAnswersNothingFromDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "ftp.example.ls-lR")
	if err := os.WriteFile(file, []byte(".:\ntotal 1\n-rw-r--r-- 1 ftp ftp 100 Jan  5  2024 one.txt\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ftpidx := func(args ...string) {
		t.Helper()
		var out, errs strings.Builder
		if got := run(context.Background(), append([]string{"--data", data}, args...), strings.NewReader(""), &out, &errs); got != exitOK {
			t.Fatalf("%q: %d %s", args, got, errs.String())
		}
	}
	ftpidx("import", "--host", "ftp.example", file)
	names := filepath.Join(data, "index", "gen-1", "names")
	b, err := os.ReadFile(names)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names, bytes.Replace(b, []byte("one.txt"), []byte("two.txt"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	errs := make(chan string, 100)
	url := servingLog(t, func(line string) {
		if strings.Contains(line, "level=ERROR") {
			errs <- line
		}
	}, data)
	line := <-errs
	if !strings.Contains(line, names) || !strings.Contains(line, "ftpidx index rebuild") {
		t.Errorf("log: %s", line)
	}
	for target, want := range map[string]int{"/healthz": 503, "/?q=two": 500, "/api/v1/search?q=two": 500, "/feed?q=two": 500} {
		if status, body := fetch(t, url+target); status != want || !strings.Contains(body, "the index is damaged") {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	ftpidx("index", "rebuild")
	for target, want := range map[string]string{"/healthz": "ok", "/api/v1/search?q=two": `"total":0`, "/api/v1/search?q=one": `"total":1`} {
		if status, body := fetch(t, url+target); status != 200 || !strings.Contains(body, want) {
			t.Errorf("rebuilt, %s: %d %s", target, status, body)
		}
	}
}

// More clients than there are connections for wait until one of the others has gone.
func TestServeTalksToSoManyAtATime(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	e, _, _ := testEnv(time.Now())
	e.dataFlag, e.stderr = t.TempDir(), newOutput(w, e.getenv)
	e.stderr.unbuffered = true
	ended := make(chan error, 1)
	go func() {
		ended <- runServe(ctx, e, &serveOptions{addr: "127.0.0.1:0", limits: web.Limits{Time: time.Second, Cost: 1000}, connections: 2})
		w.Close()
	}()
	said := bufio.NewReader(r)
	line, err := said.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, said)
	_, url, _ := strings.Cut(strings.TrimSpace(line), " at http://")
	addr := strings.TrimSuffix(url, "/")

	ask := func() net.Conn {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", addr)
		return c
	}
	answered := func(c net.Conn, wait time.Duration) error {
		c.SetReadDeadline(time.Now().Add(wait))
		line, err := bufio.NewReader(c).ReadString('\n')
		if err == nil && line != "HTTP/1.1 200 OK\r\n" {
			err = errors.New(line)
		}
		return err
	}
	first, second := ask(), ask()
	for _, c := range []net.Conn{first, second} {
		if err := answered(c, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	third := ask()
	if err := answered(third, 100*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a third client does not wait: %v", err)
	}
	first.Close()
	if err := answered(third, time.Minute); err != nil {
		t.Errorf("the third client, when one has gone: %v", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeURL(t *testing.T) {
	t.Parallel()
	url := serving(t, t.TempDir(), "--url", "https://search.example/", "--allow-origin", "*", "--max-time", "1s", "--quiet=false")
	if _, body := fetch(t, url+"/opensearch.xml"); !strings.Contains(body, `"https://search.example/?q={searchTerms}"`) {
		t.Errorf("%s", body)
	}
}

func TestServeSaysOfServersWhatTheTableSays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		state  crawl.State
		health crawl.HealthState
		want   string
	}{
		{crawl.Complete, crawl.HealthOK, "complete"},
		{crawl.Complete, crawl.HealthFailing, "failing"},
		{"", crawl.HealthDead, "dead"},
		{"", "", ""},
	} {
		s := archive.Summary{Key: "ftp.example", Host: "ftp.example", State: test.state}
		s.Facts.Health.State = test.health
		st := statusOf(&s)
		if table := completeness(&s); st.State != test.want || st.State != table {
			t.Errorf("%s, %s: got %q, want %q, and %q in the table", test.state, test.health, st.State, test.want, table)
		}
		object, err := json.Marshal(st.Object)
		if err != nil {
			t.Fatal(err)
		}
		if known := strings.Contains(string(object), `"state":"complete"`); known != (test.state != "") || strings.Contains(string(object), `"state":""`) {
			t.Errorf("%s, %s: got the object %s", test.state, test.health, object)
		}
	}
}

func TestServeListensWhereItIsTold(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"0.0.0.0:8021": "tcp4", "127.0.0.1:0": "tcp4",
		"[::]:8021": "tcp", "[::1]:8021": "tcp", ":8021": "tcp", "localhost:8021": "tcp",
	} {
		if got := network(addr); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
	url := servingLog(t, func(string) {}, t.TempDir(), "--addr", "0.0.0.0:0")
	if !strings.HasPrefix(url, "http://0.0.0.0:") {
		t.Errorf("serve --addr 0.0.0.0:0 says %s", url)
	}
}

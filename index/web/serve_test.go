package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index"
)

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A search under way when the server is told to end is answered; afterwards nobody is.
func TestGracefulShutdown(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	started, release := make(chan struct{}), make(chan struct{})
	f.hook = func(context.Context, int64, *index.Result) error {
		close(started)
		<-release
		return nil
	}
	l := listen(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + l.Addr().String() + apiURL("q", "wget"))
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		answer <- fmt.Sprint(resp.StatusCode, string(b), err)
	}()
	<-started
	stop()
	for { // until it no longer listens
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		c.Close()
	}
	close(release)
	if got := <-answer; !strings.HasPrefix(got, `200{"total":4`) {
		t.Errorf("the request under way got %.100s", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeWithoutListener(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	l := listen(t)
	l.Close()
	if err := s.Serve(context.Background(), l); err == nil {
		t.Error("no error")
	}
}

// Clients that send, read or do nothing have their time, and no more; too long headers are refused.
func TestTimeoutsAndHeaders(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	hs := s.httpServer()
	if hs.ReadHeaderTimeout <= 0 || hs.ReadTimeout <= 0 || hs.IdleTimeout <= 0 || hs.WriteTimeout < 2*s.state().limits.Time {
		t.Errorf("%+v", hs)
	}
	hs.ReadHeaderTimeout = 1 // at once
	l := listen(t)
	go hs.Serve(l)
	defer hs.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "GET / HT")
	if b, err := io.ReadAll(c); err != nil && !strings.Contains(err.Error(), "reset") || strings.Contains(string(b), "200 OK") {
		t.Errorf("a client that does not finish its request: %q, %v", b, err)
	}

	l = listen(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	c, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("x", 2*maxHeaders)+"\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%v, %v", resp, err)
	}
	stop()
	<-ended
}

// Searches go on while generations are published under them: each sees one manifest or the next, whole.
func TestPublishingUnderSearches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := context.Background()
	const small, large = 10, 25
	publish := func(seq uint64, n int) {
		docs := manyDocuments(n)
		src := index.Source{Server: docs[0].Server, ArchiveSeq: seq, Documents: func(yield func(*index.Document, error) bool) {
			for _, d := range docs {
				if !yield(d, nil) {
					return
				}
			}
		}}
		if _, err := index.Publish(ctx, dir, []index.Source{src}, nil); err != nil {
			t.Error(err)
		}
	}
	publish(1, small)
	ix, err := index.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	h := (&Server{Index: ix}).Handler()
	tag := get(h, apiURL("q", "file")).Header().Get("ETag")

	done := make(chan struct{})
	go func() {
		defer close(done)
		for seq := range uint64(12) {
			publish(seq+2, []int{large, small}[seq%2])
		}
		publish(100, large)
	}()
	searches, totals := 0, map[int]bool{}
	for ended := false; !ended || searches < 20; searches++ {
		select {
		case <-done:
			ended = true
		default:
		}
		w := get(h, apiURL("q", "file", "facets", "ext", "limit", "1000"))
		p := decode[foundPage](t, w.Body.Bytes())
		if w.Code != 200 || p.Total != small && p.Total != large || len(p.Hits) != p.Total || p.Facets["ext"][0].Count != p.Total {
			t.Fatalf("%d %.200s", w.Code, w.Body)
		}
		totals[p.Total] = true
		if w := get(h, apiURL("q", "file"), "Accept", ndjson); w.Code != 200 || strings.Contains(w.Body.String(), "error") {
			t.Fatalf("%d %.200s", w.Code, w.Body)
		}
	}
	if w := get(h, apiURL("q", "file"), "If-None-Match", tag); w.Code != 200 || decode[foundPage](t, w.Body.Bytes()).Total != large {
		t.Errorf("the last publication is not seen: %d", w.Code)
	}
}

// The index gives nothing but hits and cursors; what is asked of it is bounded by the limits, hints too.
func TestHints(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	r, err := parseSearch(map[string][]string{"q": {"wget ext:nosuch"}}, now())
	if err != nil {
		t.Fatal(err)
	}
	if got := s.hints(context.Background(), r, 0); len(got) != 1 || got[0] != "without ext:nosuch: 4 hits" {
		t.Errorf("%q", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := s.hints(ctx, r, 0); got != nil {
		t.Errorf("%q", got)
	}
}

// A page of a host whose name leads to this machine (DNS rebinding) reads nothing.
func TestForeignHost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		addr, url, host string
		want            int
	}{
		{"127.0.0.1:0", "", "", 200},
		{"127.0.0.1:0", "", "localhost:8021", 200},
		{"127.0.0.1:0", "", "search.localhost", 200},
		{"127.0.0.1:0", "", "[::1]:8021", 200},
		{"127.0.0.1:0", "", "rebound.example:8021", 421},
		{"127.0.0.1:0", "", "127.0.0.1.rebound.example", 421},
		{"127.0.0.1:0", "", "localhost.rebound.example", 421},
		{"127.0.0.1:0", "https://search.example", "search.example", 200},
		{"0.0.0.0:0", "", "this.example:8021", 200},
	} {
		s, _ := exampleServer(t)
		s.URL = tt.url
		l, err := net.Listen("tcp", tt.addr)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, l) }()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		for _, path := range []string{apiURL("q", "wget"), "/?q=wget", "/feed?q=wget", "/metrics"} {
			r, err := http.NewRequest("GET", "http://127.0.0.1:"+port+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = tt.host
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != tt.want || tt.want != 200 && strings.Contains(string(body), "ftp.linux.example") {
				t.Errorf("on %s for %q, Host %q, %s: got %d %s, want %d", tt.addr, tt.url, tt.host, path, resp.StatusCode, body, tt.want)
			}
		}
		stop()
		<-ended
	}
}

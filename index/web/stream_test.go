package web

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// manyDocuments are more than a stream asks the index for at a time.
func manyDocuments(n int) []*index.Document {
	server := &index.Server{Scheme: "ftp", Host: "ftp.linux.example", Port: 21}
	docs := make([]*index.Document, n)
	for i := range docs {
		docs[i] = &index.Document{Server: server, Dir: "/", Name: fmt.Sprintf("file-%06d.txt", i), Size: int64(i), Perm: -1}
	}
	return docs
}

// streamOf asks a real server for lines and returns them, with the error that a client sees.
func streamOf(t *testing.T, s *Server, target string, header ...string) ([]string, http.Header, error) {
	t.Helper()
	ts := httptest.NewServer(s.Handler())
	defer ts.Close()
	r, err := http.NewRequest("GET", ts.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", ndjson)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := ts.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	sc := bufio.NewScanner(body)
	for sc.Scan() {
		lines = append(lines, sc.Text())
	}
	return lines, resp.Header, sc.Err()
}

func TestStream(t *testing.T) {
	t.Parallel()
	const n = 2*streamHits + 321
	f := newFake(manyDocuments(n))
	for _, header := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "identity"}} {
		lines, h, err := streamOf(t, &Server{Index: f, Now: now}, apiURL("q", "file sort:-name", "facets", "ext"), header...)
		if err != nil || len(lines) != n || h.Get("Content-Type") != ndjson || h.Get("ETag") == "" {
			t.Fatalf("%v: %d lines, %v, %v", header, len(lines), h, err)
		}
		for i, line := range lines {
			if want := fmt.Sprintf(`"name":"file-%06d.txt"`, n-1-i); !strings.Contains(line, want) || strings.Contains(line, "highlights") {
				t.Fatalf("line %d: %s", i, line)
			}
		}
	}
	if lines, _, err := streamOf(t, &Server{Index: f, Now: now}, apiURL("q", "file", "limit", "5007")); err != nil || len(lines) != 5007 {
		t.Errorf("limit 5007: %d, %v", len(lines), err)
	}
	if lines, _, err := streamOf(t, &Server{Index: f, Now: now}, apiURL("q", "nothing-like-it")); err != nil || len(lines) != 0 {
		t.Errorf("nothing: %d, %v", len(lines), err)
	}
	if lines, h, _ := streamOf(t, &Server{Index: f, Now: now}, apiURL("q", "(a")); len(lines) != 1 || h.Get("Content-Type") != "application/json" {
		t.Errorf("error: %q", lines)
	}
}

// Whatever ends a stream early, a client that only looks whether the transfer failed knows that it is not whole.
func TestStreamIsVisiblyCut(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(res *index.Result) error{
		"failure": func(*index.Result) error { return errBroken },
		"partial": func(res *index.Result) error { res.Partial = true; return nil },
		"panic":   func(*index.Result) error { panic("x") },
	} {
		for _, encoding := range []string{"identity", "gzip"} {
			f := newFake(manyDocuments(3 * streamHits))
			f.hook = func(_ context.Context, n int64, res *index.Result) error {
				if n == 3 {
					return fail(res)
				}
				return nil
			}
			lines, _, err := streamOf(t, &Server{Index: f, Now: now}, apiURL("q", "file"), "Accept-Encoding", encoding)
			if err == nil || len(lines) < 2*streamHits-1000 || len(lines) >= 3*streamHits {
				t.Errorf("%s, %s: %d lines, %v", name, encoding, len(lines), err)
			}
			if last := lines[len(lines)-1]; name != "panic" && (!strings.HasPrefix(last, `{"error":{"message":`) || strings.Contains(last, "secret")) {
				t.Errorf("%s, %s: the last line is %s", name, encoding, last)
			}
		}
	}
	// Nothing has been sent yet: then it is an answer like any other.
	f := newFake(manyDocuments(10))
	f.hook = func(_ context.Context, _ int64, res *index.Result) error { res.Partial = true; return nil }
	if w := get((&Server{Index: f, Now: now}).Handler(), apiURL("q", "file"), "Accept", ndjson); w.Code != 503 {
		t.Errorf("partial at once: %d", w.Code)
	}
}

// A client that goes away ends the stream, and the places it held are free.
func TestStreamEndsWithItsClient(t *testing.T) {
	t.Parallel()
	f := newFake(manyDocuments(3 * streamHits))
	ctx, cancel := context.WithCancel(context.Background())
	f.hook = func(_ context.Context, n int64, _ *index.Result) error {
		if n == 2 {
			cancel()
		}
		return nil
	}
	s := &Server{Index: f, Now: now}
	r := httptest.NewRequest("GET", apiURL("q", "file"), nil).WithContext(ctx)
	r.Header.Set("Accept", ndjson)
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("ended with %v", v)
		}
		if f.n.Load() != 2 || len(s.state().gate.running) != 0 {
			t.Errorf("%d searches, %d running", f.n.Load(), len(s.state().gate.running))
		}
	}()
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
}

// An endless is an index with a page after each page, all of the same hits.
type endless struct {
	*fakeIndex
	pages int64
	hits  []index.Hit
}

func (e *endless) Search(_ context.Context, _ query.Expr, _ *index.SearchOptions) (*index.Result, error) {
	res := &index.Result{Total: 1 << 30, Hits: e.hits}
	if e.n.Add(1) < e.pages {
		res.Next = "x"
	}
	return res, nil
}

// discard is a client that takes everything and keeps nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
func (d discard) Flush()                      {}

// A stream takes the memory of a page of hits, however many there are.
func TestStreamMemory(t *testing.T) {
	e := &endless{fakeIndex: newFake(nil), pages: 100}
	for _, d := range manyDocuments(1000) {
		e.hits = append(e.hits, index.Hit{Document: *d})
	}
	s := &Server{Index: e, Now: now}
	r := httptest.NewRequest("GET", apiURL("q", "file"), nil)
	r.Header.Set("Accept", ndjson)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak uint64
	w := &watched{discard{http.Header{}}, func() {
		if len(s.state().gate.running) != 0 { // however slowly the client reads, nobody waits for it
			t.Error("a search runs while hits are sent")
		}
		if e.n.Load()%10 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}}
	s.Handler().ServeHTTP(w, r)
	if e.n.Load() != 100 {
		t.Fatalf("%d pages", e.n.Load())
	}
	if grown := int64(peak) - int64(before.HeapAlloc); grown > 8<<20 { // what it sent is 25 MB
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

type watched struct {
	discard
	flushed func()
}

func (w *watched) Flush() { w.flushed() }

// Streams hold hits as long as their clients like, so that there are only so many.
func TestStreamsAreLimited(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	s.Limits = Limits{Concurrent: 8, Streams: 1}
	started, release := make(chan struct{}, 2), make(chan struct{})
	f.hook = func(context.Context, int64, *index.Result) error {
		started <- struct{}{}
		<-release
		return nil
	}
	h := s.Handler()
	stream := func() *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", apiURL("q", "wget"), nil)
		r.Header.Set("Accept", ndjson)
		h.ServeHTTP(w, r)
		return w
	}
	first, page := make(chan int, 1), make(chan int, 1)
	go func() { first <- stream().Code }()
	<-started
	if w := stream(); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a second stream got %d, %v", w.Code, w.Header())
	}
	go func() { page <- get(h, apiURL("q", "wget")).Code }() // is no stream
	<-started
	close(release)
	if code := <-first; code != 200 {
		t.Errorf("the first stream got %d", code)
	}
	if code := <-page; code != 200 {
		t.Errorf("a page got %d", code)
	}
	if w := stream(); w.Code != 200 {
		t.Errorf("a stream after the first got %d", w.Code)
	}
}

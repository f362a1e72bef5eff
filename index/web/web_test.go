package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
)

// A fakeIndex answers from a plain scan; hooks make it slow, broken or busy.
type fakeIndex struct {
	index.Searcher
	seq    atomic.Uint64
	docs   int
	broken atomic.Bool
	hook   func(ctx context.Context, n int64, res *index.Result) error // of the n-th search, after it
	n      atomic.Int64
}

var errBroken = errors.New("/secret/index/gen-1: damaged")

func newFake(docs []*index.Document) *fakeIndex {
	f := &fakeIndex{Searcher: indextest.Scan(docs, indextest.Now), docs: len(docs)}
	f.seq.Store(1)
	return f
}

func (f *fakeIndex) Search(ctx context.Context, expr query.Expr, opts *index.SearchOptions) (*index.Result, error) {
	if f.broken.Load() {
		return nil, errBroken
	}
	res, err := f.Searcher.Search(ctx, expr, opts)
	if f.hook != nil && err == nil {
		err = f.hook(ctx, f.n.Add(1), res)
	}
	return res, err
}

func (f *fakeIndex) Manifest() (*index.Manifest, error) {
	if f.broken.Load() {
		return nil, errBroken
	}
	return &index.Manifest{Format: index.Format, Seq: f.seq.Load(), Generations: []index.ManifestGeneration{
		{Dir: "gen-1", Docs: f.docs, Bytes: 1000, Servers: []index.ManifestServer{{Key: "ftp.linux.example", Docs: f.docs, Charset: "utf-8"}}},
	}}, nil
}

func now() time.Time { return indextest.Now }

// exampleServer serves the documents of the worked examples.
func exampleServer(t testing.TB) (*Server, *fakeIndex) {
	f := newFake(indextest.ExampleDocuments(t))
	return &Server{Index: f, Now: now}, f
}

// hostile are names as an unkind server may have them.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "javascript:alert(1)", "data:text/html,<b>", "a\r\nSet-Cookie: x=1",
	"\x00nul", "\x1b[31mred", "\x0b\x0c\x01", "\u202egnp.exe", "\u2028line\u2029", "\xff\xfe\xe9", "]]>", "<!--", "&amp;", "'", "%0d%0a", "\ufffe\uffff", strings.Repeat("é", 200),
}

func hostileDocuments() []*index.Document {
	server := &index.Server{Scheme: "ftp", User: "x<y>&\"\xff", Host: "hostile.example", Port: 21}
	var docs []*index.Document
	for i, name := range hostile {
		docs = append(docs, &index.Document{Server: server, Dir: "/pub", Name: name, Size: int64(i), Owner: name, Group: name, Target: name,
			Mode: name, Perm: -1, Added: now().Add(-time.Hour)})
	}
	return docs
}

// get answers a request without a network.
func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func decode[T any](t testing.TB, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// A foundPage is an answer of /api/v1/search.
type foundPage struct {
	Total  int
	Hits   []struct{ URL, Name, Path string }
	Facets map[string][]index.FacetValue
	Next   string
	Error  *struct {
		Message, Param string
		Start, End     *int
	}
	Partial bool
}

func apiURL(params ...string) string {
	v := url.Values{}
	for i := 0; i < len(params); i += 2 {
		v.Add(params[i], params[i+1])
	}
	return "/api/v1/search?" + v.Encode()
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	h := s.Handler()
	w := get(h, apiURL("q", "wget", "facets", "ext,type", "limit", "2"))
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	p := decode[foundPage](t, w.Body.Bytes())
	if p.Total != 4 || len(p.Hits) != 2 || p.Hits[0].URL != "ftp://mirror.uni.example/gnu/wget/" || p.Next == "" || p.Facets["type"][0].Count != 3 {
		t.Errorf("%s", w.Body)
	}
	if !strings.Contains(w.Body.String(), `"highlights":[[0,4]]`) {
		t.Errorf("no highlights: %s", w.Body)
	}
	var urls []string
	for after := ""; ; {
		p := decode[foundPage](t, get(h, apiURL("q", "wget", "limit", "1", "after", after)).Body.Bytes())
		urls = append(urls, p.Hits[0].URL)
		if after = p.Next; after == "" {
			break
		}
	}
	if len(urls) != 4 || urls[0] != p.Hits[0].URL || urls[1] != p.Hits[1].URL {
		t.Errorf("by pages of one: %q", urls)
	}
	if p := decode[foundPage](t, get(h, apiURL("q", "", "limit", "0")).Body.Bytes()); p.Total != 25 || len(p.Hits) != 0 {
		t.Errorf("limit 0: %+v", p)
	}
	if p := decode[foundPage](t, get(h, apiURL("q", "wget sort:name", "sort", "-size")).Body.Bytes()); p.Hits[2].Name != "libwget.h" {
		t.Errorf("sorted by the parameter: %+v", p.Hits)
	}
	if body := get(h, apiURL("q", "wget-1", "group", "1")).Body.String(); !strings.Contains(body, `"others":["ftp://`) {
		t.Errorf("no copies: %s", body)
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	h := s.Handler()
	next := decode[foundPage](t, get(h, apiURL("q", "wget", "limit", "1")).Body.Bytes()).Next
	for _, tt := range []struct {
		target, message, param string
		status, start, end     int
	}{
		{apiURL("q", "(a b"), "missing )", "q", 400, 0, 1},
		{apiURL("q", "x size:5x"), `bad size "5x": write 10, 10k, 1.5mb, 2gib, unknown or empty`, "q", 400, 7, 9},
		{apiURL("q", "\xff"), "", "q", 400, 0, 1},
		{apiURL("q", strings.Repeat("a", 5000)), "", "q", 400, -2, -2},
		{apiURL("q", "a", "q", "b"), "q: given twice", "q", 400, -1, -1},
		{apiURL("limit", "1001"), "", "limit", 400, -1, -1},
		{apiURL("limit", "-1"), "", "limit", 400, -1, -1},
		{apiURL("limit", "ten"), "", "limit", 400, -1, -1},
		{apiURL("sort", "foo"), "", "sort", 400, -1, -1},
		{apiURL("sort", "size foo"), "", "sort", 400, -1, -1},
		{apiURL("facets", "host,colour"), "", "facets", 400, -1, -1},
		{apiURL("group", "perhaps"), "", "group", 400, -1, -1},
		{apiURL("after", "AAAA"), "", "after", 400, -1, -1},
		{apiURL("q", "gz", "after", next), "", "after", 400, -1, -1},
		{"/api/v1/search?q=%zz", "", "", 400, -1, -1},
		{"/api/v1/search?q=ext:a;b", "", "", 400, -1, -1},
		{"/api/v1/search?q=" + strings.Repeat("a", maxURI), "", "", 414, -1, -1},
		{"/api/v1/servers/nosuch", "", "", 404, -1, -1},
		{"/api/v2/search", "", "", 404, -1, -1},
	} {
		w := get(h, tt.target)
		p := decode[foundPage](t, w.Body.Bytes())
		if w.Code != tt.status || p.Error == nil || p.Error.Message == "" || tt.message != "" && p.Error.Message != tt.message || p.Error.Param != tt.param ||
			(p.Error.Start == nil) != (tt.start == -1) || tt.start >= 0 && (*p.Error.Start != tt.start || *p.Error.End != tt.end) {
			t.Errorf("%.80s: %d %.300s", tt.target, w.Code, w.Body)
		}
		if w.Header().Get("ETag") != "" {
			t.Errorf("%.80s: an error has a tag", tt.target)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/api/v1/search?q=x", strings.NewReader("{}")))
		if w.Code != 405 || w.Header().Get("Allow") == "" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}

func TestETag(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	clock := now()
	s.Now = func() time.Time { return clock }
	h := s.Handler()
	tag := func(target string) string { return get(h, target).Header().Get("ETag") }
	plain, recent := apiURL("q", "wget"), apiURL("q", "newer:7d")
	seen := map[string]string{}
	for _, target := range []string{plain, recent, apiURL("q", "wget", "limit", "2"), apiURL("q", "wget", "sort", "size"),
		apiURL("q", "wget", "facets", "ext"), apiURL("q", "wget", "group", "1"), "/feed?q=wget", "/api/v1/servers", "/api/v1/openapi.json"} {
		one := tag(target)
		if !strings.HasPrefix(one, `W/"`) || seen[one] != "" {
			t.Errorf("%s: tag %q, as %s", target, one, seen[one])
		}
		seen[one] = target
		for _, header := range []string{one, `"x", ` + one, strings.TrimPrefix(one, "W/"), "*"} {
			if w := get(h, target, "If-None-Match", header); w.Code != 304 || w.Body.Len() != 0 || w.Header().Get("ETag") != one {
				t.Errorf("%s, %s: %d", target, header, w.Code)
			}
		}
		if w := get(h, target, "If-None-Match", `W/"other"`); w.Code != 200 {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	lines := get(h, plain, "Accept", ndjson).Header().Get("ETag")
	if lines == "" || lines == tag(plain) {
		t.Errorf("lines have the tag %q", lines)
	}
	p, r := tag(plain), tag(recent)
	clock = clock.Add(time.Second)
	if tag(plain) != p || tag(recent) == r {
		t.Error("a second later, only what depends on the clock is another")
	}
	f.seq.Add(1)
	if tag(plain) == p {
		t.Error("another manifest, the same tag")
	}
	f.hook = func(_ context.Context, _ int64, res *index.Result) error { res.Partial = true; return nil }
	if w := get(h, plain); w.Header().Get("ETag") != "" || !decode[foundPage](t, w.Body.Bytes()).Partial {
		t.Errorf("a partial result has a tag: %v", w.Header())
	}
	f.broken.Store(true)
	if w := get(h, plain, "If-None-Match", "*"); w.Code != 500 || w.Header().Get("ETag") != "" {
		t.Errorf("%d", w.Code)
	}
}

// What is broken here is nobody's business but the operator's.
func TestBrokenIndex(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	var log strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	h := s.Handler()
	f.broken.Store(true)
	for target, status := range map[string]int{apiURL("q", "x"): 500, "/api/v1/servers": 500, "/feed?q=x": 500, "/healthz": 503, "/metrics": 200, "/opensearch.xml": 200} {
		w := get(h, target)
		if w.Code != status || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %.200s", target, w.Code, w.Body)
		}
	}
	if !strings.Contains(log.String(), "secret") {
		t.Errorf("the log does not say why: %s", log.String())
	}
	if m := get(h, "/metrics").Body.String(); !strings.Contains(m, "ftpidx_index_up 0") || !strings.Contains(m, `ftpidx_queries_total{outcome="failed"} 2`) {
		t.Errorf("metrics: %s", m)
	}
	f.broken.Store(false)
	if w := get(h, "/healthz"); w.Code != 200 {
		t.Errorf("healthy again: %d", w.Code)
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	s.Limits = Limits{Concurrent: 1, Waiting: 1, Wait: time.Hour}
	started, release := make(chan struct{}, 9), make(chan struct{})
	f.hook = func(ctx context.Context, _ int64, _ *index.Result) error {
		started <- struct{}{}
		<-release
		return nil
	}
	h := s.Handler()
	var wg sync.WaitGroup
	codes := make(chan int, 2)
	request := func() { codes <- get(h, apiURL("q", "wget")).Code }
	wg.Go(request)
	<-started
	wg.Go(request) // waits
	for s.state().gate.waiting.Load() == 0 {
		runtime.Gosched()
	}
	for _, target := range []string{apiURL("q", "wget"), "/feed?q=wget"} {
		w := get(h, target)
		if w.Code != 429 || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
	// A client that gives up does not keep its place.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.state().gate.enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	wg.Wait()
	for range 2 {
		if code := <-codes; code != 200 {
			t.Errorf("got %d", code)
		}
	}
	if n := len(s.state().gate.running); n != 0 || s.state().gate.waiting.Load() != 0 {
		t.Errorf("%d still run", n)
	}
}

func TestBusyAfterWaiting(t *testing.T) {
	t.Parallel()
	g := newGate(Limits{Concurrent: 1, Waiting: 10, Wait: time.Millisecond}.withDefaults())
	if err := g.enter(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := g.enter(context.Background()); !errors.Is(err, errBusy) {
		t.Errorf("got %v", err)
	}
	g.leave()
	if err := g.enter(context.Background()); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestLimitsReachTheIndex(t *testing.T) {
	t.Parallel()
	var got index.SearchOptions
	s := &Server{Now: now, Limits: Limits{Time: 3 * time.Second, Cost: 7}}
	s.Index = &optionsIndex{fakeIndex: newFake(nil), got: &got}
	get(s.Handler(), apiURL("q", "a"))
	if got.Timeout != 3*time.Second || got.MaxCost != 7 {
		t.Errorf("%+v", got)
	}
}

type optionsIndex struct {
	*fakeIndex
	got *index.SearchOptions
}

func (o *optionsIndex) Search(ctx context.Context, expr query.Expr, opts *index.SearchOptions) (*index.Result, error) {
	*o.got = *opts
	return o.fakeIndex.Search(ctx, expr, opts)
}

func TestCORS(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ allow, origin, want string }{
		{"", "https://a.example", ""},
		{"https://a.example", "https://a.example", "https://a.example"},
		{"https://a.example", "https://b.example", ""},
		{"*", "https://b.example", "*"},
	} {
		s, _ := exampleServer(t)
		s.Origin = tt.allow
		for _, target := range []string{apiURL("q", "x"), apiURL("q", "(x"), "/api/v1/servers", "/feed"} {
			if got := get(s.Handler(), target, "Origin", tt.origin).Header().Get("Access-Control-Allow-Origin"); got != tt.want {
				t.Errorf("%+v, %s: %q", tt, target, got)
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	h := s.Handler()
	for _, target := range []string{apiURL("q", "x"), apiURL("q", "(x"), "/feed", "/healthz", "/metrics", "/nosuch", "/opensearch.xml", "/?q=%zz"} {
		w := get(h, target)
		if w.Header().Get("Content-Security-Policy") != contentPolicy || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", target, w.Header())
		}
	}
	if id := get(h, "/healthz", "X-Request-Id", "proxy-1.2_3").Header().Get("X-Request-Id"); id != "proxy-1.2_3" {
		t.Errorf("the id of a proxy became %q", id)
	}
	for _, bad := range []string{"a b", "x\"y", strings.Repeat("x", 65), "é"} {
		if id := get(h, "/healthz", "X-Request-Id", bad).Header().Get("X-Request-Id"); id == bad || len(id) < 16 {
			t.Errorf("id %q", id)
		}
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	var log strings.Builder
	s.Log = slog.New(slog.NewTextHandler(&log, nil))
	get(s.Handler(), apiURL("q", "a\nmsg=forged")+"&x=\u202e", "X-Request-Id", "abc", "User-Agent", "x\x1b[2J\nmsg=forged")
	line := log.String()
	if strings.Count(line, "\n") != 1 || strings.ContainsAny(line, "\x1b\u202e") || !strings.Contains(line, "id=abc") || !strings.Contains(line, "status=200") {
		t.Errorf("%q", line)
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	f.hook = func(context.Context, int64, *index.Result) error { panic("secret") }
	w := get(s.Handler(), apiURL("q", "x"))
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || decode[foundPage](t, w.Body.Bytes()).Error == nil {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if len(s.state().gate.running) != 0 {
		t.Error("the search still has its place")
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s, f := exampleServer(t)
	s.Servers = func() ([]ServerStatus, error) {
		return []ServerStatus{{Key: "ftp.linux.example", Ended: now().Add(-time.Hour)}, {Key: "x\xff\"\n", Ended: now()}, {Key: "never.example"}}, nil
	}
	h := s.Handler()
	get(h, apiURL("q", "wget"))
	get(h, apiURL("q", "nothing-like-it"))
	get(h, apiURL("q", "(x"))
	get(h, "/api/v1/servers/"+strings.Repeat("x", 99))
	f.hook = func(_ context.Context, _ int64, res *index.Result) error { res.Partial = true; return nil }
	get(h, apiURL("q", "wget"))
	body := get(h, "/metrics").Body.String()
	for _, want := range []string{
		`ftpidx_queries_total{outcome="found"} 1`, `ftpidx_queries_total{outcome="nothing"} 1`, `ftpidx_queries_total{outcome="invalid"} 1`,
		`ftpidx_queries_total{outcome="partial"} 1`, `ftpidx_query_seconds_count 3`, "ftpidx_index_documents 25", "ftpidx_index_generations 1",
		`ftpidx_server_crawl_age_seconds{server="ftp.linux.example"} 3600`, `ftpidx_http_requests_total{route="/api/v1/search",status="200"} 3`,
		`ftpidx_http_requests_total{route="/api/v1/servers/{key}",status="404"} 1`, "go_goroutines",
	} {
		if !strings.Contains(body, want+"\n") && !strings.Contains(body, want+" ") {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if strings.Contains(body, "never.example") {
		t.Error("an age of what was never crawled")
	}
}

func TestServersOfIndexAndArchives(t *testing.T) {
	t.Parallel()
	s, _ := exampleServer(t)
	s.Servers = func() ([]ServerStatus, error) {
		return []ServerStatus{{Key: "bob@a.example:2121", Object: map[string]any{"server": "bob@a.example:2121"}}, {Key: "[2001:db8::1]"}}, nil
	}
	h := s.Handler()
	list := decode[struct{ Servers []struct{ Server string } }](t, get(h, "/api/v1/servers").Body.Bytes())
	var keys []string
	for _, o := range list.Servers {
		keys = append(keys, o.Server)
		w := get(h, "/api/v1/servers/"+url.PathEscape(o.Server))
		if w.Code != 200 || decode[struct{ Server string }](t, w.Body.Bytes()).Server != o.Server {
			t.Errorf("%s: %d %s", o.Server, w.Code, w.Body)
		}
	}
	if strings.Join(keys, " ") != "[2001:db8::1] bob@a.example:2121 ftp.linux.example" {
		t.Errorf("%q", keys)
	}
}

func readAllOf(t testing.TB, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Robots stay off pages of hits, which have no end.
func TestRobots(t *testing.T) {
	t.Parallel()
	h := (&Server{Index: newFake(nil), Now: now}).Handler()
	w := get(h, "/robots.txt")
	if want := "User-agent: *\nDisallow: /?\nDisallow: /api/\nDisallow: /feed\n"; w.Code != 200 || w.Body.String() != want {
		t.Errorf("got %d %q, want %q", w.Code, w.Body.String(), want)
	}
}

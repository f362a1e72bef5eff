package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// fetchPage returns the status and the body of a page.
func fetchPage(t testing.TB, ts *httptest.Server, path string) (int, string) {
	t.Helper()
	resp, err := ts.Client().Get(ts.URL + path)
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

func queryPath(q string, more ...string) string { return searchURL(q, more...) }

// TestFacetLinks: each filter at the side leads to as many hits as it says, and leads back.
func TestFacetLinks(t *testing.T) {
	s := &Server{Index: pageIndex(t, pageDocuments(t)), Now: func() time.Time { return pageNow }}
	count := func(v *searchView) int {
		n, err := strconv.Atoi(strings.ReplaceAll(strings.Fields(v.Count)[0], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	ask := func(href string) *searchView {
		t.Helper()
		u, err := url.Parse(href)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.answer(context.Background(), u.Query())
		if err != nil {
			t.Fatalf("%s: %v", href, err)
		}
		return v
	}
	links := 0
	for _, q := range []string{"wget", "in:/", "a | b sort:-size", "-wget", "size:>1k", "type:file date:..2020 sort:name", `"foo" | ext:"" `, "host:hostile.example", "README case:yes"} {
		v := ask(queryPath(q))
		total := count(v)
		for _, f := range v.Facets {
			for _, l := range append(f.Values, f.More...) {
				links++
				got := ask(l.Href)
				if want := strings.ReplaceAll(l.Count, ",", ""); !l.Current && strconv.Itoa(count(got)) != want {
					t.Errorf("%s: %s %s: got %d hits, want %s (%s)", q, f.Title, l.Text, count(got), want, l.Href)
				}
				back := ""
				for _, f2 := range got.Facets {
					for _, l2 := range append(f2.Values, f2.More...) {
						if f2.Title == f.Title && l2.Text == l.Text && l2.Current {
							back = l2.Href
						}
					}
				}
				if back == "" && !l.Current {
					t.Errorf("%s: %s %s: no way back", q, f.Title, l.Text)
				} else if back != "" && count(ask(back)) != total {
					t.Errorf("%s: %s %s and back: got %d hits, want %d", q, f.Title, l.Text, count(ask(back)), total)
				}
			}
		}
		for _, l := range v.Sorts {
			if got := count(ask(l.Href)); got != total {
				t.Errorf("%s by %s: got %d hits, want %d", q, l.Text, got, total)
			}
		}
	}
	if links < 60 {
		t.Errorf("got %d links", links)
	}
}

// TestHitView: what a hit says is as exact as it is known, and no more.
func TestHitView(t *testing.T) {
	server := &index.Server{Scheme: "ftp", Host: "ftp.example", Port: 21, LoginDir: "/home"}
	at := time.Date(2024, 3, 10, 21, 4, 33, 0, time.UTC)
	for _, tt := range []struct {
		name       string
		hit        index.Hit
		day, clock string
		size, href string
	}{
		{"day", index.Hit{Document: index.Document{Dir: "/pub", Name: "a", Size: 0, ModTime: at, Precision: parse.Day}}, "2024-03-10", "", "0 B", "ftp://ftp.example/%2Fpub/a"},
		{"minute", index.Hit{Document: index.Document{Dir: "/", Name: "b", Size: 1023, ModTime: at, Precision: parse.Minute}}, "2024-03-10", "21:04", "1023 B", "ftp://ftp.example/%2Fb"},
		{"second", index.Hit{Document: index.Document{Dir: "/", Name: "c", Size: 10239, ModTime: at, Precision: parse.Second}}, "2024-03-10", "21:04:33", "10 KiB", "ftp://ftp.example/%2Fc"},
		{"unknown", index.Hit{Document: index.Document{Dir: "/", Name: "d", Size: -1}}, "", "", "", "ftp://ftp.example/%2Fd"},
		{"directory", index.Hit{Document: index.Document{Dir: "/pub", Name: "e f", Type: index.Dir, Size: -1}}, "", "", "", "/?q=host:=ftp.example%20in:%22/pub/e%20f%22"},
	} {
		tt.hit.Server = server
		v := newHitView(&tt.hit)
		if v.Date.Day != tt.day || v.Date.Clock != tt.clock || v.Size.Text != tt.size || string(v.Href) != tt.href {
			t.Errorf("%s: got %+v %+v %s", tt.name, v.Date, v.Size, v.Href)
		}
	}
	for n, want := range map[int64]string{1024: "1.0 KiB", 1 << 20: "1.0 MiB", 1<<20 - 1: "1.0 MiB", 999 << 10: "999 KiB", 1474873344: "1.4 GiB", 1<<63 - 1: "8.0 EiB"} {
		if got := humanSize(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

// TestForeignURL: nothing but FTP is linked.
func TestForeignURL(t *testing.T) {
	for u, ok := range map[string]bool{
		"ftp://ftp.example/a%20b": true, "ftps://ftp.example/": true,
		"javascript:alert(1)": false, "http://ftp.example/": false, "//ftp.example/": false, "FTP://ftp.example/": false, "": false,
		"ftp://ftp.example/a b": false, "ftp://ftp.example/\n": false, "ftp://ftp.example/\u202e": false, "ftp://" + strings.Repeat("x", maxURL): false,
	} {
		if got := string(foreignURL(u)); got != "" && !ok || got != u && ok {
			t.Errorf("%.40q: got %q", u, got)
		}
	}
}

// TestPieces: what was found is marked, what could disturb is written out, and what is too long is cut.
func TestPieces(t *testing.T) {
	show := func(list []piece) string {
		var b strings.Builder
		for _, p := range list {
			if p.Marked {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	for _, tt := range []struct {
		text  string
		found []index.Range
		want  string
	}{
		{"plain", nil, "plain"},
		{"wget-1.wget", []index.Range{{Start: 0, End: 4}, {Start: 7, End: 11}}, "[wget]-1.[wget]"},
		{"a\u202eb\n\x00", []index.Range{{Start: 1, End: 4}}, `a[\u{202e}]b\x0a\x00`},
		{strings.Repeat("é", 600), nil, strings.Repeat("é", 512) + "…"},
		{strings.Repeat("x", 2000), []index.Range{{Start: 1020, End: 1030}, {Start: 1500, End: 1600}}, strings.Repeat("x", 1020) + "[xxxx]…"},
		{"", nil, ""},
	} {
		if got := show(pieces(tt.text, tt.found)); got != tt.want {
			t.Errorf("%.20q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestDeepPathname: a pathname of a thousand elements makes a page no larger than a deep one.
func TestDeepPathname(t *testing.T) {
	h := index.Hit{Document: index.Document{Server: &index.Server{Scheme: "ftp", Host: "ftp.example", Port: 21}, Dir: strings.Repeat("/d", 1000), Name: "x", Size: 1}}
	v := newHitView(&h)
	if len(v.Path) != maxElements {
		t.Errorf("got %d elements, want %d", len(v.Path), maxElements)
	}
	if first, last := v.Path[0].Href, v.Path[len(v.Path)-1].Href; first != searchURL("host:=ftp.example in:/d") || !strings.HasSuffix(last, strings.Repeat("/d", 1000)) {
		t.Errorf("first %s, last %s", first, last)
	}
}

// TestPageWeight: the page, style and script of a page of hits of real depth are under 50 KB, not compressed.
func TestPageWeight(t *testing.T) {
	server := &index.Server{Scheme: "ftp", Host: "ftp.mirror.example.org", Port: 21}
	var docs []*index.Document
	for i := range 60 {
		name := "linux-image-6.8." + strconv.Itoa(100+i) + "-generic_amd64.deb"
		docs = append(docs, index.NewDocument(server, "/pub/linux/ubuntu/pool/main/l/linux", &parse.Entry{Name: name, Type: parse.File, Size: int64(14_000_000 + i), Perm: parse.NoPerm,
			ModTime: pageNow.AddDate(0, 0, -i), Precision: parse.Minute}, time.Time{}, pageNow))
	}
	s := &Server{Index: pageIndex(t, docs), Now: func() time.Time { return pageNow }}
	ts := httptest.NewServer(s.Handler())
	t.Cleanup(ts.Close)
	status, body := fetchPage(t, ts, queryPath("linux generic"))
	if status != http.StatusOK || strings.Count(body, `<li class="hit`) != pageHits {
		t.Fatalf("status %d, %d hits", status, strings.Count(body, `<li class="hit`))
	}
	total := len(body)
	for _, m := range regexp.MustCompile(`/static/[a-z]+\.[0-9a-f]+\.[a-z]+`).FindAllString(body, -1) {
		status, b := fetchPage(t, ts, m)
		if status != http.StatusOK {
			t.Errorf("%s: status %d", m, status)
		}
		total += len(b)
	}
	if total >= 50_000 {
		t.Errorf("got %d bytes", total)
	}
	t.Logf("%d bytes, %d of them the page", total, len(body))
}

// TestPageStatus: what a page answers to what is asked of it.
func TestPageStatus(t *testing.T) {
	ts := pageServer(t)
	for _, tt := range []struct {
		path   string
		status int
		holds  []string
	}{
		{"/", 200, []string{"files and directories on", "autofocus"}},
		{queryPath("wget"), 200, []string{"<h1 id=\"count\">9 hits</h1>", `value="wget"`, "ftp://ftp.linux.example/pub/gnu/wget/wget2-2.1.0.tar.lz"}},
		{queryPath("wget", "part", "answer"), 200, []string{"<h1 id=\"count\">"}},
		{queryPath("size:5x"), 400, []string{"size:<mark>5x</mark>", "At character 6", `value="size:5x"`}},
		{queryPath(`"a`), 400, []string{"missing closing"}},
		{queryPath("\xff"), 400, []string{"The query cannot be read"}},
		{queryPath("<script>alert(1)</script>"), 200, []string{"&lt;script&gt;alert(1)&lt;/script&gt;"}},
		{queryPath("wget", "after", "nonsense"), 400, []string{"No answer"}},
		{queryPath("ubunt size:>100gb"), 200, []string{"0 hits", "without size:", "Nothing matches"}},
		{queryPath("wget or curl"), 200, []string{"OR in capital letters is the operator"}},
		{"/servers", 200, []string{"mirror.uni.example", "88 %", "13 directories missing", "&lt;b&gt;odd&lt;/b&gt;", "many.example"}},
		{"/servers/", 200, []string{"<h1>Servers</h1>"}},
		{"/servers/mirror.uni.example", 200, []string{"permission denied", "<td class=\"n\">12</td>"}},
		{"/servers/retro.example:2121", 200, []string{"<h1>retro.example:2121</h1>"}},
		{"/servers/hostile.example", 200, []string{"550 &lt;script&gt;"}},
		{"/servers/nobody.example", 404, []string{"No such server"}},
		{"/servers/%3Cscript%3E", 404, []string{"&lt;script&gt;"}},
		{"/help", 200, []string{"ext:iso,", "copies:&gt;3", "regular expression (RE2)"}},
		{"/nothing", 404, []string{"There is no such page"}},
		{"/static/style.css", 404, nil},
	} {
		status, body := fetchPage(t, ts, tt.path)
		if status != tt.status {
			t.Errorf("%s: got status %d, want %d", tt.path, status, tt.status)
		}
		for _, part := range tt.holds {
			if !strings.Contains(body, part) {
				t.Errorf("%s: no %q", tt.path, part)
			}
		}
		if strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "javascript:alert(1)\"") {
			t.Errorf("%s: a link that is none", tt.path)
		}
	}
	if _, body := fetchPage(t, ts, queryPath("wget", "part", "answer")); strings.Contains(body, "<html") {
		t.Error("the answer alone holds the page")
	}
	resp, err := ts.Client().Post(ts.URL+"/nothing", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got status %d", resp.StatusCode)
	}
}

// TestManyServers: the page of servers is cut, and its pages together show each server once.
func TestManyServers(t *testing.T) {
	var all []ServerStatus
	for i := range 2*pageServers + 7 {
		all = append(all, ServerStatus{Key: "ftp" + strconv.Itoa(1000+i) + ".example", State: "complete", Dirs: 1})
	}
	ts := httptest.NewServer((&Server{Index: emptySource{}, Servers: func() ([]ServerStatus, error) { return all, nil }}).Handler())
	t.Cleanup(ts.Close)
	row := regexp.MustCompile(`<th scope="row"><a href="/servers/([^"]*)"`)
	next := regexp.MustCompile(`<a href="([^"]*)" rel="next">`)
	var got []string
	path, pages := "/servers", 0
	for ; path != "" && pages < 5; pages++ {
		_, body := fetchPage(t, ts, path)
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			got = append(got, m[1])
		}
		path = ""
		if m := next.FindStringSubmatch(body); m != nil {
			path = m[1]
		}
	}
	if pages != 3 || len(got) != len(all) || got[0] != all[0].Key || got[len(got)-1] != all[len(all)-1].Key {
		t.Errorf("got %d pages, %d servers", pages, len(got))
	}
	if _, body := fetchPage(t, ts, "/servers?after=zzz"); !strings.Contains(body, "No more servers") {
		t.Error("nothing after the last")
	}
}

// emptySource is an index in which nothing has been published; failingSource one that cannot be read.
type emptySource struct{}

func (emptySource) Search(context.Context, query.Expr, *index.SearchOptions) (*index.Result, error) {
	return &index.Result{}, nil
}
func (emptySource) Manifest() (*index.Manifest, error) { return &index.Manifest{}, nil }

type failingSource struct{}

var errSecret = errors.New("open /secret/place: input/output error")

func (failingSource) Search(context.Context, query.Expr, *index.SearchOptions) (*index.Result, error) {
	return nil, errSecret
}
func (failingSource) Manifest() (*index.Manifest, error) { return nil, errSecret }

// TestNoIndex: without an index the page says how to get one; with a broken one it says so, and not where it is.
func TestNoIndex(t *testing.T) {
	ts := httptest.NewServer((&Server{Index: emptySource{}}).Handler())
	t.Cleanup(ts.Close)
	for _, path := range []string{"/", queryPath("wget")} {
		if status, body := fetchPage(t, ts, path); status != 200 || !strings.Contains(body, "ftpidx crawl ftp://HOST/") {
			t.Errorf("%s: status %d, %s", path, status, body)
		}
	}
	if status, body := fetchPage(t, ts, "/servers"); status != 200 || !strings.Contains(body, "No server has been crawled yet") {
		t.Errorf("status %d, %s", status, body)
	}
	ts = httptest.NewServer((&Server{Index: failingSource{}}).Handler())
	t.Cleanup(ts.Close)
	for _, path := range []string{"/", queryPath("wget"), "/servers", "/servers/x"} {
		if status, body := fetchPage(t, ts, path); status != 500 || strings.Contains(body, "secret") {
			t.Errorf("%s: status %d, %s", path, status, body)
		}
	}
}

// FuzzPage: whatever is asked, a page is an answer or says what is wrong with the question, and what was asked stays text.
func FuzzPage(f *testing.F) {
	for _, q := range []string{"wget", "a | b", "size:5x", `"`, "<script>", "host:=hostile.example in:\"/pub\"", "\xff\x00", "sort:-size", "(((", "/re/ -x", strings.Repeat("(a|b) ", 100), "in:/ case:yes"} {
		f.Add(q, "", "")
		f.Add(q, "AAAA", "no")
	}
	h := (&Server{Index: pageIndex(f, pageDocuments(f)), Servers: pageStatuses, Now: func() time.Time { return pageNow }}).Handler()
	f.Fuzz(func(t *testing.T, q, after, group string) {
		for _, path := range []string{queryPath(q, "after", after, "group", group), queryPath(q, "after", after, "part", "answer"), serverURL(q)} {
			r, err := http.NewRequest("GET", "http://localhost"+path, nil)
			if err != nil {
				t.Skip()
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s: status %d", path, w.Code)
			}
			body := w.Body.String()
			if n := strings.Count(body, "<script"); n > 1 || strings.Contains(body, "ZgotmplZ") {
				t.Errorf("%s: %s", path, body)
			}
		}
	})
}

// Who has a page is told so while it says the same, whatever that depends on; what is no answer has no tag.
func TestPagesAreRevalidated(t *testing.T) {
	t.Parallel()
	clock, state := pageNow, "complete"
	s := &Server{Index: pageIndex(t, pageDocuments(t)), Now: func() time.Time { return clock }, Servers: func() ([]ServerStatus, error) {
		return []ServerStatus{{Key: "ftp.linux.example", State: state}}, nil
	}}
	h := s.Handler()
	seen := map[string]bool{}
	recent := queryPath("newer:7d")
	for _, target := range []string{"/", queryPath("wget"), queryPath("wget") + "&part=answer", queryPath("wget", "group", "no"), recent, "/servers", "/servers/ftp.linux.example", "/help"} {
		w := get(h, target)
		tag := w.Header().Get("ETag")
		if w.Code != 200 || !strings.HasPrefix(tag, `W/"`) || seen[tag] || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
		seen[tag] = true
		if w := get(h, target, "If-None-Match", tag); w.Code != 304 || w.Body.Len() > 0 || w.Header().Get("ETag") != tag {
			t.Errorf("%s again: %d %v", target, w.Code, w.Header())
		}
		if w := get(h, target, "If-None-Match", `W/"other"`); w.Code != 200 {
			t.Errorf("%s, another tag: %d", target, w.Code)
		}
	}
	tag := get(h, recent).Header().Get("ETag")
	if clock = pageNow.Add(time.Second); get(h, recent, "If-None-Match", tag).Code != 304 {
		t.Error("what is recent is the same a second later")
	}
	if clock = pageNow.AddDate(1, 0, 0); get(h, recent, "If-None-Match", tag).Code != 200 {
		t.Error("what was recent is said to be so a year later")
	}
	tag = get(h, "/servers").Header().Get("ETag")
	if state = "crawling"; get(h, "/servers", "If-None-Match", tag).Code != 200 {
		t.Error("a server has changed, the page has not")
	}
	for target, status := range map[string]int{queryPath("(x"): 400, "/nosuch": 404, "/servers/nosuch": 404} {
		if w := get(h, target, "If-None-Match", "*"); w.Code != status || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
}

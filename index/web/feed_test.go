package web

import (
	"encoding/xml"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

// A readFeed is a feed as a reader sees it.
type readFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		Inner   string `xml:",innerxml"`
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	} `xml:"entry"`
}

// feedOf reads a feed and checks what RFC 4287 asks of any: ids that are there once, times, a link to itself.
func feedOf(t *testing.T, s *Server, target string) *readFeed {
	t.Helper()
	w := get(s.Handler(), target)
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/atom+xml") {
		t.Fatalf("%s: %d %v %s", target, w.Code, w.Header(), w.Body)
	}
	var f readFeed
	dec := xml.NewDecoder(w.Body)
	if err := dec.Decode(&f); err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	if f.ID == "" || f.Title == "" || f.Author == "" || f.Links[0].Rel != "self" {
		t.Errorf("%s: %+v", target, f)
	}
	ids := map[string]bool{}
	times := []string{f.Updated}
	for _, e := range f.Entries {
		times = append(times, e.Updated)
		u, err := url.Parse(e.ID)
		if ids[e.ID] || err != nil || u.Scheme != "ftp" || e.Link.Href != e.ID || e.Title == "" {
			t.Errorf("%s: entry %+v, %v", target, e, err)
		}
		ids[e.ID] = true
	}
	for _, at := range times {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
	return &f
}

func TestFeed(t *testing.T) {
	t.Parallel()
	docs := manyDocuments(60)
	for i, d := range docs {
		d.Added = now().Add(-time.Duration(i) * time.Hour)
	}
	docs[7].Added = time.Time{} // there since the first crawl
	docs[8].ModTime = now().Add(9000 * time.Hour)
	docs[9].ModTime = now().Add(-time.Minute)
	s := &Server{Index: newFake(docs), Now: now}
	f := feedOf(t, s, "/feed?q=file&sort=name&after=zzz&facets=zzz")
	if len(f.Entries) != 50 || f.Entries[0].Title != "file-000000.txt" || f.Entries[7].Title != "file-000008.txt" || f.Updated != now().Format(time.RFC3339) ||
		f.Entries[0].Updated != f.Updated || f.Entries[7].Updated != docs[8].Added.Format(time.RFC3339) || f.Entries[8].Updated != docs[9].ModTime.Format(time.RFC3339) {
		t.Errorf("%+v", f)
	}
	if f.Links[0].Href != "http://example.com/feed?q=file" || f.ID != f.Links[0].Href {
		t.Errorf("%+v", f.Links)
	}
	if f := feedOf(t, s, "/feed?q=file&limit=60"); len(f.Entries) != 60 || f.Entries[59].Title != "file-000007.txt" {
		t.Errorf("what was there at first is not last: %+v", f)
	}
	empty := feedOf(t, s, "/feed?q=nothing-like-it")
	if len(empty.Entries) != 0 || empty.Updated != "1970-01-01T00:00:00Z" {
		t.Errorf("%+v", empty)
	}
	if w := get(s.Handler(), "/feed?q=(a"); w.Code != 400 || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestFeedOfHostileNames(t *testing.T) {
	t.Parallel()
	s := &Server{Index: newFake(hostileDocuments()), Now: now}
	f := feedOf(t, s, "/feed")
	if len(f.Entries) != len(hostile) {
		t.Errorf("%d entries of %d", len(f.Entries), len(hostile))
	}
	for _, e := range f.Entries {
		if strings.ContainsAny(e.Inner, "\ufffd\u202e\u2028") {
			t.Errorf("a character that is not shown: %q", e.Inner)
		}
		if strings.Contains(e.Inner, "<script") || strings.Contains(e.Inner, "<img") || strings.Contains(e.Inner, "<b>") {
			t.Errorf("markup: %s", e.Inner)
		}
	}
	// The query comes back in the title and the links.
	q := "\"</title><script>alert(1)</script>\x01\u202e\""
	f = feedOf(t, s, "/feed?q="+url.QueryEscape(q))
	if !strings.Contains(f.Title, "</title><script>") || f.Links[0].Href != "http://example.com/feed?q="+url.QueryEscape(q) {
		t.Errorf("%+v", f)
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	s := &Server{Index: newFake(nil), Now: now}
	for host, ok := range map[string]bool{
		"localhost:8021": true, "search.example": true, "[2001:db8::1]:8021": true, "10.1.2.3:80": true,
		"": false, "a b": false, "evil.example/x": false, "a@b": false, "a\"b": false, "a<b": false, "x:y:z": false, "a:": false, "a?b": false, "é.example": false,
		strings.Repeat("a", 301): false, "{searchTerms}": false,
	} {
		for _, target := range []string{"/opensearch.xml", "/feed?q=x"} {
			r := httptest.NewRequest("GET", target, nil)
			r.Host = host
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if (w.Code == 200) != ok || !ok && w.Code != 400 || ok && !strings.Contains(w.Body.String(), `"http://`+host+`/`) {
				t.Errorf("Host %q, %s: %d %s", host, target, w.Code, w.Body)
			}
		}
	}
	s.URL = "https://search.example/"
	r := httptest.NewRequest("GET", "/opensearch.xml", nil)
	r.Host = "evil.example"
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "evil") || !strings.Contains(body, `template="https://search.example/?q={searchTerms}"`) ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "application/opensearchdescription+xml") {
		t.Errorf("%s", body)
	}
	for u, want := range map[string]string{
		"https://search.example": "https://search.example", "http://10.1.2.3:8021/": "http://10.1.2.3:8021", "search.example": "", "ftp://x": "",
		"https://a:b@x": "", "https://x/sub": "", "https://x?y": "", "https://x?": "", "https://x#y": "", "https://": "", "https://a b": "", "javascript:alert(1)": "",
	} {
		if got, err := ParseURL(u); got != want || (err == nil) != (want != "") {
			t.Errorf("ParseURL(%q): %q, %v", u, got, err)
		}
	}
}

func TestUpdatedIsNeverInTheFuture(t *testing.T) {
	t.Parallel()
	d := &index.Document{ModTime: now().Add(time.Hour)}
	if got := updatedAt(d, now()); !got.Equal(time.Unix(0, 0)) {
		t.Errorf("got %v", got)
	}
	d.Seen = now().Add(-time.Hour)
	if got := updatedAt(d, now()); !got.Equal(d.Seen) {
		t.Errorf("got %v", got)
	}
	d.Added, d.Seen = now().Add(time.Hour), now().Add(2*time.Hour) // as an imported archive may say
	if got := updatedAt(d, now()); !got.Equal(time.Unix(0, 0)) {
		t.Errorf("got %v, though nothing is known", got)
	}
}

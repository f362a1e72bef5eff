package web

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
)

// holds checks an answer against the document: its status, headers and content have to be described there, and be so.
func (d document) holds(t testing.TB, path, target string, w *httptest.ResponseRecorder) {
	t.Helper()
	resp := d.at("paths", path, "get", "responses", strconv.Itoa(w.Code))
	if resp == nil {
		t.Errorf("%.100s: %s has no status %d", target, path, w.Code)
		return
	}
	content, _ := resp.(map[string]any)["content"].(map[string]any)
	if content == nil {
		if w.Body.Len() > 0 {
			t.Errorf("%.100s: a body with status %d", target, w.Code)
		}
		return
	}
	kind := w.Header().Get("Content-Type")
	sub, _ := content[kind].(map[string]any)
	if sub == nil {
		t.Errorf("%.100s: status %d has no %s", target, w.Code, kind)
		return
	}
	texts := [][]byte{w.Body.Bytes()}
	if kind == ndjson {
		texts = nil
		for line := range strings.SplitSeq(strings.TrimSuffix(w.Body.String(), "\n"), "\n") {
			if line != "" {
				texts = append(texts, []byte(line))
			}
		}
	}
	for _, b := range texts {
		if err := d.validate(sub["schema"], b); err != nil {
			t.Errorf("%.100s: %v in %.500s", target, err, b)
		}
	}
	if _, ok := w.Header()["Retry-After"]; ok != (d.at("paths", path, "get", "responses", strconv.Itoa(w.Code), "headers", "Retry-After") != nil) {
		t.Errorf("%.100s: Retry-After with status %d: %v", target, w.Code, ok)
	}
}

// summary is what a crawl leaves, with as many keys as there may be.
func summary(key string) *archive.Summary {
	at := indextest.Now
	s := &archive.Summary{Format: 1, Key: key, Scheme: "ftp", User: "bob", Host: key, Port: 21, State: crawl.Incomplete, PID: 1, Error: "no\x00\xff", Started: at, Ended: at, Written: at,
		Seeds: []string{"/pub\xff"}, Held: archive.Held{Dirs: 1, Versions: 2, Entries: 3, Bytes: 4}, Size: 5, Failures: 1, Failed: at, Failure: "x", Peak: 1}
	s.Counts.Listed, s.Counts.Pending = 1, 2
	s.Counts.Missing = map[crawl.Reason]*crawl.Tally{crawl.Refused: {N: 1, Examples: []crawl.Example{{Path: "/a\xff", Detail: "550 <b>"}}}}
	s.SeedsRaw = crawl.RawPaths(s.Seeds)
	s.Earlier = &archive.Earlier{Missing: s.Counts.Missing, Bad: 1, BadLines: []crawl.Example{{Path: "/", Detail: "\xff"}}, Unconfirmed: 2, Partial: true}
	s.Facts.Health = crawl.Health{State: crawl.HealthFailing, Since: at, Reason: "x"}
	return s
}

// TestOpenAPI holds real answers of every path against the document.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	d := parseDocument(t)
	docs := append(indextest.ExampleDocuments(t), hostileDocuments()...)
	docs = append(docs, indextest.Generate(7, 300)...)
	indextest.CountCopies(docs)
	f := newFake(docs)
	s := &Server{Index: f, Now: now, Servers: func() ([]ServerStatus, error) {
		return []ServerStatus{{Key: "a.example", Object: summary("a.example")}, {Key: "b.example", Object: &archive.Summary{Key: "b.example", Scheme: "ftps", Port: 990}}}, nil
	}}
	h := s.Handler()
	seen := map[string]bool{}
	try := func(path, target string, header ...string) {
		t.Helper()
		w := get(h, target, header...)
		seen[path+" "+strconv.Itoa(w.Code)] = true
		d.holds(t, path, target, w)
	}
	const search = "/api/v1/search"
	for _, q := range append(indextest.GenerateQueries(7, 100, docs), "", "wget", "(a", "\xff", "newer:7d", "copies:>1", "sort:-added", "/./", "type:link target:foo") {
		for _, more := range [][]string{nil, {"facets", "host,ext,type,year,size"}, {"group", "1", "limit", "1000"}, {"limit", "3"}, {"limit", "0"}, {"after", "x"}, {"sort", "-date,name"}} {
			try(search, apiURL(append([]string{"q", q}, more...)...))
		}
		try(search, apiURL("q", q, "group", "1"), "Accept", ndjson)
		try(search, apiURL("q", q), "If-None-Match", "*")
	}
	for path := range d["paths"].(map[string]any) {
		try(path, path+"?q="+strings.Repeat("x", maxURI))
		try(path, path+"?q=%zz")
	}
	try("/api/v1/servers", "/api/v1/servers")
	try("/api/v1/servers", "/api/v1/servers", "If-None-Match", "*")
	for _, key := range []string{"a.example", "b.example", "ftp.linux.example", "nosuch"} {
		try("/api/v1/servers/{key}", "/api/v1/servers/"+key)
	}
	try("/api/v1/servers/{key}", "/api/v1/servers/a.example", "If-None-Match", "*")
	try("/api/v1/openapi.json", "/api/v1/openapi.json")
	try("/api/v1/openapi.json", "/api/v1/openapi.json", "If-None-Match", "*")

	f.hook = hookError(errBusy)
	try(search, apiURL("q", "x"))
	f.hook = hookError(context.DeadlineExceeded)
	try(search, apiURL("q", "x"))
	f.broken.Store(true)
	try(search, apiURL("q", "x"))
	s.Servers = nil
	try("/api/v1/servers", "/api/v1/servers")
	try("/api/v1/servers/{key}", "/api/v1/servers/x")

	for path, item := range d["paths"].(map[string]any) {
		for status := range item.(map[string]any)["get"].(map[string]any)["responses"].(map[string]any) {
			if !seen[path+" "+status] {
				t.Errorf("%s: no answer %s was seen", path, status)
			}
		}
	}
}

// The document names every parameter there is, and its limits are those of the code.
func TestOpenAPIParameters(t *testing.T) {
	t.Parallel()
	d := parseDocument(t)
	var names []string
	for _, p := range d.at("paths", "/api/v1/search", "get", "parameters").([]any) {
		p := p.(map[string]any)
		names = append(names, p["name"].(string))
		if p["name"] == "limit" {
			if s := p["schema"].(map[string]any); s["maximum"] != float64(maxHits) || s["default"] != float64(defaultHits) {
				t.Errorf("limit: %v", s)
			}
		}
	}
	if got := strings.Join(names, " "); got != "q limit after sort facets group If-None-Match" {
		t.Errorf("got %s", got)
	}
	if n := d.at("components", "schemas", "Result", "properties", "facets", "additionalProperties", "maxItems"); n != float64(maxFacet) {
		t.Errorf("facets: %v", n)
	}
	if n := d.at("components", "schemas", "Hit", "properties", "others", "maxItems"); n != float64(maxOthers) {
		t.Errorf("others: %v", n)
	}
}

// Many values of a facet, and many copies, are cut and said to be.
func TestManyValues(t *testing.T) {
	t.Parallel()
	docs := manyDocuments(maxFacet + 200)
	for i, d := range docs {
		d.Name += strconv.Itoa(i) // an extension of its own
	}
	for i, d := range docs[:200] {
		d.Name, d.Size, d.Dir = "copy", 5000, "/"+strconv.Itoa(i)
	}
	indextest.CountCopies(docs)
	h := (&Server{Index: newFake(docs), Now: now}).Handler()
	w := get(h, apiURL("facets", "ext,type"))
	p := decode[struct {
		Facets map[string][]index.FacetValue
		Cut    []string `json:"facets_cut"`
	}](t, w.Body.Bytes())
	if len(p.Facets["ext"]) != maxFacet || len(p.Cut) != 1 || p.Cut[0] != "ext" {
		t.Errorf("%d values, %v", len(p.Facets["ext"]), p.Cut)
	}
	w = get(h, apiURL("q", "copy", "group", "1"))
	g := decode[struct {
		Hits []struct {
			Copies int
			Others []string
		}
	}](t, w.Body.Bytes())
	if len(g.Hits) != 1 || g.Hits[0].Copies != 200 || len(g.Hits[0].Others) != maxOthers {
		t.Errorf("%.300s", w.Body)
	}
	parseDocument(t).holds(t, "/api/v1/search", "group", w)
}

// A hit is the object of search --json, whatever stands in it.
func TestHitIsTheObjectOfTheCommand(t *testing.T) {
	t.Parallel()
	docs := hostileDocuments()
	h := (&Server{Index: newFake(docs), Now: now}).Handler()
	var want []string
	for _, d := range docs {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, string(b))
	}
	for line := range strings.SplitSeq(strings.TrimSpace(get(h, apiURL(), "Accept", ndjson).Body.String()), "\n") {
		found := false
		for _, w := range want {
			found = found || w == line
		}
		if !found {
			t.Errorf("%s", line)
		}
	}
	page := get(h, apiURL())
	if strings.ContainsAny(page.Body.String(), "<>\x00\x1b\u2028") {
		t.Errorf("%s", page.Body)
	}
	for k, v := range page.Header() {
		if strings.ContainsAny(strings.Join(v, ""), "\r\n") || strings.EqualFold(k, "Set-Cookie") {
			t.Errorf("header %s: %q", k, v)
		}
	}
}

// hookError makes every search end with err.
func hookError(err error) func(context.Context, int64, *index.Result) error {
	return func(context.Context, int64, *index.Result) error { return err }
}

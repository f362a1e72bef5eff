package web

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/ftpidx/ftpidx/index/indextest"
)

// FuzzAPI asks whatever can be asked: no answer is a failure of ours, each is as the document says, and one to a query that is none
// says where it goes wrong.
func FuzzAPI(f *testing.F) {
	docs := append(indextest.ExampleDocuments(f), hostileDocuments()...)
	fake := newFake(docs)
	s := &Server{Index: fake, Now: now}
	h := s.Handler()
	d := parseDocument(f)
	for _, e := range indextest.Examples(f) {
		f.Add("q="+url.QueryEscape(e.Query), "", "")
	}
	for _, name := range hostile {
		f.Add(url.Values{"q": {name}, "after": {name}, "sort": {name}, "facets": {name}, "group": {name}, "limit": {name}}.Encode(), name, name)
		f.Add("q="+url.QueryEscape(`"`+name+`"`), name, name)
	}
	f.Add("q=a&limit=3&facets=host,ext&group=1&sort=-size", "W/\"x\"", "application/x-ndjson")
	f.Add("q=%zz;&=&&q", "*", "*/*;q=0")
	f.Add("limit=99999999999999999999&after=____", ",", "application/x-ndjson;q=0, text/html")
	f.Fuzz(func(t *testing.T, params, tag, accept string) {
		for _, path := range []string{"/api/v1/search", "/feed", "/api/v1/servers"} {
			r := &http.Request{Method: "GET", URL: &url.URL{Path: path, RawQuery: params}, Host: "example.com", Header: http.Header{
				"If-None-Match": {tag}, "Accept": {accept}, "X-Request-Id": {tag}, "Origin": {accept}, "Accept-Encoding": {accept}}}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s?%s: %d %s", path, params, w.Code, w.Body)
			}
			if path != "/feed" {
				if w.Header().Get("Content-Encoding") == "" {
					d.holds(t, path, params, w)
				}
				continue
			}
			if w.Code == 200 && w.Header().Get("Content-Encoding") == "" {
				for dec := xml.NewDecoder(w.Body); ; {
					if _, err := dec.Token(); err == io.EOF {
						break
					} else if err != nil {
						t.Fatalf("%s?%s: %v", path, params, err)
					}
				}
			}
		}
	})
}

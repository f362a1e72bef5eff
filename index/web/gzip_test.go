package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestGzip(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("text and more text ", 1000)
	for _, tt := range []struct {
		name, accept, kind, body string
		header                   http.Header
		status                   int
		want                     bool
	}{
		{name: "text", accept: "gzip", kind: "text/html; charset=utf-8", body: long, want: true},
		{name: "JSON", accept: "deflate, GZIP;q=0.5, br", kind: "application/json", body: long, want: true},
		{name: "lines", accept: "gzip", kind: ndjson, body: long, want: true},
		{name: "feed", accept: "gzip", kind: atomType, body: long, want: true},
		{name: "error", accept: "gzip", kind: "application/json", body: long, status: 400, want: true},
		{name: "not wanted", accept: "", kind: "text/html", body: long},
		{name: "refused", accept: "gzip;q=0", kind: "text/html", body: long},
		{name: "another", accept: "xgzip, br", kind: "text/html", body: long},
		{name: "short", accept: "gzip", kind: "text/html", body: "short"},
		{name: "empty", accept: "gzip", kind: "text/html", body: ""},
		{name: "picture", accept: "gzip", kind: "image/png", body: long},
		{name: "compressed", accept: "gzip", kind: "text/css", body: long, header: http.Header{"Content-Encoding": {"br"}}},
		{name: "range", accept: "gzip", kind: "text/css", body: long, status: 206, header: http.Header{"Content-Range": {"bytes 0-1/2"}}},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			z := newGzip(w, r)
			z.Header().Set("Content-Type", tt.kind)
			z.Header().Set("ETag", `"x"`)
			for k, v := range tt.header {
				z.Header()[k] = v
			}
			if tt.status != 0 {
				z.WriteHeader(tt.status)
			}
			for part := range slices.Chunk([]byte(tt.body), 700) {
				z.Write(part)
			}
			z.close()
		})
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", tt.accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		compressed := w.Header().Get("Content-Encoding") == "gzip"
		body := w.Body.String()
		if compressed {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = string(readAllOf(t, z))
		}
		status := 200
		if tt.status != 0 {
			status = tt.status
		}
		if compressed != tt.want || body != tt.body || w.Code != status || w.Header().Get("Vary") != "Accept-Encoding" || (w.Header().Get("ETag") == `W/"x"`) != tt.want {
			t.Errorf("%s: %d %v, %d bytes of %d", tt.name, w.Code, w.Header(), len(body), len(tt.body))
		}
	}
}

// What was flushed has arrived, compressed or not.
func TestGzipFlush(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"a", strings.Repeat("a", 2*gzipLeast)} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		z := newGzip(w, r)
		z.Header().Set("Content-Type", "text/plain")
		io.WriteString(z, first)
		if err := http.NewResponseController(z).Flush(); err != nil || !w.Flushed {
			t.Fatal(err)
		}
		zr, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(first))
		if _, err := io.ReadFull(zr, got); err != nil || string(got) != first {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, "gzip": true, " gzip ": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.0": false, "gzip;q=1": true, "gzip;q=x": true,
		"gzip;x=0": true, "*": false, "gzipx": false, ",,;;": false,
	} {
		if got := accepts([]string{header}, "gzip"); got != want {
			t.Errorf("%q: %v", header, got)
		}
	}
}

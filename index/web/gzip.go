package web

import (
	"compress/gzip"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// gzipLeast is the size from which on compressing an answer is worth while, in bytes.
const gzipLeast = 1024

// gzipWriters are kept, since each has tables of its own. The fastest level makes of JSON an eighth.
var gzipWriters = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	return z
}}

// A gzipper compresses what is written to it if the client takes that, it is text, and there is enough of it. Until it knows,
// it keeps what it is given.
type gzipper struct {
	http.ResponseWriter
	wanted  bool
	decided bool
	status  int
	held    []byte
	z       *gzip.Writer
}

func newGzip(w http.ResponseWriter, r *http.Request) *gzipper {
	w.Header().Add("Vary", "Accept-Encoding")
	return &gzipper{ResponseWriter: w, status: http.StatusOK,
		wanted: r.Method != http.MethodHead && accepts(r.Header.Values("Accept-Encoding"), "gzip")}
}

// accepts reports whether a header as Accept or Accept-Encoding names value and does not refuse it (RFC 9110, section 12.5).
func accepts(header []string, value string) bool {
	for _, line := range header {
		for item := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(item, ";")
			if !strings.EqualFold(strings.TrimSpace(name), value) {
				continue
			}
			for p := range strings.SplitSeq(params, ";") {
				k, v, _ := strings.Cut(p, "=")
				if q, err := strconv.ParseFloat(strings.TrimSpace(v), 64); strings.EqualFold(strings.TrimSpace(k), "q") && err == nil && q <= 0 {
					return false
				}
			}
			return true
		}
	}
	return false
}

func (w *gzipper) WriteHeader(status int) {
	if status < 200 { // informational
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if !w.decided {
		w.status = status
		if !w.possible() {
			w.decide(false)
		}
	}
}

// possible reports whether the answer may be compressed, as far as its headers say.
func (w *gzipper) possible() bool {
	h := w.Header()
	if !w.wanted || h.Get("Content-Encoding") != "" || h.Get("Content-Range") != "" ||
		w.status == http.StatusNoContent || w.status == http.StatusNotModified || w.status == http.StatusPartialContent {
		return false
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err != nil || strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") ||
		strings.HasSuffix(kind, "javascript")
}

func (w *gzipper) Write(p []byte) (int, error) {
	if !w.decided {
		if w.possible() && len(w.held)+len(p) < gzipLeast {
			w.held = append(w.held, p...)
			return len(p), nil
		}
		w.decide(w.possible())
		if err := w.release(); err != nil {
			return 0, err
		}
	}
	if w.z != nil {
		return w.z.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// decide sends the headers.
func (w *gzipper) decide(compress bool) {
	w.decided = true
	h := w.Header()
	if h.Get("Content-Type") == "" && len(w.held) > 0 {
		h.Set("Content-Type", http.DetectContentType(w.held))
	}
	if compress {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		h.Del("Accept-Ranges")
		if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) { // these are not the bytes that it is for
			h.Set("ETag", "W/"+tag)
		}
		w.z = gzipWriters.Get().(*gzip.Writer)
		w.z.Reset(w.ResponseWriter)
	}
	w.ResponseWriter.WriteHeader(w.status)
}

// release writes what was held.
func (w *gzipper) release() (err error) {
	if len(w.held) > 0 {
		if w.z != nil {
			_, err = w.z.Write(w.held)
		} else {
			_, err = w.ResponseWriter.Write(w.held)
		}
		w.held = nil
	}
	return err
}

// FlushError sends what has been written so far; http.ResponseController calls it.
func (w *gzipper) FlushError() error {
	if !w.decided {
		w.decide(w.possible())
		if err := w.release(); err != nil {
			return err
		}
	}
	if w.z != nil {
		if err := w.z.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// close ends the answer. An error is the client's: it has gone.
func (w *gzipper) close() {
	if !w.decided {
		w.decide(false)
		w.release()
	}
	if w.z != nil {
		w.z.Close()
		w.z.Reset(nil)
		gzipWriters.Put(w.z)
	}
}

// Unwrap is for http.ResponseController.
func (w *gzipper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

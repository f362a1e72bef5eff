package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
)

// contentPolicy lets a browser load style, script, images and data from us alone, run no script that stands in a page, and be
// sent to nobody else.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// common wraps the handler of all routes in what they share: a request id, headers that keep browsers safe, limits on the
// request, gzip, a line in the log and a count in the metrics. A panic is a 500 with a line of its own.
func (s *Server) common(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := requestID(r)
		w := &recorder{ResponseWriter: rw}
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if s.Origin == "" {
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		defer func() {
			v := recover()
			cut := v != nil && v == http.ErrAbortHandler
			if v != nil && !cut {
				s.log().Error("panic", "id", id, "value", fmt.Sprint(v), "stack", string(debug.Stack()))
				if cut = w.status != 0; !cut {
					s.writeError(w, r, errors.New("panic"))
				}
			}
			s.state().metrics.answered(route(r), w.code())
			s.log().Info("request", "id", id, "method", r.Method, "path", clip(r.URL.Path), "query", clip(r.URL.RawQuery),
				"status", w.code(), "bytes", w.bytes, "took", time.Since(start).Round(time.Microsecond), "cut", cut,
				"from", r.RemoteAddr, "agent", clip(r.UserAgent()))
			if cut {
				panic(http.ErrAbortHandler)
			}
		}()
		if s.misdirected(r) {
			s.writeError(w, r, &statusError{http.StatusMisdirectedRequest, "this server is for this machine, as 127.0.0.1 or localhost; behind a proxy it is to be started with --url"})
			return
		}
		if len(r.URL.Path)+len(r.URL.RawQuery) > maxURI {
			s.writeError(w, r, &statusError{http.StatusRequestURITooLong, "the request is too long"})
			return
		}
		if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
			s.writeError(w, r, &statusError{http.StatusBadRequest, "the parameters cannot be read: a % or ; in them has to be escaped"})
			return
		}
		z := newGzip(w, r)
		next.ServeHTTP(z, r)
		z.close() // not after a panic: what was cut is to look so
	})
}

// requestID returns the id that a proxy gave the request, if it is one, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 64 || strings.ContainsFunc(id, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
	}) {
		return rand.Text()
	}
	return id
}

// route is the pattern that r matched, without its method: there are as many as handlers, whatever is asked for.
func route(r *http.Request) string {
	_, path, ok := strings.Cut(r.Pattern, " ")
	if !ok {
		path = r.Pattern
	}
	if path == "" {
		return "none"
	}
	return path
}

// clip returns the beginning of a text for the log.
func clip(s string) string {
	const most = 512
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// A recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0: nothing yet
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

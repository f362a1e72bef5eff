package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// A statusError is an answer other than 200, in words for the client.
type statusError struct {
	status int
	msg    string
}

func (e *statusError) Error() string { return e.msg }

// statusGone is what the log says of a client that did not wait; nobody receives it.
const statusGone = 499

// A failure is an error as a client sees it: of our own troubles it says no more than that there are some.
type failure struct {
	status  int
	retry   int    // seconds after which to try again; 0: of no use
	Message string `json:"message"`
	Param   string `json:"param,omitempty"` // that is wrong; with q, where
	Start   *int   `json:"start,omitempty"` // bytes [Start, End) of q
	End     *int   `json:"end,omitempty"`
}

// failureOf returns what to tell the client about err.
func failureOf(err error) *failure {
	var syntax *query.SyntaxError
	var param *paramError
	var status *statusError
	switch {
	case errors.As(err, &syntax):
		return &failure{status: http.StatusBadRequest, Message: syntax.Msg, Param: "q", Start: &syntax.Start, End: &syntax.End}
	case errors.As(err, &param):
		return &failure{status: http.StatusBadRequest, Message: param.Error(), Param: param.param}
	case errors.As(err, &status):
		return &failure{status: status.status, Message: status.msg}
	case errors.Is(err, errBusy):
		return &failure{status: http.StatusTooManyRequests, retry: 2, Message: errBusy.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{status: http.StatusServiceUnavailable, retry: 10, Message: "the search takes too long"}
	case errors.Is(err, context.Canceled):
		return &failure{status: statusGone, Message: "the request was given up"}
	}
	return &failure{status: http.StatusInternalServerError, Message: indexProblem(err) + "; its operator finds the reason in the log"}
}

// indexProblem says what is wrong with the index, without its paths.
func indexProblem(err error) string {
	if errors.Is(err, index.ErrCorrupt) {
		return "the index is damaged"
	}
	return "the index cannot be read"
}

// header sets what of f stands in the headers of an answer, and logs err if it is not the client's.
func (s *Server) header(w http.ResponseWriter, f *failure, err error) {
	h := w.Header()
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	if f.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(f.retry))
	}
	if f.status == http.StatusInternalServerError {
		s.log().Error("failed", "id", h.Get("X-Request-Id"), "err", err)
	}
}

// writeError answers with err: as JSON where programs ask, elsewhere as plain text.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	f := failureOf(err)
	s.header(w, f, err)
	if !strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(f.status)
		w.Write([]byte(f.Message + "\n"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.status)
	w.Write(f.json())
}

// json returns f as {"error":{…}} and a line feed.
func (f *failure) json() []byte {
	b, err := json.Marshal(map[string]*failure{"error": f})
	if err != nil {
		panic(err) // of texts and numbers there is always a JSON form
	}
	return append(b, '\n')
}

package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

const (
	ndjson = "application/x-ndjson"

	streamHits  = 5000             // asked of the index at a time
	streamChunk = 64 << 10         // bytes sent at a time
	streamWrite = 30 * time.Second // that a client may take for these
	streamBusy  = time.Minute      // that a stream waits for its turn
)

// errCut says that a stream is not whole, since a search of it was ended early.
var errCut = &statusError{http.StatusServiceUnavailable, "the search takes too long; these are not all hits"}

// stream writes all hits of req, one object a line, those of search --json. The index is asked for a few thousand at a time, by
// cursor, so that memory is bounded, no search takes long, and a client that reads slowly keeps nobody waiting.
//
// A stream that cannot be finished is visibly cut: its last line is {"error":{…}}, and the connection is closed without the end
// that HTTP has for an answer, which clients report as an error of their own.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, req *searchRequest, tag string) {
	end, ok := s.state().gate.stream()
	if !ok {
		s.state().metrics.searched(nil, errBusy, 0)
		s.writeError(w, r, errBusy)
		return
	}
	defer end()
	left, sent := req.limit, false
	req.facets = nil
	out := streamWriter{w: w, rc: http.NewResponseController(w)}
	for {
		req.limit = streamHits
		if !req.all {
			req.limit = min(streamHits, left)
		}
		out.allow(streamBusy + 2*s.state().limits.Time + streamWrite)
		res, err := s.streamPage(r.Context(), req, sent)
		if err == nil && res.Partial {
			err = errCut
		}
		if err != nil && !sent {
			s.writeError(w, r, err)
			return
		}
		if !sent {
			if tag != "" {
				w.Header().Set("ETag", tag)
			}
			w.Header().Set("Content-Type", ndjson)
			w.Header().Set("X-Accel-Buffering", "no") // for nginx: hits are sent as they are found
			w.WriteHeader(http.StatusOK)
			sent = true
			if r.Method == http.MethodHead {
				return
			}
		}
		if err == nil {
			err = out.hits(res.Hits)
		}
		if err != nil {
			s.log().Warn("stream cut", "id", w.Header().Get("X-Request-Id"), "err", err)
			out.end(failureOf(err))
			panic(http.ErrAbortHandler)
		}
		left -= len(res.Hits)
		if res.Next == "" || !req.all && left <= 0 {
			break
		}
		req.after = res.Next
	}
	if out.flush() != nil {
		panic(http.ErrAbortHandler)
	}
}

// streamPage searches; in the middle of a stream it waits longer for its turn than a person would.
func (s *Server) streamPage(ctx context.Context, req *searchRequest, patient bool) (*index.Result, error) {
	for start := time.Now(); ; {
		res, err := s.search(ctx, req)
		if !patient || !errors.Is(err, errBusy) || time.Since(start) > streamBusy {
			return res, err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// A streamWriter sends lines in chunks, each of which the client has its time for.
type streamWriter struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	buf bytes.Buffer
}

func (o *streamWriter) hits(hits []index.Hit) error {
	for i := range hits {
		b, err := apiHit{&hits[i], false}.MarshalJSON()
		if err != nil {
			return err
		}
		o.buf.Write(b)
		o.buf.WriteByte('\n')
		if o.buf.Len() >= streamChunk {
			if err := o.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// allow sets how long it may take until the client has what is sent next. Where there is no connection, as in tests, there is
// no deadline.
func (o *streamWriter) allow(d time.Duration) { _ = o.rc.SetWriteDeadline(time.Now().Add(d)) }

func (o *streamWriter) flush() error {
	o.allow(streamWrite)
	_, err := o.w.Write(o.buf.Bytes())
	o.buf.Reset()
	if err != nil {
		return err
	}
	return o.rc.Flush()
}

// end writes the line that says why there are no more.
func (o *streamWriter) end(f *failure) {
	o.buf.Write(f.json())
	o.flush()
}

package crawl

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// A sink takes a listing's bytes within limits.
type sink struct {
	spool    *Spool
	maxBytes int64
	maxLines int64

	lines int64
	bytes atomic.Int64
	err   error // why nothing more is taken
}

// A cutError is a limit of ours at which a listing was cut; what came before it is of use.
type cutError struct {
	reason Reason
	text   string
}

func (e *cutError) Error() string { return e.text }

// Write implements [io.Writer].
func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	keep := p
	if room := s.maxBytes - s.bytes.Load(); int64(len(keep)) > room {
		keep = keep[:room]
		s.err = &cutError{TooLarge, fmt.Sprintf("cut after %d bytes", s.maxBytes)}
	}
	if n := int64(bytes.Count(keep, []byte{'\n'})); s.lines+n > s.maxLines {
		end := 0
		for ; s.lines < s.maxLines; s.lines++ {
			end += bytes.IndexByte(keep[end:], '\n') + 1
		}
		keep = keep[:end]
		s.err = &cutError{TooLarge, fmt.Sprintf("cut after %d lines", s.maxLines)}
	} else {
		s.lines += n
	}
	n, err := s.spool.Write(keep)
	s.bytes.Add(int64(n))
	if err != nil {
		s.err = err
	}
	return n, s.err
}

// watch calls cancel when the listing takes longer than limit and a second for each KiB that has
// come. The result ends the watch.
func (s *sink) watch(limit time.Duration, cancel context.CancelCauseFunc) (stop func()) {
	start := time.Now()
	ctx, done := context.WithCancel(context.Background())
	var timer atomic.Pointer[time.Timer]
	var check func()
	check = func() {
		allowed := limit + time.Duration(s.bytes.Load()/1024)*time.Second
		left := allowed - time.Since(start)
		switch {
		case ctx.Err() != nil:
		case left <= 0:
			cancel(&cutError{TooSlow, fmt.Sprintf("cut after %v for %d bytes", allowed, s.bytes.Load())})
		default:
			timer.Store(time.AfterFunc(left, check))
		}
	}
	timer.Store(time.AfterFunc(limit, check))
	return func() {
		done()
		timer.Load().Stop()
	}
}

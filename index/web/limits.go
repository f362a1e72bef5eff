package web

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"
)

// Limits keep a server useful whatever it is asked. Zero in a field is its default.
type Limits struct {
	Time       time.Duration // of a search, which then is partial; default 10 s
	Cost       int64         // documents that a search may look at one by one, which then is partial; default 100 million
	Concurrent int           // searches at a time; default four a processor
	Waiting    int           // searches that wait for their turn; default 64 for each of Concurrent
	Wait       time.Duration // how long they do; default 5 s
	Streams    int           // answers of all hits at a time, which may take their clients long; default four for each of Concurrent
}

// maxURI is how long the path and parameters of a request may be, in bytes. A query has at most 4096, three times as much
// when every byte is escaped; the rest is for cursors, which hold pathnames.
const maxURI = 64 << 10

func (l Limits) withDefaults() Limits {
	if l.Time <= 0 {
		l.Time = 10 * time.Second
	}
	if l.Cost <= 0 {
		l.Cost = 100_000_000
	}
	if l.Concurrent <= 0 {
		l.Concurrent = 4 * runtime.GOMAXPROCS(0)
	}
	if l.Waiting <= 0 {
		l.Waiting = 64 * l.Concurrent
	}
	if l.Wait <= 0 {
		l.Wait = 5 * time.Second
	}
	if l.Streams <= 0 {
		l.Streams = 4 * l.Concurrent
	}
	return l
}

// errBusy says that there are more searches than the limits allow.
var errBusy = errors.New("too many searches at a time; try again in a moment")

// A gate lets a limited number of searches run, and a limited number wait for a limited time: what memory they take is
// bounded whoever asks, and each of them ends before its client has given up.
type gate struct {
	running chan struct{}
	streams chan struct{}
	waiting atomic.Int64
	queue   int64
	wait    time.Duration
}

func newGate(l Limits) *gate {
	return &gate{running: make(chan struct{}, l.Concurrent), streams: make(chan struct{}, l.Streams), queue: int64(l.Waiting), wait: l.Wait}
}

// enter waits until a search may run; the caller leaves afterwards. The error is errBusy or ctx's.
func (g *gate) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case g.running <- struct{}{}:
		return nil
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.queue {
		return errBusy
	}
	t := time.NewTimer(g.wait)
	defer t.Stop()
	select {
	case g.running <- struct{}{}:
		return nil
	case <-t.C:
		return errBusy
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g *gate) leave() { <-g.running }

// stream reports whether one more stream may begin: each holds thousands of hits while its client reads. The caller calls end
// afterwards.
func (g *gate) stream() (end func(), ok bool) {
	select {
	case g.streams <- struct{}{}:
		return func() { <-g.streams }, true
	default:
		return nil, false
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/crawl"
)

// eventsEvery is how often crawl --json says how far it is.
const eventsEvery = 5 * time.Second

// A crawlEvent is a line of crawl --json, but for the last one of each server, which is a result, see reportJSON. What does not apply
// is left out.
type crawlEvent struct {
	Event       string    `json:"event"` // began, fetching, failed, retried, waiting, limited, slowed, paused, progress
	Time        time.Time `json:"time"`
	Host        string    `json:"host,omitempty"`
	Resumed     bool      `json:"resumed,omitempty"`
	Path        string    `json:"path,omitempty"`
	PathRaw     []byte    `json:"path_raw,omitempty"` // if the bytes are not UTF-8
	Status      string    `json:"status,omitempty"`   // failed: failed, partial, unconfirmed
	Reason      string    `json:"reason,omitempty"`
	Error       string    `json:"error,omitempty"`
	Address     string    `json:"address,omitempty"`
	With        string    `json:"with,omitempty"`
	Connections int       `json:"connections,omitempty"`
	Seconds     float64   `json:"seconds,omitempty"`
	*progressEvent
}

// A progressEvent is what a line of the event progress has besides.
type progressEvent struct {
	Servers int   `json:"servers"`
	Ended   int   `json:"ended"`
	Listed  int64 `json:"listed"`
	Pending int64 `json:"pending"`
	Entries int64 `json:"entries"`
	Missing int64 `json:"missing"`
}

// An eventWriter prints events as JSON lines on standard output as they come. It is for several goroutines.
type eventWriter struct {
	mu  sync.Mutex
	e   *env
	err error // of writing: nothing follows it
}

func (w *eventWriter) write(v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	if err == nil {
		_, err = w.e.stdout.Write(b.Bytes())
	}
	if err == nil {
		err = w.e.stdout.Flush() // whoever reads is waiting for it
	}
	w.err = err
}

// observe prints an event of the crawler, unless it is that a directory was listed wholly: there are too many of those.
func (w *eventWriter) observe(ev crawl.Event) {
	if ev.Kind == crawl.Ended {
		w.write(reportJSON(ev.Report))
		return
	}
	x := crawlEvent{Time: ev.Time.UTC(), Host: ev.Server.Key(), Path: ev.Path}
	if !utf8.ValidString(ev.Path) {
		x.PathRaw = []byte(ev.Path)
	}
	if ev.Err != nil {
		x.Error = ev.Err.Error()
	}
	switch ev.Kind {
	case crawl.Began:
		x.Event, x.Resumed = "began", ev.Resumed
	case crawl.Fetching:
		x.Event = "fetching"
	case crawl.Listed:
		if ev.Status == crawl.Whole && ev.Reason == "" {
			return
		}
		x.Event, x.Status, x.Reason = "failed", ev.Status.String(), string(ev.Reason)
	case crawl.Retried:
		x.Event = "retried"
	case crawl.Waiting:
		x.Event, x.Address = "waiting", ev.Address
		if ev.With.Host != "" {
			x.With = ev.With.Key()
		}
	case crawl.Limited:
		x.Event, x.Connections = "limited", ev.Connections
	case crawl.Slowed:
		x.Event, x.Seconds = "slowed", ev.Elapsed.Seconds()
	case crawl.Paused:
		x.Event, x.Seconds = "paused", ev.Elapsed.Seconds()
	}
	w.write(&x)
}

// progress prints how far the crawl is.
func (w *eventWriter) progress(p *progress) {
	p.look()
	p.mu.Lock()
	c, planned, ended := p.counts, p.planned, p.ended
	p.mu.Unlock()
	w.write(&crawlEvent{Event: "progress", Time: p.e.now().UTC(), progressEvent: &progressEvent{planned, ended, c.Listed + c.Unmoved, c.Pending, c.Entries + c.UnmovedEntries, c.Gaps()}})
}

// run prints how far the crawl is now and then, until stop is closed.
func (w *eventWriter) run(p *progress, stop <-chan struct{}) {
	tick := time.NewTicker(eventsEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			w.progress(p)
		}
	}
}

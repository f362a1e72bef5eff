package main

import (
	"errors"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

func TestEvents(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	p := shownAt(now)
	e, stdout, _ := testEnv(now)
	w := &eventWriter{e: e}
	p.e = e
	host := crawl.Server{Scheme: crawl.FTP, User: "bob", Host: "ftp.example.org", Port: 2121}
	for _, tt := range []struct {
		event crawl.Event
		want  string
	}{
		{crawl.Event{Kind: crawl.Began, Resumed: true}, `"began","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","resumed":true}`},
		{crawl.Event{Kind: crawl.Fetching, Path: "/ls-lR.gz"}, `"fetching","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","path":"/ls-lR.gz"}`},
		{crawl.Event{Kind: crawl.Listed, Path: "/pub", Entries: 5}, ""},
		{crawl.Event{Kind: crawl.Listed, Path: "/caf\xe9 & more", Status: crawl.Partial, Reason: crawl.TooLarge, Err: errors.New("cut")},
			`"failed","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","path":"/caf\ufffd & more","path_raw":"L2NhZukgJiBtb3Jl","status":"partial","reason":"too large","error":"cut"}`},
		{crawl.Event{Kind: crawl.Retried, Err: errors.New("dial: refused")}, `"retried","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","error":"dial: refused"}`},
		{crawl.Event{Kind: crawl.Waiting, Address: "192.0.2.1", With: crawl.Server{Host: "b.example", Port: 21}}, `"waiting","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","address":"192.0.2.1","with":"b.example"}`},
		{crawl.Event{Kind: crawl.Limited, Connections: 1}, `"limited","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","connections":1}`},
		{crawl.Event{Kind: crawl.Slowed, Elapsed: 2500 * time.Millisecond}, `"slowed","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","seconds":2.5}`},
		{crawl.Event{Kind: crawl.Paused, Elapsed: 5 * time.Second, Err: errors.New("silence")}, `"paused","time":"2026-11-25T12:00:00Z","host":"bob@ftp.example.org:2121","error":"silence","seconds":5}`},
	} {
		stdout.Reset()
		tt.event.Time, tt.event.Server = now, host
		w.observe(tt.event)
		want := tt.want
		if want != "" {
			want = `{"event":` + want + "\n"
		}
		if got := stdout.String(); got != want {
			t.Errorf("got  %swant %s", got, want)
		}
	}
	stdout.Reset()
	w.progress(p)
	want := `{"event":"progress","time":"2026-11-25T12:00:00Z","servers":5,"ended":1,"listed":12450,"pending":695,"entries":1235647,"missing":3}` + "\n"
	if got := stdout.String(); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

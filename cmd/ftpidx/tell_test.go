package main

import (
	"errors"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

func TestTell(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	e, _, stderr := testEnv(now)
	host := crawl.Server{Scheme: crawl.FTP, Host: "ftp.example.org", Port: 2121}
	for _, tt := range []struct {
		event crawl.Event
		want  string
	}{
		{crawl.Event{Kind: crawl.Began}, ": the crawl begins\n"},
		{crawl.Event{Kind: crawl.Began, Resumed: true}, ": the crawl goes on\n"},
		{crawl.Event{Kind: crawl.Fetching, Path: "/ls-lR.gz"}, "/ls-lR.gz: fetched, to be read instead of the directories that it lists\n"},
		{crawl.Event{Kind: crawl.Listed, Path: "/a\x1b[31m", Status: crawl.Whole, Entries: 1}, `/a\x1b[31m: 1 entry` + "\n"},
		{crawl.Event{Kind: crawl.Listed, Path: "/b", Status: crawl.Failed, Reason: crawl.Refused, Err: errors.New("CWD: 550 \x1bNo")}, `/b: refused: CWD: 550 \x1bNo` + "\n"},
		{crawl.Event{Kind: crawl.Retried, Path: "/b", Err: errors.New("reset")}, "/b: tried again: reset\n"},
		{crawl.Event{Kind: crawl.Waiting}, ""},
	} {
		stderr.Reset()
		tt.event.Server = host
		e.tell(tt.event)
		want := tt.want
		if want != "" {
			want = "ftp.example.org:2121" + want
		}
		if got := stderr.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

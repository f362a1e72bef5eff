package main

import (
	"errors"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

func TestClosingTable(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	report := func(host string, state crawl.State, took time.Duration, c crawl.Counts) *crawl.ServerReport {
		return &crawl.ServerReport{Server: crawl.Server{Scheme: crawl.FTP, Host: host, Port: 21}, State: state, Started: now.Add(-took), Ended: now, Counts: c}
	}
	gaps := crawl.Counts{Listed: 12_345, Entries: 1_234_567}
	gaps.Miss(crawl.Refused, 2, "/priv\x1bate", "550 No.")
	gaps.Miss(crawl.Unreachable, 1, "/slow", "timeout")
	gaps.Miss(crawl.Disallowed, 4, "/incoming", "line 2")
	incomplete := report("ftp.example.org", crawl.Incomplete, 2*time.Minute, gaps)
	incomplete.NotThere = []string{"/pbu"}
	complete := report("mirror.a-rather-long-name.example.net", crawl.Complete, 90*time.Minute, crawl.Counts{Listed: 7, Unmoved: 10, Entries: 20, UnmovedEntries: 30})
	complete.Changes = &crawl.Changes{Added: 12, Removed: 3}
	stopped := report("gone.example.com", crawl.Stopped, 30*time.Second, crawl.Counts{})
	stopped.Err = errors.New("dial: 192.0.2.7:21: connection refused")
	servers := []*crawl.ServerReport{stopped, incomplete, complete}

	e, stdout, _ := testEnv(now)
	for width, want := range map[int]string{
		200: `server                                 state         entries  directories  missing  changes   time
mirror.a-rather-long-name.example.net  complete           50           17        -   +12 -3  1h30m
ftp.example.org                        incomplete  1,234,567       12,345        3        -     2m
gone.example.com                       stopped             -            -        -        -    30s  dial: 192.0.2.7:21: connection refused
`,
		80: `server               state         entries  directories  missing  changes   time
mirror.a-rather-lo…  complete           50           17        -   +12 -3  1h30m
ftp.example.org      incomplete  1,234,567       12,345        3        -     2m
gone.example.com     stopped             -            -        -        -    30s
  dial: 192.0.2.7:21: connection refused
`,
	} {
		stdout.Reset()
		e.stdout.width = width
		printClosing(e, servers, 4)
		e.stdout.Flush()
		want += `4 servers: 1 complete, 1 incomplete, 1 stopped, 1 not begun; 1,234,617 entries in 12,362 directories
  failed: 1 directory on 1 server, as ftp.example.org/slow
    hint: run the same command again: it asks for them once more
  refused: 2 directories on 1 server, as ftp.example.org/priv\x1bate
    hint: forbidden, or gone meanwhile; a login of your own may see them: ftpidx crawl --user NAME URL
  left out, disallowed by robots.txt: 4 directories on 1 server, as ftp.example.org/incoming
    hint: --ignore-robots lists them: for servers of your own
  not there, or not for us, and forgotten: 1 URL
  'ftpidx servers HOST' shows more of each
`
		if got := stdout.String(); got != want {
			t.Errorf("%d columns: got\n%s\nwant\n%s", width, got, want)
		}
	}
}

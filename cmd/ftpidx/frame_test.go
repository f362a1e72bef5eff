package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// shownAt is a crawl of five servers as it stands: two at work, one that cannot log in, one that waits, one that has ended.
func shownAt(now time.Time) *progress {
	e, _, _ := testEnv(now)
	p := &progress{e: e, rows: 8, planned: 5, live: true, servers: make(map[crawl.Server]*progressServer)}
	at := func(host string) crawl.Server { return crawl.Server{Scheme: crawl.FTP, Host: host, Port: 21} }
	counts := func(c crawl.Counts) func() crawl.Counts { return func() crawl.Counts { return c } }
	known := crawl.Counts{Listed: 12_000, Unmoved: 345, Pending: 678, Entries: 1_234_567}
	known.Miss(crawl.Refused, 3, "", "")
	known.Miss(crawl.Disallowed, 9, "", "") // no gap
	p.opened(at("ftp.example.org"), counts(known), 15_000)
	p.opened(at("mirror.example.net"), counts(crawl.Counts{Listed: 5, Pending: 17, Entries: 80}), 0)
	p.opened(at("slow.example.com"), counts(crawl.Counts{}), 0)
	events := []crawl.Event{
		{Kind: crawl.Began, Server: at("ftp.example.org")},
		{Kind: crawl.Listed, Server: at("ftp.example.org"), Path: "/pub/日本語/とても長い名前\x1b[31m"},
		{Kind: crawl.Began, Server: at("mirror.example.net")},
		{Kind: crawl.Listed, Server: at("mirror.example.net"), Path: "/a"},
		{Kind: crawl.Retried, Server: at("slow.example.com"), Err: errors.New("dial: 192.0.2.7:21: i/o timeout")},
		{Kind: crawl.Waiting, Server: at("www.example.org"), Address: "192.0.2.1", With: at("ftp.example.org")},
		{Kind: crawl.Ended, Server: at("old.example.org"), Report: &crawl.ServerReport{Counts: crawl.Counts{Listed: 100, Entries: 1000}}},
	}
	for _, ev := range events {
		p.observe(ev)
	}
	p.look()
	for _, s := range p.order {
		s.pace.rate, s.pace.since = 19.6, now.Add(-time.Minute)
	}
	p.all.rate = 0.5
	return p
}

func TestFrame(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		width int
		want  string
	}{
		{200, `
ftp.example.org     12,345 directories  678 to go  1,234,567 entries  20/s  3 missing  2m left  /pub/日本語/とても長い名前\x1b[31m
mirror.example.net       5 directories   17 to go         80 entries  20/s                      /a
slow.example.com    tries again: dial: 192.0.2.7:21: i/o timeout
www.example.org     waits: shares address 192.0.2.1 with ftp.example.org
1 of 5 servers done, 1 waiting: 12,450 directories, 695 to go, 1,235,647 entries, 30/min, 3 missing
`},
		{112, `
ftp.example.org     12,345 directories  678 to go  1,234,567 entries  20/s  3 missing  2m left  … い名前\x1b[31m
mirror.example.net       5 directories   17 to go         80 entries  20/s                      /a
slow.example.com    tries again: dial: 192.0.2.7:21: i/o timeout
www.example.org     waits: shares address 192.0.2.1 with ftp.example.org
1 of 5 servers done, 1 waiting: 12,450 directories, 695 to go, 1,235,647 entries, 30/min, 3 missing
`},
		{80, `
ftp.example.org     12,345 directories  678 to go  3 missing  2m left
mirror.example.net       5 directories   17 to go
slow.example.com    tries again: dial: 192.0.2.7:21: i/o timeout
www.example.org     waits: shares address 192.0.2.1 with ftp.example.org
1 of 5 servers done, 1 waiting: 12,450 directories, 695 to go, 3 missing
`},
		{60, `
ftp.example.org     12,345 directories  3 missing  2m left
mirror.example.net       5 directories
slow.example.com    tries again: dial: 192.0.2.7:21: i/o ti…
www.example.org     waits: shares address 192.0.2.1 with ft…
1 of 5 servers done, 1 waiting: 12,450 directories
`},
		{20, `
ftp.example…
mirror.exam…
slow.exampl…  tries…
www.example…  waits…
1 of 5 servers done…
`},
	} {
		p := shownAt(now)
		var got strings.Builder
		for _, line := range p.frame(tt.width) {
			if w := textWidth(line); w > tt.width {
				t.Errorf("%d columns: %d taken by %q", tt.width, w, line)
			}
			got.WriteString("\n" + strings.TrimRight(line, " "))
		}
		if want := strings.TrimSuffix(tt.want, "\n"); got.String() != want {
			t.Errorf("%d columns: got%s\nwant%s", tt.width, got.String(), want)
		}
	}
}

// With one server its numbers are those over all: only where it is comes above.
func TestFrameOfOneServer(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	p := shownAt(now)
	p.planned, p.order, p.ended, p.past = 1, p.order[:1], 0, crawl.Counts{}
	p.servers = map[crawl.Server]*progressServer{p.order[0].server: p.order[0]}
	p.look()
	p.all.rate = 19.6
	want := "/pub/日本語/とても長い名前\\x1b[31m\n12,345 directories, 678 to go, 1,234,567 entries, 20/s, 3 missing, 2m left"
	if got := strings.Join(p.frame(80), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	p.order[0].status = "tries again: no"
	if got := p.frame(80)[0]; got != "ftp.example.org  tries again: no" {
		t.Errorf("got %q", got)
	}
	p.interrupted()
	if got := p.frame(80); !strings.HasPrefix(got[len(got)-1], "interrupted: finishing") {
		t.Errorf("interrupted: got %q", got)
	}
}

// An outage of our own network is said, and shown as long as it lasts.
func TestFrameOfAnOutage(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	p := shownAt(now)
	p.observe(crawl.Event{Kind: crawl.Paused, Server: p.order[0].server, Time: now, Elapsed: 10 * time.Second})
	lines := p.frame(200)
	if got := lines[len(lines)-1]; !strings.Contains(got, "no server answers, waiting for our own network: ") {
		t.Errorf("got %q", got)
	}
	p.e.now = func() time.Time { return now.Add(10 * time.Second) }
	if got := p.overall(200); strings.Contains(got, "network") {
		t.Errorf("after the pause: got %q", got)
	}
}

// Many servers are shown a few at a time, those that began first, so that lines keep their places.
func TestFrameOfManyServers(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	e, _, _ := testEnv(now)
	p := &progress{e: e, rows: 3, planned: 300, live: true, servers: make(map[crawl.Server]*progressServer)}
	host := func(i int) crawl.Server {
		return crawl.Server{Scheme: crawl.FTP, Host: string(rune('a'+i)) + ".example", Port: 21}
	}
	for i := range 6 {
		p.opened(host(i), func() crawl.Counts { return crawl.Counts{Listed: int64(i)} }, 0)
	}
	p.observe(crawl.Event{Kind: crawl.Ended, Server: host(1), Report: new(crawl.ServerReport)})
	var got []string
	for _, line := range p.frame(80) {
		got = append(got, strings.Fields(line)[0])
	}
	if want := "a.example c.example d.example 1"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

func TestPace(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	var p pace
	for i := range int64(120) { // a minute at 20 a second
		p.see(10*i, now.Add(time.Duration(i)*500*time.Millisecond))
	}
	if p.rate < 19.9 || p.rate > 20.1 {
		t.Errorf("got %v a second, want 20", p.rate)
	}
	for i := range int64(60) { // it stands still for half a minute
		p.see(1190, now.Add(time.Duration(120+i)*500*time.Millisecond))
	}
	if p.rate > 2 {
		t.Errorf("then got %v a second, want nearly nothing", p.rate)
	}
	for rate, want := range map[float64]string{0: "", 0.5: "30/min", 1.25: "1.2/s", 9.96: "10/s", 12345: "12,345/s"} {
		if got := rateText(rate); got != want {
			t.Errorf("%v: got %q, want %q", rate, got, want)
		}
	}
}

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// The table never has a line that is wider than the terminal, shows what matters most, and leaves nothing out that fits.
func TestServersFitTheTerminal(t *testing.T) {
	t.Parallel()
	ended := time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)
	all := []archive.Summary{
		{Key: "ftp.example.org", State: crawl.Complete, Ended: ended, Held: archive.Held{Entries: 12_345_678, Dirs: 1_000_000}, Size: 1 << 30,
			Facts: crawl.Facts{Charset: "koi8-r", Zone: "Europe/Berlin", Connections: 2}},
		{Key: "bob@a-very-long-name-of-a-server.department.university.example:2121", State: crawl.Incomplete, Ended: ended,
			Counts: crawl.Counts{Missing: map[crawl.Reason]*crawl.Tally{crawl.Refused: {N: 34}, crawl.Excluded: {N: 99}}}},
		{Key: "gone.example", State: crawl.Stopped, Facts: crawl.Facts{Health: crawl.Health{State: crawl.HealthDead}}},
		{Key: "half.example", State: crawl.Interrupted, Counts: crawl.Counts{Pending: 1200}},
	}
	for _, tt := range []struct {
		width    int
		has, not []string
	}{
		{40, []string{"complete", "34 missing", "bob@a-very-l"}, []string{"crawled", "12,345,678"}},
		{60, []string{"1,200 to go", "ftp.example.org", "dead"}, []string{"koi8-r", "zone"}},
		{80, []string{"12,345,678", "34 missing", "…"}, []string{"zone"}},
		{100, []string{"12,345,678", "2026-11-25", "34 missing", "…"}, []string{"directories"}},
		{200, []string{"12,345,678", "1,000,000", "1.0G", "2026-11-25", "koi8-r", "Europe/Berlin", "2 connections", all[1].Key}, []string{"…"}},
	} {
		e, stdout, _ := testEnv(ended)
		e.stdout.terminal, e.stdout.width = true, tt.width
		if err := printServers(e, all); err != nil {
			t.Fatal(err)
		}
		if err := e.stdout.Flush(); err != nil {
			t.Fatal(err)
		}
		text := stdout.String()
		for line := range strings.Lines(text) {
			if n := textWidth(strings.TrimRight(line, "\n")); n > tt.width {
				t.Errorf("width %d: a line has %d columns: %s", tt.width, n, line)
			}
		}
		for _, want := range tt.has {
			if !strings.Contains(text, want) {
				t.Errorf("width %d: %q is not shown:\n%s", tt.width, want, text)
			}
		}
		for _, no := range tt.not {
			if strings.Contains(text, no) {
				t.Errorf("width %d: %q is shown:\n%s", tt.width, no, text)
			}
		}
	}
}

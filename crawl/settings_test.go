package crawl_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// TestSettingsOfAServer: what is said of a server holds for it, whatever the policy says.
func TestSettingsOfAServer(t *testing.T) {
	policy := crawl.Policy{Rate: 10, Delay: 50 * time.Millisecond, Connections: 2, MaxRate: -1}
	for _, tt := range []struct {
		name     string
		settings crawl.ServerSettings
		min, max time.Duration // for 101 listings
		peak     int
	}{
		{"none", crawl.ServerSettings{}, 9 * time.Second, 11 * time.Second, 2},
		{"slower", crawl.ServerSettings{Rate: 5}, 19 * time.Second, 21 * time.Second, 2},
		{"delay", crawl.ServerSettings{Delay: time.Second}, 98 * time.Second, 102 * time.Second, 2},
		{"no limit", crawl.ServerSettings{Rate: -1, Delay: -1, Connections: 5}, 0, 3 * time.Second, 5},
		{"one connection", crawl.ServerSettings{Connections: 1}, 9 * time.Second, 14 * time.Second, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := &server{dirs: forest(100, 9), takes: 120 * time.Millisecond}
				report, _ := crawlOne(t, s, func(c *crawl.Crawler) {
					c.Policy = policy
					c.Settings = func(s crawl.Server) crawl.ServerSettings { return tt.settings }
				})
				if took := time.Since(start); took < tt.min || took > tt.max || report.Peak != tt.peak {
					t.Errorf("took %v, want %v to %v; %d connections, want %d", took, tt.min, tt.max, report.Peak, tt.peak)
				}
			})
		})
	}
}

// TestSettingsExcludeAndRead: excludes add to those of the policy; the charset and zone of this crawl come before the server's.
func TestSettingsExcludeAndRead(t *testing.T) {
	s := &server{dirs: map[string]string{"/": subdir + "a\r\n" + subdir + "b\r\n" + subdir + "c\r\n", "/a": "", "/b": "", "/c": ""}}
	_, store := crawlOne(t, s, func(c *crawl.Crawler) {
		c.Policy.Exclude = []string{"a"}
		c.Charset = "UTF-8"
		c.Settings = func(s crawl.Server) crawl.ServerSettings {
			return crawl.ServerSettings{Exclude: []string{"/b"}, Charset: "KOI8-R", Zone: "Europe/Moscow"}
		}
	})
	if got := fmt.Sprint(s.counts); got != "map[/:1 /c:1]" {
		t.Errorf("listed %s, want / and /c", got)
	}
	if f := store.Facts(); f.Charset != "UTF-8" || f.Zone != "Europe/Moscow" {
		t.Errorf("got charset %s, zone %s", f.Charset, f.Zone)
	}
}

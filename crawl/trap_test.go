package crawl_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
)

// trap makes s invent fan directories in each directory below those called trap, with names of n letters.
func (s *server) trap(fan, n int) *server {
	s.listing = func(_ context.Context, p string, _ int, w io.Writer) (crawl.Reply, error, bool) {
		if !strings.Contains(p, "trap") {
			return crawl.Reply{}, nil, false
		}
		h := fnv.New32()
		io.WriteString(h, p)
		for i := range fan {
			fmt.Fprintf(w, "%s%0*x%c\r\n", subdir, n, h.Sum32(), 'a'+i)
		}
		return crawl.Reply{Code: 226}, nil, true
	}
	return s
}

// A server that invents new directories in each does so to no end, but the crawl comes to one: what is beside the trap is listed, and
// what is left of the trap is missing.
func TestTrapsEnd(t *testing.T) {
	for _, tt := range []struct {
		name       string
		where      []string // the directories that are traps
		fan, names int
		most       int // listings of the traps
	}{
		{"one in each", []string{"/trap"}, 1, 8, 128},
		{"two in each", []string{"/trap"}, 2, 8, 4000},
		{"twenty in each", []string{"/trap"}, 20, 8, 4000},
		{"long names", []string{"/trap"}, 2, 200, 4000},
		{"far down", []string{"/a/b/c/trap"}, 2, 8, 1000},
		{"side by side", []string{"/a/trap", "/a/b/trap", "/trap"}, 2, 8, 8000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := (&server{dirs: forest(300, 3)}).trap(tt.fan, tt.names)
			for _, p := range tt.where {
				for ; p != "/"; p = path.Dir(p) {
					up := path.Dir(p)
					if line := subdir + path.Base(p) + "\r\n"; !strings.Contains(s.dirs[up], line) {
						s.dirs[up] += line
					}
				}
			}
			real := 0
			report, store := crawlOne(t, s, func(c *crawl.Crawler) { c.Policy.Connections = 2 })
			for p := range s.dirs {
				if l := store.done[p]; l == nil || l.Status != crawl.Whole {
					t.Errorf("%s is not listed: %+v", p, l)
				}
				real++
			}
			asked := len(s.asked) - real
			if asked > tt.most || asked < 32 {
				t.Errorf("got %d listings of traps, want at most %d", asked, tt.most)
			}
			missing := report.Counts.Missing[crawl.TooDeep]
			if report.State != crawl.Incomplete || missing == nil || report.Counts.Pending != 0 {
				t.Errorf("got %s, %+v", report.State, report.Counts)
			}
		})
	}
}

// A depth that the user asks for is no sign of a trap.
func TestDepthAskedForIsNoTrap(t *testing.T) {
	s := (&server{dirs: forest(5, 4)}).trap(3, 8)
	s.dirs["/"] += subdir + "trap\r\n"
	report, _ := crawlOne(t, s, func(c *crawl.Crawler) { c.Policy.MaxDepth = 8 })
	if want := 5 + (3*3*3*3*3*3*3*3-1)/2; report.State != crawl.Complete || len(s.asked) != want {
		t.Errorf("got %s after %d listings, want complete after %d", report.State, len(s.asked), want)
	}
}

// However many directories there are on the way down, the way down is gone first: little is pending then.
func TestTheDeepestComeFirst(t *testing.T) {
	s := (&server{dirs: map[string]string{"/": subdir + "trap\r\n"}}).trap(40, 100)
	deepest := 0
	crawlOne(t, s, func(c *crawl.Crawler) {
		c.Policy.Connections, c.Policy.MaxDepth, c.Policy.MaxEntries = 1, 60, 40*40
		c.Policy.MaxPath = 30_000
		c.Observe = func(e crawl.Event) { deepest = max(deepest, strings.Count(e.Path, "/")) }
	})
	if deepest < 38 {
		t.Errorf("got to level %d with 40 listings", deepest)
	}
}

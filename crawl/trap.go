package crawl

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
)

// A server may invent directories without end, each under a new name, so that no listing is like another one. If each of them
// names one more, the guards of depth and length make an end of it. If each names two, these are met more often than can be waited
// for. So it is counted how often they are met below a directory: a tree that people have made does not meet them at all, and one
// that does again and again is a trap, of which the rest is not listed. Directories further up bear more, so that what
// lies beside a trap is listed. The counts begin anew with each process.
//
// A server that is nothing but a trap of one directory in each has been crawled after 129 listings, one of two in each after some
// 11,000 and 64 MB of archive.

// trapLevels are those levels below the seed on which hits are counted, and how many a directory there bears.
var trapLevels = [...]struct {
	depth int
	bears int64
}{
	{64, 1}, {16, 1}, {8, 1}, {6, 2}, {5, 3}, {4, 4}, {3, 8}, {2, 16}, {1, 32},
	{0, 320}, // ten traps side by side
}

// maxTrapCounts bounds the directories that are counted below: beyond, counting begins anew.
const maxTrapCounts = 1 << 20

// traps are those of one server. It is for several goroutines.
type traps struct {
	seed maphash.Seed
	any  atomic.Bool // there is one

	mu    sync.Mutex
	hits  map[uint64]int64  // by the hash of the pathname
	found map[uint64]string // the traps: what there is to say
}

func newTraps() *traps {
	return &traps{seed: maphash.MakeSeed(), hits: make(map[uint64]int64), found: make(map[uint64]string)}
}

// hit says that n directories in d were not followed because they are too deep or have too long a pathname.
func (t *traps) hit(d Dir, n int64) {
	if n == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.hits) > maxTrapCounts {
		clear(t.hits)
	}
	for i, path := range above(d) {
		key := maphash.String(t.seed, path)
		if t.hits[key] += n; t.hits[key] > trapLevels[i].bears && t.found[key] == "" {
			t.found[key] = fmt.Sprintf("%q is taken for a trap: more than %d directories below it are too deep", path, trapLevels[i].bears)
			t.any.Store(true)
		}
	}
}

// in reports whether the directory is below a trap, and what there is to say of that.
func (t *traps) in(d Dir) (why string, ok bool) {
	if !t.any.Load() {
		return "", false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, path := range above(d) {
		if why := t.found[maphash.String(t.seed, path)]; why != "" {
			return why, true
		}
	}
	return "", false
}

// above yields d, if it is on one of the levels, and the directories above it that are, the deepest first, by the index of the level.
func above(d Dir) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		path := d.Path
		for depth, i := d.Depth, 0; i < len(trapLevels); i++ {
			if trapLevels[i].depth > depth {
				continue
			}
			for ; depth > trapLevels[i].depth; depth-- {
				path = path[:max(strings.LastIndexByte(path, '/'), 0)]
			}
			if path == "" {
				path = "/"
			}
			if !yield(i, path) {
				return
			}
		}
	}
}

// leaves returns why a directory of the frontier is not asked for, and in which words; "": it is. robots.txt may disallow a seed,
// or what an earlier crawl had left, and a seed may be too long below the directory after login.
func (s *session) leaves(d Dir) (Reason, string) {
	if n := len(d.Path); n > s.policy.MaxPath {
		return PathTooLong, fmt.Sprintf("%d bytes, where %d are the limit", n, s.policy.MaxPath)
	}
	if rule, refused := s.refuses(d.Path); refused {
		if s.seeds[d.Path] {
			return SeedDisallowed, rule
		}
		return Disallowed, rule
	}
	if why, trapped := s.traps.in(d); trapped {
		return TooDeep, why
	}
	return "", ""
}

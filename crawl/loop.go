package crawl

import "strings"

// Directory cycles that no listing shows (bind mounts, case-folding servers, virtual trees that
// serve one directory for every name) are found by what is listed: a directory with the same bytes as two
// directories above it is not descended into. LoopEntries keeps out listings too small to tell anything.

// LoopEntries is the least number of entries by which a listing can be recognized.
const LoopEntries = 2

// loopTimes is how often the same listing may be met on one path before it is a loop.
const loopTimes = 3

// An ancestor is what a directory above listed.
type ancestor struct {
	sum   [16]byte
	known bool // large enough to be recognized
	up    *ancestor
}

// isLoop reports whether the listing with this hash below up closes a loop.
func isLoop(sum [16]byte, up *ancestor) bool {
	n := 1
	for a := up; a != nil; a = a.up {
		if a.known && a.sum == sum {
			if n++; n >= loopTimes {
				return true
			}
		}
	}
	return false
}

// lineage rebuilds the ancestors of a directory that comes from the Store: those between the seed and it.
func lineage(d Dir, sum func(path string) ([16]byte, bool), cache map[string]*ancestor) *ancestor {
	if d.Depth == 0 || d.Path == "/" {
		return nil
	}
	parent := d.Path[:max(strings.LastIndexByte(d.Path, '/'), 1)]
	if parent != "/" {
		parent = strings.TrimSuffix(parent, "/")
	}
	if a, ok := cache[parent]; ok {
		return a
	}
	a := &ancestor{up: lineage(Dir{Path: parent, Depth: d.Depth - 1}, sum, cache)}
	a.sum, a.known = sum(parent)
	cache[parent] = a
	return a
}

package crawl

import (
	"fmt"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// A second crawl of a server is to cost it as little as possible. A directory's own time moves when an entry is added to
// it, removed from it, or renamed; its parent's listing tells that time. So a quick crawl lists
// the directories that have subdirectories, as each of these may have changed without them, and of the others those
// whose time has moved. It does not see files that were rewritten in place, nor what is below a
// directory that has become readable without its parent's telling; for these there is a full crawl once in a while.

// A Refresh says how thorough the crawl of a known server is.
type Refresh string

const (
	RefreshAuto  Refresh = "auto"  // quick, but full every fifth time and when the last full one is older than 30 days
	RefreshQuick Refresh = "quick" // not what has not moved
	RefreshFull  Refresh = "full"  // everything
)

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Refresh) UnmarshalText(text []byte) error {
	switch v := Refresh(text); v {
	case RefreshAuto, RefreshQuick, RefreshFull:
		*r = v
		return nil
	}
	return fmt.Errorf("%q is none of auto, quick and full", text)
}

const (
	quickInARow = 4
	fullAge     = 30 * 24 * time.Hour
)

// RefreshFacts are what is kept of the last crawls. The JSON form is part of the archive's format.
type RefreshFacts struct {
	Mode  Refresh   `json:"mode,omitempty"`     // of the crawl that runs, or ran last
	Quick int       `json:"quick,omitempty"`    // quick crawls since the last full one
	Full  time.Time `json:"last_full,omitzero"` // end of the last full crawl
	Last  time.Time `json:"last,omitzero"`      // end of the last crawl
}

// choose returns whether the next crawl is quick or full, of a server last crawled as f says.
func (f RefreshFacts) choose(want Refresh, now time.Time) Refresh {
	switch {
	case f.Full.IsZero():
		return RefreshFull
	case want == RefreshQuick, want == RefreshFull:
		return want
	case f.Quick >= quickInARow || now.Sub(f.Full) > fullAge:
		return RefreshFull
	}
	return RefreshQuick
}

// ended returns f after a crawl that came to its end.
func (f RefreshFacts) ended(now time.Time) RefreshFacts {
	f.Last = now.UTC()
	if f.Mode == RefreshFull {
		f.Quick, f.Full = 0, now.UTC()
	} else {
		f.Quick++
	}
	return f
}

// A Refresher is a Store that can tell what an earlier crawl found, for quick crawls.
type Refresher interface {
	Store

	// DirTimes returns the times of the subdirectories of a directory as its current listing has them, of the
	// first max.
	DirTimes(path string, max int) (map[string]DirTime, error)

	// Leaf returns when a directory was last listed, and how many entries it had, if that was the last thing
	// tried with it, came whole, and showed no subdirectory.
	Leaf(path string) (listed time.Time, entries int64, ok bool)
}

// A DirTime is the modification time of a directory, as its parent's listing tells it.
type DirTime struct {
	Time      time.Time
	Precision parse.Precision
}

// same reports whether two listings may have told the same time: listings tell old times to the day only.
func (t DirTime) same(u DirTime, zone *time.Location) bool {
	return SameTime(t.Time, t.Precision, u.Time, u.Precision, zone)
}

// SameTime reports whether t and u, known as precisely as p and q say, may be one time. zone is that in which
// a time known to the day begins at midnight; nil means UTC.
func SameTime(t time.Time, p parse.Precision, u time.Time, q parse.Precision, zone *time.Location) bool {
	if p == q || p == parse.NoTime || q == parse.NoTime {
		return p == q && t.Equal(u)
	}
	if zone == nil {
		zone = time.UTC
	}
	switch coarser := min(p, q); coarser {
	case parse.Day:
		y1, m1, d1 := t.In(zone).Date()
		y2, m2, d2 := u.In(zone).Date()
		return y1 == y2 && m1 == m2 && d1 == d2
	default:
		return t.Truncate(coarser.Duration()).Equal(u.Truncate(coarser.Duration()))
	}
}

// Clocks differ, and where the zone is not known, by hours.
const (
	clockSkew   = 5 * time.Minute
	unknownZone = 15 * time.Hour
)

// leaveUnmoved takes those children off l that need not be listed again, and counts them.
func (w *walk) leaveUnmoved(l *Listing) error {
	store, ok := w.store.(Refresher)
	if !w.quick || !ok || l.many || len(l.children) == 0 {
		return nil
	}
	times, err := store.DirTimes(l.Dir.Path, fewChildren)
	if err != nil || len(times) == 0 {
		return err
	}
	facts := w.store.Facts()
	zone, err := ParseZone(facts.Zone)
	if err != nil {
		zone = time.UTC
	}
	skew := clockSkew
	if !facts.ZoneSet && !facts.ZoneEvidence.Known {
		skew = unknownZone
	}
	keep, keepTimes := l.children[:0], l.times[:0]
	for i, name := range l.children {
		t := l.times[i]
		path := Join(l.Dir.Path, name)
		old, known := times[name]
		if known && !w.seeds[path] && t.Precision != parse.NoTime && t.same(old, zone) {
			// Had it changed after it was listed, in the same minute or on the same day, nothing would show.
			if listed, entries, leaf := store.Leaf(path); leaf && listed.After(t.Time.Add(t.Precision.Duration()+skew)) {
				l.Unmoved++
				l.UnmovedEntries += entries
				continue
			}
		}
		keep, keepTimes = append(keep, name), append(keepTimes, t)
	}
	l.children, l.times = keep, keepTimes
	return nil
}

// Changes count what a crawl found different from the one before.
type Changes struct {
	Added   int64 `json:"added"`
	Found   int64 `json:"found,omitempty"` // in directories not looked at before: they may have been there long since
	Removed int64 `json:"removed"`
	Changed int64 `json:"changed"` // another type, size, time, permissions or target

	Examples []Change `json:"examples,omitempty"` // the first few
}

// A Change is one of Changes.
type Change struct {
	Kind ChangeKind `json:"kind"`
	Path string     `json:"path"` // may hold any bytes
}

// A ChangeKind says what happened to an entry.
type ChangeKind string

const (
	Added   ChangeKind = "added"
	Found   ChangeKind = "found"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Add counts a change.
func (c *Changes) Add(kind ChangeKind, path string) {
	n := map[ChangeKind]*int64{Added: &c.Added, Found: &c.Found, Removed: &c.Removed, Changed: &c.Changed}[kind]
	*n++
	if *n <= maxExamples {
		c.Examples = append(c.Examples, Change{kind, path})
	}
}

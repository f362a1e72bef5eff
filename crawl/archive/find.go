package archive

import (
	"slices"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// A Place says what is known of a pathname.
type Place uint8

const (
	Nowhere Place = iota // no listing leads there
	Leading              // it was not asked for, but is on the way to what was
	Entry                // it is an entry, but no directory
	Reached              // a directory, listed or not
)

// Find looks up a pathname as of the transaction seq; 0 means as of now.
func (a *Archive) Find(path string, seq uint64) (Place, error) {
	if seq == 0 {
		seq = a.Seq()
	}
	a.mu.Lock()
	seeds := a.meta.Seeds
	a.mu.Unlock()
	place, err := a.find(path, seq, seeds)
	if err == nil && place == Nowhere && slices.ContainsFunc(seeds, func(s string) bool { return path == "/" || strings.HasPrefix(s, path+"/") }) {
		place = Leading
	}
	return place, err
}

func (a *Archive) find(path string, seq uint64, seeds []string) (Place, error) {
	if slices.Contains(seeds, path) {
		return Reached, nil
	}
	if path == "/" {
		return Nowhere, nil
	}
	slash := strings.LastIndexByte(path, '/')
	dir, name := path[:max(slash, 1)], path[slash+1:]
	if up, err := a.find(dir, seq, seeds); up != Reached || err != nil {
		return Nowhere, err
	}
	rec, err := a.record(dir)
	if err != nil {
		return Nowhere, err
	}
	v := rec.current(seq)
	if v == nil {
		return Nowhere, nil
	}
	for e, err := range a.listed(dir, v) {
		switch {
		case err != nil:
			return Nowhere, err
		case e.entry.Name != name: // another
		case e.entry.IsDir():
			return Reached, nil
		default:
			return Entry, nil
		}
	}
	return Nowhere, nil
}

// Rounds returns how many crawls and imports of the server have begun, and the number of the last transaction before the last
// one, as of which Entries yields what was held then.
func (a *Archive) Rounds() (n, before uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.meta.Round, a.meta.Crawl.Before
}

// State returns how the server stands: as the last crawl does, but incomplete if earlier ones have left something missing.
func (a *Archive) State() crawl.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.meta.state()
}

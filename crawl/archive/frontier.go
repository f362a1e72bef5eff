package archive

import (
	"context"
	"errors"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
)

// Begin implements [crawl.Store].
func (a *Archive) Begin(ctx context.Context, seeds []crawl.Dir) (resumed bool, err error) {
	if a.readOnly {
		return false, errors.New("archive: opened for reading")
	}
	err = a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
		// Pending can be 0 and the crawl unended when the process was killed between the last
		// listing and End: then there is nothing left but to end it.
		resumed = m.Counts.Pending > 0 || m.Crawl.State == crawl.Crawling
		if !resumed {
			m.tell()
			m.Round++
			m.Counts = crawl.Counts{}
			m.Crawl = crawlMeta{Started: a.options.Now().UTC(), Before: m.Seq - 1}
		}
		m.Failures, m.Failed, m.Failure = 0, time.Time{}, ""
		m.Crawl.State, m.Crawl.Ended, m.Crawl.Error = crawl.Crawling, time.Time{}, ""
		for _, s := range seeds {
			if !slices.Contains(m.Crawl.Seeds, s.Path) {
				m.Crawl.Seeds = append(slices.Clone(m.Crawl.Seeds), s.Path)
			}
			if !slices.Contains(m.Seeds, s.Path) {
				m.Seeds = append(slices.Clone(m.Seeds), s.Path)
			}
		}
		m.cover()
		return addPending(tx, m, seeds, nil)
	})
	if err != nil {
		return false, err
	}
	a.mu.Lock()
	a.ahead = a.meta.Counts.Clone()
	a.report = nil
	a.begun = true
	a.mu.Unlock()
	return resumed, a.writeSummary()
}

// Pending implements [crawl.Store].
func (a *Archive) Pending(ctx context.Context, limit int, skip func(path string) bool) ([]crawl.Dir, error) {
	var dirs []crawl.Dir
	var done [][]byte
	if err := a.committer.barrier(nil); err != nil {
		return nil, err
	}
	server := a.asked
	a.mu.Lock()
	round := a.meta.Round
	a.mu.Unlock()
	err := a.view(func(tx *bolt.Tx) error {
		listings := tx.Bucket(bucketListings)
		c := tx.Bucket(bucketPending).Cursor()
		for key, _ := c.First(); key != nil && len(dirs) < limit && ctx.Err() == nil; key, _ = c.Next() {
			d, err := pendingDir(key, server)
			if err != nil {
				return err
			}
			if skip(d.Path) {
				continue
			}
			// The same directory by another way: as a seed, and below another seed.
			tried, err := triedIn(listings, d.Path, round)
			if err != nil {
				return err
			}
			if tried {
				done = append(done, slices.Clone(key))
				continue
			}
			dirs = append(dirs, d)
		}
		return ctx.Err()
	})
	if err != nil || len(done) == 0 {
		return dirs, err
	}
	return dirs, a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
		pending := tx.Bucket(bucketPending)
		for _, key := range done {
			if pending.Get(key) == nil {
				continue
			}
			m.Counts.Pending--
			if err := pending.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sum implements [crawl.Store].
func (a *Archive) Sum(path string) (sum [16]byte, ok bool) {
	// An error means that it is not known, which is all that matters to the caller.
	_ = a.view(func(tx *bolt.Tx) error {
		rec, err := decodeRecord(tx.Bucket(bucketListings).Get(dirKey(path)))
		if err == nil && len(rec.versions) > 0 {
			sum, ok = rec.versions[0].sum, rec.versions[0].entries >= crawl.LoopEntries
		}
		return err
	})
	return sum, ok
}

// End implements [crawl.Store].
func (a *Archive) End(report *crawl.ServerReport) error {
	a.mu.Lock()
	begun, known := a.begun, a.meta.worthKeeping()
	a.mu.Unlock()
	if !begun && !known {
		return nil
	}
	var changes *crawl.Changes
	var earlier *Earlier
	if begun && (report.State == crawl.Complete || report.State == crawl.Incomplete) {
		var err error
		if changes, err = a.sinceBegin(); err != nil {
			return err
		}
		report.Changes = changes
		if earlier, err = a.earlier(); err != nil {
			return err
		}
	}
	err := a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
		if report.State == crawl.Stopped && report.Err != nil {
			m.Failures++
			m.Failed = report.Ended.UTC()
			m.Failure = report.Err.Error()
		}
		if !begun {
			return nil // the crawl before is still the last one
		}
		m.Crawl.State, m.Crawl.Ended, m.Crawl.Error, m.Crawl.Changes = report.State, report.Ended.UTC(), "", changes
		if report.Err != nil {
			m.Crawl.Error = report.Err.Error()
		}
		m.Crawl.Manners.Add(report.Manners)
		m.Earlier = earlier
		// Changes were found by reading all that is there, as of the transaction before this one.
		if counted := a.census(); changes != nil && counted.seq == m.Seq-1 {
			m.Held.GoneDirs, m.Held.GoneEntries = m.Held.Dirs-counted.dirs, m.Held.Entries-counted.entries
		}
		var err error
		if report.NotThere, err = dropSeeds(tx, m); err != nil {
			return err
		}
		if m.Since.IsZero() && (report.State == crawl.Complete || report.State == crawl.Incomplete) {
			m.Since = m.Crawl.Ended
		}
		return nil
	})
	a.mu.Lock()
	a.report = report
	a.mu.Unlock()
	return errors.Join(err, a.writeSummary())
}

// dropSeeds forgets those seeds of the crawl that the server answered with 5yz and of which no listing is held: names that were
// mistyped, mostly, and would be asked for for ever. The directory after login is there, whatever the server says.
func dropSeeds(tx *bolt.Tx, m *meta) (dropped []string, err error) {
	for _, s := range m.Crawl.Seeds {
		if s == "/" || s == m.Facts.LoginDir {
			continue
		}
		rec, err := decodeRecord(tx.Bucket(bucketListings).Get(dirKey(s)))
		if err != nil {
			return dropped, err
		}
		if len(rec.versions) == 0 && rec.attempt.round == m.Round && rec.attempt.reason == crawl.Refused {
			dropped = append(dropped, s)
		}
	}
	if len(dropped) > 0 {
		m.Seeds = slices.DeleteFunc(slices.Clone(m.Seeds), func(s string) bool { return slices.Contains(dropped, s) })
	}
	return dropped, nil
}

// census returns what Entries yielded when it last came to its end.
func (a *Archive) census() census {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counted
}

// The value of a key of the frontier says since when the directory is there: to bbolt, an empty one may look like none.
var (
	present  = []byte{1} // nobody knows
	appeared = []byte{2} // its name appeared between two listings, so that all that it holds is new as well
)

// addPending puts directories on the frontier unless this crawl has tried them already or has them
// as seeds. isNew reports whether the name of one has appeared since the directory above was listed before; nil: of none.
func addPending(tx *bolt.Tx, m *meta, dirs []crawl.Dir, isNew func(crawl.Dir) bool) error {
	pending, listings := tx.Bucket(bucketPending), tx.Bucket(bucketListings)
	for _, d := range dirs {
		if d.Depth > 0 && isSeed(m, d.Path) {
			continue
		}
		key := pendingKey(d)
		if pending.Get(key) != nil {
			continue
		}
		if done, err := triedIn(listings, d.Path, m.Round); err != nil {
			return err
		} else if done {
			continue
		}
		since := present
		if isNew != nil && isNew(d) {
			since = appeared
		}
		if err := pending.Put(key, since); err != nil {
			return err
		}
		m.Counts.Pending++
	}
	return nil
}

func isSeed(m *meta, path string) bool {
	for _, s := range m.Crawl.Seeds {
		if s == path {
			return true
		}
	}
	return false
}

// triedIn reports whether the crawl of this number has a result for the directory.
func triedIn(listings *bolt.Bucket, path string, round uint64) (bool, error) {
	b := listings.Get(dirKey(path))
	if b == nil {
		return false, nil
	}
	rec, err := decodeRecord(b)
	return rec.attempt.round == round, err
}

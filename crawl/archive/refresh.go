package archive

import (
	"context"
	"hash/maphash"
	"io"
	"iter"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// record returns what is held of a directory.
func (a *Archive) record(path string) (rec record, err error) {
	err = a.view(func(tx *bolt.Tx) (err error) {
		rec, err = decodeRecord(tx.Bucket(bucketListings).Get(dirKey(path)))
		return err
	})
	return rec, err
}

// DirTimes implements [crawl.Refresher].
func (a *Archive) DirTimes(path string, max int) (map[string]crawl.DirTime, error) {
	rec, err := a.record(path)
	if err != nil {
		return nil, err
	}
	v := rec.current(a.Seq())
	if v == nil {
		return nil, nil
	}
	times := make(map[string]crawl.DirTime)
	for e, err := range a.listed(path, v) {
		if err != nil {
			return nil, err
		}
		if len(times) == max {
			break
		}
		if e.entry.IsDir() {
			times[strings.Clone(e.entry.Name)] = crawl.DirTime{Time: e.entry.ModTime, Precision: e.entry.Precision}
		}
	}
	return times, nil
}

// Leaf implements [crawl.Refresher].
func (a *Archive) Leaf(path string) (listed time.Time, entries int64, ok bool) {
	rec, err := a.record(path)
	v := rec.current(a.Seq())
	if err != nil || v == nil || v.status != crawl.Whole || rec.attempt.status != crawl.Whole || rec.attempt.reason != "" {
		return time.Time{}, 0, false
	}
	for e, err := range a.listed(path, v) {
		if err != nil || e.entry.IsDir() {
			return time.Time{}, 0, false
		}
	}
	return timeOf(v.confirmed), v.entries, true
}

// sinceBegin returns what the crawl that is about to end has changed; nil if it is the first of the server that comes to
// its end.
func (a *Archive) sinceBegin() (*crawl.Changes, error) {
	if err := a.committer.barrier(nil); err != nil {
		return nil, err
	}
	a.mu.Lock()
	first, before := a.meta.Since.IsZero(), a.meta.Crawl.Before
	a.mu.Unlock()
	if first || before == 0 {
		return nil, nil
	}
	c, err := a.changes(context.Background(), before)
	return &c, err
}

// changes compares what the server is known to hold with what it was known to hold as of the transaction since. Both
// are read once, in document order, side by side.
func (a *Archive) changes(ctx context.Context, since uint64) (crawl.Changes, error) {
	var c crawl.Changes
	var zone *time.Location
	if o := a.ParseOptions(time.Time{}); o != nil {
		zone = o.Location
	}
	next, stop := iter.Pull2(a.Entries(ctx, &EntriesOptions{Seq: since}))
	defer stop()
	before, err := pull(next)
	if err != nil && err != io.EOF {
		return c, err
	}
	fresh := freshDirs{seed: maphash.MakeSeed(), hashes: make(map[uint64]struct{})}
	for now, nowErr := range a.Entries(ctx, nil) {
		if nowErr != nil {
			return c, nowErr
		}
		for err == nil && comparePlaces(before, now) < 0 {
			c.Add(crawl.Removed, crawl.Join(before.Dir, before.Entry.Name))
			before, err = pull(next)
		}
		if err != nil && err != io.EOF {
			return c, err
		}
		if err == io.EOF || comparePlaces(before, now) > 0 {
			kind := crawl.Found // nobody looked there before
			if !now.Added.IsZero() || fresh.has(now.Dir) {
				kind = crawl.Added
				fresh.add(&now)
			}
			c.Add(kind, crawl.Join(now.Dir, now.Entry.Name))
			continue
		}
		if !sameEntry(before.Entry, now.Entry, zone) {
			c.Add(crawl.Changed, crawl.Join(now.Dir, now.Entry.Name))
			if !before.Entry.IsDir() {
				fresh.add(&now)
			}
		}
		if before, err = pull(next); err != nil && err != io.EOF {
			return c, err
		}
	}
	for ; err == nil; before, err = pull(next) {
		c.Add(crawl.Removed, crawl.Join(before.Dir, before.Entry.Name))
	}
	if err != io.EOF {
		return c, err
	}
	return c, nil
}

// freshDirs are directories that were not there before, by the hashes of their pathnames: what is in them is new, also where they
// were there long ago.
type freshDirs struct {
	seed   maphash.Seed
	hashes map[uint64]struct{}
}

// add takes notice of an entry, if it is a directory.
func (f *freshDirs) add(item *Item) {
	if item.Entry.IsDir() {
		f.hashes[maphash.String(f.seed, crawl.Join(item.Dir, item.Entry.Name))] = struct{}{}
	}
}

func (f *freshDirs) has(dir string) bool {
	_, ok := f.hashes[maphash.String(f.seed, dir)]
	return ok
}

// pull returns the next item; io.EOF after the last.
func pull(next func() (Item, error, bool)) (Item, error) {
	item, err, ok := next()
	if !ok {
		return item, io.EOF
	}
	return item, err
}

// comparePlaces is the order of documents.
func comparePlaces(x, y Item) int {
	if x.Dir != y.Dir {
		return strings.Compare(strings.ReplaceAll(x.Dir, "/", "\x00"), strings.ReplaceAll(y.Dir, "/", "\x00"))
	}
	return strings.Compare(x.Entry.Name, y.Entry.Name)
}

// sameEntry reports whether two listings show a file as the same. A directory's time and size move with what is in it,
// which is counted by itself; an old time is told less precisely than the same time was when it was young.
func sameEntry(x, y *parse.Entry, zone *time.Location) bool {
	if x.Type != y.Type || x.Target != y.Target || x.Perm != y.Perm {
		return false
	}
	return x.IsDir() || x.Size == y.Size && crawl.SameTime(x.ModTime, x.Precision, y.ModTime, y.Precision, zone)
}

var _ crawl.Refresher = (*Archive)(nil)

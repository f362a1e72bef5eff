package archive

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// An Item is an entry of an archive in its place.
type Item struct {
	Dir   string       // pathname of the directory that holds it
	Entry *parse.Entry // valid until the next item
	Added time.Time    // when the name first appeared; zero if unknown
	Seen  time.Time    // when a listing last held it
}

// EntriesOptions say what Entries yields. nil and the zero value are the defaults.
type EntriesOptions struct {
	Seq uint64 // as of this transaction; 0 means as of the call
}

// Entries yields what the server is known to hold: the entries reached from the seeds of all crawls
// through the current listing of each directory, in document order: a directory's own entries by
// name bytes, then each subdirectory with all below it. Of entries of the same name in a directory the first
// one listed is yielded. A crawl may write at the same time: what it commits after Entries was
// called is not yielded, except that Seen may be newer. Transactions are short: one for each
// directory. An error is the last thing yielded.
func (a *Archive) Entries(ctx context.Context, options *EntriesOptions) iter.Seq2[Item, error] {
	seq := a.Seq()
	if options != nil && options.Seq != 0 {
		seq = options.Seq
	}
	a.mu.Lock()
	roots := slices.Clone(a.meta.Seeds)
	a.mu.Unlock()
	slices.Sort(roots)
	return func(yield func(Item, error) bool) {
		w := walk{a: a, ctx: ctx, seq: seq, roots: roots, yield: yield}
		w.dir("/", false)
	}
}

// A walk goes through the directories in document order.
type walk struct {
	a     *Archive
	ctx   context.Context
	seq   uint64
	roots []string // sorted
	yield func(Item, error) bool
}

// dir yields the entries of a directory, if a listing led to it or it is a seed, and goes on with its
// subdirectories and with those that merely lead to a seed. It reports whether to go on.
func (w *walk) dir(path string, reached bool) bool {
	if err := w.ctx.Err(); err != nil {
		w.yield(Item{}, err)
		return false
	}
	_, isRoot := slices.BinarySearch(w.roots, path)
	var below []string
	if reached || isRoot {
		var ok bool
		if below, ok = w.list(path); !ok {
			return false
		}
	}
	// Directories that no listing names but that lead to a seed.
	var leading []string
	prefix := strings.TrimSuffix(path, "/") + "/"
	from, _ := slices.BinarySearch(w.roots, prefix)
	for _, root := range w.roots[from:] {
		rest, ok := strings.CutPrefix(root, prefix)
		if !ok {
			break
		}
		name, _, _ := strings.Cut(rest, "/")
		if _, named := slices.BinarySearch(below, name); name != "" && !named {
			leading = append(leading, name)
		}
	}
	slices.Sort(leading)
	leading = slices.Compact(leading)
	if len(leading) > 0 {
		below = append(below, leading...)
		slices.Sort(below)
	}
	for _, name := range below {
		_, merely := slices.BinarySearch(leading, name)
		if !w.dir(crawl.Join(path, name), !merely) {
			return false
		}
	}
	return true
}

// list yields the entries of one directory and returns the names of its subdirectories, sorted.
func (w *walk) list(path string) (below []string, ok bool) {
	var rec record
	err := w.a.db.View(func(tx *bolt.Tx) (err error) {
		rec, err = decodeRecord(tx.Bucket(bucketListings).Get(dirKey(path)))
		return err
	})
	if err != nil {
		w.yield(Item{}, err)
		return nil, false
	}
	v := rec.current(w.seq)
	if v == nil {
		return nil, true
	}
	entries, err := w.a.entries(path, v)
	if err != nil {
		w.yield(Item{}, err)
		return nil, false
	}
	for i := range entries {
		e := &entries[i]
		if e.entry.IsDir() && !strings.ContainsAny(e.entry.Name, "\x00\r\n/") {
			below = append(below, e.entry.Name)
		}
		if !w.yield(Item{Dir: path, Entry: &e.entry, Added: timeOf(e.added), Seen: timeOf(v.confirmed)}, nil) {
			return nil, false
		}
	}
	return below, true
}

type datedEntry struct {
	entry parse.Entry
	added int64
}

// entries returns the entries of a version by name bytes, the first of those with the same name.
func (a *Archive) entries(path string, v *version) ([]datedEntry, error) {
	r, err := a.open(v)
	if err != nil {
		return nil, err
	}
	added := runReader{runs: v.runs}
	all := make([]datedEntry, 0, min(v.entries, 1<<16))
	for e, err := range crawl.Entries(r, path, v.form, a.ParseOptions(timeOf(v.firstSeen))) {
		if e.Name == "" {
			if err != nil && !crawl.IsSyntax(err) {
				return nil, err
			}
			continue
		}
		all = append(all, datedEntry{e, added.next()})
	}
	byName := func(x, y datedEntry) int { return strings.Compare(x.entry.Name, y.entry.Name) }
	if !slices.IsSortedFunc(all, byName) {
		slices.SortStableFunc(all, byName)
	}
	return slices.CompactFunc(all, func(x, y datedEntry) bool { return x.entry.Name == y.entry.Name }), nil
}

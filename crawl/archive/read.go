package archive

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// An Item is an entry of an archive in its place.
type Item struct {
	Dir   string       // pathname of the directory that holds it
	Entry *parse.Entry // valid until the next item
	Added time.Time    // when the name first appeared; zero if unknown
	Seen  time.Time    // when a listing last held it

	Local   bool     // with Options.TellZone: the listing printed the time without a zone
	Listing *Listing // with EntriesOptions.Listings: not nil for the directory Dir itself, without an Entry
}

// A Listing says how a directory was listed.
type Listing struct {
	Held      bool         // there is a listing that speaks for the directory
	Leading   bool         // nobody asked for the directory: it leads to one that somebody did
	Status    crawl.Status // of that listing; Failed without one
	FirstSeen time.Time
	Seen      time.Time

	// The last attempt, unless it is that listing; zero for one that was made after [EntriesOptions].Seq, and
	// for a directory that was never tried.
	Attempt crawl.Status
	Reason  crawl.Reason
	Code    int // of the reply
	Detail  string
}

// EntriesOptions say what Entries yields. nil and the zero value are the defaults.
type EntriesOptions struct {
	Seq uint64 // as of this transaction; 0 means as of the call

	// Listings: also yield, before the entries of each directory, an Item that says how it was listed; and of
	// directories that were not, and that only lead to others, too.
	Listings bool

	Root string // only what is below this directory, one that [Archive.Find] finds; "" means "/"
}

// Entries yields what the server is known to hold: the entries reached from the seeds of all crawls
// through the current listing of each directory, in document order: a directory's own entries by
// name bytes, then each subdirectory with all below it. Of entries of the same name in a directory the first
// one listed is yielded. A crawl may write at the same time: what it commits after Entries was
// called is not yielded, except that Seen may be newer. Transactions are short: one for each
// directory. An error is the last thing yielded.
func (a *Archive) Entries(ctx context.Context, options *EntriesOptions) iter.Seq2[Item, error] {
	if options == nil {
		options = &EntriesOptions{}
	}
	seq := a.Seq()
	if options.Seq != 0 {
		seq = options.Seq
	}
	return func(yield func(Item, error) bool) {
		count := census{seq: seq}
		var zone *time.Location
		if a.options.TellZone {
			zone = a.ParseOptions(time.Time{}).Location
		}
		list := func(path string, below *nameList) bool {
			rec, err := a.record(path)
			if err != nil {
				yield(Item{}, err)
				return false
			}
			v := rec.current(seq)
			if options.Listings && !yield(Item{Dir: path, Listing: rec.listing(v, seq)}, nil) {
				return false
			}
			if v == nil {
				return true
			}
			count.dirs++
			for e, err := range a.sorted(path, v) {
				if err == nil && canEnter(&e.entry) {
					err = below.add(e.entry.Name)
				}
				if err != nil {
					yield(Item{}, err)
					return false
				}
				count.entries++
				item := Item{Dir: path, Entry: &e.entry, Added: timeOf(e.added), Seen: timeOf(v.confirmed)}
				item.Local = zone != nil && e.entry.ModTime.Location() == zone
				if !yield(item, nil) {
					return false
				}
			}
			return true
		}
		root, reached := "/", false
		if options.Root != "" && options.Root != "/" {
			found, err := a.Find(options.Root, seq)
			if err != nil {
				yield(Item{}, err)
				return
			}
			root, reached = options.Root, found == Reached
		}
		w := a.newWalk(ctx, list)
		if options.Listings {
			w.leads = func(path string) bool {
				return yield(Item{Dir: path, Listing: &Listing{Status: crawl.Failed, Leading: true}}, nil)
			}
		}
		all := w.dir(root, reached)
		if w.err != nil {
			yield(Item{}, w.err)
		}
		if all && root == "/" && options.Seq == 0 {
			a.mu.Lock()
			a.counted = count
			a.mu.Unlock()
		}
	}
}

// newWalk returns a walk from the seeds that calls list for each directory, in document order.
func (a *Archive) newWalk(ctx context.Context, list func(path string, below *nameList) bool) *walk {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &walk{ctx: ctx, roots: slices.Sorted(slices.Values(a.meta.Seeds)), list: list}
}

// canEnter reports whether an entry is a directory that can be entered.
func canEnter(e *parse.Entry) bool { return e.IsDir() && !strings.ContainsAny(e.Name, "\x00\r\n/") }

// A walk goes through the directories in document order.
type walk struct {
	ctx   context.Context
	roots []string                                // sorted
	list  func(path string, below *nameList) bool // adds the names of the subdirectories, sorted, and returns whether to go on
	leads func(path string) bool                  // called for what merely leads to a seed; nil: nothing
	err   error                                   // ctx's, or that of a temporary file
}

// dir lists a directory, if a listing led to it or it is a seed, and goes on with its subdirectories and with those
// that merely lead to a seed. It reports whether to go on.
func (w *walk) dir(path string, reached bool) bool {
	if w.err = w.ctx.Err(); w.err != nil {
		return false
	}
	_, isRoot := slices.BinarySearch(w.roots, path)
	var below nameList
	defer below.close()
	if reached || isRoot {
		if !w.list(path, &below) {
			return false
		}
	} else if w.leads != nil && !w.leads(path) {
		return false
	}
	leading := w.leading(path)
	for name, err := range below.all() {
		if err != nil {
			w.err = err
			return false
		}
		for len(leading) > 0 && leading[0] < name {
			if !w.dir(crawl.Join(path, leading[0]), false) {
				return false
			}
			leading = leading[1:]
		}
		if len(leading) > 0 && leading[0] == name {
			leading = leading[1:]
		}
		if !w.dir(crawl.Join(path, name), true) {
			return false
		}
	}
	for _, name := range leading {
		if !w.dir(crawl.Join(path, name), false) {
			return false
		}
	}
	return true
}

// leading returns the names in a directory that lead to a seed, sorted.
func (w *walk) leading(path string) []string {
	var names []string
	prefix := strings.TrimSuffix(path, "/") + "/"
	from, _ := slices.BinarySearch(w.roots, prefix)
	for _, root := range w.roots[from:] {
		rest, ok := strings.CutPrefix(root, prefix)
		if !ok {
			break
		}
		if name, _, _ := strings.Cut(rest, "/"); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// listing describes v, the version that spoke for the directory at seq.
func (r *record) listing(v *version, seq uint64) *Listing {
	l := &Listing{Status: crawl.Failed}
	newest := uint64(0)
	if v != nil {
		l.Held, l.Status, l.FirstSeen, l.Seen = true, v.status, timeOf(v.firstSeen), timeOf(v.confirmed)
		newest = r.versions[0].seq
	}
	if a := &r.attempt; newest <= seq && a.reason != "" {
		l.Attempt, l.Reason, l.Code, l.Detail = a.status, a.reason, a.code, a.detail
	}
	return l
}

type datedEntry struct {
	entry parse.Entry
	added int64
}

// listed yields the entries of a version in the order of the listing, with SyntaxErrors left out.
func (a *Archive) listed(path string, v *version) iter.Seq2[datedEntry, error] {
	return func(yield func(datedEntry, error) bool) {
		r, err := a.open(v)
		if err != nil {
			yield(datedEntry{}, err)
			return
		}
		added := runReader{runs: v.runs}
		for e, err := range crawl.Entries(r, path, v.form, a.ParseOptions(timeOf(v.firstSeen))) {
			if e.Name == "" {
				if err != nil && !crawl.IsSyntax(err) {
					yield(datedEntry{}, err)
					return
				}
				continue
			}
			if !yield(datedEntry{e, added.next()}, nil) {
				return
			}
		}
	}
}

// sorted yields the entries of a version by name bytes, the first of those with the same name. The
// pointer is valid until the next step.
func (a *Archive) sorted(path string, v *version) iter.Seq2[*datedEntry, error] {
	return func(yield func(*datedEntry, error) bool) {
		if v.entries > largeDir {
			a.sortedLarge(path, v, yield)
			return
		}
		all := make([]datedEntry, 0, v.entries)
		for e, err := range a.listed(path, v) {
			if err != nil {
				yield(nil, err)
				return
			}
			all = append(all, e)
		}
		byName := func(x, y datedEntry) int { return strings.Compare(x.entry.Name, y.entry.Name) }
		if !slices.IsSortedFunc(all, byName) {
			slices.SortStableFunc(all, byName)
		}
		for i := range all {
			if i > 0 && all[i].entry.Name == all[i-1].entry.Name {
				continue
			}
			if !yield(&all[i], nil) {
				return
			}
		}
	}
}

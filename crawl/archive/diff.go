package archive

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// A Tree is what an archive holds below a directory, as of some transaction.
type Tree struct {
	Archive *Archive
	Root    string // as for [EntriesOptions]
	Seq     uint64
}

// A Comparison tells how one tree, Y, differs from another, X: two servers, or one at two times. Both are read once, side by
// side, in document order; memory grows with the depth of the trees alone.
//
// What is in no listing is not known, and no difference: not what a directory holds of which no listing is held, nor what
// only one tree shows of a directory of which the other has a listing that was cut.
type Comparison struct {
	X, Y Tree

	// Same reports whether two entries of the same name are to be taken as the same. Nil is for the two times of one server:
	// type, permissions and target, and size and time, but of directories.
	Same func(x, y *Item) bool

	// Counts of entries, complete when Differences has come to its end.
	Compared int64 // are in both trees
	Unknown  int64 // are in one, and whether they are in the other is not known
}

// A DifferenceKind says how an entry of X is in Y.
type DifferenceKind uint8

const (
	Missing DifferenceKind = iota // it is not
	Stale                         // not the same
	Extra                         // only there
	Unknown                       // a directory that is not known in one of them, or not as it is now
)

// A Difference is one of Y to X.
type Difference struct {
	Kind DifferenceKind
	Path string // below the roots, without "/" at either end; "" for the roots themselves

	X, Y *Item // nil: there is none; valid until the next difference

	// Of an Unknown directory, how it was listed; nil: the tree has no such directory, or it is not known whether.
	XListing, YListing *Listing
}

// known is how much one tree tells of a directory.
type known uint8

const (
	unknown known = iota // nothing
	absent               // there is none
	cut                  // some of its entries
	whole
)

// inherit returns what is known of a directory that a tree does not name, from what it tells of the one above.
func (k known) inherit() known {
	if k == whole || k == absent {
		return absent
	}
	return unknown
}

// A treeReader goes through a tree.
type treeReader struct {
	root string
	next func() (Item, error, bool)
	item Item
	dir  string // that item belongs to, below root
	key  string // by which directories are in order
	done bool
}

func (r *treeReader) advance() (err error) {
	item, err, ok := r.next()
	r.item, r.done = item, !ok
	if err != nil || !ok {
		return err
	}
	if item.Listing != nil {
		r.dir = strings.TrimPrefix(strings.TrimPrefix(item.Dir, strings.TrimSuffix(r.root, "/")), "/")
		r.key = strings.ReplaceAll(r.dir, "/", "\x00")
	}
	return nil
}

// compareTo is negative if the item of r comes before that of s.
func (r *treeReader) compareTo(s *treeReader) int {
	switch {
	case r.done:
		return 1
	case s.done:
		return -1
	case r.key != s.key:
		return strings.Compare(r.key, s.key)
	case r.item.Listing != nil && s.item.Listing != nil:
		return 0
	case r.item.Listing != nil:
		return -1
	case s.item.Listing != nil:
		return 1
	}
	return strings.Compare(r.item.Entry.Name, s.item.Entry.Name)
}

// A level is a directory on the way to the entries at hand.
type level struct {
	dir  string
	x, y known
}

// Differences yields how Y differs from X in document order. An error is the last thing yielded.
func (c *Comparison) Differences(ctx context.Context) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		same := c.Same
		if same == nil {
			zone := c.X.Archive.ParseOptions(time.Time{}).Location
			same = func(x, y *Item) bool { return sameEntry(x.Entry, y.Entry, zone) }
		}
		c.Compared, c.Unknown = 0, 0
		x, stopX := c.X.read(ctx)
		defer stopX()
		y, stopY := c.Y.read(ctx)
		defer stopY()
		fail := func(err error) bool {
			if err != nil {
				yield(Difference{}, err)
			}
			return err != nil
		}
		if fail(x.advance()) || fail(y.advance()) {
			return
		}
		var levels []level
		for !x.done || !y.done {
			var d Difference
			var report bool
			order := x.compareTo(y)
			at := x
			if order > 0 {
				at = y
			}
			if at.item.Listing != nil {
				var xl, yl *Listing
				if order <= 0 {
					xl = x.item.Listing
				}
				if order >= 0 {
					yl = y.item.Listing
				}
				for len(levels) > 0 && !isBelow(at.dir, levels[len(levels)-1].dir) {
					levels = levels[:len(levels)-1]
				}
				up := level{x: unknown, y: unknown}
				if len(levels) > 0 {
					up = levels[len(levels)-1]
				}
				levels = append(levels, level{at.dir, xl.known(up.x), yl.known(up.y)})
				report = gap(xl, yl, up.y) || gap(yl, xl, up.x)
				d = Difference{Kind: Unknown, Path: at.dir, XListing: xl, YListing: yl}
			} else {
				l := levels[len(levels)-1]
				d.Path = at.item.Entry.Name
				if at.dir != "" {
					d.Path = at.dir + "/" + d.Path
				}
				switch {
				case order == 0:
					d.Kind, d.X, d.Y = Stale, &x.item, &y.item
					report = !same(&x.item, &y.item)
					c.Compared++
				case order < 0:
					d.Kind, d.X = Missing, &x.item
					report = l.y == whole || l.y == absent
				default:
					d.Kind, d.Y = Extra, &y.item
					report = l.x == whole || l.x == absent
				}
				if order != 0 && !report {
					c.Unknown++
				}
			}
			if report && !yield(d, nil) {
				return
			}
			if order <= 0 && fail(x.advance()) || order >= 0 && fail(y.advance()) {
				return
			}
		}
	}
}

func (t *Tree) read(ctx context.Context) (r *treeReader, stop func()) {
	r = &treeReader{root: t.Root}
	r.next, stop = iter.Pull2(t.Archive.Entries(ctx, &EntriesOptions{Seq: t.Seq, Root: t.Root, Listings: true}))
	return r, stop
}

// isBelow reports whether the directory lies below up.
func isBelow(dir, up string) bool {
	return up == "" && dir != "" || strings.HasPrefix(dir, up+"/")
}

// known returns how much l, nil for none, tells of its directory; up is what the tree tells of the one above.
func (l *Listing) known(up known) known {
	switch {
	case l == nil:
		return up.inherit()
	case !l.Held:
		return unknown
	case l.Status != crawl.Whole:
		return cut
	}
	return whole
}

// gap reports whether a directory is to be told as unknown for what l does not say, where the other tree knows, or may know,
// something of it.
func gap(l, other *Listing, otherUp known) bool {
	if l == nil || other == nil && otherUp.inherit() == unknown {
		return false
	}
	if l.Leading && (other == nil || other.Leading) {
		return false
	}
	return !l.Held || l.Status != crawl.Whole || l.Reason != "" && l.Attempt != crawl.Whole
}

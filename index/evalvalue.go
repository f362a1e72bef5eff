package index

import (
	"math"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// Values: what fields of few values select is the union of their postings; a range is the union of the buckets inside it, and of those
// at its edges the documents whose value in the columns is inside.

// text evaluates a leaf on texts.
func (e *evaluator) text(t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	switch t.Field {
	case query.Name:
		return e.name(t, within)
	case query.Path:
		return e.path(t, within)
	case query.In, query.Parent:
		return e.inDir(t, within)
	case query.Target:
		links, err := e.postings(fieldType, Link.String())
		if err != nil {
			return nil, err
		}
		more, err := e.postings(fieldMore, targetTerm)
		if err != nil {
			return nil, err
		}
		return e.byMatch(t, roaring.And(roaring.Or(links, more), within))
	case query.Ext:
		return e.ext(t, within)
	case query.Kind:
		sets, err := e.lists(fieldExt, query.KindExtensions(t.Value))
		return unionWithin(sets, within), err
	case query.Type:
		set, err := e.postings(fieldType, t.Value)
		return e.found(set, within, err)
	case query.Host:
		set, selects := roaring.New(), query.CompileHost(t)
		for i, s := range e.servers {
			if err := e.budget.look(i); err != nil {
				return nil, err
			}
			if selects(s.server.User, s.server.Host, s.server.Port) {
				set.AddRange(uint64(s.first), uint64(s.first+s.docs))
			}
		}
		return e.in(set, within), nil
	case query.Owner:
		return e.ownerOrGroup(fieldOwner, t, within)
	case query.Group:
		return e.ownerOrGroup(fieldGroup, t, within)
	}
	panic("index: unknown field " + t.Field.String())
}

// ext evaluates a leaf on extensions.
func (e *evaluator) ext(t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	selects := query.CompileText(t)
	v := query.Fold(t.Value)
	switch {
	case t.Mode == query.Glob:
		set, err := e.union(fieldExt, "", "", func(term string) bool { return term != noExtTerm && selects("x."+term) })
		return e.found(set, within, err)
	case v == "":
		set, err := e.postings(fieldExt, noExtTerm)
		if set, err = e.found(set, within, err); err != nil {
			return nil, err
		}
		// "a.b." has text after no last dot, and yet a dot with text on both sides.
		return e.filterNames(set, func(name []byte) bool { return selects(textOf(name)) })
	case !strings.Contains(v, "."):
		set, err := e.postings(fieldExt, v)
		return e.found(set, within, err)
	}
	dirs, err := e.postings(fieldType, Dir.String())
	if err != nil {
		return nil, err
	}
	set, err := e.nameSuffix("."+v, roaring.AndNot(within, dirs))
	if err != nil {
		return nil, err
	}
	return e.filterNames(set, func(name []byte) bool { return selects(textOf(name)) })
}

// ownerOrGroup evaluates a leaf on one of these fields, which have no term where the listing gives none.
func (e *evaluator) ownerOrGroup(field string, t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	selects := query.CompileText(t)
	if !selects("") {
		set, err := e.union(field, "", "", selects)
		return e.found(set, within, err)
	}
	not, err := e.union(field, "", "", func(term string) bool { return !selects(term) })
	if err != nil {
		return nil, err
	}
	return roaring.AndNot(within, not), nil
}

// number evaluates a range of numbers.
func (e *evaluator) number(x *query.Number, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	switch x.Field {
	case query.Depth:
		return e.depth(x.Lo, x.Hi, within)
	case query.Copies:
		return e.copied(x.Lo, x.Hi, within), nil
	}
	if x.Hi < 0 || x.Lo > x.Hi {
		return none, nil
	}
	least := max(x.Lo, 0) // a size that is not known is less
	test := func(n uint32) bool {
		size := e.cols.sizeOf(n)
		return least <= size && size <= x.Hi
	}
	if within.GetCardinality() <= e.limits.values {
		return e.filterValues(within, test)
	}
	lo, hi := sizeBucket(least), sizeBucket(x.Hi)
	var inside, edges []*roaring.Bitmap
	err := e.eachTerm(fieldSize, sizeTerm(least), unknownTerm, func(term string, set func() (*roaring.Bitmap, error)) (bool, error) {
		b := termBucket(term)
		if b < lo || b > hi {
			return b <= hi, nil
		}
		s, err := set()
		if bucketSize(b) >= least && bucketSize(b+1)-1 <= x.Hi {
			inside = append(inside, s)
		} else {
			edges = append(edges, s)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return e.withEdges(inside, edges, within, test)
}

// filterValues returns the documents of set that pass test, which may be called by several goroutines.
func (e *evaluator) filterValues(set *roaring.Bitmap, test func(uint32) bool) (*roaring.Bitmap, error) {
	return e.filter(set, func() func(uint32) (bool, error) {
		return func(n uint32) (bool, error) { return test(n), nil }
	})
}

// withEdges returns the documents of within that are in one of the sets inside, or in one of edges and pass test.
func (e *evaluator) withEdges(inside, edges []*roaring.Bitmap, within *roaring.Bitmap, test func(uint32) bool) (*roaring.Bitmap, error) {
	set := unionWithin(inside, within)
	for _, edge := range edges {
		found, err := e.filterValues(e.in(edge, within), test)
		if err != nil {
			return nil, err
		}
		set.Or(found)
	}
	return set, nil
}

// date evaluates an interval of time.
func (e *evaluator) date(x *query.Date, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	from, to := secondsIn(x)
	switch x.Field {
	case query.Added:
		if from > to {
			return none, nil
		}
		set, err := e.union(fieldAdded, secondTerm(from), "", func(term string) bool { return termSecond(term) <= to })
		return e.found(set, within, err)
	case query.Seen:
		set := roaring.New()
		addSeen(set, e.seen(), e.docs, from, to)
		return e.in(set, within), nil
	}
	if within.GetCardinality() <= e.limits.values {
		return e.mtimeOfFew(x, within)
	}
	return e.mtimeBySets(x, within)
}

// mtimeOfFew returns the documents of within whose mtime overlaps x, by the column of times. It does not say how precise they are: those less
// than a day before x are looked for by sets.
func (e *evaluator) mtimeOfFew(x *query.Date, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	begins := func(n uint32, in func(t time.Time) bool) bool {
		sec, nsec, ok := e.cols.timeOf(n)
		if !ok {
			return false
		}
		t := time.Unix(sec, int64(nsec))
		return (x.To.IsZero() || t.Before(x.To)) && (x.From.IsZero() || in(t))
	}
	set, err := e.filterValues(within, func(n uint32) bool {
		return begins(n, func(t time.Time) bool { return !t.Before(x.From) })
	})
	if err != nil || x.From.IsZero() {
		return set, err
	}
	before, err := e.filterValues(within, func(n uint32) bool {
		return begins(n, func(t time.Time) bool { return t.Before(x.From) && t.Add(parse.Day.Duration()).After(x.From) })
	})
	if err != nil || before.IsEmpty() {
		return set, err
	}
	before, err = e.mtimeBySets(&query.Date{Field: x.Field, From: x.From, To: x.From.Add(1)}, before)
	if err != nil {
		return nil, err
	}
	return roaring.Or(set, before), nil
}

// mtimeBySets is mtimeOfFew for many.
func (e *evaluator) mtimeBySets(x *query.Date, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	var sets []*roaring.Bitmap
	for p := parse.Day; p <= parse.Subsecond; p++ {
		set, err := e.mtime(x, p, within)
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return roaring.FastOr(sets...), nil
}

// secondsIn returns the first and last second s whose interval [s, s+1s) overlaps that of x.
func secondsIn(x *query.Date) (first, last int64) {
	first, last = noTime+1, math.MaxInt64
	if !x.From.IsZero() {
		first = x.From.Unix()
	}
	if !x.To.IsZero() {
		last = x.To.Unix()
		if x.To.Nanosecond() == 0 {
			last--
		}
	}
	return first, last
}

// mtime returns the documents of within whose mtime, of precision p, overlaps x.
func (e *evaluator) mtime(x *query.Date, p parse.Precision, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	length := p.Duration()
	overlaps := func(t time.Time) bool {
		return (x.To.IsZero() || t.Before(x.To)) && (x.From.IsZero() || t.Add(length).After(x.From))
	}
	first, last := 0, monthOf(time.Date(9999, 12, 1, 0, 0, 0, 0, time.UTC))
	if !x.From.IsZero() {
		first = monthOf(x.From.Add(-length))
	}
	if !x.To.IsZero() {
		last = monthOf(x.To)
	}
	var inside, edges []*roaring.Bitmap
	err := e.eachTerm(fieldTime, timeTerm(p, first), timeTerm(p+1, 0), func(term string, set func() (*roaring.Bitmap, error)) (bool, error) {
		_, m := termMonth(term)
		if m > last {
			return false, nil
		}
		s, err := set()
		// Months of the years 0 and 9999 stand for all before and after.
		if 12 <= m && m < 9999*12 && overlaps(time.Unix(monthStart(m), 0)) && overlaps(time.Unix(monthStart(m+1)-1, 999999999)) {
			inside = append(inside, s)
		} else {
			edges = append(edges, s)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return e.withEdges(inside, edges, within, func(n uint32) bool {
		sec, nsec, ok := e.cols.timeOf(n)
		return ok && overlaps(time.Unix(sec, int64(nsec)))
	})
}

// octal returns the permission bits of a term.
func octal(term string) parse.Perm {
	p := parse.Perm(0)
	for i := range len(term) {
		p = p<<3 | parse.Perm(term[i]-'0')
	}
	return p
}

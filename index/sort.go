package index

import (
	"cmp"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// Sorting does not look at every hit. The hits of a shard are cut into buckets by the first key of the order, from the postings of its
// field, best first: tiers, buckets of sizes, months, first letters. Buckets are ordered one by one until there are enough
// documents, and only what is in these is compared, by columns; entry blocks are unpacked where columns do not say enough. By rank,
// the bucket is a tier, and the column of ranks orders it.

// A sorter orders documents of a shard as an Order does. It serves one search.
type sorter struct {
	e     *evaluator
	order *Order
	tier  int // of the documents being compared, when rank is the first key
	r     *docReader
	paths pathBuilder
	texts func(n uint32) (string, error)
	types [4]*roaring.Bitmap
	after *position
}

// A keyValue is the value of a document for a key. Values compare by a, b and s; unknown ones come last in either direction.
type keyValue struct {
	unknown bool
	a, b    int64
	s       string
	text    string // after s, for name and path; only if hasText
	hasText bool
}

// A sortItem is a document being ordered.
type sortItem struct {
	doc    uint32
	place  int64 // in the order of host and path: twice the column and one
	values []keyValue
}

// A position is where a page begins: after the values in a cursor.
type position struct {
	values []keyValue
	place  int64
}

func newSorter(e *evaluator, o *Order, after []byte) (*sorter, error) {
	s := &sorter{e: e, order: o, r: newDocReader(e.shard), paths: pathBuilder{e: e}, texts: e.nameTexts()}
	if after != nil {
		k, err := parseKey(o, after)
		if err != nil {
			return nil, err
		}
		if s.after, err = s.locate(k); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// value returns the value of document n for a key.
func (s *sorter) value(key string, n uint32) (v keyValue, err error) {
	e := s.e
	switch key {
	case "rank":
		v.a, v.b = int64(s.tier), 2*int64(e.cols.rank.at(n))+1
		if s.order.keys[0].Key != "rank" {
			d, err := s.r.at(n)
			if err != nil {
				return v, err
			}
			v.a = int64(s.order.tier(&d))
		}
	case "name":
		v.s = textOf(e.cols.nameOf(n))
	case "path":
		v.s = string(s.paths.path(n))
	case "size":
		v.a = e.cols.sizeOf(n)
		v.unknown = v.a < 0
	case "date":
		sec, nsec, ok := e.cols.timeOf(n)
		v.a, v.b, v.unknown = sec, int64(nsec), !ok
	case "seen":
		t := e.seenAt(n)
		v.a, v.unknown = t.Unix(), t.IsZero()
	case "added":
		d, err := s.r.at(n)
		if err != nil {
			return v, err
		}
		v.a, v.unknown = d.Added.Unix(), d.Added.IsZero()
	case "copies":
		v.a = int64(e.copiesOf(n))
	case "depth":
		for i := uint32(e.dirs.of(n)); ; v.a++ {
			up, root := e.dirs.parentOf(i)
			if root {
				break
			}
			i = up
		}
	case "host":
		v.s = e.serverOf(n).key
	case "ext":
		v.s = e.cols.extOf(n)
		v.unknown = v.s == ""
	case "type":
		t, err := s.typeOf(n)
		if err != nil {
			return v, err
		}
		v.a = int64(typeOrder[t])
	}
	return v, nil
}

func (s *sorter) typeOf(n uint32) (Type, error) {
	for t := File; t < Other; t++ {
		if s.types[t] == nil {
			var err error
			if s.types[t], err = s.e.postings(fieldType, t.String()); err != nil {
				return 0, err
			}
		}
		if s.types[t].Contains(n) {
			return t, nil
		}
	}
	return Other, nil
}

// textValue returns the text that decides where folded texts are equal.
func (s *sorter) textValue(key string, n uint32) (string, error) {
	if key == "name" {
		text, err := s.texts(n)
		return strings.Clone(text), err
	}
	d, err := s.r.at(n)
	return d.PathText(), err
}

// compare compares two documents, or a document with a position whose doc is not looked at.
func (s *sorter) compare(x, y *sortItem) (int, error) {
	for i, k := range s.order.keys {
		if i == len(x.values) {
			v, err := s.value(k.Key, x.doc)
			if err != nil {
				return 0, err
			}
			x.values = append(x.values, v)
		}
		if i == len(y.values) {
			v, err := s.value(k.Key, y.doc)
			if err != nil {
				return 0, err
			}
			y.values = append(y.values, v)
		}
		a, b := &x.values[i], &y.values[i]
		if a.unknown || b.unknown {
			if a.unknown != b.unknown {
				if a.unknown {
					return 1, nil
				}
				return -1, nil
			}
			continue
		}
		c := cmp.Or(cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b), strings.Compare(a.s, b.s))
		if c == 0 && (k.Key == "name" || k.Key == "path") {
			for _, it := range [...]*sortItem{x, y} {
				if v := &it.values[i]; !v.hasText {
					text, err := s.textValue(k.Key, it.doc)
					if err != nil {
						return 0, err
					}
					v.text, v.hasText = text, true
				}
			}
			c = strings.Compare(a.text, b.text)
		}
		if k.Desc {
			c = -c
		}
		if c != 0 {
			return c, nil
		}
	}
	return cmp.Compare(x.place, y.place), nil
}

func (s *sorter) item(n uint32) sortItem {
	return sortItem{doc: n, place: 2*int64(s.e.cols.path.at(n)) + 1}
}

// top returns the first k documents of set after the position of the sorter, in order.
func (s *sorter) top(set *roaring.Bitmap, k int) ([]uint32, error) {
	if s.order.keys[0].Key == "rank" {
		return s.topByRank(set, k)
	}
	var out []uint32
	rest := set
	err := s.buckets(s.order.keys[0], func(bucket *roaring.Bitmap) (bool, error) {
		b := rest
		if bucket != nil {
			b = roaring.And(bucket, rest)
		}
		if b.IsEmpty() {
			return true, nil
		}
		docs, err := s.choose(b, k-len(out))
		out = append(out, docs...)
		rest = roaring.AndNot(rest, b)
		return len(out) < k && !rest.IsEmpty(), err
	})
	return out, err
}

// choose returns the first k documents of set after the position, in order.
func (s *sorter) choose(set *roaring.Bitmap, k int) ([]uint32, error) {
	var failed error
	compare := func(x, y *sortItem) int {
		c, err := s.compare(x, y)
		if err != nil {
			failed = err
		}
		return c
	}
	var best []sortItem // a heap, the last of the order at the top, once it is full
	var after *sortItem
	if s.after != nil {
		after = &sortItem{place: s.after.place, values: s.after.values}
	}
	down := func(i int) {
		for {
			j := 2*i + 1
			if j >= len(best) {
				return
			}
			if j+1 < len(best) && compare(&best[j], &best[j+1]) < 0 {
				j++
			}
			if compare(&best[i], &best[j]) >= 0 {
				return
			}
			best[i], best[j] = best[j], best[i]
			i = j
		}
	}
	var buf [1024]uint32
	values := make([]keyValue, 0, len(s.order.keys))
	it := set.ManyIterator()
	for {
		n := it.NextMany(buf[:])
		if n == 0 || failed != nil {
			break
		}
		if err := s.e.budget.spend(n); err != nil {
			return nil, err
		}
		for i, doc := range buf[:n] {
			if err := s.e.budget.look(i); err != nil {
				return nil, err
			}
			x := s.item(doc)
			x.values = values[:0]
			if after != nil && compare(&x, after) <= 0 {
				continue
			}
			switch {
			case len(best) < k:
				x.values = slices.Clone(x.values)
				best = append(best, x)
				if len(best) == k {
					for i := k/2 - 1; i >= 0; i-- {
						down(i)
					}
				}
			case compare(&x, &best[0]) < 0:
				x.values = slices.Clone(x.values)
				best[0] = x
				down(0)
			}
		}
	}
	slices.SortFunc(best, func(x, y sortItem) int { return compare(&x, &y) })
	out := make([]uint32, len(best))
	for i, x := range best {
		out[i] = x.doc
	}
	return out, failed
}

// topByRank is top where rank is the first key: tier after tier, each by the column of ranks.
func (s *sorter) topByRank(set *roaring.Bitmap, k int) ([]uint32, error) {
	desc := s.order.keys[0].Desc
	if set.GetCardinality() <= s.e.limits.scan {
		if tier := foldedTierer(s.order.expr); tier != nil {
			return s.fewByRank(set, k, tier, desc)
		}
	}
	var out []uint32
	rest := set
	for i := range TierOther + 1 {
		if rest.IsEmpty() {
			break
		}
		t := i
		if desc {
			t = TierOther - i
		}
		var bucket *roaring.Bitmap
		if desc && t > 0 {
			better, err := s.e.tierAtMost(s.order.expr, t-1, set)
			if err != nil {
				return nil, err
			}
			bucket = roaring.AndNot(rest, better)
		} else if desc {
			bucket = rest
		} else {
			best, err := s.e.tierAtMost(s.order.expr, t, set)
			if err != nil {
				return nil, err
			}
			if bucket = best; rest != set {
				bucket = roaring.And(rest, best)
			}
		}
		lo, hi, before := int64(-1), 2*int64(s.e.docs)+1, false // ranks, doubled, between which the page goes on
		if s.after != nil {
			switch at := s.after.values[0]; {
			case int64(t) == at.a && desc:
				hi = at.b
			case int64(t) == at.a:
				lo = at.b
			default:
				before = (int64(t) < at.a) != desc
			}
		}
		if !before {
			docs, err := s.byRank(bucket, k-len(out), lo, hi, desc)
			if err != nil {
				return nil, err
			}
			if out = append(out, docs...); len(out) == k {
				break // without the rest being found
			}
		}
		rest = roaring.AndNot(rest, bucket)
	}
	return out, nil
}

// fewByRank is topByRank by looking at the name of each document.
func (s *sorter) fewByRank(set *roaring.Bitmap, k int, tier func(name string) int, desc bool) ([]uint32, error) {
	c := s.e.cols
	size := set.GetCardinality()
	if err := s.e.budget.spend(int(size)); err != nil {
		return nil, err
	}
	place := func(tier, rank int64) int64 { return tier<<40 | rank }
	after := int64(-1)
	if s.after != nil {
		after = place(s.after.values[0].a, s.after.values[0].b)
	}
	places := make([]int64, 0, size)
	for it := set.Iterator(); it.HasNext(); {
		n := it.Next()
		p := place(int64(tier(textOf(c.nameOf(n)))), 2*int64(c.rank.at(n))+1)
		if s.after == nil || desc && p < after || !desc && p > after {
			places = append(places, p)
		}
	}
	slices.Sort(places)
	if desc {
		slices.Reverse(places)
	}
	out := make([]uint32, min(k, len(places)))
	for i := range out {
		out[i] = c.order.at(uint32(places[i] & (1<<40 - 1) / 2))
	}
	return out, nil
}

// byRank returns the first k documents of set, by rank, whose doubled rank and one lies between lo and hi.
func (s *sorter) byRank(set *roaring.Bitmap, k int, lo, hi int64, desc bool) ([]uint32, error) {
	c := s.e.cols
	size := set.GetCardinality()
	if size == 0 {
		return nil, nil
	}
	var out []uint32
	// Where hits are dense, walk all documents by rank.
	if size > uint64(c.n)/s.e.limits.walk && uint64(k) < size/8 {
		pos, step := max(0, (lo+1)/2), int64(1)
		if desc {
			pos, step = min(int64(c.n), hi/2)-1, -1
		}
		steps := size / 4
		for ; pos >= 0 && pos < int64(c.n) && steps > 0; pos += step {
			if n := c.order.at(uint32(pos)); set.Contains(n) {
				if out = append(out, n); len(out) == k {
					return out, nil
				}
			}
			steps--
		}
		if steps > 0 {
			return out, nil
		}
		out = out[:0]
	}
	ranks := make([]uint32, 0, min(uint64(k)*2, size))
	buf := make([]uint32, min(size, 1024))
	worst := uint32(0xffffffff)
	flip := uint32(0)
	if desc {
		flip = 0xffffffff
	}
	it := set.ManyIterator()
	for {
		n := it.NextMany(buf)
		if n == 0 {
			break
		}
		if err := s.e.budget.spend(n); err != nil {
			return nil, err
		}
		for _, doc := range buf[:n] {
			rank := c.rank.at(doc)
			if d := 2*int64(rank) + 1; d <= lo || d >= hi {
				continue
			}
			if r := rank ^ flip; r < worst || len(ranks) < k {
				ranks = append(ranks, r)
				if len(ranks) == 2*k {
					slices.Sort(ranks)
					ranks = ranks[:k]
					worst = ranks[k-1]
				}
			}
		}
	}
	slices.Sort(ranks)
	for _, r := range ranks[:min(k, len(ranks))] {
		out = append(out, c.order.at(r^flip))
	}
	return out, nil
}

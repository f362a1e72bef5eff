package index

import "github.com/RoaringBitmap/roaring/v2"

// A rangeSet gathers intervals of documents of a generation. Many of them are faster set as bits than put into a
// bitmap one by one.
type rangeSet struct {
	docs   uint32
	ranges []interval
}

type interval struct{ from, to uint32 }

func (r *rangeSet) add(from, to uint32) {
	if from >= to || to > r.docs {
		return
	}
	if k := len(r.ranges); k > 0 && r.ranges[k-1].to == from {
		r.ranges[k-1].to = to
		return
	}
	r.ranges = append(r.ranges, interval{from, to})
}

// set returns the documents of all intervals, a set of the caller's own.
func (r *rangeSet) set() *roaring.Bitmap {
	if len(r.ranges) < 8 {
		b := roaring.New()
		for _, x := range r.ranges {
			b.AddRange(uint64(x.from), uint64(x.to))
		}
		return b
	}
	words := make([]uint64, (int(r.docs)+1023)/1024*16) // whole containers are not needed, whole words are
	for _, x := range r.ranges {
		first, last := x.from/64, (x.to-1)/64
		head, tail := ^uint64(0)<<(x.from%64), ^uint64(0)>>(63-(x.to-1)%64)
		if first == last {
			words[first] |= head & tail
			continue
		}
		words[first] |= head
		for i := first + 1; i < last; i++ {
			words[i] = ^uint64(0)
		}
		words[last] |= tail
	}
	return roaring.FromDense(words, false)
}

// within returns the documents of set that are in an interval. The intervals ascend and do not touch.
func (r *rangeSet) within(set *roaring.Bitmap) *roaring.Bitmap {
	if set.GetCardinality() > uint64(r.docs)/64 {
		return roaring.And(r.set(), set)
	}
	var in []uint32
	it := set.Iterator()
	for _, x := range r.ranges {
		for it.AdvanceIfNeeded(x.from); it.HasNext() && it.PeekNext() < x.to; {
			in = append(in, it.Next())
		}
	}
	return roaring.BitmapOf(in...)
}

// unionWithin returns the documents of within that are in any of sets, a set of the caller's own.
func unionWithin(sets []*roaring.Bitmap, within *roaring.Bitmap) *roaring.Bitmap {
	if len(sets) > 1 && within.GetCardinality() < 1<<14 {
		b := roaring.New()
		for _, s := range sets {
			b.Or(roaring.And(within, s))
		}
		return b
	}
	return roaring.And(roaring.FastOr(sets...), within)
}

// union returns the documents of a and b. Where these are few to a container, and some are kept as runs, it makes lists of the runs first:
// uniting runs and lists to a list takes roaring the square of the number of runs.
func union(a, b *roaring.Bitmap) *roaring.Bitmap {
	switch {
	case a.IsEmpty():
		return b
	case b.IsEmpty():
		return a
	}
	const many = 2048 // documents in a container, half of what makes a list of bits of it
	containers := max(a.Maximum(), b.Maximum())>>16 - min(a.Minimum(), b.Minimum())>>16 + 1
	if a.GetCardinality()+b.GetCardinality() < many*uint64(containers) {
		a, b = listed(a), listed(b)
	}
	return roaring.Or(a, b)
}

// listed returns set without runs.
func listed(set *roaring.Bitmap) *roaring.Bitmap {
	if !set.HasRunCompression() {
		return set
	}
	list := roaring.New()
	buf := make([]uint32, min(set.GetCardinality(), 4096))
	for it := set.ManyIterator(); ; {
		n := it.NextMany(buf)
		if n == 0 {
			return list
		}
		list.AddMany(buf[:n])
	}
}

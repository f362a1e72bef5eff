package index

import (
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// buckets calls yield with sets of documents in the order of a key, which need not be in order themselves; nil stands for all that are
// left. A false result ends it.
func (s *sorter) buckets(k query.SortKey, yield func(*roaring.Bitmap) (bool, error)) error {
	e := s.e
	type bucket struct {
		key  string
		sets []func() (*roaring.Bitmap, error)
	}
	byTerm := map[string]*bucket{}
	terms := func(field, from, to string, keyOf func(term string) string) error {
		return e.eachTerm(field, from, to, func(term string, set func() (*roaring.Bitmap, error)) (bool, error) {
			key := keyOf(term)
			b := byTerm[key]
			if b == nil {
				b = &bucket{key: key}
				byTerm[key] = b
			}
			b.sets = append(b.sets, set)
			return true, nil
		})
	}
	add := func(key string, set *roaring.Bitmap) {
		byTerm[key] = &bucket{key, []func() (*roaring.Bitmap, error){func() (*roaring.Bitmap, error) { return set, nil }}}
	}
	collect := func(values map[int64]*roaring.Bitmap) {
		for v, set := range values {
			add(secondTerm(v), set)
		}
	}
	same := func(term string) string { return term }
	var err error
	switch k.Key {
	case "size":
		err = terms(fieldSize, "", unknownTerm, same)
	case "date":
		err = terms(fieldTime, "", unknownTerm, func(term string) string { return term[1:] })
	case "name":
		err = terms(fieldGram, string(rune(beginMark)), string(rune(endMark)), func(term string) string {
			if term[1] == anyGramByte { // what follows is not in the order of the names
				return term[:2]
			}
			return term
		})
	case "ext":
		err = terms(fieldExt, "", "", same)
		delete(byTerm, noExtTerm)
	case "added":
		err = terms(fieldAdded, "", "", same)
	case "type":
		for t := File; t <= Other; t++ {
			set, err := e.postings(fieldType, t.String())
			if err != nil {
				return err
			}
			add(string(rune(typeOrder[t])), set)
		}
	case "host":
		for _, srv := range e.servers {
			set := roaring.New()
			set.AddRange(uint64(srv.first), uint64(srv.first+srv.docs))
			add(srv.key, set)
		}
	case "depth":
		depths := map[int64]*rangeSet{}
		e.eachDepth(func(i uint32, depth int64) {
			if depths[depth] == nil {
				depths[depth] = &rangeSet{docs: e.docs}
			}
			depths[depth].add(e.dirs.own(i))
		})
		for depth, r := range depths {
			add(secondTerm(depth), r.set())
		}
	case "seen":
		times := map[int64]*roaring.Bitmap{}
		for _, r := range e.seen() {
			if times[r.sec] == nil && r.sec != noTime {
				times[r.sec] = roaring.New()
				addSeen(times[r.sec], e.seen(), e.docs, r.sec, r.sec)
			}
		}
		collect(times)
	case "copies":
		counts := map[int64]*roaring.Bitmap{}
		e.eachCopied(func(n, count uint32) {
			if counts[int64(count)] == nil {
				counts[int64(count)] = roaring.New()
			}
			counts[int64(count)].Add(n)
		})
		counts[1] = e.copied(1, 1, e.live)
		collect(counts)
	}
	if err != nil {
		return err
	}
	all := make([]*bucket, 0, len(byTerm))
	for _, b := range byTerm {
		all = append(all, b)
	}
	slices.SortFunc(all, func(x, y *bucket) int {
		c := strings.Compare(x.key, y.key)
		if k.Desc {
			return -c
		}
		return c
	})
	for _, b := range all {
		sets := make([]*roaring.Bitmap, len(b.sets))
		for i, set := range b.sets {
			if sets[i], err = set(); err != nil {
				return err
			}
		}
		set := sets[0]
		if len(sets) > 1 {
			set = roaring.FastOr(sets...)
		}
		if more, err := yield(set); err != nil || !more {
			return err
		}
	}
	_, err = yield(nil)
	return err
}

package index

import (
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Facets of few values are counted by intersecting the hits with the postings of each value; extensions, which may be many, in
// their column; sizes and times in theirs where hits are fewer than what their postings hold.

// countFacets counts the facets of the hits of a shard.
func (s *search) countFacets(h *shardHits) error {
	h.facets = map[string]map[string]int{}
	for _, name := range s.opts.Facets {
		counts, err := h.e.facet(name, h.set)
		if err != nil {
			return err
		}
		h.facets[name] = counts
	}
	return nil
}

// mergeFacet returns the values of a facet over all shards, in order.
func (s *search) mergeFacet(name string) []FacetValue {
	sum := map[string]int{}
	for _, h := range s.shards {
		for v, n := range h.facets[name] {
			sum[v] += n
		}
	}
	values := make([]FacetValue, 0, len(sum))
	for v, n := range sum {
		values = append(values, FacetValue{v, n})
	}
	SortFacet(values)
	return values
}

// facet counts the values that the documents of set have, as FacetOf gives them.
func (e *evaluator) facet(name string, set *roaring.Bitmap) (map[string]int, error) {
	counts := map[string]int{}
	add := func(v string, n uint64) {
		if n > 0 {
			counts[v] += int(n)
		}
	}
	rest := set.GetCardinality() // what has no term
	terms := func(field string, valueOf func(term string) string) error {
		return e.eachTerm(field, "", "", func(term string, list func() (*roaring.Bitmap, error)) (bool, error) {
			l, err := list()
			if err != nil {
				return false, err
			}
			n := l.AndCardinality(set)
			add(valueOf(term), n)
			rest -= n
			return true, e.budget.spend(0)
		})
	}
	switch name {
	case "host":
		for _, srv := range e.servers {
			if srv.docs > 0 {
				n := set.Rank(srv.first + srv.docs - 1)
				if srv.first > 0 {
					n -= set.Rank(srv.first - 1)
				}
				add(srv.key, n)
			}
		}
		return counts, nil
	case "type":
		return counts, terms(fieldType, func(term string) string { return term })
	case "year":
		if rest <= e.limits.count {
			return counts, e.facetYear(set, counts)
		}
		years := map[int]string{}
		odd := roaring.New()
		err := e.eachTerm(fieldTime, "", "", func(term string, list func() (*roaring.Bitmap, error)) (bool, error) {
			l, err := list()
			if err != nil {
				return false, err
			}
			if term == unknownTerm {
				add("unknown", l.AndCardinality(set))
				return true, nil
			}
			_, m := termMonth(term)
			year := m / 12
			if year == 0 || year == 9999 { // and all before or after
				odd.Or(roaring.And(l, set))
				return true, nil
			}
			if years[year] == "" {
				years[year] = strconv.Itoa(year)
			}
			add(years[year], l.AndCardinality(set))
			return true, nil
		})
		if err != nil {
			return nil, err
		}
		return counts, e.facetOneByOne(name, odd, counts)
	case "size":
		if rest <= e.limits.count {
			return counts, e.facetSize(set, counts)
		}
		err := terms(fieldSize, func(term string) string {
			if term == unknownTerm {
				return query.SizeClass(-1)
			}
			return query.SizeClass(bucketSize(termBucket(term)))
		})
		add("", rest) // directories and links
		return counts, err
	}
	return counts, e.facetExt(set, counts)
}

// eachOf calls f with the documents of set, some at a time.
func (e *evaluator) eachOf(set *roaring.Bitmap, f func(docs []uint32)) error {
	var buf [4096]uint32
	for it := set.ManyIterator(); ; {
		n := it.NextMany(buf[:])
		if n == 0 {
			return nil
		}
		if err := e.budget.spend(n); err != nil {
			return err
		}
		f(buf[:n])
	}
}

// facetExt counts extensions by their column.
func (e *evaluator) facetExt(set *roaring.Bitmap, counts map[string]int) error {
	c := e.cols
	found := make([]uint32, len(c.exts))
	rest := 0
	err := e.eachOf(set, func(docs []uint32) {
		for _, n := range docs {
			if x := int(c.ext.at(n)); x < len(found) {
				found[x]++
			} else if ext := c.extOf(n); ext == "" {
				rest++
			} else {
				counts[strings.Clone(ext)]++ // the name is mapped memory
			}
		}
	})
	for x, n := range found {
		if n > 0 {
			counts[strings.Clone(c.exts[x])] += int(n)
		}
	}
	if rest > 0 {
		counts[""] += rest
	}
	return err
}

// facetYear counts years by the column of times.
func (e *evaluator) facetYear(set *roaring.Bitmap, counts map[string]int) error {
	years := map[int]int{}
	unknown := 0
	err := e.eachOf(set, func(docs []uint32) {
		for _, n := range docs {
			if sec, _, ok := e.cols.timeOf(n); ok {
				years[time.Unix(sec, 0).UTC().Year()]++
			} else {
				unknown++
			}
		}
	})
	for year, n := range years {
		counts[strconv.Itoa(year)] = n
	}
	if unknown > 0 {
		counts["unknown"] = unknown
	}
	return err
}

// facetSize counts classes of sizes by the column of sizes.
func (e *evaluator) facetSize(set *roaring.Bitmap, counts map[string]int) error {
	unknown := 0
	err := e.eachOf(set, func(docs []uint32) {
		for _, n := range docs {
			if size := e.cols.sizeOf(n); size >= 0 {
				counts[query.SizeClass(size)]++
			} else {
				unknown++
			}
		}
	})
	if err != nil {
		return err
	}
	for _, t := range [...]Type{Dir, Link} { // have none
		list, err := e.postings(fieldType, t.String())
		if err != nil {
			return err
		}
		if n := int(list.AndCardinality(set)); n > 0 {
			counts[""] += n
			unknown -= n
		}
	}
	if unknown > 0 {
		counts[query.SizeClass(-1)] += unknown
	}
	return nil
}

// facetOneByOne counts a facet by unpacking entries.
func (e *evaluator) facetOneByOne(name string, set *roaring.Bitmap, counts map[string]int) error {
	r := newDocReader(e.shard)
	for i, it := 0, set.Iterator(); it.HasNext(); i++ {
		if err := e.budget.look(i); err != nil {
			return err
		}
		d, err := r.at(it.Next())
		if err != nil {
			return err
		}
		counts[FacetOf(name, &d)]++
	}
	return nil
}

package index

import (
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Facets are counted by intersecting the hits with the postings of each value; where hits are few and values may be many, by
// looking at the hits in the columns.

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
		err := terms(fieldSize, func(term string) string {
			if term == unknownTerm {
				return query.SizeClass(-1)
			}
			return query.SizeClass(bucketSize(termBucket(term)))
		})
		add("", rest) // directories and links
		return counts, err
	}
	if rest <= e.limits.count {
		return counts, e.facetExt(set, counts)
	}
	err := terms(fieldExt, func(term string) string {
		if term == noExtTerm {
			return ""
		}
		return term
	})
	add("", rest) // directories, and names as "a.b."
	return counts, err
}

// facetExt counts the extensions of few documents.
func (e *evaluator) facetExt(set *roaring.Bitmap, counts map[string]int) error {
	dirs, err := e.postings(fieldType, Dir.String())
	if err != nil {
		return err
	}
	if n := set.AndCardinality(dirs); n > 0 {
		counts[""] += int(n)
	}
	found := map[string]*int{}
	for it := roaring.AndNot(set, dirs).Iterator(); it.HasNext(); {
		ext := query.LastExt(textOf(e.cols.nameOf(it.Next())))
		n := found[ext]
		if n == nil {
			n = new(int)
			found[strings.Clone(ext)] = n // the name is mapped memory
		}
		*n++
	}
	for ext, n := range found {
		counts[ext] += *n
	}
	return nil
}

// facetOneByOne counts a facet by unpacking entries.
func (e *evaluator) facetOneByOne(name string, set *roaring.Bitmap, counts map[string]int) error {
	r := newDocReader(e.shard)
	for it := set.Iterator(); it.HasNext(); {
		d, err := r.at(it.Next())
		if err != nil {
			return err
		}
		counts[FacetOf(name, &d)]++
	}
	return nil
}

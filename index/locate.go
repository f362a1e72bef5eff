package index

import (
	"cmp"
	"slices"
	"strings"
)

// keyOf returns the key of document n, which says where it stands among those of all shards, and the document.
func (s *sorter) keyOf(n uint32) ([]byte, Document, error) {
	d, err := s.r.at(n)
	if err != nil {
		return nil, d, err
	}
	return s.order.appendKey(nil, &d, s.e.asBuilt(n, &d)), d, nil
}

// asBuilt returns d as it was when its generation was built and its rank was fixed: the year of its mtime was judged by the time at which it
// had been seen by then.
func (g *generation) asBuilt(n uint32, d *Document) *Document {
	c := *d
	var ok bool
	if c.Seen, ok = seenAt(g.cols.seen, n); !ok {
		c.Seen = g.built
	}
	return &c
}

// locate finds the position of a cursor among the documents of the shard.
func (s *sorter) locate(k *parsedKey) (*position, error) {
	p := &position{values: k.values}
	for i, key := range s.order.keys {
		if key.Key == "rank" { // which decides between any two documents
			var err error
			p.values[i].b, err = s.locateRank(k, key.Desc)
			return p, err
		}
	}
	var err error
	p.place, err = s.locatePath(k.host, k.path)
	return p, err
}

// locateRank returns twice the number of documents that rank before the key, its tier left out; or at the key, unless desc.
func (s *sorter) locateRank(k *parsedKey, desc bool) (int64, error) {
	lo, hi := uint32(0), s.e.docs
	for lo < hi {
		mid := lo + (hi-lo)/2
		n := s.e.cols.order.at(mid)
		d, err := s.r.at(n)
		if err != nil {
			return 0, err
		}
		fixed := FixedRank(s.e.asBuilt(n, &d), s.order.now)
		c := cmp.Or(cmp.Compare(fixed, k.fixed), strings.Compare(d.Server.Key(), k.rankHost), strings.Compare(d.Path(), k.rankPath))
		if c < 0 || c == 0 && !desc {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return 2 * int64(lo), nil
}

// locatePath returns twice the number of documents that come before or at a path in the order of host and path.
func (s *sorter) locatePath(host, path string) (int64, error) {
	i, ok := slices.BinarySearchFunc(s.e.servers, host, func(srv openServer, host string) int { return strings.Compare(srv.key, host) })
	if !ok {
		if i == len(s.e.servers) {
			return 2 * int64(s.e.docs), nil
		}
		return 2 * int64(s.e.servers[i].first), nil
	}
	srv := s.e.servers[i]
	byPath := make([]uint32, srv.docs)
	for n := srv.first; n < srv.first+srv.docs; n++ {
		if at := s.e.cols.path.at(n) - srv.first; at < srv.docs {
			byPath[at] = n
		}
	}
	lo, hi := uint32(0), srv.docs
	for lo < hi {
		mid := lo + (hi-lo)/2
		d, err := s.r.at(byPath[mid])
		if err != nil {
			return 0, err
		}
		if d.Path() <= path {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return 2 * int64(srv.first+lo), nil
}

package index

import (
	"encoding/binary"
)

// A parsedKey is what a key of Order.AppendKey says.
type parsedKey struct {
	values             []keyValue
	host, path         string
	fixed              uint64 // of the key rank
	rankHost, rankPath string
}

// parseKey reads a key. The error is ErrCursor.
func parseKey(o *Order, key []byte) (*parsedKey, error) {
	k := &parsedKey{}
	r := keyReader{b: key}
	for _, sk := range o.keys {
		r.invert = false
		var v keyValue
		if v.unknown = r.byte() != 0; v.unknown {
			k.values = append(k.values, v)
			continue
		}
		r.invert = sk.Desc
		switch sk.Key {
		case "rank":
			v.a = int64(r.byte())
			k.fixed = r.uint64()
			k.rankHost, k.rankPath = r.text(), r.text()
		case "name", "path":
			v.s = r.text()
			v.text, v.hasText = r.text(), true
		case "host", "ext":
			v.s = r.text()
		case "type":
			v.a = int64(r.byte())
		case "date", "added", "seen":
			v.a = r.int64()
			v.b = int64(r.uint32())
		default:
			v.a = r.int64()
		}
		k.values = append(k.values, v)
	}
	r.invert = false
	k.host, k.path = r.text(), r.text()
	if r.bad || len(r.b) > 0 {
		return nil, ErrCursor
	}
	return k, nil
}

// A keyReader reads the parts of a key. After an error all is zero and bad is set.
type keyReader struct {
	b      []byte
	invert bool
	bad    bool
}

func (r *keyReader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	if r.invert {
		c = ^c
	}
	return c
}

func (r *keyReader) next(b []byte) {
	for i := range b {
		b[i] = r.byte()
	}
}

func (r *keyReader) uint32() uint32 {
	var b [4]byte
	r.next(b[:])
	return binary.BigEndian.Uint32(b[:])
}

func (r *keyReader) uint64() uint64 {
	var b [8]byte
	r.next(b[:])
	return binary.BigEndian.Uint64(b[:])
}

func (r *keyReader) int64() int64 { return int64(r.uint64() ^ 1<<63) }

func (r *keyReader) text() string {
	var s []byte
	for !r.bad {
		c := r.byte()
		if c != 0 {
			s = append(s, c)
			continue
		}
		if r.byte() != 0xff {
			break
		}
		s = append(s, 0)
	}
	return string(s)
}

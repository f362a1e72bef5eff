package segment

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"
)

// A term is a term of a field, with the list of its documents.
type term struct {
	prefix uint64 // the first 8 bytes, filled up with zeros, so that terms compare as their prefixes do
	text   uint32 // where the whole stands, if it is longer
	length uint32

	n           uint32 // documents
	first, last uint32 // of them
	freq        uint32 // occurrences in the last one

	// The list; see arena.
	head, tail, end uint32
	level           uint32
}

// A table is the set of terms of a field: a hash table with linear probing. Slots hold half a hash, so that a wrong one is seldom
// looked up, and the number of the term from 1. The hash is seeded: names on servers are chosen by strangers.
type table struct {
	slots []uint64 // length a power of two
	terms []term
	seed  uint64
	long  maphash.Seed
	lost  term // stands for terms that find no place
}

func newTable(seed uint64) table {
	return table{slots: make([]uint64, 1<<8), seed: seed, long: maphash.MakeSeed()}
}

// find returns the term b, added if it is new. The pointer is good until the next call.
func (t *table) find(b []byte, texts *text) *term {
	p := prefix(b)
	if len(b) <= 8 {
		return t.short(p, uint32(len(b)))
	}
	if texts.over {
		return &t.lost
	}
	h := uint32(maphash.Bytes(t.long, b))
	for i := h & t.mask(); ; i = (i + 1) & t.mask() {
		s := t.slots[i]
		if s == 0 {
			return t.insert(i, h, term{prefix: p, text: texts.add(b), length: uint32(len(b))})
		}
		if uint32(s>>32) == h {
			x := &t.terms[uint32(s)-1]
			if x.prefix == p && x.length == uint32(len(b)) && bytes.Equal(texts.at(x), b) {
				return x
			}
		}
	}
}

// short is find for a term of up to 8 bytes: prefix and length say all.
func (t *table) short(p uint64, length uint32) *term {
	hi, lo := bits.Mul64(p^t.seed, (uint64(length)^t.seed)|1)
	h := uint32(hi ^ lo)
	for i := h & t.mask(); ; i = (i + 1) & t.mask() {
		s := t.slots[i]
		if s == 0 {
			return t.insert(i, h, term{prefix: p, length: length})
		}
		if uint32(s>>32) == h {
			if x := &t.terms[uint32(s)-1]; x.prefix == p && x.length == length {
				return x
			}
		}
	}
}

func (t *table) mask() uint32 { return uint32(len(t.slots) - 1) }

func (t *table) insert(i, h uint32, x term) *term {
	t.terms = append(t.terms, x)
	t.slots[i] = uint64(h)<<32 | uint64(len(t.terms))
	if 4*len(t.terms) > 3*len(t.slots) {
		t.grow()
	}
	return &t.terms[len(t.terms)-1]
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]uint64, 2*len(old))
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := uint32(s>>32) & t.mask()
		for t.slots[i] != 0 {
			i = (i + 1) & t.mask()
		}
		t.slots[i] = s
	}
}

func (t *table) size() int { return 8*len(t.slots) + 48*cap(t.terms) }

func (t *table) reset() {
	clear(t.slots)
	t.terms = t.terms[:0]
}

// sort sorts the terms by their bytes. Nothing but reset may follow.
func (t *table) sort(texts *text) {
	slices.SortFunc(t.terms, func(a, b term) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		if a.length > 8 && b.length > 8 {
			return bytes.Compare(texts.at(&a), texts.at(&b))
		}
		return cmp.Compare(a.length, b.length)
	})
}

// bytes returns the term, in buf if it is short.
func (x *term) bytes(texts *text, buf *[8]byte) []byte {
	if x.length > 8 {
		return texts.at(x)
	}
	binary.BigEndian.PutUint64(buf[:], x.prefix)
	return buf[:x.length]
}

// prefix returns the first 8 bytes of b as a number, big endian, with zeros in place of missing ones.
func prefix(b []byte) uint64 {
	switch n := len(b); {
	case n >= 8:
		return binary.BigEndian.Uint64(b)
	case n >= 4:
		return uint64(binary.BigEndian.Uint32(b))<<32 | uint64(binary.BigEndian.Uint32(b[n-4:]))<<(64-8*n)
	case n > 0:
		return uint64(b[0])<<56 | uint64(b[n>>1])<<(56-8*(n>>1)) | uint64(b[n-1])<<(64-8*n)
	}
	return 0
}

// A text holds the bytes of long terms, in pages, so that it grows without being moved. A term is in one page; one that is longer
// than a page has a page of its own.
type text struct {
	pages [][]byte
	free  [][]byte
	n     int
	over  bool // a term found no place: nothing here is of use any more
}

const (
	textPage     = 1 << 16
	maxTextPages = 1 << 16
)

// add copies b and returns where it stands: number of the page and place in it, 16 bits each.
func (x *text) add(b []byte) uint32 {
	if x.over = x.over || len(x.pages) == maxTextPages; x.over {
		return 0
	}
	k := len(x.pages) - 1
	if k < 0 || len(x.pages[k])+len(b) > textPage {
		k++
		var p []byte
		if f := len(x.free); f > 0 && len(b) <= textPage {
			p, x.free = x.free[f-1], x.free[:f-1]
		} else {
			p = make([]byte, 0, max(textPage, len(b)))
		}
		x.pages = append(x.pages, p)
	}
	off := len(x.pages[k])
	x.pages[k] = append(x.pages[k], b...)
	x.n += len(b)
	return uint32(k)<<16 | uint32(off)
}

func (x *text) at(t *term) []byte {
	off := t.text & 0xffff
	return x.pages[t.text>>16][off : off+t.length]
}

func (x *text) size() int { return x.n }

func (x *text) reset() {
	for _, p := range x.pages {
		if cap(p) == textPage {
			x.free = append(x.free, p[:0])
		}
	}
	x.pages, x.n, x.over = x.pages[:0], 0, false
}

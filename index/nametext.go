package index

import (
	"sort"
)

// Texts of names. A folded name mostly differs from the text form of the name by capital letters of ASCII only. So a bit for each letter
// brings the text back, in an eighth of the bytes, and a name need not be unpacked to be compared letter for letter, as case:yes does.
// The others, with accents or letters of other alphabets, are listed; they are looked up in the entry blocks.

// capitals gathers what tells the texts of the names of a generation from the folded ones.
type capitals struct {
	bits spool
	n    uint64 // bytes in bits
	last byte   // the next one
	odd  spool  // documents
	odds uint32 // how many
}

// add appends document n, whose folded name stands at offset pos of all names.
func (c *capitals) add(n uint32, pos uint64, folded, text string) {
	if folded == text {
		return
	}
	same := len(folded) == len(text)
	for i := 0; same && i < len(text); i++ {
		same = text[i] == folded[i] || lowerASCII(text[i]) == folded[i]
	}
	if !same {
		c.odd.u32(n)
		c.odds++
		return
	}
	for i := range len(text) {
		if text[i] != folded[i] {
			at := pos + uint64(i)
			c.grow(at / 8)
			c.last |= 1 << (at % 8)
		}
	}
}

// grow writes bits until they have size bytes.
func (c *capitals) grow(size uint64) {
	for ; c.n < size; c.n++ {
		c.bits.u8(c.last)
		c.last = 0
	}
}

// finish writes the bits of all names, which have end bytes.
func (c *capitals) finish(end uint64) { c.grow((end + 7) / 8) }

// A textReader reads texts of names, in memory that the next one uses again. It is used by one goroutine.
type textReader struct {
	c   *columns
	buf []byte
}

// at returns the text of the name of document i, valid until the next call; ok is false if only its entry says it.
func (r *textReader) at(i uint32) (name string, ok bool) {
	c := r.c
	odd := len(c.oddNames) / 4
	if k := sort.Search(odd, func(k int) bool { return c.oddNames.at(uint32(k)) >= i }); k < odd && c.oddNames.at(uint32(k)) == i {
		return "", false
	}
	folded := c.nameOf(i)
	first := c.name.at(i)
	same := true
	for k := 0; k < len(folded); {
		at := first + uint32(k)
		bits := c.capital[at/8] >> (at % 8)
		n := min(8-int(at%8), len(folded)-k)
		if bits != 0 {
			if same {
				r.buf, same = append(r.buf[:0], folded...), false
			}
			for j := range n {
				if bits>>j&1 != 0 {
					r.buf[k+j] -= 'a' - 'A'
				}
			}
		}
		k += n
	}
	if same {
		return textOf(folded), true
	}
	return textOf(r.buf), true
}

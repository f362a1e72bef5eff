package segment

import "encoding/binary"

// Sets of documents are stored as roaring bitmaps (https://github.com/RoaringBitmap/RoaringFormatSpec), little endian: a
// container for each 65,536 numbers. It holds the lower halves of the numbers, as a list (2 bytes each), or as runs (4 bytes each and 2),
// or as 8,192 bytes of bits. In front of the containers stand, for each, the upper half of the numbers and how many they are; then
// where it begins. The header can be of two kinds; the one made for bitmaps with runs is shorter for up to
// three containers, as it leaves out where they begin, so it is used there whether there are runs or not.
const (
	cookieNoRuns = 12346
	cookieRuns   = 12347
	minOffsets   = 4    // containers from which on offsets are written with cookieRuns
	maxList      = 4096 // numbers from which on bits are shorter than a list
	bitsLen      = 8192
)

type container struct {
	key  uint16
	runs bool
	card int
}

// A bitmapWriter encodes sets of documents. It is kept for the memory that it uses.
type bitmapWriter struct {
	containers []container
	body       []byte
	offsets    []uint32 // of the containers in body
	pieces     []run    // of a container
	docs       []uint32 // of a container
}

// append appends the code of docs, which ascend and are not empty, to b.
func (w *bitmapWriter) append(b []byte, docs []uint32) []byte {
	w.containers, w.body, w.offsets = w.containers[:0], w.body[:0], w.offsets[:0]
	anyRuns := false
	for len(docs) > 0 {
		key := docs[0] >> 16
		n, runs := 1, 1
		for n < len(docs) && docs[n]>>16 == key {
			if docs[n] != docs[n-1]+1 {
				runs++
			}
			n++
		}
		w.offsets = append(w.offsets, uint32(len(w.body)))
		c := container{uint16(key), 2+4*runs < min(2*n, bitsLen), n}
		anyRuns = anyRuns || c.runs
		w.containers = append(w.containers, c)
		w.container(c, docs[:n], runs)
		docs = docs[n:]
	}
	return append(w.header(b, anyRuns), w.body...)
}

// appendRuns is append for documents that are given as runs.
func (w *bitmapWriter) appendRuns(b []byte, runs []run) []byte {
	w.containers, w.body, w.offsets = w.containers[:0], w.body[:0], w.offsets[:0]
	w.pieces = w.pieces[:0]
	anyRuns := false
	last := uint32(0)
	cut(runs, 1<<16, func(key uint32, piece run) {
		if key != last {
			anyRuns = w.containerOfRuns(uint16(last)) || anyRuns
			last = key
		}
		w.pieces = append(w.pieces, piece)
	})
	anyRuns = w.containerOfRuns(uint16(last)) || anyRuns
	return append(w.header(b, anyRuns), w.body...)
}

// containerOfRuns adds the container of the pieces, if there are any, and reports whether it is one of runs.
func (w *bitmapWriter) containerOfRuns(key uint16) bool {
	if len(w.pieces) == 0 {
		return false
	}
	n := 0
	for _, p := range w.pieces {
		n += int(p.end - p.first)
	}
	c := container{key, 2+4*len(w.pieces) < min(2*n, bitsLen), n}
	w.offsets = append(w.offsets, uint32(len(w.body)))
	w.containers = append(w.containers, c)
	if c.runs {
		w.body = binary.LittleEndian.AppendUint16(w.body, uint16(len(w.pieces)))
		for _, p := range w.pieces {
			w.body = binary.LittleEndian.AppendUint16(w.body, uint16(p.first))
			w.body = binary.LittleEndian.AppendUint16(w.body, uint16(p.end-p.first-1))
		}
	} else {
		w.docs = w.docs[:0]
		for _, p := range w.pieces {
			for d := p.first; d < p.end; d++ {
				w.docs = append(w.docs, d)
			}
		}
		w.container(c, w.docs, 0)
	}
	w.pieces = w.pieces[:0]
	return c.runs
}

func (w *bitmapWriter) container(c container, docs []uint32, runs int) {
	switch {
	case c.runs:
		w.body = binary.LittleEndian.AppendUint16(w.body, uint16(runs))
		start := docs[0]
		for i, d := range docs {
			if i+1 == len(docs) || docs[i+1] != d+1 {
				w.body = binary.LittleEndian.AppendUint16(w.body, uint16(start))
				w.body = binary.LittleEndian.AppendUint16(w.body, uint16(d-start))
				if i+1 < len(docs) {
					start = docs[i+1]
				}
			}
		}
	case len(docs) <= maxList:
		for _, d := range docs {
			w.body = binary.LittleEndian.AppendUint16(w.body, uint16(d))
		}
	default:
		at := len(w.body)
		w.body = append(w.body, make([]byte, bitsLen)...)
		set := w.body[at:]
		for _, d := range docs {
			set[d&0xffff>>3] |= 1 << (d & 7)
		}
	}
}

func (w *bitmapWriter) header(b []byte, anyRuns bool) []byte {
	n := len(w.containers)
	start := len(b)
	offsets := true
	if anyRuns || n < minOffsets {
		b = binary.LittleEndian.AppendUint32(b, cookieRuns|uint32(n-1)<<16)
		at := len(b)
		b = append(b, make([]byte, (n+7)/8)...)
		for i, c := range w.containers {
			if c.runs {
				b[at+i/8] |= 1 << (i % 8)
			}
		}
		offsets = n >= minOffsets
	} else {
		b = binary.LittleEndian.AppendUint32(b, cookieNoRuns)
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	for _, c := range w.containers {
		b = binary.LittleEndian.AppendUint16(b, c.key)
		b = binary.LittleEndian.AppendUint16(b, uint16(c.card-1))
	}
	if offsets {
		body := uint32(len(b) - start + 4*n)
		for _, o := range w.offsets {
			b = binary.LittleEndian.AppendUint32(b, body+o)
		}
	}
	return b
}

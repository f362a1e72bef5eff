package segment

import (
	"encoding/binary"

	index "github.com/blevesearch/bleve_index_api"
)

// Fields without frequencies still have, in the format, a frequency for each posting: one byte, 0. With trigrams that would be a quarter
// of a segment. All these zeros are the same, so lists share them.
//
// The frequencies of a list are cut into chunks of as many documents each; how many chunks depends on the number of postings only:
// see chunking. In front stands where each chunk ends, and a chunk begins where the one before ends. A reader takes from a chunk as many bytes as
// there are postings, and does not care what follows them. So one block, with chunks wide enough, does for all lists with the
// same number of chunks, and the zeros of one block may be those of others too, but for the first chunk, which begins right
// after the ends:
//
//	block for 1 chunk    ends, zeros
//	block for 2 chunks   ends, zeros of the first chunk
//	…
//	common zeros         second chunk, third chunk, … of any block
//
// To a reader, the first chunk of a block reaches over all blocks after it to the common zeros.

// chunkPostings is about how many postings a chunk has: what chunk mode 1026 of zap means.
const (
	chunkMode     = 1026
	chunkPostings = 1024
)

// chunking returns in how many chunks the frequencies of a list of n postings are cut, and of how many documents each chunk is.
// Lists with the same n / chunkPostings are cut alike.
func (v *Inverter) chunking(n uint32) (chunks, size uint32) {
	size = v.doc / (n/chunkPostings + 1)
	return (v.doc-1)/size + 1, size
}

// zeroBlocks says where the zeros for a list of n postings begin, by n / chunkPostings.
type zeroBlocks map[uint32]uint64

// writeZeros writes the zeros for all lists of fields without frequencies. It comes first in the file, where offsets are short; offset 0
// would mean that there are no frequencies.
func (w *segmentWriter) writeZeros() {
	widths := w.chunkWidths()
	last, common := uint32(0), uint64(0)
	for k, ws := range widths {
		last = max(last, k)
		sum := uint64(0)
		for _, n := range ws[1:] {
			sum += uint64(n)
		}
		common = max(common, sum)
	}
	// From the last block to the first, as each says how far away the common zeros are.
	blocks := make([][]byte, last+1)
	after := uint64(0) // length of the blocks after this one
	for k := int(last); k >= 0; k-- {
		ws := widths[uint32(k)]
		if ws == nil {
			continue
		}
		end := uint64(ws[0])
		if len(ws) > 1 {
			end += after
		}
		b := binary.AppendUvarint(nil, uint64(len(ws)))
		b = binary.AppendUvarint(b, end)
		for _, n := range ws[1:] {
			end += uint64(n)
			b = binary.AppendUvarint(b, end)
		}
		blocks[k] = append(b, make([]byte, ws[0])...)
		after += uint64(len(blocks[k]))
	}
	w.bytes([]byte{0})
	w.zeros = zeroBlocks{}
	for k, b := range blocks {
		if b != nil {
			w.zeros[uint32(k)] = w.n
			w.bytes(b)
		}
	}
	w.bytes(make([]byte, common))
}

// chunkWidths returns the most postings that a list without frequencies has in each chunk, by number of postings / chunkPostings.
func (w *segmentWriter) chunkWidths() map[uint32][]uint32 {
	widths := map[uint32][]uint32{}
	for i := range w.fields {
		f := &w.fields[i]
		if f.options&index.SkipFreqNorm == 0 {
			continue
		}
		for j := range f.table.terms {
			t := &f.table.terms[j]
			k := t.n / chunkPostings
			chunks, size := w.chunking(t.n)
			ws := widths[k]
			if ws == nil {
				ws = make([]uint32, chunks)
				widths[k] = ws
			}
			if chunks == 1 {
				ws[0] = max(ws[0], t.n)
				continue
			}
			if f.runs {
				w.runs = w.lists.runs(t, w.runs[:0])
				w.widen(ws, size)
				continue
			}
			w.list = w.lists.docs(t, w.list[:0], nil)
			c, end, n := 0, size, uint32(0)
			for _, d := range w.list {
				for d >= end {
					ws[c] = max(ws[c], n)
					c, end, n = c+1, end+size, 0
				}
				n++
			}
			ws[c] = max(ws[c], n)
		}
	}
	return widths
}

// widen makes ws wide enough for the runs, in chunks of size documents.
func (w *segmentWriter) widen(ws []uint32, size uint32) {
	chunk, n := uint32(0), uint32(0)
	cut(w.runs, size, func(c uint32, piece run) {
		if c != chunk {
			ws[chunk] = max(ws[chunk], n)
			chunk, n = c, 0
		}
		n += piece.end - piece.first
	})
	ws[chunk] = max(ws[chunk], n)
}

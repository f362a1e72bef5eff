package segment

import (
	"encoding/binary"

	index "github.com/blevesearch/bleve_index_api"
	"github.com/golang/snappy"
)

// valueDocs is the number of documents in a chunk of doc values.
const valueDocs = 1024

// writeDocValues writes the terms of f by document. It turns the lists round again: first it counts the terms of each document, then it
// puts the numbers of terms into their places, so that those of a document ascend; four bytes for each posting.
func (w *segmentWriter) writeDocValues(f *field) {
	terms := f.table.terms
	ends := make([]uint32, w.doc) // where the terms of a document begin; after filling, where they end
	total := uint32(0)
	each := func(visit func(i uint32, doc uint32)) {
		for i := range terms {
			var freqs *[]uint32
			if f.options&index.SkipFreqNorm == 0 {
				w.freqs = w.freqs[:0]
				freqs = &w.freqs
			}
			w.list = w.lists.docs(&terms[i], w.list[:0], freqs)
			for _, d := range w.list {
				visit(uint32(i), d)
			}
		}
	}
	each(func(_, d uint32) { ends[d]++ })
	for d, n := range ends {
		ends[d] = total
		total += n
	}
	of := make([]uint32, total)
	each(func(i, d uint32) {
		of[ends[d]] = i
		ends[d]++
	})

	var lens, meta, raw, packed []byte
	var buf [8]byte
	chunks, size := uint64(0), uint64(0)
	k := uint32(0)
	for lo := uint32(0); lo < w.doc; lo += valueDocs {
		meta, raw = meta[:0], raw[:0]
		n := uint64(0)
		for d := lo; d < min(lo+valueDocs, w.doc); d++ {
			if k == ends[d] {
				continue
			}
			for ; k < ends[d]; k++ {
				raw = append(append(raw, terms[of[k]].bytes(&w.text, &buf)...), index.DocValueTermSeparator)
			}
			meta = binary.AppendUvarint(binary.AppendUvarint(meta, uint64(d)), uint64(len(raw)))
			n++
		}
		if n > 0 {
			packed = snappy.Encode(packed[:cap(packed)], raw)
			before := w.n
			w.uvarint(n)
			w.bytes(meta)
			w.bytes(packed)
			size += w.n - before
		}
		lens = binary.AppendUvarint(lens, size)
		chunks++
	}
	w.bytes(lens)
	w.uint64(uint64(len(lens)))
	w.uint64(chunks)
}

package segment

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"math"

	index "github.com/blevesearch/bleve_index_api"
	"github.com/blevesearch/vellum"
	zap "github.com/blevesearch/zapx/v17"
)

// noValues stands for the place of doc values that are not there.
const noValues = math.MaxUint64

// WriteSegment writes the documents to a new file. It gets its name only when all of it is on the disk: after an error there is no
// file path, and when the process ends before, at most path.tmp. WriteSegment ends the last document; [Inverter.Reset] is
// next, or WriteSegment again after an error. Without documents it writes nothing and returns [ErrEmpty].
func (v *Inverter) WriteSegment(path string) error {
	v.end()
	switch {
	case v.doc == 0:
		return ErrEmpty
	case v.over || v.text.over:
		return ErrFull
	}
	if v.endRuns(); v.lists.over {
		return ErrFull
	}
	out, err := v.create(path)
	if err != nil {
		return err
	}
	w := &segmentWriter{Inverter: v, writer: newWriter(out)}
	if err := w.write(); err != nil && w.err == nil {
		w.err = err
	}
	if err := w.close(); err != nil {
		return fmt.Errorf("segment: write %s: %w", path, err)
	}
	return nil
}

// A segmentWriter writes the documents of an Inverter.
type segmentWriter struct {
	*Inverter
	*writer

	zeros   zeroBlocks
	bitmaps bitmapWriter

	// For one field or list.
	fst   bytes.Buffer
	dict  *vellum.Builder
	list  []uint32
	runs  []run
	freqs []uint32
	ends  []byte // of chunks
	body  []byte // of chunks
	set   []byte
}

func (w *segmentWriter) write() error {
	w.writeZeros()
	stored := w.writeDocs()
	addresses := make([]uint64, len(w.fields))
	var err error
	if w.dict, err = vellum.New(&w.fst, nil); err != nil {
		return err
	}
	for i := range w.fields {
		if addresses[i], err = w.writeField(i); err != nil {
			return err
		}
	}
	fields := w.writeFields(addresses)
	w.uint32(0) // length of the writer's id
	w.uint64(uint64(w.doc))
	w.uint64(stored)
	w.uint64(fields)
	w.uint32(chunkMode)
	w.uint32(zap.Version)
	w.uint32(w.crc)
	return w.err
}

// writeDocs writes the documents and their index. It returns the offset of the index.
func (w *segmentWriter) writeDocs() uint64 {
	base := w.n
	w.bytes(w.docs)
	index := w.n
	for at := range w.eachDoc() {
		w.uint64(base + uint64(at))
	}
	w.uvarint(0)
	return index
}

// eachDoc yields where each document begins in docs, and its id.
func (w *segmentWriter) eachDoc() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		for at := 0; at < len(w.docs); {
			id, end := w.cutDoc(at)
			if !yield(at, id) {
				return
			}
			at = end
		}
	}
}

// cutDoc returns the id of the document that begins at docs[at], and where the next one begins.
func (w *segmentWriter) cutDoc(at int) (id []byte, end int) {
	b := w.docs[at:]
	meta, n := binary.Uvarint(b)
	data, m := binary.Uvarint(b[n:])
	n += m
	length, _ := binary.Uvarint(b[n:])
	n += int(meta)
	return b[n : n+int(length)], at + n + int(data)
}

// writeField writes lists, dictionary and doc values of a field. It returns the offset of their address.
func (w *segmentWriter) writeField(i int) (uint64, error) {
	var err error
	f := &w.fields[i]
	values, end := uint64(noValues), uint64(noValues)
	w.fst.Reset()
	if err = w.dict.Reset(&w.fst); err != nil {
		return 0, err
	}
	if i == 0 {
		err = w.insertIDs()
	} else {
		f.table.sort(&w.text)
		err = w.insertTerms(f)
	}
	if err != nil {
		return 0, err
	}
	if err = w.dict.Close(); err != nil {
		return 0, err
	}
	dict := w.n
	w.uvarint(uint64(w.fst.Len()))
	w.bytes(w.fst.Bytes())
	if f.options&index.DocValues != 0 {
		values = w.n
		w.writeDocValues(f)
		end = w.n
	}
	at := w.n
	w.uvarint(values, end, dict)
	return at, w.err
}

func (w *segmentWriter) insertTerms(f *field) error {
	var buf [8]byte
	for i := range f.table.terms {
		t := &f.table.terms[i]
		if err := w.dict.Insert(t.bytes(&w.text, &buf), w.writeList(f, t)); err != nil {
			return err
		}
	}
	return nil
}

// writeList writes the list of t and returns the value that leads there in the dictionary.
func (w *segmentWriter) writeList(f *field, t *term) uint64 {
	skip := f.options&index.SkipFreqNorm != 0
	if t.n == 1 && (skip || t.freq == 1) {
		norm := uint64(1)
		if !skip {
			norm = uint64(f.norms[t.first])
		}
		return zap.FSTValEncode1Hit(uint64(t.first), norm)
	}
	w.freqs = w.freqs[:0]
	freqs := &w.freqs
	if skip {
		freqs = nil
	}
	if f.runs {
		w.runs = w.lists.runs(t, w.runs[:0])
	} else {
		w.list = w.lists.docs(t, w.list[:0], freqs)
	}
	var freqsAt uint64
	if skip {
		freqsAt = w.zeros[t.n/chunkPostings]
	} else {
		freqsAt = w.writeFreqs(f)
	}
	at := w.n
	if f.runs {
		w.set = w.bitmaps.appendRuns(w.set[:0], w.runs)
	} else {
		w.set = w.bitmaps.append(w.set[:0], w.list)
	}
	w.uvarint(freqsAt, 0, uint64(len(w.set)))
	w.bytes(w.set)
	return at
}

// writeFreqs writes the frequencies and norms of list and returns where they stand.
func (w *segmentWriter) writeFreqs(f *field) uint64 {
	chunks, size := w.chunking(uint32(len(w.list)))
	w.ends = binary.AppendUvarint(w.ends[:0], uint64(chunks))
	w.body = w.body[:0]
	k := 0
	for c := range chunks {
		end := uint64(c+1) * uint64(size)
		for k < len(w.list) && uint64(w.list[k]) < end {
			w.body = binary.AppendUvarint(w.body, uint64(w.freqs[k])<<1)
			w.body = binary.AppendUvarint(w.body, uint64(f.norms[w.list[k]]))
			k++
		}
		w.ends = binary.AppendUvarint(w.ends, uint64(len(w.body)))
	}
	at := w.n
	w.bytes(w.ends)
	w.bytes(w.body)
	return at
}

// writeFields writes names and options of the fields, and their index. It returns the offset of the index.
func (w *segmentWriter) writeFields(addresses []uint64) uint64 {
	offsets := make([]uint64, len(w.fields))
	for i, name := range w.names {
		offsets[i] = w.n
		w.uvarint(uint64(len(name)))
		w.bytes([]byte(name))
		w.uvarint(uint64(w.fields[i].options), 1)
		w.bytes([]byte{0, zap.SectionInvertedTextIndex})
		w.uint64(addresses[i])
	}
	at := w.n
	w.uvarint(uint64(len(offsets)))
	for _, o := range offsets {
		w.uint64(o)
	}
	return at
}

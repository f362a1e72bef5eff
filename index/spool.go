package index

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// A generation is built of more than memory should hold. What comes document by document and stands in a file after something
// else that does too, as the columns do, waits in temporary files of the generation's directory: spools. What has to
// be sorted is sorted in pieces, which are merged. So what still grows is small: about 50 bytes and the name of each directory, 8 bytes for each entry block.

const (
	spoolBuffer = 1 << 15 // bytes
	pieceLen    = 1 << 17 // items that are sorted in memory
	pieceBuffer = 1 << 14 // bytes, of each piece while they are merged
	itemSize    = 16
)

// A scratch makes temporary files in dir.
type scratch struct {
	dir   string
	files []*os.File
}

func (s *scratch) create() (*os.File, error) {
	f, err := os.CreateTemp(s.dir, "tmp-*")
	if err == nil {
		s.files = append(s.files, f)
	}
	return f, err
}

// remove closes and removes the files.
func (s *scratch) remove() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close(), os.Remove(f.Name()))
	}
	s.files = nil
	return errors.Join(errs...)
}

// A spool takes numbers, little endian, and bytes, and gives them back together. What does not fill a buffer makes no file. Its first
// error stays and is that of writeTo.
type spool struct {
	scratch *scratch
	f       *os.File // nil: all is in buf
	buf     []byte
	err     error
}

func (s *spool) u8(v byte)     { s.buf = append(s.buf, v); s.full() }
func (s *spool) u16(v uint16)  { s.buf = binary.LittleEndian.AppendUint16(s.buf, v); s.full() }
func (s *spool) u32(v uint32)  { s.buf = binary.LittleEndian.AppendUint32(s.buf, v); s.full() }
func (s *spool) u64(v uint64)  { s.buf = binary.LittleEndian.AppendUint64(s.buf, v); s.full() }
func (s *spool) text(v string) { s.buf = append(s.buf, v...); s.full() }

func (s *spool) full() {
	if len(s.buf) >= spoolBuffer {
		s.flush()
	}
}

func (s *spool) flush() {
	if s.f == nil && s.err == nil {
		s.f, s.err = s.scratch.create()
	}
	if s.err == nil {
		_, s.err = s.f.Write(s.buf)
	}
	s.buf = s.buf[:0]
}

// writeTo writes all to w.
func (s *spool) writeTo(w io.Writer) error {
	if s.f != nil && s.err == nil {
		if _, err := s.f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.Copy(w, s.f); err != nil {
			return err
		}
	}
	if s.err != nil {
		return s.err
	}
	_, err := w.Write(s.buf)
	return err
}

// mapped returns all as a mapped file, which the caller closes. Nothing may be added any more.
func (s *spool) mapped() (*mapped, error) {
	if s.flush(); s.err != nil {
		return nil, s.err
	}
	return mapFile(s.f.Name())
}

// An item is what a pieceSort sorts: by key, equal keys by seq.
type item struct {
	key      uint64
	seq, val uint32
}

func compareItems(a, b item) int {
	if a.key != b.key {
		return cmp.Compare(a.key, b.key)
	}
	return cmp.Compare(a.seq, b.seq)
}

// A pieceSort sorts any number of items.
type pieceSort struct {
	scratch *scratch
	f       *os.File // pieces, each of pieceLen items in order
	pieces  int
	items   []item // not yet in a piece
	buf     []byte
}

func (s *pieceSort) add(x item) error {
	s.items = append(s.items, x)
	if len(s.items) < pieceLen {
		return nil
	}
	return s.write()
}

// write writes a piece.
func (s *pieceSort) write() (err error) {
	if s.f == nil {
		if s.f, err = s.scratch.create(); err != nil {
			return err
		}
	}
	slices.SortFunc(s.items, compareItems)
	for at := 0; at < len(s.items) && err == nil; {
		s.buf = s.buf[:0]
		for ; at < len(s.items) && len(s.buf) < spoolBuffer; at++ {
			x := &s.items[at]
			s.buf = binary.LittleEndian.AppendUint64(s.buf, x.key)
			s.buf = binary.LittleEndian.AppendUint32(s.buf, x.seq)
			s.buf = binary.LittleEndian.AppendUint32(s.buf, x.val)
		}
		_, err = s.f.Write(s.buf)
	}
	s.items = s.items[:0]
	s.pieces++
	return err
}

// each calls yield with all items in order. It may be called once.
func (s *pieceSort) each(yield func(item) error) error {
	slices.SortFunc(s.items, compareItems)
	last := &pieceReader{items: s.items}
	s.items = nil
	var h pieceHeap
	for i := range s.pieces {
		r := io.NewSectionReader(s.f, int64(i)*pieceLen*itemSize, pieceLen*itemSize)
		h = append(h, &pieceReader{r: bufio.NewReaderSize(r, pieceBuffer)})
	}
	for _, r := range append(h, last) {
		if err := r.next(); err != nil && err != io.EOF {
			return err
		}
	}
	if !last.done {
		h = append(h, last)
	}
	heap.Init(&h)
	for len(h) > 0 {
		r := h[0]
		if err := yield(r.first); err != nil {
			return err
		}
		switch err := r.next(); {
		case err == io.EOF:
			heap.Pop(&h)
		case err != nil:
			return err
		case len(h) > 1:
			heap.Fix(&h, 0)
		}
	}
	return nil
}

// A pieceReader reads the items of a piece: those of r, if it is not nil.
type pieceReader struct {
	r     *bufio.Reader
	items []item
	first item
	done  bool
	buf   [itemSize]byte
}

// next goes on to the next item. The error is io.EOF if there is none.
func (p *pieceReader) next() error {
	if p.r == nil {
		if p.done = len(p.items) == 0; p.done {
			return io.EOF
		}
		p.first, p.items = p.items[0], p.items[1:]
		return nil
	}
	b := p.buf[:]
	if _, err := io.ReadFull(p.r, b); err != nil {
		return err
	}
	p.first = item{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])}
	return nil
}

type pieceHeap []*pieceReader

func (h pieceHeap) Len() int           { return len(h) }
func (h pieceHeap) Less(i, j int) bool { return compareItems(h[i].first, h[j].first) < 0 }
func (h pieceHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *pieceHeap) Push(x any)        { *h = append(*h, x.(*pieceReader)) }
func (h *pieceHeap) Pop() any          { p := (*h)[len(*h)-1]; *h = (*h)[:len(*h)-1]; return p }

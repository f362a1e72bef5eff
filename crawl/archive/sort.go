package archive

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ftpidx/ftpidx/crawl"
)

// sortMemory is how many bytes of records a sorter holds before it writes them to a file.
const sortMemory = 16 << 20

// A sorter brings lines together that belong to the same directory, in document order, in bounded memory: it
// sorts what fits, writes that to a temporary file as a run, and merges the runs. Lines of one
// directory keep their order.
type sorter struct {
	dir  string       // of the temporary files
	room func() error // see [crawl.CreateTemp]
	max  int64        // bytes in all; 0: no limit

	total int64 // bytes of lines
	recs  []sortRecord
	size  int
	runs  []*crawl.TempFile
}

type sortRecord struct {
	key  []byte // of the directory
	line []byte
}

func (s *sorter) add(key, line []byte) error {
	if s.total += int64(len(line)); s.max > 0 && s.total > s.max {
		return fmt.Errorf("it has more than %d MB to be sorted", s.max/1e6)
	}
	s.recs = append(s.recs, sortRecord{slices.Clone(key), slices.Clone(line)})
	if s.size += len(key) + len(line) + 64; s.size < sortMemory {
		return nil
	}
	return s.spill()
}

func (s *sorter) sort() {
	slices.SortStableFunc(s.recs, func(a, b sortRecord) int { return bytes.Compare(a.key, b.key) })
}

// spill writes a run: records of key and line, each after its length.
func (s *sorter) spill() error {
	s.sort()
	f, err := crawl.CreateTemp(s.dir, s.room)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	w := bufio.NewWriterSize(f, 256<<10)
	for _, r := range s.recs {
		var n [2 * binary.MaxVarintLen64]byte
		head := binary.AppendUvarint(binary.AppendUvarint(n[:0], uint64(len(r.key))), uint64(len(r.line)))
		w.Write(head)
		w.Write(r.key)
		w.Write(r.line) // errors stick until Flush
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	s.recs, s.size = s.recs[:0], 0
	return err
}

// each calls yield with all records in order; what it gets is valid during the call.
func (s *sorter) each(yield func(key, line []byte) error) error {
	s.sort()
	var h runHeap
	for i, f := range s.runs {
		r := &sortRun{order: i, src: bufio.NewReaderSize(f, 64<<10)}
		if ok, err := r.next(); err != nil {
			return err
		} else if ok {
			h = append(h, r)
		}
	}
	// What is in memory came last.
	if last := (&sortRun{order: len(s.runs), recs: s.recs}); len(s.recs) > 0 {
		if _, err := last.next(); err != nil {
			return err
		}
		h = append(h, last)
	}
	heap.Init(&h)
	for len(h) > 0 {
		r := h[0]
		if err := yield(r.cur.key, r.cur.line); err != nil {
			return err
		}
		ok, err := r.next()
		if err != nil {
			return err
		}
		if ok {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return nil
}

func (s *sorter) close() error {
	var errs []error
	for _, f := range s.runs {
		errs = append(errs, f.Close())
	}
	s.runs, s.recs = nil, nil
	return errors.Join(errs...)
}

// A sortRun gives the records of one run.
type sortRun struct {
	order int // earlier runs hold earlier lines
	src   *bufio.Reader
	recs  []sortRecord // instead of src
	cur   sortRecord
}

func (r *sortRun) next() (ok bool, err error) {
	if r.src == nil {
		if len(r.recs) == 0 {
			return false, nil
		}
		r.cur, r.recs = r.recs[0], r.recs[1:]
		return true, nil
	}
	nkey, err := binary.ReadUvarint(r.src)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	nline, err := binary.ReadUvarint(r.src)
	if err != nil {
		return false, err
	}
	r.cur.key = slices.Grow(r.cur.key[:0], int(nkey))[:nkey]
	r.cur.line = slices.Grow(r.cur.line[:0], int(nline))[:nline]
	if _, err := io.ReadFull(r.src, r.cur.key); err != nil {
		return false, err
	}
	_, err = io.ReadFull(r.src, r.cur.line)
	return err == nil, err
}

type runHeap []*sortRun

func (h runHeap) Len() int { return len(h) }
func (h runHeap) Less(i, j int) bool {
	if c := bytes.Compare(h[i].cur.key, h[j].cur.key); c != 0 {
		return c < 0
	}
	return h[i].order < h[j].order
}
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)   { *h = append(*h, x.(*sortRun)) }
func (h *runHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

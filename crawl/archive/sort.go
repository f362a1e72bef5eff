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

const (
	sortMemory = 4 << 20 // bytes of records that a sorter holds before it writes them to a file
	sortFan    = 32      // runs that are merged into one: so many files, or a few times so many, are open
	sortBuffer = 32 << 10
)

// A sorter brings records, a key and a line each, into the order of their keys, in bounded memory and with a bounded
// number of files: it sorts what fits, writes that to a temporary file as a run, merges runs of the same size when they
// become many, and at the end the rest. Records with the same key keep their order.
type sorter struct {
	dir  string       // of the temporary files
	room func() error // see [crawl.CreateTemp]
	max  int64        // bytes of lines in all; 0: no limit

	total int64  // bytes of lines
	buf   []byte // keys and lines
	recs  []sortRecord
	runs  []sortedFile // the oldest records first, and the largest
}

// A sortRecord says where in buf the key of a record is, and the line that follows it.
type sortRecord struct{ at, line, end int }

// A sortedFile holds a run: records of key and line, each after its length. Merging sortFan of a level makes one of the next.
type sortedFile struct {
	*crawl.TempFile
	level int
}

// add takes a record; neither slice is kept.
func (s *sorter) add(key, line []byte) error {
	if s.total += int64(len(line)); s.max > 0 && s.total > s.max {
		return fmt.Errorf("it has more than %d MB to be sorted", s.max/1e6)
	}
	at := len(s.buf)
	s.buf = append(append(s.buf, key...), line...)
	s.recs = append(s.recs, sortRecord{at, at + len(key), len(s.buf)})
	if len(s.buf)+24*len(s.recs) < sortMemory {
		return nil
	}
	return s.spill()
}

// inMemory returns a run of what is in memory.
func (s *sorter) inMemory() *sortRun {
	slices.SortStableFunc(s.recs, func(a, b sortRecord) int {
		return bytes.Compare(s.buf[a.at:a.line], s.buf[b.at:b.line])
	})
	return &sortRun{s: s, recs: s.recs}
}

// spill writes what is in memory to a file, and merges files if there are many.
func (s *sorter) spill() error {
	if err := s.write([]*sortRun{s.inMemory()}, 0); err != nil {
		return err
	}
	s.buf, s.recs = s.buf[:0], s.recs[:0]
	for n := len(s.runs); n >= sortFan && s.runs[n-sortFan].level == s.runs[n-1].level; n = len(s.runs) {
		few := slices.Clone(s.runs[n-sortFan:])
		s.runs = s.runs[:n-sortFan]
		err := s.write(readRuns(few), few[0].level+1)
		for _, f := range few {
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write merges runs into a new file.
func (s *sorter) write(runs []*sortRun, level int) error {
	f, err := crawl.CreateTemp(s.dir, s.room)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, sortedFile{f, level})
	w := bufio.NewWriterSize(f, sortBuffer)
	err = merge(runs, func(key, line []byte) error {
		var n [2 * binary.MaxVarintLen64]byte
		w.Write(binary.AppendUvarint(binary.AppendUvarint(n[:0], uint64(len(key))), uint64(len(line))))
		w.Write(key)
		_, err := w.Write(line) // errors stick
		return err
	})
	if err = errors.Join(err, w.Flush()); err != nil {
		return err
	}
	_, err = f.Seek(0, io.SeekStart)
	return err
}

// readRuns returns the runs in files that are at their beginning.
func readRuns(files []sortedFile) []*sortRun {
	runs := make([]*sortRun, len(files))
	for i, f := range files {
		runs[i] = &sortRun{src: bufio.NewReaderSize(f, sortBuffer)}
	}
	return runs
}

// each calls yield with all records in order, once; what it gets is valid during the call.
func (s *sorter) each(yield func(key, line []byte) error) error {
	// What is in memory came last.
	return merge(append(readRuns(s.runs), s.inMemory()), yield)
}

// merge calls yield with the records of runs in order; those of earlier runs come first where keys are the same.
func merge(runs []*sortRun, yield func(key, line []byte) error) error {
	var h runHeap
	for i, r := range runs {
		r.order = i
		if ok, err := r.next(); err != nil {
			return err
		} else if ok {
			h = append(h, r)
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		r := h[0]
		if err := yield(r.key, r.line); err != nil {
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

// close removes the files.
func (s *sorter) close() error {
	var errs []error
	for _, f := range s.runs {
		errs = append(errs, f.Close())
	}
	*s = sorter{dir: s.dir, room: s.room, max: s.max}
	return errors.Join(errs...)
}

// A sortRun gives the records of one run.
type sortRun struct {
	order     int // earlier runs hold earlier lines
	key, line []byte

	src *bufio.Reader

	s    *sorter // instead of src
	recs []sortRecord
}

func (r *sortRun) next() (ok bool, err error) {
	if r.src == nil {
		if len(r.recs) == 0 {
			return false, nil
		}
		rec := r.recs[0]
		r.recs = r.recs[1:]
		r.key, r.line = r.s.buf[rec.at:rec.line], r.s.buf[rec.line:rec.end]
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
	r.key = slices.Grow(r.key[:0], int(nkey))[:nkey]
	r.line = slices.Grow(r.line[:0], int(nline))[:nline]
	if _, err := io.ReadFull(r.src, r.key); err != nil {
		return false, err
	}
	_, err = io.ReadFull(r.src, r.line)
	return err == nil, err
}

type runHeap []*sortRun

func (h runHeap) Len() int { return len(h) }
func (h runHeap) Less(i, j int) bool {
	if c := bytes.Compare(h[i].key, h[j].key); c != 0 {
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

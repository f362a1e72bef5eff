package index

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"

	index "github.com/blevesearch/bleve_index_api"
	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/index/segment"
)

const (
	batchDocs   = 512       // documents handed over at a time
	segmentSize = 192 << 20 // bytes of memory at which a segment ends before it has all its documents; twice that may be in use
	leastSize   = 8 << 20   // that, where memory is short
)

// fullSize returns segmentSize, or what two segments may have of the memory that this process is limited to (GOMEMLIMIT), which is half of it:
// with more, the garbage collector would run all the time.
func fullSize() int {
	return int(max(leastSize, min(segmentSize, debug.SetMemoryLimit(-1)/4)))
}

// An invertWriter writes segments with package segment, in two goroutines beside that of add: one inverts documents, the other writes
// a segment while the next is being inverted.
type invertWriter struct {
	dir      string
	docs     int // of a segment
	size     int // bytes of memory at which it ends before
	batch    []docTerms
	batches  chan []docTerms
	spare    chan []docTerms // used before
	segments int             // begun to be written; of the inverting goroutine
	writing  chan struct{}   // holds one while a segment is being written

	work   *errgroup.Group
	ctx    context.Context // ends with the first error
	cancel context.CancelFunc
}

func newInvertWriter(dir string, docs int) (segmentWriter, error) {
	if err := os.MkdirAll(filepath.Join(dir, segment.StoreDir), 0o755); err != nil {
		return nil, err
	}
	w := &invertWriter{dir: dir, docs: docs, size: fullSize(), batches: make(chan []docTerms, 4), spare: make(chan []docTerms, 4), writing: make(chan struct{}, 1)}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.work, w.ctx = errgroup.WithContext(w.ctx)
	w.work.Go(w.invert)
	return w, nil
}

func (w *invertWriter) add(t docTerms) error {
	w.batch = append(w.batch, t)
	if len(w.batch) < batchDocs {
		return nil
	}
	return w.send()
}

// send hands the batch over.
func (w *invertWriter) send() error {
	select {
	case w.batches <- w.batch:
	case <-w.ctx.Done():
		return w.work.Wait()
	}
	select {
	case w.batch = <-w.spare:
	default:
		w.batch = make([]docTerms, 0, batchDocs)
	}
	return nil
}

func (w *invertWriter) close() error {
	defer w.cancel()
	if err := w.send(); err != nil {
		return err
	}
	close(w.batches)
	if err := w.work.Wait(); err != nil {
		return err
	}
	return writeRoot(w.dir, w.segments)
}

func (w *invertWriter) abort() {
	w.cancel()
	w.work.Wait()
}

// invert inverts the batches until there are no more.
func (w *invertWriter) invert() error {
	v, err := segment.NewInverter(invertFields)
	if err != nil {
		return err
	}
	var in inverting
	for {
		var batch []docTerms
		more := true
		select {
		case batch, more = <-w.batches:
		case <-w.ctx.Done():
			return w.ctx.Err()
		}
		for i := range batch {
			in.add(v, &batch[i])
			if v.Docs() == w.docs || i == len(batch)-1 && v.Size() >= w.size {
				if err := w.write(v); err != nil {
					return err
				}
				if v, err = segment.NewInverter(invertFields); err != nil {
					return err
				}
				in.open(v)
			}
		}
		if !more {
			if v.Docs() > 0 {
				return w.write(v)
			}
			return nil
		}
		clear(batch) // its strings hold on to more
		select {
		case w.spare <- batch[:0]:
		default:
		}
	}
}

// write starts writing the next segment, when the one before is written. The memory of v is not used again: until the next segment has
// grown, it is better spent on nothing.
func (w *invertWriter) write(v *segment.Inverter) error {
	select {
	case w.writing <- struct{}{}:
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
	w.segments++
	path := filepath.Join(w.dir, segment.StoreDir, segment.Name(w.segments))
	w.work.Go(func() error {
		err := v.WriteSegment(path)
		<-w.writing
		return err
	})
	return nil
}

var invertFields = func() []segment.Field {
	var fields []segment.Field
	for _, name := range fieldNames {
		fields = append(fields, segment.Field{Name: name, Options: index.IndexField | index.SkipFreqNorm, Runs: name == fieldAbove})
	}
	return fields
}()

// An inverting adds the terms of documents to Inverters.
type inverting struct {
	n     uint32   // documents added
	above [][]byte // names of the directories above, from the top, between marks
	buf   []byte
}

// open makes v, which has no documents yet, go on in the directories where the last document was.
func (in *inverting) open(v *segment.Inverter) {
	for _, name := range in.above {
		v.OpenTrigrams(aboveField, name)
	}
}

func (in *inverting) add(v *segment.Inverter, t *docTerms) {
	for range t.Up {
		last := len(in.above) - 1
		v.CloseTrigrams(aboveField, in.above[last])
		in.above = in.above[:last]
	}
	for _, dir := range t.Down {
		name := appendGramName(nil, dir)
		in.above = append(in.above, name)
		v.OpenTrigrams(aboveField, name)
	}
	in.buf = appendSeq(in.buf[:0], in.n)
	in.n++
	v.Begin(in.buf)
	eachWord(t.Name, func(word string) { v.Add(wordField, []byte(word)) })
	in.buf = appendGramName(in.buf[:0], t.Name)
	v.AddTrigrams(gramField, in.buf)
	for i, term := range t.single() {
		if term != "" {
			in.buf = append(in.buf[:0], term...)
			v.Add(firstSingle+i, in.buf)
		}
	}
}

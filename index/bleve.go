package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	index "github.com/blevesearch/bleve_index_api"
	api "github.com/blevesearch/scorch_segment_api/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/index/segment"
)

const partDocs = 10_000 // documents that bleve inverts at a time

// A bleveDoc is what a document is made of.
type bleveDoc struct {
	docTerms
	above index.TokenFrequencies
}

// A bleveWriter writes segments through bleve's own code: parts of partDocs documents, inverted side by side, then merged into
// segments.
type bleveWriter struct {
	dir   string
	docs  int // of a segment
	part  int // documents of a part
	batch []bleveDoc
	above []string               // names of the directories above, from the top
	grams index.TokenFrequencies // their trigrams; never changed, documents share it
	n     uint32                 // documents before those of batch
	parts []string
	segs  int
	work  errgroup.Group
	stop  atomic.Bool
}

func newBleveWriter(dir string, docs, part int) (segmentWriter, error) {
	if err := os.MkdirAll(filepath.Join(dir, storeDir), 0o755); err != nil {
		return nil, err
	}
	w := &bleveWriter{dir: dir, docs: docs, part: part}
	w.work.SetLimit(2)
	return w, nil
}

func (w *bleveWriter) add(t docTerms) error {
	w.move(t.Up, t.Down)
	w.batch = append(w.batch, bleveDoc{t, w.grams})
	full := (int(w.n)+len(w.batch))%w.docs == 0
	if len(w.batch) == w.part || full {
		w.flush()
	}
	if full {
		return w.merge()
	}
	return nil
}

// move leaves directories, and enters others.
func (w *bleveWriter) move(up int, down []string) {
	if up == 0 && len(down) == 0 {
		return
	}
	w.above = append(w.above[:len(w.above)-up], down...)
	w.grams = index.TokenFrequencies{}
	for _, name := range w.above {
		addGrams(w.grams, name)
	}
}

// addGrams adds the trigrams of a name to terms.
func addGrams(terms index.TokenFrequencies, name string) {
	s := string(appendGramName(nil, name))
	for i := 0; i+3 <= len(s); i++ {
		terms[s[i:i+3]] = once
	}
}

// flush hands the batch to a worker, when one is free.
func (w *bleveWriter) flush() {
	if len(w.batch) == 0 {
		return
	}
	path := filepath.Join(w.dir, storeDir, fmt.Sprintf("part%06d", len(w.parts)))
	w.parts = append(w.parts, path)
	batch, n := w.batch, w.n
	w.n += uint32(len(batch))
	w.batch = make([]bleveDoc, 0, w.part)
	w.work.Go(func() error {
		if w.stop.Load() {
			return nil
		}
		return writePart(path, n, batch)
	})
}

// writePart inverts documents, the first of which is number n, into a segment file.
func writePart(path string, n uint32, batch []bleveDoc) error {
	maker := docMaker{map[string]index.TokenFrequencies{}}
	docs := make([]index.Document, len(batch))
	for i := range batch {
		d := maker.make(n+uint32(i), &batch[i].docTerms, batch[i].above)
		d.AddIDField()
		docs[i] = d
	}
	s, _, err := zapPlugin.New(docs)
	if err != nil {
		return err
	}
	return s.(api.UnpersistedSegment).Persist(path)
}

// merge makes a segment of the parts.
func (w *bleveWriter) merge() error {
	if err := w.work.Wait(); err != nil {
		return err
	}
	if len(w.parts) == 0 {
		return nil
	}
	w.segs++
	path := filepath.Join(w.dir, storeDir, segment.Name(w.segs))
	if len(w.parts) == 1 {
		if err := os.Rename(w.parts[0], path); err != nil {
			return err
		}
	} else if err := mergeParts(w.parts, path); err != nil {
		return err
	}
	w.parts = nil
	if err := os.Chmod(path, 0o644); err != nil { // bleve lets nobody else read it
		return err
	}
	return syncFile(path)
}

func mergeParts(parts []string, path string) (err error) {
	var open []api.Segment
	defer func() {
		for i, s := range open {
			err = errors.Join(err, s.Close(), os.Remove(parts[i]))
		}
	}()
	for _, p := range parts {
		s, err := zapPlugin.Open(p)
		if err != nil {
			return err
		}
		open = append(open, s)
	}
	_, _, err = zapPlugin.Merge(open, make([]*roaring.Bitmap, len(open)), path, nil, nil)
	return err
}

func (w *bleveWriter) close() error {
	w.flush()
	if err := w.merge(); err != nil {
		return err
	}
	return writeRoot(w.dir, w.segs)
}

func (w *bleveWriter) abort() {
	w.stop.Store(true)
	w.work.Wait()
}

// A leanDoc is a document for bleve, made of ready terms.
type leanDoc struct {
	id     string
	fields []leanField
}

func (d *leanDoc) ID() string { return d.id }
func (d *leanDoc) Size() int  { return 0 }
func (d *leanDoc) VisitFields(v index.FieldVisitor) {
	for i := range d.fields {
		v(&d.fields[i])
	}
}
func (d *leanDoc) VisitComposite(index.CompositeFieldVisitor) {}
func (d *leanDoc) HasComposite() bool                         { return false }
func (d *leanDoc) NumPlainTextBytes() uint64                  { return 0 }
func (d *leanDoc) StoredFieldsBytes() uint64                  { return 0 }
func (d *leanDoc) Indexed() bool                              { return true }
func (d *leanDoc) AddIDField() {
	d.fields = append(d.fields, leanField{fieldID, index.IndexField | index.StoreField, []byte(d.id), index.TokenFrequencies{d.id: onceKept}})
}

type leanField struct {
	name  string
	opt   index.FieldIndexingOptions
	value []byte
	terms index.TokenFrequencies
}

func (f *leanField) Name() string                                     { return f.name }
func (f *leanField) Value() []byte                                    { return f.value }
func (f *leanField) ArrayPositions() []uint64                         { return nil }
func (f *leanField) EncodedFieldType() byte                           { return 't' }
func (f *leanField) Analyze()                                         {}
func (f *leanField) Options() index.FieldIndexingOptions              { return f.opt }
func (f *leanField) AnalyzedLength() int                              { return len(f.terms) }
func (f *leanField) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *leanField) NumPlainTextBytes() uint64                        { return 0 }

// Frequencies: of ids, which keep them, and of all other terms.
var (
	onceKept = func() *index.TokenFreq { f := &index.TokenFreq{}; f.SetFrequency(1); return f }()
	once     = &index.TokenFreq{}
)

// A docMaker makes leanDocs, sharing the terms of fields that have few values.
type docMaker struct {
	shared map[string]index.TokenFrequencies
}

func (m *docMaker) term(t string) index.TokenFrequencies {
	f, ok := m.shared[t]
	if !ok {
		if len(m.shared) > 1<<16 {
			clear(m.shared)
		}
		t = strings.Clone(t)
		f = index.TokenFrequencies{t: once}
		m.shared[t] = f
	}
	return f
}

func (m *docMaker) make(n uint32, t *docTerms, above index.TokenFrequencies) *leanDoc {
	const plain = index.IndexField | index.SkipFreqNorm
	d := &leanDoc{id: string(appendSeq(nil, n)), fields: make([]leanField, 0, len(fieldNames)+1)}
	add := func(field string, terms index.TokenFrequencies) {
		d.fields = append(d.fields, leanField{name: field, opt: plain, terms: terms})
	}
	words := make(index.TokenFrequencies, 4)
	eachWord(t.Name, func(w string) { words[w] = once })
	add(fieldWord, words)
	grams := make(index.TokenFrequencies, len(t.Name))
	addGrams(grams, t.Name)
	add(fieldGram, grams)
	add(fieldAbove, above)
	for i, term := range t.single() {
		if term != "" {
			add(fieldNames[firstSingle+i], m.term(term))
		}
	}
	return d
}

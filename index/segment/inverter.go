package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	index "github.com/blevesearch/bleve_index_api"
	"github.com/golang/snappy"
)

// A Field is a field of the documents of a segment.
type Field struct {
	Name string

	// Options are IndexField, StoreField, DocValues and SkipFreqNorm of bleve's index API, as they are to stand in the segment.
	// Terms need IndexField, values StoreField. DocValues gives a reader the terms of a document: they must
	// not hold the byte 0xff, which separates them there.
	Options index.FieldIndexingOptions

	// Runs says that the field has terms of [Inverter.OpenTrigrams] only. It keeps no frequencies.
	Runs bool
}

const (
	known = index.IndexField | index.StoreField | index.DocValues | index.SkipFreqNorm

	// MaxDocs is how many documents a segment holds at most.
	MaxDocs = math.MaxInt32
)

var (
	// ErrEmpty is the error of writing a segment without documents.
	ErrEmpty = errors.New("segment: no documents")
	// ErrFull is the error of a segment that was given more than it can hold: [MaxDocs] documents or 4 GiB of terms.
	ErrFull = errors.New("segment: full")
)

// An Inverter gathers documents and writes them as a segment. It holds them in memory, a few dozen bytes each: close a
// segment when [Inverter.Size] or [Inverter.Docs] reaches what you want to spend. It is used by one goroutine; several Inverters
// work side by side.
//
// A document begins with [Inverter.Begin] and ends with the next one.
type Inverter struct {
	names  []string // of the fields as they stand in the segment: _id first, the others sorted
	fields []field  // the same
	order  []uint16 // index in fields of each field given to NewInverter

	doc     uint32 // number of documents, and of the next one
	docs    []byte // documents as they stand in the segment
	text    text
	lists   arena
	id      []byte        // of the current document
	values  []storedValue // of the current document
	data    []byte        // of values
	sorted  bool          // ids came in ascending order
	last    []byte        // id of the last document
	scratch []byte
	open    bool // a document has begun
	over    bool // there are more than MaxDocs
	ended   bool // all runs have ended and stand in lists

	create func(path string) (output, error) // a file, other in tests
}

type field struct {
	options index.FieldIndexingOptions
	runs    bool
	table   table
	length  uint32   // terms of the current document, if frequencies are kept
	norms   []uint32 // the same of all documents
}

type storedValue struct {
	field    uint16
	kind     byte
	off, len int
}

// NewInverter returns an Inverter for documents with these fields. The order of the fields counts in [Inverter.Add] only. The field
// _id is always there and not given.
func NewInverter(fields []Field) (*Inverter, error) {
	v := &Inverter{sorted: true, create: createFile}
	if len(fields) >= math.MaxUint16 {
		return nil, fmt.Errorf("segment: %d fields", len(fields))
	}
	byName := make([]int, len(fields))
	for i, f := range fields {
		switch {
		case f.Name == idField:
			return nil, fmt.Errorf("segment: field %s is not given", idField)
		case f.Options&^known != 0:
			return nil, fmt.Errorf("segment: field %s has options %#x that are not known", f.Name, uint64(f.Options&^known))
		case f.Options&index.IndexField == 0 && f.Options&index.DocValues != 0:
			return nil, fmt.Errorf("segment: field %s has doc values but is not indexed", f.Name)
		case f.Runs && f.Options != index.IndexField|index.SkipFreqNorm:
			return nil, fmt.Errorf("segment: field %s has runs and more than terms", f.Name)
		}
		byName[i] = i
	}
	slices.SortFunc(byName, func(a, b int) int { return strings.Compare(fields[a].Name, fields[b].Name) })
	v.names = []string{idField}
	v.fields = []field{{options: index.IndexField | index.StoreField}}
	v.order = make([]uint16, len(fields))
	seed := rand.Uint64()
	for k, i := range byName {
		if k > 0 && fields[i].Name == v.names[k] {
			return nil, fmt.Errorf("segment: field %s is given twice", fields[i].Name)
		}
		v.names = append(v.names, fields[i].Name)
		v.fields = append(v.fields, field{options: fields[i].Options, runs: fields[i].Runs, table: newTable(seed)})
		v.order[i] = uint16(k + 1)
	}
	return v, nil
}

const idField = "_id"

// Begin starts the next document. No two documents of an index have the same id. The id is copied.
func (v *Inverter) Begin(id []byte) {
	v.end()
	if v.doc == MaxDocs {
		v.over = true
		v.doc--
	}
	v.id = append(v.id[:0], id...)
	v.doc++
	v.open = true
}

// Add adds a term to a field, given by its place in the list of [NewInverter], of the current document. Each occurrence counts in
// frequency and norm. The term is copied.
func (v *Inverter) Add(field int, term []byte) {
	f := v.indexed(field)
	v.post(f, f.table.find(term, &v.text))
}

// AddTrigrams adds every three bytes that follow each other in s as a term.
func (v *Inverter) AddTrigrams(field int, s []byte) {
	f := v.indexed(field)
	if len(s) < 3 {
		return
	}
	key := uint64(s[0])<<48 | uint64(s[1])<<40
	for _, c := range s[2:] {
		key = key<<8 | uint64(c)<<40
		v.post(f, f.table.short(key, 3))
	}
}

func (v *Inverter) indexed(i int) *field {
	f := &v.fields[v.order[i]]
	if !v.open {
		panic("segment: term without document")
	}
	if f.options&index.IndexField == 0 || f.runs {
		panic("segment: term of field " + v.names[v.order[i]] + ", which is not indexed, or has runs")
	}
	return f
}

// post adds the current document to the list of t.
func (v *Inverter) post(f *field, t *term) {
	doc := v.doc - 1
	keep := f.options&index.SkipFreqNorm == 0
	if keep {
		f.length++
	}
	switch {
	case t.n == 0:
		t.first = doc
	case t.last == doc:
		t.freq++
		return
	case keep:
		v.lists.addFreq(t, doc)
	default:
		v.lists.add(t, doc-t.last)
	}
	t.n++
	t.last, t.freq = doc, 1
}

// Store adds a value to a field of the current document, for readers to get back. Kind is bleve's letter for the type of the value: 't'
// for text. The value is copied.
func (v *Inverter) Store(field int, kind byte, value []byte) {
	i := v.order[field]
	if !v.open {
		panic("segment: value without document")
	}
	if v.fields[i].options&index.StoreField == 0 {
		panic("segment: value of field " + v.names[i] + ", which is not stored")
	}
	v.values = append(v.values, storedValue{i, kind, len(v.data), len(value)})
	v.data = append(v.data, value...)
}

// end writes the current document, if there is one, into docs.
func (v *Inverter) end() {
	if !v.open {
		return
	}
	v.open = false
	for i := range v.fields {
		if f := &v.fields[i]; i > 0 && f.options&(index.IndexField|index.SkipFreqNorm) == index.IndexField {
			f.norms = append(f.norms, f.length)
			f.length = 0
		}
	}
	if v.doc > 1 && bytes.Compare(v.id, v.last) <= 0 {
		v.sorted = false
	}
	v.last = append(v.last[:0], v.id...)

	if len(v.values) > 1 {
		slices.SortStableFunc(v.values, func(a, b storedValue) int { return int(a.field) - int(b.field) })
	}
	var buf [5]byte
	meta := binary.AppendUvarint(buf[:0], uint64(len(v.id)))
	data := []byte{0} // snappy's code of nothing
	if len(v.values) > 0 {
		raw := make([]byte, 0, len(v.data))
		for _, s := range v.values {
			meta = binary.AppendUvarint(meta, uint64(s.field))
			meta = binary.AppendUvarint(meta, uint64(s.kind))
			meta = binary.AppendUvarint(meta, uint64(len(raw)))
			meta = binary.AppendUvarint(meta, uint64(s.len))
			meta = binary.AppendUvarint(meta, 0) // array positions
			raw = append(raw, v.data[s.off:s.off+s.len]...)
		}
		v.scratch = snappy.Encode(v.scratch[:cap(v.scratch)], raw)
		data = v.scratch
		v.values, v.data = v.values[:0], v.data[:0]
	}
	v.docs = binary.AppendUvarint(v.docs, uint64(len(meta)))
	v.docs = binary.AppendUvarint(v.docs, uint64(len(v.id)+len(data)))
	v.docs = append(append(append(v.docs, meta...), v.id...), data...)
}

// Docs returns the number of documents.
func (v *Inverter) Docs() int { return int(v.doc) }

// Size returns about how many bytes of memory the documents take. Writing them takes up to 20 bytes for each document of the
// longest list, and the dictionary of the largest field, more.
func (v *Inverter) Size() int {
	n := len(v.docs) + v.text.size() + v.lists.size()
	for i := range v.fields {
		n += 4*len(v.fields[i].norms) + v.fields[i].table.size()
	}
	return n
}

// Reset forgets all documents and keeps the memory for the next ones.
func (v *Inverter) Reset() {
	v.doc, v.docs, v.sorted, v.open, v.over, v.ended = 0, v.docs[:0], true, false, false, false
	v.values, v.data = v.values[:0], v.data[:0]
	v.text.reset()
	v.lists.reset()
	for i := range v.fields {
		f := &v.fields[i]
		f.length, f.norms = 0, f.norms[:0]
		f.table.reset()
	}
}

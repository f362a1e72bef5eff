package segment

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
)

// The oracle is bleve: its plugin makes a segment of the same documents, and both are read through its code.

var plugin zap.ZapPlugin

// A testDoc is a document for both: terms and stored values by number of the field.
type testDoc struct {
	id     string
	terms  [][]string
	stored [][]string
}

// invert adds docs to v.
func invert(v *Inverter, docs []testDoc) {
	for i := range docs {
		d := &docs[i]
		v.Begin([]byte(d.id))
		for f, terms := range d.terms {
			for _, t := range terms {
				v.Add(f, []byte(t))
			}
		}
		for f, values := range d.stored {
			for _, s := range values {
				v.Store(f, 't', []byte(s))
			}
		}
	}
}

// writeOurs writes docs with an Inverter.
func writeOurs(t testing.TB, path string, fields []Field, docs []testDoc) {
	t.Helper()
	v, err := NewInverter(fields)
	if err != nil {
		t.Fatal(err)
	}
	invert(v, docs)
	if err := v.WriteSegment(path); err != nil {
		t.Fatal(err)
	}
}

// writeTheirs writes docs with bleve's plugin.
func writeTheirs(t testing.TB, path string, fields []Field, docs []testDoc) {
	t.Helper()
	s, _, err := plugin.New(bleveDocs(fields, docs))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.(segment.UnpersistedSegment).Persist(path); err != nil {
		t.Fatal(err)
	}
}

func bleveDocs(fields []Field, docs []testDoc) []index.Document {
	out := make([]index.Document, len(docs))
	for i := range docs {
		d := &bleveDoc{id: docs[i].id}
		for f := range fields {
			var terms []string
			if f < len(docs[i].terms) {
				terms = docs[i].terms[f]
			}
			d.fields = append(d.fields, newBleveField(fields[f].Name, fields[f].Options&^index.StoreField, "", terms))
			if f < len(docs[i].stored) {
				for _, s := range docs[i].stored[f] {
					d.fields = append(d.fields, newBleveField(fields[f].Name, fields[f].Options, s, nil))
				}
			}
		}
		d.AddIDField()
		out[i] = d
	}
	return out
}

// A bleveDoc is a document of bleve, made of ready terms.
type bleveDoc struct {
	id     string
	fields []*bleveField
}

func (d *bleveDoc) ID() string { return d.id }
func (d *bleveDoc) Size() int  { return 0 }
func (d *bleveDoc) VisitFields(v index.FieldVisitor) {
	for _, f := range d.fields {
		v(f)
	}
}
func (d *bleveDoc) VisitComposite(index.CompositeFieldVisitor) {}
func (d *bleveDoc) HasComposite() bool                         { return false }
func (d *bleveDoc) NumPlainTextBytes() uint64                  { return 0 }
func (d *bleveDoc) StoredFieldsBytes() uint64                  { return 0 }
func (d *bleveDoc) Indexed() bool                              { return true }
func (d *bleveDoc) AddIDField() {
	d.fields = append(d.fields, newBleveField("_id", index.IndexField|index.StoreField, d.id, []string{d.id}))
}

type bleveField struct {
	name   string
	opt    index.FieldIndexingOptions
	value  string
	length int
	terms  index.TokenFrequencies
}

// newBleveField counts terms as bleve's analysis does.
func newBleveField(name string, opt index.FieldIndexingOptions, value string, terms []string) *bleveField {
	f := &bleveField{name, opt, value, len(terms), index.TokenFrequencies{}}
	for _, t := range terms {
		tf := f.terms[t]
		if tf == nil {
			tf = &index.TokenFreq{Term: []byte(t)}
			f.terms[t] = tf
		}
		if !opt.SkipFreqNorm() {
			tf.SetFrequency(tf.Frequency() + 1)
		}
	}
	return f
}

func (f *bleveField) Name() string                                     { return f.name }
func (f *bleveField) Value() []byte                                    { return []byte(f.value) }
func (f *bleveField) ArrayPositions() []uint64                         { return nil }
func (f *bleveField) EncodedFieldType() byte                           { return 't' }
func (f *bleveField) Analyze()                                         {}
func (f *bleveField) Options() index.FieldIndexingOptions              { return f.opt }
func (f *bleveField) AnalyzedLength() int                              { return f.length }
func (f *bleveField) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *bleveField) NumPlainTextBytes() uint64                        { return 0 }

func open(t testing.TB, path string) segment.Segment {
	t.Helper()
	s, err := plugin.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// compareSegments reports every difference between two segments, as bleve reads them.
func compareSegments(t testing.TB, got, want segment.Segment, fields []Field) {
	t.Helper()
	if got.Count() != want.Count() {
		t.Fatalf("got %d documents, want %d", got.Count(), want.Count())
	}
	if g, w := got.Fields(), want.Fields(); !slices.Equal(g, w) {
		t.Fatalf("got fields %q, want %q", g, w)
	}
	for d := range want.Count() {
		gotID, err1 := got.DocID(d)
		wantID, err2 := want.DocID(d)
		if string(gotID) != string(wantID) || err1 != nil || err2 != nil {
			t.Fatalf("document %d: got id %q (%v), want %q (%v)", d, gotID, err1, wantID, err2)
		}
		if g, w := storedOf(t, got, d), storedOf(t, want, d); !slices.Equal(g, w) {
			t.Fatalf("document %d: got stored %q, want %q", d, g, w)
		}
		if bm, err := got.DocNumbers([]string{string(gotID)}); err != nil || bm.GetCardinality() != 1 || !bm.Contains(uint32(d)) {
			t.Fatalf("document %d is not found by its id %q: %v, %v", d, gotID, bm, err)
		}
	}
	skip := map[string]bool{}
	var values []string
	for _, f := range fields {
		skip[f.Name] = f.Options.SkipFreqNorm()
		if f.Options.IncludeDocValues() {
			values = append(values, f.Name)
		}
	}
	for _, f := range want.Fields() {
		compareTerms(t, got, want, f, skip[f])
	}
	compareValues(t, got, want, values)
}

func storedOf(t testing.TB, s segment.Segment, d uint64) (out []string) {
	t.Helper()
	err := s.VisitStoredFields(d, func(field string, typ byte, value []byte, pos []uint64) bool {
		out = append(out, fmt.Sprintf("%s %c %q %d", field, typ, value, pos))
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compareTerms(t testing.TB, got, want segment.Segment, field string, skip bool) {
	t.Helper()
	gotDict, err1 := got.Dictionary(field)
	wantDict, err2 := want.Dictionary(field)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if g, w := gotDict.Cardinality(), wantDict.Cardinality(); g != w {
		t.Fatalf("field %s: got %d terms, want %d", field, g, w)
	}
	gotIt, wantIt := gotDict.AutomatonIterator(nil, nil, nil), wantDict.AutomatonIterator(nil, nil, nil)
	for {
		g, err1 := gotIt.Next()
		w, err2 := wantIt.Next()
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if g == nil && w == nil {
			return
		}
		// Count is not compared: once bleve's iterator has met a 1-hit entry, it says 1 for all that follow.
		if g == nil || w == nil || g.Term != w.Term {
			t.Fatalf("field %s: got term %+v, want %+v", field, g, w)
		}
		gotList, err1 := gotDict.PostingsList([]byte(g.Term), nil, nil)
		wantList, err2 := wantDict.PostingsList([]byte(w.Term), nil, nil)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		comparePostings(t, fmt.Sprintf("field %s, term %q", field, g.Term), gotList, wantList, skip)
	}
}

// comparePostings looks at frequencies and norms where they are kept. Where not, a list of one document has frequency 1 in ours.
func comparePostings(t testing.TB, what string, got, want segment.PostingsList, skip bool) {
	t.Helper()
	if got.Count() != want.Count() {
		t.Fatalf("%s: got %d documents, want %d", what, got.Count(), want.Count())
	}
	gotIt, wantIt := got.Iterator(true, true, true, nil), want.Iterator(true, true, true, nil)
	for {
		g, err1 := gotIt.Next()
		w, err2 := wantIt.Next()
		if err1 != nil || err2 != nil {
			t.Fatal(what, err1, err2)
		}
		if g == nil && w == nil {
			return
		}
		if g == nil || w == nil || g.Number() != w.Number() || len(g.Locations()) != 0 {
			t.Fatalf("%s: got %v, want %v", what, g, w)
		}
		if skip {
			if single := got.Count() == 1; single && g.Frequency() != 1 || !single && g.Frequency() != 0 || w.Frequency() != 0 {
				t.Fatalf("%s: got frequency %d, bleve %d", what, g.Frequency(), w.Frequency())
			}
		} else if g.Frequency() != w.Frequency() || g.Norm() != w.Norm() {
			t.Fatalf("%s, document %d: got frequency %d, norm %v, want %d, %v", what, g.Number(), g.Frequency(), g.Norm(), w.Frequency(), w.Norm())
		}
	}
}

func compareValues(t testing.TB, got, want segment.Segment, fields []string) {
	t.Helper()
	g, err1 := got.(segment.DocValueVisitable).VisitableDocValueFields()
	w, err2 := want.(segment.DocValueVisitable).VisitableDocValueFields()
	slices.Sort(g)
	slices.Sort(w)
	if !slices.Equal(g, w) || err1 != nil || err2 != nil {
		t.Fatalf("got doc values of %q, want of %q (%v, %v)", g, w, err1, err2)
	}
	all := func(s segment.Segment) (out []string) {
		var state segment.DocVisitState
		for d := range s.Count() {
			var err error
			state, err = s.(segment.DocValueVisitable).VisitDocValues(d, fields, func(field string, term []byte) {
				out = append(out, fmt.Sprintf("%d %s %q", d, field, term))
			}, state)
			if err != nil {
				t.Fatal(err)
			}
		}
		return out
	}
	if g, w := all(got), all(want); !reflect.DeepEqual(g, w) {
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Fatalf("doc values: got %s, want %s", g[i], w[i])
			}
		}
		t.Fatalf("got %d doc values, want %d", len(g), len(w))
	}
}

// checkAgainstBleve compares segments of docs, and what bleve's merge makes of them.
func checkAgainstBleve(t testing.TB, fields []Field, docs []testDoc) {
	t.Helper()
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")
	writeOurs(t, ours, fields, docs)
	writeTheirs(t, theirs, fields, docs)
	compareSegments(t, open(t, ours), open(t, theirs), fields)
	if err := Check(ours); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(ours + ".tmp"); err == nil {
		t.Error("the temporary file is left")
	}
}

func merge(t testing.TB, path string, drops []*roaring.Bitmap, parts ...segment.Segment) segment.Segment {
	t.Helper()
	if drops == nil {
		drops = make([]*roaring.Bitmap, len(parts))
	}
	if _, _, err := plugin.Merge(parts, drops, path, nil, nil); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

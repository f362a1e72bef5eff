package segment

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/util"
	index "github.com/blevesearch/bleve_index_api"
	api "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
)

// ErrVersion is the error of [SelfCheck] if this program was built with a version of zap that the package does not know.
var ErrVersion = errors.New("segment: unknown version of zap")

// knownVersion is the version of zap that this package writes.
const knownVersion = 17

// SelfCheck writes a small index in the directory for temporary files and returns an error unless bleve reads from it what was
// written, as it is and after merging: 20 ms of CPU and half a dozen syncs of small files. A program that publishes calls it once, and when it fails makes its segments
// by bleve's own code: the format is another library's, and that library may be replaced in a build without notice here.
func SelfCheck() error {
	var plugin zap.ZapPlugin
	return selfCheck(plugin.Version(), zap.DefaultChunkMode)
}

func selfCheck(version, mode uint32) error {
	if version != knownVersion || mode != chunkMode {
		return fmt.Errorf("%w: %d, chunk mode %d", ErrVersion, version, mode)
	}
	dir, err := os.MkdirTemp("", "ftpidx-check-")
	if err != nil {
		return err
	}
	err = checkIn(dir)
	if err != nil {
		err = fmt.Errorf("segment: self-check: %w", err)
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// The fields of the documents of the check: one of each kind.
var checkFields = []Field{
	{"plain", index.IndexField | index.SkipFreqNorm, false},
	{"freq", index.IndexField, false},
	{"column", index.IndexField | index.SkipFreqNorm | index.DocValues, false},
	{"value", index.StoreField, false},
	{"runs", index.IndexField | index.SkipFreqNorm, true},
}

// checkDocs is such that lists of more than one chunk and of more than one kind of container occur.
const checkDocs = 5000

// checkRun is the distance of runs; they are half as long.
const checkRun = 500

// checkTerms returns the terms of document i in each indexed field.
func checkTerms(i int) []string {
	terms := []string{"all", "all", "mod" + strconv.Itoa(i%7), "near" + strconv.Itoa(i/100)}
	if i%3 == 0 {
		terms = append(terms, "third")
	}
	if i%500 == 0 {
		terms = append(terms, "only"+strconv.Itoa(i), "a term of some length, in few documents", "")
	}
	return terms
}

func checkIn(dir string) error {
	store := filepath.Join(dir, StoreDir)
	if err := os.Mkdir(store, 0o755); err != nil {
		return err
	}
	v, err := NewInverter(checkFields)
	if err != nil {
		return err
	}
	v.create = func(path string) (output, error) { return create(path, true) }
	const half = checkDocs / 2
	var parts []api.Segment
	defer func() {
		for _, s := range parts {
			s.Close()
		}
	}()
	var plugin zap.ZapPlugin
	for k := range 2 {
		for i := k * half; i < (k+1)*half; i++ {
			if at := i % checkRun; at == 0 {
				v.OpenTrigrams(4, []byte("run"))
			} else if at == checkRun/2 {
				v.CloseTrigrams(4, []byte("run"))
			}
			v.Begin([]byte(checkID(i)))
			for _, t := range checkTerms(i) {
				for f := range 3 {
					v.Add(f, []byte(t))
				}
			}
			v.Store(3, 't', []byte(strconv.Itoa(i)))
		}
		path := filepath.Join(store, Name(k+1))
		if err := v.WriteSegment(path); err != nil {
			return err
		}
		v.Reset()
		if err := Check(path); err != nil {
			return err
		}
		s, err := plugin.Open(path)
		if err != nil {
			return err
		}
		parts = append(parts, s)
		if err := checkSegment(s, k*half, (k+1)*half); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, "merged")
	if _, _, err := plugin.Merge(parts, make([]*roaring.Bitmap, 2), path, nil, nil); err != nil {
		return err
	}
	s, err := plugin.Open(path)
	if err != nil {
		return err
	}
	parts = append(parts, s)
	if err := checkSegment(s, 0, 2*half); err != nil {
		return fmt.Errorf("merged: %w", err)
	}
	return checkRoot(dir)
}

func checkID(i int) string { return fmt.Sprintf("%06d", i) }

// checkSegment compares s with the documents from lo to hi.
func checkSegment(s api.Segment, lo, hi int) error {
	if s.Count() != uint64(hi-lo) {
		return fmt.Errorf("%d documents", s.Count())
	}
	want := map[string]*roaring.Bitmap{}
	for i := lo; i < hi; i++ {
		for _, t := range checkTerms(i) {
			if want[t] == nil {
				want[t] = roaring.New()
			}
			want[t].Add(uint32(i - lo))
		}
	}
	terms := slices.Sorted(maps.Keys(want))
	for _, field := range []string{"plain", "freq", "column"} {
		if err := checkDictionary(s, field, terms, want, lo); err != nil {
			return err
		}
	}
	runs := roaring.New()
	for i := lo; i < hi; i += checkRun {
		runs.AddRange(uint64(i-lo), uint64(i-lo+checkRun/2))
	}
	if err := checkDictionary(s, "runs", []string{"run"}, map[string]*roaring.Bitmap{"run": runs}, lo); err != nil {
		return err
	}
	var state api.DocVisitState
	for i := lo; i < hi; i++ {
		d := uint64(i - lo)
		if id, err := s.DocID(d); err != nil || string(id) != checkID(i) {
			return fmt.Errorf("document %d has the id %q (%v)", d, id, err)
		}
		var stored, column []string
		err := s.VisitStoredFields(d, func(field string, _ byte, value []byte, _ []uint64) bool {
			stored = append(stored, field+" "+string(value))
			return true
		})
		if err != nil || !slices.Equal(stored, []string{"_id " + checkID(i), "value " + strconv.Itoa(i)}) {
			return fmt.Errorf("document %d has the values %q (%v)", d, stored, err)
		}
		state, err = s.(api.DocValueVisitable).VisitDocValues(d, []string{"column"}, func(_ string, term []byte) { column = append(column, string(term)) }, state)
		if err != nil || !slices.Equal(column, slices.Compact(slices.Sorted(slices.Values(checkTerms(i))))) {
			return fmt.Errorf("document %d has the doc values %q (%v)", d, column, err)
		}
	}
	ids, err := s.DocNumbers([]string{checkID(lo), checkID(hi - 1), "none"})
	if err != nil || !ids.Equals(roaring.BitmapOf(0, uint32(hi-lo-1))) {
		return fmt.Errorf("ids are in documents %v (%v)", ids, err)
	}
	return nil
}

func checkDictionary(s api.Segment, field string, terms []string, want map[string]*roaring.Bitmap, lo int) error {
	dict, err := s.Dictionary(field)
	if err != nil {
		return err
	}
	var got []string
	it := dict.AutomatonIterator(nil, nil, nil)
	for e, err := it.Next(); e != nil || err != nil; e, err = it.Next() {
		if err != nil {
			return err
		}
		got = append(got, e.Term)
	}
	if !slices.Equal(got, terms) {
		return fmt.Errorf("field %s has %d terms, not %d", field, len(got), len(terms))
	}
	for _, term := range terms {
		list, err := dict.PostingsList([]byte(term), nil, nil)
		if err != nil {
			return err
		}
		docs := want[term].Iterator()
		postings := list.Iterator(true, true, true, nil)
		for {
			p, err := postings.Next()
			if err != nil {
				return err
			}
			if p == nil || !docs.HasNext() {
				if p != nil || docs.HasNext() {
					return fmt.Errorf("field %s, term %q: %d documents, not %d", field, term, list.Count(), want[term].GetCardinality())
				}
				break
			}
			d := docs.Next()
			if p.Number() != uint64(d) {
				return fmt.Errorf("field %s, term %q: document %d, not %d", field, term, p.Number(), d)
			}
			if field != "freq" {
				continue
			}
			in, n := checkTerms(int(d)+lo), uint64(0)
			for _, t := range in {
				if t == term {
					n++
				}
			}
			if p.Frequency() != n || p.Norm() != float64(float32(1/math.Sqrt(float64(len(in))))) {
				return fmt.Errorf("term %q in document %d: frequency %d, norm %v", term, d, p.Frequency(), p.Norm())
			}
		}
	}
	return nil
}

// checkRoot lets bleve open the whole index and search it.
func checkRoot(dir string) error {
	m, err := util.MarshalJSON(bleve.NewIndexMapping())
	if err != nil {
		return err
	}
	if err := WriteRoot(dir, 2, m); err != nil {
		return err
	}
	ix, err := bleve.OpenUsing(dir, map[string]any{"read_only": true, "bolt_timeout": "1s"})
	if err != nil {
		return err
	}
	defer ix.Close()
	q := bleve.NewTermQuery("third")
	q.SetField("freq")
	res, err := ix.Search(bleve.NewSearchRequest(q))
	if err != nil {
		return err
	}
	const want = (checkDocs + 2) / 3
	if res.Total != want {
		return fmt.Errorf("bleve found %d documents, not %d", res.Total, want)
	}
	return nil
}

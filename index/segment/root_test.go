package segment

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
	"github.com/blevesearch/bleve/v2/util"
)

// testMapping indexes the fields word, with frequencies, and ext, without.
func testMapping() *mapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = keyword.Name
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	for _, name := range []string{"word", "ext"} {
		f := bleve.NewKeywordFieldMapping()
		f.Store, f.DocValues, f.IncludeInAll, f.IncludeTermVectors, f.SkipFreqNorm = false, false, false, false, name == "ext"
		m.DefaultMapping.AddFieldMappingsAt(name, f)
	}
	return m
}

var rootFields = testFields[:2]

// buildIndex makes an index of n documents in segments of size documents.
func buildIndex(t *testing.T, dir string, n, size int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, StoreDir), 0o755); err != nil {
		t.Fatal(err)
	}
	v, err := NewInverter(rootFields)
	if err != nil {
		t.Fatal(err)
	}
	segments := 0
	write := func() {
		segments++
		if err := v.WriteSegment(filepath.Join(dir, StoreDir, Name(segments))); err != nil {
			t.Fatal(err)
		}
		v.Reset()
	}
	for i := range n {
		v.Begin(fmt.Appendf(nil, "%06d", i))
		v.Add(0, []byte("all"))
		v.Add(0, fmt.Appendf(nil, "w%d", i%10))
		v.Add(1, fmt.Appendf(nil, "x%d", i%4))
		if v.Docs() == size {
			write()
		}
	}
	if v.Docs() > 0 {
		write()
	}
	m, err := util.MarshalJSON(testMapping())
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteRoot(dir, segments, m); err != nil {
		t.Fatal(err)
	}
}

func termQuery(field, s string) query.Query {
	q := bleve.NewTermQuery(s)
	q.SetField(field)
	return q
}

// count returns how many documents bleve finds.
func count(t *testing.T, ix bleve.Index, q query.Query) int {
	t.Helper()
	res, err := ix.Search(bleve.NewSearchRequest(q))
	if err != nil {
		t.Fatal(err)
	}
	return int(res.Total)
}

// TestBleveOpens lets bleve open an index, search, change, merge and open it again.
func TestBleveOpens(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "index")
	const n = 5000
	buildIndex(t, dir, n, 700)

	ix, err := bleve.OpenUsing(dir, map[string]any{"read_only": true, "bolt_timeout": "5s"})
	if err != nil {
		t.Fatal(err)
	}
	expect := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %d, want %d", what, got, want)
		}
	}
	docs, err := ix.DocCount()
	if err != nil {
		t.Fatal(err)
	}
	expect("documents", int(docs), n)
	expect("all", count(t, ix, termQuery("word", "all")), n)
	expect("w3", count(t, ix, termQuery("word", "w3")), n/10)
	expect("x1", count(t, ix, termQuery("ext", "x1")), n/4)
	expect("both", count(t, ix, bleve.NewConjunctionQuery(termQuery("word", "w3"), termQuery("ext", "x1"))), n/20)
	expect("by id", count(t, ix, bleve.NewDocIDQuery([]string{"000000", "004999", "none"})), 2)
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}

	if ix, err = bleve.Open(dir); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := ix.Index(fmt.Sprintf("%06d", 20*i), map[string]any{"word": "changed", "ext": "x1"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		if err := ix.Delete(fmt.Sprintf("%06d", 10*i+3)); err != nil { // of w3
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		docs, err := ix.DocCount()
		if err != nil {
			t.Fatal(err)
		}
		expect("documents", int(docs), n-50)
		expect("changed", count(t, ix, termQuery("word", "changed")), 100)
		expect("all", count(t, ix, termQuery("word", "all")), n-150)
		expect("w0", count(t, ix, termQuery("word", "w0")), n/10-100)
		expect("w3", count(t, ix, termQuery("word", "w3")), n/10-50)
	}
	check()
	// Close waits for what is being merged and stored.
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if ix, err = bleve.Open(dir); err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	check()
	adv, err := ix.Advanced()
	if err != nil {
		t.Fatal(err)
	}
	if err := adv.(*scorch.Scorch).ForceMerge(t.Context(), &mergeplan.SingleSegmentMergePlanOptions); err != nil {
		t.Fatal(err)
	}
	check()
	m := ix.StatsMap()["index"].(map[string]any)
	if files := m["num_files_on_disk"]; m["TotFileMergeSegments"].(uint64) == 0 {
		t.Errorf("nothing was merged: %v files", files)
	}
}

// TestEmptyIndex is an index without documents.
func TestEmptyIndex(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	buildIndex(t, dir, 0, 1)
	ix, err := bleve.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	if n, err := ix.DocCount(); n != 0 || err != nil {
		t.Errorf("got %d documents, %v", n, err)
	}
	if err := ix.Index("1", map[string]any{"word": "first"}); err != nil {
		t.Fatal(err)
	}
	if n := count(t, ix, termQuery("word", "first")); n != 1 {
		t.Errorf("got %d", n)
	}
}

// TestManySegments has more segments than fit into one byte of their keys.
func TestManySegments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	store := filepath.Join(dir, StoreDir)
	if err := os.MkdirAll(store, 0o755); err != nil {
		t.Fatal(err)
	}
	v, err := NewInverter(rootFields)
	if err != nil {
		t.Fatal(err)
	}
	// Not synced: there are many.
	v.create = func(path string) (output, error) {
		f, err := os.Create(path)
		return &unsynced{f}, err
	}
	const n = 300
	for i := range n {
		v.Begin(fmt.Appendf(nil, "%06d", i))
		v.Add(0, fmt.Appendf(nil, "w%d", i))
		if err := v.WriteSegment(filepath.Join(store, Name(i+1))); err != nil {
			t.Fatal(err)
		}
		v.Reset()
	}
	m, err := util.MarshalJSON(testMapping())
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteRoot(dir, n, m); err != nil {
		t.Fatal(err)
	}
	ix, err := bleve.OpenUsing(dir, map[string]any{"read_only": true})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	for _, i := range []int{0, 108, 109, 110, 255, 256, 299} {
		res, err := ix.Search(bleve.NewSearchRequest(termQuery("word", fmt.Sprint("w", i))))
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Hits) != 1 || res.Hits[0].ID != fmt.Sprintf("%06d", i) {
			t.Errorf("document %d: got %v", i, res)
		}
	}
	// Documents come in the order of the segments.
	req := bleve.NewSearchRequest(bleve.NewMatchAllQuery())
	req.Size = n
	req.SortBy([]string{"-_score"})
	res, err := ix.Search(req)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range res.Hits {
		if h.ID != fmt.Sprintf("%06d", i) {
			t.Fatalf("document %d has the id %s", i, h.ID)
		}
	}
	if err := WriteRoot(dir, maxKey+1, m); err == nil {
		t.Error("too many segments: no error")
	}
}

type unsynced struct{ *os.File }

func (f *unsynced) commit() error { return f.Close() }
func (f *unsynced) abort()        { f.Close() }

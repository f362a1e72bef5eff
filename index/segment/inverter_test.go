package segment

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// testFields has every combination of options, not in order of their names.
var testFields = []Field{
	{"word", index.IndexField, false},
	{"ext", index.IndexField | index.SkipFreqNorm, false},
	{"column", index.IndexField | index.SkipFreqNorm | index.DocValues, false},
	{"text", index.IndexField | index.DocValues | index.StoreField, false},
	{"blob", index.StoreField, false},
	{"never", index.IndexField | index.SkipFreqNorm, false},
	{"neverColumn", index.IndexField | index.DocValues, false},
}

func TestAgainstBleve(t *testing.T) {
	all := func(n int, terms func(i int) []string) []testDoc {
		docs := make([]testDoc, n)
		for i := range docs {
			x := terms(i)
			docs[i] = testDoc{id: fmt.Sprintf("%06d", i), terms: [][]string{x, x, x, x}}
		}
		return docs
	}
	one := func(int) []string { return []string{"same"} }
	for _, tt := range []struct {
		name string
		docs []testDoc
	}{
		{"one document", all(1, one)},
		{"one document without terms", []testDoc{{id: "x"}}},
		{"empty id", []testDoc{{id: ""}}},
		{"empty term", all(3, func(i int) []string { return []string{"", "a"}[:1+i%2] })},
		{"only the empty term", all(2, func(int) []string { return []string{""} })},
		{"repeated terms", all(5, func(i int) []string { return strings.Split(strings.Repeat("a b a ", i+1), " ") })},
		{"zeros at the end", all(4, func(i int) []string { return []string{"a", "a\x00", "a\x00\x00"}[:1+i%3] })},
		{"lengths around the prefix", all(40, func(i int) []string { return []string{strings.Repeat("k", i), strings.Repeat("k", i) + "\x00"} })},
		{"bytes that are not text", all(300, func(i int) []string { return []string{string([]byte{byte(i), 0x80, byte(i >> 1)})} })},
		{"long terms", all(6, func(i int) []string { return []string{strings.Repeat("long", 30_000) + string(rune('f'-i)), "short"} })},
		{"no terms in the first chunk", all(1500, func(i int) []string { return []string{"late"}[:i/1024] })},
		{"frequent in one document", all(3, func(i int) []string { return append(strings.Split(strings.Repeat("a ", 40_000*i), " "), "b", "b") })},
		{"no terms in the middle", all(4000, func(i int) []string { return []string{"x"}[:min(1, (i/1024+1)%3)] })},
	} {
		t.Run(tt.name, func(t *testing.T) { t.Parallel(); checkAgainstBleve(t, testFields, tt.docs) })
	}
	for _, n := range []int{1022, 1023, 1024, 1025, 2047, 2048, 2049, 3072} {
		t.Run(fmt.Sprintf("list of %d documents", n), func(t *testing.T) {
			t.Parallel()
			checkAgainstBleve(t, testFields, all(n, one))
			checkAgainstBleve(t, testFields, all(3*n/2, func(i int) []string { return []string{"most", fmt.Sprint(i % 7)}[min(1, i/n):] }))
		})
	}
	t.Run("a 0xff byte", func(t *testing.T) {
		// It separates doc values, so it is for fields without.
		fields := testFields[:2]
		checkAgainstBleve(t, fields, []testDoc{{"1", [][]string{{"\xff", "\xff\xff", "a\xffb"}, {"\xff"}}, nil}, {"2", [][]string{{"\xff"}, {"\xff\x00"}}, nil}})
	})
	t.Run("stored values", func(t *testing.T) {
		docs := all(2000, one)
		for i := range docs {
			docs[i].stored = [][]string{3: []string{fmt.Sprint("v", i), ""}[:i%3], 4: []string{strings.Repeat("blob", i)}[:i%2]}
		}
		checkAgainstBleve(t, testFields, docs)
	})
	t.Run("ids out of order", func(t *testing.T) {
		docs := all(3000, one)
		rand.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
		checkAgainstBleve(t, testFields, docs)
	})
}

// randomDocs makes documents of a few shapes: terms that are frequent, rare, single, clustered or long.
func randomDocs(r *rand.Rand, n int) []testDoc {
	docs := make([]testDoc, n)
	word := func(i int) string {
		switch r.IntN(12) {
		case 0:
			return ""
		case 1:
			return fmt.Sprint("only", i)
		case 2, 3:
			return fmt.Sprint("near", i/50)
		case 4:
			return strings.Repeat(string(rune('a'+r.IntN(3))), r.IntN(40))
		case 5:
			b := make([]byte, r.IntN(12))
			for k := range b {
				b[k] = byte(r.IntN(255)) // no 0xff: see TestAgainstBleve
			}
			return string(b)
		case 6, 7:
			return fmt.Sprint(r.IntN(1000))
		}
		return []string{"the", "of", "and", "linux", "a", "bb"}[r.IntN(6)]
	}
	for i := range docs {
		d := testDoc{id: fmt.Sprintf("%x", i*7919%n)}
		for range 4 {
			var terms []string
			for range r.IntN(6) {
				terms = append(terms, word(i))
			}
			if r.IntN(5) > 0 {
				terms = append(terms, "common")
			}
			if i/700%2 == 0 {
				terms = append(terms, "block")
			}
			d.terms = append(d.terms, terms)
		}
		d.stored = [][]string{3: []string{word(i)}[:r.IntN(2)], 4: []string{word(i), word(i)}[:r.IntN(3)]}
		docs[i] = d
	}
	return docs
}

func TestRandomAgainstBleve(t *testing.T) {
	for _, n := range []int{1, 2, 3, 17, 100, 1023, 1024, 1025, 4000, 9011} {
		if testing.Short() && n > 4000 {
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(n), 1))
			checkAgainstBleve(t, testFields, randomDocs(r, n))
		})
	}
}

func TestNoFields(t *testing.T) { checkAgainstBleve(t, nil, []testDoc{{id: "1"}, {id: "2"}}) }

// TestContainerBorders has lists that end before, with and after a container of 65,536 documents, and as many documents in one as
// make it bits instead of a list.
func TestContainerBorders(t *testing.T) {
	for _, n := range []int{65_535, 65_536, 65_537, 131_073} {
		if testing.Short() && n != 65_537 {
			continue
		}
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(n), 3))
			odd := map[string]map[int]bool{}
			for _, k := range []int{4095, 4096, 4097} { // that many, nowhere in a row, in the first container and one in the second
				set := map[int]bool{65_536: true}
				for _, i := range r.Perm(32_768)[:k] {
					set[2*i] = true
				}
				odd[fmt.Sprint("set", k)] = set
			}
			docs := make([]testDoc, n)
			for i := range docs {
				terms := []string{"all", fmt.Sprint("block", i>>15), fmt.Sprint("thousand", i/1000)}
				for name, set := range odd {
					if set[i] {
						terms = append(terms, name)
					}
				}
				for _, only := range []int{0, 65_534, 65_535, 65_536, 131_071, 131_072, n - 1} {
					if i == only {
						terms = append(terms, fmt.Sprint("only", only), "rare", "")
					}
				}
				if i != 65_535 {
					terms = append(terms, "all but one")
				}
				slices.Sort(terms)
				docs[i] = testDoc{id: fmt.Sprintf("%06d", i), terms: [][]string{terms, terms, terms[:i%2]}}
			}
			checkAgainstBleve(t, testFields[:3], docs)
		})
	}
}

// TestManyContainers has lists in many containers of 65,536 documents, of each kind.
func TestManyContainers(t *testing.T) {
	if testing.Short() {
		t.Skip("400,000 documents")
	}
	t.Parallel()
	docs := make([]testDoc, 400_000)
	for i := range docs {
		var terms []string
		if i%3 == 0 {
			terms = append(terms, "bits")
		}
		if i%100 == 0 {
			terms = append(terms, "array")
		}
		if i/1000%2 == 0 {
			terms = append(terms, "runs")
		}
		if i < 70_000 && i%2 == 0 {
			terms = append(terms, "two")
		}
		if i%130_000 == 1 {
			terms = append(terms, "far")
		}
		terms = append(terms, "all")
		docs[i] = testDoc{id: fmt.Sprintf("%06d", i), terms: [][]string{terms, terms}}
	}
	checkAgainstBleve(t, testFields[:2], docs)
}

// TestMerge lets bleve merge segments, ours among them, with documents dropped, and compares with the merge of its own.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	docs := randomDocs(r, 6000)
	cut := []int{0, 2000, 2001, 4500, 6000}
	dir := t.TempDir()
	var ours, theirs []segment.Segment
	for i := range len(cut) - 1 {
		part := docs[cut[i]:cut[i+1]]
		a, b := filepath.Join(dir, fmt.Sprint("ours", i)), filepath.Join(dir, fmt.Sprint("theirs", i))
		writeOurs(t, a, testFields, part)
		writeTheirs(t, b, testFields, part)
		ours, theirs = append(ours, open(t, a)), append(theirs, open(t, b))
	}
	drops := []*roaring.Bitmap{roaring.BitmapOf(0, 7, 1024, 1999), nil, roaring.New(), roaring.BitmapOf(0, 1, 2)}
	drops[2].AddRange(0, 2499)
	mixed := []segment.Segment{ours[0], theirs[1], ours[2], theirs[3]}
	for i, parts := range [][]segment.Segment{ours, mixed} {
		for j, d := range [][]*roaring.Bitmap{nil, drops} {
			got := merge(t, filepath.Join(dir, fmt.Sprint("got", i, j)), d, parts...)
			want := merge(t, filepath.Join(dir, fmt.Sprint("want", i, j)), d, theirs...)
			compareMerged(t, got, want)
		}
	}
}

// compareMerged is compareSegments but for frequencies where none are kept: a merge copies what the parts have.
func compareMerged(t *testing.T, got, want segment.Segment) {
	t.Helper()
	kept := []Field{testFields[0], testFields[3]}
	if got.Count() != want.Count() {
		t.Fatalf("got %d documents, want %d", got.Count(), want.Count())
	}
	for _, f := range kept {
		compareTerms(t, got, want, f.Name, false)
	}
	for _, f := range []string{"ext", "column", "_id"} {
		sets := func(s segment.Segment) map[string]string {
			out := map[string]string{}
			d, err := s.Dictionary(f)
			if err != nil {
				t.Fatal(err)
			}
			it := d.AutomatonIterator(nil, nil, nil)
			for e, err := it.Next(); e != nil || err != nil; e, err = it.Next() {
				if err != nil {
					t.Fatal(err)
				}
				l, err := d.PostingsList([]byte(e.Term), nil, nil)
				if err != nil {
					t.Fatal(err)
				}
				b := roaring.New()
				l.(interface{ OrInto(*roaring.Bitmap) }).OrInto(b)
				out[e.Term] = b.String()
			}
			return out
		}
		g, w := sets(got), sets(want)
		if len(g) != len(w) {
			t.Fatalf("field %s: got %d terms, want %d", f, len(g), len(w))
		}
		for term, docs := range w {
			if g[term] != docs {
				t.Fatalf("field %s, term %q: got %.200s, want %.200s", f, term, g[term], docs)
			}
		}
	}
	compareValues(t, got, want, []string{"column", "text"})
}

// TestReset shows that an Inverter that was used writes what a new one does.
func TestReset(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	v, err := NewInverter(testFields)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i, n := range []int{3000, 10, 1, 4000} {
		docs := randomDocs(r, n)
		invert(v, docs)
		if v.Docs() != n || v.Size() < n {
			t.Errorf("got %d documents in %d bytes, want %d", v.Docs(), v.Size(), n)
		}
		ours, theirs := filepath.Join(dir, fmt.Sprint("ours", i)), filepath.Join(dir, fmt.Sprint("theirs", i))
		if err := v.WriteSegment(ours); err != nil {
			t.Fatal(err)
		}
		v.Reset()
		writeTheirs(t, theirs, testFields, docs)
		compareSegments(t, open(t, ours), open(t, theirs), testFields)
	}
}

func TestTrigrams(t *testing.T) {
	names := []string{"", "a", "ab", "abc", "abcd", "aaaa", "\x00\x00\x00\xff", "\x02readme.txt\x03", "päth"}
	var docs []testDoc
	fields := testFields[:2]
	v, err := NewInverter(fields)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range names {
		var grams []string
		for k := 0; k+3 <= len(s); k++ {
			grams = append(grams, s[k:k+3])
		}
		docs = append(docs, testDoc{fmt.Sprint(i), [][]string{grams, grams}, nil})
		v.Begin([]byte(fmt.Sprint(i)))
		v.AddTrigrams(0, []byte(s))
		v.AddTrigrams(1, []byte(s))
	}
	dir := t.TempDir()
	if err := v.WriteSegment(filepath.Join(dir, "ours")); err != nil {
		t.Fatal(err)
	}
	writeTheirs(t, filepath.Join(dir, "theirs"), fields, docs)
	compareSegments(t, open(t, filepath.Join(dir, "ours")), open(t, filepath.Join(dir, "theirs")), fields)
}

// TestDeleted reads lists with documents deleted, and from somewhere in the middle, as updates and searches do.
func TestDeleted(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(13, 14))
	docs := randomDocs(r, 8000)
	ours, theirs := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")
	writeOurs(t, ours, testFields, docs)
	writeTheirs(t, theirs, testFields, docs)
	got, want := open(t, ours), open(t, theirs)
	deleted := roaring.New()
	for range 3000 {
		deleted.Add(r.Uint32N(8000))
	}
	for _, f := range testFields[:4] {
		for _, term := range []string{"common", "block", "linux", "near7", "a", "no such term"} {
			read := func(s segment.Segment) (out []string) {
				d, err := s.Dictionary(f.Name)
				if err != nil {
					t.Fatal(err)
				}
				for _, except := range []*roaring.Bitmap{nil, deleted} {
					l, err := d.PostingsList([]byte(term), except, nil)
					if err != nil {
						t.Fatal(err)
					}
					it := l.Iterator(true, true, true, nil)
					p, err := it.Next()
					for n := uint64(0); p != nil && err == nil; n += 113 {
						out = append(out, fmt.Sprint(l.Count(), p.Number(), p.Frequency(), p.Norm()))
						p, err = it.Advance(max(n, p.Number()+1))
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				return out
			}
			if g, w := read(got), read(want); !slices.Equal(g, w) {
				t.Errorf("field %s, term %q: got %.300q, want %.300q", f.Name, term, g, w)
			}
		}
	}
}

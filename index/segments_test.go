package index

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2"

	"github.com/ftpidx/ftpidx/index/segment"
)

// randomTerms makes the terms of n documents.
func randomTerms(r *rand.Rand, n int) []docTerms {
	words := strings.Fields("readme linux 6.1 tar gz päth \x02 \xff x  日本 the-end ab")
	list := make([]docTerms, n)
	deep := 0
	for i := range list {
		t := docTerms{Host: "h" + fmt.Sprint(i/300), Type: Type(r.IntN(4)), Size: sizeTerm(r.Int64N(1 << r.IntN(40))), Time: unknownTerm}
		for range r.IntN(5) {
			t.Name += words[r.IntN(len(words))] + []string{".", "-", "", " "}[r.IntN(4)]
		}
		t.Name += fmt.Sprint(r.IntN(n))
		if r.IntN(3) == 0 {
			t.Up = r.IntN(deep + 1)
			for range r.IntN(4) {
				t.Down = append(t.Down, words[r.IntN(len(words))]+words[r.IntN(len(words))])
			}
			deep += len(t.Down) - t.Up
		}
		if r.IntN(2) == 0 {
			t.Ext, t.Perm, t.Owner, t.Target = words[r.IntN(len(words))], "0644", "root", i%7 == 0
		}
		list[i] = t
	}
	return list
}

// indexOf returns the documents of every term of every field of the index in dir, and how many segments it has.
func indexOf(t *testing.T, dir string) (terms map[string]string, segments int) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, storeDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]*roaring.Bitmap{}
	first := uint32(0)
	for _, name := range names {
		if filepath.Ext(name) != ".zap" {
			if filepath.Base(name) != "root.bolt" {
				t.Errorf("%s is left", name)
			}
			continue
		}
		segments++
		if fi, err := os.Stat(name); err != nil || fi.Mode() != 0o644 {
			t.Errorf("%s has mode %v (%v)", name, fi.Mode(), err)
		}
		if err := segment.Check(name); err != nil {
			t.Error(err)
		}
		s, err := zapPlugin.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Fields() {
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
				key := f + "\x00" + e.Term
				if sets[key] == nil {
					sets[key] = roaring.New()
				}
				sets[key].Or(roaring.AddOffset(b, first))
			}
		}
		first += uint32(s.Count())
		s.Close()
	}
	terms = map[string]string{}
	for key, b := range sets {
		terms[key] = b.String()
	}
	return terms, segments
}

// TestWritersAgree gives the same documents to both writers, in one segment and in many.
func TestWritersAgree(t *testing.T) {
	for _, tt := range []struct{ docs, each, segments int }{
		{0, 100, 0}, {1, 100, 1}, {99, 100, 1}, {100, 100, 1}, {101, 100, 2}, {200, 100, 2}, {1050, 100, 11}, {3000, 1 << 20, 1},
		{3000, 1025, 3}, {4100, 2048, 3},
	} {
		t.Run(fmt.Sprintf("%d in segments of %d", tt.docs, tt.each), func(t *testing.T) {
			t.Parallel()
			docs := randomTerms(rand.New(rand.NewPCG(uint64(tt.docs), 1)), tt.docs)
			var got []map[string]string
			for _, o := range []*PublishOptions{{segmentDocs: tt.each}, {segmentDocs: tt.each, partDocs: 1000, BleveSegments: true}} {
				dir := t.TempDir()
				w, err := newSegmentWriter(dir, o)
				if err != nil {
					t.Fatal(err)
				}
				if _, ok := w.(*bleveWriter); ok != o.BleveSegments {
					t.Fatalf("got a %T", w)
				}
				for _, d := range docs {
					if err := w.add(d); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.close(); err != nil {
					t.Fatal(err)
				}
				terms, segments := indexOf(t, dir)
				if segments != tt.segments {
					t.Errorf("got %d segments, want %d", segments, tt.segments)
				}
				ix, err := bleve.OpenUsing(dir, map[string]any{"read_only": true, "bolt_timeout": "5s"})
				if err != nil {
					t.Fatal(err)
				}
				if n, err := ix.DocCount(); int(n) != tt.docs || err != nil {
					t.Errorf("bleve counts %d documents (%v), want %d", n, err, tt.docs)
				}
				ix.Close()
				got = append(got, terms)
			}
			if !maps.Equal(got[0], got[1]) {
				for _, key := range slices.Sorted(maps.Keys(got[1])) {
					if got[0][key] != got[1][key] {
						t.Errorf("%q: got %.200s, bleve's writer %.200s", key, got[0][key], got[1][key])
					}
				}
				t.Errorf("got %d terms, bleve's writer %d", len(got[0]), len(got[1]))
			}
		})
	}
}

func TestWriterWithoutSelfCheck(t *testing.T) {
	FailSelfCheck(t, errors.New("not what bleve reads"))
	w, err := newSegmentWriter(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.abort()
	if _, ok := w.(*bleveWriter); !ok {
		t.Errorf("got a %T", w)
	}
}

// TestBuilderFails has a file where a writer wants its directory.
func TestBuilderFails(t *testing.T) {
	for _, bleve := range []bool{false, true} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, storeDir), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := newBuilder(dir, time.Now(), &PublishOptions{BleveSegments: bleve}); err == nil {
			t.Errorf("bleve %v: no error", bleve)
		}
	}
}

// TestWriterFails takes the directory away from a writer. The error comes with a document, or in the end, and nothing hangs.
func TestWriterFails(t *testing.T) {
	docs := randomTerms(rand.New(rand.NewPCG(1, 2)), 30_000)
	for _, bleve := range []bool{false, true} {
		for _, after := range []int{0, 700, 29_999} {
			dir := t.TempDir()
			w, err := newSegmentWriter(dir, &PublishOptions{segmentDocs: 5000, partDocs: 2000, BleveSegments: bleve})
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range docs {
				if i == after {
					if err := os.Rename(filepath.Join(dir, storeDir), filepath.Join(dir, "gone")); err != nil {
						t.Fatal(err)
					}
				}
				if err = w.add(d); err != nil {
					break
				}
			}
			if err == nil {
				err = w.close()
			}
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("bleve %v, directory renamed after %d documents: got %v", bleve, after, err)
			}
			w.abort()
		}
	}
}

// TestWriterAborted ends writers anywhere.
func TestWriterAborted(t *testing.T) {
	docs := randomTerms(rand.New(rand.NewPCG(1, 2)), 3000)
	for _, bleve := range []bool{false, true} {
		for _, n := range []int{0, 1, 511, 512, 3000} {
			dir := t.TempDir()
			w, err := newSegmentWriter(dir, &PublishOptions{segmentDocs: 700, partDocs: 300, BleveSegments: bleve})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range docs[:n] {
				if err := w.add(d); err != nil {
					t.Fatal(err)
				}
			}
			w.abort()
			if _, err := os.Stat(filepath.Join(dir, "index_meta.json")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("bleve %v, %d documents: there is an index, %v", bleve, n, err)
			}
		}
	}
}

package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

func publish(t *testing.T, dir string, opts *PublishOptions, sources ...Source) *Manifest {
	t.Helper()
	m, err := Publish(context.Background(), dir, sources, opts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// manyFiles returns n files of a directory.
func manyFiles(n int, seen time.Time) []Document {
	docs := make([]Document, n)
	for i := range docs {
		docs[i] = entry("/", fmt.Sprintf("file%06d", i), File)
		docs[i].Seen = seen
	}
	return docs
}

// Rank is fixed when a generation is built, whatever is seen again later; the order by time seen is not. Both in one order agree.
func TestOrderOfWhatWasSeenAgain(t *testing.T) {
	dir := t.TempDir()
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	docs := manyFiles(40, first)
	for i := range docs {
		docs[i].ModTime, docs[i].Precision = first.AddDate(0, 0, 20*i), parse.Minute // some are of the future, for now
	}
	publish(t, dir, nil, source("a.example", 1, docs...))
	for i := range docs {
		docs[i].Seen = first.AddDate(1, 0, 0)
	}
	publish(t, dir, nil, source("a.example", 2, docs...))
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	by := func(keys ...query.SortKey) (names []string) {
		for o := (&SearchOptions{Limit: 7, Sort: keys}); ; {
			r, err := ix.Search(context.Background(), &query.All{}, o)
			if err != nil {
				t.Fatal(keys, err)
			}
			for _, h := range r.Hits {
				names = append(names, h.Name)
			}
			if o.After = r.Next; o.After == "" {
				return names
			}
		}
	}
	rank, seen := query.SortKey{Key: "rank"}, query.SortKey{Key: "seen"}
	want := by(rank)
	for _, keys := range [][]query.SortKey{{seen, rank}, {rank, seen}} {
		if got := by(keys...); len(got) != len(docs) || !slices.Equal(got, want) {
			t.Errorf("by %v: %q, want %q", keys, got, want)
		}
	}
}

func TestUnchangedServersStay(t *testing.T) {
	dir := t.TempDir()
	first, later := time.Unix(1_700_000_000, 0).UTC(), time.Unix(1_700_086_400, 0).UTC()
	a, b := manyFiles(300, first), manyFiles(200, first)
	old := publish(t, dir, nil, source("a.example", 1, a...), source("b.example", 1, b...))

	// Half of what b has was seen again, and nothing has changed.
	for i := range b[:100] {
		b[i].Seen = later
	}
	m := publish(t, dir, nil, source("b.example", 2, b...))
	if len(m.Generations) != 1 || m.Generations[0].Dir != old.Generations[0].Dir {
		t.Fatalf("generations %+v", m.Generations)
	}
	if s, _ := m.Server("b.example"); s.ArchiveSeq != 2 {
		t.Errorf("archive sequence %d", s.ArchiveSeq)
	}
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	count := func(from, to time.Time) int {
		r, err := ix.Search(context.Background(), &query.Date{Field: query.Seen, From: from, To: to}, &SearchOptions{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range r.Hits {
			if h.Seen.Before(from) || !h.Seen.Before(to) {
				t.Errorf("%s seen %v", h.URL(), h.Seen)
			}
		}
		return r.Total
	}
	if x, y := count(first, first.Add(time.Second)), count(later, later.Add(time.Second)); x != 400 || y != 100 {
		t.Errorf("seen first %d, later %d", x, y)
	}
	// It is kept by the next publication, and when the generation is written again.
	publish(t, dir, nil, source("c.example", 1, a[:5]...))
	if y := count(later, later.Add(time.Second)); y != 100 {
		t.Errorf("later, kept: %d", y)
	}
	m = publish(t, dir, &PublishOptions{Compact: true}, source("c.example", 2, a[:6]...))
	if len(m.Generations) != 2 || m.Docs() != 506 {
		t.Errorf("generations %+v", m.Generations)
	}
	if y := count(later, later.Add(time.Second)); y != 100 {
		t.Errorf("later, written again: %d", y)
	}

	// One document more, one less, one other: built again.
	for i, docs := range [][]Document{manyFiles(201, first), manyFiles(199, first), append(manyFiles(199, first), entry("/", "x", Dir))} {
		before, _ := m.Server("b.example")
		m = publish(t, dir, nil, source("b.example", uint64(i+3), docs...))
		if after, _ := m.Server("b.example"); after == before || after.Docs != len(docs) {
			t.Errorf("%d: %+v", i, after)
		}
		if got := searchAll(t, ix, &query.Text{Field: query.Host, Mode: query.Is, Value: "b.example"}); len(got) != len(docs) {
			t.Errorf("%d: %d documents, want %d", i, len(got), len(docs))
		}
	}
}

func TestSmallServersArePacked(t *testing.T) {
	dir := t.TempDir()
	ix := (*Index)(nil)
	var want []string
	for i := range 40 {
		host := fmt.Sprintf("h%02d.example", i)
		m := publish(t, dir, nil, source(host, 1, manyFiles(3+i, time.Time{})...))
		for k := range 3 + i {
			want = append(want, fmt.Sprintf("%s/file%06d", host, k))
		}
		if n := len(m.Generations); n > maxSmall+2 {
			t.Fatalf("%d generations", n)
		}
		if ix == nil {
			var err error
			if ix, err = Open(dir); err != nil {
				t.Fatal(err)
			}
			defer ix.Close()
		}
		if got := searchAll(t, ix, &query.All{}); i%13 == 0 && !slices.Equal(got, want) {
			t.Fatalf("after %d: %d documents, want %d", i, len(got), len(want))
		}
	}
	// What is out of date goes when it is more than a tenth.
	var docs int
	for i := range 20 {
		m := publish(t, dir, nil, source(fmt.Sprintf("h%02d.example", i), 2, entry("/", "new", File)))
		docs = 0
		for _, g := range m.Generations {
			docs += g.Docs
		}
		if docs > m.Docs()+m.Docs()/8+1 {
			t.Errorf("%d documents, %d of them in force", docs, m.Docs())
		}
	}
}

func TestCopiesAreCountedOverGenerations(t *testing.T) {
	dir := t.TempDir()
	big := func(name string, size int64) Document {
		d := entry("/", name, File)
		d.Size = size
		return d
	}
	publish(t, dir, nil, source("a.example", 1, big("README", 100), big("x.iso", 5000), big("y.iso", 5000)))
	publish(t, dir, nil, source("b.example", 1, big("README", 100), big("x.iso", 5000)))
	publish(t, dir, nil, source("c.example", 1, big("X.iso", 5000), big("x.iso", 5000), big("y.iso", 5001)))
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	three := &query.Number{Field: query.Copies, Lo: 3, Hi: 3}
	if got := searchAll(t, ix, three); len(got) != 3 {
		t.Errorf("three copies: %q", got)
	}
	r, err := ix.Search(context.Background(), three, &SearchOptions{Group: true})
	if err != nil || len(r.Hits) != 1 || len(r.Hits[0].Others) != 2 || r.Hits[0].Copies != 3 {
		t.Errorf("grouped: %+v %v", r, err)
	}
	if err := Drop(context.Background(), dir, "b.example"); err != nil {
		t.Fatal(err)
	}
	if got := searchAll(t, ix, &query.Number{Field: query.Copies, Lo: 2, Hi: 2}); len(got) != 2 {
		t.Errorf("two copies: %q", got)
	}
}

func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, nil, source("a.example", 1, manyFiles(100, time.Time{})...), source("b.example", 2, manyFiles(50, time.Time{})...))
	publish(t, dir, nil, source("c.example", 3, manyFiles(70, time.Time{})...))
	for _, tt := range []struct {
		keys []string
		docs int
	}{{nil, 220}, {[]string{"c.example"}, 70}, {[]string{"b.example", "c.example"}, 120}} {
		to := filepath.Join(t.TempDir(), "snap")
		m, err := Snapshot(context.Background(), dir, to, tt.keys...)
		if err != nil || m.Docs() != tt.docs {
			t.Fatalf("%q: %+v %v", tt.keys, m, err)
		}
		ix, err := Open(to)
		if err != nil {
			t.Fatal(err)
		}
		if got := searchAll(t, ix, &query.All{}); len(got) != tt.docs {
			t.Errorf("%q: %d documents", tt.keys, len(got))
		}
		ix.Close()
		if rep, err := Check(context.Background(), to, nil); err != nil || len(rep.Damage) > 0 || rep.Docs != tt.docs {
			t.Errorf("%q: %+v %v", tt.keys, rep, err)
		}
		// It lives on its own.
		if _, err := Publish(context.Background(), to, []Source{source("d.example", 1, entry("/", "x", File))}, nil); err != nil {
			t.Errorf("%q: %v", tt.keys, err)
		}
		if _, err := Snapshot(context.Background(), dir, to); err == nil {
			t.Error("no error for a directory that is not empty")
		}
	}
	if _, err := Snapshot(context.Background(), dir, filepath.Join(t.TempDir(), "s"), "z.example"); err == nil {
		t.Error("no error for an unknown server")
	}
	if rep, err := Check(context.Background(), dir, nil); err != nil || len(rep.Damage) > 0 || rep.Queries == 0 {
		t.Errorf("the index itself: %+v %v", rep, err)
	}
}

// Damage to any file is found by check, and never makes a search panic; at most it makes it fail, saying what to do.
func TestDamageIsReported(t *testing.T) {
	dir := t.TempDir()
	docs := manyFiles(3000, time.Time{})
	for i := range docs {
		docs[i].Size = int64(5000 + i)
	}
	m := publish(t, dir, nil, source("a.example", 1, docs...), source("b.example", 1, docs...))
	files := append(indexFiles(t, dir, m), filepath.Join(dir, manifestName))
	queries := []query.Expr{&query.All{}, &query.Text{Field: query.Name, Mode: query.Has, Value: "file0001"},
		&query.Number{Field: query.Size, Lo: 5001, Hi: 7777}, &query.Number{Field: query.Copies, Lo: 2, Hi: 9},
		&query.Text{Field: query.In, Mode: query.Has, Value: "/"}, &query.Text{Field: query.Path, Mode: query.Has, Value: "/file00"}}
	for _, path := range files {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		for what, bad := range map[string][]byte{
			"cut":     whole[:len(whole)/2],
			"zeroed":  append(slices.Clone(whole[:len(whole)/3]), make([]byte, len(whole)-len(whole)/3)...),
			"flipped": flip(whole),
		} {
			// A new file, because others may be mapped.
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			rep, err := Check(context.Background(), dir, nil)
			if err != nil || len(rep.Damage) == 0 {
				t.Errorf("%s %s: check says %v %v", name, what, rep, err)
			} else if msg := rep.Damage[0].Error(); !strings.Contains(msg, "ftpidx index rebuild") {
				t.Errorf("%s %s: %s", name, what, msg)
			}
			ix, err := Open(dir)
			if err == nil {
				for _, q := range queries {
					if _, err = ix.Search(context.Background(), q, &SearchOptions{Facets: FacetNames}); err != nil {
						break
					}
				}
				ix.Close()
			}
			var fe *FileError
			if err != nil && (!errors.As(err, &fe) || !strings.Contains(err.Error(), "ftpidx index rebuild")) {
				t.Errorf("%s %s: %v", name, what, err)
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Rebuilding works whatever there is.
	if err := os.WriteFile(filepath.Join(dir, manifestName), []byte(`{"format":77}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Publish(context.Background(), dir, nil, nil); !errors.Is(err, ErrVersion) {
		t.Errorf("publishing over another version: %v", err)
	}
	publish(t, dir, &PublishOptions{Replace: true}, source("a.example", 1, docs...))
	if rep, err := Check(context.Background(), dir, nil); err != nil || len(rep.Damage) > 0 || rep.Docs != len(docs) {
		t.Errorf("rebuilt: %+v %v", rep, err)
	}
	if list := left(t, dir); len(list) > 0 {
		t.Errorf("left behind: %q", list)
	}
}

func flip(b []byte) []byte {
	b = slices.Clone(b)
	b[len(b)*2/3] ^= 0x55
	return b
}

func TestLimitsCutButNeverLie(t *testing.T) {
	dir := t.TempDir()
	docs := manyFiles(2000, time.Time{})
	publish(t, dir, nil, source("a.example", 1, docs...))
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	pattern := &query.Not{Operand: &query.Text{Field: query.Name, Mode: query.Re, Value: "[0-4]$"}}
	r, err := ix.Search(context.Background(), pattern, &SearchOptions{MaxCost: 100})
	if err != nil || !r.Partial || r.Total > 1000 {
		t.Errorf("cost: %+v %v", r, err)
	}
	r, err = ix.Search(context.Background(), pattern, &SearchOptions{Timeout: time.Nanosecond})
	if err != nil || !r.Partial || r.Total > 1000 {
		t.Errorf("time: %+v %v", r, err)
	}
	r, err = ix.Search(context.Background(), pattern, &SearchOptions{MaxCost: 1e6, Timeout: time.Hour})
	if err != nil || r.Partial || r.Total != 1000 {
		t.Errorf("neither: %+v %v", r, err)
	}
}

package index

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index/query"
)

// failing is a source whose iterator ends with an error.
func failing(host string, err error, docs ...Document) Source {
	s := source(host, 2, docs...)
	whole := s.Documents
	s.Documents = func(yield func(*Document, error) bool) {
		for d := range whole {
			if !yield(d, nil) {
				return
			}
		}
		yield(nil, err)
	}
	return s
}

func TestBadSourceDoesNotKeepOthersOut(t *testing.T) {
	broken := errors.New("listing cannot be read")
	for name, bad := range map[string]Source{
		"order":            source("b.example", 2, entry("/", "y", File), entry("/", "x", File)),
		"directories":      source("b.example", 2, entry("/b", "x", File), entry("/a", "x", File)),
		"name":             source("b.example", 2, entry("/", "a/b", File)),
		"directory":        source("b.example", 2, entry("a", "b", File)),
		"error at once":    failing("b.example", broken),
		"error later":      failing("b.example", broken, entry("/", "new", File)),
		"same, then error": failing("b.example", broken, entry("/", "old", File)),
		"same, then order": source("b.example", 2, entry("/", "old", File), entry("/", "a", File)),
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			for _, published := range []bool{true, false} {
				dir := t.TempDir()
				want := []string{"a.example/a", "c.example/c"}
				if published {
					first := []Source{source("a.example", 1, entry("/", "before", File)), source("b.example", 1, entry("/", "old", File), entry("/", "z", File))}
					if _, err := Publish(ctx, dir, first, nil); err != nil {
						t.Fatal(err)
					}
					want = []string{"a.example/a", "b.example/old", "b.example/z", "c.example/c"}
				}
				m, err := Publish(ctx, dir, []Source{
					source("a.example", 2, entry("/", "a", File)), bad, source("c.example", 2, entry("/", "c", File)),
				}, nil)
				var se *SourceError
				if !errors.As(err, &se) || se.Key != "b.example" || m == nil {
					t.Fatalf("manifest %v, error %v", m, err)
				}
				if strings.Contains(name, "error") && !errors.Is(err, broken) {
					t.Errorf("%v does not wrap the error of the source", err)
				}
				if s, ok := m.Server("b.example"); ok != published || ok && s.ArchiveSeq != 1 {
					t.Errorf("b.example: %v %v", s, ok)
				}
				ix, err := Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				if got := searchAll(t, ix, &query.All{}); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
				ix.Close()
				if err := Drop(ctx, dir); err != nil { // which cleans
					t.Fatal(err)
				}
				if gens, _ := filepath.Glob(filepath.Join(dir, "gen-*")); len(gens) != len(m.Generations) {
					t.Errorf("%q left, %d generations", gens, len(m.Generations))
				}
			}
		})
	}
}

// However many are bad, a source is read three times at most: fed, looked at, and fed again.
func TestManyBadSources(t *testing.T) {
	const n = 50
	var sources []Source
	var reads [2 * n]int
	for i := range 2 * n {
		host := fmt.Sprintf("s%03d.example", i)
		s := source(host, 1, entry("/", "a", File), entry("/", "b", File))
		if i%2 == 1 {
			s = failing(host, errors.New("gone"), entry("/", "a", File))
		}
		all := s.Documents
		s.Documents = func(yield func(*Document, error) bool) {
			reads[i]++
			all(yield)
		}
		sources = append(sources, s)
	}
	m, err := Publish(context.Background(), t.TempDir(), sources, nil)
	if err == nil || strings.Count(err.Error(), "\n") != n-1 {
		t.Errorf("not one sentence a bad server: %v", err)
	}
	if m == nil || m.Docs() != 2*n || len(m.Generations) != 1 {
		t.Errorf("manifest %+v", m)
	}
	if most := slices.Max(reads[:]); most > 3 {
		t.Errorf("a source was read %d times", most)
	}
}

// The end of the context is not the fault of the source that notices it.
func TestPublishEndsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	bad := failing("b.example", context.Canceled, entry("/", "x", File))
	yielding := bad.Documents
	bad.Documents = func(yield func(*Document, error) bool) {
		cancel()
		yielding(yield)
	}
	dir := t.TempDir()
	m, err := Publish(ctx, dir, []Source{source("a.example", 1, entry("/", "a", File)), bad}, nil)
	var se *SourceError
	if m != nil || !errors.Is(err, context.Canceled) || errors.As(err, &se) {
		t.Errorf("manifest %v, error %v", m, err)
	}
	if gens, _ := filepath.Glob(filepath.Join(dir, "gen-*")); len(gens) > 0 {
		t.Errorf("left: %q", gens)
	}
}

package index

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// overtaken returns a source of b.example, while whose documents are read another publisher does its work.
func overtaken(work func()) Source {
	s := source("b.example", 1, entry("/", "b", File))
	all := s.Documents
	s.Documents = func(yield func(*Document, error) bool) {
		work()
		all(yield)
	}
	return s
}

func opened(t *testing.T, dir string) *Index {
	t.Helper()
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

func TestLatePublisherLeavesNewerDocuments(t *testing.T) {
	t.Parallel()
	older, newer := entry("/", "older", File), entry("/", "newer", File)
	same := func(seen int64) Document {
		d := entry("/", "same", File)
		d.Seen = time.Unix(seen, 0).UTC()
		return d
	}
	for _, tt := range []struct {
		name     string
		before   []Source // in force
		opts     PublishOptions
		old, new Source
		want     []string
		seq      uint64
	}{
		{"other documents", nil, PublishOptions{}, source("a.example", 1, older), source("a.example", 2, newer), []string{"a.example/newer", "b.example/b"}, 2},
		{"as many transactions", nil, PublishOptions{}, source("a.example", 2, older), source("a.example", 2, newer), []string{"a.example/older", "b.example/b"}, 2},
		{"fewer transactions", nil, PublishOptions{}, source("a.example", 3, older), source("a.example", 2, newer), []string{"a.example/older", "b.example/b"}, 3},
		{"none any more", nil, PublishOptions{}, source("a.example", 1, older), source("a.example", 2), []string{"b.example/b"}, 2},
		{"the same documents", []Source{source("a.example", 1, same(1e9))}, PublishOptions{},
			source("a.example", 2, same(2e9)), source("a.example", 3, same(3e9)), []string{"a.example/same", "b.example/b"}, 3},
		{"the same documents in a generation to be written again", []Source{source("a.example", 1, same(1e9)), source("b.example", 0, entry("/", "c", File))},
			PublishOptions{Compact: true}, source("a.example", 2, same(2e9)), source("a.example", 3, same(3e9)), []string{"a.example/same", "b.example/b"}, 3},
		{"a rebuild", nil, PublishOptions{Replace: true}, source("a.example", 1, older), source("a.example", 2, newer), []string{"a.example/older", "b.example/b"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.before != nil {
				publish(t, dir, nil, tt.before...)
			}
			m := publish(t, dir, &tt.opts, tt.old, overtaken(func() { publish(t, dir, nil, tt.new) }))
			if s, ok := m.Server("a.example"); !ok || s.ArchiveSeq != tt.seq {
				t.Errorf("a.example is published as of %d, want %d", s.ArchiveSeq, tt.seq)
			}
			ix := opened(t, dir)
			if got := searchAll(t, ix, &query.All{}); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.before != nil {
				seen := &query.Date{Field: query.Seen, From: time.Unix(3e9, 0), To: time.Unix(3e9+1, 0)}
				if got := searchAll(t, ix, seen); !slices.Equal(got, tt.want[:1]) {
					t.Errorf("seen last: %q, want %q", got, tt.want[:1])
				}
			}
			// What was built for nothing is not left behind.
			if err := Drop(context.Background(), dir); err != nil {
				t.Fatal(err)
			}
			if gens, _ := filepath.Glob(filepath.Join(dir, "gen-*")); len(gens) != len(m.Generations) {
				t.Errorf("%q left, %d generations", gens, len(m.Generations))
			}
			if rep, err := Check(context.Background(), dir, nil); err != nil || len(rep.Damage) > 0 {
				t.Errorf("check: %v %v", rep, err)
			}
		})
	}
}

// Whether a server is still wanted is asked when nobody can change the manifest any more, and only of those that were built.
func TestPublishAsksWhatToKeep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		opts   PublishOptions
		before []Source
		want   []string
		asked  []string
	}{
		{"a new server", PublishOptions{}, nil, []string{"b.example/b"}, []string{"a.example", "b.example"}},
		{"one in force", PublishOptions{Compact: true}, []Source{source("a.example", 1, entry("/", "old", File)), source("c.example", 1, entry("/", "c", File))},
			[]string{"a.example/old", "b.example/b", "c.example/c"}, []string{"a.example", "b.example"}},
		{"a rebuild", PublishOptions{Replace: true}, []Source{source("a.example", 1, entry("/", "old", File))}, []string{"b.example/b"}, []string{"a.example", "b.example"}},
		{"the same documents", PublishOptions{}, []Source{source("a.example", 1, entry("/", "a", File))}, []string{"a.example/a", "b.example/b"}, []string{"b.example"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if tt.before != nil {
				publish(t, dir, nil, tt.before...)
			}
			var asked []string
			tt.opts.Keep = func(key string) bool {
				if lock, free, err := lockFile(filepath.Join(dir, publisherLock), true, true); err != nil {
					t.Error(err)
				} else if free {
					t.Error("others can publish meanwhile")
					lock.Close()
				}
				asked = append(asked, key)
				return key != "a.example"
			}
			publish(t, dir, &tt.opts, source("a.example", 2, entry("/", "a", File)), source("b.example", 2, entry("/", "b", File)))
			if !slices.Equal(asked, tt.asked) {
				t.Errorf("asked of %q, want %q", asked, tt.asked)
			}
			ix := opened(t, dir)
			if got := searchAll(t, ix, &query.All{}); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

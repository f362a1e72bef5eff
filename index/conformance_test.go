package index_test

import (
	"context"
	"testing"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
)

// sources gives docs, which are in document order, server by server.
func sources(docs []*index.Document) []index.Source {
	var list []index.Source
	for i := 0; i < len(docs); {
		j := i
		for j < len(docs) && docs[j].Server.Key() == docs[i].Server.Key() {
			j++
		}
		part := docs[i:j]
		list = append(list, index.Source{Server: part[0].Server, ArchiveSeq: 1, Documents: func(yield func(*index.Document, error) bool) {
			for _, d := range part {
				if !yield(d, nil) {
					return
				}
			}
		}})
		i = j
	}
	return list
}

func open(t testing.TB, dir string) *index.Index {
	t.Helper()
	ix, err := index.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

func TestConformance(t *testing.T) {
	t.Run("OneGeneration", func(t *testing.T) {
		indextest.Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
			dir := t.TempDir()
			if _, err := index.Publish(context.Background(), dir, sources(docs), nil); err != nil {
				t.Fatal(err)
			}
			return open(t, dir)
		})
	})
	t.Run("BleveSegments", func(t *testing.T) {
		indextest.Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
			dir := t.TempDir()
			if _, err := index.Publish(context.Background(), dir, sources(docs), &index.PublishOptions{BleveSegments: true}); err != nil {
				t.Fatal(err)
			}
			return open(t, dir)
		})
	})
	t.Run("ManyGenerations", func(t *testing.T) {
		indextest.Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
			dir := t.TempDir()
			if _, err := index.Publish(context.Background(), dir, nil, nil); err != nil {
				t.Fatal(err)
			}
			for _, s := range sources(docs) {
				if _, err := index.Publish(context.Background(), dir, []index.Source{s}, nil); err != nil {
					t.Fatal(err)
				}
			}
			return open(t, dir)
		})
	})
}

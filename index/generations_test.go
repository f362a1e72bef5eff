package index_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/parse"
)

// manyServers returns the documents of n servers of 12 documents each; half of these have copies on all others.
func manyServers(n int) (docs []*index.Document) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for k := range n {
		s := &index.Server{Scheme: "ftp", Host: fmt.Sprintf("ftp%03d.site%d.example", k, k%7), Port: 21}
		add := func(dir, name string, typ index.Type, size int64) {
			docs = append(docs, &index.Document{Server: s, Dir: dir, Name: name, Type: typ, Size: size, Seen: now, Perm: 0o644, Copies: 1,
				ModTime: now.AddDate(0, 0, -k-len(name)), Precision: parse.Minute})
		}
		add("/", "README", index.File, int64(k))
		add("/", "pub", index.Dir, -1)
		for i := range 5 {
			add("/pub", fmt.Sprintf("Mirror-%d.tar.gz", i), index.File, 1<<20+int64(i))
			docs[len(docs)-1].Copies = n
			add("/pub", fmt.Sprintf("own-%d-%d.txt", k, i), index.File, 8000+int64(k))
		}
	}
	indextest.SortDocuments(docs)
	return docs
}

// Two hundred generations answer as one does.
func TestTwoHundredGenerations(t *testing.T) {
	t.Parallel()
	n := 200
	if testing.Short() {
		n = 40
	}
	docs := manyServers(n)
	dir := t.TempDir()
	if err := index.PublishInGenerations(dir, sources(docs), 1); err != nil {
		t.Fatal(err)
	}
	ix := open(t, dir)
	if m, err := ix.Manifest(); err != nil || len(m.Generations) != n {
		t.Fatalf("%d generations, %v", len(m.Generations), err)
	}
	queries := []string{
		"", "readme", "README case:yes", "mirror gz", "own-7", "pub readme", "site3 txt", "*.txt", "/-1[0-9]-4/", "ext:gz", "type:dir", "size:>1m",
		"date:2026-10", "copies:>1 mirror-3", "in:/pub -gz", "host:site5.example", "zzqxjv", "e sort:-size", "sort:name", "gz sort:-date,path",
	}
	if err := indextest.Compare(ix, docs, queries); err != nil {
		t.Error(err)
	}
}

// BenchmarkOpen opens and closes an index of as many generations.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			if err := index.PublishInGenerations(dir, sources(manyServers(n)), 1); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				ix, err := index.Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				ix.Close()
			}
		})
	}
}

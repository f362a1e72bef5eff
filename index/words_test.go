package index_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/parse"
)

// Words in names, above, and in both: where the trigrams of a word stand in several directories and the word in none, where directories are
// not listed, where they begin and end at the same document, and where they go on from one segment to the next.
func TestWordsAboveAndInNames(t *testing.T) {
	s := &index.Server{Scheme: "ftp", Host: "archive.example", Port: 21}
	var docs []*index.Document
	add := func(path string, typ index.Type) {
		i := strings.LastIndexByte(path, '/')
		docs = append(docs, &index.Document{Server: s, Dir: max(path[:i], "/"), Name: path[i+1:], Type: typ, Size: -1, Perm: parse.NoPerm})
	}
	add("/python", index.Dir)
	add("/test", index.Dir)
	add("/TESTS.txt", index.File)
	for i := range 40 {
		add(fmt.Sprintf("/python/pkg-%02d", i), index.Dir)
	}
	for i := range 40 {
		add(fmt.Sprintf("/python/pkg-%02d/test_it.py", i), index.File)
		add(fmt.Sprintf("/python/pkg-%02d/src/only/here/python.c", i), index.File) // /src and /src/only are listed nowhere
	}
	for i := range 30 {
		add(fmt.Sprintf("/test/a/python%d", i), index.File)
	}
	add("/test/pyt/yth/tho/hon/tests", index.File) // python is in no name above
	add("/xabc/bcdx/file test", index.File)        // its trigrams stand in no name of a document
	indextest.SortDocuments(docs)
	indextest.CountCopies(docs)
	queries := []string{
		"python test", "test python", "python src", "only here", "only python test", "abcd file", "abcd test", "xabc bcdx file", "xabc file",
		"python tests", "PYTHON test case:yes", "TESTS archive", "archive python src", "pkg it", "py te", "p t", "c src", "src c python",
		"zzz python", "zzz test archive", "hon tests", "python python1", "in:python test -pkg-01", "path:python", "path:abcd", "path:only",
		"python test sort:-path", "python | test", "name:python name:test", "name:test_it name:pkg", "pyth ytho thon",
	}
	for name, build := range map[string]func(dir string) error{
		"one segment":   func(dir string) error { return index.PublishInSegments(dir, sources(docs), 1<<20, false) },
		"many segments": func(dir string) error { return index.PublishInSegments(dir, sources(docs), 17, false) },
		"bleve":         func(dir string) error { return index.PublishInSegments(dir, sources(docs), 17, true) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := build(dir); err != nil {
				t.Fatal(err)
			}
			ix := open(t, dir)
			for range 2 {
				if err := indextest.Compare(ix, docs, queries); err != nil {
					t.Error(err)
				}
				ix.LikeLarge()
			}
		})
	}
}

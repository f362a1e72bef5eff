package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// source gives docs, which it sets the server of.
func source(host string, seq uint64, docs ...Document) Source {
	s := &Server{Scheme: "ftp", Host: host, Port: 21}
	return Source{Server: s, ArchiveSeq: seq, Documents: func(yield func(*Document, error) bool) {
		for i := range docs {
			d := docs[i]
			d.Server = s
			if !yield(&d, nil) {
				return
			}
		}
	}}
}

func entry(dir, name string, typ Type) Document {
	d := Document{Dir: dir, Name: name, Type: typ, Size: -1, Perm: parse.NoPerm}
	if typ == File {
		d.Size = int64(len(name))
	}
	return d
}

func searchAll(t *testing.T, ix *Index, e query.Expr) []string {
	t.Helper()
	r, err := ix.Search(context.Background(), e, &SearchOptions{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range r.Hits {
		got = append(got, h.Server.Key()+h.Path())
	}
	slices.Sort(got)
	if r.Total != len(got) {
		t.Errorf("total %d, %d hits", r.Total, len(got))
	}
	return got
}

func TestPublishReplacesAndKeeps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	if _, err := Open(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("opening nothing: %v", err)
	}
	ctx := context.Background()
	m, err := Publish(ctx, dir, []Source{
		source("b.example", 7, entry("/", "pub", Dir), entry("/pub", "wget.tar", File)),
		source("a.example", 3, entry("/", "README", File)),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := m.Server("b.example"); !ok || s.ArchiveSeq != 7 || s.Docs != 2 || m.Docs() != 3 {
		t.Errorf("manifest %+v", m)
	}
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	want := []string{"a.example/README", "b.example/pub", "b.example/pub/wget.tar"}
	if got := searchAll(t, ix, &query.All{}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	// One server anew: seen at the next query, the other kept.
	if _, err := Publish(ctx, dir, []Source{source("b.example", 8, entry("/", "incoming", Dir))}, nil); err != nil {
		t.Fatal(err)
	}
	want = []string{"a.example/README", "b.example/incoming"}
	if got := searchAll(t, ix, &query.All{}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := Drop(ctx, dir, "a.example", "unknown.example"); err != nil {
		t.Fatal(err)
	}
	if got := searchAll(t, ix, &query.All{}); !slices.Equal(got, want[1:]) {
		t.Errorf("got %q, want %q", got, want[1:])
	}
	// The generation that nobody uses any more goes with the next publication.
	if err := Drop(ctx, dir); err != nil {
		t.Fatal(err)
	}
	gens, err := filepath.Glob(filepath.Join(dir, "gen-*"))
	if err != nil || len(gens) != 1 {
		t.Errorf("left: %q %v", gens, err)
	}
}

func TestPublishFailureKeepsOld(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	if _, err := Publish(ctx, dir, []Source{source("a.example", 1, entry("/", "README", File))}, nil); err != nil {
		t.Fatal(err)
	}
	for name, docs := range map[string][]Document{
		"names":       {entry("/", "b", File), entry("/", "a", File)},
		"directories": {entry("/b", "x", File), entry("/a", "x", File)},
		"own entries": {entry("/a/b", "x", File), entry("/a", "x", File)},
		"slash":       {entry("/", "a/b", File)},
		"relative":    {entry("a", "b", File)},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Publish(ctx, dir, []Source{source("a.example", 2, docs...)}, nil); err == nil {
				t.Error("no error")
			}
			m, err := readManifest(dir)
			if err != nil || m.Seq != 1 {
				t.Errorf("manifest %+v, %v", m, err)
			}
			gens, _ := filepath.Glob(filepath.Join(dir, "gen-*"))
			if len(gens) != 1 {
				t.Errorf("left: %q", gens)
			}
		})
	}
}

func TestDocumentsComeBackWhole(t *testing.T) {
	dir := t.TempDir()
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	var docs []Document
	for i := range 300 {
		d := entry("/", fmt.Sprintf("f%03d", i), File)
		switch i % 4 {
		case 0:
			d.Type, d.Size, d.Target = Link, -1, "../x\xff y"
		case 1:
			d.ModTime, d.Precision = day.Add(time.Duration(i)*time.Second+123456789), parse.Subsecond
			d.Perm, d.Mode, d.Owner, d.Group = 0o644, "rw-r--r--+", "root", "users"
		case 2:
			d.ModTime, d.Precision, d.Size = day.AddDate(-100, 0, i), parse.Day, 1<<62
			d.Added, d.Seen = day, day.Add(time.Hour)
		}
		docs = append(docs, d)
	}
	for _, sub := range []string{"/f000", "/f000/deep/er", "/f001", "/f001-x"} {
		docs = append(docs, entry(sub, "caf\xe9", Other), entry(sub, "z", File))
	}
	src := source("u@h.example", 1, docs...)
	src.Server.User, src.Server.Host, src.Server.LoginDir, src.Server.Scheme, src.Server.Port = "u", "h.example", "/home/u", "ftpes", 2121
	if _, err := Publish(context.Background(), dir, []Source{src}, nil); err != nil {
		t.Fatal(err)
	}
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	r, err := ix.Search(context.Background(), &query.All{}, &SearchOptions{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Document{}
	for _, h := range r.Hits {
		h.Document.Copies = 0
		got[h.Path()] = h.Document
	}
	for _, d := range docs {
		d.Server = src.Server
		if diff := cmp.Diff(d, got[d.Path()]); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestBleveOpensGenerations(t *testing.T) {
	dir := t.TempDir()
	m, err := Publish(context.Background(), dir, []Source{source("a.example", 1,
		entry("/", "Wget-1.5.tar.gz", File), entry("/", "wget", Dir), entry("/wget", "x.GZ", File))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ix, err := bleve.OpenUsing(filepath.Join(dir, m.Generations[0].Dir), map[string]any{"read_only": true})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	for _, tt := range []struct {
		field, term string
		want        uint64
	}{{fieldWord, "wget", 2}, {fieldExt, "gz", 2}, {fieldHost, "a.example", 3}, {fieldType, "dir", 1}, {fieldGram, "gz\x03", 2}} {
		q := bleve.NewTermQuery(tt.term)
		q.SetField(tt.field)
		r, err := ix.Search(bleve.NewSearchRequest(q))
		if err != nil || r.Total != tt.want {
			t.Errorf("%s:%s: got %v, want %d (%v)", tt.field, tt.term, r, tt.want, err)
		}
	}
}

func TestUnusableIndexSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	if _, err := Publish(context.Background(), dir, []Source{source("a.example", 1, entry("/", "README", File))}, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, manifestName)
	for text, want := range map[string]error{`{"format":99}`: ErrVersion, `{"for`: ErrCorrupt,
		`{"format":3,"generations":[{"dir":"gen-77","docs":1,"servers":[]}]}`: ErrCorrupt} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var fe *FileError
		if _, err := Open(dir); !errors.Is(err, want) || !errors.As(err, &fe) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

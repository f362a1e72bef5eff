package index_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// An index of each format ever released is kept in testdata/index/v<format>, one made by package segment and one by bleve's own
// code: what users have on disk has to be read for ever, or refused by its version. They are made once, by
//
//	go test ./index -run TestKept -keep-index
//
// when index.Format has grown, and never again: a difference is a change of the format, or of what is found.
var keepIndex = flag.Bool("keep-index", false, "make the indexes of this format in testdata/index, where there are none")

var (
	keptDir = filepath.Join("..", "testdata", "index", fmt.Sprintf("v%d", index.Format))
	keptNow = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

// keptServers returns the documents of three servers: two mirrors, of which one is a login of a user elsewhere than in "/", and a
// machine with odd names. Each directory of the mirrors has what the others have with other numbers.
func keptServers(seen time.Time) (servers [3][]*index.Document) {
	day := func(n int) time.Time { return keptNow.AddDate(0, 0, -n) }
	for k, s := range []*index.Server{
		{Scheme: "ftp", Host: "mirror.example", Port: 21},
		{Scheme: "ftpes", User: "bob", Host: "mirror.example", Port: 2121, LoginDir: "/home/bob"},
	} {
		add := func(dir, name string, typ index.Type, size int64, mod time.Time) *index.Document {
			d := &index.Document{Server: s, Dir: dir, Name: name, Type: typ, Size: size, ModTime: mod, Precision: parse.Minute,
				Perm: 0o644, Mode: "-rw-r--r--", Owner: "ftp", Group: "ftp", Seen: seen}
			servers[k] = append(servers[k], d)
			return d
		}
		add("/", "README", index.File, 1234, day(40))
		add("/", "latest", index.Link, -1, day(1)).Target = "pub/v09"
		add("/", "pub", index.Dir, -1, day(1))
		for v := range 10 {
			add("/pub", fmt.Sprintf("v%02d", v), index.Dir, -1, day(100*(9-v)))
		}
		for v := range 10 {
			dir := fmt.Sprintf("/pub/v%02d", v)
			for _, name := range []string{"CHANGES.txt", "SHA256SUMS", "wget-1.%d.tar.gz", "wget-1.%d.tar.gz.sig", "wget-1.%d.zip", "wget_1.%d-1_amd64.deb"} {
				if name[0] == 'w' {
					name = fmt.Sprintf(name, v)
				}
				add(dir, name, index.File, int64(1000*(v+1)+len(name)), day(100*(9-v)))
			}
			add(dir, "x", index.Dir, -1, day(100*(9-v))).Added = day(100 * (9 - v))
		}
	}
	odd := &index.Server{Scheme: "ftp", Host: "odd.example", Port: 21, Charset: "iso-8859-1"}
	for i, name := range []string{
		" leading", "-dash", "CON.TXT", "Caf\xe9.txt", "README;1", "a\x01b", "na\xefve caf\xe9 menu.PDF", "wget", "\xe9t\xe9", "\xff\xfe",
	} {
		d := &index.Document{Server: odd, Dir: "/", Name: name, Type: index.File, Size: -1, Perm: parse.NoPerm, Seen: seen}
		if i == 9 {
			d.Type = index.Other
		}
		servers[2] = append(servers[2], d)
	}
	return servers
}

// makeKept makes an index in dir: two generations, a server in one of them that is not in force, and one seen again later.
func makeKept(dir string, bleve bool) error {
	servers := keptServers(keptNow)
	var gone []*index.Document
	for _, d := range servers[0][:13] {
		c := *d
		c.Server = &index.Server{Scheme: "ftp", Host: "gone.example", Port: 21}
		gone = append(gone, &c)
	}
	later := keptServers(keptNow.AddDate(0, 0, 7))[2]
	for _, docs := range [][]*index.Document{slices.Concat(servers[0], gone, servers[1]), servers[2], later} {
		if _, err := index.Publish(context.Background(), dir, sources(docs), &index.PublishOptions{BleveSegments: bleve}); err != nil {
			return err
		}
	}
	return index.Drop(context.Background(), dir, "gone.example")
}

// keptQueries are queries with what they find: how many, and the first by rank.
var keptQueries = []struct {
	query string
	total int
	first string
}{
	{"", 176, "ftp://bob@mirror.example:2121/%2FREADME"},
	{"wget", 81, "ftp://odd.example/wget"},
	{"readme", 3, "ftp://bob@mirror.example:2121/%2FREADME"},
	{"get-1.7", 6, "ftp://bob@mirror.example:2121/%2Fpub/v07/wget-1.7.zip"},
	{"*.tar.gz", 20, "ftp://bob@mirror.example:2121/%2Fpub/v06/wget-1.6.tar.gz"},
	{"ext:deb host:bob@mirror.example", 10, "ftp://bob@mirror.example:2121/%2Fpub/v06/wget_1.6-1_amd64.deb"},
	{"café", 2, "ftp://odd.example/Caf%E9.txt"},
	{"type:dir", 42, "ftp://bob@mirror.example:2121/%2Fpub/"},
	{"size:>9000", 24, "ftp://bob@mirror.example:2121/%2Fpub/v08/SHA256SUMS"},
	{"date:2026", 70, "ftp://bob@mirror.example:2121/%2FREADME"},
	{"in:/pub/v03 -wget", 6, "ftp://bob@mirror.example:2121/%2Fpub/v03/SHA256SUMS"},
	{"copies:2 changes", 12, "ftp://bob@mirror.example:2121/%2Fpub/v06/CHANGES.txt"}, // small files are not compared
	{"/^wget.*[02468].zip$/", 10, "ftp://bob@mirror.example:2121/%2Fpub/v06/wget-1.6.zip"},
	{"target:v09", 2, "ftp://bob@mirror.example:2121/%2Flatest"},
	{"seen:>2026-11-05", 10, "ftp://odd.example/a%01b"},
	{"added:2024", 6, "ftp://bob@mirror.example:2121/%2Fpub/v00/x/"},
	{"type:other", 1, "ftp://odd.example/%FF%FE"},
	{"zzqxjv", 0, ""},
}

func TestKeptIndexes(t *testing.T) {
	for _, name := range []string{"segment", "bleve"} {
		t.Run(name, func(t *testing.T) {
			kept := filepath.Join(keptDir, name)
			if _, err := os.Stat(kept); *keepIndex && errors.Is(err, fs.ErrNotExist) {
				if err := makeKept(kept, name == "bleve"); err != nil {
					t.Fatal(err)
				}
			}
			before, size := sumTree(t, kept)
			if size > 200<<10 {
				t.Errorf("%d bytes are too many to keep", size)
			}
			// Damage, if reading does any, is not to be kept.
			dir := filepath.Join(t.TempDir(), "index")
			if err := os.CopyFS(dir, os.DirFS(kept)); err != nil {
				t.Fatal(err)
			}
			ix := open(t, dir)
			for _, q := range keptQueries {
				p, err := query.Parse(q.query, &query.Options{Now: keptNow})
				if err != nil {
					t.Fatal(err)
				}
				r, err := ix.Search(context.Background(), p.Expr, nil)
				if err != nil {
					t.Fatalf("%s: %v", q.query, err)
				}
				first := ""
				if len(r.Hits) > 0 {
					first = r.Hits[0].URL()
				}
				if r.Total != q.total || first != q.first {
					t.Errorf("{%q, %d, %q}, want %d, %q", q.query, r.Total, first, q.total, q.first)
				}
			}
			compareKept(t, ix)
			rep, err := index.Check(context.Background(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(rep.Damage) > 0 || rep.Docs != 176 || rep.Generations != 2 || rep.Queries < 100 {
				t.Errorf("%v, damage %v", rep, rep.Damage)
			}
			if after, _ := sumTree(t, dir); !maps.Equal(before, after) {
				t.Errorf("reading has changed it: %s", cmp.Diff(before, after))
			}
		})
	}
}

// An index of a format before this one is refused with what to do about it.
func TestFormerFormatsAreRefused(t *testing.T) {
	t.Parallel()
	for v := 1; v < index.Format; v++ {
		for _, name := range []string{"segment", "bleve"} {
			_, err := index.Open(filepath.Join("..", "testdata", "index", fmt.Sprintf("v%d", v), name))
			if !errors.Is(err, index.ErrVersion) || !strings.Contains(err.Error(), "ftpidx index rebuild") {
				t.Errorf("v%d/%s: got %v", v, name, err)
			}
		}
	}
}

// compareKept checks that all documents come back as they were when the index was made.
func compareKept(t *testing.T, ix *index.Index) {
	servers := keptServers(keptNow)
	servers[2] = keptServers(keptNow.AddDate(0, 0, 7))[2]
	r, err := ix.Search(context.Background(), &query.All{}, &index.SearchOptions{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]index.Document{}
	for _, h := range r.Hits {
		h.Copies = 0
		got[h.Server.Key()+h.Path()] = h.Document
	}
	for _, d := range slices.Concat(servers[:]...) {
		if diff := cmp.Diff(*d, got[d.Server.Key()+d.Path()]); diff != "" {
			t.Fatal(diff)
		}
	}
}

// sumTree returns the checksum of each file in dir, and the bytes of all.
func sumTree(t *testing.T, dir string) (sums map[string]uint32, size int) {
	t.Helper()
	sums = map[string]uint32{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, path)
		sums[path] = crc32.ChecksumIEEE(b)
		size += len(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums, size
}

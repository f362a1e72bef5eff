package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/parse"
)

// pageNow is the time at which the pages of the tests are looked at.
var pageNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// hostileNames are names that want to be something else on a page, with what is to be read there.
var hostileNames = []struct{ name, shown string }{
	{`<script>document.title='owned'`, `<script>document.title='owned'`},
	{`<img src=x onerror=document.title='owned'>`, `<img src=x onerror=document.title='owned'>`},
	{`javascript:document.title='owned'`, `javascript:document.title='owned'`},
	{`" onfocus="document.title='owned'" autofocus="`, `" onfocus="document.title='owned'" autofocus="`},
	{`'"><svg onload=document.title='owned'>`, `'"><svg onload=document.title='owned'>`},
	{"{{.}}${7*7}<!--<title>", "{{.}}${7*7}<!--<title>"},
	{"report\u202egpj.exe", `report\u{202e}gpj.exe`},
	{"isolate\u2067\u2066x\u2069.txt", `isolate\u{2067}\u{2066}x\u{2069}.txt`},
	{"two\nlines\r.txt", `two\x0alines\x0d.txt`},
	{"nul\x00esc\x1b[31m.txt", `nul\x00esc\x1b[31m.txt`},
	{"caf\xe9.txt", "café.txt"},
	{"שלום עולם.txt", "שלום עולם.txt"},
	{"&lt;b&gt;&amp;&#x3c;.txt", "&lt;b&gt;&amp;&#x3c;.txt"},
	{"a%2Fb%00?q=1#top", "a%2Fb%00?q=1#top"},
}

// A shelf is a directory of a server of the tests.
type shelf struct {
	host, dir string
	entries   []string // NAME SIZE TIME; "/" at the end of the name makes a directory, "-" is not known
}

var shelves = []shelf{
	{"ftp.linux.example", "/", []string{"pub/ - 2026-10-30T09:15", "welcome.msg 812 2011-02-03"}},
	{"ftp.linux.example", "/pub", []string{"linux/ - 2026-11-02T18:00", "gnu/ - 2026-08-14", "README 1843 2019-06-01"}},
	{"ftp.linux.example", "/pub/gnu", []string{"wget/ - 2024-03-11"}},
	{"ftp.linux.example", "/pub/gnu/wget", []string{
		"wget-1.24.5.tar.gz 5000000 2024-03-10", "wget-1.24.5.tar.gz.sig 854 2024-03-10", "wget-1.21.4.tar.gz 4936731 2023-05-11T00:30", "wget2-2.1.0.tar.lz 2478000 2023-08-31"}},
	{"ftp.linux.example", "/pub/linux", []string{
		"ubuntu/ - 2024-04-25", "debian-12.5.0-amd64-netinst.iso 659554304 2024-02-10", "linux-6.8.tar.xz 142536064 2024-03-10T21:04:33", "latest.iso -> debian-12.5.0-amd64-netinst.iso"}},
	{"ftp.linux.example", "/pub/linux/ubuntu", []string{
		"ubuntu-24.04-desktop-amd64.iso 6114656256 2024-04-24", "ubuntu-24.04-live-server-amd64.iso 2754981888 2024-04-23T12:46",
		"ubuntu-22.04-server-amd64.iso 1474873344 2022-04-21", "SHA256SUMS 202 2024-04-25", "SHA256SUMS.gpg 833 2024-04-25"}},
	{"mirror.uni.example", "/", []string{"gnu/ - 2024-03-11", "doc/ - 2024-01-05", "ubuntu/ - 2024-04-25"}},
	{"mirror.uni.example", "/gnu", []string{"wget/ - 2024-03-11", "readme.txt 0 2026-11-20T08:30"}},
	{"mirror.uni.example", "/gnu/wget", []string{"wget-1.24.5.tar.gz 5000000 2024-03-11T02:00", "wget-1.21.4.tar.gz 4936731 2023-05-11"}},
	{"mirror.uni.example", "/ubuntu", []string{"ubuntu-24.04-desktop-amd64.iso 6114656256 2024-04-25T01:12", "ubuntu-22.04-server-amd64.iso 1474873344 2022-04-22"}},
	{"mirror.uni.example", "/doc", []string{"Résumé.pdf 73400 2024-01-05", "straße.txt 11 2019-12-31", "ｶﾀﾛｸﾞ.txt 12 2020-01-01", "日本語の説明.txt 5210 2004-07-07"}},
	{"retro.example:2121", "/", []string{"games/ - 1999-07-07", "README 50 -", ".profile - 2000-01-01"}},
	{"retro.example:2121", "/games", []string{"[1999] Foo (demo).zip 734003200 1999-07-07", "foo_bar.lha 734100000 1994-05-05", "Pink Floyd - Time.mp3 6900000 2005-02-02", "wget-1.24.5.tar.gz 5000000 2024-05-01"}},
}

// pageDocuments returns the documents of the shelves, of a server full of hostile names, and of one with many files.
func pageDocuments(t testing.TB) []*index.Document {
	t.Helper()
	servers := map[string]*index.Server{}
	var docs []*index.Document
	add := func(host, dir string, e *parse.Entry) {
		s := servers[host]
		if s == nil {
			name, port, _ := strings.Cut(host, ":")
			s = &index.Server{Scheme: "ftp", Host: name, Port: 21}
			if port != "" {
				s.Port = 2121
			}
			servers[host] = s
		}
		docs = append(docs, index.NewDocument(s, dir, e, time.Time{}, time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)))
	}
	for _, sh := range shelves {
		for _, line := range sh.entries {
			add(sh.host, sh.dir, shelfEntry(t, line))
		}
	}
	for _, h := range hostileNames {
		add("hostile.example", "/pub", &parse.Entry{Name: h.name, Type: parse.File, Size: 4242, Perm: parse.NoPerm, Links: -1, ModTime: pageNow.AddDate(-1, 0, 0), Precision: parse.Day})
	}
	add("hostile.example", "/pub", &parse.Entry{Name: `"><script>alert(1)`, Type: parse.Dir, Size: -1, Perm: parse.NoPerm, Links: -1})
	add("hostile.example", `/pub/"><script>alert(1)`, &parse.Entry{Name: "inside", Type: parse.Link, Target: "javascript:alert(1)\u202e", Size: -1, Perm: parse.NoPerm, Links: -1})
	for i := range 120 {
		add("many.example", "/photos/2003", &parse.Entry{Name: fmt.Sprintf("holiday-%03d.jpg", i), Type: parse.File, Size: int64(100_000 + 7919*i%50_000), Perm: parse.NoPerm, Links: -1,
			ModTime: time.Date(2003, 7, 1+i/10, 10, i%60, 0, 0, time.UTC), Precision: parse.Minute})
	}
	indextest.SortDocuments(docs)
	return docs
}

func shelfEntry(t testing.TB, line string) *parse.Entry {
	t.Helper()
	e := &parse.Entry{Type: parse.File, Size: -1, Perm: parse.NoPerm, Links: -1}
	if name, target, ok := strings.Cut(line, " -> "); ok {
		e.Name, e.Target, e.Type = name, target, parse.Link
		return e
	}
	i := strings.LastIndexByte(line, ' ')
	j := strings.LastIndexByte(line[:i], ' ')
	e.Name = line[:j]
	if strings.HasSuffix(e.Name, "/") {
		e.Name, e.Type = e.Name[:len(e.Name)-1], parse.Dir
	}
	if size := line[j+1 : i]; size != "-" {
		fmt.Sscan(size, &e.Size)
	}
	if at := line[i+1:]; at != "-" {
		form := map[int]string{10: "2006-01-02", 16: "2006-01-02T15:04", 19: "2006-01-02T15:04:05"}[len(at)]
		var err error
		if e.ModTime, err = time.Parse(form, at); err != nil {
			t.Fatal(err)
		}
		e.Precision = map[int]parse.Precision{10: parse.Day, 16: parse.Minute, 19: parse.Second}[len(at)]
	}
	return e
}

// pageIndex publishes docs, which are in document order, and opens the index.
func pageIndex(t testing.TB, docs []*index.Document) *index.Index {
	t.Helper()
	var sources []index.Source
	for i := 0; i < len(docs); {
		j := i
		for j < len(docs) && docs[j].Server.Key() == docs[i].Server.Key() {
			j++
		}
		part := docs[i:j]
		sources = append(sources, index.Source{Server: part[0].Server, ArchiveSeq: 1, Documents: func(yield func(*index.Document, error) bool) {
			for _, d := range part {
				if !yield(d, nil) {
					return
				}
			}
		}})
		i = j
	}
	dir := t.TempDir()
	if _, err := index.Publish(context.Background(), dir, sources, nil); err != nil {
		t.Fatal(err)
	}
	ix, err := index.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ix.Close() })
	return ix
}

// pageStatuses are servers as a crawl leaves them.
func pageStatuses() ([]ServerStatus, error) {
	day := time.Date(2026, 11, 20, 3, 12, 0, 0, time.UTC)
	return []ServerStatus{
		{Key: "ftp.linux.example", URL: "ftp://ftp.linux.example/", State: "complete", Ended: day, Entries: 24, Dirs: 6, Charset: "utf-8", Zone: "UTC"},
		{Key: "hostile.example", URL: "javascript:alert(1)", State: "<b>odd</b>", Error: "550 <script>alert(1)</script>", Entries: 16, Dirs: 2},
		{Key: "mirror.uni.example", URL: "ftp://mirror.uni.example/", State: "incomplete", Ended: day.AddDate(0, 0, -9), Entries: 11, Dirs: 97,
			Missing: []Missing{{Reason: "permission denied", Dirs: 12}, {Reason: "timed out", Dirs: 1}}},
		{Key: "gone.example", URL: "ftp://gone.example/", State: "stopped", Error: "no such host", Dirs: 0},
	}, nil
}

// pageServer serves the pages of an index that everything of the tests is in.
func pageServer(t testing.TB) *httptest.Server {
	t.Helper()
	s := &Server{Index: pageIndex(t, pageDocuments(t)), Servers: pageStatuses, Now: func() time.Time { return pageNow }}
	ts := httptest.NewServer(s.Handler())
	t.Cleanup(ts.Close)
	return ts
}

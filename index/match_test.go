package index_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// document makes a document of words: a pathname first, then size=, date=, perm=, type= and the like. Without a type
// it is a file, or a directory if the pathname ends in a slash.
func document(t testing.TB, text string) *index.Document {
	t.Helper()
	f := strings.Fields(text)
	d := &index.Document{Server: &index.Server{Scheme: "ftp", Host: "ftp.linux.example", Port: 21}, Size: -1, Perm: parse.NoPerm}
	path, isDir := strings.CutSuffix(f[0], "/")
	if isDir {
		d.Type = index.Dir
	}
	path = strings.ReplaceAll(path, "%20", " ")
	i := strings.LastIndexByte(path, '/')
	d.Dir, d.Name = max(path[:i], "/"), path[i+1:]
	at := func(s string) (time.Time, parse.Precision) {
		for _, form := range []struct {
			layout string
			p      parse.Precision
		}{{"2006-01-02", parse.Day}, {"2006-01-02T15:04", parse.Minute}, {"2006-01-02T15:04:05", parse.Second}} {
			if len(s) == len(form.layout) {
				m, err := time.Parse(form.layout, s)
				if err != nil {
					t.Fatal(err)
				}
				return m, form.p
			}
		}
		t.Fatalf("date %s", s)
		return time.Time{}, 0
	}
	for _, w := range f[1:] {
		key, value, _ := strings.Cut(w, "=")
		n, _ := strconv.ParseInt(value, 0, 64)
		switch key {
		case "size":
			d.Size = n
		case "perm":
			d.Perm = parse.Perm(n)
		case "copies":
			d.Copies = int(n)
		case "date":
			d.ModTime, d.Precision = at(value)
		case "added":
			d.Added, _ = at(value)
		case "seen":
			d.Seen, _ = at(value)
		case "owner":
			d.Owner = value
		case "group":
			d.Group = value
		case "target":
			d.Type, d.Target = index.Link, value
		case "link":
			d.Type = index.Link
		case "other":
			d.Type = index.Other
		case "host":
			d.Server = &index.Server{Scheme: "ftp", Host: value, Port: 21}
		default:
			t.Fatalf("unknown word %s", w)
		}
	}
	return d
}

func parseQuery(t testing.TB, s string) *query.Query {
	t.Helper()
	q, err := query.Parse(s, &query.Options{Now: now})
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return q
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		query, doc string
		want       bool
	}{
		{``, "/a", true},
		// words: each in name, directory or host; one at least in the name
		{`wget linux`, "/pub/wget", true}, // host
		{`wget pub`, "/pub/wget", true},
		{`wget gnu`, "/pub/wget", false},
		{`pub linux`, "/pub/wget", false},
		{`WGET Pub`, "/PUB/wget", true},
		{`wget PUB case:yes`, "/pub/wget", false},
		{`wget Pub case:auto`, "/Pub/WGET", true},
		{`wget 2121`, "/pub/wget", false},    // the port is no text
		{`wget pub/wget`, "/pub/wget", true}, // with a slash it is no word
		{`a b`, "/b/a", true},
		{`a b`, "/a/x", false},
		{`wget example/pub`, "/pub/wget", false}, // host and directory are different texts
		// one term looks at the name only
		{`pub`, "/pub/wget", false},
		{`-pub`, "/pub/wget", true},
		{`wget -pub`, "/pub/wget", true},
		{`wget (pub | gnu)`, "/pub/wget", false},
		{`(wget pub) | gnu`, "/pub/wget", true},
		{`a`, "/xay", true},
		{`.c`, "/x.c", true},
		{`é`, "/xe", true},
		// path
		{`pub/wget`, "/pub/wget", true},
		{`/pub`, "/a/pubs/x", true},
		{`path:pub`, "/pub/wget", true},
		{`path:pub`, "/gnu/wget", false},
		{`path:=/pub/wget`, "/pub/wget", true},
		{`path:=/pub`, "/pub/wget", false},
		{`b/`, "/b/c", true},
		{`b/`, "/b/", false},
		// in and parent
		{`in:/pub`, "/pub/wget", true},
		{`in:/pub`, "/pub/a/b/wget", true},
		{`in:/pub`, "/pub/", false}, // the entry itself does not count
		{`in:/pub`, "/pubs/wget", false},
		{`in:/pub`, "/a/pub/wget", false},
		{`in:pub`, "/a/pub/b/wget", true},
		{`in:a/pub`, "/a/pub/b/wget", true},
		{`in:a/b`, "/a/pub/b/wget", false},
		{`in:PUB`, "/pub/x", true},
		{`in:PUB case:yes`, "/pub/x", false},
		{`in:/`, "/x", true},
		{`in:/`, "/a/x", true},
		{`parent:/`, "/x", true},
		{`parent:/`, "/a/x", false},
		{`parent:pub`, "/a/pub/x", true},
		{`parent:pub`, "/pub/a/x", false},
		{`parent:/pub/`, "/pub/x", true},
		{`in:p*`, "/pub/a/x", true},
		{`in:/p*`, "/a/pub/x", false},
		{`in:/a*`, "/a/pub/x", true},
		{`in:a/*`, "/a/b/x", true},
		{`in:a/*`, "/a/x", false},
		{`parent:a*b`, "/a/c/b/x", true},
		// target
		{`target:v2`, "/l target=v2.6", true},
		{`target:v2`, "/v2", false},
		{`target:""`, "/l link", true},
		{`target:""`, "/l target=x", false},
		{`target:""`, "/f", false},
		{`target:=V2`, "/l target=v2", true},
		{`target:=v2`, "/l target=/v2", false},
		{`target:/v[0-9]$/`, "/l target=a/v2", true},
		{`target:*`, "/l link", false},
		// ext, kind: no directories
		{`ext:gz`, "/a.gz/", false},
		{`ext:gz`, "/a.GZ", true},
		{`ext:gz`, "/a.gz link", true},
		{`ext:""`, "/a/", false},
		{`ext:""`, "/a", true},
		{`ext:é`, "/a.e", true},
		{`kind:archive`, "/a.tar.GZ", true},
		{`kind:archive`, "/a.gz/", false},
		{`kind:archive`, "/gz", false},
		{`kind:archive`, "/.gz", false},
		{`kind:image,archive`, "/a.jpg", true},
		// type
		{`type:file`, "/a", true}, {`type:dir`, "/a/", true}, {`type:link`, "/a link", true}, {`type:other`, "/a other", true},
		{`type:file`, "/a other", false},
		// host
		{`host:linux`, "/a", true}, {`host:linux`, "/a host=linuxes.example", false},
		// owner, group
		{`owner:FTP`, "/a owner=ftp", true}, {`owner:ft`, "/a owner=ftp", false}, {`owner:f*`, "/a owner=ftp", true},
		{`owner:""`, "/a", true}, {`owner:""`, "/a owner=x", false}, {`owner:*`, "/a", true}, {`group:staff,wheel`, "/a group=Wheel", true},
		// size
		{`size:5`, "/a size=5", true}, {`size:5`, "/a size=6", false}, {`size:1k`, "/a size=2047", true}, {`size:1k`, "/a size=2048", false},
		{`size:>0`, "/a", false}, {`size:<=9g`, "/a", false}, {`size:>=0`, "/a size=0", true}, {`-size:>1`, "/a", true}, {`-size:>1`, "/a/", true},
		{`size:unknown`, "/a", true}, {`size:unknown`, "/a other", true}, {`size:unknown`, "/a/", false}, {`size:unknown`, "/a link", false},
		{`size:unknown`, "/a size=1", false}, {`size:empty`, "/a size=0", true}, {`size:..10`, "/a/ size=5", false}, {`size:..10`, "/a link size=5", false},
		{`larger:1k`, "/a size=1025", true}, {`larger:1k`, "/a size=1024", false}, {`smaller:1k`, "/a size=1023", true},
		// depth, copies
		{`depth:0`, "/a", true}, {`depth:1`, "/a/b", true}, {`depth:<2`, "/a/b/c", false}, {`depth:>=2`, "/a/b/c", true},
		{`copies:1`, "/a", true}, {`copies:>1`, "/a copies=2", true}, {`copies:2..3`, "/a copies=4", false},
		// perm
		{`perm:0644`, "/a perm=0644", true}, {`perm:0644`, "/a perm=04644", false}, {`perm:-022`, "/a perm=0666", true}, {`perm:-022`, "/a perm=0664", false},
		{`perm:/022`, "/a perm=0664", true}, {`perm:/022`, "/a perm=0644", false}, {`perm:/000`, "/a perm=0", true}, {`perm:/000`, "/a", false},
		{`perm:-000`, "/a", false}, {`-perm:0644`, "/a", true}, {`perm:u+s`, "/a perm=04755", true}, {`perm:o+w`, "/a perm=0775", false},
		// date: intervals that overlap
		{`date:2024`, "/a date=2024-12-31", true}, {`date:2024`, "/a date=2025-01-01", false}, {`date:2024`, "/a date=2023-12-31", false},
		{`date:2024-03-10T12:00..2024-03-10`, "/a date=2024-03-10", true}, {`date:2024-03-10T00:00..2024-03-10T11:00`, "/a date=2024-03-10", true},
		{`date:2024-03-10T12:00`, "/a date=2024-03-10T12:00", true}, {`date:2024-03-10T12:00:59`, "/a date=2024-03-10T12:00", true},
		{`date:2024-03-10T12:01`, "/a date=2024-03-10T12:00", false}, {`date:2024-03-10T12:00:05`, "/a date=2024-03-10T12:00:04", false},
		{`date:<2024-03-10T12:00`, "/a date=2024-03-10", true}, {`date:>2024-03-10T12:00`, "/a date=2024-03-10", true},
		{`date:<2024-03-10`, "/a date=2024-03-10", false}, {`date:>2024-03-10`, "/a date=2024-03-10", false}, {`date:<=2024-03-10`, "/a date=2024-03-10", true},
		{`date:>=2024-03-11`, "/a date=2024-03-10", false}, {`date:<3000`, "/a", false}, {`-date:<3000`, "/a", true}, {`date:..`, "/a", false},
		{`date:unknown`, "/a", true}, {`date:unknown`, "/a date=2024-03-10", false}, {`date:unknown`, "/a/", true},
		{`newer:7d`, "/a date=2026-11-15", true}, {`newer:7d`, "/a date=2026-11-14", false}, {`older:7d`, "/a date=2026-11-15", true},
		{`newer:7d`, "/a date=2026-11-15T11:59", false}, {`newer:7d`, "/a date=2026-11-15T12:00", true},
		{`added:today`, "/a added=2026-11-22T23:59:59", true}, {`added:today`, "/a added=2026-11-23", false}, {`added:..`, "/a", false},
		{`seen:>7d`, "/a seen=2026-11-15T11:59:59", true}, {`seen:>7d`, "/a seen=2026-11-15T12:00:00", false}, {`seen:7d`, "/a seen=2026-11-15T12:00:00", true},
		// a pasted URL: that entry and all below it
		{`ftp://ftp.linux.example/pub`, "/pub/", true}, {`ftp://ftp.linux.example/pub`, "/pub/a/b", true}, {`ftp://ftp.linux.example/pub`, "/pubs", false},
		{`ftp://ftp.linux.example/pub`, "/pub/a host=other.example", false},
	} {
		d := document(t, c.doc)
		q := parseQuery(t, c.query)
		if got := index.Match(q.Expr, d); got != c.want {
			t.Errorf("%s on %s: got %t, want %t", c.query, c.doc, got, c.want)
		}
		if got := index.Match(&query.Not{Operand: q.Expr}, d); got == c.want {
			t.Errorf("not %s on %s: got %t", c.query, c.doc, got)
		}
	}
}

// TestMatchBytes: names that are not UTF-8 are searched in their text form, by the server's charset if that is known.
func TestMatchBytes(t *testing.T) {
	for _, c := range []struct {
		charset, path, query string
		want                 bool
	}{
		{"", "/doc/caf\xe9.txt", "cafe", true},
		{"", "/doc/caf\xe9.txt", "café case:yes", true},
		{"", "/caf\xe9/é.txt", "é/é.t case:yes", true}, // each element for itself
		{"windows-1251", "/\xcf\xf0\xe8/\xcf\xf0\xe8.txt", "при", true},
		{"windows-1251", "/\xcf\xf0\xe8/x", "in:при", true},
		{"", "/\xcf\xf0\xe8.txt", "при", false},
		{"Shift_JIS", "/\x83J\x83^.txt", "カタ", true},
	} {
		i := strings.LastIndexByte(c.path, '/')
		d := &index.Document{Server: &index.Server{Host: "h", Port: 21, Charset: c.charset}, Dir: max(c.path[:i], "/"), Name: c.path[i+1:]}
		if got := index.Match(parseQuery(t, c.query).Expr, d); got != c.want {
			t.Errorf("%s on %q in %s: got %t, want %t", c.query, c.path, c.charset, got, c.want)
		}
	}
}

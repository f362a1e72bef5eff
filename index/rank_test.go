package index_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
)

func TestTier(t *testing.T) {
	for _, c := range []struct {
		query, doc string
		want       int
	}{
		{`wget`, "/WGET", 0},
		{`résumé`, "/Resume", 0},
		{`name:=wget`, "/wget", 0},
		{`Wget case:yes`, "/Wget", 0},
		{`wget`, "/wget.tar", 1},
		{`wget`, "/wget.tar.gz", 1},
		{`wget.tar`, "/wget.tar.gz", 1},
		{`wget`, "/wget.doc.gz", 2},
		{`.profile`, "/.profile.x", 1},
		{`wget`, "/gnu-wget-1.tar", 2},
		{`wget`, "/wget-1.tar", 2},
		{`wget`, "/xwget-wget.c", 2}, // the second is a word
		{`wget-1`, "/wget-1.x.y", 2},
		{`wget-`, "/wget-1.x", 2}, // - joins nothing
		{`.iso`, "/a.iso.x.y", 2},
		{`wget`, "/wget2.x.y", 3},
		{`wget`, "/wgetrc", 3},
		{`wget`, "/a-wgetrc", 4},
		{`wget`, "/xwget-wgetrc", 4},
		{`wget`, "/libwget.h", 5},
		{`wget`, "/libwgetrc", 5},
		{`1`, "/a1b", 5},
		{`が`, "/東が", 5},
		{`か`, "/か\u3099か", 5},
		{`*.iso`, "/a.iso", 5},
		{`/^wget$/`, "/wget", 5},
		{`/pub`, "/pub/wget", 6},
		{`path:=/wget`, "/wget", 6},
		{`target:x`, "/wget target=x", 6},
		{`in:/`, "/wget", 7}, {`parent:/`, "/wget", 7}, {`ext:""`, "/wget", 7}, {`type:f`, "/wget", 7}, {`size:5`, "/a size=5", 7},
		{`-x`, "/wget", 7}, {``, "/wget", 7}, {`date:unknown`, "/a", 7}, {`perm:/000`, "/a perm=0", 7},
		// words: the largest; a term that is not in the name is 6
		{`wget gz`, "/wget-1.gz", 2},
		{`wget rc`, "/wgetrc", 5},
		{`wget pub`, "/pub/wget", 6},
		{`wget WGET case:auto`, "/WGET/wget", 6},
		// and: the largest among words and operands up to 5, else the smallest
		{`wget ext:gz`, "/wget.gz", 1},
		{`wget *.gz`, "/wget.gz", 5},
		{`wget gz type:f`, "/gz/wget", 6},
		{`wget pub *.gz`, "/pub/wget.gz", 6},
		{`/pub type:f`, "/pub/x", 6},
		{`ext:gz type:f`, "/a.gz", 7},
		{`wget -x`, "/wget", 0},
		{`wget (type:f | wget)`, "/wget", 0},
		// or: the smallest of those that match
		{`wget | *get`, "/wget", 0},
		{`wget | curl`, "/curlrc", 3},
		{`ext:gz | wget`, "/wget.gz", 1},
		{`curl | type:f`, "/wget", 7},
		{`a (b | c*)`, "/c.a.x", 5},
	} {
		d := document(t, c.doc)
		q := parseQuery(t, c.query)
		if !index.Match(q.Expr, d) {
			t.Errorf("%s does not select %s", c.query, c.doc)
		}
		if got := index.Tier(q.Expr, d); got != c.want {
			t.Errorf("%s on %s: got tier %d, want %d", c.query, c.doc, got, c.want)
		}
	}
}

// TestOrder: each list is in the order of its query.
func TestOrder(t *testing.T) {
	for query, list := range map[string]string{
		// rank: tier; type; year; depth; length of the name; host; path
		"wget":             `/wget; /wget.c; /a-wget; /wgetrc; /a-wgetrc; /xwget`,
		"x":                `/x date=2020-01-01; /x/ date=2024-01-01; /x target=y date=2025-01-01; /x other date=2026-01-01`,
		"type:f":           `/zz date=2026-01-01; /zz date=2025-01-01; /zz date=1999-01-01; /zz`,
		"type:f type:f":    `/zz date=2026-01-01; /zz date=2020-01-01; /a/b/c date=2020-12-31; /aa; /zz date=2027-11-23`,
		"type:f depth:>=0": `/zz date=2024-11-22 seen=2023-11-23T00:00:00; /aa; /zz date=2024-11-23 seen=2023-11-23T00:00:00`,
		"":                 `/aaaa date=2024-01-01 host=ftp.k; /aaaa date=2024-12-31; /aaab date=2024-06-01; /a/a date=2024-12-31`,
		"z":                `/zz host=b; /zz host=c; /zea; /éz host=c`,
		// by key; unknown last either way; then host, path
		"sort:name":         `/A host=z; /a; /á; /b; /ba`,
		"sort:-name":        `/ba; /b; /á; /a host=z; /A host=z`,
		"sort:path":         `/a/b; /A/c; /B/a; /c`,
		"sort:size":         `/b size=0; /a size=1; /a host=z size=1; /c size=2; /a/; /b`,
		"sort:-size":        `/c size=2; /a size=1; /a host=z size=1; /b size=0; /a/; /b`,
		"sort:date":         `/b date=2020-01-01; /a date=2020-01-01T00:01; /c date=2021-01-01; /a`,
		"sort:-date":        `/c date=2021-01-01; /a date=2020-01-01T00:01; /b date=2020-01-01; /a`,
		"sort:ext":          `/z.a; /y.B; /x.c; /a; /b.a/`,
		"sort:-ext":         `/x.c; /y.B; /z.a; /a; /b.a/`,
		"sort:type":         `/z/; /y; /x link; /w other`,
		"sort:-type":        `/w other; /x link; /y; /z/`,
		"sort:host":         `/z host=a; /b host=b; /c host=b`,
		"sort:-host":        `/b host=b; /c host=b; /z host=a`,
		"sort:depth":        `/z; /a/b; /a/a/a`,
		"sort:-depth":       `/a/a/a; /a/b; /z`,
		"sort:added":        `/c added=2020-01-01; /b added=2020-01-02; /a`,
		"sort:-added":       `/b added=2020-01-02; /c added=2020-01-01; /a`,
		"sort:seen":         `/c seen=2020-01-01; /b seen=2020-01-02; /a`,
		"sort:-seen":        `/b seen=2020-01-02; /c seen=2020-01-01; /a`,
		"sort:copies":       `/z; /a copies=1 host=z; /y copies=2`,
		"sort:-copies":      `/y copies=2; /z; /a copies=1 host=z`,
		"sort:size,-name":   `/b size=1; /a size=1; /c size=2; /y; /x`,
		"type:f sort:-rank": `/c; /b date=2020-01-01; /a date=2021-01-01`,
	} {
		q := parseQuery(t, query)
		var docs []*index.Document
		for _, s := range strings.Split(list, ";") {
			docs = append(docs, document(t, s))
		}
		order := index.NewOrder(q.Expr, q.Sort, now)
		for i, a := range docs {
			for j, b := range docs {
				got := order.Compare(a, b)
				if want := sign(i - j); got != want {
					t.Errorf("%s: %s against %s: got %d, want %d", query, a.Path(), b.Path(), got, want)
				}
			}
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// TestKeysCompareAsDocuments: the bytes of keys are in the order of their documents, for each key and some together.
func TestKeysCompareAsDocuments(t *testing.T) {
	docs := indextest.Generate(3, 120)
	var orders [][]query.SortKey
	for _, k := range query.SortKeys() {
		orders = append(orders, []query.SortKey{{Key: k}}, []query.SortKey{{Key: k, Desc: true}},
			[]query.SortKey{{Key: "type", Desc: true}, {Key: k}, {Key: "name"}})
	}
	for _, keys := range orders {
		o := index.NewOrder(parseQuery(t, "a | b").Expr, keys, now)
		encoded := make([][]byte, len(docs))
		for i, d := range docs {
			encoded[i] = o.AppendKey(nil, d)
		}
		for i, a := range docs {
			for j, b := range docs {
				if got, want := bytes.Compare(encoded[i], encoded[j]), o.Compare(a, b); got != want {
					t.Fatalf("%v: %s against %s: got %d, want %d", keys, a.URL(), b.URL(), got, want)
				}
				if (i == j) != (o.Compare(a, b) == 0) {
					t.Fatalf("%v: %s and %s are equal", keys, a.URL(), b.URL())
				}
			}
		}
	}
}

func TestFixedRankIsMonotonic(t *testing.T) {
	// Each document ranks before the next.
	var last uint64
	for i, s := range []string{
		"/a date=2026-01-01", "/aa date=2026-01-01", "/a/a date=2026-01-01", "/a date=2025-12-31", "/a date=0001-01-02", "/a", "/a/a",
		"/a/ date=2026-01-01", "/a/", "/a link", "/a other date=2026-01-01", "/a other", "/" + strings.Repeat("a/", 70000) + "a other",
	} {
		r := index.FixedRank(document(t, s), now)
		if i > 0 && r <= last {
			t.Errorf("%.30s: got %x, want more than %x", s, r, last)
		}
		last = r
	}
}

func TestCursor(t *testing.T) {
	d := document(t, "/pub/wget size=5")
	o := index.NewOrder(parseQuery(t, "wget newer:7d sort:size").Expr, parseQuery(t, "sort:size").Sort, now)
	key := o.AppendKey(nil, d)
	cursor := o.Cursor(key)
	if got, err := o.After(cursor); err != nil || !slices.Equal(got, key) {
		t.Fatalf("got %q, %v, want %q", got, err, key)
	}
	// The next page is asked for a little later: 7d is another time then, but the query is the same.
	later, err := query.Parse("wget newer:7d", &query.Options{Now: now.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := index.NewOrder(later.Expr, parseQuery(t, "sort:size").Sort, now).After(cursor); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	for _, q := range []string{"curl newer:7d sort:size", "wget newer:7d sort:-size", "wget newer:7d", "wget sort:size", "wget added:7d sort:size"} {
		p := parseQuery(t, q)
		if _, err := index.NewOrder(p.Expr, p.Sort, now).After(cursor); !errors.Is(err, index.ErrCursor) {
			t.Errorf("%s: got %v, want %v", q, err, index.ErrCursor)
		}
	}
	for _, c := range []string{"", "x", "AAAA", cursor[:10], cursor + "!", "B" + cursor[1:]} {
		if _, err := o.After(c); !errors.Is(err, index.ErrCursor) {
			t.Errorf("%q: got %v, want %v", c, err, index.ErrCursor)
		}
	}
}

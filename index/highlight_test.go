package index_test

import (
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index"
)

// marked writes text with brackets around ranges.
func marked(text string, ranges []index.Range) string {
	out, at := "", 0
	for _, r := range ranges {
		out += text[at:r.Start] + "[" + text[r.Start:r.End] + "]"
		at = r.End
	}
	return out + text[at:]
}

func TestHighlight(t *testing.T) {
	for _, c := range []struct{ query, doc, dir, name string }{
		{`wget`, "/pub/wget-wget", "/pub", "[wget]-[wget]"},
		{`wget pub`, "/pub/wget", "/[pub]", "[wget]"},
		{`wget pub`, "/pub/pubwget", "/pub", "[pubwget]"}, // touching ranges are one
		{`wget linux`, "/pub/wget", "/pub", "[wget]"},     // linux is the host
		{`wget get`, "/pub/wget", "/pub", "[wget]"},
		{`RESUME`, "/Résumé.pdf", "/", "[Résumé].pdf"},
		{`wget -pub`, "/gnu/wget", "/gnu", "[wget]"},
		{`-(-wget | pub)`, "/gnu/wget", "/gnu", "wget"},
		{`wget | curl | gz`, "/wget.gz", "/", "[wget].[gz]"},
		{`(wget type:d) | gz`, "/wget.gz", "/", "wget.[gz]"},
		{`*.gz`, "/wget.gz", "/", "[wget.gz]"},
		{`name:=wget.gz`, "/wget.gz", "/", "[wget.gz]"},
		{`/[a-c]+$/`, "/abc-abc", "/", "abc-[abc]"},
		{`pub/w`, "/pub/wget", "/[pub]", "[w]get"},
		{`path:pub`, "/pub/pub", "/[pub]", "[pub]"},
		{`/pub/w*`, "/pub/wget", "[/pub]", "[wget]"},
		{`path:=/wget`, "/wget", "[/]", "[wget]"},
		{`path:/b\/c+/`, "/a/b/cc", "/a/[b]", "[cc]"},
		{`/wg`, "/wget", "[/]", "[wg]et"},
		{`b/`, "/a/b/c", "/a/[b]", "c"},
		{`in:pub ext:gz`, "/pub/a.gz", "/pub", "a.gz"},
		{``, "/pub/a", "/pub", "a"},
	} {
		d := document(t, c.doc)
		q := parseQuery(t, c.query)
		if !index.Match(q.Expr, d) {
			t.Errorf("%s does not select %s", c.query, c.doc)
		}
		name, dir := index.Highlight(q.Expr, d)
		if got := marked(d.NameText(), name); got != c.name {
			t.Errorf("%s on %s: got name %s, want %s", c.query, c.doc, got, c.name)
		}
		if got := marked(d.DirText(), dir); got != c.dir {
			t.Errorf("%s on %s: got directory %s, want %s", c.query, c.doc, got, c.dir)
		}
	}
}

// What a pattern found is shown hit by hit; the pattern is not compiled for each.
func TestHighlighterCompilesOnce(t *testing.T) {
	d := document(t, "/pub/wget.gz")
	for _, s := range []string{`/(?:` + strings.Repeat("w?", 200) + `)wget/`, `*{a,b,c,d,e,f}{a,b,c,d,e,f,t}{.gz,.xz,.Z}`, `*.gz | *.xz | /[a-z]{100}/`} {
		q := parseQuery(t, s)
		highlight := index.Highlighter(q.Expr)
		if name, _ := highlight(d); name == nil {
			t.Errorf("%.20s finds nothing", s)
		}
		if n := testing.AllocsPerRun(10, func() { highlight(d) }); n > 100 {
			t.Errorf("%.20s: %.0f allocations a document", s, n)
		}
	}
}

package query

import (
	"regexp"
	"strings"
	"testing"
)

// leafOf parses a query that is one text leaf.
func leafOf(t testing.TB, s string) *Text {
	t.Helper()
	q, err := Parse(s, &Options{Now: testNow})
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	leaf, ok := q.Expr.(*Text)
	if !ok {
		t.Fatalf("%s: got %s, want one text leaf", s, q)
	}
	return leaf
}

func TestCompileText(t *testing.T) {
	for _, c := range []struct {
		query   string
		yes, no string // texts between blanks; _ is the empty one
	}{
		// has and is
		{`wget`, "wget wget-1.gz xwgetx WGET", "wge _"},
		{`é`, "e É ée", "a"},
		{`é case:yes`, "é e\u0301", "e É"},
		{`name:=README`, "README readme", "README.txt xREADME"},
		{`name:=README case:yes`, "README", "readme"},
		{`name:=*`, "*", "a"},
		{`path:=/Pub/x`, "/pub/x", "/pub/x/y /a/pub/x"},
		{`path:x`, "/x /xa/b", "/a"},
		{`pub/x`, "/pub/x /apub/xb", "/pub/y/x"},
		// globs
		{`*`, "_ a a/b", ""},
		{`?`, "a é が", "_ ab"},
		{`a*`, "a ab A", "ba _"},
		{`*a`, "a ba", "ab"},
		{`a*b`, "ab axb axbb", "a b ba aba"},
		{`a*a`, "aa aba", "a"},
		{`*a*b*`, "ab xaxbx", "ba"},
		{`*ab?ab*`, "abxab abaabxabx", "abab"},
		{`*ab*b`, "abb xabxb", "ab"}, // no character counts twice
		{`a*ab`, "aab", "ab"},
		{`a?c`, "abc aéc", "ac abbc"},
		{`a??`, "abc", "ab abcd"},
		{`?*?`, "ab abc", "a _"},
		{`**.c`, "a.c .c", "a.cc"},
		{`[a-c]*`, "a b cx B", "d _"},
		{`[!a-c]*`, "d -", "a _"},
		{`[^a-c]*`, "d", "b"},
		{`[]a]*`, "] a", "b"},
		{`[!]a]*`, "b", "] a"},
		{`[a-]*`, "a -", "b"},
		{`[-a]*`, "a -", "b"},
		{`[é]*`, "e é", "a"},
		{`[é]* case:yes`, "é", "e"},
		{`[A-C]* case:yes`, "A", "a"},
		{`[\]x]?`, "]a xb", "a]"},
		{`*[`, "[ a[", "a"},
		{`[ab`, "[ab", "a"},
		{`[ab]`, "[ab]", "a b"},
		{`*.{lha,lzx}`, "a.lha b.LZX", "a.lhax"},
		{`{a,b}{c,d}`, "ac ad bc bd", "ab cd"},
		{`{a*,?b}x`, "ax abcx cbx", "bx"},
		{`{a,}b`, "ab b", "aab"},
		{`{a}*`, "{a} {a}b", "a"},
		{`{a,b`, "{a,b", "a"},
		{`a,b*`, "a,b", "a b"},
		{`\**`, "* *a", "a"},
		{`"*"?`, "*a", "aa"},
		{`a\{b,c\}*`, "a{b,c}", "ab"},
		{`straße*`, "strasse STRASSEN", "strase"},
		{`[*]`, "*", "a"},
		{`[?]x`, "?x", "ax"},
		// globs over pathnames
		{`/pub/*.iso`, "/pub/a.iso /pub/b/a.iso", "/a/pub/a.iso"},
		{`pub/*.iso`, "/pub/a.iso /a/pub/a.iso", "/xpub/a.iso"},
		{`path:*.c`, "/a.c /a/b.c", "/a.h"},
		{`path:?ub/x`, "/pub/x /a/pub/x", "/ppub/x"},
		{`path:?pub/x`, "/apub/x", "/pub/x"},
		{`in:pub*`, "/pub /pub1 /a/pub", "/xpub"},
		{`in:/pub*`, "/pub /pub/a", "/a/pub"},
		{`in:*`, "/ /a", ""},
		{`parent:li?ux`, "/pub/linux", "/pub/linux/a"},
		{`in:linux`, "/linux /pub/linux", "/pub/linux/a /xlinux /"},
		{`in:pub/linux`, "/pub/linux /a/pub/linux", "/xpub/linux /linux"},
		{`in:/pub/linux/`, "/pub/linux", "/a/pub/linux"},
		{`in:/`, "/", "/a"},
		{`in:pub*/`, "/pub", "/a"},
		// regular expressions
		{`/^wget-[0-9.]+/`, "wget-1 WGET-2", "xwget-1 wget-"},
		{`/É+x/`, "ex éx", "x"},
		{`/É+/ case:yes`, "É", "é e"},
		{`path:/^\/a/`, "/a /ab", "/b"},
		{`/a\ b|c/`, "c", "a"},
		// target
		{`target:v2*`, "v2.6", "/v2.6"},
		{`target:=/a/B`, "/a/b", "/a"},
		// ext
		{`ext:gz`, "a.gz a.tar.gz .a.gz", "gz .gz a.gzz agz"},
		{`ext:tar.gz`, "a.tar.gz", "a.gz tar.gz .tar.gz"},
		{`ext:.GZ`, "a.gz", "gz"},
		{`ext:""`, "README .bashrc x. . ..", "a.b a.b. .a.b a.."},
		{`ext:g?`, "a.gz a.tar.gz", "a.gz1 .gz"},
		{`ext:*`, "a.b", "a .a a."},
		{`ext:{gz,xz}`, "a.gz a.xz", "a.bz"},
		{`ext:=g*`, "a.g*", "a.gz"},
		{`owner:Root`, "root ROOT", "roots"},
		{`owner:r*`, "root", "groot"},
		{`group:""`, "_", "a"},
	} {
		leaf := leafOf(t, c.query)
		selects := CompileText(leaf)
		check := func(texts string, want bool) {
			for _, text := range strings.Fields(texts) {
				text = formOf(strings.Trim(text, "_"), leaf.Exact)
				if got := selects(text); got != want {
					t.Errorf("%s: %q: got %t, want %t", c.query, text, got, want)
				}
			}
		}
		check(c.yes, true)
		check(c.no, false)
	}
	if got := CompileText(leafOf(t, `/a\ b|c/`))("a b"); !got {
		t.Error(`/a\ b|c/: "a b": got false`)
	}
}

func FuzzGlob(f *testing.F) {
	for _, s := range []string{"*", "a*b?[c-d]", "{a,b*}c", "/a*{x,/}", "[!a]*é", "*a*a*b", "{,a}{,b}{,c}{,d}{,e}{,f}{,g}*"} {
		f.Add(s, "abcd/éé", false, false)
		f.Add(s, "axbxbéd", true, true)
	}
	f.Fuzz(func(t *testing.T, pattern, text string, path, exact bool) {
		if strings.ContainsAny(pattern, "\\") {
			return
		}
		g, ok, msg := readGlob(globChars(strings.ToValidUTF8(pattern, "?")))
		if !ok || msg != "" || checkClasses(g.String(), exact) != "" {
			return
		}
		leaf := &Text{Field: Name, Mode: Glob, Value: g.String(), Exact: exact}
		if path {
			leaf.Field = Path
		}
		text = formOf(strings.ToValidUTF8(text, "?"), exact)
		got, want := CompileText(leaf)(text), regexp.MustCompile(Pattern(leaf)).MatchString(text)
		if got != want {
			t.Fatalf("%s on %q: got %t, want %t", leaf, text, got, want)
		}
	})
}

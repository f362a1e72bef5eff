package query

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
)

func TestRepetitionsAreBounded(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"/(?:" + strings.Repeat("a", 3000) + "){1000}/",
		"/(?:(?:abcdefghij){99}){10}(?:a{9}b{9}){60}/",
		strings.Repeat("/(?:xyz){900}/ ", 5),
		"ext:gz | path:/(?:" + strings.Repeat("[ab]", 20) + "){1000}/",
		"case:yes /(?:" + strings.Repeat("A", 100) + "){101,}/",
	} {
		_, err := Parse(strings.TrimSpace(q), nil)
		if err == nil || !strings.Contains(err.Error(), "repetitions") {
			t.Errorf("%.40s…: %v, want an error about repetitions", q, err)
		}
	}
	for _, q := range []string{"/^[a-z]{1,255}$/", "/(?:ab?c){400}/", strings.TrimSpace(strings.Repeat("/a{30}/ ", 300)), "/" + strings.Repeat("a|", 2000) + "b/"} {
		if _, err := Parse(q, nil); err != nil {
			t.Errorf("%.40s…: %v", q, err)
		}
	}
}

// What patternSize promises is at least three quarters of what is compiled.
func TestPatternSize(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "abc", "a{7}", "a{3,}", "(?:ab|c?){2,9}", "(a*)+b{5}", "(?i)[a-c]{20}é", "((x{10}){10}){9}", "(?:|){50}", "(a{0,4}){6}", "x{0}"} {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			t.Fatal(err)
		}
		re, _ = syntax.Parse(pattern, syntax.Perl)
		if n := patternSize(re, 1e6); n < (len(prog.Inst)-2)*3/4 {
			t.Errorf("%q: %d instructions, want about %d", pattern, n, len(prog.Inst))
		}
	}
}

// many returns n different texts made by a format for a number, joined by commas.
func many(n int, format string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(list, ",")
}

// Patterns that take milliseconds with each name are refused, wherever they stand, and whoever wrote them is told where.
func TestPatternsAreBounded(t *testing.T) {
	t.Parallel()
	for _, q := range []struct {
		before, pattern string
	}{
		{"", "/" + strings.Repeat(".*", 2040) + "x/"},
		{"", "/" + strings.Repeat(".*", 1000) + "x/"},
		{"a ", "/" + strings.Repeat("a?", 1000) + "b/"},
		{"", "/" + strings.Repeat("a+", 1000) + "b/"},
		{"", "/a{0,1000}/"},
		{"", "{" + many(550, "*%dx*") + "}"},
		{"a | ", "in:{" + many(550, "*%dx*") + "}"},
		{"", "parent:*/{" + many(400, "%dx*y*") + "}"},
		{"", "path:{" + many(550, "*%dx") + "}"},
		{"a ext:", "{" + many(550, "*%dx*") + "}"},
		{"owner:", "{" + many(550, "*%dx*") + "}"},
		{"host:", "{" + many(550, "*%dx*") + "}"},
		{"", strings.Repeat("{*a,*b}", 500)},
		{"", strings.Repeat("{a,b}", 6) + "*[" + strings.Repeat("acegikmoqsuwy", 20) + "]"},
		{"*.gz *a*b | /a/ | " + strings.Repeat("*[acegikmoqsuwy0-9A-Z]"+strings.Repeat("{a,b}", 6)+" ", 6), "*[acegikmoqsuwy0-9A-Z]" + strings.Repeat("{a,b}", 6)},
	} {
		_, err := Parse(q.before+q.pattern, nil)
		var e *SyntaxError
		if !errors.As(err, &e) || !strings.Contains(e.Msg, "too long; search for less") {
			t.Errorf("%s%.40s…: %v, want an error about its length", q.before, q.pattern, err)
			continue
		}
		if e.Start != len(q.before) || e.End != len(q.before+q.pattern) {
			t.Errorf("%s%.40s…: error at %d..%d, want %d..%d", q.before, q.pattern, e.Start, e.End, len(q.before), len(q.before+q.pattern))
		}
	}
	for _, q := range []string{
		"*", strings.Repeat("*", MaxBytes), strings.Repeat("*a", 2000), strings.Repeat("?", MaxBytes-1) + "*", "*.{c,h,cc,cpp,cxx,hpp,C,H}", "*.{" + many(600, "x%d") + "}",
		"{" + many(500, "lib%d") + "}-*.{deb,udeb,dsc,tar.gz}", "{" + many(200, "lib%d-*.deb") + "}", "{" + many(100, "*lib%d-*.deb") + "}", "host:{" + many(600, "h%d") + "}.example",
		"ext:{" + many(600, "x%d") + "}", strings.TrimSuffix(strings.Repeat("*abc*.tar.gz | ", 270), " | "), "/^(?:" + strings.ReplaceAll(many(300, "lib%d"), ",", "|") + ")[-_].*\\.deb$/",
		"{" + strings.TrimSuffix(strings.Repeat("*,", 2000), ",") + "}{a,b}", "{" + strings.TrimSuffix(strings.Repeat("a*b,", 900), ",") + "}", "/^[^.]{1,255}\\.[a-z]{1,255}$/",
		"in:*/{" + strings.TrimSuffix(strings.Repeat("*,", 1900), ",") + "}{a,b}" + strings.Repeat("*x*", 10), "*{a,b}{c,d}{e,f}{g,h}{i,j}{k,l}*[a-z0-9]*",
	} {
		if _, err := Parse(q, nil); err != nil {
			t.Errorf("%.40s…: %v", q, err)
		}
	}
}

// However a glob says nothing twice, it comes down to the same.
func TestGlobSimplify(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ glob, want string }{
		{"a", "a"},
		{"**", "*"},
		{"***a**?**", "*a*?*"},
		{`*\**`, `*\**`},
		{"{*,*,*}", "*"},
		{"*{**,*}*", "*"},
		{"{*,*}{a,b}", "*{a,b}"},
		{"{a*b,a**b,c,a*b}", "{a*b,c}"},
		{"{a,A}", "a"},
		{"{,}x{,}", "x"},
		{"{a,b}{a,b}", "{a,b}{a,b}"},
		{`{[a-c],\[a-c]}`, `{[a-c],\[a-c]}`},
	} {
		if got := globOf(&Text{Field: Name, Mode: Glob, Value: row.glob}).String(); got != row.want {
			t.Errorf("%s: got %s, want %s", row.glob, got, row.want)
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		value := randomOf(r, 9, "a", "b", "*", "**", "?", "[ab]", "[!a]", "{a,b}", "{*,*}", "{a*,a**,b}", "{,a,}", "{**b,?}", "{[ab],a}")
		g, _ := parseGlob(globChars(value))
		want, match := regexp.MustCompile(g.pattern()), compileGlob(g.simplify())
		for range 20 {
			text := randomOf(r, 8, "a", "b", "c", "é")
			if got, want := match(text), want.MatchString(text); got != want {
				t.Fatalf("%s matches %q: got %v, want %v", value, text, got, want)
			}
		}
	}
}

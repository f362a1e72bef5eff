package query

import (
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
	for _, q := range []string{"/^[a-z]{1,255}$/", "/(?:ab?c){1000}/", strings.TrimSpace(strings.Repeat("/a{30}/ ", 300)), "/" + strings.Repeat("a|", 2000) + "b/"} {
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

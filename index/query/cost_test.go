package query

import (
	"strings"
	"testing"
	"time"
)

// TestCost: no query takes long to read and to print, whatever stands in it. What is needed is
// milliseconds, a third of a second for the largest regular expression; the bound is for loaded machines, and far below
// what exponential ways would take.
func TestCost(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, MaxBytes/len(s)) }
	for _, s := range []string{
		fill("("), fill(`"`), fill(`\\`), fill("/"), fill("/a"), fill("/+ "), fill("{"), fill("{,"), fill("{,}"), fill("[")[1:] + "*",
		fill("[")[:4000] + "]*", fill("{")[:4000] + "}*", fill("{")[:4000] + ",}", "*" + fill("{a,b}")[:4000], fill("file:"), fill("-(")[:250],
		"ext:" + fill("{,")[:4000], "ext:" + fill("a,")[:2000], "*" + fill("[a-z]")[:4000], fill("a:"), fill("a"), fill("*a")[:4000], fill("?"),
		fill("a|")[:2000], fill("--"), fill("-!"), fill("é"), fill("(a case:yes) ")[:4000], "/" + fill("(a")[:100] + "/",
		"/" + strings.Repeat("[a-z]{999}", 400) + "/", "/" + strings.Repeat("(a|b)*", 600) + "/", "/(((a{30}){30}){30})/", fill(`name:"a b" `)[:4000],
		"size:" + fill("9")[:4000] + "k", "size:1." + fill("9")[:4000] + "k", "date:" + fill("9")[:4000] + "d", "host:" + fill("1.")[:4000],
		"host:" + fill(":")[:4000], fill("ftp://h/a ")[:4000], "ftp://h/" + fill("%2F")[:3999],
	} {
		start := time.Now()
		q, err := Parse(s, nil)
		if err == nil {
			Print(q)
			for _, leaf := range textLeaves(q.Expr) {
				if leaf.Field != Host && leaf.Field != Type && leaf.Field != Kind {
					CompileText(leaf)(strings.Repeat("a", 255))
				}
			}
		}
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("%.40s…: took %s", s, d)
		} else if testing.Verbose() {
			t.Logf("%.40s… %s %v", s, d, err)
		}
	}
}

// textLeaves returns the text leaves of e.
func textLeaves(e Expr) []*Text {
	var list []*Text
	switch e := e.(type) {
	case *And:
		for _, x := range e.Operands {
			list = append(list, textLeaves(x)...)
		}
	case *Or:
		for _, x := range e.Operands {
			list = append(list, textLeaves(x)...)
		}
	case *Not:
		return textLeaves(e.Operand)
	case *Text:
		return []*Text{e}
	}
	return list
}

package query

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

var testNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// seeds are queries of all forms.
func seeds(t testing.TB) []string {
	var list []string
	for _, name := range []string{"examples.txt", "errors.txt"} {
		for _, b := range readBlocks(t, name) {
			list = append(list, b["query"])
		}
	}
	return append(list, `\-x "-x" -"x" --`, `[a\]]* {a,b} \{a,b\} {a\,b}`, `name:"a b" name:c d`, `"a/b*" a\/b a/\*`,
		`host:[2001:db8::1]:21,bob@10.1.:2121,10.0.0.0/8,*.x:21`, `ext:.gz,"",{a,b},"a,b" owner:a\;b;c`,
		`size:..5 size:1.5g..2t size:9223372036854775806 depth:>3`, `date:..2024 date:today..yesterday added:7d seen:>1y date:<=9998`,
		`(a case:yes) (b case:auto) C case:no`, `ftp://u:p@h:21/%41%2Fb//c;type=i`, `ext:}{,},}*,a owner:},{a,b}`, `ftp://.`, `ftp://%5B@h`, `ftp://a:@[::1]:1/`, "\u3000a\u3000|\u3000b", `in:/ parent:a/* target:"" path:=/a/`,
		`perm:u+rwxst,g+s`, `file:file:a -file:/a+/`, `- a`, `!!a`, `a -- b`, `NOT NOT (a)`, `sort:-rank,name case:yes`)
}

// checkParse parses s, and what is printed of it.
func checkParse(t *testing.T, s string) {
	t.Helper()
	q, err := Parse(s, &Options{Now: testNow})
	if err != nil {
		var e *SyntaxError
		if !errors.As(err, &e) || e.Start < 0 || e.Start > e.End || e.End > len(s) || e.Query != s || e.Msg == "" {
			t.Fatalf("%q: got error %#v", s, err)
		}
		return
	}
	checkNormal(t, q.Expr, s)
	printed := Print(q)
	if len(printed) > MaxBytes {
		return // quotes and escapes made it longer than a query may be
	}
	again, err := Parse(printed, nil)
	if err != nil {
		t.Fatalf("%q: %s: printed as %q: %v", s, q, printed, err)
	}
	if !reflect.DeepEqual(q.Expr, again.Expr) || !reflect.DeepEqual(q.Sort, again.Sort) {
		t.Fatalf("%q: got %s, printed as %q: %s", s, q, printed, again)
	}
	if second := Print(again); second != printed {
		t.Fatalf("%q: printed as %q, then as %q", s, printed, second)
	}
}

// checkNormal reports where e, which was parsed from s, is not in normal form.
func checkNormal(t *testing.T, e Expr, s string) {
	t.Helper()
	var walk func(e, parent Expr, depth int)
	walk = func(e, parent Expr, depth int) {
		if depth > 3*MaxDepth+3 {
			t.Fatalf("%q: too deep", s)
		}
		var list []Expr
		bad := false
		switch x := e.(type) {
		case *All:
			bad = parent != nil
		case *And:
			list = x.Operands
			_, bad = parent.(*And)
			bad = bad || len(list) < 2
			words := 0
			for _, o := range list {
				if _, ok := o.(*Words); ok {
					words++
				}
			}
			bad = bad || words > 1
		case *Or:
			list = x.Operands
			_, bad = parent.(*Or)
			bad = bad || len(list) < 2
		case *Not:
			list = []Expr{x.Operand}
			_, bad = parent.(*Not)
		case *Words:
			bad = len(x.Terms) < 2
		case *Text, *Number, *Date, *Perm, *Unknown:
		default:
			bad = true
		}
		if bad {
			t.Fatalf("%q: %s in %v is not normal", s, e, parent)
		}
		for _, o := range list {
			walk(o, e, depth+1)
		}
	}
	walk(e, nil, 0)
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(checkParse)
}

// TestParseSeedsJoined prints and parses all forms beside each other.
func TestParseSeedsJoined(t *testing.T) {
	list := seeds(t)
	for i, a := range list {
		checkParse(t, a)
		for j, b := range list {
			if (i+j)%5 != 0 {
				continue
			}
			for _, form := range []string{"%a %b", "%a | %b", "-(%a) -(%b)", "(%a case:yes) (%b)"} {
				checkParse(t, strings.NewReplacer("%a", a, "%b", b).Replace(form))
			}
		}
	}
}

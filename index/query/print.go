package query

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
)

// Print writes q in the canonical way: Parse(Print(q)) equals q, unless quotes, escapes and the parentheses that mark
// exact leaves bring a query that was close to the limits of Parse over them. It is meant for queries that Parse made,
// and what can be built from their parts.
func Print(q *Query) string {
	w := printer{}
	w.exact, w.plain = countExact(q.Expr)
	mixed := w.exact > 0 && w.plain > 0
	w.mark = mixed
	var parts []string
	if _, ok := q.Expr.(*All); !ok {
		w.expr(q.Expr, 0)
		parts = append(parts, w.String())
	}
	if w.exact > 0 && !mixed {
		parts = append(parts, "case:yes")
	}
	if q.Sort != nil {
		keys := make([]string, len(q.Sort))
		for i, k := range q.Sort {
			keys[i] = k.String()
		}
		parts = append(parts, "sort:"+strings.Join(keys, ","))
	}
	return strings.Join(parts, " ")
}

// String writes k as sort: takes it.
func (k SortKey) String() string {
	if k.Desc {
		return "-" + k.Key
	}
	return k.Key
}

// countExact counts the leaves of e that are exact, and those that could be and are not.
func countExact(e Expr) (exact, plain int) {
	count := func(is bool) {
		if is {
			exact++
		} else {
			plain++
		}
	}
	var walk func(Expr)
	walk = func(e Expr) {
		switch e := e.(type) {
		case *And:
			for _, x := range e.Operands {
				walk(x)
			}
		case *Or:
			for _, x := range e.Operands {
				walk(x)
			}
		case *Not:
			walk(e.Operand)
		case *Words:
			for _, t := range e.Terms {
				count(t.Exact)
			}
		case *Text:
			if e.Field.canBeExact() {
				count(e.Exact)
			}
		}
	}
	walk(e)
	return exact, plain
}

type printer struct {
	strings.Builder
	exact, plain int
	mark         bool // each exact leaf is marked
}

// Where an expression stands, which decides whether it needs parentheses.
const (
	inOr  = iota + 1
	inAnd // no Or
	inNot // no Or, no And
)

func (w *printer) expr(e Expr, in int) {
	switch e := e.(type) {
	case *And:
		w.parens(in == inNot, func() { w.and(e) })
	case *Or:
		w.parens(in > inOr, func() {
			for i, x := range e.Operands {
				if i > 0 {
					w.WriteString(" | ")
				}
				w.expr(x, inOr)
			}
		})
	case *Not:
		w.WriteByte('-')
		w.expr(e.Operand, inNot)
	case *Words:
		w.parens(in == inNot, func() { w.words(e) })
	case *Text:
		w.text(e, false, in == inNot)
	default:
		w.WriteString(printLeaf(e))
	}
}

func (w *printer) parens(on bool, f func()) {
	if on {
		w.WriteByte('(')
	}
	f()
	if on {
		w.WriteByte(')')
	}
}

// and writes operands side by side. Parts of names that must not become Words are written with their field.
func (w *printer) and(e *And) {
	bare := 0
	for _, x := range e.Operands {
		switch x := x.(type) {
		case *Words:
			bare += 2
		case *Text:
			if x.Field == Name && x.Mode == Has {
				bare++
			}
		}
	}
	for i, x := range e.Operands {
		if i > 0 {
			w.WriteByte(' ')
		}
		if t, ok := x.(*Text); ok {
			w.text(t, bare > 1, false)
			continue
		}
		w.expr(x, inAnd)
	}
}

func (w *printer) words(e *Words) {
	for i, t := range e.Terms {
		if i > 0 {
			w.WriteByte(' ')
		}
		w.text(&Text{Field: Name, Mode: Has, Value: t.Value, Exact: t.Exact}, false, false)
	}
}

// text writes a text leaf; field says that a part of a name is to be written with its field, not that a minus is
// before it.
func (w *printer) text(t *Text, field, not bool) {
	if t.Exact && w.mark {
		w.WriteString("(" + printText(t, field, false) + " case:yes)")
		return
	}
	w.WriteString(printText(t, field, not))
}

// printText writes t in the shortest of the ways that read as t.
func printText(t *Text, field, not bool) string {
	reads := func(s string) bool { return readsAs(s, t, not) }
	prefix := t.Field.String() + ":"
	if t.Mode == Re {
		if t.Field == Name {
			return "/" + t.Value + "/"
		}
		return prefix + "/" + t.Value + "/"
	}
	if t.Mode == Glob {
		value := escapeGlob(t.Value, !t.Field.canBeExact())
		for _, s := range [...]string{value, `\` + value, strings.Replace(value, ":", `\:`, 1)} {
			if (t.Field == Name || t.Field == Path) && reads(s) {
				return s
			}
		}
		if s := prefix + value; reads(s) {
			return s
		}
		return prefix + `\` + value
	}
	quoted := quote(t.Value)
	if t.Mode == Has && !field && (t.Field == Name || t.Field == Path && strings.Contains(t.Value, "/")) {
		if reads(t.Value) {
			return t.Value
		}
		return quoted
	}
	if t.Mode == Is && (t.Field <= Target || t.Field == Host) && t.Value != "" {
		prefix += "="
	}
	if s := prefix + t.Value; reads(s) {
		return s
	}
	return prefix + quoted
}

// readsAs reports whether s, with other text around it, after a minus if not is set, is read as t and nothing else.
func readsAs(s string, t *Text, not bool) bool {
	if not {
		s = "-" + s
	}
	if t.Exact {
		s += " case:yes"
	}
	q, err := Parse("("+s+")", nil)
	if err != nil {
		return false
	}
	e := q.Expr
	if n, ok := e.(*Not); ok && not {
		e = n.Operand
	} else if not {
		return false
	}
	got, ok := e.(*Text)
	return ok && *got == *t
}

// quote writes s between quotes.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// escapeGlob writes the Value of a glob for a query: with a backslash before what would end the word.
func escapeGlob(value string, list bool) string {
	var b strings.Builder
	escaped, depth := false, 0
	for _, r := range value {
		switch {
		case escaped:
			escaped = false
			b.WriteRune(r)
			continue
		case r == '\\':
			escaped = true
		case r == '{':
			depth++
		case r == '}':
			depth = max(depth-1, 0) // one that closes nothing is text
		case unicode.IsSpace(r), strings.ContainsRune(`"|()`, r), list && depth == 0 && (r == ',' || r == ';'):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// printLeaf writes a leaf that is no text.
func printLeaf(e Expr) string {
	switch e := e.(type) {
	case *Number:
		switch {
		case e.Lo == math.MaxInt64: // a number itself may be one less at most
			return fmt.Sprintf("%s:>%d", e.Field, e.Lo-1)
		case e.Lo == e.Hi:
			return fmt.Sprintf("%s:=%d", e.Field, e.Lo)
		case e.Hi == math.MaxInt64:
			return fmt.Sprintf("%s:>=%d", e.Field, e.Lo)
		case e.Lo == 0:
			return fmt.Sprintf("%s:<=%d", e.Field, e.Hi)
		}
		return fmt.Sprintf("%s:%d..%d", e.Field, e.Lo, e.Hi)
	case *Date:
		return e.Field.String() + ":" + printDates(e.From, e.To)
	case *Perm:
		return "perm:" + map[PermMode]string{PermAll: "-", PermAny: "/"}[e.Mode] + fmt.Sprintf("%04o", e.Bits)
	case *Unknown:
		return e.Field.String() + ":unknown"
	}
	return ""
}

// printDates writes an interval of time. A year is at most 9998 in a query, so what begins after that is written as
// later than its last day.
func printDates(from, to time.Time) string {
	switch {
	case from.IsZero() && to.IsZero():
		return ".."
	case from.IsZero() && to.Year() > 9998:
		return "<=9998-12-31"
	case from.IsZero():
		return "<" + formatTime(to)
	case to.IsZero() && from.Year() > 9998:
		return ">9998-12-31"
	case to.IsZero():
		return ">=" + formatTime(from)
	case isMidnight(from) && isMidnight(to):
		a, b := formatTime(from), formatTime(to.AddDate(0, 0, -1))
		if a == b {
			return a
		}
		return a + ".." + b
	}
	const seconds = "2006-01-02T15:04:05Z"
	return from.Format(seconds) + ".." + to.Add(-time.Second).Format(seconds)
}

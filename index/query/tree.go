package query

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var fieldNames = [...]string{
	Name: "name", Path: "path", In: "in", Parent: "parent", Target: "target", Ext: "ext", Host: "host",
	Type: "type", Kind: "kind", Owner: "owner", Group: "group", Size: "size", PermBits: "perm",
	Depth: "depth", Copies: "copies", Mtime: "date", Added: "added", Seen: "seen",
}

// String returns the name of the field as queries write it.
func (f Field) String() string { return fieldNames[f] }

// canBeExact reports whether case: has a meaning for f.
func (f Field) canBeExact() bool { return f <= Target }

var modeNames = [...]string{Has: "has", Is: "is", Glob: "glob", Re: "re", IP: "ip", CIDR: "cidr"}

// String returns has, is, glob, re, ip or cidr.
func (m Mode) String() string { return modeNames[m] }

var permModeNames = [...]string{PermIs: "is", PermAll: "all", PermAny: "any"}

// String returns is, all or any.
func (m PermMode) String() string { return permModeNames[m] }

func (*All) String() string { return "all" }

func (e *And) String() string { return operands("and", e.Operands) }

func (e *Or) String() string { return operands("or", e.Operands) }

func (e *Not) String() string { return "(not " + e.Operand.String() + ")" }

func (e *Words) String() string {
	var b strings.Builder
	b.WriteString("(words")
	for _, w := range e.Terms {
		b.WriteByte(' ')
		if w.Exact {
			b.WriteByte('!')
		}
		b.WriteString(strconv.Quote(w.Value))
	}
	b.WriteByte(')')
	return b.String()
}

func (e *Text) String() string {
	exact := ""
	if e.Exact {
		exact = "!"
	}
	return fmt.Sprintf("(%s %s%s %q)", e.Field, e.Mode, exact, e.Value)
}

func (e *Number) String() string {
	if e.Hi == math.MaxInt64 {
		return fmt.Sprintf("(%s %d..)", e.Field, e.Lo)
	}
	return fmt.Sprintf("(%s %d..%d)", e.Field, e.Lo, e.Hi)
}

func (e *Date) String() string {
	return fmt.Sprintf("(%s [%s, %s))", e.Field, formatTime(e.From), formatTime(e.To))
}

func (e *Perm) String() string { return fmt.Sprintf("(perm %s %04o)", e.Mode, e.Bits) }

func (e *Unknown) String() string { return fmt.Sprintf("(%s unknown)", e.Field) }

func operands(op string, list []Expr) string {
	var b strings.Builder
	b.WriteString("(" + op)
	for _, e := range list {
		b.WriteByte(' ')
		b.WriteString(e.String())
	}
	b.WriteByte(')')
	return b.String()
}

// formatTime writes a point in time as queries do: the day alone for a midnight, "" for an open end.
func formatTime(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case isMidnight(t):
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02T15:04:05Z")
}

func isMidnight(t time.Time) bool {
	h, m, s := t.Clock()
	return h == 0 && m == 0 && s == 0
}

// String writes the tree of q, and its order if there is one: (name has "wget") sort -size name.
func (q *Query) String() string {
	var b strings.Builder
	b.WriteString(q.Expr.String())
	if q.Sort != nil {
		b.WriteString(" sort")
		for _, k := range q.Sort {
			b.WriteString(" " + k.String())
		}
	}
	return b.String()
}

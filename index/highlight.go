package index

import (
	"cmp"
	"slices"

	"github.com/ftpidx/ftpidx/index/query"
)

// Highlight returns what expr, which selects d, finds in its name and its directory: ranges of bytes of NameText and
// of DirText, sorted, that neither overlap nor touch. Leaves on name and path that match count, unless they are
// negated; a term of Words counts in the name, or else in the directory.
func Highlight(expr query.Expr, d *Document) (name, dir []Range) {
	h := highlighter{d: d}
	h.expr(expr)
	return mergeRanges(h.name), mergeRanges(h.dir)
}

type highlighter struct {
	d         *Document
	name, dir []Range
}

func (h *highlighter) expr(expr query.Expr) {
	switch e := expr.(type) {
	case *query.And:
		for _, x := range e.Operands {
			h.expr(x)
		}
	case *query.Or:
		for _, x := range e.Operands {
			if Match(x, h.d) {
				h.expr(x)
			}
		}
	case *query.Words:
		for _, t := range e.Terms {
			leaf := &query.Text{Field: query.Name, Mode: query.Has, Value: t.Value, Exact: t.Exact}
			if found := leafRanges(leaf, h.d.NameText()); found != nil {
				h.name = append(h.name, found...)
			} else {
				h.dir = append(h.dir, leafRanges(leaf, h.d.DirText())...)
			}
		}
	case *query.Text:
		switch e.Field {
		case query.Name:
			h.name = append(h.name, leafRanges(e, h.d.NameText())...)
		case query.Path:
			h.path(leafRanges(e, h.d.PathText()))
		}
	}
}

// path divides ranges of the pathname between directory and name; the slash between them belongs to neither, but the
// directory "/" is one.
func (h *highlighter) path(found []Range) {
	slash := len(h.d.PathText()) - len(h.d.NameText()) - 1
	dir := len(h.d.DirText())
	for _, r := range found {
		if r.Start < dir {
			h.dir = append(h.dir, Range{r.Start, min(r.End, dir)})
		}
		if r.End > slash+1 {
			h.name = append(h.name, Range{max(r.Start-slash-1, 0), r.End - slash - 1})
		}
	}
}

// leafRanges returns the ranges of text that the leaf finds; nil if it finds nothing.
func leafRanges(t *query.Text, text string) []Range {
	var list []Range
	for _, r := range query.FindText(t, text) {
		list = append(list, Range{r[0], r[1]})
	}
	return list
}

// mergeRanges sorts list and joins what overlaps or touches.
func mergeRanges(list []Range) []Range {
	slices.SortFunc(list, func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
	var out []Range
	for _, r := range list {
		if n := len(out); n > 0 && r.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, r.End)
			continue
		}
		out = append(out, r)
	}
	return out
}

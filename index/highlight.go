package index

import (
	"cmp"
	"slices"

	"github.com/ftpidx/ftpidx/index/query"
)

// Highlight returns what expr, which selects d, finds in its name and its directory: ranges of bytes of NameText and
// of DirText, sorted, that neither overlap nor touch. Leaves on name and path that match count, unless they are
// negated; a term of Words counts in the name, or else in the directory.
func Highlight(expr query.Expr, d *Document) (name, dir []Range) { return Highlighter(expr)(d) }

// Highlighter returns Highlight of one expression, for use with many documents: patterns are compiled once. The function may be called
// by several goroutines at once.
func Highlighter(expr query.Expr) func(d *Document) (name, dir []Range) {
	mark := marker(expr)
	return func(d *Document) (name, dir []Range) {
		h := highlights{d: d}
		mark(&h)
		return mergeRanges(h.name), mergeRanges(h.dir)
	}
}

// highlights are the ranges found so far.
type highlights struct {
	d         *Document
	name, dir []Range
}

// marker returns a function that adds what expr finds.
func marker(expr query.Expr) func(h *highlights) {
	switch e := expr.(type) {
	case *query.And:
		markers := markers(e.Operands)
		return func(h *highlights) {
			for _, mark := range markers {
				mark(h)
			}
		}
	case *query.Or:
		selects, markers := matchers(e.Operands), markers(e.Operands)
		return func(h *highlights) {
			for i, mark := range markers {
				if selects[i](h.d) {
					mark(h)
				}
			}
		}
	case *query.Words:
		finders := make([]func(text string) []Range, len(e.Terms))
		for i, t := range e.Terms {
			finders[i] = rangeFinder(wordLeaf(t))
		}
		return func(h *highlights) {
			for _, find := range finders {
				if found := find(h.d.NameText()); found != nil {
					h.name = append(h.name, found...)
				} else {
					h.dir = append(h.dir, find(h.d.DirText())...)
				}
			}
		}
	case *query.Text:
		switch e.Field {
		case query.Name:
			find := rangeFinder(e)
			return func(h *highlights) { h.name = append(h.name, find(h.d.NameText())...) }
		case query.Path:
			find := rangeFinder(e)
			return func(h *highlights) { h.path(find(h.d.PathText())) }
		}
	}
	return func(*highlights) {}
}

func markers(list []query.Expr) []func(h *highlights) {
	out := make([]func(h *highlights), len(list))
	for i, x := range list {
		out[i] = marker(x)
	}
	return out
}

// path divides ranges of the pathname between directory and name; the slash between them belongs to neither, but the
// directory "/" is one.
func (h *highlights) path(found []Range) {
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

// rangeFinder returns a function that returns the ranges of a text that a leaf finds; nil if it finds nothing.
func rangeFinder(t *query.Text) func(text string) []Range {
	find := query.TextFinder(t)
	return func(text string) []Range {
		var list []Range
		for _, r := range find(text) {
			list = append(list, Range{r[0], r[1]})
		}
		return list
	}
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

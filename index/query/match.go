package query

import (
	"slices"
	"strings"
)

// CompileText returns a function that reports whether a text leaf on the field Name, Path, In, Parent, Target, Ext,
// Owner or Group selects a text, which the caller gives in the form that t compares: folded ([Fold]), or composed
// ([Exact]) if t is exact. The text is for Name and Ext the name, for Path the path, for Target the
// target; for In and Parent one directory. The function may be called by several goroutines at once. t is one that
// Parse made.
func CompileText(t *Text) func(text string) bool {
	switch t.Mode {
	case Re:
		return matcherOf(mustRegexp(t))
	case Glob:
		selects := compileGlob(globOf(t))
		if t.Field == Ext {
			return func(name string) bool {
				ext := LastExt(name)
				return ext != "" && selects(ext)
			}
		}
		return selects
	}
	value := formOf(t.Value, t.Exact)
	switch {
	case t.Field == Ext && value == "":
		return func(name string) bool { return !hasExt(name) }
	case t.Field == Ext:
		return func(name string) bool {
			n := len(name) - len(value) - 1
			return n > 0 && name[n] == '.' && name[n+1:] == value
		}
	case t.Mode == Is:
		return func(text string) bool { return text == value }
	case t.Field == In || t.Field == Parent:
		return func(dir string) bool { return endsInElements(dir, value) }
	}
	return func(text string) bool { return strings.Contains(text, value) }
}

// endsInElements reports whether the directory dir is value, or, if that is relative, ends in its elements.
func endsInElements(dir, value string) bool {
	if strings.HasPrefix(value, "/") {
		return dir == value
	}
	n := len(dir) - len(value)
	return n > 0 && dir[n-1] == '/' && dir[n:] == value
}

// hasExt reports whether a dot in name has text on both sides.
func hasExt(name string) bool {
	return len(name) > 2 && strings.IndexByte(name[1:len(name)-1], '.') >= 0
}

// LastExt returns the text after the last dot of a name, if there is text on both sides of the dot; else "".
func LastExt(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 {
		return ""
	}
	return name[i+1:]
}

// globOf returns the glob that t is, over the whole of a text and in the form that t compares. A glob over a pathname
// that does not begin with a slash may begin just after any.
func globOf(t *Text) glob {
	g, _ := parseGlob(globChars(t.Value))
	if t.Exact {
		g = g.mapText(Exact)
	} else {
		g, _ = g.fold()
	}
	g = g.simplify()
	path := t.Field == Path || t.Field == In || t.Field == Parent
	if path && (len(g) == 0 || g[0].op != globRune || g[0].r != '/') {
		g = slices.Concat(glob{{op: globAny}, {op: globRune, r: '/'}}, g)
	}
	return g
}

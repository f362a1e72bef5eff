package query

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CompileText returns a function that reports whether a text leaf on the field Name, Path, In, Parent, Target, Ext,
// Owner or Group selects a text, which the caller gives in the form that t compares: folded ([Fold]), or composed
// ([Exact]) if t is exact. The text is for Name and Ext the name, for Path the path, for Target the
// target; for In and Parent one directory. The function may be called by several goroutines at once. t is one that
// Parse made.
func CompileText(t *Text) func(text string) bool {
	switch t.Mode {
	case Re:
		return mustRegexp(t).MatchString
	case Glob:
		re := globRegexp(t)
		if t.Field == Ext {
			return func(name string) bool { return re.MatchString(LastExt(name)) && LastExt(name) != "" }
		}
		return re.MatchString
	}
	value := formOf(t.Value, t.Exact)
	switch {
	case t.Field == Ext && value == "":
		return func(name string) bool { return LastExt(name) == "" }
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

// LastExt returns the text after the last dot of a name, if there is text on both sides of the dot; else "".
func LastExt(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 {
		return ""
	}
	return name[i+1:]
}

// compileRegexp compiles the pattern of t.
func compileRegexp(t *Text) (*regexp.Regexp, error) {
	if t.Exact {
		return regexp.Compile(t.Value)
	}
	return regexp.Compile("(?i)" + foldPattern(t.Value))
}

// mustRegexp compiles the pattern of a leaf that Parse made, which is a good one.
func mustRegexp(t *Text) *regexp.Regexp {
	re, err := compileRegexp(t)
	if err != nil {
		panic("query: " + err.Error())
	}
	return re
}

// foldPattern folds each letter of a regular expression that is not ASCII.
func foldPattern(pattern string) string {
	var b strings.Builder
	for _, r := range pattern {
		if r >= utf8.RuneSelf && unicode.IsLetter(r) {
			b.WriteString(Fold(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// globRegexp returns the regular expression that a glob is.
func globRegexp(t *Text) *regexp.Regexp {
	g, _ := parseGlob(globChars(t.Value), false)
	if !t.Exact {
		g, _ = g.fold()
	} else {
		g = g.mapText(Exact)
	}
	var b strings.Builder
	b.WriteString("^")
	if t.Field == Path || t.Field == In || t.Field == Parent {
		if len(g) == 0 || g[0].op != globRune || g[0].r != '/' {
			b.WriteString("(?:.*/)?")
		}
	}
	g.regexp(&b)
	return regexp.MustCompile("(?s)" + b.String() + "$")
}

func (g glob) regexp(b *strings.Builder) {
	for _, item := range g {
		switch item.op {
		case globRune:
			b.WriteString(regexp.QuoteMeta(string(item.r)))
		case globAny:
			b.WriteString(".*")
		case globOne:
			b.WriteString(".")
		case globClass:
			b.WriteByte('[')
			if item.neg {
				b.WriteByte('^')
			}
			for _, r := range item.set {
				b.WriteString(classRune(r.lo) + "-" + classRune(r.hi))
			}
			b.WriteByte(']')
		case globAlt:
			b.WriteString("(?:")
			for i, alt := range item.alts {
				if i > 0 {
					b.WriteByte('|')
				}
				alt.regexp(b)
			}
			b.WriteByte(')')
		}
	}
}

func classRune(r rune) string {
	if r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r > ' ' {
		return `\` + string(r)
	}
	return string(r)
}

package query

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pattern returns the regular expression, in the syntax of RE2, of a leaf with mode Glob or Re: it matches what
// [CompileText] selects. An engine can read from it what each match must hold. For Ext it is about the text after the
// last dot.
func Pattern(t *Text) string {
	if t.Mode == Glob {
		return globOf(t).pattern()
	}
	return mustRegexp(t).String()
}

// compileRegexp compiles the pattern of t.
func compileRegexp(t *Text) (*regexp.Regexp, error) {
	return regexp.Compile(regexpOf(t))
}

// regexpOf returns the pattern of t, with letters folded unless it is exact.
func regexpOf(t *Text) string {
	if t.Exact {
		return t.Value
	}
	return ignoreCase + foldPattern(t.Value)
}

// ignoreCase is what stands before the user's pattern where letters are folded.
const ignoreCase = "(?i)"

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

// pattern returns the regular expression that matches the whole of what g does.
func (g glob) pattern() string {
	var b strings.Builder
	g.writePattern(&b)
	return "^(?s:" + b.String() + ")$"
}

func (g glob) writePattern(b *strings.Builder) {
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
				fmt.Fprintf(b, `\x{%x}-\x{%x}`, r.lo, r.hi)
			}
			b.WriteByte(']')
		case globAlt:
			b.WriteString("(?:")
			for i, alt := range item.alts {
				if i > 0 {
					b.WriteByte('|')
				}
				alt.writePattern(b)
			}
			b.WriteByte(')')
		}
	}
}

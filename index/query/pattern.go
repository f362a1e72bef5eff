package query

import (
	"regexp"
	"strings"
)

// Pattern returns a regular expression, in the syntax of RE2, that matches whatever a leaf with mode Glob or Re selects,
// and perhaps more: a class of a glob becomes any character. An engine can read from it what every match must hold;
// whether a text is selected [CompileText] says.
func Pattern(t *Text) string {
	if t.Mode != Glob {
		return mustRegexp(t).String()
	}
	var b strings.Builder
	b.WriteString("(?s)^")
	globOf(t).pattern(&b)
	b.WriteString("$")
	return b.String()
}

func (g glob) pattern(b *strings.Builder) {
	for _, item := range g {
		switch item.op {
		case globRune:
			b.WriteString(regexp.QuoteMeta(string(item.r)))
		case globAny:
			b.WriteString(".*")
		case globOne, globClass:
			b.WriteString(".")
		case globAlt:
			for i, alt := range item.alts {
				b.WriteString(map[bool]string{true: "(?:", false: "|"}[i == 0])
				alt.pattern(b)
			}
			b.WriteString(")")
		}
	}
}

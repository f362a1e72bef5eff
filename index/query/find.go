package query

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FindText returns what a text leaf on Name or Path finds in a text, as it is shown and neither folded nor composed:
// ranges of bytes [start, end), in order, that do not overlap. They are all occurrences for Has, leftmost first, the
// leftmost match for Re, and all the text for the other modes. A range covers whole characters with the marks on them,
// all those whose forms overlap what was found. It is nil where t does not select the text.
func FindText(t *Text, text string) [][2]int { return TextFinder(t)(text) }

// TextFinder returns FindText of one leaf, for use with many texts: a pattern is compiled once. The function may be called by several
// goroutines at once.
func TextFinder(t *Text) func(text string) [][2]int {
	find := formFinder(t)
	return func(text string) [][2]int { return findText(find, text, t.Exact) }
}

func findText(find func(form string) [][2]int, text string, exact bool) [][2]int {
	units := unitsOf(text, exact)
	var form strings.Builder
	for _, u := range units {
		form.WriteString(u.form)
	}
	var found [][2]int
	start, u := 0, 0 // where the form of units[u] starts
	for _, f := range find(form.String()) {
		for u < len(units) && start+len(units[u].form) <= f[0] {
			start += len(units[u].form)
			u++
		}
		r := [2]int{-1, -1}
		for at, v := start, u; v < len(units) && at < f[1]; v++ {
			if units[v].form != "" {
				if r[0] < 0 {
					r[0] = units[v].start
				}
				r[1] = units[v].end
			}
			at += len(units[v].form)
		}
		switch n := len(found); {
		case r[0] < 0:
		case n > 0 && r[0] < found[n-1][1]:
			found[n-1][1] = r[1]
		default:
			found = append(found, r)
		}
	}
	return found
}

// formFinder returns a function that returns what t finds in the form of a text.
func formFinder(t *Text) func(form string) [][2]int {
	selects := CompileText(t)
	find := func(form string) [][2]int { return [][2]int{{0, len(form)}} }
	switch t.Mode {
	case Has:
		value := formOf(t.Value, t.Exact)
		find = func(form string) [][2]int {
			var found [][2]int
			for at := 0; ; {
				i := strings.Index(form[at:], value)
				if i < 0 {
					return found
				}
				found = append(found, [2]int{at + i, at + i + len(value)})
				at += i + len(value)
			}
		}
	case Re:
		re := mustRegexp(t)
		find = func(form string) [][2]int {
			m := re.FindStringIndex(form)
			return [][2]int{{m[0], m[1]}}
		}
	}
	return func(form string) [][2]int {
		if !selects(form) {
			return nil
		}
		return find(form)
	}
}

// A unit is a stretch of a text that can be folded by itself: a character and the marks on it. The forms of the
// units together are the form of the text.
type unit struct {
	start, end int
	form       string
}

func unitsOf(text string, exact bool) []unit {
	units := make([]unit, 0, len(text))
	start := 0
	for i, r := range text {
		if i > start && startsUnit(r, exact) {
			units = append(units, unit{start, i, formOf(text[start:i], exact)})
			start = i
		}
	}
	if start < len(text) {
		units = append(units, unit{start, len(text), formOf(text[start:], exact)})
	}
	return units
}

// startsUnit reports whether nothing that r becomes can melt into the characters before it.
func startsUnit(r rune, exact bool) bool {
	if r < utf8.RuneSelf {
		return true
	}
	f := formOf(string(r), exact)
	return f != "" && !unicode.Is(unicode.M, r) && norm.NFC.PropertiesString(f).BoundaryBefore()
}

// formOf returns the form in which a leaf compares a text: composed if it is exact, else folded.
func formOf(text string, exact bool) string {
	if exact {
		return Exact(text)
	}
	return Fold(text)
}

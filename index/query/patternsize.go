package query

import "regexp/syntax"

// maxPatterns is how many instructions the regular expressions of a query may compile to together. Repetitions are written out, also
// in what package regexp makes of them: {1000} after a group of 3,000 letters makes three million, which take half a
// gigabyte, and minutes with each name.
const maxPatterns = 10_000

// patternSize returns how many instructions a regular expression compiles to, about, and no more than limit.
func patternSize(re *syntax.Regexp, limit int) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpRepeat:
		sub := patternSize(re.Sub[0], limit)
		optional := max(re.Max-re.Min, 1) // x{3,} is xxxx*
		return min(limit, re.Min*sub+optional*(sub+1))
	}
	for _, sub := range re.Sub {
		if n >= limit {
			break
		}
		n += patternSize(sub, limit)
	}
	return min(n, limit)
}

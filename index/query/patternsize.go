package query

import "regexp/syntax"

// maxPatterns is how large the patterns of a query may be together. Repetitions are written out, also in what package regexp makes of
// them: {1000} after a group of 3,000 letters makes three million instructions, which take half a gigabyte, and minutes with each name.
const maxPatterns = 10_000

// optionalSize is how many instructions a part counts that may be left out. What follows it is tried at the same place of a name: of 1,000
// such parts, all are tried with each letter, of 1,000 letters in a row only the first few.
const optionalSize = 16

// patternSize returns the size of a regular expression, and no more than limit: about how many instructions it compiles to, and
// optionalSize for each part that may be left out or repeated.
func patternSize(re *syntax.Regexp, limit int) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		n += optionalSize
	case syntax.OpRepeat:
		sub := patternSize(re.Sub[0], limit)
		optional := re.Max - re.Min
		if re.Max < 0 {
			optional = 1 // x{3,} is xxxx*
		}
		return min(limit, re.Min*sub+optional*(sub+1+optionalSize))
	}
	for _, sub := range re.Sub {
		if n >= limit {
			break
		}
		n += patternSize(sub, limit)
	}
	return min(n, limit)
}

package index

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// A need is what a text must hold to match a regular expression: all of its parts. An empty need is no help.
type need []alternatives

// alternatives are texts of which one at least must be there. The begin and end of the text are beginMark and endMark.
type alternatives []string

// Sets of texts that a part of an expression can stand for are followed up to this many.
const maxAlternatives = 128

// requiredBy returns what a folded text must hold to match pattern. Only ASCII is looked at, in lower case: wherever an
// ASCII text stands in a name, its lower case stands in the fold of the name, so this holds for exact patterns too.
func requiredBy(pattern string) need {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	var n need
	n.concat([]*syntax.Regexp{re.Simplify()})
	return n
}

// concat adds what the expressions, one after the other, need.
func (n *need) concat(res []*syntax.Regexp) {
	var run [][]string // what follows each other without a gap, by all its texts
	for _, re := range flatten(res) {
		if set, ok := exactly(re); ok {
			run = append(run, set)
			continue
		}
		n.addRun(run)
		run = run[:0]
		switch re.Op {
		case syntax.OpPlus:
			n.concat(re.Sub)
		case syntax.OpRepeat:
			if re.Min > 0 {
				n.concat(re.Sub)
			}
		}
	}
	n.addRun(run)
}

// addRun adds the texts that the sets of a run, one after the other, stand for: as many sets at a time as make few texts. Where all are too
// many, what is left out at the begin or the end of one stands in the next: of [0-9][a-f][a-f][a-f]$ the end is enough.
func (n *need) addRun(run [][]string) {
	end := 0
	for i := range run {
		if end == len(run) {
			return
		}
		texts := []string{""}
		j := i
		for j < len(run) && len(texts)*len(run[j]) <= maxAlternatives {
			texts = cross(texts, run[j])
			j++
		}
		if j > end {
			n.add(texts)
			end = j
		}
	}
}

// flatten returns the expressions with concatenations among them replaced by their parts.
func flatten(res []*syntax.Regexp) []*syntax.Regexp {
	var out []*syntax.Regexp
	for _, re := range res {
		switch {
		case re.Op == syntax.OpConcat:
			out = append(out, flatten(re.Sub)...)
		case re.Op == syntax.OpCapture:
			out = append(out, flatten(re.Sub[:1])...)
		default:
			out = append(out, re)
		}
	}
	return out
}

// add adds one of texts, if each of them is long enough to be looked for.
func (n *need) add(texts []string) {
	for i, t := range texts {
		for _, mark := range []rune{beginMark, endMark} { // ^ and $ may stand there twice
			for two := string([]rune{mark, mark}); strings.Contains(t, two); {
				t = strings.ReplaceAll(t, two, string(mark))
			}
		}
		if len(t) < 3 {
			return
		}
		texts[i] = t
	}
	*n = append(*n, texts)
}

func cross(a, b []string) []string {
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// exactly returns all texts that re matches, if they are few and ASCII.
func exactly(re *syntax.Regexp) (set []string, ok bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpBeginText:
		return []string{string(rune(beginMark))}, true
	case syntax.OpEndText:
		return []string{string(rune(endMark))}, true
	case syntax.OpLiteral:
		b := make([]byte, 0, len(re.Rune))
		for _, r := range re.Rune {
			if r >= utf8.RuneSelf || r <= endMark {
				return nil, false
			}
			b = append(b, lowerASCII(byte(r)))
		}
		return []string{string(b)}, true
	case syntax.OpCharClass:
		seen := map[byte]bool{}
		for i := 0; i < len(re.Rune); i += 2 {
			if c := foldsToASCII(re.Rune[i]); c != 0 && re.Rune[i] == re.Rune[i+1] {
				if !seen[c] {
					seen[c] = true
					set = append(set, string([]byte{c}))
				}
				continue
			}
			if re.Rune[i+1] >= utf8.RuneSelf || re.Rune[i] <= endMark || re.Rune[i+1]-re.Rune[i] > maxAlternatives {
				return nil, false
			}
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if c := lowerASCII(byte(r)); !seen[c] {
					seen[c] = true
					set = append(set, string([]byte{c}))
				}
			}
		}
		return set, len(set) <= maxAlternatives
	case syntax.OpCapture:
		return exactly(re.Sub[0])
	case syntax.OpQuest:
		set, ok = exactly(re.Sub[0])
		return append(set, ""), ok
	case syntax.OpConcat:
		set = []string{""}
		for _, sub := range re.Sub {
			s, ok := exactly(sub)
			if !ok || len(set)*len(s) > maxAlternatives {
				return nil, false
			}
			set = cross(set, s)
		}
		return set, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			s, ok := exactly(sub)
			if !ok || len(set)+len(s) > maxAlternatives {
				return nil, false
			}
			set = append(set, s...)
		}
		return set, true
	}
	return nil, false
}

// foldsToASCII returns the letter that the long s and the Kelvin sign fold to, 0 for all else: they stand in each class of letters,
// k or s among them, that is to match in any case.
func foldsToASCII(r rune) byte {
	switch r {
	case '\u017f':
		return 's'
	case '\u212a':
		return 'k'
	}
	return 0
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// requiredByText returns what a folded text must hold that holds an exact text: its ASCII parts in lower case.
func requiredByText(exact string) need {
	var n need
	start := 0
	for i := 0; i <= len(exact); i++ {
		if i < len(exact) && exact[i] < utf8.RuneSelf && exact[i] > endMark {
			continue
		}
		if i-start >= 3 {
			b := []byte(exact[start:i])
			for k := range b {
				b[k] = lowerASCII(b[k])
			}
			n = append(n, alternatives{string(b)})
		}
		start = i + 1
	}
	return n
}

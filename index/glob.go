package index

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/index/query"
)

// Most globs are texts, stars and a few classes. They are matched here ten times faster than by a regular expression, which stays
// the meaning of a glob and serves for all others.

// A globPart is a text, one character of a class, or a star: any text.
type globPart struct {
	text string // if not empty
	star bool
	any  bool   // any character
	set  []rune // pairs: the ends of ranges
}

// compileName returns a function that reports whether a leaf on names, of mode Glob or Re and not exact, selects a folded name.
func compileName(t *query.Text) func(name []byte) bool {
	if t.Mode == query.Glob {
		if parts, ok := globParts(query.Pattern(t)); ok {
			return func(name []byte) bool { return matchGlob(parts, name) }
		}
	}
	selects := query.CompileText(t)
	return func(name []byte) bool { return selects(textOf(name)) }
}

// globParts reads the parts of a glob from its regular expression. It is not ok if that has others.
func globParts(pattern string) (parts []globPart, ok bool) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, false
	}
	list := flatten([]*syntax.Regexp{re})
	if len(list) < 2 || list[0].Op != syntax.OpBeginText || list[len(list)-1].Op != syntax.OpEndText {
		return nil, false
	}
	for _, re := range list[1 : len(list)-1] {
		switch {
		case re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0:
			parts = append(parts, globPart{text: string(re.Rune)})
		case re.Op == syntax.OpStar && re.Sub[0].Op == syntax.OpAnyChar:
			parts = append(parts, globPart{star: true})
		case re.Op == syntax.OpAnyChar:
			parts = append(parts, globPart{any: true})
		case re.Op == syntax.OpCharClass:
			parts = append(parts, globPart{set: re.Rune})
		case re.Op == syntax.OpEmptyMatch:
		default:
			return nil, false
		}
	}
	return parts, true
}

// matchGlob reports whether parts match the whole of s: what follows a star is tried at each place, but once the next star has
// been reached that is settled.
func matchGlob(parts []globPart, s []byte) bool {
	i, star, from := 0, -1, 0
	for pos := 0; ; {
		if i < len(parts) {
			p := &parts[i]
			if p.star {
				star, from = i, pos
				i++
				continue
			}
			if n := p.match(s[pos:]); n > 0 {
				pos += n
				i++
				continue
			}
		} else if pos == len(s) {
			return true
		}
		// Let the last star take one character more.
		if star < 0 || from >= len(s) {
			return false
		}
		_, n := utf8.DecodeRune(s[from:])
		from += n
		if next := star + 1; next < len(parts) && parts[next].text != "" {
			k := strings.Index(textOf(s[from:]), parts[next].text)
			if k < 0 {
				return false
			}
			from += k
		} else if next == len(parts) {
			return true
		}
		i, pos = star+1, from
	}
}

// match returns the length of what p matches at the start of s, 0 for nothing.
func (p *globPart) match(s []byte) int {
	if p.text != "" {
		if len(s) >= len(p.text) && string(s[:len(p.text)]) == p.text {
			return len(p.text)
		}
		return 0
	}
	if len(s) == 0 {
		return 0
	}
	r, n := utf8.DecodeRune(s)
	if p.any {
		return n
	}
	for k := 0; k < len(p.set); k += 2 {
		if p.set[k] <= r && r <= p.set[k+1] {
			return n
		}
	}
	return 0
}

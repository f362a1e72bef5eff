package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A char is one character of a word, with the bytes of the query that it was written with.
type char struct {
	r          rune
	start, end int
	lit        bool // quoted or escaped: never a wildcard, operator, comma or colon of a field
}

// A word is a run of characters that belong together.
type word struct {
	chars      []char
	start, end int // in the query, quotes included
}

// text returns the characters of w.
func (w *word) text() string { return charText(w.chars) }

func charText(chars []char) string {
	var b strings.Builder
	for _, c := range chars {
		b.WriteRune(c.r)
	}
	return b.String()
}

// peek returns the character at the position, and its length; 0, 0 at the end.
func (p *parser) peek() (rune, int) {
	if p.pos == len(p.src) {
		return 0, 0
	}
	return utf8.DecodeRuneInString(p.src[p.pos:])
}

func (p *parser) skipSpace() {
	for {
		r, n := p.peek()
		if n == 0 || !unicode.IsSpace(r) {
			return
		}
		p.pos += n
	}
}

// endsAt reports whether a word cannot go on at i: white space, a bar, a closing parenthesis or the end.
func (p *parser) endsAt(i int) bool {
	if i == len(p.src) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(p.src[i:])
	return r == '|' || r == ')' || unicode.IsSpace(r)
}

// operator returns the operator word that stands at the position, or "": OR, AND, &&, NOT.
func (p *parser) operator() string {
	for _, op := range [...]string{"OR", "AND", "&&", "NOT"} {
		if strings.HasPrefix(p.src[p.pos:], op) {
			if i := p.pos + len(op); p.endsAt(i) || p.src[i] == '(' {
				return op
			}
		}
	}
	return ""
}

// dashes reports whether the word at the position is of dashes only.
func (p *parser) dashes() bool {
	i := p.pos
	for i < len(p.src) && p.src[i] == '-' {
		i++
	}
	return i > p.pos && p.endsAt(i)
}

// lexWord reads the word at the position: to white space, a bar, or a parenthesis that it did not open.
func (p *parser) lexWord() (word, *SyntaxError) {
	w := word{start: p.pos}
	open := 0
	for {
		r, n := p.peek()
		switch {
		case n == 0, unicode.IsSpace(r), r == '|', r == ')' && open == 0:
			w.end = p.pos
			return w, nil
		case r == '"':
			if err := p.lexQuoted(&w); err != nil {
				return w, err
			}
			continue
		case r == '\\':
			at := p.pos
			p.pos++
			c, m := p.peek()
			if m == 0 {
				return w, p.errorAt(at, p.pos, `nothing after \`)
			}
			if unicode.IsLetter(c) || unicode.IsDigit(c) {
				return w, p.errorAt(at, p.pos+m, "write / between directories, or quote it")
			}
			p.pos += m
			w.chars = append(w.chars, char{c, at, p.pos, true})
			continue
		case r == '(':
			open++
		case r == ')':
			open--
		}
		w.chars = append(w.chars, char{r, p.pos, p.pos + n, false})
		p.pos += n
	}
}

// lexQuoted reads a quoted part of a word.
func (p *parser) lexQuoted(w *word) *SyntaxError {
	open := p.pos
	p.pos++
	for {
		at := p.pos
		r, n := p.peek()
		p.pos += n
		switch {
		case n == 0:
			return p.errorAt(open, p.pos, `missing closing "`)
		case r == '"':
			return nil
		case r == '\\' && p.pos < len(p.src) && (p.src[p.pos] == '"' || p.src[p.pos] == '\\'):
			r = rune(p.src[p.pos])
			p.pos++
		}
		w.chars = append(w.chars, char{r, at, p.pos, true})
	}
}

// lexRegexp reads the regular expression at the position and returns its pattern; ok is false, and nothing read,
// if what stands there is none: "/", a pattern without blanks that holds one of the special characters, "/" at the
// end of the word.
func (p *parser) lexRegexp() (pattern string, ok bool) {
	if p.pos == len(p.src) || p.src[p.pos] != '/' {
		return "", false
	}
	for i := p.pos + 1; i < len(p.src); {
		r, n := utf8.DecodeRuneInString(p.src[i:])
		switch {
		case r == '\\' && i+1 < len(p.src):
			_, m := utf8.DecodeRuneInString(p.src[i+1:])
			i += 1 + m
			continue
		case unicode.IsSpace(r):
			return "", false
		case r == '/':
			pattern = p.src[p.pos+1 : i]
			if !p.endsAt(i+1) || !strings.ContainsAny(pattern, `^$*+?|\[](){}`) {
				return "", false
			}
			p.pos = i + 1
			return pattern, true
		}
		i += n
	}
	return "", false
}

// lexField reads the name of a field and its colon, and returns it in lower case; or "" and reads nothing.
func (p *parser) lexField() string {
	for i := p.pos; i < len(p.src); i++ {
		c := p.src[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > p.pos && ('0' <= c && c <= '9' || c == '-' || c == '_'):
		case i > p.pos && c == ':' && (i+1 == len(p.src) || p.src[i+1] != ':'):
			name := strings.ToLower(p.src[p.pos:i])
			p.pos = i + 1
			return name
		default:
			return ""
		}
	}
	return ""
}

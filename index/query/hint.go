package query

import (
	"strings"
	"unicode"
)

// A Hint says that a query, though right, may not mean what its writer thinks.
type Hint struct {
	Start, End int    // the bytes of the query that it is about
	Text       string // what to write; lower case, no full stop
	Always     bool   // worth saying although there are hits
}

// Hints returns what can be said about q without searching.
func (q *Query) Hints() []Hint { return q.hints }

// Unquoted returns q once for each of its quoted terms that hold white space, with the words of that term instead.
func (q *Query) Unquoted() []*Query {
	var list []*Query
	for _, ph := range q.phrases {
		text := q.src[:ph.start] + "("
		for _, w := range strings.Fields(ph.value) {
			text += " " + printText(&Text{Field: Name, Mode: Has, Value: w}, false, false)
		}
		text += ")" + q.src[ph.end:]
		if u, err := Parse(text, &Options{Now: q.now}); err == nil {
			list = append(list, u)
		}
	}
	return list
}

// A phrase is a quoted term that holds white space.
type phrase struct {
	start, end int
	value      string
}

const hintOperators = "OR in capital letters is the operator (or |); NOT or - for without"

// hintOperators notes or and and between operands, and not before one, in small letters.
func (p *parser) hintOperators(list []Expr) {
	for i, e := range list[:max(len(list)-1, 0)] {
		t, ok := e.(*term)
		if !ok || !t.bare {
			continue
		}
		switch s := p.src[t.start:t.end]; {
		case i > 0 && (s == "or" || s == "and"), s == "not":
			p.hints = append(p.hints, Hint{t.start, t.end, hintOperators, true})
		}
	}
}

// hintTerm notes what looks like a comparison or a regular expression in the term t, read from w; bare if it was
// written without a field.
func (p *parser) hintTerm(t *Text, w *word, bare bool) {
	if bare && t.Mode == Has && strings.ContainsFunc(t.Value, unicode.IsSpace) {
		p.phrases = append(p.phrases, phrase{w.start, w.end, t.Value})
	}
	if w.chars[0].lit || w.chars[len(w.chars)-1].lit {
		return
	}
	text := p.src[w.start:w.end]
	if i := strings.IndexAny(text, "<>="); bare && i > 0 && i+1 < len(text) {
		if f := lookupField(strings.ToLower(text[:i])); f != nil {
			value := text[i:]
			if f.value == settingValue {
				value = strings.TrimLeft(value, "<>=")
			}
			p.hints = append(p.hints, Hint{w.start, w.end, "write " + text[:i] + ":" + value, true})
			return
		}
	}
	if strings.HasPrefix(text, "^") || strings.HasSuffix(text, "$") || charsIndex(w.chars, ".*") >= 0 {
		re := "/" + strings.ReplaceAll(text, "/", `\/`) + "/"
		p.hints = append(p.hints, Hint{w.start, w.end, "a regular expression stands between slashes: " + re, false})
	}
}

// hintUnit notes that a unit stands as a word of its own behind a size, which has none. The position is at the end of the size, of a
// leaf that was read from start on.
func (p *parser) hintUnit(start int) {
	unit := strings.TrimLeftFunc(p.src[p.pos:], unicode.IsSpace)
	at := len(p.src) - len(unit)
	for i := range unit {
		if p.endsAt(at + i) {
			unit = unit[:i]
			break
		}
	}
	if unit == "" || '0' <= unit[0] && unit[0] <= '9' || strings.IndexByte("0123456789", p.src[p.pos-1]) < 0 {
		return
	}
	if _, _, verdict := parseNumber("1"+unit, true); verdict == numberOK {
		p.hints = append(p.hints, Hint{start, at + len(unit), "write " + p.src[start:p.pos] + unit, true})
	}
}

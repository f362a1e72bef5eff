package query

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// leaf reads a leaf or a setting; for a setting it returns nil. The position is at the start of a word that is
// neither an operator nor a parenthesis.
func (p *parser) leaf(g *group, negated bool) (Expr, *SyntaxError) {
	start := p.pos
	if pattern, ok := p.lexRegexp(); ok {
		return p.addTerm(g, start, &term{Text: Text{Field: Name, Mode: Re, Value: pattern}})
	}
	if p.atURL() {
		return p.url(g)
	}
	if name := p.lexField(); name != "" {
		return p.fieldLeaf(g, start, name, negated)
	}
	w, err := p.lexWord()
	if err != nil {
		return nil, err
	}
	field := Name
	if strings.ContainsRune(w.text(), '/') {
		field = Path
	}
	t, err := p.termText(field, &w, false)
	if err != nil {
		return nil, err
	}
	p.hintTerm(&t, &w, true)
	return p.addTerm(g, start, &term{Text: t, bare: field == Name && t.Mode == Has})
}

// addTerm makes t, which was read from start on, a leaf of g.
func (p *parser) addTerm(g *group, start int, t *term) (Expr, *SyntaxError) {
	t.group, t.start, t.end = g, start, p.pos
	p.terms = append(p.terms, t)
	return t, p.countLeaf(start, p.pos)
}

// fieldLeaf reads what follows the colon of a field, whose name was read from start on.
func (p *parser) fieldLeaf(g *group, start int, name string, negated bool) (Expr, *SyntaxError) {
	colon := p.pos - 1
	info := lookupField(name)
	if info == nil {
		return nil, p.unknownField(start, colon)
	}
	if r, _ := p.peek(); r == '(' {
		return nil, p.errorAt(p.pos, p.pos+1, "a value cannot start with (; quote it")
	}
	empty := p.endsAt(p.pos)
	if info.value == shortValue {
		if err := p.countLeaf(start, p.pos); err != nil {
			return nil, err
		}
		is := &Text{Field: Type, Mode: Is, Value: info.word}
		if empty {
			return is, nil
		}
		x, err := p.leaf(g, negated)
		if err != nil {
			return nil, err
		}
		if x == nil {
			return nil, p.errorAt(colon+1, p.pos, "%s: takes a term, not a setting", name)
		}
		return &And{[]Expr{is, x}}, nil
	}
	if empty {
		return nil, p.errorAt(start, p.pos, "%s: needs a value", name)
	}
	if info.value == termValue && info.field != In && info.field != Parent {
		if pattern, ok := p.lexRegexp(); ok {
			return p.addTerm(g, start, &term{Text: Text{Field: info.field, Mode: Re, Value: pattern}})
		}
	}
	w, err := p.lexWord()
	if err != nil {
		return nil, err
	}
	switch info.value {
	case settingValue:
		return nil, p.setting(g, start, info.name, &w, negated)
	case termValue:
		literal := len(w.chars) > 0 && w.chars[0].isWild('=')
		if literal {
			w.chars = w.chars[1:]
			if len(w.chars) == 0 && w.end == colon+2 {
				return nil, p.errorAt(start, p.pos, "%s: needs a value", name)
			}
		}
		t, err := p.termText(info.field, &w, literal)
		if err != nil {
			return nil, err
		}
		if !literal && t.Value != "" {
			p.hintTerm(&t, &w, false)
		}
		return p.addTerm(g, start, &term{Text: t})
	}
	return p.value(info, start, &w)
}

// termText reads the value of a term: a part of a text, the whole of it (if literal, on fields that have a whole),
// or a glob.
func (p *parser) termText(field Field, w *word, literal bool) (Text, *SyntaxError) {
	t := Text{Field: field, Mode: Has, Value: w.text()}
	if field == Name && strings.ContainsRune(t.Value, '/') {
		return t, p.errorAt(w.start, w.end, "a name never holds /; use path:")
	}
	if field == Target && t.Value == "" {
		t.Mode = Is
		return t, nil
	}
	dir := field == In || field == Parent
	chars := w.chars
	if dir {
		for len(chars) > 1 && chars[len(chars)-1].r == '/' {
			chars = chars[:len(chars)-1]
		}
		t.Value = charText(chars)
	}
	if Fold(t.Value) == "" {
		return t, p.errorAt(w.start, w.end, "nothing to search for")
	}
	if literal {
		if !dir {
			t.Mode = Is
		}
		return t, nil
	}
	g, ok, msg := readGlob(chars)
	if msg != "" {
		return t, p.errorAt(w.start, w.end, "%s", msg)
	}
	if ok {
		t.Mode, t.Value = Glob, g.String()
	}
	return t, nil
}

// setting reads the value of sort: or case:.
func (p *parser) setting(g *group, start int, name string, w *word, negated bool) *SyntaxError {
	switch {
	case negated && name == "sort":
		return p.errorAt(start, p.pos, "sort: cannot be negated; write sort:-%s", strings.TrimPrefix(w.text(), "-"))
	case negated:
		return p.errorAt(start, p.pos, "case: cannot be negated")
	case name == "case":
		v := strings.ToLower(w.text())
		if v != "yes" && v != "no" && v != "auto" {
			return p.errorAt(w.start, w.end, "case is yes, no or auto")
		}
		if g.cases != "" {
			return p.errorAt(start, p.pos, "case: given twice")
		}
		g.cases = v
		return nil
	case g.parent != nil:
		return p.errorAt(start, p.pos, "sort: cannot stand in parentheses")
	case p.sorted:
		return p.errorAt(start, p.pos, "sort: given twice")
	}
	p.sorted = true
	for _, item := range splitList(w) {
		k, ok := parseSortKey(item.text())
		if !ok {
			return p.errorAt(item.start, item.end, "cannot sort by %q", strings.TrimPrefix(item.text(), "-"))
		}
		p.sort = append(p.sort, k)
	}
	if p.sort == nil {
		return p.errorAt(start, p.pos, "sort: needs a value")
	}
	return nil
}

// sortKeys are the keys of an order.
var sortKeys = [...]string{"rank", "name", "path", "size", "date", "ext", "type", "host", "depth", "added", "seen", "copies"}

// SortKeys returns the keys of an order that there are.
func SortKeys() []string { return slices.Clone(sortKeys[:]) }

// ParseSort parses an order by itself, as it stands after sort: in a query. The error says what is wrong with it.
func ParseSort(s string) ([]SortKey, error) {
	q, err := Parse("sort:"+s, nil)
	if err != nil {
		return nil, err
	}
	if _, all := q.Expr.(*All); !all || q.Sort == nil || strings.ContainsAny(strings.TrimSpace(s), " \t") {
		return nil, fmt.Errorf("cannot sort by %q: write keys with commas between them, as size,-date", s)
	}
	return q.Sort, nil
}

func parseSortKey(s string) (SortKey, bool) {
	key, desc := strings.CutPrefix(strings.ToLower(s), "-")
	for _, k := range sortKeys {
		if k == key {
			return SortKey{k, desc}, true
		}
	}
	return SortKey{}, false
}

// resolve decides whether t is exact, by the innermost case: around it, and checks what depends on that.
func (p *parser) resolve(t *term) *SyntaxError {
	for g := t.group; g != nil; g = g.parent {
		if g.cases != "" {
			t.Exact = g.cases == "yes" || g.cases == "auto" && hasCapital(&t.Text)
			break
		}
	}
	switch t.Mode {
	case Re:
		if err := p.checkRegexp(&t.Text); err != nil {
			msg := err.Error()
			if e, ok := err.(*syntax.Error); ok {
				msg = e.Code.String() + ": " + strings.TrimPrefix(e.Expr, ignoreCase)
			}
			return p.errorAt(t.start, t.end, "bad regular expression: %s", msg)
		}
	case Glob:
		if msg := checkClasses(t.Value, t.Exact); msg != "" {
			return p.errorAt(t.start, t.end, "%s", msg)
		}
		return p.countGlob(&t.Text, t.start, t.end)
	}
	return nil
}

// countPattern adds the size of a pattern to that of the others, and reports whether it is one too many.
func (p *parser) countPattern(size int) bool {
	p.patterns += size
	return p.patterns > maxPatterns
}

// countGlob says whether the glob t, which is written at [start, end), is too large.
func (p *parser) countGlob(t *Text, start, end int) *SyntaxError {
	if p.countPattern(globOf(t).size(maxPatterns + 1)) {
		return p.errorAt(start, end, "with its wildcards and braces written out it is too long; search for less at a time")
	}
	return nil
}

// checkRegexp says why the pattern of t is no regular expression, or one too many. Its size is looked at before it is compiled.
func (p *parser) checkRegexp(t *Text) error {
	re, err := syntax.Parse(regexpOf(t), syntax.Perl)
	if err != nil {
		return err
	}
	if p.countPattern(patternSize(re, maxPatterns+1)) {
		return errors.New("with its repetitions written out it is too long; search for less at a time")
	}
	_, err = compileRegexp(t)
	return err
}

// hasCapital reports whether t holds an upper-case or title-case letter; in a pattern, what follows a backslash
// does not count.
func hasCapital(t *Text) bool {
	escaped := false
	for _, r := range t.Value {
		switch {
		case escaped:
			escaped = false
		case r == '\\' && (t.Mode == Glob || t.Mode == Re):
			escaped = true
		case unicode.Is(unicode.Lu, r), unicode.Is(unicode.Lt, r):
			return true
		}
	}
	return false
}

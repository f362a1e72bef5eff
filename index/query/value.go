package query

import (
	"strings"
)

// splitList cuts w at its commas and semicolons, but not between the braces of {a,b}. Empty items are left out;
// one that is quoted and empty stays.
func splitList(w *word) []word {
	var items []word
	start, at := 0, w.start
	add := func(end, until int) {
		if end > start || until > at {
			items = append(items, word{w.chars[start:end], at, until})
		}
	}
	ends := findBraces(w.chars)
	for i := 0; i < len(w.chars); i++ {
		if ends[i] > 0 {
			i = ends[i]
			continue
		}
		if c := w.chars[i]; c.isWild(',') || c.isWild(';') {
			add(i, c.start)
			start, at = i+1, c.end
		}
	}
	add(len(w.chars), w.end)
	return items
}

// value reads the value of a field that takes no term: lists, numbers, dates, permissions. The leaf was read from
// start on.
func (p *parser) value(info *fieldInfo, start int, w *word) (Expr, *SyntaxError) {
	var item func(*fieldInfo, *word, bool) (Expr, *SyntaxError)
	switch info.value {
	case listValue:
		item = p.listItem
	case hostValue:
		item = p.hostItem
	case wordValue:
		item = p.wordItem
	default:
		if err := p.countLeaf(start, p.pos); err != nil {
			return nil, err
		}
		if info.field == Size {
			p.hintUnit(start)
		}
		return p.scalar(info, w)
	}
	literal := len(w.chars) > 0 && w.chars[0].isWild('=')
	if literal {
		w.start = w.chars[0].end
		w.chars = w.chars[1:]
	}
	var list []Expr
	for _, v := range splitList(w) {
		if err := p.countLeaf(start, p.pos); err != nil {
			return nil, err
		}
		e, err := item(info, &v, literal)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	switch len(list) {
	case 0:
		return nil, p.errorAt(start, p.pos, "%s: needs a value", info.name)
	case 1:
		return list[0], nil
	}
	return &Or{list}, nil
}

// scalar reads the value of a field that takes one number, date or set of bits.
func (p *parser) scalar(info *fieldInfo, w *word) (Expr, *SyntaxError) {
	switch info.value {
	case permValue:
		return p.perm(w)
	case dateValue, sinceValue, untilValue:
		return p.date(info, w)
	}
	return p.number(info, w)
}

// listItem reads an item of ext:, owner: or group:.
func (p *parser) listItem(info *fieldInfo, w *word, literal bool) (Expr, *SyntaxError) {
	chars := w.chars
	if info.field == Ext {
		for len(chars) > 0 && chars[0].r == '.' {
			chars = chars[1:]
		}
	}
	t := &Text{Field: info.field, Mode: Is, Value: Fold(charText(chars))}
	if t.Value == "" && len(w.chars) > 0 {
		return nil, p.errorAt(w.start, w.end, "nothing to search for")
	}
	if literal {
		return t, nil
	}
	return t, p.foldedGlob(t, w, chars)
}

// foldedGlob makes t, which is never exact, a glob if chars of the item w are one.
func (p *parser) foldedGlob(t *Text, w *word, chars []char) *SyntaxError {
	g, ok, msg := readGlob(chars)
	if !ok {
		return nil
	}
	if msg == "" {
		g, msg = g.fold()
	}
	if msg != "" {
		return p.errorAt(w.start, w.end, "%s", msg)
	}
	t.Mode, t.Value = Glob, g.String()
	return p.countGlob(t, w.start, w.end)
}

// wordItem reads an item of type: or kind:.
func (p *parser) wordItem(info *fieldInfo, w *word, _ bool) (Expr, *SyntaxError) {
	v := Fold(w.text())
	set, msg := typeWords, "type is file, dir, link or other"
	if info.field == Kind {
		set, msg = kindWords, "kind is image, video, audio, archive, doc, disk, exe or code"
		if t := findWord(typeWords, v); t != "" {
			msg += "; write type:" + t
		}
	}
	name := findWord(set, v)
	if name == "" {
		return nil, p.errorAt(w.start, w.end, "%s", msg)
	}
	return &Text{Field: info.field, Mode: Is, Value: name}, nil
}

// charsIndex returns the index of the unquoted text s in chars, or -1.
func charsIndex(chars []char, s string) int {
	for i := 0; i+len(s) <= len(chars); i++ {
		n := 0
		for n < len(s) && chars[i+n].isWild(rune(s[n])) {
			n++
		}
		if n == len(s) {
			return i
		}
	}
	return -1
}

// operatorOf cuts the comparison operator off the front of chars.
func operatorOf(chars []char) (op string, rest []char) {
	for _, op := range [...]string{"<=", ">=", "<", ">", "="} {
		if charsIndex(chars[:min(len(op), len(chars))], op) == 0 {
			return op, chars[len(op):]
		}
	}
	return "", chars
}

// rangeOf cuts chars at "..".
func rangeOf(chars []char) (lo, hi string, ok bool) {
	i := charsIndex(chars, "..")
	if i < 0 {
		return "", "", false
	}
	return charText(chars[:i]), charText(chars[i+2:]), true
}

// lower returns the text of chars in small letters, for values that are known words and numbers.
func lower(chars []char) string { return strings.ToLower(charText(chars)) }

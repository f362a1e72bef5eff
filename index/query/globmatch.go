package query

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// compileGlob returns a function that reports whether g matches the whole of a text. A glob without braces is a row of
// segments between stars: the first must stand at the start, the last at the end, and of those between, each is taken
// where it first occurs, which leaves the most for the others. Braces are multiplied out; where that gives too many
// globs, a regular expression does it.
func compileGlob(g glob) func(text string) bool {
	list, ok := expandGlob(g)
	if !ok {
		return matcherOf(regexp.MustCompile(g.pattern()))
	}
	matchers := make([]globMatcher, len(list))
	for i, g := range list {
		matchers[i] = newGlobMatcher(g)
	}
	if len(matchers) == 1 {
		return matchers[0].match
	}
	return func(text string) bool {
		for i := range matchers {
			if matchers[i].match(text) {
				return true
			}
		}
		return false
	}
}

// maxExpanded is how many globs the braces of one may stand for to be multiplied out, and maxExpandedItems how many
// items these may have together.
const (
	maxExpanded      = 64
	maxExpandedItems = 1 << 14
)

// simplify returns a glob that matches what g does, in no more time: no star follows a star, no alternative is there twice, and one
// that is alone stands without braces.
func (g glob) simplify() glob {
	out := make(glob, 0, len(g))
	add := func(item globItem) {
		if n := len(out); item.op != globAny || n == 0 || out[n-1].op != globAny {
			out = append(out, item)
		}
	}
	for _, item := range g {
		if item.op != globAlt {
			add(item)
			continue
		}
		var alts []glob
		seen := map[string]bool{}
		for _, alt := range item.alts {
			alt = alt.simplify()
			if s := alt.String(); !seen[s] {
				seen[s] = true
				alts = append(alts, alt)
			}
		}
		if len(alts) > 1 {
			add(globItem{op: globAlt, alts: alts})
			continue
		}
		for _, item := range alts[0] {
			add(item)
		}
	}
	return out
}

// size returns how large g is as compileGlob compiles it, in the measure of patternSize.
func (g glob) size(limit int) int {
	list, ok := expandGlob(g)
	if !ok {
		re, err := syntax.Parse(g.pattern(), syntax.Perl)
		if err != nil {
			return limit
		}
		return patternSize(re, limit)
	}
	n := 0
	for _, g := range list {
		m := newGlobMatcher(g)
		for _, s := range m.segments {
			n++
			for _, item := range s.items {
				n += 1 + len(item.set)
			}
		}
	}
	return min(n, limit)
}

// expandGlob multiplies the braces of g out; ok is false if that gives too much.
func expandGlob(g glob) (list []glob, ok bool) {
	list = []glob{nil}
	for _, item := range g {
		if item.op != globAlt {
			for i := range list {
				list[i] = append(list[i], item)
			}
			continue
		}
		if len(list)*len(item.alts) > maxExpanded {
			return nil, false
		}
		var next []glob
		items := 0
		for _, head := range list {
			for _, alt := range item.alts {
				next = append(next, slices.Concat(head, alt))
				items += len(head) + len(alt)
			}
		}
		if items > maxExpandedItems {
			return nil, false
		}
		list = next
	}
	return list, true
}

// A globMatcher matches a glob without braces.
type globMatcher struct {
	segments []segment // between stars; an empty one where a star is at an end
}

// A segment matches texts of a fixed number of characters.
type segment struct {
	text  string // what it is, if items is nil
	items []globItem
}

func newGlobMatcher(g glob) globMatcher {
	var m globMatcher
	start := 0
	for i := 0; i <= len(g); i++ {
		if i == len(g) || g[i].op == globAny {
			m.segments = append(m.segments, newSegment(g[start:i]))
			start = i + 1
		}
	}
	return m
}

func newSegment(items glob) segment {
	var b strings.Builder
	for _, item := range items {
		if item.op != globRune {
			return segment{items: items}
		}
		b.WriteRune(item.r)
	}
	return segment{text: b.String()}
}

func (m *globMatcher) match(text string) bool {
	first, last := &m.segments[0], &m.segments[len(m.segments)-1]
	n := first.prefix(text)
	if n < 0 {
		return false
	}
	text = text[n:]
	if len(m.segments) == 1 {
		return text == ""
	}
	n = last.suffix(text)
	if n < 0 {
		return false
	}
	text = text[:n]
	for i := 1; i < len(m.segments)-1; i++ {
		end := m.segments[i].index(text)
		if end < 0 {
			return false
		}
		text = text[end:]
	}
	return true
}

// prefix returns how many bytes of text, from its start, s matches; or -1.
func (s *segment) prefix(text string) int {
	if s.items == nil {
		if !strings.HasPrefix(text, s.text) {
			return -1
		}
		return len(s.text)
	}
	at := 0
	for i := range s.items {
		r, n := utf8.DecodeRuneInString(text[at:])
		if n == 0 || !s.items[i].is(r) {
			return -1
		}
		at += n
	}
	return at
}

// suffix returns where s, which must match to the end of text, begins; or -1.
func (s *segment) suffix(text string) int {
	if s.items == nil {
		if !strings.HasSuffix(text, s.text) {
			return -1
		}
		return len(text) - len(s.text)
	}
	at := len(text)
	for i := len(s.items) - 1; i >= 0; i-- {
		r, n := utf8.DecodeLastRuneInString(text[:at])
		if n == 0 || !s.items[i].is(r) {
			return -1
		}
		at -= n
	}
	return at
}

// index returns the end of the first match of s in text; or -1.
func (s *segment) index(text string) int {
	if s.items == nil {
		i := strings.Index(text, s.text)
		if i < 0 {
			return -1
		}
		return i + len(s.text)
	}
	for at := 0; ; {
		if n := s.prefix(text[at:]); n >= 0 {
			return at + n
		}
		_, n := utf8.DecodeRuneInString(text[at:])
		if n == 0 {
			return -1
		}
		at += n
	}
}

// is reports whether an item that stands for one character is r.
func (item *globItem) is(r rune) bool {
	switch item.op {
	case globRune:
		return r == item.r
	case globClass:
		for _, s := range item.set {
			if s.lo <= r && r <= s.hi {
				return !item.neg
			}
		}
		return item.neg
	}
	return true
}

package main

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/ftpidx/ftpidx/index"
)

// Text of servers is hostile, and of any script. What a terminal gets of it is made in three steps: escapeText takes out what
// is not to be shown, textWidth says how many columns the rest takes, and elide cuts it to fit. Right-to-left text is set
// apart by isolate, so that it does not reorder what stands beside it.

// escapeText returns s as it can be shown on a terminal (index.Visible).
func escapeText(s string) string { return index.Visible(s) }

// escapeLines is escapeText for our own messages, which may have several lines.
func escapeLines(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i := range lines {
		lines[i] = escapeText(lines[i])
	}
	return strings.Join(lines, "\n")
}

// textWidth returns how many columns of a terminal s takes: two for wide characters, none for combining marks.
func textWidth(s string) int { return runewidth.StringWidth(s) }

// ellipsis stands for what elide left out.
const ellipsis = "…"

// elide returns how to show s, which is escaped, in width columns: s[:head] + "…" + s[tail:]. head == tail where all of it fits.
// Characters and their marks stay together; head gets the share keep of the room.
func elide(s string, width int, keep float64) (head, tail int) {
	if textWidth(s) <= width {
		return len(s), len(s)
	}
	room := max(0, width-textWidth(ellipsis))
	head = len(runewidth.Truncate(s, int(float64(room)*keep+0.5), ""))
	room -= textWidth(s[:head])
	tail = len(s)
	for i := tail; i > head; {
		_, n := utf8.DecodeLastRuneInString(s[:i])
		if i -= n; textWidth(s[i:]) > room {
			break
		}
		if textWidth(s[i:i+n]) > 0 { // a mark stays with the letter before it
			tail = i
		}
	}
	return head, tail
}

// fitMiddle returns s, which is escaped, in width columns, cut in the middle.
func fitMiddle(s string, width int) string { return fit(s, width, 0.5) }

// fit returns s, which is escaped, in width columns, cut after the part keep of them: 0 cuts the beginning, 1 the end.
func fit(s string, width int, keep float64) string {
	head, tail := elide(s, width, keep)
	if head == tail {
		return s
	}
	return s[:head] + ellipsis + s[tail:]
}

const firstStrongIsolate, popIsolate = "\u2068", "\u2069"

// isolate sets text with right-to-left letters apart: on a terminal that reorders, it then keeps its place in the line,
// and the columns beside it theirs. The marks take no column.
func isolate(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return r >= 0x590 && unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
	}) {
		return firstStrongIsolate + s + popIsolate
	}
	return s
}

// A marked text is escaped, with the ranges of it that the query found.
type marked struct {
	text  string
	found []index.Range
}

// mark escapes text and moves the ranges along.
func mark(text string, found []index.Range) marked {
	m := marked{text: escapeText(text)}
	if len(m.text) == len(text) {
		m.found = found
		return m
	}
	for _, r := range found {
		start := len(escapeText(text[:r.Start]))
		m.found = append(m.found, index.Range{Start: start, End: start + len(escapeText(text[r.Start:r.End]))})
	}
	return m
}

// add appends text of ours, which needs no escaping.
func (m *marked) add(text string) { m.text += text }

// join appends another marked text.
func (m *marked) join(n marked) {
	for _, r := range n.found {
		m.found = append(m.found[:len(m.found):len(m.found)], index.Range{Start: r.Start + len(m.text), End: r.End + len(m.text)})
	}
	m.text += n.text
}

// fit returns the text in the colour, what was found in bold too, cut to width columns and filled up to them unless it is the last in its line.
func (m *marked) fit(out *output, sgr string, width int, keep float64, last bool) string {
	head, tail := elide(m.text, width, keep)
	s := m.paint(out, sgr, 0, head)
	shown := textWidth(m.text[:head])
	if tail > head || head < len(m.text) {
		s += out.paint(sgr, ellipsis) + m.paint(out, sgr, tail, len(m.text))
		shown += textWidth(ellipsis) + textWidth(m.text[tail:])
	}
	s = isolate(s)
	if !last {
		s += strings.Repeat(" ", max(0, width-shown))
	}
	return s
}

// paint returns the bytes [from, to) of the text in the colour, what was found in bold too.
func (m *marked) paint(out *output, sgr string, from, to int) string {
	var b strings.Builder
	at := from
	for _, r := range m.found {
		start, end := min(max(r.Start, at), to), min(max(r.End, at), to)
		if start < end {
			b.WriteString(out.paint(sgr, m.text[at:start]))
			b.WriteString(out.paint(strings.TrimPrefix(sgr+";"+bold, ";"), m.text[start:end]))
			at = end
		}
	}
	b.WriteString(out.paint(sgr, m.text[at:to]))
	return b.String()
}

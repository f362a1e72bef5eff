package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

// A person gets the hits of a page in columns as wide as they have to be and the terminal lets them: what it is called, how large it
// is, of when, and where. The last column names the server and the directory:
//
//	wget-1.21.tar.gz   4.8M  2011-03-09        ftp.example.org/pub/gnu/wget  (+2 copies)
//
// In a terminal too narrow for all of it, times lose their hours, then the name its middle and the directory its front.

// A row is one hit in columns, escaped.
type row struct {
	name, where        marked
	size, date, copies string
	typ                index.Type
}

const (
	narrow  = 72 // columns below which a date is a day
	minCell = 12 // columns that name and place get in any case
	gap     = 2  // blanks between columns
)

// columns writes hits as rows that fit the terminal.
func (p *hitPrinter) columns(hits []index.Hit) {
	out := p.e.stdout
	rows := make([]row, len(hits))
	var name, size, date, where int // widths
	for i := range hits {
		r := p.row(&hits[i])
		rows[i] = r
		name, size, date = max(name, textWidth(r.name.text)), max(size, len(r.size)), max(date, len(r.date))
		where = max(where, textWidth(r.where.text)+textWidth(r.copies))
	}
	room := max(2*minCell, out.width-size-date-3*gap)
	if name+where > room {
		// The names get what the places leave, but at least three fifths.
		name = min(name, max(room-where, room*3/5, minCell))
		where = room - name
	}
	for _, r := range rows {
		fmt.Fprintf(&p.buf, "%s%*s%*s%*s%-*s%*s", r.name.fit(out, typeColor(r.typ), name, 0.6, false),
			gap, "", size, r.size, gap, "", date, r.date, gap, "")
		p.buf.WriteString(r.where.fit(out, faint, max(1, where-textWidth(r.copies)), 0.35, true))
		p.buf.WriteString(out.paint(faint, r.copies))
		p.buf.WriteByte('\n')
	}
}

func (p *hitPrinter) row(h *index.Hit) row {
	r := row{name: p.name(h), size: humanSize(h.Size), date: p.date(h), typ: h.Type, where: marked{text: escapeText(h.Server.Key())}}
	r.where.join(mark(h.DirText(), h.InDir))
	if n := len(h.Others); n > 0 {
		r.copies = copiesText(n)
		if p.e.stdout.width < narrow {
			r.copies = fmt.Sprintf(" (+%s)", humanCount(n))
		}
	}
	return r
}

func copiesText(n int) string { return fmt.Sprintf("  (+%s)", plural(n, "copy", "copies")) }

// name returns the name of a hit with what its type adds to it.
func (p *hitPrinter) name(h *index.Hit) marked {
	m := mark(h.NameText(), h.Highlights)
	switch {
	case h.Type == index.Dir:
		m.add("/")
	case h.Type == index.Link && h.Target != "":
		m.add(" -> " + escapeText(h.TargetText()))
	}
	return m
}

// date returns the time of a hit: to the minute, where it is known so and there is room.
func (p *hitPrinter) date(h *index.Hit) string {
	precision := h.Precision
	if precision > parse.Minute {
		precision = parse.Minute
	}
	s := humanTime(h.ModTime, precision, p.loc)
	if p.e.stdout.width < narrow {
		s = s[:min(len(s), len(time.DateOnly))]
	}
	return s
}

// long writes hits as ls -l does: nothing is shortened, and the last column is all of the place, so that it can be copied.
func (p *hitPrinter) long(hits []index.Hit) {
	out := p.e.stdout
	type line struct{ mode, owner, group, size, date string }
	lines := make([]line, len(hits))
	var owner, group, size, date int
	for i := range hits {
		h := &hits[i]
		l := line{modeText(h), dash(escapeText(h.Owner)), dash(escapeText(h.Group)), humanSize(h.Size), humanTime(h.ModTime, h.Precision, p.loc)}
		lines[i] = l
		owner, group = max(owner, textWidth(l.owner)), max(group, textWidth(l.group))
		size, date = max(size, len(l.size)), max(date, len(l.date))
	}
	pad := func(s string, width int) string { return s + strings.Repeat(" ", max(0, width-textWidth(s))) }
	for i, l := range lines {
		h := &hits[i]
		where := marked{text: escapeText(h.Server.Key())}
		where.join(mark(h.DirText(), h.InDir))
		if h.DirText() != "/" {
			where.add("/")
		}
		name := p.name(h)
		fmt.Fprintf(&p.buf, "%s  %s  %s  %*s  %-*s  %s%s", l.mode, pad(l.owner, owner), pad(l.group, group), size, l.size, date, l.date,
			isolate(where.paint(out, faint, 0, len(where.text))), isolate(name.paint(out, typeColor(h.Type), 0, len(name.text))))
		if h.Target != "" {
			p.buf.WriteString(out.paint(faint, " -> ") + isolate(escapeText(h.TargetText())))
		}
		if n := len(h.Others); n > 0 {
			p.buf.WriteString(out.paint(faint, copiesText(n)))
		}
		p.buf.WriteByte('\n')
	}
}

// modeText returns type and permissions as ls prints them, with ? for what is not known.
func modeText(h *index.Hit) string {
	kind := map[index.Type]string{index.File: "-", index.Dir: "d", index.Link: "l"}[h.Type]
	if kind == "" {
		kind = "?"
	}
	if h.Perm < 0 {
		return kind + "?????????"
	}
	b := []byte("rwxrwxrwx")
	for i := range b {
		if h.Perm>>(8-i)&1 == 0 {
			b[i] = '-'
		}
	}
	for _, special := range []struct {
		bit    parse.Perm
		at     int
		letter byte
	}{{0o4000, 2, 's'}, {0o2000, 5, 's'}, {0o1000, 8, 't'}} {
		if h.Perm&special.bit != 0 {
			if b[special.at] == '-' {
				special.letter -= 'a' - 'A' // without the right to execute
			}
			b[special.at] = special.letter
		}
	}
	return kind + string(b)
}

// typeColor is how names of a type are painted.
func typeColor(t index.Type) string {
	switch t {
	case index.Dir:
		return blue
	case index.Link:
		return cyan
	}
	return ""
}

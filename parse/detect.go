package parse

import (
	"bytes"
	"slices"
	"strings"
)

// How a line gets its verdict: the preferred grammar is asked first, then, where the line is
// foreign to it, what is noise in any listing, and then the other grammars in the order of the
// table. The preferred grammar is the one that reads most lines of the detection window. So
// listings may mix formats, and telling them apart costs nothing on a line of the usual format.

// Detect returns the format of the listing that begins with head: the one with which most lines
// of its first 64 KiB can be read, or Auto if no line can. An incomplete line at the end of head
// counts like a complete one.
func Detect(head []byte) Format {
	r := NewReader(nil, nil)
	r.detect(head[:min(len(head), window)], true)
	return r.preferred
}

// detect looks at the head of the listing; whole says that its last line is complete. Besides the
// preferred format it finds what a listing has in common: the order of dates and the language of months.
func (r *Reader) detect(head []byte, whole bool) {
	p := &r.p
	tracing := p.tracing
	p.tracing, p.detecting = false, true
	var hits, skip [numFormats]int // lines read; line before which nothing is to be read
	lines := 0
	text := string(head)
	for i := 0; len(text) > 0; i++ {
		line, rest, ended := strings.Cut(text, "\n")
		if !ended && !whole {
			break
		}
		text = rest
		line = strings.TrimSuffix(line, "\r")
		if len(line) > r.opt.MaxLine {
			continue
		}
		if allBlank(line) {
			p.gap = true
			continue
		}
		read := false
		for f := Auto + 1; f < numFormats; f++ {
			row := &formats[f]
			if i < skip[f] || f != r.opt.Format && (r.opt.Format != Auto || row.told) {
				continue
			}
			p.over12 = false
			v := p.try(f, line)
			if v == VerdictPart {
				next, _, ended := strings.Cut(text, "\n")
				if ended || whole {
					if v = p.tryJoin(f, line, strings.TrimSuffix(next, "\r")); v != foreign {
						skip[f] = i + 2
					}
				}
			}
			if v == VerdictEntry {
				hits[f]++
				read = true
				p.dayFirst = p.dayFirst || p.over12
				if row.sole {
					break
				}
			}
		}
		if read || !isDiagnostic(line) {
			lines++
		}
	}
	p.tracing, p.detecting = tracing, false
	p.settle()
	if r.opt.Format != Auto {
		return
	}
	for f, n := range hits {
		if n > hits[r.preferred] {
			r.preferred = Format(f)
		}
	}
	// Every line of find -ls is one of ls -is, but for the pathname.
	if p.finds == lines && lines > 0 {
		r.preferred = Find
	}
}

// settle concludes from the lines of the detection window what holds for the whole listing.
func (p *parser) settle() {
	if p.order == OrderAuto && p.dayFirst {
		p.order = OrderDMY
	}
}

// try asks one grammar for its verdict on a line that is not blank.
func (p *parser) try(f Format, line string) Verdict {
	p.err = nil
	if p.tracing {
		p.columns, p.note = nil, ""
	}
	v := formats[f].read(p, line)
	p.e.Format = f
	return v
}

// tryJoin asks the grammar that said VerdictPart of first for its verdict on both lines.
func (p *parser) tryJoin(f Format, first, second string) Verdict {
	p.err = nil
	if p.tracing {
		p.columns, p.note = nil, ""
	}
	v := formats[f].join(p, first, second)
	p.e.Format = f
	return v
}

// isASCIICompatible reports whether head can be of a listing in some charset that has the digits and
// the blank where ASCII has them. UTF-16 and EBCDIC do not.
func isASCIICompatible(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return false
	}
	head = head[:min(len(head), 1024)]
	if len(head) < 16 || bytes.IndexByte(head, 0) < 0 && bytes.IndexByte(head, ' ') >= 0 {
		return true
	}
	var zero [2]int // at even and odd places
	ebcdic, ascii := 0, 0
	for i, c := range head {
		switch {
		case c == 0:
			zero[i&1]++
		case c == ' ' || c == '\n' || c >= '0' && c <= '9' || c == '\t':
			ascii++
		case c == 0x40 || c >= 0xf0 && c <= 0xf9 || c >= 0xc1 && c <= 0xe9 || c >= 0x81 && c <= 0xa9 || c == 0x15 || c == 0x25:
			ebcdic++
		}
	}
	n := len(head)
	for place := range zero {
		// A name may be full of zeros, and its listing is none in UTF-16: that begins with two
		// letters, digits, blanks or signs of ASCII, so has its zeros from the first.
		if zero[place] > n*2/5 && head[place] == 0 && head[place+2] == 0 {
			return false
		}
	}
	return ascii > 0 || ebcdic < n*4/5 || bytes.IndexByte(head, 0x40) < 0
}

// judge gives the line at hand its verdict. With VerdictEntry and VerdictPartial the entry is p.e.
func (r *Reader) judge() Verdict {
	p := &r.p
	if r.preferred != Auto && r.preferred != Names && r.line.fault == nil && !p.tracing && !r.lost && r.line.text != "" {
		if v := p.try(r.preferred, r.line.text); v == VerdictEntry {
			p.e.Dir, p.e.Line = r.dir, r.line.num
			r.blank = false
			return v
		}
	}
	r.judged = r.line
	p.columns, p.note = nil, ""
	v := r.judgeSlow(r.line.text)
	if r.lost && (v == VerdictEntry || v == VerdictPartial) {
		p.e = Entry{Format: p.e.Format}
		v = p.bad(ErrSection)
	}
	switch v {
	case VerdictEntry, VerdictPartial:
		p.e.Dir, p.e.Line = r.dir, r.judged.num
		r.blank = false
	case VerdictBad:
		r.blank = false
	}
	if r.opt.Trace != nil {
		r.trace(v)
	}
	return v
}

// trace tells Options.Trace of the line at hand.
func (r *Reader) trace(v Verdict) {
	p, l := &r.p, &r.line
	slices.SortFunc(p.columns, func(a, b Column) int { return a.Start - b.Start })
	line := Line{Number: l.num, Offset: l.at, Length: l.length, Text: l.text, Verdict: v,
		Format: p.e.Format, Columns: p.columns, Note: p.note}
	if v == VerdictPartial || v == VerdictBad {
		line.Err = p.err
	}
	r.opt.Trace(line)
}

// judgeSlow asks in turn all who might know the line.
func (r *Reader) judgeSlow(line string) Verdict {
	p := &r.p
	p.err, p.e.Format = nil, Auto
	if r.line.fault != nil {
		if r.line.fault == ErrTooLong {
			if r.longHeading() {
				r.lose()
			}
			p.e, p.columns, p.note = Entry{}, nil, ""
		}
		return p.bad(r.line.fault)
	}
	if allBlank(line) {
		r.blank = true
		return VerdictNoise
	}
	if r.opt.Format == Names && r.blank && p.gap && r.heading(line) {
		return VerdictSection // any line could be a name, so it takes the empty lines between sections
	}
	if r.opt.Format != Names && isRule(line) {
		return VerdictNoise // before ls takes the dashes for a mode
	}
	q := question{r: r, best: findings{err: ErrFormat}, verdict: VerdictBad}
	if r.opt.Format != Auto {
		q.best.err = errOtherFormat
	}
	if v := q.askAll(line); v != foreign {
		return v
	}
	if r.blank && r.heading(line) {
		p.e.Format = Auto
		return VerdictSection
	}
	// The reply code of STAT, glued to a line.
	if isReply(line) && !allBlank(line[4:]) {
		q.alone = true
		if v := q.askAll(line[4:]); v != foreign {
			for i := range p.columns {
				p.columns[i].Start += 4
				p.columns[i].End += 4
			}
			return v
		}
	}
	p.findings = q.best
	return q.verdict
}

// A question is put to one grammar after the other until one knows the line.
type question struct {
	r     *Reader
	alone bool // the line is not to be joined with the next
	// best and verdict are of the first grammar that took the line for its own, but found it bad.
	best    findings
	verdict Verdict
}

func (q *question) askAll(line string) Verdict {
	r, p := q.r, &q.r.p
	if r.preferred != Auto {
		if v := q.ask(r.preferred, line); v != foreign {
			return v
		}
	}
	if q.best.e.Format == Auto && r.opt.Format != Names {
		if v := r.noise(line); v != foreign {
			p.e.Format = Auto
			return v
		}
	}
	if r.opt.Format != Auto {
		return foreign
	}
	for f := Auto + 1; f < numFormats; f++ {
		if f != r.preferred && !formats[f].told {
			if v := q.ask(f, line); v != foreign {
				return v
			}
		}
	}
	return foreign
}

// ask returns what one grammar says, or foreign if another might say better.
func (q *question) ask(f Format, line string) Verdict {
	r, p := q.r, &q.r.p
	v := p.try(f, line)
	if v == VerdictPart {
		if q.alone {
			p.columns = nil
			return foreign
		}
		next, ok := r.peek()
		if !ok {
			p.columns = nil
			return foreign
		}
		part := findings{e: Entry{Format: f}, columns: p.columns}
		if v = p.tryJoin(f, line, next); v != foreign && v != VerdictBad {
			found := p.findings
			p.findings = part
			if r.opt.Trace != nil {
				r.trace(VerdictPart)
			}
			p.findings = found
			r.next()
			return v
		}
	}
	if v == VerdictPartial || v == VerdictBad {
		if q.best.e.Format == Auto {
			q.best, q.verdict = p.findings, v
			if v == VerdictBad {
				q.best.e = Entry{Format: f}
			}
		}
		v = foreign
	}
	if v == foreign {
		p.columns, p.note = nil, ""
	}
	return v
}

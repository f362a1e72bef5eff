package parse

import (
	"bytes"
	"slices"
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

// detect looks at the head of the listing; whole says that its last line is complete.
func (r *Reader) detect(head []byte, whole bool) {
	if r.preferred != Auto {
		return
	}
	p := &r.p
	tracing := p.tracing
	p.tracing = false
	var hits [numFormats]int
	for len(head) > 0 {
		line := head
		if i := bytes.IndexByte(head, '\n'); i >= 0 {
			line, head = head[:i], head[i+1:]
		} else if whole {
			head = nil
		} else {
			break
		}
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(line) == 0 || len(line) > r.opt.MaxLine {
			continue
		}
		s := string(line)
		for f := Auto + 1; f < numFormats; f++ {
			if row := &formats[f]; row.read != nil && !row.told {
				if p.try(f, s) == VerdictEntry {
					hits[f]++
					if row.sole {
						break
					}
				}
			}
		}
	}
	p.tracing = tracing
	for f, n := range hits {
		if n > hits[r.preferred] {
			r.preferred = Format(f)
		}
	}
}

// try asks one grammar.
func (p *parser) try(f Format, line string) Verdict {
	p.err = nil
	if p.tracing {
		p.columns, p.note = nil, ""
	}
	v := formats[f].read(p, line)
	p.e.Format = f
	return v
}

// judge gives the line at hand its verdict. With VerdictEntry and VerdictPartial the entry is p.e.
func (r *Reader) judge() Verdict {
	p := &r.p
	if r.preferred != Auto && r.fault == nil && !p.tracing {
		if v := p.try(r.preferred, r.text); v == VerdictEntry {
			p.e.Dir, p.e.Line = r.dir, r.num
			r.blank = false
			return v
		}
	}
	p.columns, p.note = nil, ""
	v := r.judgeSlow(r.text)
	switch v {
	case VerdictEntry, VerdictPartial:
		p.e.Dir, p.e.Line = r.dir, r.num
		r.blank = false
	case VerdictBad:
		r.blank = false
	}
	if r.opt.Trace != nil {
		slices.SortFunc(p.columns, func(a, b Column) int { return a.Start - b.Start })
		line := Line{Number: r.num, Offset: r.at, Length: r.length, Text: r.text, Verdict: v,
			Format: p.e.Format, Columns: p.columns, Note: p.note}
		if v == VerdictPartial || v == VerdictBad {
			line.Err = p.err
		}
		r.opt.Trace(line)
	}
	return v
}

// judgeSlow asks in turn all who might know the line.
func (r *Reader) judgeSlow(line string) Verdict {
	p := &r.p
	p.err, p.e.Format = nil, Auto
	if r.fault != nil {
		return p.bad(r.fault)
	}
	if allBlank(line) {
		r.blank = true
		return VerdictNoise
	}
	// best is the first verdict of a grammar that took the line for its own but found it bad.
	best := findings{err: ErrFormat}
	verdict := VerdictBad
	ask := func(f Format, line string) Verdict {
		v := p.try(f, line)
		if (v == VerdictPartial || v == VerdictBad) && best.e.Format == Auto {
			best, verdict = p.findings, v
			if v == VerdictBad {
				best.e = Entry{Format: f}
			}
			v = foreign
		}
		return v
	}
	askAll := func(line string) Verdict {
		if r.preferred != Auto {
			if v := ask(r.preferred, line); v != foreign {
				return v
			}
		}
		if v := noise(line); v != foreign && best.e.Format == Auto {
			p.e.Format = Auto
			return v
		}
		if r.opt.Format != Auto {
			return foreign
		}
		for f := Auto + 1; f < numFormats; f++ {
			if row := &formats[f]; f != r.preferred && row.read != nil && !row.told {
				if v := ask(f, line); v != foreign {
					return v
				}
			}
		}
		return foreign
	}
	if v := askAll(line); v != foreign {
		return v
	}
	if r.blank && r.heading(line) {
		p.e.Format = Auto
		return VerdictSection
	}
	// The reply code of STAT, glued to a line.
	if isReply(line) {
		if v := askAll(line[4:]); v != foreign {
			for i := range p.columns {
				p.columns[i].Start += 4
				p.columns[i].End += 4
			}
			return v
		}
	}
	p.findings = best
	return verdict
}

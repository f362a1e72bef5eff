package parse

import (
	"fmt"
	"time"
)

// A parser is what the grammars share. It is part of a Reader.
type parser struct {
	findings

	dots        bool   // Options.Dots
	told        Format // Options.Format
	noLinks     bool   // Unix: the number of links is not among the columns
	members     bool   // z/OS: a heading of members has been seen
	descriptive bool   // dls: a line of the detection window proves it
	gap         bool   // an empty line is in the detection window
	finds       int    // find -ls: lines of the detection window that are of it
	tracing     bool   // grammars say what they took each column for

	dates
	unix  unixCache
	links map[string]struct{} // MLSx: the unique facts of links
	facts []factMark          // MLSx: of the line at hand
	early int                 // MLSx: how many facts there are if the blank in the last value ends them
}

// findings are what a grammar says beside its verdict.
type findings struct {
	e       Entry
	err     error // cause, with VerdictPartial and VerdictBad
	columns []Column
	note    string
}

func (p *parser) init(o *Options) {
	*p = parser{dots: o.Dots, tracing: o.Trace != nil, told: o.Format, facts: p.facts[:0]}
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	p.dates.init(now, o.Location, o.DateOrder)
}

// bad sets the cause and returns VerdictBad.
func (p *parser) bad(err error) Verdict {
	p.err = err
	return VerdictBad
}

// column notes, for traces, that line[start:end] was taken for the column called name.
func (p *parser) column(name string, start, end int) {
	if p.tracing && end > start {
		p.columns = append(p.columns, Column{name, start, end})
	}
}

// named gives the last verdict on an entry whose columns are all good, by its name: noise if it
// has none, or stands for the directory itself or its parent.
func (p *parser) named() Verdict {
	name := p.e.Name
	if name == "" {
		return VerdictNoise
	}
	if c := name[0]; c == ' ' || c == '.' || c == '/' {
		if allBlank(name) || !p.dots && isDots(name) {
			return VerdictNoise
		}
	}
	if p.err != nil {
		return VerdictPartial
	}
	return VerdictEntry
}

// isDots reports whether name stands for the directory listed or its parent: "." and "..",
// blanks around them or not, and "/".
func isDots(name string) bool {
	name = trim(name)
	return name == "." || name == ".." || name == "/"
}

// setTime sets the entry's time, or the cause if there is no such time.
func (p *parser) setTime(s *stamp) {
	t, ok := p.time(s)
	if !ok {
		p.err = ErrTime
		return
	}
	p.e.ModTime, p.e.Precision = t, s.precision
	if p.tracing && s.year == noYear {
		p.note = fmt.Sprintf("year %d: the last in which this date is not more than 24 hours after %s", t.Year(), p.now.Format(time.RFC3339))
	}
}

// setEpoch sets the entry's time to seconds since 1970 in UTC.
func (p *parser) setEpoch(sec, nsec int64, precision Precision) {
	p.e.ModTime, p.e.Precision = time.Unix(sec, nsec).UTC(), precision
}

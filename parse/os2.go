package parse

// IBM OS/2.
//
//	     0           DIR   03-09-111   17:04  attic
//	183502      A          11-30-09    08:00  rock list.txt
//
// The columns are size, attributes, date, time, name. The year of the date is of two digits, or counts from 1900.

func readOS2(p *parser, line string) Verdict {
	var c [8]span
	n := split(line, c[:])
	if n < 3 || !allDigits(c[0].of(line)) {
		return foreign
	}
	date := 1
	for date < n && isUpperWord(c[date].of(line), "") && !isDigit(line[c[date].start]) {
		date++
	}
	if date+1 >= n {
		return foreign
	}
	w := c[date].of(line)
	if len(w) < 8 || len(w) > 10 || w[2] != '-' || w[5] != '-' || !allDigits(w[:2]) || !allDigits(w[3:5]) || !allDigits(w[6:]) {
		return foreign
	}
	var t stamp
	if !t.clock(c[date+1].of(line)) || t.precision != Minute {
		return foreign
	}
	st, _ := p.orderDate(w[:2], w[3:5], w[6:])
	st.hour, st.min, st.precision = t.hour, t.min, Minute
	p.e = Entry{Type: File, Perm: NoPerm, Links: -1}
	p.e.Size, _ = number(c[0].of(line))
	p.column("size", c[0].start, c[0].end)
	for _, a := range c[1:date] {
		if a.of(line) == "DIR" {
			p.e.Type = Dir
		}
		p.column("attributes", a.start, a.end)
	}
	p.setTime(&st)
	p.column("time", c[date].start, c[date+1].end)
	name := blanks(line, c[date+1].end)
	p.e.Name = line[name:]
	p.column("name", name, len(line))
	return p.named()
}

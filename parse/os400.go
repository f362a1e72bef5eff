package parse

import "strings"

// IBM i (OS/400), in the format that SITE LISTFMT 0 selects.
//
//	WILMA            20480 09/03/11 17:04:33 *DIR       attic/
//	WILMA           183502 30/11/09 08:00:00 *STMF      rock list.txt
//	WILMA                                    *MEM       A.FILE/A.MBR
//
// The columns are owner, size, date and time, object type, name; owner, size and time may be blank, but a member
// of a physical file or an object without a size has no size. The order of the date is the job's.

func readOS400(p *parser, line string) Verdict {
	var c [6]span
	n := split(line, c[:])
	star := 0
	for star < n && line[c[star].start] != '*' {
		star++
	}
	if star == n || !isUpperWord(line[c[star].start+1:c[star].end], "") {
		return foreign
	}
	kind := line[c[star].start:c[star].end]
	name := blanks(line, c[star].end)
	p.e = Entry{Type: os400Type(kind), Name: line[name:], Perm: NoPerm, Size: -1, Links: -1}

	left := c[:star]
	dated := false
	if k := len(left); k >= 2 {
		var st stamp
		if st.clock(left[k-1].of(line)) && st.precision == Second {
			day := left[k-2].of(line)
			date, ok := p.os400Date(day)
			if !ok {
				return p.bad(ErrTime)
			}
			date.hour, date.min, date.sec, date.precision = st.hour, st.min, st.sec, Second
			if !date.exists() {
				return p.bad(ErrTime)
			}
			p.setTime(&date)
			p.column("time", left[k-2].start, left[k-1].end)
			dated = true
			left = left[:k-2]
		}
	}
	if k := len(left); k > 0 && allDigits(left[k-1].of(line)) {
		if !dated {
			return p.bad(ErrTime)
		}
		p.e.Size, _ = number(left[k-1].of(line))
		p.column("size", left[k-1].start, left[k-1].end)
		left = left[:k-1]
	}
	if len(left) > 1 {
		return p.bad(ErrColumns)
	}
	if len(left) == 1 {
		p.e.Owner = left[0].of(line)
		if !isUpperWord(p.e.Owner, "$#@_.") {
			return p.bad(ErrColumns)
		}
		p.column("owner", left[0].start, left[0].end)
	}
	p.column("type", c[star].start, c[star].end)
	p.column("name", name, len(line))
	if s := p.e.Name; len(s) > 1 && s[len(s)-1] == '/' {
		p.e.Name, p.e.Type = s[:len(s)-1], Dir
	}
	if s := p.e.Name; len(s) > 1 && s[0] == '/' {
		p.e.Name = lastElement(s)
	}
	return p.named()
}

// os400Type returns the entry type of an object type.
func os400Type(kind string) Type {
	switch kind {
	case "*DIR", "*DDIR", "*LIB", "*FLR":
		return Dir
	case "*SYMLNK":
		return Link
	case "*CHRSF", "*BLKSF":
		return Device
	case "*FIFO":
		return Pipe
	case "*SOCKET":
		return Socket
	}
	return File
}

// os400Orders are the orders that an IBM i date may have, the likeliest first. With points it is always
// day, month, year.
var os400Orders = [...]DateOrder{OrderMDY, OrderDMY, OrderYMD}

// os400Date reads a date of three numbers of two digits: in the first order in which every line of the detection
// window has a date that exists.
func (p *parser) os400Date(w string) (st stamp, ok bool) {
	if len(w) != 8 || w[2] != w[5] || strings.IndexByte("/.-,", w[2]) < 0 || !allDigits(w[:2]) || !allDigits(w[3:5]) || !allDigits(w[6:]) {
		return st, false
	}
	a, b, c := two(w), two(w[3:]), two(w[6:])
	readings := [len(os400Orders)]stamp{
		{year: twoDigitYear(c), month: a, day: b},
		{year: twoDigitYear(c), month: b, day: a},
		{year: twoDigitYear(a), month: b, day: c},
	}
	if w[2] == '.' {
		return readings[1], true
	}
	var not uint8 // orders in which it does not exist
	for i := range readings {
		if p.order == os400Orders[i] {
			return readings[i], true
		}
		if !readings[i].exists() {
			not |= 1 << i
		}
	}
	if p.detecting {
		p.os400Not |= not
	}
	for _, excluded := range [...]uint8{p.os400Not | not, not} {
		for i := range readings {
			if excluded&(1<<i) == 0 {
				return readings[i], true
			}
		}
	}
	return st, false
}

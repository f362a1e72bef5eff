package parse

import "strings"

// Listings in MSDOS style: Microsoft IIS, Windows CE, and many servers for Windows.
//
//	03-09-11  05:04PM       <DIR>          attic
//	03-09-2011  17:04               183502 rock list.txt
//	2011-03-09  17:04              183,502 x
//	03-09-11  05:04PM       <SYMLINKD>     latest [C:\pub\attic]
//
// The columns are date, time of 12 or 24 hours, size or what there is instead, name. Which number of a
// date is the month is a setting of the server: see dateOrders.

func readDOS(p *parser, line string) Verdict {
	i := blanks(line, 0)
	if i == len(line) || !isDigit(line[i]) {
		return foreign
	}
	dateEnd := word(line, i)
	st, ok := p.dosDate(line[i:dateEnd])
	if !ok {
		return foreign
	}
	t := blanks(line, dateEnd)
	timeEnd, ok := st.dosTime(line, t)
	if !ok {
		return foreign
	}
	p.e = Entry{Type: File, Perm: NoPerm, Size: -1, Links: -1}
	p.column("date", i, dateEnd)
	p.column("time", t, timeEnd)
	at := blanks(line, timeEnd)
	end := word(line, at)
	w := line[at:end]
	name := blanks(line, end)
	p.e.Name = line[name:]
	switch {
	case w == "":
		return VerdictNoise // nothing is listed here
	case w == "<DIR>":
		p.e.Type = Dir
		p.column("type", at, end)
	case w == "<JUNCTION>" || w == "<SYMLINK>" || w == "<SYMLINKD>":
		p.e.Type = Link
		p.column("type", at, end)
		p.splitDOSLink()
	default:
		n, ok := dosSize(w)
		if !ok {
			if !strings.Contains("-0123456789,.", w[:1]) || strings.Trim(w, "-0123456789,.") != "" {
				return p.bad(ErrSize)
			}
			p.err, n = ErrSize, -1 // nothing else it could be
		}
		p.e.Size = n
		p.column("size", at, end)
	}
	p.setTime(&st)
	p.column("name", name, name+len(p.e.Name))
	return p.named()
}

// dosSize reads digits, or digits in groups of three.
func dosSize(w string) (int64, bool) {
	if n, ok := number(w); ok || strings.IndexByte(w, ',') < 0 {
		return n, ok
	}
	return groupedNumber(w)
}

// splitDOSLink divides the name of a link from its target.
func (p *parser) splitDOSLink() {
	s := p.e.Name
	for _, arrow := range [...]string{" -> ", " => "} {
		if i := strings.Index(s, arrow); i >= 0 {
			p.e.Name, p.e.Target = s[:i], s[i+len(arrow):]
			return
		}
	}
	if !strings.HasSuffix(s, "]") {
		return
	}
	depth := 0
	for i := len(s) - 1; i > 1; i-- {
		switch s[i] {
		case ']':
			depth++
		case '[':
			if depth--; depth == 0 && s[i-1] == ' ' {
				p.e.Name, p.e.Target = s[:i-1], s[i+1:len(s)-1]
				return
			}
		}
	}
}

// dosDate reads three numbers with one separator.
func (p *parser) dosDate(w string) (st stamp, ok bool) {
	a := digits(w, 0)
	if a == 0 || a == len(w) {
		return st, false
	}
	sep := w[a]
	if sep != '-' && sep != '/' && sep != '.' && sep != ':' {
		return st, false
	}
	b := digits(w, a+1)
	if b == a+1 || b == len(w) || w[b] != sep || b+1 == len(w) || digits(w, b+1) != len(w) {
		return st, false
	}
	return p.orderDate(w[:a], w[a+1:b], w[b+1:])
}

// dosTime reads h:mm or hh:mm at line[i:], with AM or PM after it or as the next word, and
// returns where it ends.
func (st *stamp) dosTime(line string, i int) (end int, ok bool) {
	j := digits(line, i)
	if j == i || j > i+2 || j == len(line) || line[j] != ':' {
		return 0, false
	}
	end = digits(line, j+1)
	if end != j+3 {
		return 0, false
	}
	st.hour, st.min, st.precision = small(line[i:j]), small(line[j+1:end]), Minute
	half := line[end:word(line, end)]
	at := end
	if half == "" {
		at = blanks(line, end)
		half = line[at:word(line, at)]
		if !equalFold(half, "am") && !equalFold(half, "pm") {
			return end, true
		}
	}
	switch {
	case equalFold(half, "am"):
		if st.hour == 12 {
			st.hour = 0
		} else if st.hour > 12 {
			st.hour = 99
		}
	case equalFold(half, "pm"):
		if st.hour < 12 {
			st.hour += 12
		} else if st.hour > 12 {
			st.hour = 99
		}
	default:
		return 0, false
	}
	return at + 2, true
}

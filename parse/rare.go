package parse

import "strings"

// Formats of servers and systems that hardly anybody runs any more. Each line is columns
// with blanks between; dates and times are second, minute or day exact as printed.

// readSuperTCP reads listings of the SuperTCP server for Windows.
//
//	ATTIC        <DIR>     Mar 09 2011   17:04
//	ROCKS.TXT       2210   03-09-11      17:04   RHA
func readSuperTCP(p *parser, line string) Verdict {
	var c [7]span
	n := split(line, c[:])
	if n < 4 || line[0] == ' ' {
		return foreign
	}
	p.e = Entry{Name: c[0].of(line), Type: File, Perm: NoPerm, Size: -1, Links: -1}
	if c[1].of(line) == "<DIR>" {
		p.e.Type = Dir
		p.column("type", c[1].start, c[1].end)
	} else {
		size, ok := number(c[1].of(line))
		if !ok {
			return foreign
		}
		p.e.Size = size
		p.column("size", c[1].start, c[1].end)
	}
	st, ok := p.dosDate(c[2].of(line))
	at := 3
	if !ok {
		if n < 6 {
			return foreign
		}
		day, _, ok1 := dayNumber(c[3].of(line))
		year, ok2 := fourDigits(c[4].of(line))
		st = stamp{year: year, month: englishWord(c[2].of(line)), day: day}
		if !ok1 || !ok2 || st.month == 0 {
			return foreign
		}
		at = 5
	}
	if at >= n || !st.clock(c[at].of(line)) || n > at+2 || n == at+2 && !isUpperWord(c[at+1].of(line), "-") {
		return foreign
	}
	p.setTime(&st)
	p.column("time", c[2].start, c[at].end)
	p.column("name", c[0].start, c[0].end)
	if n == at+2 {
		p.column("attributes", c[at+1].start, c[at+1].end)
	}
	return p.named()
}

// englishWord is englishMonth of a whole word.
func englishWord(w string) int {
	if len(w) != 3 {
		return 0
	}
	return englishMonth(w, 0)
}

// readVxWorks reads listings of Wind River VxWorks.
//
//	  2048    Mar-09-2011  17:04:33   attic             <DIR>
//	183502    Nov-30-2009  08:00:00   rock list.txt
func readVxWorks(p *parser, line string) Verdict {
	var c [4]span
	if split(line, c[:]) < 3 {
		return foreign
	}
	size, ok := number(c[0].of(line))
	w := c[1].of(line)
	if !ok || len(w) != 11 || w[3] != '-' || w[6] != '-' || !allDigits(w[4:6]) || !allDigits(w[7:]) {
		return foreign
	}
	st := stamp{year: small(w[7:]), month: englishMonth(w, 0), day: two(w[4:])}
	if !st.clock(c[2].of(line)) {
		return foreign
	}
	name := blanks(line, c[2].end)
	p.e = Entry{Name: line[name:], Type: File, Perm: NoPerm, Size: size, Links: -1}
	p.column("size", c[0].start, c[0].end)
	p.column("time", c[1].start, c[2].end)
	if s, ok := strings.CutSuffix(trimRight(p.e.Name), "<DIR>"); ok {
		p.e.Name, p.e.Type = trimRight(s), Dir
		p.column("type", name+len(s), name+len(s)+len("<DIR>"))
	}
	p.setTime(&st)
	p.column("name", name, name+len(p.e.Name))
	return p.named()
}

// readOS9 reads listings of Microware OS-9. The columns are group.user, date, time, attributes,
// sector, bytes, name.
//
//	7.12     11/03/09 1704  d-ewrewr     1A0        4608 attic
func readOS9(p *parser, line string) Verdict {
	var c [7]span
	if split(line, c[:]) < 6 {
		return foreign
	}
	owner, date, attributes := c[0].of(line), c[1].of(line), c[3].of(line)
	group, user, ok := cutByte(owner, '.')
	if !ok || !allDigits(group) || !allDigits(user) || len(attributes) != 8 || strings.Trim(attributes, "-dsewr") != "" ||
		len(date) != 8 || date[2] != '/' || date[5] != '/' || !allDigits(date[:2]) || !allDigits(date[3:5]) || !allDigits(date[6:]) {
		return foreign
	}
	_, ok = hexNumber(strings.ToUpper(c[4].of(line)))
	size, ok2 := number(c[5].of(line))
	if !ok || !ok2 || !allDigits(c[2].of(line)) {
		return foreign
	}
	name := blanks(line, c[5].end)
	p.e = Entry{Name: line[name:], Type: File, Mode: attributes, Perm: NoPerm, Size: size, Links: -1, Owner: owner}
	if attributes[0] == 'd' {
		p.e.Type = Dir
	}
	p.setTime(&stamp{year: twoDigitYear(two(date)), month: two(date[3:]), day: two(date[6:]), precision: Day})
	for i, n := range [...]string{"owner", "time", "", "attributes", "", "size"} {
		if n != "" {
			p.column(n, c[i].start, c[i].end)
		}
	}
	p.column("name", name, len(line))
	return p.named()
}

// readWFFTP reads listings of servers for Windows for Workgroups.
//
//	rocks.bin        48640  03/09/11  Wed.  17:04:33
func readWFFTP(p *parser, line string) Verdict {
	var c [6]span
	if split(line, c[:]) != 5 {
		return foreign
	}
	date, weekday := c[2].of(line), c[3].of(line)
	if len(date) != 8 || date[2] != '/' || len(weekday) != 4 || weekday[3] != '.' || !isLetter(weekday[0]) {
		return foreign
	}
	st, ok := p.dosDate(date)
	if !ok || !st.clock(c[4].of(line)) {
		return foreign
	}
	p.e = Entry{Name: c[0].of(line), Type: File, Perm: NoPerm, Size: -1, Links: -1}
	if c[1].of(line) == "<DIR>" {
		p.e.Type = Dir
		p.column("type", c[1].start, c[1].end)
	} else {
		if p.e.Size, ok = number(c[1].of(line)); !ok {
			return p.bad(ErrSize)
		}
		p.column("size", c[1].start, c[1].end)
	}
	p.setTime(&st)
	p.column("name", c[0].start, c[0].end)
	p.column("time", c[2].start, c[4].end)
	return p.named()
}

// readVShell reads listings of VanDyke VShell.
//
//	  4096  Mar 09, 2011 17:04 attic/
//	183502  Nov 30, 2009 08:00 rock list.txt
func readVShell(p *parser, line string) Verdict {
	var c [5]span
	if split(line, c[:]) < 5 {
		return foreign
	}
	size, ok := number(c[0].of(line))
	day, comma, ok2 := dayNumber(c[2].of(line))
	year, ok3 := fourDigits(c[3].of(line))
	st := stamp{year: year, month: englishWord(c[1].of(line)), day: day}
	if !ok || !ok2 || !ok3 || !comma || st.month == 0 || !st.clock(c[4].of(line)) {
		return foreign
	}
	name := min(c[4].end+1, len(line))
	p.e = Entry{Name: line[name:], Type: File, Perm: NoPerm, Size: size, Links: -1}
	if s := p.e.Name; len(s) > 1 && s[len(s)-1] == '/' {
		p.e.Name, p.e.Type = s[:len(s)-1], Dir
	}
	p.setTime(&st)
	p.column("size", c[0].start, c[0].end)
	p.column("time", c[1].start, c[4].end)
	p.column("name", name, len(line))
	return p.named()
}

// readTandem reads listings of HPE NonStop (Tandem Guardian). The columns are name, code, end of
// file, date, time, owner, protection.
//
//	ROCKS        101           736  9-Mar-11 17:04:33 255, 10 "NUNU"
func readTandem(p *parser, line string) Verdict {
	var c [8]span
	n := split(line, c[:])
	if n < 7 || !isMember(c[0].of(line)) {
		return foreign
	}
	size, ok := number(c[2].of(line))
	day, rest, ok2 := cutByte(c[3].of(line), '-')
	month, year, ok3 := cutByte(rest, '-')
	if !ok || !ok2 || !ok3 || !allDigits(day) || len(day) > 2 || len(year) != 2 || !allDigits(year) || !isDigit(line[c[1].start]) {
		return foreign
	}
	st := stamp{year: shortYear(year), month: englishWord(month), day: small(day)}
	quote := strings.IndexByte(line[c[4].end:], '"')
	if st.month == 0 || !st.clock(c[4].of(line)) || quote < 0 {
		return foreign
	}
	at := c[4].end + quote
	group, user, ok := cutByte(trim(line[c[4].end:at]), ',')
	protection := trimRight(line[at:])
	if user = trim(user); !ok || !allDigits(group) || !allDigits(user) || len(protection) != 6 || protection[5] != '"' {
		return p.bad(ErrColumns)
	}
	p.e = Entry{
		Name: c[0].of(line), Type: File, Mode: protection[1:5], Perm: NoPerm, Size: size, Links: -1, Owner: group + "," + user,
	}
	p.setTime(&st)
	p.column("name", c[0].start, c[0].end)
	p.column("size", c[2].start, c[2].end)
	p.column("time", c[3].start, c[4].end)
	p.column("owner", blanks(line, c[4].end), blanks(line, c[4].end)+len(trim(line[c[4].end:at])))
	p.column("protection", at, at+len(protection))
	return p.named()
}

// readZVM reads listings of z/VM CMS: file name and type, perhaps a mode, record format and length,
// records, blocks, date, time, perhaps the owner. A directory of the shared file system has no type.
//
//	ROCKS    DATA     V         80         42          3 2011-03-09 17:04:33 WILMA
//	ROCKS    DATA     A1 V      80         42          3  3/09/11 17:04:33
//	ATTIC             DIR        -          -          - 2011-03-09 17:04:33 WILMA
//
// Records times length is an upper bound of the size at best, so there is none.
func readZVM(p *parser, line string) Verdict {
	var c [10]span
	n := split(line, c[:])
	if n < 7 {
		return foreign
	}
	format := 1
	for format < n && format < 4 && !isWordOf(c[format].of(line), "V", "F", "V-", "F-", "DIR") {
		format++
	}
	if format == 4 || format+5 >= n || n > format+7 {
		return foreign
	}
	dir := c[format].of(line) == "DIR"
	if dir != (format == 1) {
		return foreign
	}
	for _, f := range c[format+1 : format+4] {
		if w := f.of(line); !allDigits(w) && w != "-" {
			return foreign
		}
	}
	date := c[format+4].of(line)
	st, ok := p.dosDate(date)
	if !ok || !st.clock(c[format+5].of(line)) {
		return foreign
	}
	p.e = Entry{Name: c[0].of(line), Type: Dir, Perm: NoPerm, Size: -1, Links: -1}
	if !dir {
		p.e.Type = File
		p.e.Name += "." + c[1].of(line)
	}
	if format+6 < n {
		p.e.Owner = c[format+6].of(line)
		p.column("owner", c[format+6].start, c[format+6].end)
	}
	p.setTime(&st)
	p.column("name", c[0].start, c[min(format-1, 1)].end)
	p.column("time", c[format+4].start, c[format+5].end)
	return p.named()
}

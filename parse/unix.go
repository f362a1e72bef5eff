package parse

import "strings"

// Listings of ls -l and of the servers that imitate it.
//
//	total 52
//	drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic
//	-rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 rock list.txt
//	lrwxrwxrwx   1 fred     quarry         11 Jan  5 08:00 latest -> attic/v2.13
//	crw-rw----   1 root     tty        4,  64 Mar  9 17:04 ttyS0
//
// POSIX, ls, "STDOUT". The columns are mode, number of links, owner, group, size, date, name; those between mode
// and size may be missing, and owner and group may have blanks in them. So a line is read from the mode to
// the right up to its date, which is what can be known by its form, and from there to the left.

// readUnix is the grammar. The commonest shape of line has a reader of its own, which
// decides nothing differently.
func readUnix(p *parser, line string) Verdict {
	if !p.tracing {
		var e Entry
		if p.readUnixFast(line, &e) {
			p.e = e
			return VerdictEntry
		}
	}
	return p.readUnixSlow(line)
}

func (p *parser) readUnixSlow(line string) Verdict {
	i := blanks(line, 0)
	m, ok := scanMode(line, i)
	n := 0
	for ; n < 2 && !ok; n++ {
		if i == len(line) || !isDigit(line[i]) {
			if v := p.readEnterprise(line, i); v != foreign {
				return v
			}
			return p.readUnstatable(line, i)
		}
		if n == 0 && line[i] == '0' {
			if v := p.readOctal(line, i); v != foreign {
				return v
			}
		}
		// ls -is: inode and blocks come first.
		j := digits(line, i)
		k := blanks(line, j)
		if k == j {
			return foreign
		}
		i = k
		m, ok = scanMode(line, i)
	}
	if !ok {
		return p.readUnstatable(line, i)
	}
	p.e = Entry{Type: m.typ, Perm: m.perm, Mode: line[i:m.end], Size: -1, Links: -1}
	p.column("mode", i, m.end)
	v := p.readUnixColumns(line, m.end)
	if n == 2 {
		p.countFind()
	}
	return v
}

// readUnixColumns reads all that follows the mode, which ends at line[start].
func (p *parser) readUnixColumns(line string, start int) Verdict {
	d, sizeAt, sizeEnd, ok := p.findSizeAndDate(line, start)
	if !ok {
		return p.readUndated(line, start)
	}
	p.setTime(&d.stamp)
	if p.detecting && d.word != "" {
		p.learn(d.word, d.day)
	}
	owners := p.readSize(line, start, sizeAt, sizeEnd)
	p.readOwners(line, start, owners)
	p.column("time", d.start, d.end)
	p.e.Name = line[d.name:]
	if p.e.Type == Link {
		p.e.Name, p.e.Target = splitLink(p.e.Name, p.e.Size)
	}
	p.column("name", d.name, d.name+len(p.e.Name))
	p.column("target", len(line)-len(p.e.Target), len(line))
	return p.named()
}

// findSizeAndDate looks for the first column after i at which a whole date begins and before which
// there is a size, line[sizeAt:sizeEnd]. If there is none, columns may have run together, or the size be bad.
func (p *parser) findSizeAndDate(line string, i int) (d lsDate, sizeAt, sizeEnd int, ok bool) {
	first := blanks(line, i)
	if first == i {
		// The mode has run into the number of links.
		first = blanks(line, word(line, i))
	}
	for _, match := range [...]func(p *parser, line string, prev, prevEnd, at, end int) (d lsDate, sizeAt, sizeEnd int, ok bool){
		matchPlain, matchGlued, matchBadSize, matchBadMonth,
	} {
		for prev, prevEnd, at := first, first, first; at < len(line); {
			end := word(line, at)
			if d, sizeAt, sizeEnd, ok = match(p, line, prev, prevEnd, at, end); ok {
				return d, sizeAt, sizeEnd, true
			}
			prev, prevEnd, at = at, end, blanks(line, end)
		}
	}
	return d, 0, 0, false
}

// matchPlain wants a size at line[prev:prevEnd] and a date at line[at:].
func matchPlain(p *parser, line string, prev, prevEnd, at, end int) (d lsDate, sizeAt, sizeEnd int, ok bool) {
	if prev < prevEnd && p.isSize(line[prev:prevEnd]) {
		d, ok = p.findDate(line, at)
	}
	return d, prev, prevEnd, ok
}

// matchGlued wants columns that were too wide for the blank between them: group and size (staff90210),
// size and month (4096Mar 9), or something else and month.
func matchGlued(p *parser, line string, prev, prevEnd, at, end int) (d lsDate, sizeAt, sizeEnd int, ok bool) {
	if month := end - 3; month > at && englishMonth(line, month) != 0 {
		if d, ok = p.findDate(line, month); ok {
			if k := trailingDigits(line, at, month); k < month {
				return d, k, month, true
			}
			if prev < prevEnd && p.isSize(line[prev:prevEnd]) {
				return d, prev, prevEnd, true
			}
		}
	}
	if k := trailingDigits(line, prev, prevEnd); k > prev && k < prevEnd && !isDigit(line[prev]) && (isLetter(line[k-1]) || line[k-1] >= 0x80) {
		d, ok = p.findDate(line, at)
		return d, k, prevEnd, ok
	}
	return d, 0, 0, false
}

// trailingDigits returns where the digits at the end of line[start:end] begin.
func trailingDigits(line string, start, end int) int {
	for end > start && isDigit(line[end-1]) {
		end--
	}
	return end
}

// matchBadSize wants a date, after whatever there is.
func matchBadSize(p *parser, line string, prev, prevEnd, at, end int) (d lsDate, sizeAt, sizeEnd int, ok bool) {
	if prev < prevEnd {
		d, ok = p.findDate(line, at)
	}
	return d, prev, prevEnd, ok
}

// matchBadMonth wants a size and what would be a date if its word were a month.
func matchBadMonth(p *parser, line string, prev, prevEnd, at, end int) (d lsDate, sizeAt, sizeEnd int, ok bool) {
	i2 := blanks(line, end)
	e2 := word(line, i2)
	i3 := blanks(line, e2)
	if prev < prevEnd && p.isSize(line[prev:prevEnd]) {
		day := line[i2:e2]
		if isDigit(line[at]) {
			day = line[at:end]
		}
		if _, _, ok = dayNumber(day); ok {
			d = lsDate{start: at, stamp: stamp{year: noYear}}
			d, ok = d.timeOrYear(line, i3, word(line, i3))
		}
	}
	return d, prev, prevEnd, ok
}

// readUndated reads a line without a date, which is an entry only if nothing can be taken for anything else:
//
//	drwxr-xr-x 3 wilma quarry 512 attic
func (p *parser) readUndated(line string, start int) Verdict {
	var at, end [5]int // links, owner, group, size, name
	i := start
	for n := range at {
		at[n] = blanks(line, i)
		end[n] = word(line, at[n])
		if at[n] == end[n] || at[n] == i {
			return p.bad(ErrTime)
		}
		i = end[n]
	}
	name := line[at[4]:]
	if word(name, 0) != len(name) || allDigits(name) || !allDigits(line[at[3]:end[3]]) {
		return p.bad(ErrTime)
	}
	p.readOwners(line, start, p.readSize(line, start, at[3], end[3]))
	p.e.Name = name
	p.column("name", at[4], len(line))
	return p.named()
}

// readEnterprise reads the lines of Sterling Connect:Enterprise. The mode is all up to the letter
// after FTP; there is no number of links.
//
//	-C--E-----FTP B WILMA      4402         77310 Mar  9 17:04 ROCKS
func (p *parser) readEnterprise(line string, i int) Verdict {
	const end = 15 // of the mode
	if len(line) < i+end+1 {
		return foreign
	}
	mode := line[i : i+end]
	if mode[10:14] != "FTP " || mode[14] == ' ' || line[i+end] != ' ' {
		return foreign
	}
	for j := range 10 {
		if c := mode[j]; c != '-' && (c < 'A' || c > 'Z') {
			return foreign
		}
	}
	p.e = Entry{Type: File, Perm: NoPerm, Mode: mode, Size: -1, Links: -1}
	p.column("mode", i, i+end)
	p.noLinks = true
	v := p.readUnixColumns(line, i+end)
	p.noLinks = false
	return v
}

// readUnstatable reads the lines of GNU ls about files of which it could find out no more than the type.
//
//	d????????? ? ?    ?       ?            ? attic
func (p *parser) readUnstatable(line string, i int) Verdict {
	const marks = "?????????"
	end := i + 1 + len(marks)
	if end >= len(line) || line[i+1:end] != marks || line[end] != ' ' {
		return foreign
	}
	typ, ok := modeType(line[i])
	at := end
	for range 5 { // links, owner, group, size, time
		at = blanks(line, at)
		if at == len(line) || line[at] != '?' {
			return foreign
		}
		at++
	}
	if !ok || at == len(line) || line[at] != ' ' {
		return foreign
	}
	p.e = Entry{Name: line[at+1:], Type: typ, Perm: NoPerm, Mode: line[i:end], Size: -1, Links: -1}
	p.column("mode", i, end)
	p.column("name", at+1, len(line))
	return p.named()
}

// readOctal reads the lines of servers that print struct stat: mode, owner, group, size, time.
//
//	0100644   600  205   7310    1299690273   rocks.bin
func (p *parser) readOctal(line string, i int) Verdict {
	var at, end [5]int
	for n := range at {
		at[n] = i
		end[n] = digits(line, i)
		i = blanks(line, end[n])
		if at[n] == end[n] || end[n] == i && i < len(line) {
			return foreign
		}
	}
	mode, ok := octal(line[at[0]:end[0]])
	if !ok || end[0]-at[0] < 6 || end[0]-at[0] > 7 {
		return foreign
	}
	size, _ := number(line[at[3]:end[3]])
	sec, _ := number(line[at[4]:end[4]])
	p.e = Entry{
		Name: line[i:], Mode: line[at[0]:end[0]], Perm: Perm(mode & 0o7777), Size: size, Links: -1,
		Owner: line[at[1]:end[1]], Group: line[at[2]:end[2]],
	}
	for n, name := range [...]string{"mode", "owner", "group", "size", "time"} {
		p.column(name, at[n], end[n])
	}
	p.column("name", i, len(line))
	p.setEpoch(sec, 0, Second)
	p.e.Type = [16]Type{1: Pipe, 2: Device, 4: Dir, 6: Device, 8: File, 10: Link, 12: Socket}[mode>>12&15]
	if p.e.Type == Link {
		p.e.Name, p.e.Target = splitLink(p.e.Name, p.e.Size)
	}
	return p.named()
}

// isSize reports whether the column w can be the size, or the end of the number of a device.
func (p *parser) isSize(w string) bool {
	if _, ok := lsSize(w); ok {
		return true
	}
	major, minor, ok := cutByte(w, ',')
	return p.e.Type == Device && ok && allDigits(major) && allDigits(minor)
}

// lsSize reads a size as servers print it; what is a size but says no number is -1.
//
//	183502   183,502   12.5k   7M   1.2G   -1   ******
func lsSize(w string) (int64, bool) {
	n := digits(w, 0)
	switch {
	case n == len(w):
		return number(w)
	case n == 0 && w[0] == '-' && allDigits(w[1:]):
		return -1, true
	case n == 0:
		for i := range len(w) {
			if w[i] != '*' {
				return 0, false
			}
		}
		return -1, true
	case w[n] == ',' && (len(w)-n)%4 == 0:
		return groupedNumber(w)
	}
	size, _ := number(w[:n])
	var frac float64
	if w[n] == '.' || w[n] == ',' {
		scale := 0.1
		for n++; n < len(w) && isDigit(w[n]); n++ {
			frac += scale * float64(w[n]-'0')
			scale /= 10
		}
		if n == len(w) {
			return 0, false
		}
	}
	shift := strings.IndexByte("KMGTP", w[n]&^0x20) + 1
	if shift == 0 || n+1 != len(w) {
		return 0, false
	}
	shift *= 10
	if size < 0 || size >= 1<<(62-shift) {
		return -1, true
	}
	return size<<shift + int64(frac*float64(int64(1)<<shift)), true
}

// groupedNumber reads digits in groups of three with commas between.
func groupedNumber(w string) (int64, bool) {
	var plain [40]byte
	n := 0
	for i := 0; i < len(w); i++ {
		switch c := w[len(w)-1-i]; {
		case (c == ',') != (i%4 == 3), n == len(plain):
			return 0, false
		case c != ',':
			n++
			plain[len(plain)-n] = c
		}
	}
	if w == "" || w[0] == ',' {
		return 0, false
	}
	return number(string(plain[len(plain)-n:]))
}

// readSize reads the size line[at:end], or a device number that ends there, and returns where it
// begins; it begins after start.
func (p *parser) readSize(line string, start, at, end int) int {
	w := line[at:end]
	if p.e.Type == Device {
		// The column before, if it ends in a comma, is the major number.
		major := trimRight(line[start:at])
		if k := strings.LastIndexByte(major, ' ') + 1; strings.HasSuffix(major, ",") && allDigits(major[k:len(major)-1]) && allDigits(w) {
			p.e.Device = major[k:] + " " + w
			p.column("device", start+k, end)
			return start + k
		}
		if major, minor, ok := cutByte(w, ','); ok && allDigits(major) && allDigits(minor) {
			p.e.Device = major + ", " + minor
			p.column("device", at, end)
			return at
		}
	}
	n, ok := lsSize(w)
	if !ok {
		p.err = ErrSize
		n = -1
	}
	p.e.Size = n
	p.column("size", at, end)
	return at
}

// readOwners reads what stands between mode and size: number of links, owner, group, any of them missing.
func (p *parser) readOwners(line string, start, end int) {
	i := blanks(line, start)
	end = i + len(trimRight(line[i:max(i, end)]))
	if i >= end {
		return
	}
	if p.readMacColumns(line[i:end]) {
		p.column("forks", i, end)
		return
	}
	if j := digits(line[:end], i); !p.noLinks && j > i && (j == end || line[j] == ' ') {
		if n, _ := number(line[i:j]); n >= 0 {
			p.e.Links = int(n)
		}
		p.column("links", i, j)
		if i = blanks(line, j); i >= end {
			return
		}
	}
	ownerEnd, group := divide(line[i:end])
	p.e.Owner, p.e.Group = line[i:i+ownerEnd], line[i+group:end]
	p.column("owner", i, i+ownerEnd)
	p.column("group", i+group, end)
}

// readMacColumns reports whether s, what stands between mode and size, is what servers for the classic
// Mac OS print there (NetPresenz, Peter Lewis's FTPd, Rumpus, WebSTAR): the lengths of resource and data fork,
// whose sum is the size; or the word folder, and the size is a number of items.
//
//	-rw-r--r--    78440       49231   127671 Jul 22  2010 quarry.jpg
//	drwxr-xr-x               folder        3 Mar  9 17:04 attic
func (p *parser) readMacColumns(s string) bool {
	if s == "folder" {
		p.e.Type = Dir
		return true
	}
	i := digits(s, 0)
	if i == 0 || i == len(s) || s[i] != ' ' {
		return false
	}
	data := s[blanks(s, i):]
	a, _ := number(s[:i])
	b, ok := number(data)
	return ok && (a+b == p.e.Size || a == 0 && b < 0 && p.e.Size < 0)
}

// divide finds the first of the longest runs of blanks in s: the owner ends where it
// begins, and the group begins where it ends. Without blanks there is only an owner.
func divide(s string) (ownerEnd, group int) {
	ownerEnd, group = len(s), len(s)
	longest := 0
	for i := word(s, 0); i < len(s); {
		j := blanks(s, i)
		if j-i > longest {
			longest, ownerEnd, group = j-i, i, j
		}
		i = word(s, j)
	}
	return ownerEnd, group
}

// splitLink divides the name of a link from its target. Servers print the length of the target
// as the size of the link, which tells an arrow in the name from the one between.
func splitLink(s string, size int64) (name, target string) {
	const arrow = " -> "
	i := len(s) - len(arrow) - int(min(size, int64(len(s))))
	if size < 0 || i < 0 || !strings.HasPrefix(s[i:], arrow) {
		if i = strings.Index(s, arrow); i < 0 {
			return s, ""
		}
	}
	return s[:i], s[i+len(arrow):]
}

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
	if p.detecting && d.word != "" {
		// Learn first: a day may tell the language of its own month, as Lis 31 does.
		p.learn(d.word, d.day)
		d.month = p.month(d.word)
	}
	p.setTime(&d.stamp)
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

// isSize reports whether the column w can be the size, or the end of the number of a device.
func (p *parser) isSize(w string) bool {
	if _, ok := lsSize(w); ok {
		return true
	}
	major, minor, ok := cutByte(w, ',')
	return p.e.Type == Device && ok && allDigits(major) && allDigits(minor)
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

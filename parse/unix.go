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

// readUnix is the grammar. The common shape of line has a reader of its own, which
// decides nothing differently.
func readUnix(p *parser, line string) Verdict {
	if !p.tracing && p.readUnixFast(line) {
		return VerdictEntry
	}
	return p.readUnixSlow(line)
}

func (p *parser) readUnixSlow(line string) Verdict {
	i := blanks(line, 0)
	m, ok := scanMode(line, i)
	if !ok {
		// ls -is: inode and blocks come first.
		for n := 0; n < 2 && !ok; n++ {
			j := digits(line, i)
			if k := blanks(line, j); j > i && k > j {
				i = k
			} else {
				return foreign
			}
			m, ok = scanMode(line, i)
		}
		if !ok {
			return foreign
		}
	}
	p.e = Entry{Type: m.typ, Perm: m.perm, Mode: line[i:m.end], Size: -1, Links: -1}
	p.column("mode", i, m.end)

	d, sizeEnd, ok := p.findSizeAndDate(line, m.end)
	if !ok {
		return p.bad(ErrTime)
	}
	t, exists := p.time(&d.stamp)
	if exists {
		p.e.ModTime, p.e.Precision = t, d.precision
	} else {
		p.err = ErrTime
	}
	owners := p.readSize(line, m.end, sizeEnd)
	p.readOwners(line, m.end, owners)
	p.column("time", d.start, d.end)
	p.e.Name = line[d.name:]
	if m.typ == Link {
		p.splitLink()
	}
	p.column("name", d.name, d.name+len(p.e.Name))
	if p.e.Target != "" {
		p.column("target", len(line)-len(p.e.Target), len(line))
	}
	return p.named()
}

// findSizeAndDate looks for the first column after i at which a whole date begins and before which
// there is a size, or else anything. sizeEnd is the end of the column before.
func (p *parser) findSizeAndDate(line string, i int) (d lsDate, sizeEnd int, ok bool) {
	for size, at := i, blanks(line, i); at < len(line); {
		end := word(line, at)
		if size > i {
			if found, is := findDate(line, at); is {
				if isSize(line[strings.LastIndexByte(line[:size], ' ')+1 : size]) {
					return found, size, true
				}
				if !ok {
					d, sizeEnd, ok = found, size, true
				}
			}
		}
		size, at = end, blanks(line, end)
	}
	return d, sizeEnd, ok
}

// isSize reports whether the column w can be the size, or the minor number of a device.
func isSize(w string) bool {
	_, ok := lsSize(w)
	return ok
}

// lsSize reads a size as servers print it; what is a size but says no number is -1.
//
//	183502   183,502   1.2G   -1   ******
func lsSize(w string) (int64, bool) {
	if n, ok := number(w); ok {
		return n, true
	}
	if len(w) > 1 && w[0] == '-' {
		_, ok := number(w[1:])
		return -1, ok
	}
	return -1, false
}

// readSize reads the size that ends at line[end] and returns where it begins; it begins after start.
func (p *parser) readSize(line string, start, end int) int {
	at := max(start, strings.LastIndexByte(line[:end], ' ')+1)
	w := line[at:end]
	if p.e.Type == Device {
		// The column before, if it ends in a comma, is the major number.
		major := trimRight(line[start:at])
		if k := strings.LastIndexByte(major, ' ') + 1; strings.HasSuffix(major, ",") && allDigits(major[k:len(major)-1]) && allDigits(w) {
			p.e.Device = major[k:] + " " + w
			p.column("device", start+k, end)
			return start + k
		}
		if k := strings.IndexByte(w, ','); k > 0 && allDigits(w[:k]) && allDigits(w[k+1:]) {
			p.e.Device = w[:k] + ", " + w[k+1:]
			p.column("device", at, end)
			return at
		}
	}
	n, ok := lsSize(w)
	if !ok {
		p.err = ErrSize
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
	if j := digits(line[:end], i); j > i && (j == end || line[j] == ' ') {
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
func (p *parser) splitLink() {
	const arrow = " -> "
	s := p.e.Name
	i := len(s) - len(arrow) - int(min(p.e.Size, int64(len(s))))
	if p.e.Size < 0 || i < 0 || !strings.HasPrefix(s[i:], arrow) {
		if i = strings.Index(s, arrow); i < 0 {
			return
		}
	}
	p.e.Name, p.e.Target = s[:i], s[i+len(arrow):]
}

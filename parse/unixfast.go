package parse

import "time"

// The fast reader of the commonest shape of ls lines. It reads from left to right without going back, does
// nothing per line that the line before has done already, and gives up at the first doubt:
//
//	drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic
//	-rw-r--r--   1 1000     1000       183502 Nov 30  2009 rock list.txt
//
// Ten letters of mode; number of links; owner and group without blanks, both names or both numbers, so that no date
// can begin with them; size; an English month, one or two digits, and hh:mm or a year; one blank; the name.
// readUnixSlow is the grammar, and the tests compare the two.
//
// The entry is filled in where Read returns it, which saves two copies of its 200 bytes.

// A unixCache holds what an ls line often has in common with the line before.
type unixCache struct {
	mode string // the ten letters
	typ  Type
	perm Perm

	month, day int // of the date to which yearly and base belong
	year       int
	base       int64 // seconds from the epoch to the beginning of that day, in UTC
}

// readUnixFast reads line s into e, which is zero before, or reports false and leaves e alone.
func (p *parser) readUnixFast(s string, e *Entry) bool {
	const modeLen = 10
	if len(s) < 40 || s[modeLen] != ' ' {
		return false
	}
	c := &p.unix
	if s[:modeLen] != c.mode {
		m, ok := scanMode(s, 0)
		if !ok || m.end != modeLen || m.typ == Device {
			return false
		}
		c.mode, c.typ, c.perm = s[:modeLen], m.typ, m.perm
	}

	// Number of links.
	i := modeLen
	for i < len(s) && s[i] == ' ' {
		i++
	}
	links, start := 0, i
	for i < len(s) && isDigit(s[i]) {
		links = links*10 + int(s[i]-'0')
		i++
	}
	if i == start || i-start > 9 || i == len(s) || s[i] != ' ' {
		return false
	}

	// Owner and group.
	for i < len(s) && s[i] == ' ' {
		i++
	}
	owner := i
	for i < len(s) && s[i] != ' ' {
		i++
	}
	ownerEnd := i
	for i < len(s) && s[i] == ' ' {
		i++
	}
	group := i
	for i < len(s) && s[i] != ' ' {
		i++
	}
	groupEnd := i
	if groupEnd == len(s) {
		return false
	}
	if isDigit(s[owner]) {
		if digits(s, owner) != ownerEnd || digits(s, group) != groupEnd {
			return false
		}
	} else if !isLetter(s[owner]) || !isLetter(s[group]) {
		return false
	}

	// Size.
	for i < len(s) && s[i] == ' ' {
		i++
	}
	var size int64
	start = i
	for i < len(s) && isDigit(s[i]) {
		size = size*10 + int64(s[i]-'0')
		i++
	}
	// From here on, columns have places: " Mmm dd hh:mm n".
	if i == start || i-start > 18 || len(s)-i < 15 || s[i] != ' ' || s[i+4] != ' ' {
		return false
	}

	month := englishMonth(s, i+1)
	if month == 0 {
		return false
	}
	i += 5
	if s[i] == ' ' {
		i++
	}
	day := int(s[i] - '0')
	if day > 9 {
		return false
	}
	i++
	if isDigit(s[i]) {
		day = day*10 + int(s[i]-'0')
		i++
	}
	if s[i] != ' ' || day == 0 || day > 28 && day > monthDays[month] {
		return false
	}
	if len(s)-i < 8 {
		return false
	}
	var hour, min, year, name int
	precision := Minute
	switch {
	case s[i+3] == ':' && s[i+6] == ' ':
		h1, h2, m1, m2 := s[i+1]-'0', s[i+2]-'0', s[i+4]-'0', s[i+5]-'0'
		if h1 > 2 || h2 > 9 || m1 > 5 || m2 > 9 {
			return false
		}
		hour, min = int(h1*10+h2), int(m1*10+m2)
		if hour > 23 || month == 2 && day == 29 {
			return false
		}
		year = p.limitYear
		if yearKey(month, day, hour, min, 0) > p.limitKey {
			year--
		}
		name = i + 7
	case s[i+1] == ' ':
		i++
		fallthrough
	default:
		// Two blanks before the year, or one before and one after it.
		y, ok := fourDigits(s[i+1 : i+5])
		if !ok || s[i+5] != ' ' || s[i-1] != ' ' && s[i+6] == ' ' || month == 2 && day == 29 && !isLeap(y) {
			return false
		}
		year, name = y, i+6
		precision = Day
	}
	if name == len(s) || s[name] == ' ' || s[name] == '.' || s[name] == '/' {
		return false // blank or a dot, perhaps
	}

	e.Name, e.Type, e.Perm, e.Mode, e.Size, e.Precision = s[name:], c.typ, c.perm, s[:modeLen], size, precision
	e.Owner, e.Group, e.Links, e.Format = s[owner:ownerEnd], s[group:groupEnd], links, Unix
	if p.loc == time.UTC {
		if month != c.month || day != c.day || year != c.year {
			c.month, c.day, c.year = month, day, year
			c.base = daysSinceEpoch(year, month, day) * 86400
		}
		e.ModTime = time.Unix(c.base+int64(hour*3600+min*60), 0).UTC()
	} else {
		e.ModTime = time.Date(year, time.Month(month), day, hour, min, 0, 0, p.loc)
	}
	if c.typ == Link {
		e.Name, e.Target = splitLink(e.Name, size)
	}
	return true
}

package parse

// The dates of ls lines. A form is a sequence of columns between blanks:
//
//	Mar  9 17:04              recent
//	Mar  9  2011              old
//	Mar  9 17:04:33 2011      BSD ls -lT
//	2011-03-09 17:04          GNU ls --time-style=long-iso, and with seconds, fraction and zone full-iso
//	03-09 17:04               GNU ls --time-style=iso

// An lsDate is a date found in an ls line at [start:end].
type lsDate struct {
	stamp
	start, end int
	name       int // where the name begins, see afterDate
}

// findDate matches the date form that begins at s[i], the start of a column. It is not ok if none does;
// a form whose date does not exist is ok.
func findDate(s string, i int) (d lsDate, ok bool) {
	d.start, d.year = i, noYear
	e1 := word(s, i)
	i2 := blanks(s, e1)
	e2 := word(s, i2)
	i3 := blanks(s, e2)
	e3 := word(s, i3)
	if m := monthWord(s[i:e1]); m != 0 {
		if day, _, ok := dayNumber(s[i2:e2]); ok {
			d.month, d.day = m, day
			return d.timeOrYear(s, i3, e3)
		}
		return d, false
	}
	if d.isoDate(s[i:e1]) {
		d.end, d.precision = e1, Day
		if d.clock(s[i2:e2]) {
			d.end = e2
			if d.zone(s[i3:e3]) {
				d.end = e3
			}
			return d.afterTime(s), true
		}
		return d.afterDay(s), true
	}
	if e1-i == 5 && s[i+2] == '-' && allDigits(s[i:i+2]) && allDigits(s[i+3:e1]) {
		d.month, d.day = two(s[i:]), two(s[i+3:])
		return d.timeOrYear(s, i2, e2)
	}
	return d, false
}

// timeOrYear matches what follows day and month, at s[i:e]: a time, a time with seconds and
// a year, or a year.
func (d lsDate) timeOrYear(s string, i, e int) (lsDate, bool) {
	if y, ok := fourDigits(s[i:e]); ok {
		d.year, d.precision, d.end = y, Day, e
		return d.afterYear(s, i), true
	}
	if !d.clock(s[i:e]) {
		return d, false
	}
	d.end = e
	if d.precision == Second {
		i = blanks(s, e)
		e = word(s, i)
		if y, ok := fourDigits(s[i:e]); ok {
			d.year, d.end = y, e
		}
	}
	return d.afterTime(s), true
}

// afterTime finds the name after a time: exactly one blank separates, more belong to the name.
func (d lsDate) afterTime(s string) lsDate {
	d.name = min(d.end+1, len(s))
	return d
}

// afterDay finds the name after a date without time or padding: every blank separates.
func (d lsDate) afterDay(s string) lsDate {
	d.name = blanks(s, d.end)
	return d
}

// afterYear finds the name after a year that begins at s[i]. GNU and BSD ls pad the year on the left to the
// width of a time, and one blank separates. Some servers pad it on the right, and two do.
func (d lsDate) afterYear(s string, i int) lsDate {
	d = d.afterTime(s)
	if s[i-2] != ' ' && d.name < len(s) && s[d.name] == ' ' {
		d.name++
	}
	return d
}

// monthWord returns 1 to 12 for the name of a month, else 0.
func monthWord(w string) int {
	if len(w) == 3 {
		return englishMonth(w, 0)
	}
	return 0
}

// dayNumber reads one or two digits, perhaps with a mark of punctuation after them.
func dayNumber(w string) (n int, comma, ok bool) {
	if k := len(w); k > 1 && (w[k-1] == ',' || w[k-1] == '.') {
		comma = w[k-1] == ','
		w = w[:k-1]
	}
	switch {
	case len(w) == 1 && isDigit(w[0]):
		return int(w[0] - '0'), comma, true
	case len(w) == 2 && allDigits(w):
		return two(w), comma, true
	}
	return 0, false, false
}

// two returns the value of the two digits at the beginning of s.
func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// fourDigits reads a year.
func fourDigits(w string) (int, bool) {
	if len(w) != 4 || !allDigits(w) {
		return 0, false
	}
	return two(w)*100 + two(w[2:]), true
}

// isoDate matches yyyy-mm-dd and yyyy/mm/dd.
func (d *lsDate) isoDate(w string) bool {
	if len(w) != 10 || w[4] != w[7] || w[4] != '-' && w[4] != '/' ||
		!allDigits(w[:4]) || !allDigits(w[5:7]) || !allDigits(w[8:]) {
		return false
	}
	d.year, d.month, d.day = two(w)*100+two(w[2:]), two(w[5:]), two(w[8:])
	return true
}

// clock matches h:mm, hh:mm, hh:m, and with :ss and a fraction of up to nine digits, and sets the precision.
func (s *stamp) clock(w string) bool {
	i := digits(w, 0)
	if i < 1 || i > 2 || i == len(w) || w[i] != ':' {
		return false
	}
	j := digits(w, i+1)
	if j == i+1 || j > i+3 {
		return false
	}
	hour, min := small(w[:i]), small(w[i+1:j])
	if j == len(w) {
		s.hour, s.min, s.precision = hour, min, Minute
		return true
	}
	k := digits(w, j+1)
	if w[j] != ':' || k != j+3 {
		return false
	}
	sec := small(w[j+1 : k])
	if k == len(w) {
		s.hour, s.min, s.sec, s.precision = hour, min, sec, Second
		return true
	}
	nsec, ok := fraction(w[k:])
	if !ok {
		return false
	}
	s.hour, s.min, s.sec, s.nsec, s.precision = hour, min, sec, nsec, Subsecond
	return true
}

// fraction reads a point and digits, in nanoseconds; digits from the tenth on are left out.
func fraction(w string) (nsec int, ok bool) {
	if len(w) < 2 || w[0] != '.' || !allDigits(w[1:]) {
		return 0, false
	}
	for i := 1; i <= 9; i++ {
		nsec *= 10
		if i < len(w) {
			nsec += int(w[i] - '0')
		}
	}
	return nsec, true
}

// small returns the value of a few digits.
func small(w string) (n int) {
	for i := range len(w) {
		n = n*10 + int(w[i]-'0')
	}
	return n
}

// zone matches an offset from UTC, +hhmm.
func (s *stamp) zone(w string) bool {
	if len(w) != 5 || w[0] != '+' && w[0] != '-' || !allDigits(w[1:]) {
		return false
	}
	s.offset = two(w[1:])*3600 + two(w[3:])*60
	if w[0] == '-' {
		s.offset = -s.offset
	}
	s.zoned = true
	return true
}

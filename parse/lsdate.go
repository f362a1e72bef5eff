package parse

import "strings"

// The dates of ls lines. A form is a sequence of columns between blanks:
//
//	Mar  9 17:04              recent; also mar. 9, 09 Mar, 9. März, and 17.04
//	Mar  9  2011              old
//	Oct 08, 2011 07:15
//	2011 márc   9             Hungarian, Basque
//	9 de març  2011           Catalan
//	25. нов. у 17:04          Serbian
//	9 Thg 3  2011             Vietnamese, with 17:04 9 Thg 3 for recent
//	9. 3.  2011               Finnish, also 25.11. 17:04
//	Mar  9 17:04:33 2011      BSD ls -lT
//	3月  9 17:04              a number with a mark for the month, perhaps for the day and the year,
//	2011年 3月  9日           which may come first, with blanks or not; the mark is bytes of any charset
//	3 9 17:04
//	2011-03-09 17:04          GNU ls --time-style=long-iso; full-iso adds seconds, fraction and zone
//	2011/03/09 17:04
//	03-09 17:04               GNU ls --time-style=iso
//	2011.03.09                dotted; 09-03-2011 17:04 and 09-mar-11 have the day first

// An lsDate is a date found in an ls line at [start:end].
type lsDate struct {
	stamp
	start, end int
	name       int    // where the name begins, see afterTime, afterYear, afterDay
	word       string // name of the month, if it was one
}

// findDate matches the date form that begins at s[i], the start of a column. It is not ok if none does;
// a form whose date does not exist is ok.
func (p *parser) findDate(s string, i int) (d lsDate, ok bool) {
	d.start, d.year = i, noYear
	e1 := word(s, i)
	i2 := blanks(s, e1)
	if i2 == e1 {
		return d, false // the line ends here, and even the shortest form has a name after it
	}
	e2 := word(s, i2)
	i3 := blanks(s, e2)
	e3 := word(s, i3)
	w1, w2 := s[i:e1], s[i2:e2]

	n1 := digits(w1, 0)
	if n1 == 0 {
		day, comma, ok := dayNumber(w2)
		if !ok {
			return d, false
		}
		if d.month = p.month(w1); d.month == 0 {
			return d, false
		}
		d.word, d.day = w1, day
		d, ok = d.timeOrYear(s, i3, e3)
		if ok && comma && d.precision == Day {
			// With a comma after the day, a time may follow the year.
			i4 := blanks(s, d.end)
			if e4 := word(s, i4); d.clock(s[i4:e4]) {
				d.end = e4
				d = d.afterTime(s)
			}
		}
		return d, ok
	}
	switch {
	case n1 == len(w1):
		return p.dateOfNumber(d, s, i, e1, i2)
	case w1[n1] == '.' || w1[n1] == ',':
		if n1 <= 2 {
			if found, ok := p.dateOfOrdinal(d, s, i, n1, e1, i2); ok {
				return found, true
			}
		}
	case w1[n1] >= 0x80:
		return d.marked(s, i)
	case w1[n1] == ':' && d.clock(w1):
		if day, _, ok := dayNumber(w2); ok && equalFold(s[i3:e3], "thg") {
			if d.month, _, d.end = p.monthAt(s, i3); d.month != 0 {
				d.day = day
				return d.afterTime(s), true
			}
		}
		return d, false
	}
	return p.numericDate(d, s, i, e1, i2, e2, i3, e3)
}

// dateOfNumber matches the forms that begin with a plain number, s[i:e1]; the next column is at s[i2].
func (p *parser) dateOfNumber(d lsDate, s string, i, e1, i2 int) (lsDate, bool) {
	if i2 == len(s) {
		return d, false
	}
	if isDigit(s[i2]) {
		e2 := word(s, i2)
		month, _, ok := dayNumber(s[i:e1])
		day, _, ok2 := dayNumber(s[i2:e2])
		i3 := blanks(s, e2)
		e3 := word(s, i3)
		if !ok || !ok2 || !d.clock(s[i3:e3]) {
			return d, false
		}
		d.month, d.day, d.end = month, day, e3
		return d.afterTime(s), d.exists()
	}
	if e1-i > 2 && e1-i != 4 {
		return d, false
	}
	var end int
	if d.month, d.word, end = p.monthAt(s, i2); d.month == 0 {
		return d, false
	}
	i3 := blanks(s, end)
	e3 := word(s, i3)
	if e1-i <= 2 {
		d.day = small(s[i:e1])
		return d.timeOrYear(s, i3, e3)
	}
	// A year, unless the date goes on after the day: then it is a size.
	day, _, ok := dayNumber(s[i3:e3])
	i4 := blanks(s, e3)
	if _, more := d.timeOrYear(s, i4, word(s, i4)); !ok || more {
		return d, false
	}
	d.year, d.day, d.precision, d.end = small(s[i:e1]), day, Day, e3
	return d.afterDay(s), true
}

// dateOfOrdinal matches the forms that begin with a day of n digits and a point or comma.
func (p *parser) dateOfOrdinal(d lsDate, s string, i, n, e1, i2 int) (lsDate, bool) {
	d.day = small(s[i : i+n])
	month := i + n + 1 // where the month begins
	switch {
	case month == e1:
		month = i2
	case strings.HasPrefix(s[month:], "\u00a0"): // Czech has a blank there that is none for ls
		month += 2
	case s[month] == 0xa0:
		month++
	}
	if month == len(s) {
		return d, false
	}
	end := 0
	if k := digits(s, month); k > month {
		if k > month+2 || k == len(s) || s[k] != '.' {
			return d, false
		}
		d.month, end = small(s[month:k]), k+1
	} else if d.month, d.word, end = p.monthAt(s, month); d.month == 0 {
		return d, false
	}
	i3 := blanks(s, end)
	if i3 == end {
		return d, false
	}
	return d.timeOrYear(s, i3, word(s, i3))
}

// monthAt returns the month whose name begins at s[i], its word without the article unless the name
// is a number, and where that ends.
func (p *parser) monthAt(s string, i int) (month int, name string, end int) {
	end = word(s, i)
	switch w := s[i:end]; {
	case w == "de":
		i = blanks(s, end)
		end = word(s, i)
	case equalFold(w, "thg"):
		i = blanks(s, end)
		if end = digits(s, i); end == i || end > i+2 {
			return 0, "", end
		}
		return small(s[i:end]), "", end
	}
	return p.month(s[i:end]), s[i:end], end
}

// marked matches dates with marks after their numbers.
func (d lsDate) marked(s string, i int) (lsDate, bool) {
	first, end, ok := markedNumber(s, i)
	second, end, ok2 := markedNumber(s, blanks(s, end))
	if !ok || !ok2 || second > 31 {
		return d, false
	}
	if first <= 12 {
		d.month, d.day = first, second
		i3 := blanks(s, end)
		if i3 == end {
			return d, false
		}
		return d.timeOrYear(s, i3, word(s, i3))
	}
	third, end, ok := markedNumber(s, blanks(s, end))
	if !ok || first < 1000 || second > 12 || third > 31 || end < len(s) && s[end] != ' ' {
		return d, false
	}
	d.year, d.month, d.day, d.precision, d.end = first, second, third, Day, end
	return d.afterDay(s), true
}

// isMark reports whether m can be what follows a number in a date of a language with such marks: 月 or 월,
// in any charset, or as much of it as the server left.
func isMark(m string) bool { return m != "" && len(m) <= 4 && m[0] >= 0x80 }

// markedNumber reads up to four digits at s[i:], with a mark or before a blank, and returns where that ends.
func markedNumber(s string, i int) (n, end int, ok bool) {
	k := digits(s, i)
	if k == i || k > i+4 {
		return 0, k, false
	}
	end = k
	for end < len(s) && s[end] != ' ' && !isDigit(s[end]) {
		end++
	}
	return small(s[i:k]), end, end == k && (end == len(s) || s[end] == ' ') || isMark(s[k:end])
}

// numericDate matches the forms whose first column is a date with separators.
func (p *parser) numericDate(d lsDate, s string, i1, e1, i2, e2, i3, e3 int) (lsDate, bool) {
	w := s[i1:e1]
	sep := w[digits(w, 0)]
	if sep != '-' && sep != '/' && sep != '.' {
		return d, false
	}
	if len(w) == 5 && sep == '-' && digits(w, 0) == 2 && allDigits(w[3:]) { // mm-dd
		d.month, d.day = two(w), two(w[3:])
		return d.timeOrYear(s, i2, e2)
	}
	a, rest, ok := cutByte(w, sep)
	b, c, ok2 := cutByte(rest, sep)
	if !ok || !ok2 || !allDigits(a) || !allDigits(c) {
		return d, false
	}
	switch {
	case len(a) == 4 && len(b) == 2 && len(c) == 2 && allDigits(b):
		d.year, d.month, d.day = small(a), two(b), two(c)
	case len(a) == 2 && len(b) == 2 && len(c) == 4 && allDigits(b):
		d.year, d.month, d.day = small(c), two(b), two(a)
		if d.month > 12 && d.day <= 12 || p.order == OrderMDY {
			d.month, d.day = d.day, d.month
		}
	case len(a) <= 2 && (len(c) == 2 || len(c) == 4) && !isDigit(b[0]):
		if d.month = p.month(b); d.month == 0 {
			return d, false
		}
		d.word, d.day, d.year = b, small(a), small(c)
		if len(c) == 2 {
			d.year = twoDigitYear(d.year)
		}
	default:
		return d, false
	}
	d.end, d.precision = e1, Day
	// GNU ls --time-style=iso leaves two blanks after a day, where a time would stand. So what
	// then ends the line is a name, though it may look like a time.
	if name := i2-e1 > 1 && e2 == len(s); !name && d.clock(s[i2:e2]) {
		d.end = e2
		if d.zone(s[i3:e3]) {
			d.end = e3
		}
		return d.afterTime(s), true
	}
	return d.afterDay(s), true
}

// cutByte cuts s around the first c, leaving nothing of both parts empty.
func cutByte(s string, c byte) (before, after string, ok bool) {
	i := strings.IndexByte(s, c)
	if i <= 0 || i == len(s)-1 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// timeOrYear matches what follows day and month, at s[i:e]: a time, a time with seconds and
// a year, or a year.
func (d lsDate) timeOrYear(s string, i, e int) (lsDate, bool) {
	if w := s[i:e]; w == "у" || w == "u" { // Serbian: at
		i = blanks(s, e)
		e = word(s, i)
	}
	if y, ok := yearNumber(s[i:e]); ok {
		d.year, d.precision, d.end = y, Day, e
		return d.afterYear(s, i), true
	}
	if !d.clock(s[i:e]) && !d.pointClock(s[i:e]) {
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

// yearNumber reads a year, with a mark or point or without.
func yearNumber(w string) (int, bool) {
	if len(w) > 4 && (isMark(w[4:]) || w[4:] == ".") {
		w = w[:4]
	}
	return fourDigits(w)
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

// pointClock matches hh.mm, as Italian, Swedish and others write it.
func (s *stamp) pointClock(w string) bool {
	if len(w) != 5 || w[2] != '.' || !allDigits(w[:2]) || !allDigits(w[3:]) {
		return false
	}
	s.hour, s.min, s.precision = two(w), two(w[3:]), Minute
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

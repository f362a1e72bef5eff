package parse

// Numeric dates. 03-09-11 is March 9 or September 3, 2011, or September 11, 2003. The
// order is a setting of the server, so it is the same for a whole listing, and one line of it
// with a first number over 12 settles it.

// orderDate reads a date of three numbers in the order of the listing; a date that does not exist in that
// order but does in the other is read in the other. A year first that has four digits is always followed by the month.
func (d *dates) orderDate(a, b, c string) (s stamp, ok bool) {
	x, y, z := small(a[:min(len(a), 5)]), small(b[:min(len(b), 5)]), small(c[:min(len(c), 5)])
	if len(a) == 4 && len(b) <= 2 && len(c) <= 2 {
		return stamp{year: x, month: y, day: z}, true
	}
	if len(a) > 2 || len(b) > 2 || len(c) < 2 || len(c) > 4 {
		return s, false
	}
	if d.order == OrderYMD {
		if len(c) > 2 {
			return s, false
		}
		return stamp{year: shortYear(a), month: y, day: z}, true
	}
	s = stamp{year: shortYear(c), month: x, day: y}
	other := stamp{year: s.year, month: y, day: x}
	switch {
	case d.order == OrderDMY:
		s, other = other, s
	case d.detecting && x > 12 && y <= 12:
		d.over12 = true
	}
	if !s.exists() && other.exists() {
		s = other
	}
	return s, true
}

// shortYear reads a year of two digits, of three as servers print it that count from 1900, or of four.
func shortYear(w string) int {
	switch y := small(w); len(w) {
	case 1, 2:
		return twoDigitYear(y)
	case 3:
		return 1900 + y
	default:
		return y
	}
}

package parse

// A lsMode is the first column of an ls line.
type lsMode struct {
	typ  Type
	perm Perm
	end  int // of the column, its mark included
}

// modeType returns the entry type of the letter before the permissions. It is not ok if
// there is no such letter.
func modeType(c byte) (Type, bool) {
	switch c {
	case '-', 'f', 'a', 'C', 'M', 'm':
		return File, true
	case 'd':
		return Dir, true
	case 'l':
		return Link, true
	case 'b', 'c', 'n':
		return Device, true
	case 'p':
		return Pipe, true
	case 's':
		return Socket, true
	case 'D', 'P', 'w':
		return Other, true
	case '?':
		return Unknown, true
	}
	return Unknown, false
}

// permBits adds the letter at place i (0 to 8) of the permissions to perm. It is not ok if the
// place does not allow the letter.
//
//	place   0 r   1 w   2 x s S l L   3 r   4 w   5 x s S l L   6 r   7 w   8 x t T
//
// Any of s S t T l L is taken in any third place: which bit it sets follows from the triplet.
func permBits(perm Perm, i int, c byte) (Perm, bool) {
	bit := Perm(0o400) >> i
	if c == '-' {
		return perm, true
	}
	if i%3 < 2 {
		return perm | bit, c == "rw"[i%3]
	}
	special := Perm(0o4000) >> (i / 3)
	switch c {
	case 'x':
		return perm | bit, true
	case 's', 't':
		return perm | bit | special, true
	case 'S', 'T', 'l', 'L':
		return perm | special, true
	}
	return perm, false
}

// scanMode reads the mode that begins at s[i]: a type letter, nine permission letters and
// perhaps a mark. Servers also cut it to six or eight letters, and let it run into the number of links.
//
//	drwxr-xr-x   -rw-r-----+   drwxr-x   drwxr-xr-x1208   drwx---+12
func scanMode(s string, i int) (m lsMode, ok bool) {
	if i >= len(s) {
		return m, false
	}
	m.typ, ok = modeType(s[i])
	if !ok {
		return m, false
	}
	n := 0
	for n < 9 && i+1+n < len(s) {
		perm, ok := permBits(m.perm, n, s[i+1+n])
		if !ok {
			break
		}
		m.perm = perm
		n++
	}
	if n != 6 && n != 8 && n != 9 {
		return m, false
	}
	m.end = i + 1 + n
	if m.end < len(s) && (s[m.end] == '+' || s[m.end] == '.' || s[m.end] == '@') {
		m.end++
	}
	return m, m.end < len(s) && (s[m.end] == ' ' || isDigit(s[m.end]))
}

// octal reads octal digits.
func octal(w string) (n int, ok bool) {
	if w == "" || len(w) > 10 {
		return 0, false
	}
	for i := range len(w) {
		d := w[i] - '0'
		if d > 7 {
			return 0, false
		}
		n = n<<3 | int(d)
	}
	return n, true
}

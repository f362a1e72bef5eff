package parse

import "strings"

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

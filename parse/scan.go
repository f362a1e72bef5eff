package parse

import (
	"math"
	"strings"
)

// Helpers to cut a line into columns. Columns are separated by blanks (0x20) alone;
// all of them work on bytes, whatever the charset.

func isDigit(c byte) bool { return c-'0' <= 9 }

func isLetter(c byte) bool { return (c|0x20)-'a' <= 'z'-'a' }

func lower(c byte) byte {
	if c-'A' <= 'Z'-'A' {
		return c | 0x20
	}
	return c
}

// blanks returns the index of the first byte of s at or after i that is not a blank.
func blanks(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}

// word returns the index of the first blank of s at or after i, or len(s).
func word(s string, i int) int {
	for i < len(s) && s[i] != ' ' {
		i++
	}
	return i
}

// digits returns the index of the first byte of s at or after i that is not a digit.
func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// allDigits reports whether s is one digit or more and nothing else.
func allDigits(s string) bool { return s != "" && digits(s, 0) == len(s) }

func allBlank(s string) bool { return blanks(s, 0) == len(s) }

// trimRight returns s without the blanks at its end.
func trimRight(s string) string {
	for s != "" && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// trim returns s without the blanks at its ends.
func trim(s string) string { return trimRight(s[blanks(s, 0):]) }

// number returns the value of the decimal digits s. It is not ok if s is anything but
// digits; a value of more than 63 bits is ok and -1.
func number(s string) (n int64, ok bool) {
	if s == "" {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		if n < 0 || n > (math.MaxInt64-int64(d))/10 {
			n = -1
			continue
		}
		n = n*10 + int64(d)
	}
	return n, true
}

// hasFold reports whether s begins with prefix, which is in lower case, in any case.
func hasFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lower(s[i]) != prefix[i] {
			return false
		}
	}
	return true
}

// A span is a part of a line, [start:end].
type span struct{ start, end int }

func (c span) of(s string) string { return s[c.start:c.end] }

// split finds the first columns of s, at most as many as into has room for, and
// returns how many there are.
func split(s string, into []span) int {
	i := 0
	for n := range into {
		i = blanks(s, i)
		if i == len(s) {
			return n
		}
		end := word(s, i)
		into[n] = span{i, end}
		i = end
	}
	return len(into)
}

// isUpperWord reports whether s is upper-case letters and digits, at least one, and those of more.
func isUpperWord(s, more string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && c-'A' > 'Z'-'A' && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return s != ""
}

// hexNumber reads hexadecimal digits in upper case; s is not empty.
func hexNumber(s string) (n int64, ok bool) {
	if len(s) > 15 {
		return 0, false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			n = n<<4 | int64(c-'0')
		case c >= 'A' && c <= 'F':
			n = n<<4 | int64(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// equalFold reports whether s is t, which is in lower case, in any case.
func equalFold(s, t string) bool { return len(s) == len(t) && hasFold(s, t) }

// lastElement returns what follows the last slash of a pathname, slashes at its end aside.
func lastElement(path string) string {
	end := len(path)
	for end > 1 && path[end-1] == '/' {
		end--
	}
	if end == 1 {
		return path[:end]
	}
	return path[strings.LastIndexByte(path[:end], '/')+1 : end]
}

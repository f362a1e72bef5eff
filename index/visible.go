package index

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s with everything that could disturb a terminal, a page or a line-oriented reader made visible: control
// characters, bytes that are not UTF-8, line separators, and the characters that reorder bidirectional text become \xNN
// or \u{N}. The backslash itself is left alone: the result is for reading; URLs and JSON carry the exact bytes.
func Visible(s string) string {
	if isPrintableASCII(s) {
		return s
	}
	var b strings.Builder
	before := rune(0)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1, r < ' ', r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case (r == zwnj || r == zwj) && before >= 0x300: // spelling of Persian and Indic words, and of some symbols
			b.WriteRune(r)
		case !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r), unicode.Is(unicode.Bidi_Control, r):
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		before = r
		i += n
	}
	return b.String()
}

const zwnj, zwj = '\u200c', '\u200d'

func isPrintableASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

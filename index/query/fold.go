package query

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form of s, UTF-8 text, in which texts are compared: those that fold to the same are equal.
// Each element of a pathname is folded for itself: compatibility decomposition (NFKD), full case folding,
// decomposition again, without accents (U+0300 to U+036F) and invisible characters, a few letters that Unicode
// does not decompose replaced (ø by o), a slash that arose on the way kept from being a separator, and composed
// (NFC). Folding twice is folding once.
//
// For ASCII this is lower-casing. Text that is folded ASCII already is returned as it is, without allocating.
func Fold(s string) string {
	upper := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			return foldUnicode(s)
		}
		upper = upper || 'A' <= c && c <= 'Z'
	}
	if !upper {
		return s
	}
	b := make([]byte, len(s))
	for i := range b {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b[i] = c
	}
	return string(b)
}

// foldUnicode is Fold without the short way for ASCII.
func foldUnicode(s string) string {
	if i := strings.IndexByte(s, '/'); i >= 0 {
		return Fold(s[:i]) + "/" + Fold(s[i+1:])
	}
	s = norm.NFKD.String(s)
	s = cases.Fold().String(s)
	s = norm.NFKD.String(s)
	s = foldReplacer.Replace(strings.Map(dropInvisible, s))
	return norm.NFC.String(s)
}

// foldReplacer replaces letters that look like a plain one with a stroke or like two, and have no decomposition.
var foldReplacer = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ŧ", "t", "ı", "i", "ð", "d",
	"þ", "th", "æ", "ae", "œ", "oe", "/", "\u2044")

// dropInvisible drops accents, and what is not seen: soft hyphen, joiners, direction marks, variation selectors.
func dropInvisible(r rune) rune {
	switch {
	case 0x0300 <= r && r <= 0x036F, r == 0x00AD, 0x200B <= r && r <= 0x200F, r == 0x2060,
		0xFE00 <= r && r <= 0xFE0F, r == 0xFEFF:
		return -1
	}
	return r
}

// Exact returns the form of s in which exact terms compare it: NFC.
func Exact(s string) string { return norm.NFC.String(s) }

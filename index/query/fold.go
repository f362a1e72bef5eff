package query

import (
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form of s, UTF-8 text, in which texts are compared: those that fold to the same are equal.
// Each element of a pathname is folded for itself: compatibility decomposition (NFKD), full case folding,
// decomposition again, without accents (U+0300 to U+036F) and invisible characters, a few letters that Unicode
// does not decompose replaced (ø by o), a slash that arose on the way kept from being a separator, and composed
// (NFC). Folding twice is folding once.
//
// For ASCII this is lower-casing. Text that is folded already is returned as it is, without allocating.
func Fold(s string) string {
	i := foldedASCII(s)
	if i == len(s) {
		return s
	}
	var buf [256]byte
	b := append(buf[:0], s[:i]...)
	b = AppendFold(b, s[i:])
	if string(b) == s {
		return s
	}
	return string(b)
}

// AppendFold appends Fold(s) to dst. It allocates only for what dst cannot hold, unless s has characters that fold
// by what stands beside them, such as the marks of Indic scripts and the parts of Hangul syllables.
func AppendFold(dst []byte, s string) []byte {
	start := len(dst)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		f := foldOf(r)
		if !f.alone {
			return appendFoldSlow(dst[:start], s)
		}
		dst = append(dst, f.text...)
		i += n
	}
	return dst
}

// foldedASCII returns the length of the prefix of s, up to a letter before which s could be cut, that is ASCII and
// folded.
func foldedASCII(s string) int {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return strings.LastIndexByte(s[:i], '/') + 1 // a mark would belong to what is before it
		}
		if 'A' <= c && c <= 'Z' {
			return strings.LastIndexByte(s[:i], '/') + 1
		}
	}
	return len(s)
}

// A runeFold is what one character folds to.
type runeFold struct {
	text  string
	alone bool // whatever stands beside it
}

// foldPages hold the folds of 128 characters each, made when the first of them is met.
var foldPages [(utf8.MaxRune + 1) / 128]atomic.Pointer[[128]runeFold]

func foldOf(r rune) runeFold {
	page := foldPages[r/128].Load()
	if page == nil {
		page = new([128]runeFold)
		for i := range page {
			page[i] = makeFold(r&^127 + rune(i))
		}
		foldPages[r/128].Store(page)
	}
	return page[r%128]
}

// makeFold finds out whether r folds alone: it has no order among marks and what it folds to does not melt into what
// stands before it. Accents, which are dropped, count as such; U+0345 is one that becomes a letter.
func makeFold(r rune) runeFold {
	s := string(r)
	f := runeFold{text: string(appendFoldSlow(nil, s))}
	if isAccent(r) {
		f.alone = f.text == ""
		return f
	}
	f.alone = norm.NFKD.PropertiesString(s).CCC() == 0 &&
		(f.text == "" || norm.NFC.PropertiesString(f.text).BoundaryBefore())
	return f
}

// appendFoldSlow is AppendFold as it is defined.
func appendFoldSlow(dst []byte, s string) []byte {
	for i, element := range strings.Split(s, "/") {
		if i > 0 {
			dst = append(dst, '/')
		}
		element = norm.NFKD.String(element)
		element = cases.Fold().String(element)
		element = norm.NFKD.String(element)
		element = foldReplacer.Replace(strings.Map(foldMap, element))
		dst = append(dst, norm.NFC.String(element)...)
	}
	return dst
}

// foldReplacer replaces letters that look like a plain one with a stroke or like two, and have no decomposition.
var foldReplacer = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ħ", "h", "ŧ", "t", "ı", "i", "ð", "d",
	"þ", "th", "æ", "ae", "œ", "oe", "/", "\u2044")

// foldMap drops accents, and what is not seen: soft hyphen, joiners, direction marks, variation selectors. Cherokee
// letters become capitals, to which Unicode folds them; cases.Fold exchanges the two.
func foldMap(r rune) rune {
	switch {
	case 0xAB70 <= r && r <= 0xABBF:
		return r - 0xAB70 + 0x13A0
	case 0x13F8 <= r && r <= 0x13FD:
		return r - 8
	case isAccent(r), r == 0x00AD, 0x200B <= r && r <= 0x200F, r == 0x2060, 0xFE00 <= r && r <= 0xFE0F, r == 0xFEFF:
		return -1
	}
	return r
}

func isAccent(r rune) bool { return 0x0300 <= r && r <= 0x036F }

// Exact returns the form of s in which exact terms compare it: NFC.
func Exact(s string) string { return norm.NFC.String(s) }

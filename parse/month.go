package parse

import (
	"math/bits"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Names of months. Servers print them in the language of their locale and in its charset, which the
// parser is not told. So a word is looked up as UTF-8, and if it is no name of a month in that, in every
// charset of monthCharsets until it is one.

// A monthReading is one month that a word stands for, and the languages in which it does, as bits
// by their place in monthLanguages.
type monthReading struct {
	month     int
	languages uint64
}

// monthTable returns the readings of all words, the commonest language's first.
var monthTable = sync.OnceValue(func() map[string][]monthReading {
	table := make(map[string][]monthReading)
	for l, row := range monthLanguages {
		for m, names := range strings.Fields(row.months) {
			for _, name := range strings.Split(names, ",") {
				name = foldMonth(name)
				readings := table[name]
				i := 0
				for i < len(readings) && readings[i].month != m+1 {
					i++
				}
				if i == len(readings) {
					readings = append(readings, monthReading{month: m + 1})
				}
				readings[i].languages |= 1 << l
				table[name] = readings
			}
		}
	}
	return table
})

// foldMonth returns w in lower case, with one form of sigma, of the Turkish i and of the apostrophe.
func foldMonth(w string) string {
	return strings.Map(func(c rune) rune {
		switch c = unicode.ToLower(c); c {
		case 'ς':
			return 'σ'
		case 'ı':
			return 'i'
		case '’':
			return '\''
		case '\u0307':
			return -1
		}
		return c
	}, w)
}

// lookUpMonth returns the readings of the word w, which has no point at its end.
func lookUpMonth(w string) []monthReading {
	table := monthTable()
	if utf8.ValidString(w) {
		if r := table[foldMonth(w)]; r != nil || isASCII(w) {
			return r
		}
		// A short word of another charset may be valid by chance.
	}
	for i := range monthCharsets {
		if r := table[foldMonth(decodeMonth(w, i))]; r != nil {
			return r
		}
	}
	return nil
}

func isASCII(w string) bool {
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// monthRunes is monthCharsets for look-ups.
var monthRunes = sync.OnceValue(func() (runes [len(monthCharsets)][]rune) {
	for i := range monthCharsets {
		runes[i] = []rune(monthCharsets[i].chars)
	}
	return runes
})

// decodeMonth returns w, of the charset i of monthCharsets, as UTF-8.
func decodeMonth(w string, i int) string {
	chars := monthRunes()[i]
	var b strings.Builder
	for j := range len(w) {
		if w[j] < utf8.RuneSelf {
			b.WriteByte(w[j])
		} else {
			b.WriteRune(chars[w[j]-utf8.RuneSelf])
		}
	}
	return b.String()
}

const maxMonthWord = 40 // bytes; "ιανουάριος" has 20

// months finds the month of a word in the languages of one listing.
type months struct {
	// languages are those in which all words seen in the detection window are names of months.
	languages uint64
	// seen keeps the last words looked up; a listing has twelve.
	seen map[string][]monthReading
}

const maxMonthsSeen = 64

// readings returns what the word w, perhaps with a point or comma after it, can stand for.
func (m *months) readings(w string) []monthReading {
	for w != "" && (w[len(w)-1] == '.' || w[len(w)-1] == ',') {
		w = w[:len(w)-1]
	}
	if len(w) < 2 || len(w) > maxMonthWord || isDigit(w[0]) {
		return nil
	}
	r, ok := m.seen[w]
	if !ok {
		r = lookUpMonth(w)
		if m.seen == nil || len(m.seen) >= maxMonthsSeen {
			m.seen = make(map[string][]monthReading)
		}
		m.seen[strings.Clone(w)] = r
	}
	return r
}

// month returns 1 to 12 for the name of a month, else 0. A word that is the name of two months, such as lis,
// is read in the language of the listing as far as that is known.
func (m *months) month(w string) int {
	if len(w) == 3 {
		if n := englishMonth(w, 0); n != 0 {
			return n
		}
	}
	readings := m.readings(w)
	if len(readings) == 0 {
		return 0
	}
	for _, r := range readings {
		if r.languages&m.languages != 0 {
			return r.month
		}
	}
	return readings[0].month
}

// learn narrows the languages of the listing by a word of it, and by the day that follows or
// precedes it. It is called for the lines of the detection window.
func (m *months) learn(w string, day int) {
	var languages uint64
	for _, r := range m.readings(w) {
		if day <= monthDays[r.month] {
			languages |= r.languages
		}
	}
	if m.languages == 0 {
		m.languages = 1<<len(monthLanguages) - 1
	}
	if both := m.languages & languages; bits.OnesCount64(both) > 0 {
		m.languages = both
	}
}

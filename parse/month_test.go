package parse

import (
	"strings"
	"testing"
	"unicode"
)

// encodeMonth is the inverse of decodeMonth; it is not ok if the charset has not all letters of w.
func encodeMonth(w string, i int) (string, bool) {
	chars := []rune(monthCharsets[i].chars)
	var b []byte
next:
	for _, c := range w {
		if c < 0x80 {
			b = append(b, byte(c))
			continue
		}
		for j, have := range chars {
			if have == c {
				b = append(b, byte(0x80+j))
				continue next
			}
		}
		return "", false
	}
	return string(b), true
}

// Every name of a month is read as that month in UTF-8 and in every charset that can hold it, in lower
// case, upper case and with a capital, with a point after it and without, unless it is the name of another in a commoner language.
func TestMonthNames(t *testing.T) {
	ambiguous := 0
	for l, row := range monthLanguages {
		groups := strings.Fields(row.months)
		if len(groups) != 12 {
			t.Fatalf("%s: %d months", row.language, len(groups))
		}
		for m, names := range groups {
			for _, name := range strings.Split(names, ",") {
				first := []rune(name)
				first[0] = unicode.ToUpper(first[0])
				for _, w := range []string{name, strings.ToUpper(name), string(first), name + ".", name + ","} {
					var ms months
					readings := ms.readings(w)
					got := 0
					for _, r := range readings {
						if r.languages&(1<<l) != 0 {
							got = r.month
						}
					}
					if got != m+1 {
						t.Errorf("%s %q: got %d, want %d", row.language, w, got, m+1)
					}
					if len(readings) > 1 {
						ambiguous++
					} else if got := ms.month(w); got != m+1 {
						t.Errorf("%s %q: got month %d, want %d", row.language, w, got, m+1)
					}
					for i, cs := range monthCharsets {
						enc, ok := encodeMonth(w, i)
						if !ok || enc == w {
							continue
						}
						r := ms.readings(enc)
						if len(r) == 0 || r[0].month != m+1 {
							t.Errorf("%s %q in %s: got %v, want %d", row.language, w, cs.charset, r, m+1)
						}
					}
				}
			}
		}
	}
	if ambiguous == 0 {
		t.Error("no word is ambiguous: the languages are not what they were thought to be")
	}
	var ms months
	for _, w := range []string{"", "x", "foo", "users", "wilma", "\xff\xff\xff", "12", strings.Repeat("m", 100)} {
		if got := ms.month(w); got != 0 {
			t.Errorf("%q: got month %d", w, got)
		}
	}
	for i := range 10_000 {
		ms.month("word" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)))
	}
	if len(ms.seen) > maxMonthsSeen {
		t.Errorf("%d words kept", len(ms.seen))
	}
}

// A line whose day tells the language of its month counts in detection as what the Reader reads it as.
func TestDayTellsTheLanguageInDetection(t *testing.T) {
	for _, line := range []string{
		"-rw-r--r-- 1 w q 5 lis 31  2010 x",
		"-rw-r--r-- 1 w q 5 31 lis  2010 x",
		"-rw-r--r-- 1 w q 5 31. lis  2010 x",
		"Crwx--x 0 Lis 31 0000 0",
	} {
		if got := Detect([]byte(line)); got != Unix {
			t.Errorf("%q: detected %v, want unix", line, got)
		}
		entries, bad, _ := ReadAll(strings.NewReader(line), &Options{Now: testNow})
		if len(entries) != 1 || bad != nil || entries[0].ModTime.Month() != 10 {
			t.Errorf("%q: got %v, %v, want a day of October", line, entries, bad)
		}
	}
}

// A word of two languages is read in that of the listing.
func TestMonthsOfTheListingsLanguage(t *testing.T) {
	line := func(month string) string { return "-rw-r--r-- 1 w q 5 " + month + "  9  2010 x\n" }
	for _, c := range []struct {
		name, text string
		want       []int
	}{
		{"Polish", line("lis") + line("lip") + line("sty"), []int{11, 7, 1}},
		{"Croatian", line("lis") + line("lip") + line("sij"), []int{10, 6, 1}},
		{"Czech", line("srp") + line("lis") + line("led"), []int{8, 11, 1}},
		{"Croatian by another word after", line("srp") + line("velj"), []int{7, 2}},
		{"nothing else known", line("lis") + line("srp"), []int{11, 8}},
		{"a day that only October has", "-rw-r--r-- 1 w q 5 lis 31  2010 x\n" + line("lis"), []int{10, 10}},
		{"German and Russian", line("Mai") + line("мая"), []int{5, 5}},
	} {
		entries, bad, _ := ReadAll(strings.NewReader(c.text), &Options{Now: testNow})
		if len(entries) != len(c.want) || bad != nil {
			t.Fatalf("%s: got %v, %v", c.name, entries, bad)
		}
		for i, e := range entries {
			if int(e.ModTime.Month()) != c.want[i] {
				t.Errorf("%s, line %d: got %v, want %d", c.name, i+1, e.ModTime.Month(), c.want[i])
			}
		}
	}
}

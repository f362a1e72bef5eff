package query

import (
	"fmt"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Wget-1.24.tar.GZ", "wget-1.24.tar.gz"},
		{"Résumé", "resume"},
		{"re\u0301sume\u0301", "resume"},
		{"ё", "е"}, {"й", "и"}, {"É", "e"},
		{"ΣΊΣΥΦΟΣ", "σισυφοσ"}, {"ς", "σ"},
		{"straße", "strasse"}, {"STRASSE", "strasse"}, {"ẞ", "ss"},
		{"Ａ", "a"}, {"ｶﾞ", "ガ"}, {"ｶﾀﾛｸﾞ", "カタログ"},
		{"ﬁ", "fi"}, {"ǆ", "dz"}, {"İ", "i"}, {"ı", "i"}, {"I", "i"},
		{"\u3000", " "}, {"\u00a0", " "},
		{"ø ł đ ħ ŧ ð þ æ œ", "o l d h t d th ae oe"}, {"ØŁĐĦŦÐÞÆŒ", "oldhtdthaeoe"},
		{"a\u00adb\u200bc\u200d\u2060\ufe0f\ufeff", "abc"},
		{"a\ufe00\u200e\u200f\u200cb", "ab"}, {"a\u200ab", "a b"}, {"a\u2010b", "a‐b"},
		{"½", "1\u20442"}, {"／", "\u2044"}, {"℀", "a\u2044c"}, {"A/℀/É", "a/a\u2044c/e"},
		{"かが", "かが"}, {"カ", "カ"}, {"한글", "한글"}, {"\u1112\u1161\u11ab", "한"},
		{"שָלוֹם", "שָלוֹם"}, {"กำ", "ก\u0e4d\u0e32"}, {"क़", "क\u093c"},
		{"體体", "體体"},
		{"ᾳ", "αι"}, {"\u0345", "ι"}, {"か\u0301\u3099", "が"},
	} {
		if got := Fold(c.in); got != c.want {
			t.Errorf("Fold(%q): got %+q, want %+q", c.in, got, c.want)
		}
		if got := Fold(c.want); got != c.want {
			t.Errorf("Fold(%q): got %+q, want it unchanged", c.want, got)
		}
	}
}

// checkFold compares the fast way with the definition, and folds again.
func checkFold(t *testing.T, s string) {
	t.Helper()
	want := string(appendFoldSlow(nil, s))
	got := Fold(s)
	if got != want {
		t.Fatalf("Fold(%+q): got %+q, want %+q", s, got, want)
	}
	if again := Fold(got); again != got {
		t.Fatalf("Fold(Fold(%+q)): got %+q, want %+q", s, again, got)
	}
	if b := AppendFold([]byte("x\u0301/"), s); string(b) != "x\u0301/"+got {
		t.Fatalf("AppendFold(%+q): got %+q, want %+q", s, b, got)
	}
}

func TestFoldEveryRune(t *testing.T) {
	for r := rune(0); r < 0x20000; r++ {
		if 0xd800 <= r && r < 0xe000 {
			continue
		}
		for _, s := range []string{"%c", "か%c\u3099", "e\u0301%c\u0323\u1161"} {
			checkFold(t, fmt.Sprintf(s, r))
		}
		if testing.Short() {
			r += 16
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Wget", "Résumé/straße", "か\u200d\u3099", "ｶﾞ/½", "\u0345\u0301a", "\u1100\u200b\u1161"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, strings.ToValidUTF8(s, "?")) })
}

func BenchmarkFold(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"FoldedASCII", "ubuntu-24.04-desktop-amd64.iso"},
		{"ASCII", "Ubuntu-24.04-Desktop-amd64.iso"},
		{"Latin", "Présentation_générale_du_système.pdf"},
		{"Japanese", "ｶﾀﾛｸﾞ-東京のカタログ.txt"},
		{"Marks", "שָלוֹם-שָלוֹם.txt"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				Fold(c.text)
			}
		})
		b.Run(c.name+"/Append", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			buf := make([]byte, 0, 256)
			for b.Loop() {
				buf = AppendFold(buf[:0], c.text)
			}
		})
	}
}

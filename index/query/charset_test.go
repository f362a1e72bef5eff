package query

import "testing"

func TestTextFormOfMixes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ element, charset, want string }{
		{"caf\xe9", "", "café"},
		{"caf\xe9", "windows-1252", "café"},
		{"caf\xe9", "IBM850", "cafÚ"},
		{"café", "", "café"},
		{"café", "windows-1252", "cafÃ©"},
		{"\xf2\xe5\xf1\xf2", "windows-1251", "тест"},
		{"\xf2\xe5\xf1\xf2", "UTF-8,windows-1251", "тест"},
		{"тест", "UTF-8,windows-1251", "тест"},
		{"\x81", "UTF-8,Shift_JIS", "\u0081"},
		{"\x83\x65", "UTF-8,Shift_JIS", "テ"},
		{"caf\xe9", "no such charset", "café"},
	} {
		if got := TextForm(c.element, c.charset); got != c.want {
			t.Errorf("TextForm(%q, %q) = %q, want %q", c.element, c.charset, got, c.want)
		}
	}
}

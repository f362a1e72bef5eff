package query

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/ianaindex"
)

// TextForm returns an element of a pathname, bytes of a server, as text: decoded by the charset (an IANA name, or several
// with commas between them, of which the first counts that the bytes are good in) if one is known; else the bytes themselves if they are UTF-8; else each byte as the
// Latin-1 character of its value, so that nothing is lost. The result is UTF-8.
func TextForm(element, charset string) string {
	for charset != "" {
		first, rest, _ := strings.Cut(charset, ",")
		if text, ok := decode(element, first); ok {
			return text
		}
		charset = rest
	}
	if utf8.ValidString(element) {
		return element
	}
	runes := make([]rune, len(element))
	for i := range runes {
		runes[i] = rune(element[i])
	}
	return string(runes)
}

func decode(s, charset string) (string, bool) {
	e, err := ianaindex.IANA.Encoding(charset)
	if err != nil || e == nil {
		return "", false
	}
	text, err := e.NewDecoder().String(s)
	return text, err == nil && !strings.ContainsRune(text, utf8.RuneError)
}

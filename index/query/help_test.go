package query

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelp: the page names every field, alias, sort key, class and kind, and what it shows as queries are some.
func TestHelp(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		testHelp(t, Help(width), width)
	}
}

func testHelp(t *testing.T, help string, width int) {
	var words []string
	for _, f := range fields {
		words = append(words, f.name+":")
		for _, a := range f.aliases {
			words = append(words, a+":")
		}
	}
	words = append(words, sortKeys[:]...)
	for _, c := range sizeClasses {
		words = append(words, c.name)
	}
	for _, k := range kindWords {
		words = append(words, k.name)
		words = append(words, KindExtensions(k.name)...)
	}
	for _, w := range words {
		if !regexp.MustCompile(`(?:^|\W)` + regexp.QuoteMeta(w)).MatchString(help) {
			t.Errorf("help does not say %s", w)
		}
	}
	for i, line := range strings.Split(strings.TrimSuffix(help, "\n"), "\n") {
		if n := utf8.RuneCountInString(line); n > width {
			t.Errorf("line %d: got %d characters, want at most %d: %s", i+1, n, width, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("line %d ends in blanks: %q", i+1, line)
		}
	}
	examples := regexp.MustCompile(`\b[a-z]+:[^ ()|\n]*[^ ()|:;\n]`).FindAllString(help[:strings.Index(help, "Other names")], -1)
	if len(examples) < 40 {
		t.Errorf("got %d examples of fields", len(examples))
	}
	for _, e := range examples {
		if _, err := Parse(e, nil); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
}

// TestKindExtensions: the extensions are folded, and one is of one kind only.
func TestKindExtensions(t *testing.T) {
	of := map[string]string{}
	for _, k := range kindWords {
		if len(KindExtensions(k.name)) == 0 {
			t.Errorf("%s has no extensions", k.name)
		}
		for _, x := range KindExtensions(k.name) {
			if of[x] != "" || Fold(x) != x {
				t.Errorf("%s is of %q and %q, fold %q", x, of[x], k.name, Fold(x))
			}
			of[x] = k.name
		}
	}
}

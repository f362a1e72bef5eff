package query

import (
	"strings"
	"testing"
)

// TestSuggestionsParse: what is suggested is in the language.
func TestSuggestionsParse(t *testing.T) {
	values := 0
	for _, f := range FieldNames() {
		if f.About == "" {
			t.Errorf("%s: nothing is said of it", f.Text)
		}
		for _, v := range FieldValues(strings.TrimSuffix(f.Text, ":")) {
			if _, err := Parse(f.Text+v.Text, nil); err != nil {
				t.Errorf("%s%s: %v", f.Text, v.Text, err)
			}
			values++
		}
	}
	if values < 40 {
		t.Errorf("only %d values", values)
	}
	if FieldValues("nosuch") != nil || FieldValues("name") != nil {
		t.Error("values of a field that has none")
	}
	if got := FieldValues("MUSIC"); got != nil {
		t.Errorf("music is a kind, no field: %v", got)
	}
	if got := FieldValues("IS"); len(got) != 4 || got[0].Text != "file" {
		t.Errorf("is: got %v", got)
	}
}

package query

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// readBlocks reads a file of testdata/queries: blocks of lines, each a word and a value.
func readBlocks(t testing.TB, name string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile("../../testdata/queries/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []map[string]string
	for _, block := range strings.Split(strings.TrimSpace(string(b)), "\n\n") {
		m := map[string]string{}
		for _, line := range strings.Split(block, "\n") {
			key, value, _ := strings.Cut(line, " ")
			m[key] = strings.TrimLeft(value, " ")
		}
		blocks = append(blocks, m)
	}
	return blocks
}

func TestErrors(t *testing.T) {
	for _, e := range readBlocks(t, "errors.txt") {
		q, err := Parse(e["query"], nil)
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%s: got %v, want an error", e["query"], q)
			continue
		}
		if got := fmt.Sprintf("%d..%d", se.Start, se.End); got != e["range"] {
			t.Errorf("%s: got range %s, want %s (%s)", e["query"], got, e["range"], se.Msg)
		}
		if want := e["error"]; se.Msg != want && !(strings.Contains(want, "(RE2's words)") && strings.HasPrefix(se.Msg, "bad regular expression: ")) {
			t.Errorf("%s: got %q, want %q", e["query"], se.Msg, want)
		}
		if se.Query != e["query"] {
			t.Errorf("%s: got query %q", e["query"], se.Query)
		}
	}
}

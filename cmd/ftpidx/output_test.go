package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// JSON on a terminal holds no control character that it would obey, and says the same.
func TestJSONOnATerminal(t *testing.T) {
	t.Parallel()
	name := "a\u009b2J\u0085b\u00a0c\u00ffé\x1b\u0080\x7f\u200b\u202egpj\u2066\u061c👨\u200d👩 日本"
	line, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, terminal := range []bool{false, true} {
		var b bytes.Buffer
		o := newOutput(&b, func(string) string { return "" })
		o.terminal = terminal
		if n, err := o.Write(line); n != len(line) || err != nil {
			t.Errorf("got %d, %v, want %d", n, err, len(line))
		}
		o.Flush()
		var got string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || got != name {
			t.Errorf("got %q, %v, want %q", got, err, name)
		}
		if raw := bytes.ContainsAny(b.Bytes(), "\u0080\u0085\u009b\x7f\u200b\u202e\u2066\u061c"); raw == terminal {
			t.Errorf("terminal %t: %q", terminal, b.Bytes())
		}
	}
}

// Remarks are broken for terminals, and for nobody else.
func TestFold(t *testing.T) {
	t.Parallel()
	o := newOutput(new(bytes.Buffer), func(string) string { return "" })
	o.width = 20
	for _, test := range []struct{ text, want string }{
		{"hint: short", "hint: short"},
		{"hint: crawl a server first: ftpidx crawl ftp://HOST/", "hint: crawl a server\n      first: ftpidx\n      crawl\n      ftp://HOST/"},
		{"warning: a line and\nnote: another one that is long\x1b", "warning: a line and\nnote: another one\n      that is\n      long\\x1b"},
		{"more: --after AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "more: --after AAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	} {
		o.terminal = true
		if got := o.fold(test.text); got != test.want {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
		o.terminal = false
		if got, want := o.fold(test.text), escapeLines(test.text); got != want {
			t.Errorf("%q, in a pipe: got %q, want %q", test.text, got, want)
		}
	}
}

package web

import (
	"testing"

	"github.com/ftpidx/ftpidx/index/query"
)

func newTestEditor(t *testing.T, text string) *editor {
	t.Helper()
	q, err := query.Parse(text, &query.Options{Now: pageNow})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &editor{text: text, q: q, now: pageNow}
}

// TestToggle: a filter is added to what was typed, and taken out of it again; the query is written anew only where adding
// would mean something else.
func TestToggle(t *testing.T) {
	for _, tt := range []struct {
		query, leaf, want string
		on                bool
	}{
		{"", "type:file", "type:file", false},
		{"type:file", "type:file", "", true},
		{"wget", "ext:gz", "wget ext:gz", false},
		{"wget ext:gz", "ext:gz", "wget", true},
		{"ext:gz wget", "ext:gz", "wget", true},
		{"wget extension:gz", "ext:gz", "wget", true},
		{"wget size:large", "size:large", "wget", true},
		{"wget size:large", "date:2024", "wget size:large date:2024", false},
		{"newer:7d wget", "type:dir", "newer:7d wget type:dir", false},
		{"a | b", "type:file", "(a | b) type:file", false},
		{"a | b sort:-size", "type:file", "(a | b) type:file sort:-size", false},
		{"wget sort:-size", "type:file", "wget sort:-size type:file", false},
		{`"foo  bar"`, "type:file", `"foo  bar" type:file`, false},
		{"-wget", "type:file", "-wget type:file", false},
		{"wget case:yes", "ext:gz", "wget case:yes ext:gz", false},
		{"ext:gz | ext:xz", "ext:gz", "(ext:gz | ext:xz) ext:gz", false},
		{"ext:gz,xz", "ext:gz", "ext:gz,xz ext:gz", false},
		{"wget", `ext:"a b"`, `wget ext:"a b"`, false},
		{`wget ext:"a b"`, `ext:"a b"`, "wget", true},
	} {
		got, on := newTestEditor(t, tt.query).toggle(tt.leaf)
		if got != tt.want || on != tt.on {
			t.Errorf("%q with %s: got %q, %v; want %q, %v", tt.query, tt.leaf, got, on, tt.want, tt.on)
		}
	}
}

func TestOrder(t *testing.T) {
	for _, tt := range []struct{ query, keys, want string }{
		{"wget", "-size", "wget sort:-size"},
		{"wget sort:name", "-size", "wget sort:-size"},
		{"sort:name wget", "", "wget"},
		{"wget SORT:name,size", "path", "wget sort:path"},
		{"a | b", "name", "a | b sort:name"},
		{`"sort:name"`, "size", `"sort:name" sort:size`},
		{`"x sort:name y"`, "size", `"x sort:name y" sort:size`},
		{"", "-date", "sort:-date"},
	} {
		if got := newTestEditor(t, tt.query).order(tt.keys); got != tt.want {
			t.Errorf("%q by %s: got %q, want %q", tt.query, tt.keys, got, tt.want)
		}
	}
}

// TestBelow: the query of a directory selects what is below that directory, whatever it is called.
func TestBelow(t *testing.T) {
	for _, tt := range []struct{ key, dir, want string }{
		{"ftp.example", "/", "host:=ftp.example"},
		{"ftp.example", "/pub/linux", "host:=ftp.example in:/pub/linux"},
		{"bob@ftp.example:2121", "/a b", `host:=bob@ftp.example:2121 in:"/a b"`},
		{"[2001:db8::1]", "/x*y", `host:=[2001:db8::1] in:"/x*y"`},
		{"ftp.example", `/"quoted"/\`, `host:=ftp.example in:"/\"quoted\"/\\"`},
		{"ftp.example", "/" + string(make([]byte, query.MaxBytes)), ""},
	} {
		if got := below(tt.key, tt.dir); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.key, tt.dir, got, tt.want)
		}
	}
}

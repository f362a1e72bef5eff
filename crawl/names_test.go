package crawl_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// Names that would stand elsewhere, were they joined to the pathname of the directory, are no entries but bad lines.
func TestEntriesRefusesNamesThatAreNone(t *testing.T) {
	const (
		unix = "-rw-r--r-- 1 u g 1 Jan 01 2020 "
		find = "  1 4 -rw-r--r-- 1 u g 1 Jan 01 2020 "
	)
	for _, tt := range []struct {
		name  string
		form  crawl.Form
		lines []string // bad ones
		fine  string
	}{
		{"LIST", crawl.ServerForm, []string{unix + "/etc/passwd", unix + "../../etc", unix + "a/b", unix + "c/b", unix + "x/", "drwxr-xr-x 1 u g 1 Jan 01 2020 /a"}, unix + "fine"},
		{"LIST with pathnames", crawl.ServerForm, []string{unix + "/pub/../etc", unix + "/pub/a/b", unix + "/pub/", unix + "./../x"}, unix + "/pub/fine"},
		{"published", crawl.PublishedForm, []string{unix + "/etc/passwd", unix + "a/b"}, unix + "fine"},
		{"MLSD", crawl.ServerForm, []string{"type=file; a/b", "type=dir; ../c"}, "type=file; fine"},
		{"find", crawl.FindForm, []string{find + "./x/"}, find + "./fine"},
		{"NDJSON", crawl.JSONForm, []string{`{"name":"a/b"}`, `{"name":".."}`, `{"name":"."}`, `{"name":""}`, `{"name":"/"}`}, `{"name":"fine"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Join(slices.Concat([]string{tt.fine}, tt.lines), "\n") + "\n"
			bad := 0
			var names []string
			for e, err := range crawl.Entries(strings.NewReader(text), "/pub", tt.form, new(parse.Options)) {
				if err != nil && !crawl.IsSyntax(err) {
					t.Fatal(err)
				}
				if e.Name != "" {
					names = append(names, e.Name)
				} else if err != nil {
					bad++
				}
			}
			if !slices.Equal(names, []string{"fine"}) || bad != len(tt.lines) {
				t.Errorf("got %q and %d bad lines, want fine and %d", names, bad, len(tt.lines))
			}
		})
	}
}

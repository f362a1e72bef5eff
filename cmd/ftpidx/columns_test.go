package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

var someHits = func() []index.Hit {
	day := time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC)
	org := &index.Server{Scheme: "ftp", Host: "ftp.example.org", Port: 21}
	long := &index.Server{Scheme: "ftp", User: "bob", Host: "a-rather-long-name.of-a-server.example.org", Port: 2121}
	return []index.Hit{
		{Document: index.Document{Server: org, Dir: "/pub", Name: "wget-1.21.tar.gz", Size: 5 << 20, ModTime: day, Precision: parse.Day, Perm: 0o644},
			Highlights: []index.Range{{Start: 0, End: 4}}, Others: make([]string, 1532)},
		{Document: index.Document{Server: long, Dir: "/pub/" + strings.Repeat("very/deep/", 20) + "end", Name: strings.Repeat("wget-and-more-", 15) + ".tar.gz",
			Size: 123, ModTime: day.Add(22*time.Hour + 47*time.Minute), Precision: parse.Minute, Perm: 0o4755}},
		{Document: index.Document{Server: org, Dir: "/", Name: strings.Repeat("漢字", 60) + ".txt", Size: -1, Perm: parse.NoPerm}},
		{Document: index.Document{Server: org, Dir: "/\u05e9\u05dc\u05d5\u05dd", Name: "\u05e9\u05dc\u05d5\u05dd.txt", Size: 1 << 40, Perm: 0o1777, ModTime: day, Precision: parse.Day, Type: index.Dir}},
		{Document: index.Document{Server: org, Dir: "/", Name: "e\u0301\u0301\u0301vil\x1b[31m\u202egnp.exe", Size: 0, Perm: 0o600, ModTime: day.Add(1), Precision: parse.Second}},
	}
}()

// TestColumnsFit lays out hits on terminals of several widths: no line is wider, columns begin where they begin in other lines,
// and nothing of a server's disturbs the terminal.
func TestColumnsFit(t *testing.T) {
	for _, width := range []int{44, 60, 80, 132, 200, 1000} {
		e, stdout, _ := testEnv(time.Now())
		e.stdout.terminal, e.stdout.width = true, width
		if err := newHitPrinter(e, &searchOptions{}).page(someHits); err != nil {
			t.Fatal(err)
		}
		e.stdout.Flush()
		lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
		if len(lines) != len(someHits) {
			t.Fatalf("width %d: %d lines:\n%s", width, len(lines), stdout)
		}
		server := -1
		for _, line := range lines {
			visible := strings.NewReplacer(firstStrongIsolate, "", popIsolate, "").Replace(line)
			if w := textWidth(visible); w > width {
				t.Errorf("width %d: a line takes %d:\n%s", width, w, line)
			}
			if strings.ContainsAny(visible, "\x1b\u202e") {
				t.Errorf("width %d: raw: %q", width, line)
			}
			if i := strings.LastIndex(visible, "ftp."); width >= 80 && i >= 0 {
				if at := textWidth(visible[:i]); server >= 0 && at != server {
					t.Errorf("width %d: the server begins in columns %d and %d:\n%s", width, server, at, stdout)
				} else {
					server = at
				}
			}
		}
		for _, want := range map[bool][]string{true: {"2011-03-09 22:47"}, false: {" 2011-03-09  "}}[width >= narrow] {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("width %d: no %q:\n%s", width, want, stdout)
			}
		}
		if width == 1000 && strings.Contains(stdout.String(), ellipsis) {
			t.Errorf("cut without need:\n%s", stdout)
		}
	}
}

func TestLongIsWhole(t *testing.T) {
	e, stdout, _ := testEnv(time.Now())
	e.stdout.terminal, e.stdout.width = true, 60
	link := index.Hit{Document: index.Document{Server: someHits[0].Server, Dir: "/", Name: "latest", Type: index.Link, Size: -1, Perm: 0o777, Target: "v2.6/\x1b[31m"}}
	if err := newHitPrinter(e, &searchOptions{long: true}).page(append(slices.Clip(someHits), link)); err != nil {
		t.Fatal(err)
	}
	e.stdout.Flush()
	got := stdout.String()
	for i := range someHits {
		h := &someHits[i]
		if !strings.Contains(got, escapeText(h.NameText())) || !strings.Contains(got, h.Server.Key()+"/") {
			t.Errorf("%s is not whole in:\n%s", h.NameText(), got)
		}
	}
	for _, want := range []string{"-rw-r--r--  -  -  5.0M  2011-03-09 ", "-rwsr-xr-x ", "-????????? ", "drwxrwxrwt ", "(+1,532 copies)", `/latest -> v2.6/\x1b[31m`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
}

// TestCaretLineFits: of a query that is wider than the terminal what stands around the mistake is shown, the carets below it.
func TestCaretLineFits(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, tt := range []struct {
		before, marked, after string
		width                 int
		line, carets          string
	}{
		{"a ", "foo", ":x", 80, "a foo:x", "  ^^^"},
		{"漢 ", "foo", ":x", 80, "漢 foo:x", "   ^^^"},
		{"a ", "", "", 80, "a ", "  ^"},
		{long, "foo", ":" + long, 30, "…ord word word foo:word word …", "               ^^^"},
		{"", "foo", ":" + long, 20, "foo:word word word …", "^^^"},
		{long, "foo", "", 20, "…ord word foo", "          ^^^"},
		{"x", long, "y", 20, "xword word word wor…", " ^^^^^^^^^^^^^^^^^^^"},
	} {
		line, carets := caretLine(tt.before+tt.marked+tt.after, len(tt.before), len(tt.before)+len(tt.marked), tt.width)
		if line != tt.line || carets != tt.carets {
			t.Errorf("got\n%s|\n%s|\nwant\n%s|\n%s|", line, carets, tt.line, tt.carets)
		}
		if textWidth(line) > tt.width || textWidth(carets) > tt.width {
			t.Errorf("wider than %d:\n%s\n%s", tt.width, line, carets)
		}
	}
}

// TestElide checks that what is cut fits, that letters keep their marks, and that wide characters are not halved.
func TestElide(t *testing.T) {
	for _, s := range []string{"plain", strings.Repeat("漢字", 10), strings.Repeat("e\u0301", 20), "a" + strings.Repeat("漢", 9), "👩\u200d👩\u200d👧 family photo.jpg", ""} {
		for width := range 30 {
			for _, keep := range []float64{0, 0.35, 0.6, 1} {
				head, tail := elide(s, width, keep)
				shown := s[:head] + s[tail:]
				if head < tail {
					shown = s[:head] + ellipsis + s[tail:]
				}
				if w := textWidth(shown); w > max(width, 1) {
					t.Errorf("elide(%q, %d, %v): %q takes %d columns", s, width, keep, shown, w)
				}
				if strings.HasPrefix(s[tail:], "\u0301") {
					t.Errorf("elide(%q, %d, %v): %q lost the letter of a mark", s, width, keep, shown)
				}
				if textWidth(s) <= width && shown != s {
					t.Errorf("elide(%q, %d, %v) cut to %q without need", s, width, keep, shown)
				}
			}
		}
	}
}

func TestMarkKeepsRanges(t *testing.T) {
	text := "\x1bwget\u202e wget"
	m := mark(text, []index.Range{{Start: 1, End: 5}, {Start: 9, End: 13}})
	var found []string
	for _, r := range m.found {
		found = append(found, m.text[r.Start:r.End])
	}
	if m.text != `\x1bwget\u{202e} wget` || fmt.Sprint(found) != "[wget wget]" {
		t.Errorf("got %q, found %q", m.text, found)
	}
	out := &output{color: true}
	if got, want := m.fit(out, cyan, 12, 1, true), "\x1b[36m\\x1b\x1b[m\x1b[36;1mwget\x1b[m\x1b[36m\\u{\x1b[m\x1b[36m…\x1b[m"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSavedAs(t *testing.T) {
	for path, want := range map[string]string{
		"h/a/b":            "h/a/b",
		"h/../../etc/x":    "h/%2E%2E/%2E%2E/etc/x",
		"h/./x":            "h/%2E/x",
		"h/...":            "h/...",
		"h/a\nout=b":       "h/a%0Aout=b",
		`h/..\..\x`:        "h/..%5C..%5Cx",
		"h/\x1b[2J\u009bm": "h/%1B[2J%C2%9Bm",
		"h/\u0080\x80":     "h/%C2%80\x80",
		"h/ends in \t ":    "h/ends in%20%09%20",
		"h/ caf\xe9 #%":    "h/ caf\xe9 #%",
		"bob@h:2121/a/b":   "bob@h:2121/a/b",
	} {
		if got := savedAs(path); got != want {
			t.Errorf("savedAs(%q): got %q, want %q", path, got, want)
		}
	}
}

// TestColor tells when colours are used, by the variables that people set.
func TestColor(t *testing.T) {
	for _, tt := range []struct {
		vars map[string]string
		want bool
	}{
		{nil, false}, // not a terminal
		{map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{map[string]string{"CLICOLOR_FORCE": "0"}, false},
		{map[string]string{"CLICOLOR_FORCE": "1", "TERM": "dumb"}, true},
		{map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, false},
	} {
		if out := newOutput(new(strings.Builder), func(k string) string { return tt.vars[k] }); out.color != tt.want || out.terminal {
			t.Errorf("%v: got color %v, terminal %v; want %v, false", tt.vars, out.color, out.terminal, tt.want)
		}
	}
}

package parse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Each golden listing is found to be of its format, whole and from its first lines, and the grammars of
// other formats read no line of it: the detection matrix. A grammar that is never guessed is left out.
func TestDetectionMatrix(t *testing.T) {
	// Pairs of formats of which lines may be the same, and why.
	shared := map[[2]Format]string{
		{Find, Unix}: "find -ls prints what ls -lis prints, with pathnames",
	}
	goldens(t, func(path string, format Format, text []byte, g golden) {
		if g.Told {
			return
		}
		if got := Detect(text); got != format {
			t.Errorf("%s: detected as %v", path, got)
		}
		for _, other := range Formats() {
			if other == format || formats[other].told || shared[[2]Format{format, other}] != "" {
				continue
			}
			var p parser
			p.init(g.options(t))
			for i, line := range strings.Split(string(text), "\n") {
				if line = strings.TrimSuffix(line, "\r"); allBlank(line) {
					continue
				}
				if v := p.try(other, line); v == VerdictEntry {
					t.Errorf("%s: line %d read as %v: %s", path, i+1, other, brief(p.e))
				}
			}
		}
	})
}

func TestDetect(t *testing.T) {
	ls := "-rw-r--r-- 1 w q 5 Mar  9 17:04 x\n"
	dos := "03-09-11  17:04   5 y\n"
	for _, c := range []struct {
		name, head string
		want       Format
	}{
		{"nothing", "", Auto},
		{"noise alone", "total 5\n\n", Auto},
		{"bad lines alone", "hello\nworld\n", Auto},
		{"one line without an end", strings.TrimSpace(ls), Unix},
		{"most lines", ls + dos + dos, DOS},
		{"a tie goes to the stricter", dos + ls, Unix},
		{"names are never guessed", "attic\nrocks\n", Auto},
		{"bare members are never guessed", "ATTIC\nROCKS\n", Auto},
		{"lines after the window do not count", strings.Repeat(ls, 1+window/len(ls)) + strings.Repeat(dos, 10000), Unix},
	} {
		if got := Detect([]byte(c.head)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// A listing may mix formats: each line is read by the grammar that knows it, wherever it stands.
func TestMixedListing(t *testing.T) {
	lines := []struct {
		text, want string
	}{
		{"-rw-r--r-- 1 w q 5 Mar  9 17:04 a", "unix"},
		{"03-09-11  17:04   5 b", "dos"},
		{"type=file; c", "mlsx"},
		{"+r,\td", "eplf"},
		{"d [RWCEAFMS] wilma    512 Mar  9 17:04    e", "netware"},
		{"F.TXT;1  5/6  9-MAR-2011 17:04", "vms"},
		{"PUB001 3390   2011/03/09  1   15  FB      80 27920  PS  G", "mvs"},
		{"WILMA  20480 09/03/11 17:04:33 *DIR   h/", "os400"},
		{"     0    DIR   03-09-111   17:04  i", "os2"},
		{"  2048    Mar-09-2011  17:04:33   j", "vxworks"},
		{"31744  Mar 09, 2011 17:04 k/", "vshell"},
		{"l  48640  03/09/11  Wed.  17:04:33", "wfftp"},
	}
	for first := range lines {
		var text strings.Builder
		var want []string
		for range 3 { // the first is preferred
			text.WriteString(lines[first].text + "\n")
			want = append(want, lines[first].want)
		}
		for _, l := range lines {
			text.WriteString(l.text + "\n")
			want = append(want, l.want)
		}
		entries, bad, err := ReadAll(strings.NewReader(text.String()), &Options{Now: testNow})
		var got []string
		for _, e := range entries {
			got = append(got, e.Format.String())
		}
		if !slices.Equal(got, want) || bad != nil || err != nil {
			t.Errorf("%s first:\n got %v, %v\nwant %v", lines[first].want, got, bad, want)
		}
	}
}

// With a format told, no other is tried, and the error says no more than that it is not this one.
func TestToldFormatAlone(t *testing.T) {
	got := readLines(t, "-rw-r--r-- 1 w q 5 Mar  9 17:04 x\n03-09-11  17:04   5 y\n", Options{Format: DOS})
	if want := "BAD not a line of this format\nfile \"y\" 5 2011-03-09T17:04"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestForeignLineIsErrFormat(t *testing.T) {
	for _, told := range []Format{Auto, DOS} {
		_, bad, _ := ReadAll(strings.NewReader("what is this?\n"), &Options{Now: testNow, Format: told})
		if len(bad) != 1 || !errors.Is(bad[0], ErrFormat) || errors.Is(bad[0], ErrColumns) || bad[0].Format != Auto {
			t.Errorf("told %v: got %v, want ErrFormat", told, bad)
		}
	}
}

// A line that a grammar takes for its own but finds bad is still offered to the others, and if none
// reads it, it has the first reason.
func TestFirstReasonIsReported(t *testing.T) {
	_, bad, _ := ReadAll(strings.NewReader("03-09-11  17:04   x\n-rw-r--r-- 1 w q 5 Mar  9 17:04 x\n-rw-r--r-- 1 w q 5 Mar  9 17:04 x\n"), &Options{Now: testNow})
	if len(bad) != 1 || bad[0].Format != DOS || bad[0].Err != ErrSize {
		t.Errorf("got %v, want the reason of dos", bad)
	}
}

func TestFormatText(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range append(Formats(), Auto) {
		text, err := f.MarshalText()
		var back Format
		if err != nil || back.UnmarshalText(text) != nil || back != f || f.Title() == "" || seen[f.String()] {
			t.Errorf("%d: %q, %v, back %v, title %q", f, text, err, back, f.Title())
		}
		seen[f.String()] = true
		if formats[f].read == nil && f != Auto {
			t.Errorf("%v has no grammar", f)
		}
	}
	var f Format
	if err := f.UnmarshalText([]byte("ls")); err == nil {
		t.Error("ls was taken for a format")
	}
	if f = 200; f.String() != "Format(200)" || f.Title() != "" {
		t.Errorf("got %q, %q", f.String(), f.Title())
	}
	if got := fmt.Sprint(Formats()[0]); got != "mlsx" {
		t.Errorf("the strictest is %s", got)
	}
}

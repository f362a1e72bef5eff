package parse

import (
	"encoding"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// Every enumeration is a word in text and back; other words are refused.
func TestTextForms(t *testing.T) {
	check := func(v encoding.TextMarshaler, back encoding.TextUnmarshaler, same func() bool, word string) {
		t.Helper()
		text, err := v.MarshalText()
		if err != nil || string(text) != word {
			t.Errorf("%T: got %q, %v, want %q", v, text, err, word)
		}
		if err := back.UnmarshalText(text); err != nil || !same() {
			t.Errorf("%T %q: back %v, %v", v, text, back, err)
		}
		if err := back.UnmarshalText([]byte("no such word")); err == nil {
			t.Errorf("%T: took any word", v)
		}
	}
	for i, word := range []string{"unknown", "file", "dir", "link", "device", "pipe", "socket", "other"} {
		var back Type
		check(Type(i), &back, func() bool { return back == Type(i) }, word)
	}
	for i, word := range []string{"", "day", "minute", "second", "subsecond"} {
		var back Precision
		check(Precision(i), &back, func() bool { return back == Precision(i) }, word)
	}
	for i, word := range []string{"auto", "mdy", "dmy", "ymd"} {
		var back DateOrder
		check(DateOrder(i), &back, func() bool { return back == DateOrder(i) }, word)
	}
	for v, word := range map[Verdict]string{VerdictEntry: "entry", VerdictPart: "part", VerdictPartial: "partial", VerdictSection: "section",
		VerdictNoise: "noise", VerdictDiagnostic: "diagnostic", VerdictBad: "bad"} {
		if text, err := v.MarshalText(); string(text) != word || err != nil {
			t.Errorf("got %q, %v, want %q", text, err, word)
		}
	}
	if got := fmt.Sprint(Type(99), Precision(99), DateOrder(99), Verdict(99)); got != "unknown  ymd bad" {
		t.Errorf("beyond the last: %q", got)
	}
	for p, want := range map[Perm]string{NoPerm: "", 0: "0000", 0o644: "0644", 0o7755: "7755"} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPrecisionDuration(t *testing.T) {
	for p, want := range map[Precision]time.Duration{NoTime: 0, Day: 24 * time.Hour, Minute: time.Minute, Second: time.Second, Subsecond: 1, 99: 1} {
		if got := p.Duration(); got != want {
			t.Errorf("%v: got %v, want %v", p, got, want)
		}
	}
}

func TestFileMode(t *testing.T) {
	for _, c := range []struct {
		e    Entry
		want fs.FileMode
	}{
		{Entry{Type: File, Perm: 0o644}, 0o644},
		{Entry{Type: Dir, Perm: 0o1777}, fs.ModeDir | fs.ModeSticky | 0o777},
		{Entry{Type: File, Perm: 0o6755}, fs.ModeSetuid | fs.ModeSetgid | 0o755},
		{Entry{Type: Link, Perm: 0o777}, fs.ModeSymlink | 0o777},
		{Entry{Type: Device, Perm: 0o660, Mode: "brw-rw----"}, fs.ModeDevice | 0o660},
		{Entry{Type: Device, Perm: 0o660, Mode: "crw-rw----"}, fs.ModeDevice | fs.ModeCharDevice | 0o660},
		{Entry{Type: Pipe, Perm: 0}, fs.ModeNamedPipe},
		{Entry{Type: Socket, Perm: 0}, fs.ModeSocket},
		{Entry{Type: Other, Perm: 0}, fs.ModeIrregular},
		{Entry{Type: Unknown, Perm: NoPerm}, fs.ModeIrregular},
		{Entry{Type: Dir, Perm: NoPerm}, fs.ModeDir},
		{Entry{Type: 99, Perm: NoPerm}, fs.ModeIrregular},
	} {
		if got := c.e.FileMode(); got != c.want {
			t.Errorf("%+v: got %v, want %v", c.e, got, c.want)
		}
	}
}

func TestFact(t *testing.T) {
	mlsx := Entry{Format: MLSx, Facts: "Type=file;x.size=1;SIZE=3;empty=;last=9"}
	eplf := Entry{Format: EPLF, Facts: "i83.21,,s512,up644,/"}
	for _, c := range []struct {
		e           *Entry
		name, value string
		ok          bool
	}{
		{&mlsx, "type", "file", true}, {&mlsx, "size", "3", true}, {&mlsx, "empty", "", true}, {&mlsx, "last", "9", true},
		{&mlsx, "siz", "", false}, {&mlsx, "sizes", "", false}, {&mlsx, "modify", "", false},
		{&eplf, "i", "83.21", true}, {&eplf, "s", "512", true}, {&eplf, "up", "644", true}, {&eplf, "/", "", true}, {&eplf, "m", "", false},
		{&Entry{Format: Unix}, "size", "", false},
	} {
		if value, ok := c.e.Fact(c.name); value != c.value || ok != c.ok {
			t.Errorf("%s of %q: got %q, %v", c.name, c.e.Facts, value, ok)
		}
	}
}

func TestFileInfo(t *testing.T) {
	when := time.Date(2011, 3, 9, 17, 4, 0, 0, time.UTC)
	e := Entry{Name: "attic", Type: Dir, Perm: 0o755, Size: -1, ModTime: when}
	info := e.FileInfo()
	if info.Name() != "attic" || info.Size() != 0 || !info.IsDir() || info.Mode() != fs.ModeDir|0o755 || !info.ModTime().Equal(when) || info.Sys() != &e {
		t.Errorf("got %v", info)
	}
	if got := fmt.Sprint(info); got != "drwxr-xr-x 0 2011-03-09 17:04:00 attic/" {
		t.Errorf("got %q", got)
	}
}

// ReadAll returns the same entries whether the length of the source is known or not, and whether its lines
// become longer or shorter.
func TestReadAllOfAnyLength(t *testing.T) {
	for _, n := range []int{0, 1, 15, 16, 17, 48, 49, 5000, 20_000} {
		for _, grow := range []bool{false, true} {
			var text strings.Builder
			for i := range n {
				pad := 3000 / (i + 1)
				if grow {
					pad = i / 100
				}
				fmt.Fprintf(&text, "+r,\t%d%s\n", i, strings.Repeat("x", pad))
			}
			for name, src := range map[string]io.Reader{
				"known": strings.NewReader(text.String()), "unknown": iotest.HalfReader(strings.NewReader(text.String())),
			} {
				entries, bad, err := ReadAll(src, nil)
				if len(entries) != n || bad != nil || err != nil {
					t.Fatalf("%d lines, length %s: %d entries, %v, %v", n, name, len(entries), bad, err)
				}
				for i, e := range entries {
					if e.Line != i+1 || !strings.HasPrefix(e.Name, fmt.Sprint(i)) {
						t.Fatalf("%d lines, length %s: entry %d is %+v", n, name, i, e)
					}
				}
			}
		}
	}
}

// A source that says nothing and no error does not hang the Reader.
func TestSourceWithoutProgress(t *testing.T) {
	_, _, err := ReadAll(silent{}, nil)
	if err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, nil }

package parse

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

var testNow = time.Date(2011, 8, 12, 12, 0, 0, 0, time.UTC)

const twoFiles = "-rw-r--r-- 1 wilma quarry 17 Mar  9 17:04 a\n-rw-r--r-- 1 wilma quarry 18 Mar  9 17:04 b\n"

func names(entries []Entry) string {
	var ns []string
	for _, e := range entries {
		ns = append(ns, e.Name)
	}
	return strings.Join(ns, ",")
}

func TestReaderReturnsEntriesThenEOF(t *testing.T) {
	r := NewReader(strings.NewReader(twoFiles), &Options{Now: testNow})
	for _, want := range []string{"a", "b"} {
		e, err := r.Read()
		if e.Name != want || err != nil {
			t.Fatalf("got %q, %v, want %q", e.Name, err, want)
		}
	}
	if got := r.InputOffset(); got != int64(len(twoFiles)) {
		t.Errorf("offset: got %d, want %d", got, len(twoFiles))
	}
	if r.Format() != Unix {
		t.Errorf("format: got %v, want unix", r.Format())
	}
	for range 2 {
		if e, err := r.Read(); err != io.EOF || e != (Entry{}) {
			t.Errorf("at the end: got %v, %v, want io.EOF", e, err)
		}
	}
	r.Reset(strings.NewReader("\n" + twoFiles))
	if e, err := r.Read(); e.Name != "a" || e.Line != 2 || err != nil {
		t.Errorf("after Reset: got %q of line %d, %v", e.Name, e.Line, err)
	}
}

func TestPartialEntryComesWithItsError(t *testing.T) {
	const line = "drwxr-xr-x 1 wilma quarry 12x Mar  9 17:04 a"
	e, err := NewReader(strings.NewReader("\n"+line), &Options{Now: testNow}).Read()
	var bad *SyntaxError
	if !errors.As(err, &bad) || !errors.Is(err, ErrSize) || bad.Line != 2 || bad.Offset != 1 || bad.Text != line || bad.Format != Unix {
		t.Errorf("got error %+v, want ErrSize at line 2, offset 1", err)
	}
	if e.Name != "a" || e.Type != Dir || e.Size != -1 || e.ModTime.IsZero() {
		t.Errorf("got %+v, want a directory a of unknown size", e)
	}
}

// A broken source is no end of the listing: the lines before it are returned, a line cut off by it is none.
func TestSourceFailure(t *testing.T) {
	broken := errors.New("broken")
	src := func(text string) io.Reader { return io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)) }
	entries, bad, err := ReadAll(src(twoFiles), &Options{Now: testNow})
	if names(entries) != "a,b" || bad != nil || err != broken {
		t.Errorf("got %s, %v, %v", names(entries), bad, err)
	}
	entries, bad, err = ReadAll(src(twoFiles[:len(twoFiles)-1]), &Options{Now: testNow})
	if names(entries) != "a" || len(bad) != 1 || !errors.Is(bad[0], ErrCut) || err != broken {
		t.Errorf("got %s, %v, %v, want a, the cut line, and the error", names(entries), bad, err)
	}
	n := 0
	for _, err = range NewReader(src(twoFiles), nil).All() {
		n++
	}
	if n != 3 || err != broken {
		t.Errorf("All: got %d pairs, the last with %v, want 3 with the source's error", n, err)
	}
}

func TestLongLineIsOneErrorAndOneBuffer(t *testing.T) {
	const limit = 1000
	long := "-rw-r--r-- 1 wilma quarry 17 Mar  9 17:04 " // and a name
	for _, c := range []struct {
		name string
		n    int
		end  string
		bad  bool
	}{
		{"just fits", limit, "\n", false},
		{"just fits, CRLF", limit, "\r\n", false},
		{"just fits, no end", limit, "", false},
		{"one too long", limit + 1, "\n", true},
		{"one too long, CRLF", limit + 1, "\r\n", true},
		{"one too long, no end", limit + 1, "", true},
		{"longer than the window", 2 * window, "\n", true},
		{"endless", 10 << 20, "\n", true},
	} {
		text := twoFiles + long + strings.Repeat("x", c.n-len(long)) + c.end
		if c.end != "" {
			text += twoFiles
		}
		var src io.Reader = strings.NewReader(text)
		if c.n < 1<<20 {
			src = iotest.OneByteReader(src) // so that the end of the line comes alone
		}
		r := NewReader(src, &Options{Now: testNow, MaxLine: limit})
		good, bad := 0, 0
		for _, err := range r.All() {
			switch {
			case err == nil:
				good++
			case errors.Is(err, ErrTooLong) && err.(*SyntaxError).Line == 3:
				bad++
			default:
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if want := strings.Count(text, "\n"); bad != map[bool]int{true: 1}[c.bad] || good+bad < want {
			t.Errorf("%s: got %d good and %d bad of %d lines", c.name, good, bad, want)
		}
		if r.InputOffset() != int64(len(text)) {
			t.Errorf("%s: offset: got %d, want %d", c.name, r.InputOffset(), len(text))
		}
		if len(r.buf) > 2*window {
			t.Errorf("%s: buffer of %d bytes", c.name, len(r.buf))
		}
	}
}

// Whose heading is too long is nobody's: its entries are errors until the next heading, and not those of the directory before it.
func TestEntriesBelowALongHeading(t *testing.T) {
	const limit = 1000
	long := strings.Repeat("x/", limit)
	pad := "./pad:\n" + strings.Repeat(twoFiles, window/len(twoFiles)+1) + "\n" // beyond it, lines come from the source in parts
	for _, c := range []struct {
		name, text string
		format     Format
		entries    string // with their directories
		bad        string // causes
	}{
		{"ls -lR", "./a:\n" + twoFiles + "\n./" + long + ":\n" + twoFiles + "\n./b:\n" + twoFiles, Auto, "./a|a,./a|b,./b|a,./b|b", "LSS"},
		{"the first section", "./" + long + ":\ntotal 2\n" + twoFiles + "\n./b:\n" + twoFiles, Auto, "./b|a,./b|b", "LSS"},
		{"CRLF", "./a:\r\n" + twoFiles + "\r\n./" + long + ":\r\n" + twoFiles, Auto, "./a|a,./a|b", "LSS"},
		{"no empty line before", "./a:\n" + twoFiles + long + ":\n" + twoFiles, Auto, "./a|a,./a|b,./a|a,./a|b", "L"},
		{"no colon", "./a:\n" + twoFiles + "\n" + long + "\n" + twoFiles, Auto, "./a|a,./a|b,./a|a,./a|b", "L"},
		{"a name that ends in a colon", "./a:\n\n" + strings.TrimSuffix(twoFiles, "\n") + strings.Repeat("x", limit) + ":\n" + twoFiles, Auto, "./a|a,./a|a,./a|b", "L"},
		{"another format", "./a:\n" + twoFiles + "\n./" + long + ":\ntype=file;size=1; c\n-rw-r--r-- 1 wilma quarry 17 Mar  9 x y\n", Auto, "./a|a,./a|b", "LSB"},
		{"bad columns", "./a:\n" + twoFiles + "\n./" + long + ":\ndrwxr-xr-x 1 wilma quarry 12x Mar  9 17:04 d\n", Auto, "./a|a,./a|b", "LS"},
		{"names", "a:\nf\n\n" + long + ":\ng\n\nb:\nh\n", Names, "a|f,b|h", "LS"},
		{"DIR /S", " Directory of C:\\pub\r\n\r\n03-09-11  05:04PM                17 a\r\n\r\n Directory of C:\\" + long + "\r\n\r\n03-09-11  05:04PM                17 b\r\n", Auto, `C:\pub|a`, "LS"},
	} {
		for _, whole := range []bool{true, false} {
			text := c.text
			if !whole && c.format == Auto {
				text = pad + text
			}
			var src io.Reader = strings.NewReader(text)
			if !whole {
				src = iotest.OneByteReader(src)
			}
			traced := 0
			o := &Options{Now: testNow, MaxLine: limit, Format: c.format}
			if !whole {
				o.Trace = func(l Line) { traced += int(l.Length) }
			}
			entries, bad, err := ReadAll(src, o)
			var got []string
			for _, e := range entries {
				if e.Dir != "./pad" {
					got = append(got, e.Dir+"|"+e.Name)
				}
			}
			causes := ""
			for _, b := range bad {
				switch {
				case errors.Is(b, ErrTooLong):
					causes += "L"
				case errors.Is(b, ErrSection):
					causes += "S"
				default:
					causes += "B"
				}
			}
			if strings.Join(got, ",") != c.entries || causes != c.bad || err != nil || !whole && traced != len(text) {
				t.Errorf("%s, whole %v: got %s, errors %s, %v, traced %d of %d bytes, want %s, errors %s", c.name, whole, got, causes, err, traced, len(text), c.entries, c.bad)
			}
		}
	}
}

// The lines traced tile the input, and each has one verdict.
func TestTraceTilesInput(t *testing.T) {
	goldens(t, func(path string, format Format, text []byte, g golden) {
		o := g.options(t)
		if g.Told {
			o.Format = format
		}
		var at int64
		counts := map[Verdict]int{}
		o.Trace = func(l Line) {
			if l.Offset != at || l.Length <= 0 {
				t.Errorf("%s: line %d at %d+%d, want at %d", path, l.Number, l.Offset, l.Length, at)
			}
			if !bytes.HasPrefix(text[at:], []byte(l.Text)) {
				t.Errorf("%s: line %d: text %q", path, l.Number, l.Text)
			}
			end := 0
			for _, c := range l.Columns {
				if c.Start < end || c.End <= c.Start || c.End > len(l.Text) {
					t.Errorf("%s: line %d: columns %v of %q", path, l.Number, l.Columns, l.Text)
				}
				end = c.End
			}
			at += l.Length
			counts[l.Verdict]++
		}
		entries, bad, err := ReadAll(bytes.NewReader(text), o)
		if err != nil || at != int64(len(text)) {
			t.Errorf("%s: traced %d of %d bytes, %v", path, at, len(text), err)
		}
		if n := counts[VerdictEntry] + counts[VerdictPartial]; n != len(entries) {
			t.Errorf("%s: traced %d entries, got %d", path, n, len(entries))
		}
		if n := counts[VerdictBad] + counts[VerdictPartial]; n != len(bad) {
			t.Errorf("%s: traced %d bad lines, got %d", path, n, len(bad))
		}
	})
}

func TestSectionsNeedAnEmptyLineBefore(t *testing.T) {
	entries, bad, _ := ReadAll(strings.NewReader("./x y:\n"+twoFiles+"z:\n\n ./a b:\n"+twoFiles), &Options{Now: testNow})
	if len(bad) != 1 || bad[0].Text != "z:" {
		t.Errorf("got %v, want the line z: bad", bad)
	}
	if len(entries) != 4 || entries[1].Dir != "./x y" || entries[3].Dir != " ./a b" {
		t.Errorf("got %+v", entries)
	}
}

func TestDots(t *testing.T) {
	text := "drwxr-xr-x 1 wilma quarry 17 Mar  9 17:04 .\ndrwxr-xr-x 1 wilma quarry 17 Mar  9 17:04 ..\n" + twoFiles
	for _, c := range []struct {
		dots bool
		want string
	}{{false, "a,b"}, {true, ".,..,a,b"}} {
		entries, bad, err := ReadAll(strings.NewReader(text), &Options{Now: testNow, Dots: c.dots})
		if names(entries) != c.want || bad != nil || err != nil {
			t.Errorf("Dots %v: got %s, %v, %v", c.dots, names(entries), bad, err)
		}
		entries, bad, err = ReadAll(strings.NewReader("type=cdir; /pub\ntype=pdir; /\ntype=file; a\ntype=dir; b\n"), &Options{Dots: c.dots})
		if want := strings.NewReplacer("..", "/", ".,", "/pub,").Replace(c.want); names(entries) != want || bad != nil || err != nil {
			t.Errorf("Dots %v, MLSx: got %s, %v, %v, want %s", c.dots, names(entries), bad, err, want)
		}
	}
}

// An entry of two lines, and the error that may come with it, have the place of the first.
func TestTwoLinesHaveThePlaceOfTheFirst(t *testing.T) {
	const text = "attic/  -\na-name\n  5  Feb 30 17:04\nrocks  7\n"
	entries, bad, err := ReadAll(strings.NewReader(text), &Options{Now: testNow})
	if names(entries) != "attic,a-name,rocks" || len(bad) != 1 || err != nil {
		t.Fatalf("got %s, %v, %v", names(entries), bad, err)
	}
	if entries[1].Line != 2 || bad[0].Line != 2 || bad[0].Offset != 10 || bad[0].Text != "a-name" || entries[2].Line != 4 {
		t.Errorf("got %+v and %+v", entries[1], bad[0])
	}
}

// A line after a reply code is not the first of two.
func TestReplyCodeAndTwoLines(t *testing.T) {
	got := readLines(t, "211 A.TXT;1\n 5/6 9-MAR-2011 17:04\n", Options{})
	if want := "BAD not a line of any known format\nBAD not a line of any known format"; got != want {
		t.Errorf("got %s", got)
	}
}

// A bad line between leaves nothing behind in the entry after it.
func TestBadLinesLeaveNothingBehind(t *testing.T) {
	entries, bad, err := ReadAll(strings.NewReader("-rw-r--r-- 1 wilma quarry 17 Mar  9 x y\ntype=file;size=1;modify=2; a\n+r,\tb\nx\n+r,\tc\n"), &Options{Now: testNow})
	if names(entries) != "a,b,c" || len(bad) != 3 || err != nil {
		t.Fatalf("got %s, %v, %v", names(entries), bad, err)
	}
	for i, e := range entries[1:] {
		want := Entry{Name: e.Name, Type: File, Perm: NoPerm, Size: -1, Links: -1, Facts: "r,", Format: EPLF, Line: 3 + 2*i}
		if e != want {
			t.Errorf("got %+v, want %+v", e, want)
		}
	}
}

func TestNothingIsRetainedOfTheBuffer(t *testing.T) {
	src := []byte(twoFiles)
	entries, _, _ := ReadAll(bytes.NewReader(src), &Options{Now: testNow})
	for i := range src {
		src[i] = '#'
	}
	if names(entries) != "a,b" || entries[0].Owner != "wilma" {
		t.Errorf("got %+v", entries)
	}
}

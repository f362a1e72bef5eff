package parse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// addListings adds the golden listings and the lines of the tests as seeds.
func addListings(f *testing.F) {
	goldens(f, func(_ string, format Format, text []byte, _ golden) { f.Add(text, byte(format)) })
	for _, c := range lineTests {
		f.Add([]byte(c.line), byte(Auto))
	}
	// What fuzzing has found.
	f.Add([]byte("Crwxr-x00000000000000000000000000:"), byte(Unix)) // a heading after columns of ls
	f.Add([]byte("000 A\n 0"), byte(DLS))                           // two lines, of which the first has a reply code
	f.Add([]byte("0=0 0\n 0"), byte(Auto))                          // a fact without its semicolon
	f.Add([]byte("Crwx--x 0 Lis 31 0000 0"), byte(VMS))             // a day that only one language's lis has
}

// fuzzOptions gives options by a byte: each format is told sometimes.
func fuzzOptions(b byte) *Options {
	o := &Options{Now: testNow, Dots: b&0x80 != 0}
	if b &= 0x7f; Format(b) < numFormats {
		o.Format = Format(b)
	}
	if b&0x40 != 0 {
		o.Location, o.DateOrder, o.MaxLine = time.FixedZone("", -3*3600), DateOrder(b&3), 64
	}
	return o
}

// checkEntry reports what no entry may be.
func checkEntry(t *testing.T, e *Entry, line []byte) {
	t.Helper()
	switch {
	case e.Name == "":
		t.Errorf("%q: no name", line)
	case strings.Contains(e.Name, "\n") && e.Format != Find:
		t.Errorf("%q: name %q", line, e.Name)
	case e.Size < -1, e.Links < -1, e.Perm < -1 || e.Perm > 0o7777, e.Type > Other, e.Precision > Subsecond:
		t.Errorf("%q: impossible %+v", line, e)
	case (e.Precision == NoTime) != e.ModTime.IsZero() && e.ModTime.Year() != 1:
		t.Errorf("%q: precision %v of %v", line, e.Precision, e.ModTime)
	case e.Format == Auto || e.Format >= numFormats:
		t.Errorf("%q: format %v", line, e.Format)
	case e.Target != "" && e.Type != Link:
		t.Errorf("%q: %v with a target", line, e.Type)
	case e.Device != "" && e.Type != Device:
		t.Errorf("%q: %v with a device number", line, e.Type)
	}
}

// Whatever comes, the Reader neither panics nor returns what cannot be, ends, and stays at its end.
func FuzzReader(f *testing.F) {
	addListings(f)
	f.Fuzz(func(t *testing.T, text []byte, b byte) {
		r := NewReader(bytes.NewReader(text), fuzzOptions(b))
		last := 0
		for {
			e, err := r.Read()
			if err == io.EOF {
				break
			}
			line := e.Line
			var bad *SyntaxError
			if errors.As(err, &bad) {
				line = bad.Line
				if bad.Err == nil || bad.Offset < 0 || bad.Offset > int64(len(text)) || len(bad.Text) > maxErrorText || bad.Error() == "" {
					t.Errorf("bad error %+v", bad)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if err == nil || e.Name != "" {
				checkEntry(t, &e, text)
			}
			if line <= last {
				t.Errorf("line %d after line %d", line, last)
			}
			last = line
		}
		if _, err := r.Read(); err != io.EOF || r.InputOffset() != int64(len(text)) {
			t.Errorf("after the end: %v, offset %d of %d", err, r.InputOffset(), len(text))
		}
	})
}

// result is all that a Reader returns.
func result(src io.Reader, o *Options) string {
	var b strings.Builder
	for e, err := range NewReader(src, o).All() {
		fmt.Fprintf(&b, "%+v %v\n", e, err)
	}
	return b.String()
}

// However the source cuts the listing, the same comes out.
func FuzzChunks(f *testing.F) {
	addListings(f)
	f.Fuzz(func(t *testing.T, text []byte, b byte) {
		o := fuzzOptions(b)
		want := result(bytes.NewReader(text), o)
		for name, src := range map[string]io.Reader{
			"one byte":  iotest.OneByteReader(bytes.NewReader(text)),
			"halves":    iotest.HalfReader(bytes.NewReader(text)),
			"data, EOF": iotest.DataErrReader(bytes.NewReader(text)),
		} {
			if got := result(src, o); got != want {
				t.Errorf("%s:\n got %s\nwant %s", name, got, want)
			}
		}
		// Tracing uses the slow readers, and must not change anything either.
		traced := *o
		traced.Trace = func(Line) {}
		if got := result(bytes.NewReader(text), &traced); got != want {
			t.Errorf("traced:\n got %s\nwant %s", got, want)
		}
	})
}

// Each byte belongs to one line and each line has one verdict; entries and errors are as many as the verdicts say.
func FuzzAccounting(f *testing.F) {
	addListings(f)
	f.Fuzz(func(t *testing.T, text []byte, b byte) {
		o := fuzzOptions(b)
		var at int64
		var counts [VerdictBad + 1]int
		o.Trace = func(l Line) {
			if l.Offset != at || l.Length <= 0 || l.Verdict == foreign || l.Verdict > VerdictBad {
				t.Errorf("line %d: %v at %d+%d, want at %d", l.Number, l.Verdict, l.Offset, l.Length, at)
			}
			if (l.Err != nil) != (l.Verdict == VerdictBad || l.Verdict == VerdictPartial) {
				t.Errorf("line %d: %v with %v", l.Number, l.Verdict, l.Err)
			}
			end := 0
			for _, c := range l.Columns {
				if c.Start < end || c.End <= c.Start || c.End > len(l.Text) {
					t.Errorf("line %d: columns %v of %q", l.Number, l.Columns, l.Text)
				}
				end = c.End
			}
			at += l.Length
			counts[l.Verdict]++
		}
		entries, bad, err := ReadAll(bytes.NewReader(text), o)
		if err != nil || at != int64(len(text)) {
			t.Errorf("%d of %d bytes, %v", at, len(text), err)
		}
		if got := counts[VerdictEntry] + counts[VerdictPartial]; got != len(entries) {
			t.Errorf("%d verdicts of entries, %d entries", got, len(entries))
		}
		if got := counts[VerdictBad] + counts[VerdictPartial]; got != len(bad) {
			t.Errorf("%d verdicts of bad lines, %d errors", got, len(bad))
		}
		if counts[VerdictPart] > counts[VerdictEntry]+counts[VerdictPartial]+counts[VerdictDiagnostic]+counts[VerdictNoise] {
			t.Errorf("parts without the rest: %v", counts)
		}
	})
}

// What is detected is what the Reader prefers, and no reading told it finds more clean lines in the window.
func FuzzDetect(f *testing.F) {
	addListings(f)
	f.Add([]byte("0 0\n./ ="), byte(0)) // what looks like dls has no entry of it
	f.Fuzz(func(t *testing.T, text []byte, b byte) {
		text = text[:min(len(text), window)]
		got := Detect(text)
		r := NewReader(bytes.NewReader(text), &Options{Now: testNow})
		entries := 0
		for _, err := range r.All() {
			if err == nil {
				entries++
			}
		}
		if r.Format() != got && isASCIICompatible(text) {
			t.Errorf("detected %v, read as %v", got, r.Format())
		}
		glued := false // the reply codes of STAT are seen through only where nothing else fits
		for line := range strings.Lines(string(text)) {
			glued = glued || isReply(line)
		}
		if got == Auto && entries > 0 && !glued && !r.p.members {
			t.Errorf("%d entries of a listing of no format", entries)
		}
		switch got {
		case MLSx, MVS, DLS, Find:
			return // these read more when they are told
		}
		clean := func(format Format) int {
			n := 0
			for e, err := range NewReader(bytes.NewReader(text), &Options{Now: testNow, Format: format}).All() {
				if err == nil && e.Format == format {
					n++
				}
			}
			return n
		}
		if got != Auto && clean(got) > entries {
			t.Errorf("as %v there are %d entries, when detected %d", got, clean(got), entries)
		}
	})
}

// An entry printed as GNU ls does is read as it was.
func FuzzRoundTrip(f *testing.F) {
	f.Add("rock list.txt", "wilma", "quarry", int64(183502), int64(1299690240), uint16(0o100644), uint16(1), "")
	f.Add(" x ", "0", "0", int64(0), int64(0), uint16(0o041777), uint16(9), "")
	f.Add("latest", "a@b", "CORP\\users", int64(11), int64(1259568000), uint16(0o120777), uint16(1), "attic/v2.13")
	// A name that is in UTF-16, as all of its listing would be.
	f.Add(strings.Repeat("\x000", 110)+"\x00", "A", "A", int64(183502), int64(1299690240), uint16(0o100644), uint16(69), "0")
	f.Fuzz(func(t *testing.T, name, owner, group string, size, sec int64, mode, links uint16, target string) {
		types := map[uint16]struct {
			letter byte
			typ    Type
		}{0o10: {'-', File}, 0o04: {'d', Dir}, 0o12: {'l', Link}, 0o01: {'p', Pipe}, 0o14: {'s', Socket}}
		kind, ok := types[mode>>12]
		bad := func(s string, more string) bool { return s == "" || strings.ContainsAny(s, "\n\r"+more) }
		now := testNow.Unix()
		switch {
		case !ok, size < 0, sec > now || sec < -1<<35, bad(name, "") || allBlank(name) || isDots(name),
			bad(owner, " ") || bad(group, " "):
			t.Skip()
		case strings.ContainsAny(owner+group, ",-/.:") || isDigit(owner[0]) || isDigit(group[0]) || owner[0] >= 0x80 || group[0] >= 0x80:
			t.Skip() // could be a date, or the end of one
		}
		want := Entry{
			Name: name, Type: kind.typ, Perm: Perm(mode & 0o7777), Size: size, Owner: owner, Group: group, Links: int(links),
			Format: Unix, Line: 1,
		}
		letters := []byte("rwxrwxrwx")
		for i := range letters {
			if mode&(0o400>>i) == 0 {
				letters[i] = '-'
			}
		}
		for i, c := range []byte("sst") {
			if mode&(0o4000>>i) != 0 {
				if letters[i*3+2] == '-' {
					c -= 'a' - 'A'
				}
				letters[i*3+2] = c
			}
		}
		want.Mode = string(kind.letter) + string(letters)
		var when string
		if now-sec < 31556952/2 {
			want.ModTime, want.Precision = time.Unix(sec-mod(sec, 60), 0).UTC(), Minute
			when = want.ModTime.Format("Jan _2 15:04")
		} else {
			want.ModTime, want.Precision = time.Unix(sec-mod(sec, 86400), 0).UTC(), Day
			if y := want.ModTime.Year(); y < 1000 || y > 9999 {
				t.Skip()
			}
			when = want.ModTime.Format("Jan _2  2006")
		}
		line := fmt.Sprintf("%s %2d %-8s %-8s %8d %s %s", want.Mode, links, owner, group, size, when, name)
		if kind.typ == Link && !bad(target, "") {
			if strings.Contains(name, " -> ") || strings.Contains(target, " -> ") {
				t.Skip()
			}
			line += " -> " + target
			want.Target = target
		} else if kind.typ == Link && strings.Contains(name, " -> ") {
			t.Skip()
		}
		for _, trace := range []func(Line){nil, func(Line) {}} {
			entries, bad, err := ReadAll(strings.NewReader(line+"\r\n"), &Options{Now: testNow, Trace: trace})
			if len(entries) != 1 || bad != nil || err != nil || !reflect.DeepEqual(entries[0], want) {
				t.Fatalf("%q:\n got %+v, %v, %v\nwant %+v", line, entries, bad, err, want)
			}
		}
	})
}

// mod is the remainder that is never negative.
func mod(a, b int64) int64 { return (a%b + b) % b }

// The fast reader of ls lines decides as the grammar does.
func FuzzUnixTwins(f *testing.F) {
	goldens(f, func(_ string, _ Format, text []byte, _ golden) {
		for line := range strings.Lines(string(text)) {
			f.Add(strings.TrimRight(line, "\r\n"))
		}
	})
	for _, c := range lineTests {
		f.Add(c.line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "\n") {
			t.Skip()
		}
		for _, loc := range []*time.Location{time.UTC, time.FixedZone("", 3600)} {
			var p parser
			p.init(&Options{Now: testNow, Location: loc})
			twins(t, &p, line)
		}
	})
}

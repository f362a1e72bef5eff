package parse

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// No line takes more than linear time, whichever grammar looks at it: lines of 128 KiB of whatever grammars look
// for, over and over, take a millisecond or two. What takes the square of the number of columns takes seconds.
func TestNoLineTakesLong(t *testing.T) {
	const size = 128 << 10
	patterns := []string{
		" ", "x", "1", "-", "/", ";", "=", ",", "[", "]", "(", "<", "\\", "+", "\t", "\r", "\x00", "\xff", "é",
		"1 ", "12 ", "x ", "x1 ", "12 Mar ", "12 Mar 9 ", "1 Mar 9 2011 ", "5 é 1 ", "5 \xe9\xe8\xe7 1 ", "3月 ", "2011-03-09 ", "17:04 ", "512Mar ",
		"a=b;", "a=b c;", "a=;", "a= ;", "=;", " -> ", "[ ", " [", " ]", "1,", "1,234,", "*", ". ", "..", "A.B;1 ", "1/1 ", "(RWED,,,) ", "? ",
		"-rw-r--r-- ", "<DIR> ", "*DIR ", "PO ", `\012`, "7.12 ", "Volume Unit ", "Migrated ", "JOB00001 ",
	}
	heads := []string{
		"", " ", "-rw-r--r-- ", "-rw-r--r-- 1 w q 5 Mar  9 17:04 ", "lrwxrwxrwx 1 w q 5 Mar  9 17:04 ", "crw-r--r-- 1 w q ", "1 2 -rw-r--r-- 1 w q 5 Mar  9 17:04 ", "0100644 ",
		"03-09-11  17:04  <SYMLINK> ", "03-09-11  17:04  ", "type=file;", "+r,", "d [RWCEAFMS] ", "A.TXT;1 ", "PUB001 3390 2011/03/09 ", "WILMA  ", "211-", "total ", "attic/  -  ",
	}
	const slowest = time.Second
	if testing.Short() {
		patterns = patterns[:20]
	}
	for _, format := range []Format{Auto, DLS, Find, Names} {
		r := NewReader(nil, &Options{Now: testNow, MaxLine: 2 * size, Format: format})
		for _, pattern := range patterns {
			for _, head := range heads {
				if format != Auto && head != "" {
					continue
				}
				line := head + strings.Repeat(pattern, size/len(pattern)) + ":"
				least := time.Duration(1 << 62)
				for try := 0; least > slowest && try < 5; try++ { // the machine may have other things to do
					start := time.Now()
					r.Reset(strings.NewReader(line + "\n" + line))
					for range r.All() {
					}
					least = min(least, time.Since(start))
				}
				if least > slowest {
					t.Errorf("%q and then %q over and over, as %v: %v", head, pattern, format, least)
				}
			}
		}
	}
}

// A listing of any length takes the memory of its window.
func TestConstantMemory(t *testing.T) {
	const size = 32 << 20
	src := &repeat{text: []byte(twoFiles), left: size}
	r := NewReader(src, &Options{Now: testNow})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for _, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if want := size / len(twoFiles) * 2; n < want {
		t.Errorf("%d entries, want %d", n, want)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 || len(r.buf) > 2*window {
		t.Errorf("the heap has grown by %d bytes, the buffer is of %d", grown, len(r.buf))
	}
	runtime.KeepAlive(r)
}

// repeat gives a text over and over.
type repeat struct {
	text []byte
	at   int
	left int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left < len(r.text) {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && r.left >= len(r.text) {
		k := copy(p[n:], r.text[r.at:])
		n += k
		if r.at += k; r.at == len(r.text) {
			r.at = 0
			r.left -= len(r.text)
		}
	}
	return n, nil
}

// Detection reads ahead no further than its window: what stands after it does not change what stands before.
func TestWindowIsAllThatIsLookedAt(t *testing.T) {
	var head bytes.Buffer
	for head.Len() < window {
		head.WriteString("03-09-11  17:04   5 x\n")
	}
	text := head.String() + "30-09-11  17:04   5 y\n"
	entries, bad, err := ReadAll(strings.NewReader(text), &Options{Now: testNow})
	if bad != nil || err != nil || entries[0].ModTime.Month() != time.March || entries[len(entries)-1].ModTime.Month() != time.September {
		t.Errorf("got %v … %v, %v, %v", entries[0], entries[len(entries)-1], bad, err)
	}
}

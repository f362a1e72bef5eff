package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

// An output is one of the two output streams. It knows whether a person reads it, buffers what a
// program reads, and may be written to by several goroutines.
type output struct {
	mu         sync.Mutex
	w          *bufio.Writer
	unbuffered bool // every Write is flushed
	terminal   bool
	file       *os.File  // the terminal
	above      io.Writer // while progress bars are shown: what writes above them
	color      bool
	width      int // columns of the terminal
}

func newOutput(w io.Writer, getenv func(string) string) *output {
	o := &output{w: bufio.NewWriterSize(w, 64<<10), width: 80}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		o.terminal, o.unbuffered, o.file = true, true, f
		o.color = getenv("TERM") != "dumb" && showsColor(f)
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			o.width = n
		}
	}
	// https://no-color.org and https://bixense.com/clicolors
	switch force := getenv("CLICOLOR_FORCE"); {
	case getenv("NO_COLOR") != "":
		o.color = false
	case force != "" && force != "0":
		o.color = true
	case getenv("CLICOLOR") == "0":
		o.color = false
	}
	return o
}

// Write buffers p, or writes it at once where the stream is unbuffered.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	shown := p
	if o.terminal {
		shown = escapeHidden(p)
	}
	var err error
	if o.above != nil {
		_, err = o.above.Write(shown)
	} else if _, err = o.w.Write(shown); err == nil && o.unbuffered {
		err = o.w.Flush()
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// escapeHidden returns text with what encoding/json leaves as it is and a terminal obeys or does not show as JSON has it, \u009b: DEL, the
// control characters U+0080 to U+009F, the blank without width and what turns the direction. Everything else
// that is written has none but isolates, which columns are kept in their places by, and which turn nothing outside.
func escapeHidden(text []byte) []byte {
	if bytes.IndexByte(text, 0xc2) < 0 && bytes.IndexByte(text, 0xd8) < 0 && bytes.IndexByte(text, 0xe2) < 0 && bytes.IndexByte(text, 0x7f) < 0 {
		return text
	}
	var b []byte
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRune(text[i:])
		switch {
		case 0x7f <= r && r < 0xa0, r == 0x200b, unicode.Is(unicode.Bidi_Control, r) && !strings.ContainsRune(firstStrongIsolate+popIsolate, r):
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, text[i:i+size]...)
		}
	}
	return b
}

// showAbove lets w take what is written, until it is nil again.
func (o *output) showAbove(w io.Writer) {
	o.mu.Lock()
	o.above = w
	o.mu.Unlock()
}

// Flush writes what is buffered.
func (o *output) Flush() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Flush()
}

// SGR parameters used for output.
const (
	bold  = "1"
	faint = "2"
	blue  = "34"
	cyan  = "36"
)

// paint returns s in the colour, or plain where colours are off. s must be escaped already.
func (o *output) paint(sgr, s string) string {
	if !o.color || s == "" || sgr == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}

// fold returns text, escaped, for people: on a terminal what begins with one of a few words is broken between others where it is too
// long for a line. What is to be copied, as "more: --after CURSOR", and what stands in columns stays as it is.
func (o *output) fold(text string) string {
	lines := strings.Split(escapeLines(text), "\n")
	for i, line := range lines {
		for _, word := range [...]string{"hint: ", "note: ", "warning: "} {
			if rest, ok := strings.CutPrefix(line, word); ok && o.terminal && textWidth(line) > o.width {
				lines[i] = hang(word, rest, o.width)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// humanSize returns a size in bytes as people read it: 512, 4.0K, 1.4G. Unknown is "-".
func humanSize(n int64) string {
	if n < 0 {
		return "-"
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10)
	}
	f := float64(n)
	for _, unit := range "KMGTPE" {
		f /= 1024
		if f < 9.95 {
			return strconv.FormatFloat(f, 'f', 1, 64) + string(unit)
		}
		if f < 1023.5 {
			return strconv.FormatFloat(f, 'f', 0, 64) + string(unit)
		}
	}
	return strconv.FormatInt(n, 10)
}

// sizeText returns a size in bytes as it stands in a sentence: 512 bytes, 4.0K.
func sizeText(n int64) string {
	if 0 <= n && n < 1024 {
		return plural(n, "byte", "bytes")
	}
	return humanSize(n)
}

// humanTime returns a time to its precision: 2009-05-08 22:47, 2008-10-22, or "-".
// A day is never moved to another zone.
func humanTime(t time.Time, p parse.Precision, loc *time.Location) string {
	switch {
	case t.IsZero() || p == parse.NoTime:
		return "-"
	case p == parse.Day:
		return t.UTC().Format(time.DateOnly)
	case p == parse.Minute:
		return t.In(loc).Format("2006-01-02 15:04")
	}
	return t.In(loc).Format(time.DateTime)
}

// humanCount returns n with commas between groups of three digits.
func humanCount[T int | int64](n T) string { return index.Thousands(n) }

// plural returns "1 directory" or "3,412 directories".
func plural[T int | int64](n T, one, many string) string { return index.Plural(n, one, many) }

package parse

import (
	"bytes"
	"io"
	"iter"
	"time"
)

// Options say how to read a listing. Nil and the zero value are good defaults.
type Options struct {
	// Format is the only format to try. Auto, the zero value, means to find out, line by line.
	Format Format
	// Now is when the listing was made; a date without a year is the last such date before
	// Now plus 24 hours. Zero means the current time.
	Now time.Time
	// Location is the zone of the server's clock, for times printed without one. Nil means UTC.
	Location *time.Location
	// DateOrder is the order of numeric dates. Zero means to find out from the listing.
	DateOrder DateOrder
	// MaxLine is the length in bytes of the longest line that is looked at; a longer one is one
	// error and takes no more memory, and if it heads a section, so is each line of an entry there:
	// nobody knows of which directory. Zero means 64 KiB.
	MaxLine int
	// Dots returns "." and "..", and the MLSx types cdir and pdir, as entries.
	Dots bool
	// Trace, unless nil, is called with each line in order, before Read returns what was in it.
	// The Line is the callee's to keep.
	Trace func(Line)
}

const (
	defaultMaxLine = 64 << 10
	window         = 64 << 10 // bytes at the head of a listing that detection looks at
	firstBuffer    = 4 << 10
)

// A Reader reads the entries of one listing. It needs memory for its longest line and the
// detection window (64 KiB), however long the listing is. It is not safe for concurrent use.
type Reader struct {
	opt  Options
	src  io.Reader
	err  error // of src, to be returned when buf is used up
	last error // what Read returns from now on

	buf        []byte // buf[start:end] is read and not yet parsed
	start, end int
	offset     int64 // of buf[start] in the input

	begun     bool
	preferred Format // tried first
	fast      bool   // preferred is Unix, and nobody traces
	blank     bool   // a heading may come: at the start, and after an empty line
	dir       string // section
	lost      bool   // the section is not known: its heading was too long

	line   rawLine // the line at hand
	judged rawLine // the line that has the last verdict; of two lines the first
	ahead  rawLine // the line after it, read but not taken
	peeked bool    // there is a line ahead

	p parser
}

// A rawLine is a line not yet understood.
type rawLine struct {
	text   string
	num    int
	at     int64 // offset
	length int64 // with its end
	fault  error // ErrTooLong, ErrCut, ErrEncoding: not to be parsed
	colon  bool  // with ErrTooLong: it ends in ":"
}

// NewReader returns a Reader of the listing r. It keeps a copy of o, which may be nil.
// The first Read waits for 64 KiB of r or its end.
func NewReader(r io.Reader, o *Options) *Reader {
	rd := new(Reader)
	if o != nil {
		rd.opt = *o
	}
	if rd.opt.MaxLine <= 0 {
		rd.opt.MaxLine = defaultMaxLine
	}
	if rd.opt.Location == nil {
		rd.opt.Location = time.UTC
	}
	rd.Reset(r)
	return rd
}

// Reset makes the Reader read another listing from src, with the same options and buffer, as
// if new. Where the options have no Now, it is taken anew.
func (r *Reader) Reset(src io.Reader) {
	*r = Reader{opt: r.opt, src: src, buf: r.buf, blank: true, preferred: r.opt.Format}
	r.p.init(&r.opt)
}

// Format returns the format that is tried first on the next line: the one asked for, or after
// the first Read the one that most of the listing's first 64 KiB are written in; Auto if none fits.
func (r *Reader) Format() Format { return r.preferred }

// InputOffset returns the offset in the input just after the last line read.
func (r *Reader) InputOffset() int64 { return r.line.at + r.line.length }

// Read returns the next entry. The error is
//   - nil;
//   - a *[SyntaxError], when a line was not understood; the entry then has no Name, unless the line
//     is bad in one column but sure in name and type: the entry then holds what was understood;
//   - [io.EOF] at the end of the listing;
//   - any other error, when the source failed. The lines before that are returned first.
//
// Reading goes on after a SyntaxError; after any other error the same is returned again.
func (r *Reader) Read() (Entry, error) {
	var e Entry
	err := r.read(&e)
	return e, err
}

// read is Read into an entry that is zero before, and stays so where Read returns none.
func (r *Reader) read(e *Entry) error {
	if !r.begun {
		r.begin()
	}
	for r.next() {
		if r.fast && r.line.fault == nil && r.p.readUnixFast(r.line.text, e) {
			e.Dir, e.Line = r.dir, r.line.num
			r.blank = false
			return nil
		}
		switch r.judge() {
		case VerdictEntry:
			*e = r.p.e
			return nil
		case VerdictPartial:
			*e = r.p.e
			return r.syntaxError()
		case VerdictBad:
			return r.syntaxError()
		}
	}
	return r.last
}

// All returns the results of Read until the end of the listing: an entry and nil, an entry or
// none and a *[SyntaxError], and at last, if the source fails, no entry and its error.
func (r *Reader) All() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for {
			e, err := r.Read()
			if err == io.EOF {
				return
			}
			if !yield(e, err) {
				return
			}
			if _, ok := err.(*SyntaxError); err != nil && !ok {
				return
			}
		}
	}
}

// ReadAll reads a whole listing. It returns its entries, in order, and the lines that were not
// understood. A line that is bad in one column but sure in name and type is in both: the entry has
// the Line of an error in bad. The error is that of the source; entries and bad then hold what came before.
func ReadAll(r io.Reader, o *Options) (entries []Entry, bad []*SyntaxError, err error) {
	rd := NewReader(r, o)
	var list entryList
	for {
		e := list.next(r, rd)
		rerr := rd.read(e)
		if rerr != nil {
			line, ok := rerr.(*SyntaxError)
			if !ok {
				if rerr != io.EOF {
					err = rerr
				}
				return list.all(), bad, err
			}
			bad = append(bad, line)
			if e.Name == "" {
				continue
			}
		}
		list.take()
	}
}

// syntaxError returns the cause found for the line at hand as an error of its own.
func (r *Reader) syntaxError() error {
	l := &r.judged
	return &SyntaxError{Line: l.num, Offset: l.at, Format: r.p.e.Format, Err: r.p.err, Text: shorten(l.text)}
}

func shorten(s string) string { return s[:min(len(s), maxErrorText)] }

// begin fills the detection window and looks at it.
func (r *Reader) begin() {
	r.begun = true
	for r.end < window && r.fill() {
	}
	head := r.buf[r.start:min(r.end, window)]
	if !isASCIICompatible(head) {
		r.takeAll()
		return
	}
	r.detect(head, r.err != nil && r.end <= window)
	r.enter("")
}

// enter makes dir the section.
func (r *Reader) enter(dir string) {
	r.dir, r.lost = dir, false
	r.fast = r.preferred == Unix && r.opt.Trace == nil
}

// lose makes the section an unknown one.
func (r *Reader) lose() {
	r.dir, r.lost, r.fast = "", true, false
}

// takeAll makes all of the input one line, to be an error.
func (r *Reader) takeAll() {
	r.take(min(r.end, maxErrorText), min(r.end, maxErrorText))
	for done := false; !done; done = !r.fill() {
		r.line.length += int64(r.end - r.start)
		r.offset += int64(r.end - r.start)
		r.start = r.end
	}
	r.line.fault = ErrEncoding
	r.ahead, r.peeked = r.line, true
}

// fill reads more into the buffer, which grows up to what the longest line and the window
// need. It reports whether there is more to parse.
func (r *Reader) fill() bool {
	if r.err != nil {
		return false
	}
	if r.start > 0 {
		copy(r.buf, r.buf[r.start:r.end])
		r.start, r.end = 0, r.end-r.start
	}
	if r.end == len(r.buf) {
		buf := make([]byte, max(firstBuffer, 2*len(r.buf)))
		copy(buf, r.buf[:r.end])
		r.buf = buf
	}
	for range 100 {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	r.err = io.ErrNoProgress
	return false
}

// next makes the next line the line at hand. It reports whether there is one; if not, last is set.
func (r *Reader) next() bool {
	if r.peeked {
		r.line, r.peeked = r.ahead, false
		return true
	}
	if r.last != nil {
		return false
	}
	n := bytes.IndexByte(r.buf[r.start:r.end], '\n')
	if n < 0 {
		return r.nextSlow()
	}
	r.take(n, n+1)
	return true
}

// take makes the first n bytes of the buffer the line at hand, which with its end is size bytes long.
// One CR before the end is part of it.
func (r *Reader) take(n, size int) {
	line := r.buf[r.start : r.start+n]
	l := &r.line
	l.num++
	l.at, l.length, l.fault = r.offset, int64(size), nil
	r.offset += int64(size)
	r.start += size
	if n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) > r.opt.MaxLine {
		l.fault, l.colon = ErrTooLong, line[len(line)-1] == ':'
		line = line[:r.opt.MaxLine]
	}
	l.text = string(line)
}

// peek reads the line after the one at hand without taking it. It is not ok if there is none that
// can be parsed.
func (r *Reader) peek() (text string, ok bool) {
	if !r.peeked {
		line := r.line
		if !r.next() {
			return "", false
		}
		r.line, r.ahead, r.peeked = line, r.line, true
	}
	return r.ahead.text, r.ahead.fault == nil
}

// nextSlow does the work of next when the buffer holds no whole line.
func (r *Reader) nextSlow() bool {
	for seen := r.end - r.start; r.fill(); seen = r.end - r.start {
		if n := bytes.IndexByte(r.buf[r.start+seen:r.end], '\n'); n >= 0 {
			r.take(seen+n, seen+n+1)
			return true
		}
		if r.end-r.start > r.opt.MaxLine+1 {
			r.takeLong()
			return true
		}
	}
	n := r.end - r.start
	if n == 0 {
		r.last = r.err
		return false
	}
	r.take(n, n) // the last line may lack its LF
	if r.err != io.EOF {
		r.line.fault = ErrCut
	}
	return true
}

// takeLong takes a line of more than MaxLine bytes whose end is not in the buffer yet: it keeps
// the head and skips to the end of the line without keeping more than a buffer of it.
func (r *Reader) takeLong() {
	var before, last byte // the last two of the line
	skim := func(part []byte) int {
		switch n := len(part); {
		case n > 1:
			before, last = part[n-2], part[n-1]
		case n == 1:
			before, last = last, part[0]
		}
		return len(part)
	}
	n := skim(r.buf[r.start:r.end])
	r.take(n, n)
	for done := false; !done && r.fill(); {
		part, _, ended := bytes.Cut(r.buf[r.start:r.end], []byte{'\n'})
		n := skim(part)
		if done = ended; done {
			n++
		}
		r.start += n
		r.offset += int64(n)
		r.line.length += int64(n)
	}
	r.line.fault, r.line.colon = ErrTooLong, last == ':' || last == '\r' && before == ':'
}

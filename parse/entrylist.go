package parse

import "io"

// An entryList gathers entries. They are large, and append would move them again and again; a list
// takes a third of the memory and half of the time: it begins with a few, goes on with as many as the length of
// the source lets expect, or else in chunks that are put together once.
type entryList struct {
	full  [][]Entry
	chunk []Entry
}

// Lengths of the first chunk and of those of a source of unknown length.
const (
	firstChunk = 16
	maxChunk   = 4096
)

// next returns a zero entry, to be filled in and then taken, or left zero. rd reads src.
func (l *entryList) next(src io.Reader, rd *Reader) *Entry {
	n := len(l.chunk)
	if n == cap(l.chunk) {
		l.grow(src, rd)
		n = len(l.chunk)
	}
	e := &l.chunk[:n+1][n]
	*e = Entry{}
	return e
}

// take keeps the entry that next returned.
func (l *entryList) take() { l.chunk = l.chunk[:len(l.chunk)+1] }

func (l *entryList) grow(src io.Reader, rd *Reader) {
	n := len(l.chunk)
	if n == 0 {
		l.chunk = make([]Entry, 0, firstChunk)
		return
	}
	if s, ok := src.(interface{ Len() int }); ok && l.full == nil {
		// bytes.Reader, bytes.Buffer, strings.Reader: the rest is like what was read, and an eighth more; but
		// it is not all lines of a few bytes, though it may begin so.
		rest := int64(s.Len() + rd.end - rd.start)
		expect := min(rest*int64(n)/rd.InputOffset()*9/8, rest/32)
		bigger := make([]Entry, n, n+max(int(expect), n))
		copy(bigger, l.chunk)
		l.chunk = bigger
		return
	}
	l.full = append(l.full, l.chunk)
	l.chunk = make([]Entry, 0, min(2*n, maxChunk))
}

// all returns the entries taken.
func (l *entryList) all() []Entry {
	if l.full == nil {
		return l.chunk
	}
	n := len(l.chunk)
	for _, c := range l.full {
		n += len(c)
	}
	entries := make([]Entry, 0, n)
	for _, c := range append(l.full, l.chunk) {
		entries = append(entries, c...)
	}
	return entries
}

package index

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// Columns are what verification, sorts and facets look at, mapped into memory and indexed by document number. The file
// names holds the folded names one after the other; the file columns is
//
//	magic, number of documents (4), of seen runs (4), of big sizes (4), of odd times (4), of extensions (4), of odd names (4)
//	name   n+1 × 4  offset of the folded name of each document in the file names, and the end of the last
//	size   n × 4    bytes; sizeUnknown, or sizeBig: look it up
//	time   n × 4    mtime in seconds since 1970; timeUnknown, or timeOdd: look it up
//	rank   n × 4    place of the document when all are sorted by rank, the tier left out
//	order  n × 4    the document at each place by rank: the inverse of rank
//	path   n × 4    place of the document when all are sorted by host and path, as bytes
//	ext    n × 2    number of the extension of each document; extNone, or extMany: see its name
//	text   x+1 × 4  offset of the text of each extension in texts, and the end of the last
//	texts           of extensions, one after the other
//	capital         a bit for each byte of the file names: the letter is a capital one in the text of the name
//	odd name × 4    documents the text of whose name is not the folded one but for these
//	seen   × 12     first document (4) and time (8) of each run of documents that were seen at the same time
//	big    × 12     document (4) and size (8)
//	odd    × 16     document (4), seconds since 1970 (8) and nanoseconds (4) of mtimes that do not fit above
//
// all little endian, lists by document number.
const (
	columnsMagic = "ftpidxC2"
	columnsHead  = len(columnsMagic) + 6*4
	columnsName  = "columns"
	namesName    = "names"

	sizeUnknown = math.MaxUint32
	sizeBig     = math.MaxUint32 - 1
	timeUnknown = math.MaxUint32
	timeOdd     = math.MaxUint32 - 1

	extNone = math.MaxUint16     // a directory, or no text after a last dot
	extMany = math.MaxUint16 - 1 // as many extensions as have a number were there before
)

// A u32s is a column of numbers.
type u32s []byte

func (c u32s) at(i uint32) uint32 { return binary.LittleEndian.Uint32(c[4*int(i):]) }

// A u16s is a column of small numbers.
type u16s []byte

func (c u16s) at(i uint32) uint16 { return binary.LittleEndian.Uint16(c[2*int(i):]) }

type seenRun struct {
	first uint32
	sec   int64 // noTime: unknown
}

type bigSize struct {
	doc  uint32
	size int64
}

type oddTime struct {
	doc  uint32
	sec  int64
	nsec uint32
}

// columnsBuilder gathers the columns of a generation: the names go to a file, about 40 bytes a document stay in memory.
type columnsBuilder struct {
	names   io.Writer
	end     uint64 // of the names
	name    []uint32
	size    []uint32
	time    []uint32
	rankKey []uint64
	ext     []uint16
	exts    extensions
	letters capitals
	seen    []seenRun
	big     []bigSize
	odd     []oddTime
	now     time.Time
}

// add appends a document with its folded name and the text of it.
func (c *columnsBuilder) add(d *Document, name, text string) error {
	n := uint32(len(c.size))
	if c.end > math.MaxUint32-uint64(len(name)) {
		return fmt.Errorf("index: more than 4 GiB of names in a generation")
	}
	c.name = append(c.name, uint32(c.end))
	c.letters.add(n, c.end, name, text)
	c.ext = append(c.ext, c.exts.number(d.Type, name))
	c.end += uint64(len(name))
	if _, err := io.WriteString(c.names, name); err != nil {
		return err
	}
	size := uint32(sizeUnknown)
	if d.Size >= sizeBig {
		size = sizeBig
		c.big = append(c.big, bigSize{n, d.Size})
	} else if d.Size >= 0 {
		size = uint32(d.Size)
	}
	c.size = append(c.size, size)
	mtime := uint32(timeUnknown)
	if !d.ModTime.IsZero() {
		sec, nsec := d.ModTime.Unix(), d.ModTime.Nanosecond()
		if sec >= 0 && sec < timeOdd && nsec == 0 {
			mtime = uint32(sec)
		} else {
			mtime = timeOdd
			c.odd = append(c.odd, oddTime{n, sec, uint32(nsec)})
		}
	}
	c.time = append(c.time, mtime)
	c.rankKey = append(c.rankKey, FixedRank(d, c.now))
	c.seen = appendSeen(c.seen, n, d.Seen)
	return nil
}

// appendSeen appends document n, seen at t, to runs.
func appendSeen(runs []seenRun, n uint32, t time.Time) []seenRun {
	sec := int64(noTime)
	if !t.IsZero() {
		sec = t.Unix()
	}
	if k := len(runs); k == 0 || runs[k-1].sec != sec {
		runs = append(runs, seenRun{n, sec})
	}
	return runs
}

// write writes the columns file. path is the document at each place by host and path.
func (c *columnsBuilder) write(dir string, path []uint32) error {
	n := len(c.size)
	place := make([]uint32, n) // by path, then by rank
	for i, d := range path {
		place[d] = uint32(i)
	}
	f, err := os.OpenFile(filepath.Join(dir, columnsName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	w := &columnWriter{w: f}
	w.buf = append(w.buf, columnsMagic...)
	w.u32(uint32(n), uint32(len(c.seen)), uint32(len(c.big)), uint32(len(c.odd)), uint32(len(c.exts.list)), uint32(len(c.letters.odd)))
	w.u32(c.name...)
	w.u32(uint32(c.end))
	w.u32(c.size...)
	w.u32(c.time...)
	order := path
	slices.SortStableFunc(order, func(a, b uint32) int {
		switch x, y := c.rankKey[a], c.rankKey[b]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	rank := make([]uint32, n)
	for i, d := range order {
		rank[d] = uint32(i)
	}
	w.u32(rank...)
	w.u32(order...)
	w.u32(place...)
	for _, x := range c.ext {
		w.u16(x)
	}
	c.exts.write(w)
	w.bytes(c.letters.bits(c.end))
	w.u32(c.letters.odd...)
	for _, r := range c.seen {
		w.u32(r.first)
		w.u64(uint64(r.sec))
	}
	for _, b := range c.big {
		w.u32(b.doc)
		w.u64(uint64(b.size))
	}
	for _, o := range c.odd {
		w.u32(o.doc)
		w.u64(uint64(o.sec))
		w.u32(o.nsec)
	}
	w.flush()
	if w.err != nil {
		return w.err
	}
	return f.Sync()
}

type columnWriter struct {
	w   io.Writer
	buf []byte
	err error
}

func (w *columnWriter) u32(vs ...uint32) {
	for _, v := range vs {
		w.buf = binary.LittleEndian.AppendUint32(w.buf, v)
		if len(w.buf) >= 1<<18 {
			w.flush()
		}
	}
}

func (w *columnWriter) u16(v uint16) {
	w.buf = binary.LittleEndian.AppendUint16(w.buf, v)
	if len(w.buf) >= 1<<18 {
		w.flush()
	}
}

func (w *columnWriter) bytes(b []byte) {
	w.buf = append(w.buf, b...)
	w.flush()
}

func (w *columnWriter) u64(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }

func (w *columnWriter) flush() {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

// columns are the mapped columns of a generation.
type columns struct {
	m, nm                               *mapped
	n                                   uint32
	names                               []byte
	name, size, time, rank, order, path u32s
	ext                                 u16s
	exts                                []string // by number, in mapped memory
	capital                             []byte
	oddNames                            u32s
	seen                                []seenRun
	big, odd                            []byte
}

func openColumns(dir string) (*columns, error) {
	m, err := mapFile(filepath.Join(dir, columnsName))
	if err != nil {
		return nil, err
	}
	nm, err := mapFile(filepath.Join(dir, namesName))
	if err != nil {
		m.Close()
		return nil, err
	}
	c := &columns{m: m, nm: nm, names: nm.data}
	if err := c.cut(m.data); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *columns) cut(b []byte) error {
	if len(b) < columnsHead || string(b[:len(columnsMagic)]) != columnsMagic {
		return corrupt(c.m.path, "not a file of columns")
	}
	count := func(i int) int { return int(binary.LittleEndian.Uint32(b[len(columnsMagic)+4*i:])) }
	n, seen, big, odd, exts, oddNames := count(0), count(1), count(2), count(3), count(4), count(5)
	c.n = uint32(n)
	size := columnsHead + 4*(n+1) + 5*4*n + 2*n + 4*(exts+1) // up to the texts of extensions
	if len(b) < size {
		return corrupt(c.m.path, "%d bytes, less than %d", len(b), size)
	}
	texts := int(u32s(b[size-4 : size]).at(0))
	if want := size + texts + (len(c.names)+7)/8 + 4*oddNames + 12*seen + 12*big + 16*odd; len(b) != want {
		return corrupt(c.m.path, "%d bytes, not %d", len(b), want)
	}
	b = b[columnsHead:]
	next := func(n int) []byte { p := b[:n:n]; b = b[n:]; return p }
	c.name, c.size, c.time, c.rank, c.order, c.path = next(4*n+4), next(4*n), next(4*n), next(4*n), next(4*n), next(4*n)
	c.ext = next(2 * n)
	ends := u32s(next(4 * (exts + 1)))
	text := next(texts)
	for i := range uint32(exts) {
		lo, hi := ends.at(i), ends.at(i+1)
		if lo > hi || hi > uint32(texts) {
			return corrupt(c.m.path, "bad offset of an extension")
		}
		c.exts = append(c.exts, textOf(text[lo:hi]))
	}
	c.capital, c.oddNames = next((len(c.names)+7)/8), next(4*oddNames)
	runs := next(12 * seen)
	c.big, c.odd = next(12*big), next(16*odd)
	for i := range seen {
		r := runs[12*i:]
		c.seen = append(c.seen, seenRun{binary.LittleEndian.Uint32(r), int64(binary.LittleEndian.Uint64(r[4:]))})
	}
	if c.name.at(0) != 0 || c.name.at(c.n) != uint32(len(c.names)) {
		return corrupt(c.nm.path, "%d bytes, not %d", len(c.names), c.name.at(c.n))
	}
	return nil
}

func (c *columns) close() {
	c.m.Close()
	c.nm.Close()
}

// nameOf returns the folded name of document i, a slice of the mapped file.
func (c *columns) nameOf(i uint32) []byte {
	lo, hi := c.name.at(i), c.name.at(i+1)
	if lo > hi || hi > uint32(len(c.names)) {
		return nil
	}
	return c.names[lo:hi]
}

// sizeOf returns the size of document i, -1 if it is unknown.
func (c *columns) sizeOf(i uint32) int64 {
	switch v := c.size.at(i); v {
	case sizeUnknown:
		return -1
	case sizeBig:
		k := sort.Search(len(c.big)/12, func(k int) bool { return binary.LittleEndian.Uint32(c.big[12*k:]) >= i })
		if 12*k == len(c.big) {
			return -1
		}
		return int64(binary.LittleEndian.Uint64(c.big[12*k+4:]))
	default:
		return int64(v)
	}
}

// timeOf returns the mtime of document i; ok is false if it is unknown.
func (c *columns) timeOf(i uint32) (sec int64, nsec uint32, ok bool) {
	switch v := c.time.at(i); v {
	case timeUnknown:
		return 0, 0, false
	case timeOdd:
		k := sort.Search(len(c.odd)/16, func(k int) bool { return binary.LittleEndian.Uint32(c.odd[16*k:]) >= i })
		if 16*k == len(c.odd) {
			return 0, 0, false
		}
		return int64(binary.LittleEndian.Uint64(c.odd[16*k+4:])), binary.LittleEndian.Uint32(c.odd[16*k+12:]), true
	default:
		return int64(v), 0, true
	}
}

// seenAt returns the time of the run that holds document i.
func seenAt(runs []seenRun, i uint32) (time.Time, bool) {
	k := sort.Search(len(runs), func(k int) bool { return runs[k].first > i }) - 1
	if k < 0 || runs[k].sec == noTime {
		return time.Time{}, false
	}
	return time.Unix(runs[k].sec, 0).UTC(), true
}

// addSeen adds to b the documents of runs whose time is in [from, to].
func addSeen(b *roaring.Bitmap, runs []seenRun, end uint32, from, to int64) {
	for k, r := range runs {
		last := end
		if k+1 < len(runs) {
			last = runs[k+1].first
		}
		if r.sec != noTime && from <= r.sec && r.sec <= to {
			b.AddRange(uint64(r.first), uint64(last))
		}
	}
}

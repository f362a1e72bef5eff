package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
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

// A columnsBuilder gathers the columns of a generation: the names in a file, all else in spools.
type columnsBuilder struct {
	names   io.Writer
	scratch *scratch
	now     time.Time
	n       uint32
	end     uint64 // of the names
	exts    extensions
	letters capitals
	seenSec int64 // of the last run

	name, size, time, rankKey, ext, seen, big, odd spool
	seens, bigs, odds                              uint32 // how many there are
}

func newColumnsBuilder(names io.Writer, tmp *scratch, now time.Time) columnsBuilder {
	c := columnsBuilder{names: names, scratch: tmp, now: now}
	for _, s := range []*spool{
		&c.name, &c.size, &c.time, &c.rankKey, &c.ext, &c.seen, &c.big, &c.odd, &c.letters.bits, &c.letters.odd,
	} {
		s.scratch = tmp
	}
	return c
}

// add appends a document with its folded name and the text of it.
func (c *columnsBuilder) add(d *Document, name, text string) error {
	if c.end > math.MaxUint32-uint64(len(name)) {
		return fmt.Errorf("index: more than 4 GiB of names in a generation")
	}
	c.name.u32(uint32(c.end))
	c.letters.add(c.n, c.end, name, text)
	c.ext.u16(c.exts.number(d.Type, name))
	c.end += uint64(len(name))
	if _, err := io.WriteString(c.names, name); err != nil {
		return err
	}
	size := uint32(sizeUnknown)
	if d.Size >= sizeBig {
		size = sizeBig
		c.bigs++
		c.big.u32(c.n)
		c.big.u64(uint64(d.Size))
	} else if d.Size >= 0 {
		size = uint32(d.Size)
	}
	c.size.u32(size)
	mtime := uint32(timeUnknown)
	if !d.ModTime.IsZero() {
		sec, nsec := d.ModTime.Unix(), d.ModTime.Nanosecond()
		if sec >= 0 && sec < timeOdd && nsec == 0 {
			mtime = uint32(sec)
		} else {
			mtime = timeOdd
			c.odds++
			c.odd.u32(c.n)
			c.odd.u64(uint64(sec))
			c.odd.u32(uint32(nsec))
		}
	}
	c.time.u32(mtime)
	c.rankKey.u64(FixedRank(d, c.now))
	if sec := seenSeconds(d.Seen); c.seens == 0 || sec != c.seenSec {
		c.seens++
		c.seenSec = sec
		c.seen.u32(c.n)
		c.seen.u64(uint64(sec))
	}
	c.n++
	return nil
}

// appendSeen appends document n, seen at t, to runs.
func appendSeen(runs []seenRun, n uint32, t time.Time) []seenRun {
	sec := seenSeconds(t)
	if k := len(runs); k == 0 || runs[k-1].sec != sec {
		runs = append(runs, seenRun{n, sec})
	}
	return runs
}

// seenSeconds returns a time seen as it stands in a run.
func seenSeconds(t time.Time) int64 {
	if t.IsZero() {
		return noTime
	}
	return t.Unix()
}

// write writes the columns file. byPath yields the documents in the order of host and path.
func (c *columnsBuilder) write(dir string, byPath func(yield func(doc uint32) error) error) error {
	rank, path, order, err := c.sort(byPath)
	if err != nil {
		return err
	}
	w, err := createFile(filepath.Join(dir, columnsName))
	if err != nil {
		return err
	}
	defer w.abort()
	w.WriteString(columnsMagic) // errors of a bufio.Writer stay
	for _, v := range []uint32{c.n, c.seens, c.bigs, c.odds, uint32(len(c.exts.list)), c.letters.odds} {
		w.u32(v)
	}
	values := func(s *pieceSort) func() error {
		return func() error { return s.each(func(x item) error { return w.u32(x.val) }) }
	}
	spooled := func(s *spool) func() error { return func() error { return s.writeTo(w) } }
	c.letters.finish(c.end)
	for _, write := range []func() error{
		spooled(&c.name),
		func() error { return w.u32(uint32(c.end)) },
		spooled(&c.size), spooled(&c.time), values(rank), spooled(order), values(path), spooled(&c.ext),
		func() error { return c.exts.write(w) },
		spooled(&c.letters.bits), spooled(&c.letters.odd), spooled(&c.seen), spooled(&c.big), spooled(&c.odd),
	} {
		if err := write(); err != nil {
			return err
		}
	}
	return w.close()
}

// sort returns the places of all documents by rank and by path, by document, and the documents in the order of rank: those of the
// same rank are in the order of paths.
func (c *columnsBuilder) sort(byPath func(yield func(doc uint32) error) error) (rank, path *pieceSort, order *spool, err error) {
	keys, err := c.rankKey.mapped()
	if err != nil {
		return nil, nil, nil, err
	}
	defer keys.Close()
	ranked := &pieceSort{scratch: c.scratch}
	rank, path, order = &pieceSort{scratch: c.scratch}, &pieceSort{scratch: c.scratch}, &spool{scratch: c.scratch}
	place := uint32(0)
	err = byPath(func(doc uint32) error {
		key := binary.LittleEndian.Uint64(keys.data[8*int(doc):])
		err := errors.Join(ranked.add(item{key, place, doc}), path.add(item{key: uint64(doc), val: place}))
		place++
		return err
	})
	if err != nil {
		return nil, nil, nil, err
	}
	place = 0
	err = ranked.each(func(x item) error {
		order.u32(x.val)
		err := rank.add(item{key: uint64(x.val), val: place})
		place++
		return err
	})
	return rank, path, order, err
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

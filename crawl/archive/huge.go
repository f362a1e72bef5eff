package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// Directories of millions of entries are read in order in the same memory as others: the entries go through a sorter,
// unless the server has sorted them by bytes already, and the names of the subdirectories, which are gone into
// only after all entries, wait in a file.

// largeDir is how many entries of a directory are sorted in memory: some 6 MB.
const largeDir = 1 << 14

// sortedLarge yields the entries of a version as sorted does. If they are in order it reads the listing twice.
func (a *Archive) sortedLarge(path string, v *version, yield func(*datedEntry, error) bool) {
	ordered, last := true, ""
	var zones zones
	s := new(sorter)
	defer s.close() // of files that have no names any more
	for e, err := range a.listed(path, v) {
		if err != nil {
			yield(nil, err)
			return
		}
		if ordered = last < e.entry.Name; !ordered {
			break
		}
		last = strings.Clone(e.entry.Name)
	}
	if ordered {
		for e, err := range a.listed(path, v) {
			if !yield(&e, err) || err != nil {
				return
			}
		}
		return
	}
	var key, line []byte
	for e, err := range a.listed(path, v) {
		if err == nil {
			key = append(key[:0], e.entry.Name...)
			line = e.encode(line[:0], &zones)
			err = s.add(key, line)
		}
		if err != nil {
			yield(nil, err)
			return
		}
	}
	last = ""
	err := s.each(func(name, line []byte) error {
		if string(name) == last {
			return nil
		}
		e, err := decodeEntry(string(name), line, zones)
		if err != nil {
			return err
		}
		last = e.entry.Name
		if !yield(&e, nil) {
			return errEnough
		}
		return nil
	})
	if err != nil && err != errEnough {
		yield(nil, err)
	}
}

// runsLarge is runs without holding the names of either listing: it sorts both by the hash of the name, so that the same
// names meet, and what came of that into the order of p's listing.
func (a *Archive) runsLarge(p *prepared, current *version) (runs []run, err error) {
	l := p.listing
	var met, back sorter
	defer func() { err = errors.Join(err, met.close(), back.close()) }()
	var key, value [8]byte
	add := func(s *sorter, k, v uint64) error {
		binary.BigEndian.PutUint64(key[:], k)
		binary.BigEndian.PutUint64(value[:], v)
		return s.add(key[:], value[:])
	}
	// What meets under a hash: times of the current version and, odd, places in l; both with a bit for directories.
	pack := func(n uint64, isDir bool, odd uint64) uint64 {
		if isDir {
			return n<<2 | 2 | odd
		}
		return n<<2 | odd
	}
	for e, err := range a.listed(l.Dir.Path, current) {
		if err == nil {
			err = add(&met, maphash.String(p.seed, e.entry.Name), pack(uint64(e.added), e.entry.IsDir(), 0))
		}
		if err != nil {
			return nil, err
		}
	}
	n := uint64(0)
	for e, err := range a.named(l) {
		if err == nil {
			err = add(&met, maphash.String(p.seed, e.Name), pack(n, e.IsDir(), 1))
		}
		if err != nil {
			return nil, err
		}
		n++
	}
	var name [8]byte
	var was former
	err = met.each(func(k, v []byte) error {
		if !bytes.Equal(k, name[:]) {
			copy(name[:], k)
			was = former{}
		}
		x := binary.BigEndian.Uint64(v)
		isDir := x&2 != 0
		if x&1 == 0 {
			was = former{there: true, isDir: isDir, added: int64(x >> 2)}
			return nil
		}
		return add(&back, x>>2, uint64(p.added(binary.BigEndian.Uint64(k), was, isDir, current)))
	})
	if err != nil {
		return nil, err
	}
	err = back.each(func(_, v []byte) error {
		runs = appendRun(runs, int64(binary.BigEndian.Uint64(v)))
		return nil
	})
	return runs, err
}

// errEnough ends a sorter's each where nobody wants more.
var errEnough = errors.New("enough")

// zones are those of the times in a listing: the server's, and perhaps UTC.
type zones []*time.Location

func (z *zones) number(l *time.Location) uint64 {
	i := slices.Index(*z, l)
	if i < 0 {
		i = len(*z)
		*z = append(*z, l)
	}
	return uint64(i)
}

// encode appends what decodeEntry reads: all but the name. The Dir of an archive's entry is empty.
func (d *datedEntry) encode(b []byte, z *zones) []byte {
	e := &d.entry
	b = append(b, byte(e.Type), byte(e.Precision), byte(e.Format))
	b = binary.AppendVarint(b, int64(e.Perm))
	b = binary.AppendVarint(b, e.Size)
	b = binary.AppendVarint(b, int64(e.Links))
	b = binary.AppendUvarint(b, uint64(e.Line))
	b = binary.AppendUvarint(b, uint64(d.added))
	known := byte(0)
	if !e.ModTime.IsZero() {
		known = 1
	}
	b = append(b, known)
	if known != 0 {
		b = binary.AppendVarint(b, e.ModTime.Unix())
		b = binary.AppendUvarint(b, uint64(e.ModTime.Nanosecond()))
		b = binary.AppendUvarint(b, z.number(e.ModTime.Location()))
	}
	for _, s := range []string{e.Target, e.Mode, e.Owner, e.Group, e.Device, e.Facts} {
		b = appendString(b, s)
	}
	return b
}

func decodeEntry(name string, line []byte, z zones) (datedEntry, error) {
	d := decoder{b: line}
	e := parse.Entry{Name: name, Type: parse.Type(d.byte()), Precision: parse.Precision(d.byte()), Format: parse.Format(d.byte())}
	e.Perm = parse.Perm(d.varint())
	e.Size = d.varint()
	e.Links = int(d.varint())
	e.Line = int(d.uvarint())
	added := int64(d.uvarint())
	if d.byte() != 0 {
		sec, nsec, zone := d.varint(), d.uvarint(), d.uvarint()
		if zone >= uint64(len(z)) {
			return datedEntry{}, errRecord
		}
		e.ModTime = time.Unix(sec, int64(nsec)).In(z[zone])
	}
	for _, s := range []*string{&e.Target, &e.Mode, &e.Owner, &e.Group, &e.Device, &e.Facts} {
		*s = string(d.bytes(int(d.uvarint())))
	}
	if d.bad || len(d.b) > 0 {
		return datedEntry{}, errRecord
	}
	return datedEntry{e, added}, nil
}

// maxNames is how many bytes of names a nameList holds in memory.
const maxNames = 256 << 10

// A nameList holds the names of directories, none of which has an LF in it: the first ones in memory, all others in a
// temporary file. They are added, then read once.
type nameList struct {
	names []string
	size  int
	file  *crawl.TempFile
	w     *bufio.Writer
}

func (l *nameList) add(name string) error {
	if l.file == nil && l.size+len(name) <= maxNames {
		l.names = append(l.names, strings.Clone(name))
		l.size += len(name) + 16
		return nil
	}
	if l.file == nil {
		f, err := crawl.CreateTemp("", nil)
		if err != nil {
			return err
		}
		l.file, l.w = f, bufio.NewWriterSize(f, sortBuffer)
	}
	l.w.WriteString(name)
	return l.w.WriteByte('\n') // errors stick
}

// all yields the names as they were added; an error is the last thing yielded.
func (l *nameList) all() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, name := range l.names {
			if !yield(name, nil) {
				return
			}
		}
		if l.file == nil {
			return
		}
		err := l.w.Flush()
		l.w = nil
		if err == nil {
			_, err = l.file.Seek(0, 0)
		}
		if err != nil {
			yield("", err)
			return
		}
		// A pathname can have so many elements, each with a buffer of its own: small ones.
		lines := bufio.NewScanner(l.file)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if !yield(lines.Text(), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield("", err)
		}
	}
}

func (l *nameList) close() {
	if l.file != nil {
		l.file.Close() // nobody needs what is in it
	}
}

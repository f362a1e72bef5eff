package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ftpidx/ftpidx/parse"
)

// Entry blocks hold what a hit shows, blockDocs documents a block, in document order:
//
//	file    = magic block* offsets footer
//	block   = zstd frame of column*, one column after the other for all documents of the block
//	offsets = 8 bytes for each block and one for the end of the last, little endian
//	footer  = number of documents (8), offset of offsets (8), magic
//
// Directory, times seen and copies are not in blocks: they follow from the directory table, the runs and the side files. Columns: flags, sizes, times,
// permissions, and the lengths of the strings as varints; then the strings.
//
// A page shows hits of as many blocks as it has, so that unpacking them was half of the time of most searches. With 64 documents a block
// takes 17.2 bytes a document, with 32 19.7 and with 16 23.3; but a page takes 0.73 and 0.5 of the time, and building 1.0 and 1.1.
const (
	blockDocs  = 16
	blockMagic = "ftpidxB1"
)

const (
	flagType = 3 // mask
	flagTime = 2 << iota
	flagAdded
	flagTarget
	flagSize
)

// A blockWriter writes entry blocks.
type blockWriter struct {
	w       *fileWriter
	enc     *zstd.Encoder
	docs    []*Document
	n       int
	pos     int64
	offsets []int64
	raw     []byte
	out     []byte
}

func newBlockWriter(w *fileWriter) (*blockWriter, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil, err
	}
	n, err := w.WriteString(blockMagic)
	return &blockWriter{w: w, enc: enc, pos: int64(n)}, err
}

// add appends a document, which is kept until its block is full.
func (b *blockWriter) add(d *Document) error {
	b.docs = append(b.docs, d)
	b.n++
	if len(b.docs) == blockDocs {
		return b.flush()
	}
	return nil
}

func (b *blockWriter) flush() error {
	if len(b.docs) == 0 {
		return nil
	}
	b.raw = appendBlock(b.raw[:0], b.docs)
	b.out = b.enc.EncodeAll(b.raw, b.out[:0])
	b.offsets = append(b.offsets, b.pos)
	n, err := b.w.Write(b.out)
	b.pos += int64(n)
	clear(b.docs)
	b.docs = b.docs[:0]
	return err
}

func (b *blockWriter) close() error {
	if err := b.flush(); err != nil {
		return err
	}
	var t []byte
	for _, o := range append(b.offsets, b.pos) {
		t = binary.LittleEndian.AppendUint64(t, uint64(o))
	}
	t = binary.LittleEndian.AppendUint64(t, uint64(b.n))
	t = binary.LittleEndian.AppendUint64(t, uint64(b.pos))
	_, err := b.w.Write(append(t, blockMagic...))
	return errors.Join(err, b.enc.Close(), b.w.close())
}

func appendBlock(b []byte, docs []*Document) []byte {
	for _, d := range docs {
		f := byte(d.Type) & flagType
		if !d.ModTime.IsZero() {
			f |= flagTime
		}
		if !d.Added.IsZero() {
			f |= flagAdded
		}
		if d.Target != "" {
			f |= flagTarget
		}
		if d.Size >= 0 {
			f |= flagSize
		}
		b = append(b, f)
	}
	for _, d := range docs {
		if d.Size >= 0 {
			b = binary.AppendUvarint(b, uint64(d.Size))
		}
	}
	var mtime, added int64
	delta := func(t time.Time, last *int64) {
		s := t.Unix()
		b = binary.AppendVarint(b, s-*last)
		*last = s
	}
	for _, d := range docs {
		if !d.ModTime.IsZero() {
			delta(d.ModTime, &mtime)
			b = append(b, byte(d.Precision))
			if d.Precision == parse.Subsecond {
				b = binary.AppendUvarint(b, uint64(d.ModTime.Nanosecond()))
			}
		}
	}
	for _, d := range docs {
		if !d.Added.IsZero() {
			delta(d.Added, &added)
		}
	}
	for _, d := range docs {
		b = binary.AppendVarint(b, int64(d.Perm))
	}
	for _, s := range blockStrings {
		for _, d := range docs {
			b = binary.AppendUvarint(b, uint64(len(*s(d))))
		}
	}
	for _, s := range blockStrings {
		for _, d := range docs {
			b = append(b, *s(d)...)
		}
	}
	return b
}

// blockStrings are the string columns of a block, in the order of the file.
var blockStrings = [...]func(*Document) *string{
	func(d *Document) *string { return &d.Mode },
	func(d *Document) *string { return &d.Owner },
	func(d *Document) *string { return &d.Group },
	func(d *Document) *string { return &d.Target },
	func(d *Document) *string { return &d.Name },
}

// decodeBlock reads documents of an unpacked block of n: all of them, or only number one if that is not negative.
// Server, Dir, Seen and Copies are not set. Strings share memory.
func decodeBlock(docs []Document, raw []byte, n, one int) ([]Document, error) {
	r := blockReader{b: raw}
	flags := r.bytes(n)
	if r.err != nil {
		return nil, r.err
	}
	var other Document // takes what is not wanted
	at := func(i int) *Document {
		if one < 0 {
			return &docs[i]
		}
		if i == one {
			return &docs[0]
		}
		return &other
	}
	if one >= 0 {
		docs = append(docs[:0], Document{})
	} else {
		docs = append(docs[:0], make([]Document, n)...)
	}
	for i, f := range flags {
		d := at(i)
		d.Type, d.Size = Type(f&flagType), -1
		if f&flagSize != 0 {
			d.Size = int64(r.uvarint())
		}
	}
	var mtime, added int64
	for i, f := range flags {
		if f&flagTime == 0 {
			continue
		}
		mtime += r.varint()
		d := at(i)
		var nsec uint64
		if p := r.bytes(1); len(p) == 1 {
			d.Precision = parse.Precision(p[0])
		}
		if d.Precision == parse.Subsecond {
			nsec = r.uvarint()
		}
		d.ModTime = time.Unix(mtime, int64(nsec)).UTC()
	}
	for i, f := range flags {
		if f&flagAdded != 0 {
			added += r.varint()
			at(i).Added = time.Unix(added, 0).UTC()
		}
	}
	for i := range flags {
		at(i).Perm = parse.Perm(r.varint())
	}
	var lens [len(blockStrings) * blockDocs]int
	sum := 0
	for i := range len(blockStrings) * n {
		l := r.uvarint()
		if l > uint64(len(raw)) {
			return nil, errShortBlock
		}
		lens[i] = int(l)
		sum += int(l)
	}
	if r.err != nil {
		return nil, r.err
	}
	if sum != len(r.b) {
		return nil, fmt.Errorf("%w: %d bytes of text in an entry block, not %d", ErrCorrupt, len(r.b), sum)
	}
	if one >= 0 {
		pos := 0
		for i, l := range lens[:len(blockStrings)*n] {
			if i%n == one {
				*blockStrings[i/n](&docs[0]) = string(r.b[pos : pos+l])
			}
			pos += l
		}
		return docs, nil
	}
	text := string(r.b)
	for i, l := range lens[:len(blockStrings)*n] {
		*blockStrings[i/n](&docs[i%n]), text = text[:l], text[l:]
	}
	return docs, nil
}

var errShortBlock = fmt.Errorf("%w: short entry block", ErrCorrupt)

type blockReader struct {
	b   []byte
	err error
}

func (r *blockReader) bytes(n int) []byte {
	if n > len(r.b) {
		r.b, r.err = nil, errShortBlock
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *blockReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errShortBlock
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *blockReader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// blockFile is a mapped file of entry blocks.
type blockFile struct {
	m       *mapped
	n       int // documents
	offsets []byte
}

func openBlocks(path string) (*blockFile, error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	b := m.data
	bad := func() (*blockFile, error) { m.Close(); return nil, corrupt(path, "not a whole file of entry blocks") }
	if len(b) < 2*len(blockMagic)+24 || string(b[:len(blockMagic)]) != blockMagic || string(b[len(b)-len(blockMagic):]) != blockMagic {
		return bad()
	}
	foot := b[len(b)-len(blockMagic)-16:]
	n, off := binary.LittleEndian.Uint64(foot), binary.LittleEndian.Uint64(foot[8:])
	blocks := (n + blockDocs - 1) / blockDocs
	if n > 1<<32 || off > uint64(len(b)) || uint64(len(b))-off != 8*(blocks+1)+16+uint64(len(blockMagic)) {
		return bad()
	}
	return &blockFile{m, int(n), b[off:]}, nil
}

// blockDecoder unpacks blocks of any generation; it may be used by several goroutines at once.
var blockDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(64<<20))

// unpack returns block i, in the memory of buf if that suffices, and how many documents it holds.
func (f *blockFile) unpack(i int, buf []byte) (raw []byte, n int, err error) {
	lo, hi := binary.LittleEndian.Uint64(f.offsets[8*i:]), binary.LittleEndian.Uint64(f.offsets[8*i+8:])
	if lo > hi || hi > uint64(len(f.m.data)) {
		return nil, 0, corrupt(f.m.path, "bad offset of entry block %d", i)
	}
	raw, err = blockDecoder.DecodeAll(f.m.data[lo:hi], buf[:0])
	if err != nil {
		return nil, 0, corrupt(f.m.path, "entry block %d: %v", i, err)
	}
	return raw, min(blockDocs, f.n-i*blockDocs), nil
}

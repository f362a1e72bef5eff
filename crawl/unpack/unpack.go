// Package unpack reads compressed streams whose kind is seen from their first bytes, within bounds: what
// comes from strangers may be a decompression bomb.
//
//	gzip    1f 8b               RFC 1952, several members in a row too
//	bzip2   42 5a 68            "BZh"
//	xz      fd 37 7a 58 5a 00
//	zstd    28 b5 2f fd         RFC 8878
//	.Z      1f 9d               compress(1), LZW
//
// Anything else is passed on as it is.
package unpack

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// A Kind is a way in which a stream is compressed.
type Kind string

const (
	Plain    Kind = ""
	Gzip     Kind = "gz"
	Bzip2    Kind = "bz2"
	XZ       Kind = "xz"
	Zstd     Kind = "zst"
	Compress Kind = "Z"
)

// kinds is the table of kinds: what a stream begins with, and who reads it.
var kinds = []struct {
	kind  Kind
	magic string
	open  func(*bufio.Reader) (io.ReadCloser, error)
}{
	{Gzip, "\x1f\x8b", func(r *bufio.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	{Bzip2, "BZh", func(r *bufio.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }},
	{XZ, "\xfd7zXZ\x00", openXZ},
	{Zstd, "\x28\xb5\x2f\xfd", openZstd},
	{Compress, "\x1f\x9d", func(r *bufio.Reader) (io.ReadCloser, error) {
		z, err := newZReader(r)
		return io.NopCloser(z), err
	}},
}

// isBzip2 looks at what follows BZh, with which a listing of bare names may begin too: the block size and the first two bytes of
// a block or of the end.
func isBzip2(head []byte) bool {
	return len(head) >= 6 && '1' <= head[3] && head[3] <= '9' && (string(head[4:6]) == "1A" || string(head[4:6]) == "\x17\x72")
}

// maxWindow is the most memory that a stream may ask for to be decompressed: what the strongest
// usual settings need (xz -9: 64 MiB; zstd --ultra -22: 128 MiB).
const maxWindow = 128 << 20

// ErrTooLarge is returned by a Reader that has returned as many bytes as it may.
var ErrTooLarge = errors.New("more bytes than allowed when decompressed")

// A Reader reads a stream decompressed. It must be closed.
type Reader struct {
	kind Kind
	src  io.ReadCloser
	left int64 // bytes still allowed; negative: no limit
	err  error
}

// NewReader returns a Reader of r, which it does not close, and which it reads ahead. It returns at most max bytes
// and then ErrTooLarge, if there are more; max 0 means no limit.
func NewReader(r io.Reader, max int64) (*Reader, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(6)
	if err != nil && err != io.EOF {
		return nil, err
	}
	u := &Reader{src: io.NopCloser(br), left: max}
	if max == 0 {
		u.left = -1
	}
	for _, k := range kinds {
		if bytes.HasPrefix(head, []byte(k.magic)) && (k.kind != Bzip2 || isBzip2(head)) {
			u.kind = k.kind
			if u.src, err = k.open(br); err != nil {
				return nil, fmt.Errorf("%s: %w", k.kind, err)
			}
			break
		}
	}
	return u, nil
}

// Kind returns how the stream is compressed.
func (u *Reader) Kind() Kind { return u.kind }

// Read implements [io.Reader].
func (u *Reader) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.left == 0 && len(p) > 0 {
		// Exactly as many as allowed are not too many.
		var one [1]byte
		n, err := io.ReadFull(u.src, one[:])
		if n > 0 {
			err = ErrTooLarge
		}
		return 0, u.fail(err)
	}
	if u.left > 0 && int64(len(p)) > u.left {
		p = p[:u.left]
	}
	n, err := u.src.Read(p)
	if u.left > 0 {
		u.left -= int64(n)
	}
	return n, u.fail(err)
}

func (u *Reader) fail(err error) error {
	if err != nil && err != io.EOF && u.kind != Plain && !errors.Is(err, ErrTooLarge) {
		err = fmt.Errorf("%s: %w", u.kind, err)
	}
	u.err = err
	return err
}

// Close releases what decompressing needs. It does not close the stream beneath.
func (u *Reader) Close() error {
	u.err = errors.New("unpack: closed")
	return u.src.Close()
}

// TrimExt returns name without the extension of a compressed file, if it has one: "ls-lR" for "ls-lR.gz".
func TrimExt(name string) string {
	for _, k := range kinds {
		if base, ok := strings.CutSuffix(name, "."+string(k.kind)); ok {
			return base
		}
	}
	return name
}

func openZstd(r *bufio.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// openXZ refuses a stream whose first block wants a dictionary larger than maxWindow. (Later blocks of
// ordinary files are like the first.)
func openXZ(r *bufio.Reader) (io.ReadCloser, error) {
	const streamHeader = 12
	head, err := r.Peek(streamHeader + 1)
	if err == nil && head[streamHeader] != 0 { // 0: the index, there are no blocks
		head, err = r.Peek(streamHeader + 4*(int(head[streamHeader])+1))
		if err == nil {
			if dict := lzma2Dictionary(head[streamHeader:]); dict > maxWindow {
				return nil, fmt.Errorf("needs a dictionary of %d MiB, %d are allowed", dict>>20, maxWindow>>20)
			}
		}
	}
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	x, err := xz.NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(x), nil
}

// lzma2Dictionary returns the size of the dictionary that an xz block header asks for (the .xz File Format,
// sections 3.1 and 5.3.1), 0 if it does not say.
func lzma2Dictionary(block []byte) int64 {
	const filterLZMA2 = 0x21
	flags, rest := block[1], block[2:]
	skipNumber := func() {
		for len(rest) > 0 {
			last := rest[0] < 0x80
			if rest = rest[1:]; last {
				return
			}
		}
	}
	if flags&0x40 != 0 {
		skipNumber() // compressed size
	}
	if flags&0x80 != 0 {
		skipNumber() // uncompressed size
	}
	for range flags&3 + 1 {
		if len(rest) < 3 {
			return 0
		}
		if rest[0] == filterLZMA2 {
			bits := rest[2]
			if bits >= 40 {
				return 1<<32 - 1
			}
			return (2 | int64(bits&1)) << (bits/2 + 11)
		}
		size := int(rest[1])
		rest = rest[min(2+size, len(rest)):]
	}
	return 0
}

package unpack

import (
	"bufio"
	"errors"
	"io"
)

// A zReader undoes compress(1): LZW with codes of 9 bits, growing up to as many as the third byte says.
//
//	1f 9d           magic
//	bbbb bbbb       low five bits: greatest code length, 9 to 16; top bit: block mode
//	codes           least significant bit first
//
// Codes below 256 are bytes. In block mode, code 256 clears the table. Codes are written in groups of eight, as
// many bytes as the code length; when the length changes, or the table is cleared, the rest of the group
// is padding. That is how the first implementation's buffer happened to work, and so the format.
type zReader struct {
	src     *bufio.Reader
	maxBits uint
	block   bool

	bits    uint   // length of codes now
	acc     uint64 // bits read and not used
	have    uint   // number of them
	inGroup int    // codes read of this group

	free   int // next code to be defined
	prev   int // code before, -1 at the start
	first  byte
	prefix [1 << 16]uint16
	suffix [1 << 16]byte
	stack  [1 << 16]byte // what a code stands for, backwards
	out    []byte        // part of stack not yet returned
	err    error
}

const zClear = 256

var errZ = errors.New("damaged")

func newZReader(r *bufio.Reader) (*zReader, error) {
	var head [3]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	z := &zReader{src: r, maxBits: uint(head[2] & 0x1f), block: head[2]&0x80 != 0, bits: 9, prev: -1}
	if z.maxBits < 9 || z.maxBits > 16 || head[2]&0x60 != 0 {
		return nil, errZ
	}
	z.reset()
	return z, nil
}

func (z *zReader) reset() {
	z.free = 256
	if z.block {
		z.free = 257
	}
	z.prev = -1
}

// Read implements [io.Reader].
func (z *zReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(z.out) == 0 {
			if z.err == nil {
				z.err = z.next()
			}
			if z.err != nil {
				break
			}
			continue
		}
		// out is backwards: its end comes first.
		m := min(len(z.out), len(p)-n)
		for i := range m {
			p[n+i] = z.out[len(z.out)-1-i]
		}
		z.out = z.out[:len(z.out)-m]
		n += m
	}
	if n == 0 && len(p) > 0 {
		return 0, z.err
	}
	return n, nil
}

// next decodes one code into out.
func (z *zReader) next() error {
	code, err := z.code()
	if err != nil {
		return err
	}
	if z.block && code == zClear {
		if err := z.skipGroup(); err != nil {
			return err
		}
		z.bits = 9
		z.reset()
		return nil
	}
	at := code
	stack := z.stack[:0]
	switch {
	case z.prev < 0 && code > 255:
		return errZ
	case code > z.free || code == z.free && z.prev < 0:
		return errZ
	case code == z.free && code > 255:
		// The code that is being defined: the previous string and its own first byte.
		stack = append(stack, z.first)
		at = z.prev
	}
	for at > 255 {
		stack = append(stack, z.suffix[at])
		at = int(z.prefix[at])
	}
	z.first = byte(at)
	stack = append(stack, z.first)
	z.out = stack
	if z.prev >= 0 && z.free < 1<<z.maxBits {
		z.prefix[z.free], z.suffix[z.free] = uint16(z.prev), z.first
		z.free++
	}
	z.prev = code
	return nil
}

// code reads one code.
func (z *zReader) code() (int, error) {
	if z.free > 1<<z.bits-1 && z.bits < z.maxBits {
		if err := z.skipGroup(); err != nil {
			return 0, err
		}
		z.bits++
	}
	for z.have < z.bits {
		b, err := z.src.ReadByte()
		if err != nil {
			// Less than a code is what remains of the last byte.
			return 0, err
		}
		z.acc |= uint64(b) << z.have
		z.have += 8
	}
	code := int(z.acc & (1<<z.bits - 1))
	z.acc >>= z.bits
	z.have -= z.bits
	z.inGroup = (z.inGroup + 1) % 8
	return code, nil
}

// skipGroup reads the padding up to the end of the group.
func (z *zReader) skipGroup() error {
	for z.inGroup != 0 {
		if z.have < z.bits {
			b, err := z.src.ReadByte()
			if err != nil {
				return err
			}
			z.acc |= uint64(b) << z.have
			z.have += 8
			continue
		}
		z.acc >>= z.bits
		z.have -= z.bits
		z.inGroup = (z.inGroup + 1) % 8
	}
	return nil
}

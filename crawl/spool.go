package crawl

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
)

// spoolMemory is how many bytes of a listing are kept in memory; what comes after goes to a temporary
// file together with them. Nearly every listing is smaller: 1 MiB are some 12,000 entries.
const spoolMemory = 1 << 20

// A Spool keeps the bytes of one listing, in memory while they are few and in a temporary file
// otherwise, and hashes them as they arrive. The zero value is empty and ready. One goroutine writes;
// after that several may read.
type Spool struct {
	Dir  string       // of the temporary file; "" means the system's
	Room func() error // see [CreateTemp]

	mem  []byte
	file *TempFile
	size int64
	sum  hash.Hash
}

// Write implements [io.Writer].
func (s *Spool) Write(p []byte) (int, error) {
	if s.sum == nil {
		s.sum = sha256.New()
	}
	if s.file == nil && len(s.mem)+len(p) > spoolMemory {
		f, err := CreateTemp(s.Dir, s.Room)
		if err != nil {
			return 0, err
		}
		s.file = f
		if _, err := f.Write(s.mem); err != nil {
			return 0, err
		}
		s.mem = nil
	}
	if s.file != nil {
		n, err := s.file.Write(p)
		s.size += int64(n)
		s.sum.Write(p[:n])
		return n, err
	}
	s.mem = append(s.mem, p...)
	s.size += int64(len(p))
	s.sum.Write(p)
	return len(p), nil
}

// trimLine removes what follows the last LF: part of a line that was cut.
func (s *Spool) trimLine() error {
	keep := s.size
	var last [4096]byte
	for keep > 0 {
		n := min(keep, int64(len(last)))
		if _, err := s.at().ReadAt(last[:n], keep-n); err != nil && err != io.EOF {
			return err
		}
		if i := bytes.LastIndexByte(last[:n], '\n'); i >= 0 {
			keep = keep - n + int64(i) + 1
			break
		}
		keep -= n
	}
	if keep == s.size {
		return nil
	}
	s.size = keep
	if s.file == nil {
		s.mem = s.mem[:keep]
	}
	s.sum = sha256.New()
	_, err := io.Copy(s.sum, s.NewReader())
	return err
}

func (s *Spool) at() io.ReaderAt {
	if s.file != nil {
		return s.file
	}
	return bytes.NewReader(s.mem)
}

// Len returns the number of bytes written.
func (s *Spool) Len() int64 { return s.size }

// Sum returns the first 16 bytes of the SHA-256 of what was written.
func (s *Spool) Sum() (sum [16]byte) {
	if s.sum == nil {
		s.sum = sha256.New()
	}
	copy(sum[:], s.sum.Sum(nil))
	return sum
}

// NewReader returns a reader of all bytes from the first on. It is valid until Close.
func (s *Spool) NewReader() io.Reader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
	}
	return bytes.NewReader(s.mem)
}

// Bytes returns the content and true if it is in memory.
func (s *Spool) Bytes() ([]byte, bool) { return s.mem, s.file == nil }

// Close gives the memory back and removes the temporary file, if there is one. Len and Sum stay.
func (s *Spool) Close() error {
	s.mem = nil
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.Close()
}

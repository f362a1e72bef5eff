package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	zap "github.com/blevesearch/zapx/v17"
)

// ErrCorrupt is the error of a file that is not a whole segment.
var ErrCorrupt = errors.New("not a whole segment")

// footerLen is the length of the end of a segment, from the length of the writer's id on.
const footerLen = 4 + 8 + 8 + 8 + 4 + 4 + 4

// Check reads a segment from end to end and compares its checksum, which bleve does not when it opens one. The error is [ErrCorrupt]
// if the file is cut or changed or of another version, else one of reading it.
func Check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size < footerLen {
		return fmt.Errorf("segment: %s: %w: %d bytes", path, ErrCorrupt, size)
	}
	var end [8]byte
	if _, err := f.ReadAt(end[:], size-8); err != nil {
		return err
	}
	if v := binary.BigEndian.Uint32(end[:]); v != zap.Version {
		return fmt.Errorf("segment: %s: %w: version %d", path, ErrCorrupt, v)
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, size-4)); err != nil {
		return err
	}
	if got, want := sum.Sum32(), binary.BigEndian.Uint32(end[4:]); got != want {
		return fmt.Errorf("segment: %s: %w: checksum %08x, not %08x", path, ErrCorrupt, got, want)
	}
	return nil
}

package archive

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// FileName returns the name under which the archive of the server with this key is kept, without
// extension: bytes other than ASCII letters, digits, ".", "_", "@" and "-" are percent-escaped, so
// that it is a file name on every system. A leading "." is escaped too.
func FileName(key string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(key) {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '_', c == '@', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

// A directory's key in bbolt is its pathname with NUL for every "/", "/" itself being one NUL. No
// pathname holds a NUL and no byte is smaller, so that the order of bbolt is document order: a
// directory, then each subdirectory with everything below it, by the bytes of the names.

func dirKey(path string) []byte {
	return []byte(strings.ReplaceAll(path, "/", "\x00"))
}

func keyPath(key []byte) string {
	return strings.ReplaceAll(string(key), "\x00", "/")
}

// The frontier's key begins with the complement of the depth, so that the deepest directories come
// first: taking them first keeps the frontier as small as depth times breadth.

func pendingKey(d crawl.Dir) []byte {
	key := binary.BigEndian.AppendUint16(nil, ^uint16(min(d.Depth, 1<<16-1)))
	return append(key, dirKey(d.Path)...)
}

func pendingDir(key []byte, server crawl.Server) (crawl.Dir, error) {
	if len(key) < 3 {
		return crawl.Dir{}, errors.New("archive: damaged frontier")
	}
	return crawl.Dir{
		Server: server,
		Path:   keyPath(key[2:]),
		Depth:  int(^binary.BigEndian.Uint16(key)),
	}, nil
}

// frameKey is the key of one frame of a version: versions are numbered in the order in which they
// are written, so that bbolt appends.
func frameKey(version uint64, frame uint32) []byte {
	key := binary.BigEndian.AppendUint64(nil, version)
	return binary.BigEndian.AppendUint32(key, frame)
}

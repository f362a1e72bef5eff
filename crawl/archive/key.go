package archive

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// FileName returns the name under which the archive of the server with this key is kept, without
// extension: bytes other than small ASCII letters, digits, ".", "_", "@" and "-" are percent-escaped, so
// that it is a file name on every system, and another one for another key also where capitals are not told from small
// letters. A leading "." is escaped too; what the key escapes stays as it is.
func FileName(key string) string { return escapeName(key, false) }

// formerName is what FileName was when it let capitals be.
func formerName(key string) string { return escapeName(key, true) }

// fileName returns the name, without extension, of the archive in dir of the server with this key: FileName, or the former
// one if there is an archive under it.
func fileName(dir, key string) string {
	name, former := FileName(key), formerName(key)
	if name == former {
		return name
	}
	for _, ext := range []string{".json", forgotten} {
		if s, err := readSummary(filepath.Join(dir, former+ext)); err == nil && s.Key == key {
			return former
		}
	}
	return name
}

// IsFileName reports whether FileName returns name for the key, or did.
func IsFileName(name, key string) bool { return name == FileName(key) || name == formerName(key) }

func escapeName(key string, capitals bool) string {
	const hex = "0123456789ABCDEF"
	isHex := func(i int) bool { return i < len(key) && strings.IndexByte(hex, key[i]) >= 0 }
	var b strings.Builder
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z' && capitals, '0' <= c && c <= '9',
			c == '_', c == '@', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		case c == '%' && isHex(i+1) && isHex(i+2):
			b.WriteString(key[i : i+3])
			i += 2
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

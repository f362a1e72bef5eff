package index

import (
	"encoding/binary"
	"path/filepath"
	"slices"
	"sort"
)

// Each generation holds a table of its files that may have copies, by a hash of name and size, so that those of the whole index can be counted by merging tables:
//
//	file  = magic count (4) hash* document*
//	hash  = 8 bytes, ascending; equal ones by document
//	document = 4 bytes
//
// little endian. Two files whose 64-bit hashes are equal by accident would be taken for copies; among 100 million files that
// happens once in four thousand indexes.
const (
	copiesMagic = "ftpidxH1"
	copiesName  = "copies"
)

// copyHash returns the hash of a name and size: FNV-1a, its bits mixed.
func copyHash(name string, size int64) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	for range 8 {
		h = (h ^ uint64(size&0xff)) * 1099511628211
		size >>= 8
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

type copyEntry struct {
	hash uint64
	doc  uint32
}

// A copyTable is the table of a generation that is being built.
type copyTable struct{ entries []copyEntry }

func (t *copyTable) add(n uint32, d *Document) {
	if CanBeCopy(d) {
		t.entries = append(t.entries, copyEntry{copyHash(d.Name, d.Size), n})
	}
}

func (t *copyTable) write(dir string) error {
	slices.SortFunc(t.entries, func(a, b copyEntry) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.doc) - int(b.doc)
	})
	b := make([]byte, 0, len(copiesMagic)+4+12*len(t.entries))
	b = append(b, copiesMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(t.entries)))
	for _, e := range t.entries {
		b = binary.LittleEndian.AppendUint64(b, e.hash)
	}
	for _, e := range t.entries {
		b = binary.LittleEndian.AppendUint32(b, e.doc)
	}
	return writeFileSync(filepath.Join(dir, copiesName), b)
}

// A copyFile is the mapped table of a generation.
type copyFile struct {
	m    *mapped
	n    int
	hash []byte
	doc  u32s
}

func openCopies(path string) (*copyFile, error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	head := len(copiesMagic) + 4
	if len(m.data) < head || string(m.data[:len(copiesMagic)]) != copiesMagic {
		m.Close()
		return nil, corrupt(path, "not a table of copies")
	}
	n := int(binary.LittleEndian.Uint32(m.data[len(copiesMagic):]))
	if len(m.data) != head+12*n {
		m.Close()
		return nil, corrupt(path, "%d bytes, not %d", len(m.data), head+12*n)
	}
	return &copyFile{m, n, m.data[head : head+8*n], m.data[head+8*n:]}, nil
}

func (f *copyFile) hashAt(i int) uint64 { return binary.LittleEndian.Uint64(f.hash[8*i:]) }

// find returns the place of the first entry with a hash that is not less.
func (f *copyFile) find(hash uint64) int {
	return sort.Search(f.n, func(i int) bool { return f.hashAt(i) >= hash })
}

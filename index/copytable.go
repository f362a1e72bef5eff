package index

import (
	"encoding/binary"
	"path/filepath"
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

// A copyTable is the table of a generation that is being built.
type copyTable struct {
	byHash pieceSort
	n      uint32
}

func (t *copyTable) add(n uint32, d *Document) error {
	if !CanBeCopy(d) {
		return nil
	}
	t.n++
	return t.byHash.add(item{copyHash(d.Name, d.Size), n, n})
}

func (t *copyTable) write(dir string) error {
	w, err := createFile(filepath.Join(dir, copiesName))
	if err != nil {
		return err
	}
	defer w.abort()
	w.WriteString(copiesMagic) // errors of a bufio.Writer stay
	w.u32(t.n)
	docs := spool{scratch: t.byHash.scratch}
	err = t.byHash.each(func(x item) error {
		docs.u32(x.val)
		return w.u64(x.key)
	})
	if err != nil {
		return err
	}
	if err := docs.writeTo(w); err != nil {
		return err
	}
	return w.close()
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

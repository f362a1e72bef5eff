package index

import (
	"fmt"
	"os"

	"github.com/blevesearch/mmap-go"
)

// A mapped file is read through memory: only the pages that are looked at are read.
type mapped struct {
	path string
	data []byte
}

func mapFile(path string) (*mapped, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	m := &mapped{path: path}
	if st.Size() == 0 {
		return m, nil
	}
	if m.data, err = mmap.MapRegion(f, int(st.Size()), mmap.RDONLY, 0, 0); err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return m, nil
}

// Close unmaps the file: slices of its data must not be used any more.
func (m *mapped) Close() error {
	if m.data == nil {
		return nil
	}
	region := mmap.MMap(m.data)
	m.data = nil
	return region.Unmap()
}

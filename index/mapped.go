package index

import (
	"fmt"
	"os"
	"syscall"
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
	m.data, err = syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	return m, nil
}

// Close unmaps the file: slices of its data must not be used any more.
func (m *mapped) Close() error {
	if m.data == nil {
		return nil
	}
	err := syscall.Munmap(m.data)
	m.data = nil
	return err
}

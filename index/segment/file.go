package segment

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// An output is a new file, under a temporary name until commit.
type output interface {
	io.Writer
	commit() error // syncs the file and gives it its name
	abort()        // removes it
}

type diskFile struct {
	*os.File
	path   string
	passes bool // need not outlast the process: not synced
}

// createFile returns a file that will be path.
func createFile(path string) (output, error) { return create(path, false) }

func create(path string, passes bool) (output, error) {
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &diskFile{f, path, passes}, nil
}

func (f *diskFile) commit() error {
	var err error
	if !f.passes {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	if f.passes {
		return nil
	}
	return syncDir(filepath.Dir(f.path))
}

func (f *diskFile) abort() {
	f.Close()
	os.Remove(f.Name())
}

// syncDir returns when the names in a directory are on the disk. Windows has no such call; its file systems log names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// A writer counts and sums what goes to a file. Its first error stays and is the error of close.
type writer struct {
	out output
	buf *bufio.Writer
	n   uint64
	crc uint32
	err error
	tmp []byte
}

func newWriter(out output) *writer {
	return &writer{out: out, buf: bufio.NewWriterSize(out, 1<<20)}
}

func (w *writer) bytes(b []byte) {
	if w.err != nil {
		return
	}
	w.n += uint64(len(b))
	w.crc = crc32.Update(w.crc, crc32.IEEETable, b)
	_, w.err = w.buf.Write(b)
}

func (w *writer) uvarint(vs ...uint64) {
	w.tmp = w.tmp[:0]
	for _, v := range vs {
		w.tmp = binary.AppendUvarint(w.tmp, v)
	}
	w.bytes(w.tmp)
}

func (w *writer) uint32(v uint32) {
	w.tmp = binary.BigEndian.AppendUint32(w.tmp[:0], v)
	w.bytes(w.tmp)
}

func (w *writer) uint64(v uint64) {
	w.tmp = binary.BigEndian.AppendUint64(w.tmp[:0], v)
	w.bytes(w.tmp)
}

// close writes and syncs what is left and gives the file its name; after an error, it removes the file.
func (w *writer) close() error {
	if w.err == nil {
		w.err = w.buf.Flush()
	}
	if w.err != nil {
		w.out.abort()
		return w.err
	}
	return w.out.commit()
}

package index

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"runtime"
)

// A fileWriter writes a new file through a buffer.
type fileWriter struct {
	f   *os.File
	buf *bufio.Writer
}

func createFile(path string) (*fileWriter, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &fileWriter{f, bufio.NewWriterSize(f, 1<<18)}, nil
}

func (w *fileWriter) Write(b []byte) (int, error)       { return w.buf.Write(b) }
func (w *fileWriter) WriteString(s string) (int, error) { return w.buf.WriteString(s) }

// u32 writes a number, little endian.
func (w *fileWriter) u32(v uint32) error {
	_, err := w.buf.Write(binary.LittleEndian.AppendUint32(w.buf.AvailableBuffer(), v))
	return err
}

func (w *fileWriter) u64(v uint64) error {
	_, err := w.buf.Write(binary.LittleEndian.AppendUint64(w.buf.AvailableBuffer(), v))
	return err
}

// close writes what is left, and returns when it is on the disk.
func (w *fileWriter) close() error { return errors.Join(w.buf.Flush(), w.f.Sync(), w.f.Close()) }

// abort closes the file, whatever is in it.
func (w *fileWriter) abort() { w.f.Close() }

func writeFileSync(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir returns when the names in a directory are on the disk. Windows has no such call; its file systems log names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return syncFile(dir)
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

package crawl

import (
	"errors"
	"io/fs"
	"os"
)

// tempStep is how much may be written to a temporary file between two looks at the room that is left.
const tempStep = 16 << 20

// A TempError says that a temporary file could not be written or read: no server's fault.
type TempError struct {
	Dir string
	Err error
}

func (e *TempError) Error() string { return "temporary files in " + e.Dir + ": " + e.Err.Error() }

func (e *TempError) Unwrap() error { return e.Err }

// A TempFile is a temporary file, read and written as an [os.File] but for the errors of writing, which are *TempErrors.
type TempFile struct {
	*os.File
	dir  string
	room func() error
	left int64 // to write until room is asked again
}

// CreateTemp makes a temporary file in dir, "" being the system's directory for them. room, if not nil, returns an error when
// there is too little room for more; it is asked now and then.
func CreateTemp(dir string, room func() error) (*TempFile, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	t := &TempFile{dir: dir, room: room}
	if err := t.look(0); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "ftpidx-*")
	if err != nil {
		return nil, t.fail(err)
	}
	// Without its name the file goes away with the process, however that ends. Where a file in use cannot be removed,
	// Close does it.
	os.Remove(f.Name())
	t.File = f
	return t, nil
}

// look makes sure that there is room for n bytes more.
func (t *TempFile) look(n int) error {
	if t.left -= int64(n); t.left > 0 || t.room == nil {
		return nil
	}
	t.left = tempStep
	if err := t.room(); err != nil {
		return t.fail(err)
	}
	return nil
}

func (t *TempFile) fail(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // a name without meaning to anybody
	}
	return &TempError{t.dir, err}
}

// Write implements [io.Writer].
func (t *TempFile) Write(p []byte) (int, error) {
	if err := t.look(len(p)); err != nil {
		return 0, err
	}
	n, err := t.File.Write(p)
	if err != nil {
		err = t.fail(err)
	}
	return n, err
}

// Close closes the file, which is gone then.
func (t *TempFile) Close() error {
	err := t.File.Close()
	if rerr := os.Remove(t.Name()); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) && err == nil {
		err = rerr
	}
	return err
}

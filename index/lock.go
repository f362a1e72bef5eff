package index

import (
	"errors"
	"os"
)

// A fileLock is a lock of the whole of a file, held until it is closed. It ends with the process that holds it.
// The system's part is in lock_unix.go and lock_windows.go: systemLock, systemUnlock and inUse.
type fileLock struct{ f *os.File }

// lockFile opens path and locks it, waiting for others. With try it returns ok false instead of waiting.
func lockFile(path string, exclusive, try bool) (l *fileLock, ok bool, err error) {
	flags := os.O_RDONLY
	if exclusive {
		flags = os.O_RDWR | os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return nil, false, err
	}
	if ok, err = systemLock(f, exclusive, try); err != nil {
		err = &os.PathError{Op: "lock", Path: path, Err: err}
	}
	if !ok {
		f.Close()
		return nil, false, err
	}
	return &fileLock{f}, true, nil
}

// Close gives the lock up. It is not enough to close the file: a process that is just being started has it open too.
func (l *fileLock) Close() error {
	return errors.Join(systemUnlock(l.f), l.f.Close())
}

// removeDir removes the directory that holds the lock's file, with all that is in it, and gives the lock up. Where an open file
// cannot be removed, that file is left to the last.
func (l *fileLock) removeDir(dir string) error {
	first := os.RemoveAll(dir)
	err := l.Close()
	if first != nil {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

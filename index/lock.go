package index

import (
	"errors"
	"os"
	"syscall"
)

// A fileLock is a lock of the whole of a file, held until it is closed. It ends with the process that holds it.
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
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	if try {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		f.Close()
		if try && errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, false, nil
		}
		return nil, false, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return &fileLock{f}, true, nil
}

// Close gives the lock up. It is not enough to close the file: a process that is just being started has it open too.
func (l *fileLock) Close() error {
	return errors.Join(syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN), l.f.Close())
}

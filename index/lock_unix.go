//go:build unix

package index

import (
	"errors"
	"os"
	"syscall"
)

// systemLock locks f by flock(2); ok false without an error says that another has it, with try only.
func systemLock(f *os.File, exclusive, try bool) (ok bool, err error) {
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
	if try && errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

func systemUnlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

// inUse reports whether err says that a file cannot be removed because a process has it open: here that keeps no file.
func inUse(error) bool { return false }

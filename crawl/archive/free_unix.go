//go:build linux || darwin || freebsd

package archive

import (
	"fmt"
	"os"
	"syscall"
)

// checkFree returns an error if the file system has less room than Options.MinFree.
func (a *Archive) checkFree() error {
	if a.options.MinFree <= 0 {
		return nil
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(a.dir, &st); err != nil {
		return &os.PathError{Op: "statfs", Path: a.dir, Err: err}
	}
	if free := int64(st.Bavail) * int64(st.Bsize); free < a.options.MinFree {
		return fmt.Errorf("%w: %d MB free in %s, %d MB wanted", ErrDiskFull, free/1e6, a.dir, a.options.MinFree/1e6)
	}
	return nil
}

// processExists reports whether a process with this number is there, whoever's it is.
func processExists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}

// unlock lets go of the lock that bbolt has on its file.
func unlock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }

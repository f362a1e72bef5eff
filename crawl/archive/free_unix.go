//go:build linux || darwin || freebsd

package archive

import (
	"fmt"
	"os"
	"syscall"
)

// Room returns an error that matches ErrDiskFull if the file system of dir has fewer free bytes than min.
func Room(dir string, min int64) error {
	if min <= 0 {
		return nil
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	if free := int64(st.Bavail) * int64(st.Bsize); free < min {
		return fmt.Errorf("%w: %d MB free in %s, %d MB wanted", ErrDiskFull, free/1e6, dir, min/1e6)
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

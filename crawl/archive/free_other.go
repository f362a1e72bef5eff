//go:build !(linux || darwin || freebsd)

package archive

import "os"

// Room does not know how to ask this system.
func Room(dir string, min int64) error { return nil }

// processExists reports whether a process with this number is there.
func processExists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}

// unlock lets go of the lock that bbolt has on its file: here closing it does.
func unlock(*os.File) error { return nil }

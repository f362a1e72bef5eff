package archive

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// freeBytes returns how much the user may still write to the volume of a directory.
func freeBytes(dir string) (int64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, &os.PathError{Op: "GetDiskFreeSpaceEx", Path: dir, Err: err}
	}
	return int64(min(free, math.MaxInt64)), nil
}

// stillActive is the exit code of a process that runs (STILL_ACTIVE).
const stillActive = 259

// processExists reports whether a process with this number is there, whoever's it is.
func processExists(pid int) bool {
	p, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return errors.Is(err, windows.ERROR_ACCESS_DENIED)
	}
	defer windows.CloseHandle(p)
	var code uint32
	return windows.GetExitCodeProcess(p, &code) == nil && code == stillActive
}

// unlock lets go of the lock that bbolt has on its file: here closing the file does.
func unlock(*os.File) error { return nil }

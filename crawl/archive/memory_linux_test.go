package archive_test

import (
	"os"
	"syscall"
)

// peakMemory returns the bytes of memory that a process had at most.
func peakMemory(p *os.ProcessState) int64 {
	return p.SysUsage().(*syscall.Rusage).Maxrss << 10
}

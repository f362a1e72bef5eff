//go:build unix

package index

import "syscall"

// cpuSeconds returns the CPU time that this process has used, 0 if it is not known.
func cpuSeconds() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

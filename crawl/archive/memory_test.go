package archive_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
)

// printMemory prints what runMeasured returns. A process must tell that itself: what the system says of one that has ended
// (ru_maxrss) is not less than what the process that started it had at the time.
func printMemory() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, _ := os.ReadFile("/proc/self/status") // Linux
	_, peak, _ := bytes.Cut(status, []byte("VmHWM:"))
	var kb int64
	fmt.Sscan(string(peak), &kb)
	fmt.Println(m.Sys, kb<<10)
}

// runMeasured runs cmd, a child that ends with printMemory, and returns how many bytes it ever asked the system for,
// and how many it had at most together with the pages of its files; 0 where that is not known.
func runMeasured(t *testing.T, cmd *exec.Cmd) (asked, peak int64) {
	t.Helper()
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err == nil {
		_, err = fmt.Sscan(string(out), &asked, &peak)
	}
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs.Bytes())
	}
	return asked, peak
}

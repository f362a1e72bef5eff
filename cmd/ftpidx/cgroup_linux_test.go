package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// memoryGroup returns a new control group that may have so many bytes, or skips the test.
func memoryGroup(t *testing.T, limit int) string {
	t.Helper()
	reason := error(nil)
	for root, file := range map[string]string{"/sys/fs/cgroup/memory": "memory.limit_in_bytes", "/sys/fs/cgroup": "memory.max"} { // version 1; 2
		group := filepath.Join(root, fmt.Sprintf("ftpidx-test-%d", os.Getpid()))
		if reason = os.Mkdir(group, 0o755); reason != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(group) })
		if reason = os.WriteFile(filepath.Join(group, file), fmt.Append(nil, limit), 0); reason == nil {
			return group
		}
	}
	t.Skip("no control group of memory can be made here: ", reason)
	return ""
}

// In a container with little memory an import publishes in smaller parts, instead of being killed: 600,000 names in one directory take
// 150 MB and more else.
func TestImportInALittleContainer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds 600,000 documents")
	}
	group := memoryGroup(t, 128<<20)
	dir := t.TempDir()
	dump, err := os.Create(filepath.Join(dir, "big.example.ls-lR"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(dump)
	w.WriteString(".:\n")
	for i := range 600_000 {
		fmt.Fprintf(w, "-rw-r--r-- 1 ftp ftp %d Jan  5  2024 some-package_%d-%d_amd64.deb\n", i*7%1000003, i, i*7919%100000)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	dump.Close()
	args := []string{"-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, group, "ftpidx", "--data", filepath.Join(dir, "data")}
	run := func(more ...string) string {
		t.Helper()
		cmd := exec.Command("sh", append(args[:len(args):len(args)], more...)...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%q: %v: %s", more, err, out)
		}
		return string(out)
	}
	run("--quiet", "import", dump.Name())
	if got := run("search", "--count", "ext:deb"); got != "600000\n" {
		t.Errorf("got %q", got)
	}
}

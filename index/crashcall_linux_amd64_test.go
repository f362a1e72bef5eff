package index

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// callNames are the system calls that change files and their names, or wait until such changes are on the disk.
var callNames = map[uint64]string{
	syscall.SYS_OPENAT: "create", syscall.SYS_MKDIRAT: "mkdir", syscall.SYS_MKDIR: "mkdir",
	syscall.SYS_WRITE: "write", syscall.SYS_PWRITE64: "write", syscall.SYS_FTRUNCATE: "truncate", syscall.SYS_FALLOCATE: "truncate",
	syscall.SYS_FSYNC: "sync", syscall.SYS_FDATASYNC: "sync",
	syscall.SYS_RENAMEAT: "rename", syscall.SYS_RENAME: "rename", syscall.SYS_FCHMODAT: "chmod", syscall.SYS_CHMOD: "chmod",
	syscall.SYS_UNLINKAT: "remove", syscall.SYS_UNLINK: "remove", syscall.SYS_RMDIR: "remove",
}

// stopAtCall runs cmd and, when it is about to make call number n, from 0, of callNames, kills it, or has that call fail with errno if that is
// not 0. It returns the names of the calls up to that one, all if there are not so many, and how the process ended. There is no other
// way to come between two calls for sure.
func stopAtCall(cmd *exec.Cmd, n int, errno syscall.Errno) (calls []string, end syscall.WaitStatus, err error) {
	runtime.LockOSThread() // the one that traces
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	pid := cmd.Process.Pid
	defer cmd.Process.Release()
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
		return nil, 0, err
	}
	const exitKill, sysGood = 0x100000, 0x80 // PTRACE_O_EXITKILL; what PTRACE_O_TRACESYSGOOD adds to SIGTRAP
	if err := syscall.PtraceSetOptions(pid, exitKill|syscall.PTRACE_O_TRACESYSGOOD|syscall.PTRACE_O_TRACECLONE); err != nil {
		return nil, 0, err
	}
	failing := 0 // the thread whose call fails
	for tid := pid; ; {
		signal := 0
		switch s := status.StopSignal(); {
		case s == syscall.SIGTRAP|sysGood:
			var regs syscall.PtraceRegs
			if syscall.PtraceGetRegs(tid, &regs) != nil {
				break
			}
			if tid == failing { // it returns from the call, which was none
				failing, regs.Rax = 0, uint64(-int64(errno))
				syscall.PtraceSetRegs(tid, &regs)
				break
			}
			if len(calls) > n || int64(regs.Rax) != -int64(syscall.ENOSYS) { // as it is when a call begins
				break
			}
			name := callOf(pid, &regs)
			if name == "" {
				break
			}
			switch calls = append(calls, name); {
			case len(calls) <= n:
			case errno == 0:
				syscall.Kill(pid, syscall.SIGKILL)
			default:
				failing, regs.Orig_rax = tid, math.MaxUint64
				syscall.PtraceSetRegs(tid, &regs)
			}
		case s != syscall.SIGTRAP && s != syscall.SIGSTOP: // these come of tracing
			signal = int(s)
		}
		syscall.PtraceSyscall(tid, signal)
		const all, ofThread = 0x40000000, 0x20000000 // __WALL, __WNOTHREAD: not the processes of other tests
		for {
			if tid, err = syscall.Wait4(-1, &status, all|ofThread, nil); err != nil {
				return nil, 0, err
			}
			if status.Stopped() {
				break
			}
			if tid == pid {
				return calls, status, nil
			}
		}
	}
}

// callOf returns the name of the call that begins with these registers, or "" if it does not change a file.
func callOf(pid int, regs *syscall.PtraceRegs) string {
	name := callNames[regs.Orig_rax]
	switch {
	case name == "create" && regs.Rdx&syscall.O_CREAT == 0:
		return ""
	case name == "write":
		if path, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, regs.Rdi)); !filepath.IsAbs(path) {
			return "" // a pipe, or what wakes a thread
		}
	}
	return name
}

// points returns the numbers of calls to stop at, of those that a publisher makes: each one while it writes the side directory and the
// manifest, else every few. Where they begin differs from time to time.
func points(calls []string) []int {
	step, dense := 15, 1
	if testing.Short() {
		step, dense = 50, 7
	}
	var list []int
	for n := rand.IntN(step); n < len(calls); n += step {
		list = append(list, n)
	}
	reversed := slices.Clone(calls)
	slices.Reverse(reversed)
	last := func(call string) int { return len(calls) - 1 - slices.Index(reversed, call) }
	for n := last("mkdir") - 3 + rand.IntN(dense); n < min(last("rename")+4, len(calls)); n += dense { // threads do not always take turns alike
		list = append(list, n)
	}
	list = append(list, len(calls)-1) // what is removed last: the version is in force whatever turns threads take
	slices.Sort(list)
	return slices.Compact(list)
}

// traced returns a directory with version 2 of an index, and what calls it takes to publish a version.
func traced(t *testing.T, writer string) (dir string, calls []string) {
	t.Helper()
	dir = t.TempDir()
	if err := publishNext(dir, versionOptions(writer)); err != nil {
		t.Fatal(err)
	}
	calls, end, err := stopAtCall(role("publish once", dir, writer), math.MaxInt, 0)
	if err != nil {
		t.Skip("processes cannot be traced here: ", err)
	}
	if v, err := versionIn(dir); v != 2 || err != nil || !end.Exited() || end.ExitStatus() != 0 {
		t.Fatalf("version %d, exit status %d: %v", v, end.ExitStatus(), err)
	}
	return dir, calls
}

// TestKilledAtCalls kills publishers between what they do to the file system: before the files of a segment, between segments, before a sync,
// before and after the manifest is renamed, in the middle of removing what is no longer in force.
func TestKilledAtCalls(t *testing.T) {
	for _, writer := range writers {
		t.Run(writer, func(t *testing.T) {
			t.Parallel()
			dir, calls := traced(t, writer)
			version, before, after := 2, 0, 0
			at := map[string]int{}
			for _, n := range points(calls) {
				calls, end, err := stopAtCall(role("publish once", dir, writer), n, 0)
				if err != nil {
					t.Fatal(err)
				}
				call := calls[len(calls)-1]
				switch v, err := versionIn(dir); {
				case err != nil:
					t.Fatalf("call %d, %s: %v", n, call, err)
				case v == version && end.Signaled():
					before++
				case v == version+1:
					after++
					version = v
				default:
					t.Fatalf("call %d, %s: version %d after %d", n, call, v, version)
				}
				at[call]++
				publishClean(t, dir, writer, fmt.Sprintf("killed at call %d, %s", n, call))
				version++
			}
			t.Logf("%d calls; %d kills before the version was in force, %d after; at %v", len(calls), before, after, at)
			if before == 0 || after == 0 {
				t.Errorf("%d kills before the version was in force, %d after", before, after)
			}
			checkNothingLeft(t, dir, writer)
		})
	}
}

// publishClean publishes after what has happened, and looks whether only that is there.
func publishClean(t *testing.T, dir, writer, happened string) {
	t.Helper()
	if err := publishNext(dir, versionOptions(writer)); err != nil {
		t.Fatalf("%s: %v", happened, err)
	}
	if list := left(t, dir); len(list) > 0 {
		t.Fatalf("%s: the next publisher leaves %q", happened, list)
	}
}

// TestFailingCalls has a call of a publisher fail as on a full disk. It says so, and the version before is in force; or it could do without.
func TestFailingCalls(t *testing.T) {
	for _, writer := range writers {
		t.Run(writer, func(t *testing.T) {
			t.Parallel()
			dir, calls := traced(t, writer)
			version, failed := 2, 0
			at := map[string]int{}
			for _, n := range points(calls) {
				cmd := role("publish once", dir, writer)
				var out bytes.Buffer
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				cmd.Stdout, cmd.Stderr = w, w
				calls, end, err := stopAtCall(cmd, n, syscall.ENOSPC)
				w.Close()
				if err != nil {
					t.Fatal(err)
				}
				out.ReadFrom(r)
				r.Close()
				call := calls[len(calls)-1]
				happened := fmt.Sprintf("call %d, %s, failed", n, call)
				v, err := versionIn(dir)
				switch {
				case err != nil:
					t.Fatalf("%s: %v", happened, err)
				case !end.Exited():
					t.Fatalf("%s: %s", happened, &out)
				case end.ExitStatus() == 0 && v == version+1 && (call == "remove" || call == "create" || len(calls) <= n): // an old generation could not be locked or removed
				case end.ExitStatus() == 1 && v == version && strings.Contains(out.String(), syscall.ENOSPC.Error()):
					failed++
				case end.ExitStatus() == 1 && v == version+1 && call == "sync": // of the name of the new manifest
				default:
					t.Fatalf("%s: version %d after %d, exit status %d, %s", happened, v, version, end.ExitStatus(), &out)
				}
				at[call]++
				publishClean(t, dir, writer, happened)
				version = v + 1
			}
			t.Logf("%d of %d failed: %v", failed, len(points(calls)), at)
			if failed == 0 {
				t.Error("no call failed")
			}
			checkNothingLeft(t, dir, writer)
		})
	}
}

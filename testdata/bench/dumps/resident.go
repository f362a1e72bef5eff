package dumps

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Resident is what a process has in memory, at most, in kB. What it holds itself is anonymous; the pages of mapped files are the cache of
// the file system, which the kernel takes back when it needs them, and of which each access maps the neighbours too.
type Resident struct{ Peak, Anonymous, File int64 }

// Max raises r to o.
func (r *Resident) Max(o Resident) {
	r.Peak, r.Anonymous, r.File = max(r.Peak, o.Peak), max(r.Anonymous, o.Anonymous), max(r.File, o.File)
}

func (r Resident) String() string {
	return fmt.Sprintf("%d MB resident; %d MB anonymous, %d MB mapped files", r.Peak>>10, r.Anonymous>>10, r.File>>10)
}

// Run runs cmd and looks at its memory every millisecond. The figure of getrusage is of no use for that: a process begins with the
// size of the one that starts it.
func Run(cmd *exec.Cmd) (r Resident, err error) {
	if err := cmd.Start(); err != nil {
		return r, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		r.Max(ResidentNow(strconv.Itoa(cmd.Process.Pid)))
		select {
		case err := <-done:
			return r, err
		case <-time.After(time.Millisecond):
		}
	}
}

// ResidentNow returns what the process with this id, or "self", has in memory; nothing if it has ended.
func ResidentNow(pid string) (r Resident) {
	b, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return r
	}
	for line := range strings.Lines(string(b)) {
		for name, to := range map[string]*int64{"VmHWM:": &r.Peak, "RssAnon:": &r.Anonymous, "RssFile:": &r.File} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				fmt.Sscan(rest, to)
			}
		}
	}
	return r
}

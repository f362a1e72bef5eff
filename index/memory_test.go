package index_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

// streamed yields n documents of one server that nobody holds: directories of 50 files, with names that share words as real ones do.
func streamed(s *index.Server, n int) index.Source {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	words := strings.Fields("lib readme python test linux data core image config util source build index kernel font doc net common base x11 perl tools")
	return index.Source{Server: s, ArchiveSeq: 1, Documents: func(yield func(*index.Document, error) bool) {
		dirs := (n + 50) / 51
		for i := range dirs {
			d := &index.Document{Server: s, Dir: "/", Name: fmt.Sprintf("d%07d", i), Type: index.Dir, Size: -1, ModTime: now, Precision: parse.Day, Seen: now}
			if !yield(d, nil) {
				return
			}
		}
		seed := uint32(1)
		for i := range n - dirs {
			seed = seed*1664525 + 1013904223
			name := fmt.Sprintf("%02d-%s-%s_%d.%d-%x.tar.gz", i%50, words[seed>>8%uint32(len(words))], words[seed>>20%uint32(len(words))], seed>>28, seed>>24&15, seed)
			d := &index.Document{Server: s, Dir: fmt.Sprintf("/d%07d", i/50), Name: name, Size: int64(seed), Perm: 0o644, Mode: "-rw-r--r--", Owner: "ftp", Group: "ftp",
				ModTime: now.Add(-time.Duration(seed) * time.Second), Precision: parse.Minute, Seen: now}
			if !yield(d, nil) {
				return
			}
		}
	}}
}

// TestBuildProcess is no test: it is the process that others here measure, or limit.
func TestBuildProcess(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("FTPIDX_BUILD_DOCS"))
	if err != nil {
		t.Skip("FTPIDX_BUILD_DOCS is not set")
	}
	s := &index.Server{Scheme: "ftp", Host: "one.example", Port: 21}
	if _, err := index.Publish(context.Background(), t.TempDir(), []index.Source{streamed(s, n)}, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Println("peak", strings.Fields(rest)[0])
		}
	}
}

// buildPeak returns how many kB a process had at most that built this many documents. Before it starts, the shell does setup.
func buildPeak(docs int, env, setup string) (int, error) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestBuildProcess$", "-test.v")
	if setup != "" {
		cmd = exec.Command("sh", append([]string{"-c", setup + ` && exec "$0" "$@"`}, cmd.Args...)...)
	}
	cmd.Env = append(os.Environ(), "FTPIDX_BUILD_DOCS="+strconv.Itoa(docs), "FTPIDX_DUMPS=", "GOGC=", "GOMEMLIMIT=", env)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, out)
	}
	_, rest, ok := strings.Cut(string(out), "peak ")
	if !ok {
		return 0, errNoPeak
	}
	peak := 0
	_, err = fmt.Sscan(rest, &peak)
	return peak, err
}

var errNoPeak = errors.New("this system does not say what a process had in memory")

// Two builders at a time, each of a server of its own, stay within what they may have.
func TestBuildersStayWithinMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 400,000 documents")
	}
	t.Parallel()
	testPeaks(t, 2, 200_000, "GOGC=100", "", 180)
}

// A server of a million documents, whose names are all different, takes what two segments take: columns, orders and what else there is
// of each document are not held. It collects its garbage often, so that what it holds counts, not when the collector came.
func TestLargeServerStaysWithinMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a million documents")
	}
	t.Parallel()
	testPeaks(t, 1, 1_000_000, "GOGC=25", "", 300)
}

// A builder that is told to do with little memory makes smaller segments, and does not need more than the system lets it have: 256 MB of address
// space that can be written to, of which the stacks of threads and what the runtime has put aside are more than half.
func TestBuilderStaysWithinLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("builds 800,000 documents")
	}
	setup := "ulimit -d 262144 && export GOMAXPROCS=2"
	if err := exec.Command("sh", "-c", setup).Run(); err != nil {
		t.Skip("no ulimit here: ", err)
	}
	t.Parallel()
	testPeaks(t, 1, 800_000, "GOMEMLIMIT=64MiB", setup, 130)
}

// testPeaks lets n processes build documents and fails if one had more than limit MB.
func testPeaks(t *testing.T, n, docs int, env, setup string, limit int) {
	var work errgroup.Group
	for range n {
		work.Go(func() error {
			peak, err := buildPeak(docs, env, setup)
			if err == nil && peak > limit<<10 {
				err = fmt.Errorf("%d documents took %d MB, more than %d", docs, peak>>10, limit)
			}
			t.Logf("%d MB", peak>>10)
			return err
		})
	}
	if err := work.Wait(); errors.Is(err, errNoPeak) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// Command memory measures how much memory crawling, publishing and importing need where directories are huge: it
// serves listings that are made up as they are sent, has other processes crawl them, and prints how many MB of
// memory each of these held at most: of its own, and with the pages of files that it had mapped.
//
//	go build -o /tmp/ftpidx ./cmd/ftpidx && go run ./testdata/bench/memory -ftpidx /tmp/ftpidx [-files N] [-dirs N]
//
// The rows are the shapes of servers, the columns processes: a crawl with its archive alone, another when everything
// has changed, reading the documents of that archive in order, "ftpidx index publish" of it, and "ftpidx crawl", which
// crawls and publishes in one process. Names come in order, as most servers sort them, or not, as others list what the file
// system gives. Crawls end after a while (-for): the huge directory is long done by then.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

func main() {
	ftpidx := flag.String("ftpidx", "", "the `program` to measure")
	files := flag.Int("files", 2_000_000, "in one directory")
	dirs := flag.Int("dirs", 400_000, "in one directory")
	limit := flag.Duration("for", 20*time.Second, "longest `time` for a crawl")
	only := flag.String("only", "", "the shapes whose names hold this `text`")
	part := flag.String("part", "", "for the processes that this one starts")
	flag.Parse()
	if *part != "" {
		if err := child(*part, flag.Arg(0), flag.Arg(1), *limit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if *ftpidx == "" {
		flag.Usage()
		os.Exit(2)
	}
	shapes := []shape{
		{"files in order", *files, 0, false},
		{"files in no order", *files, 0, true},
		{"directories in order", *dirs, 1, false},
		{"directories in no order", *dirs, 1, true},
	}
	fmt.Printf("%-26s %9s  %-15s %-15s %-15s %-15s %s\n", "one directory of", "", "crawl", "again", "read", "publish", "ftpidx crawl")
	for _, s := range shapes {
		if strings.Contains(s.name, *only) {
			if err := s.measure(*ftpidx, *limit); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
	}
}

// A shape is a server: a directory of n entries, each of which, if below > 0, is a directory of so many files.
type shape struct {
	name     string
	n, below int
	shuffled bool
}

// list writes the listing of dir at the crawl of this number.
func (s shape) list(w *bufio.Writer, dir string, round int) {
	if dir != "/" {
		for i := range s.below {
			fmt.Fprintf(w, "-rw-r--r--    1 ftp      ftp      %8d Feb 01  2020 file%d.tar.gz\r\n", i*977, i)
		}
		return
	}
	mode := "-rw-r--r--"
	if s.below > 0 {
		mode = "drwxr-xr-x"
	}
	const prime = 15_485_863 // has no divisor in common with n, so that every number comes once
	for i := range s.n {
		k := i
		if s.shuffled {
			k = i * prime % s.n
		}
		fmt.Fprintf(w, "%s    1 ftp      ftp      %8d Feb %02d  20%02d some-package_%08d-1_amd64\r\n", mode, k%1_000_003+round, k%28+1, k%20, k)
	}
}

// onlyDirs has directories of all names, for CWD.
type onlyDirs struct{}

func (onlyDirs) Open(string) (fs.File, error) { return fstest.MapFS{}.Open(".") }

// measure prints the row of s.
func (s shape) measure(ftpidx string, limit time.Duration) error {
	round := 0
	server := &ftptest.Server{FS: onlyDirs{}, Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb != "LIST" {
			return false
		}
		c.Transfer("Here comes the directory listing.", "Directory send OK.", func(w *bufio.Writer) { s.list(w, c.Dir(), round) })
		return true
	}}
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Close()
	tmp, err := os.MkdirTemp("", "ftpidx-memory-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	alone, whole := filepath.Join(tmp, "alone"), filepath.Join(tmp, "whole")
	fmt.Printf("%-26s %9d", s.name, s.n)
	for _, args := range [][]string{
		{self, "-part", "crawl", "-for", limit.String(), server.URL, filepath.Join(alone, "archive")},
		{self, "-part", "crawl", "-for", limit.String(), server.URL, filepath.Join(alone, "archive")},
		{self, "-part", "read", server.URL, filepath.Join(alone, "archive")},
		{ftpidx, "index", "publish", "--data", alone, "--quiet"},
		{ftpidx, "crawl", "--data", whole, "--quiet", "--rate", "0", "--connections", "8", "--max-time", limit.String(), server.URL},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		start := time.Now()
		held, err := run(cmd)
		if err != nil && cmd.ProcessState.ExitCode() != 3 {
			return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out.String())
		}
		peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
		fmt.Printf(" %4d/%-4d %3.0f s", held, peak, time.Since(start).Seconds())
		round++
	}
	fmt.Println()
	return nil
}

// run runs cmd and returns how many MB of memory of its own it had at most, as seen every few milliseconds: the rest of
// what a process is said to have are pages of files, its archive's above all, which the system takes back when it likes.
func run(cmd *exec.Cmd) (held int, err error) {
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for look := time.NewTicker(5 * time.Millisecond); ; {
		select {
		case err := <-done:
			look.Stop()
			return held >> 10, err
		case <-look.C:
			status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)) // gone: nothing is found
			_, anon, _ := bytes.Cut(status, []byte("RssAnon:"))
			var kb int
			fmt.Sscan(string(anon), &kb)
			held = max(held, kb)
		}
	}
}

// child is a process to be measured: it crawls the server at url into the archive in dir, or reads that archive.
func child(part, url, dir string, limit time.Duration) error {
	seed, err := crawl.ParseSeed(url)
	if err != nil {
		return err
	}
	if part == "crawl" {
		c := &crawl.Crawler{
			Dialer: new(ftpconn.Dialer),
			Open: func(_ context.Context, s crawl.Server) (crawl.Store, error) {
				return archive.Create(dir, s, nil)
			},
			Policy: crawl.Policy{Connections: 8, Rate: -1, MaxRate: -1, MaxTime: limit},
		}
		_, err := c.Run(context.Background(), seed)
		return err
	}
	a, err := archive.Open(dir, seed.Server, nil)
	if err != nil {
		return err
	}
	defer a.Close()
	for _, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// realTree is a directory with tens of thousands of entries that every machine has.
const realTree = "/usr/share"

// visible returns the pathnames that anonymous users of vsftpd can see below root by LIST -a: nothing in directories that
// not everybody may read. refused are these directories.
func visible(t *testing.T, root string) (paths []string, refused []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		paths = append(paths, strings.TrimPrefix(p, root))
		if !d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o005 != 0o005 {
			refused = append(refused, strings.TrimPrefix(p, root))
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return paths, refused
}

// ftpidx runs the command in a process of its own and returns what it printed and its exit status.
func ftpidx(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command("ftpidx", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// indexed returns the pathnames of all documents, sorted.
func indexed(t *testing.T, data string) []string {
	t.Helper()
	out, errs, status := ftpidx(t, "search", "--data", data, "--json", "")
	if status != exitOK {
		t.Fatalf("search: status %d: %s", status, errs)
	}
	var paths []string
	for line := range strings.Lines(out) {
		var hit struct {
			Path    string
			NameRaw []byte `json:"name_raw"`
		}
		if err := json.Unmarshal([]byte(line), &hit); err != nil {
			t.Fatal(err)
		}
		if hit.NameRaw != nil {
			hit.Path = hit.Path[:strings.LastIndexByte(hit.Path, '/')+1] + string(hit.NameRaw)
		}
		paths = append(paths, hit.Path)
	}
	slices.Sort(paths)
	return paths
}

// sameSet reports differences between two sorted lists, a few of them.
func sameSet(t *testing.T, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	g, w := map[string]int{}, map[string]int{}
	for _, p := range got {
		g[p]++
	}
	for _, p := range want {
		w[p]++
	}
	t.Errorf("got %d entries, want %d", len(got), len(want))
	shown := 0
	all := maps.Clone(g)
	maps.Copy(all, w)
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if g[p] != w[p] && shown < 10 {
			t.Errorf("%q: got %d, want %d", p, g[p], w[p])
			shown++
		}
	}
}

// TestRealTree crawls a real tree through a real server and finds in the index what stands on the disk.
func TestRealTree(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("crawls tens of thousands of files")
	}
	s := realftp.Start(t, "vsftpd", realTree)
	want, refused := visible(t, realTree)
	data := filepath.Join(t.TempDir(), "data")
	began := time.Now()
	out, errs, status := ftpidx(t, "crawl", "--data", data, "--rate", "0", "--connections", "8", "ftp://"+s.Addr+"/")
	t.Logf("%d entries in %v\n%s%s", len(want), time.Since(began).Round(time.Millisecond), out, errs)
	if wantStatus := map[bool]int{true: exitOK, false: exitIncomplete}[len(refused) == 0]; status != wantStatus {
		t.Errorf("got status %d, want %d (refused: %q)", status, wantStatus, refused)
	}
	for _, dir := range refused[:min(len(refused), 3)] {
		if !strings.Contains(out, dir) {
			t.Errorf("%s was refused and is not named:\n%s", dir, out)
		}
	}
	sameSet(t, indexed(t, data), want)
}

// TestKilledCrawl kills a crawl of a real tree again and again; the last run ends it as if nothing had been.
func TestKilledCrawl(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("crawls tens of thousands of files, 21 times")
	}
	s := realftp.Start(t, "vsftpd", realTree)
	want, refused := visible(t, realTree)
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"crawl", "--data", data, "--rate", "0", "--connections", "2", "ftp://" + s.Addr + "/"}
	killed := 0
	for range 20 {
		cmd := exec.Command("ftpidx", args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(20+rand.IntN(380))*time.Millisecond, func() { cmd.Process.Kill() })
		cmd.Wait()
		timer.Stop()
		if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			killed++
		}
	}
	t.Logf("killed %d times", killed)
	if killed < 10 {
		t.Errorf("only %d of 20 runs were killed: the tree is too small for this test", killed)
	}
	out, errs, status := ftpidx(t, args...)
	state := "complete"
	if len(refused) > 0 {
		state = "incomplete"
	} else if status != exitOK {
		t.Errorf("the last run: status %d: %s%s", status, out, errs)
	}
	if got, _, _ := ftpidx(t, "servers", "--data", data); !strings.HasPrefix(got, state+"\t") {
		t.Errorf("servers: got %q, want state %s", got, state)
	}
	sameSet(t, indexed(t, data), want)
	left, err := filepath.Glob(filepath.Join(data, "*", ".tmp-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(data, "index", "MANIFEST.json")); err != nil {
		t.Error(err)
	}
}

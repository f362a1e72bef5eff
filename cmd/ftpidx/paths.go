package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/ftpidx/ftpidx/crawl/archive"
)

// home returns the user's home directory, "" if the environment does not tell it.
func (e *env) home() string {
	if h := e.getenv("HOME"); h != "" || runtime.GOOS != "windows" {
		return h
	}
	return e.getenv("USERPROFILE")
}

// userDir returns the directory of ftpidx below the user's directory of a kind: the XDG variable if it is absolute (a relative
// one is to be ignored, says the specification), else on Windows the system's variable, else the elements below home. "" says
// that the environment tells none of them.
func (e *env) userDir(xdg, windows string, home ...string) string {
	if d := e.getenv(xdg); filepath.IsAbs(d) {
		return filepath.Join(d, "ftpidx")
	}
	if d := e.getenv(windows); runtime.GOOS == "windows" && d != "" {
		return filepath.Join(d, "ftpidx")
	}
	if h := e.home(); h != "" {
		return filepath.Join(append(append([]string{h}, home...), "ftpidx")...)
	}
	return ""
}

// dataDir returns the data directory, which may not exist: --data, $FTPIDX_DATA, data of the configuration file,
// $XDG_DATA_HOME/ftpidx, or ~/.local/share/ftpidx (on Windows %LocalAppData%\ftpidx).
// The error says that there is something, and not what can be looked into.
func (e *env) dataDir() (string, error) {
	dir := e.dataFlag
	if dir == "" {
		dir = e.userDir("XDG_DATA_HOME", "LocalAppData", ".local", "share")
	}
	if dir == "" {
		return "", withHint(errors.New("no data directory: $HOME is not set"), "name one with --data")
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return "", dataError("read", dir, syscall.ENOTDIR)
	}
	if _, err := os.Stat(archiveDir(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", dataError("read", dir, err)
	}
	return dir, nil
}

// dataError says that a directory cannot be read, or written to.
func dataError(do, dir string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) { // of something in it, which means nothing to the user
		err = path.Err
	}
	return withHint(fmt.Errorf("cannot %s %s: %w", do, dir, err), "choose another data directory with --data")
}

// writableData returns the data directory, made if it is missing: 0700, so that its owner decides who may read it.
func (e *env) writableData() (string, error) {
	dir, err := e.dataDir()
	if err != nil {
		return "", err
	}
	fail := func(err error) (string, error) { return "", dataError("write to", dir, err) }
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fail(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fail(err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return fail(err)
	}
	probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return fail(err)
	}
	return dir, archive.FinishForgetting(archiveDir(dir))
}

// archiveDir and indexDir are the two parts of the data directory.
func archiveDir(data string) string { return filepath.Join(data, "archive") }
func indexDir(data string) string   { return filepath.Join(data, "index") }

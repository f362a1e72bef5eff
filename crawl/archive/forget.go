package archive

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// An archive is forgotten in steps, none of which leaves a half behind:
//
//  1. its file is locked: no crawl, import or publication is at work with it
//  2. whoever else knows of the server forgets it (the caller)
//  3. the summary, by which archives are known, gets the extension .forgotten
//  4. whoever has heard of the server since, from one who had read the archive before the first step, forgets it too
//  5. the file is removed, and what a process that was killed has left of a new summary
//  6. the .forgotten is removed
//
// Who is killed before the third step has forgotten nothing: the archive is whole, and is published again. After it, whoever opens
// the archive for writing, or calls FinishForgetting, does the rest first.

const forgotten = ".forgotten"

// Forget removes the archive of the server with this key from dir, damaged or not. Before anything is removed, when nobody
// else can open the archive any more, it calls elsewhere, whose error ends it; and once more when [Exists] says that it is gone.
// Without an archive the error is an fs.ErrNotExist, and an [InUseError] if another process has it open.
func Forget(dir, key string, options *Options, elsewhere func() error) error {
	server, err := crawl.ParseKey(key)
	if err != nil {
		return err
	}
	s, err := ReadSummary(dir, key)
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		server = s.Server()
	}
	a, err := Create(dir, server, options)
	if err != nil && !errors.Is(err, ErrDamaged) {
		return err
	}
	if a != nil {
		if err := a.quiesce(); err != nil {
			a.options.Logger.Debug("forgotten in spite of it", "archive", a.name, "error", err)
		}
		defer a.closeFile() // of a file that nobody will see again
	}
	if err := elsewhere(); err != nil {
		return err
	}
	name := filepath.Join(dir, fileName(dir, key))
	if err := os.Rename(name+".json", name+forgotten); err != nil {
		return err
	}
	if err := syncDir(dir); err != nil {
		return err
	}
	again := elsewhere()
	if a != nil && openStays {
		a.closeFile()
	}
	return errors.Join(again, removeForgotten(dir, name))
}

// Exists reports whether there is an archive of the server with this key in dir which is not being forgotten.
func Exists(dir, key string) bool {
	name := filepath.Join(dir, fileName(dir, key))
	if _, err := os.Stat(name + forgotten); err == nil { // first: it goes last
		return false
	}
	_, err := os.Stat(name + ".db")
	return !errors.Is(err, fs.ErrNotExist)
}

// openStays says that a file cannot be removed while it is open: then it is closed first. Another process that has opened it
// meanwhile keeps it there, and does the rest.
const openStays = runtime.GOOS == "windows"

// removeForgotten does the last two steps. The lock is held, unless openStays: then whoever else opens the archive sees that it is
// forgotten, and writes no summary.
func removeForgotten(dir, name string) error {
	for _, file := range []string{tempName(dir, filepath.Base(name)), name + ".db", name + forgotten} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// quiesce ends all writing, that of the summary too, but keeps the lock.
func (a *Archive) quiesce() error {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	return a.committer.close()
}

// isForgotten reports whether forgetting the archive was begun and not finished.
func (a *Archive) isForgotten() bool {
	_, err := os.Stat(filepath.Join(a.dir, a.name+forgotten))
	return err == nil
}

// keyOf returns a key, as ParseKey takes it, to which the file name belongs. What is escaped in the name of a user is so in the key.
func keyOf(name string) (string, error) {
	at := strings.LastIndexByte(name, '@') + 1
	host, err := url.PathUnescape(name[at:])
	return name[:at] + host, err
}

// FinishForgetting removes what processes that were killed have left of archives that were to be forgotten. What
// another process is about to remove is left to it.
func FinishForgetting(dir string) error {
	names, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+forgotten))
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		key, err := keyOf(strings.TrimSuffix(filepath.Base(name), forgotten))
		if s, rerr := readSummary(name); rerr == nil && IsFileName(strings.TrimSuffix(filepath.Base(name), forgotten), s.Key) {
			key = s.Key
		}
		var server crawl.Server
		if err == nil {
			server, err = crawl.ParseKey(key)
		}
		var a *Archive
		if err == nil {
			a, err = Create(dir, server, nil) // does it
		}
		var used *InUseError
		switch {
		case errors.As(err, &used):
		case errors.Is(err, ErrDamaged):
			errs = append(errs, removeForgotten(dir, strings.TrimSuffix(name, forgotten)))
		case err != nil:
			errs = append(errs, err)
		default:
			errs = append(errs, a.Close()) // a new one, which goes away again
		}
	}
	return errors.Join(errs...)
}

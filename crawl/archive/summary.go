package archive

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/robustio"

	"github.com/ftpidx/ftpidx/crawl"
)

// summaryEvery is how old a summary may be while a crawl runs.
const summaryEvery = 5 * time.Second

// A Summary is what others may know of an archive while a process has it open: the content of the
// .json file beside it.
type Summary struct {
	Format int          `json:"format"`
	Key    string       `json:"server"`
	Scheme crawl.Scheme `json:"scheme"`
	User   string       `json:"user,omitempty"`
	Host   string       `json:"host"`
	Port   int          `json:"port"`

	State   crawl.State `json:"state"`         // of the last crawl; Complete only if nothing of Earlier is missing either
	PID     int         `json:"pid,omitempty"` // of the process that crawls or imports
	Error   string      `json:"error,omitempty"`
	Started time.Time   `json:"started,omitzero"` // the last crawl
	Ended   time.Time   `json:"ended,omitzero"`
	Written time.Time   `json:"written"` // this summary

	Seeds    []string       `json:"seeds"`
	SeedsRaw [][]byte       `json:"seeds_raw,omitempty"` // see [crawl.RawPaths]
	Counts   crawl.Counts   `json:"counts"`              // of the last crawl
	Earlier  *Earlier       `json:"earlier,omitempty"`   // what is missing besides; nil: nothing
	Held     Held           `json:"held"`                // Dirs and Entries without those that are gone
	Changes  *crawl.Changes `json:"changes,omitempty"`   // that the last crawl found
	Manners  crawl.Manners  `json:"manners,omitzero"`    // of the last crawl
	Seq      uint64         `json:"seq"`
	Facts    crawl.Facts    `json:"facts"`
	Failures int            `json:"failures,omitempty"` // crawls in a row that could not use the server
	Failed   time.Time      `json:"failed,omitzero"`    // the last of them
	Failure  string         `json:"failure,omitempty"`  // and why
	Size     int64          `json:"archive_bytes"`
	Peak     int            `json:"peak_connections,omitempty"`
}

// Server returns the server that s is about.
func (s *Summary) Server() crawl.Server {
	return crawl.Server{Scheme: s.Scheme, User: s.User, Host: s.Host, Port: s.Port}
}

// Running reports whether the process that crawls, or imports, is there.
func (s *Summary) Running() bool {
	return s.PID != 0 && processExists(s.PID)
}

// List returns the summaries of all archives in dir, by key. What of a summary that is damaged or missing the archive itself can tell
// is told instead. Files that cannot be read are left out and reported in the error together with the others.
func List(dir string) ([]Summary, error) {
	files, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	has := make(map[string]bool, len(files))
	for _, f := range files {
		has[f.Name()] = true
	}
	var all []Summary
	var errs []error
	for _, f := range files {
		switch name, ext := strings.TrimSuffix(f.Name(), filepath.Ext(f.Name())), filepath.Ext(f.Name()); {
		case ext == ".json" && !strings.HasPrefix(name, "."):
			s, err := readSummary(filepath.Join(dir, f.Name()))
			if err != nil && has[name+".db"] && !errors.Is(err, fs.ErrPermission) {
				if d, derr := derived(dir, name); derr == nil && d != nil {
					s, err = *d, nil
				}
			}
			if err != nil {
				errs = append(errs, err)
			} else {
				all = append(all, s)
			}
		case ext == ".db" && !has[name+".json"] && !has[name+forgotten]:
			if info, err := f.Info(); err == nil && info.Size() <= unbornSize() {
				continue // nothing has been written to it yet
			}
			s, err := derived(dir, name)
			var busy *InUseError // by a crawl that is about to begin
			if err != nil && !errors.As(err, &busy) && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			} else if s != nil {
				all = append(all, *s)
			}
		}
	}
	slices.SortFunc(all, func(x, y Summary) int { return strings.Compare(x.Key, y.Key) })
	return all, errors.Join(errs...)
}

// derived returns the summary of the archive with this file name as it would be written now, or nil if that is not worth one. It does
// not wait for a process that has the archive open.
func derived(dir, name string) (*Summary, error) {
	key, err := keyOf(name)
	if err != nil {
		return nil, err
	}
	a, err := OpenKey(dir, key, &Options{NoWait: true})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	if !a.meta.worthKeeping() {
		return nil, nil
	}
	s := a.summarize()
	return &s, nil
}

// ReadSummary returns the summary of the server with this key. Without one the error is an fs.ErrNotExist.
func ReadSummary(dir, key string) (Summary, error) {
	name := filepath.Join(dir, fileName(dir, key)+".json")
	s, err := readSummary(name)
	if err == nil && s.Key != key { // the former name of another, see load
		return Summary{}, &os.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return s, err
}

func readSummary(name string) (s Summary, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, &os.PathError{Op: "read", Path: name, Err: err}
	}
	if s.Host != "" {
		s.Key = s.Server().Key() // which formerly escaped nothing
	}
	s.Seeds = crawl.PathsOf(s.Seeds, s.SeedsRaw)
	return s, nil
}

// writeSummary replaces the .json file. Until the first crawl there is none.
func (a *Archive) writeSummary() error {
	a.summary.Lock() // the newest one is written last
	defer a.summary.Unlock()
	a.mu.Lock()
	keep := a.meta.worthKeeping()
	a.mu.Unlock()
	if !keep {
		return nil
	}
	s := a.summarize()
	if s.State == crawl.Crawling || s.State == crawl.Importing {
		s.PID = os.Getpid()
	}
	text, err := json.MarshalIndent(&s, "", "\t")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(a.dir, a.name+".json"), tempName(a.dir, a.name), append(text, '\n'))
}

// summarize returns the summary of the archive as it is now, but for the process that writes it.
func (a *Archive) summarize() Summary {
	server := a.Server()
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.meta
	s := Summary{
		Format: formatVersion, Key: server.Key(),
		Scheme: server.Scheme, User: server.User, Host: server.Host, Port: server.Port,
		State: m.state(), Error: m.Crawl.Error, Started: m.Crawl.Started, Ended: m.Crawl.Ended,
		Written: a.options.Now().UTC(), Seeds: m.Seeds, SeedsRaw: crawl.RawPaths(m.Seeds), Counts: m.Counts.Clone(), Earlier: m.Earlier, Changes: m.Crawl.Changes, Manners: m.Crawl.Manners, Held: m.Held.there(),
		Seq: m.Seq, Facts: cloneFacts(m.Facts), Failures: m.Failures, Failed: m.Failed, Failure: m.Failure,
	}
	if a.report != nil {
		s.Peak = a.report.Peak
	}
	if info, err := os.Stat(a.path()); err == nil {
		s.Size = info.Size()
	}
	return s
}

// tempName returns the name of the file that becomes the summary of the archive with this file name.
func tempName(dir, name string) string { return filepath.Join(dir, ".tmp-"+name) }

// replaceFile writes a file by way of the file temp beside it, so that readers see the old content or the new, never a part. A temp
// that a process left behind which was killed is overwritten.
func replaceFile(name, temp string, content []byte) error {
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = robustio.Rename(f.Name(), name) // Windows: not while somebody reads the old one
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// escapeGlob makes a directory's name stand for itself in a pattern of filepath.Glob.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

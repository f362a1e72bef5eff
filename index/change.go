package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// change replaces the manifest by what edit makes of it, alone among all publishers, and removes what is then not in
// use. Edit is given the times seen that hold instead of those of a generation, by its directory, and may change them.
// With replace it starts from nothing, whatever there is.
func change(ctx context.Context, dir string, log *slog.Logger, replace bool, edit func(m *Manifest, runs map[string][]seenRun) error) (*Manifest, error) {
	lock, _, err := lockFile(filepath.Join(dir, publisherLock), true, false)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m, err := readManifest(dir)
	switch {
	case replace && err == nil:
		m = &Manifest{Format: Format, Seq: m.Seq}
	case replace || errors.Is(err, fs.ErrNotExist):
		m = &Manifest{Format: Format}
	case err != nil:
		return nil, err
	}
	runs := map[string][]seenRun{}
	for _, g := range m.Generations {
		r, err := readRuns(filepath.Join(sideDir(dir, m.Side), g.Dir+seenExt))
		if err == nil {
			runs[g.Dir] = r
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if err := edit(m, runs); err != nil {
		return nil, err
	}
	m.Seq++
	if m.Side, err = nextNumber(dir, sidePrefix); err != nil {
		return nil, err
	}
	if err := publishSide(dir, m, runs); err != nil {
		return nil, err
	}
	if err := writeManifest(dir, m); err != nil {
		return nil, err
	}
	clean(dir, m, log)
	return m, nil
}

// publishSide writes the side directory of m.
func publishSide(dir string, m *Manifest, runs map[string][]seenRun) error {
	ix := &Index{dir: dir}
	v, err := ix.open(m, nil, false)
	if err != nil {
		return err
	}
	return errors.Join(writeSide(sideDir(dir, m.Side), v.shards, runs), syncDir(dir), v.release())
}

// clean removes the generations that are neither in the manifest nor in use, and the side directories that are not in
// the manifest. The caller holds the publisher lock.
func clean(dir string, m *Manifest, log *slog.Logger) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		log.Warn("cannot clean the index directory", "err", err)
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if n, ok := numbered(sidePrefix, e.Name()); ok && n != m.Side {
			if err := os.RemoveAll(path); err != nil && !inUse(err) { // a reader's: the next publisher removes it
				log.Warn("cannot remove an old side directory", "dir", path, "err", err)
			}
		}
		_, ok := numbered(genPrefix, e.Name())
		if !ok || slices.ContainsFunc(m.Generations, func(g ManifestGeneration) bool { return g.Dir == e.Name() }) {
			continue
		}
		lock, free, err := lockFile(filepath.Join(path, readerLock), true, true)
		if err == nil && free {
			err = lock.removeDir(path)
		}
		if err != nil {
			log.Warn("cannot remove an old generation", "dir", path, "err", err)
		}
	}
}

const genPrefix = "gen-"

// numbered returns n of the name <prefix><n>.
func numbered(prefix, name string) (n uint64, ok bool) {
	s, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return n, err == nil
}

// nextNumber returns a number above those of all entries <prefix><n> of dir.
func nextNumber(dir, prefix string) (uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	next := uint64(1)
	for _, e := range entries {
		if n, ok := numbered(prefix, e.Name()); ok && n >= next {
			next = n + 1
		}
	}
	return next, nil
}

// A newGen is a generation that is being built. Its lock keeps others from removing it.
type newGen struct {
	path string
	lock *fileLock
}

// newGeneration makes a directory for a generation, numbered above all others.
func newGeneration(dir string) (*newGen, error) {
	lock, _, err := lockFile(filepath.Join(dir, publisherLock), true, false)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	n, err := nextNumber(dir, genPrefix)
	if err != nil {
		return nil, err
	}
	g := &newGen{path: filepath.Join(dir, fmt.Sprintf("%s%d", genPrefix, n))}
	if err := os.Mkdir(g.path, 0o755); err != nil {
		return nil, err
	}
	g.lock, _, err = lockFile(filepath.Join(g.path, readerLock), true, true)
	return g, err
}

// release lets readers in. The caller holds the publisher lock and is about to put the generation in force.
func (g *newGen) release() {
	g.lock.Close()
	g.lock = nil
}

// discard removes a generation that was not released.
func (g *newGen) discard() {
	if g.lock != nil {
		g.lock.removeDir(g.path)
		g.lock = nil
	}
}

func dirSize(dir string) (int64, error) {
	var n int64
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		fi, err := e.Info()
		if err == nil {
			n += fi.Size()
		}
		return err
	})
	return n, err
}

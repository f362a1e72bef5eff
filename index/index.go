package index

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"
)

// An Index answers queries from the generations in an index directory. It may be used by several goroutines at once.
//
// Each search sees the generations of one manifest, whatever is published meanwhile; the next search sees the newest.
type Index struct {
	dir    string
	limits limits

	mu      sync.Mutex
	current *view
	closed  bool
	opened  chan struct{} // not nil while Verify runs: a word for each new view
}

// A view is what one manifest puts in force. Searches hold it while they run.
type view struct {
	manifest *Manifest
	stat     os.FileInfo // of the manifest file when it was read
	refs     atomic.Int32
	shards   []*shard
	docs     int
}

// A shard is a generation with the documents that are in force.
type shard struct {
	*generation
	live *roaring.Bitmap
	side *sideData
}

// Open opens the index in dir. errors.Is(err, fs.ErrNotExist) when nothing has been published there.
func Open(dir string) (*Index, error) {
	ix := &Index{dir: dir, limits: usualLimits}
	v, err := ix.acquire()
	if err != nil {
		return nil, err
	}
	v.release()
	return ix, nil
}

// Manifest returns the newest manifest. It is not to be changed.
func (ix *Index) Manifest() (*Manifest, error) {
	v, err := ix.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	return v.manifest, nil
}

// Close releases the generations once the searches under way have ended. Later searches fail with fs.ErrClosed.
func (ix *Index) Close() error {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.closed {
		return nil
	}
	ix.closed = true
	v := ix.current
	ix.current = nil
	if v == nil {
		return nil
	}
	return v.release()
}

// acquire returns the newest view. The caller releases it. The error says what is damaged, as far as that is known.
func (ix *Index) acquire() (*view, error) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.closed {
		return nil, fs.ErrClosed
	}
	if err := ix.refresh(); err != nil {
		return nil, err
	}
	v := ix.current
	for _, s := range v.shards {
		if err := cmp.Or(s.damage, s.side.damage); err != nil {
			return nil, err
		}
	}
	v.refs.Add(1)
	return v, nil
}

// refresh makes the newest view the current one. The caller holds the mutex.
func (ix *Index) refresh() error {
	var last os.FileInfo
	for {
		st, err := os.Stat(filepath.Join(ix.dir, manifestName))
		if err != nil {
			return err
		}
		if v := ix.current; v != nil && sameFile(st, v.stat) {
			return nil
		}
		m, err := readManifest(ix.dir)
		if err != nil {
			return err
		}
		v, err := ix.open(m, st, true)
		if errors.Is(err, errGone) {
			// It was removed because a newer manifest is in force; if there is none, it is missing.
			if last != nil && sameFile(st, last) {
				return &FileError{filepath.Join(ix.dir, manifestName), fmt.Errorf("%w: a generation is missing", ErrCorrupt)}
			}
			last = st
			continue
		} else if err != nil {
			return err
		}
		if ix.current != nil {
			ix.current.release()
		}
		ix.current = v
		select {
		case ix.opened <- struct{}{}:
		default: // nobody verifies, or will look in a moment
		}
		return nil
	}
}

// sameFile reports whether a file has not been replaced.
func sameFile(a, b os.FileInfo) bool {
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

// open opens what m puts in force, sharing generations with the current view; without side, copies are not counted.
func (ix *Index) open(m *Manifest, st os.FileInfo, withSide bool) (*view, error) {
	v := &view{manifest: m, stat: st, docs: m.Docs()}
	v.refs.Store(1)
	gens := make([]*generation, len(m.Generations))
	var work errgroup.Group // opening is a matter of many small files
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, mg := range m.Generations {
		work.Go(func() (err error) {
			gens[i], err = ix.generation(mg)
			return err
		})
	}
	err := work.Wait()
	for _, g := range gens {
		if g != nil {
			v.shards = append(v.shards, &shard{generation: g, live: roaring.New()})
		}
	}
	if err != nil {
		v.release()
		return nil, err
	}
	for i, mg := range m.Generations {
		s := v.shards[i]
		if withSide {
			if s.side, err = openSide(ix.dir, m.Side, mg.Dir); err != nil {
				v.release()
				return nil, err
			}
		}
		for _, srv := range mg.Servers {
			s.live.AddRange(uint64(srv.First), uint64(srv.First+srv.Docs))
		}
	}
	return v, nil
}

// generation returns the generation of mg, in use once more.
func (ix *Index) generation(mg ManifestGeneration) (*generation, error) {
	path := filepath.Join(ix.dir, mg.Dir)
	if ix.current != nil {
		for _, s := range ix.current.shards {
			if s.dir == path {
				s.acquire()
				return s.generation, nil
			}
		}
	}
	g, err := openGeneration(path)
	if err != nil {
		return nil, err
	}
	if int(g.docs) != mg.Docs {
		g.release()
		return nil, corrupt(path, "%d documents, not %d", g.docs, mg.Docs)
	}
	if !slices.IsSortedFunc(g.servers, func(x, y openServer) int { return strings.Compare(x.key, y.key) }) {
		g.release()
		return nil, corrupt(path, "the servers are not in order") // as keys were before users were escaped
	}
	for _, s := range mg.Servers {
		if !slices.ContainsFunc(g.servers, func(o openServer) bool {
			return o.key == s.Key && int(o.first) == s.First && int(o.docs) == s.Docs
		}) {
			g.release()
			return nil, corrupt(path, "no %d documents of %s from %d on", s.Docs, s.Key, s.First)
		}
	}
	return g, nil
}

func (v *view) release() error {
	if v.refs.Add(-1) > 0 {
		return nil
	}
	var errs []error
	for _, s := range v.shards {
		if s.side != nil {
			errs = append(errs, s.side.m.Close())
		}
		errs = append(errs, s.generation.release())
	}
	return errors.Join(errs...)
}

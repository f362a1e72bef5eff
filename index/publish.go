package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Source gives the documents of one server to [Publish].
type Source struct {
	Server     *Server
	ArchiveSeq uint64 // sequence number of the archive that the documents were read at
	Zone       string // IANA name of the server's time zone; "" is not known
	Partial    bool   // the server has not been crawled completely

	// Documents yields them in document order: a directory's own entries first, by the bytes of their names;
	// then, in the same order, the block of each of its subdirectories. A document out of order is an error; one with
	// the pathname of the one before is left out with a warning. A document is not used any more once its block of
	// 128 is written, but may be until then: the source must not change it.
	// An error that it yields ends the publication, and what was published before stays.
	Documents iter.Seq2[*Document, error]
}

// PublishOptions are the options of [Publish]. Nil and the zero value are the defaults.
type PublishOptions struct {
	Logger *slog.Logger // nil discards
}

func (o *PublishOptions) logger() *slog.Logger {
	if o == nil || o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// Publish builds the documents of sources into a new generation in the index directory dir, made if it does not
// exist, and puts it in force: what the manifest held of these servers is replaced, all else is kept. When it
// returns an error, also that of ctx, what was published before is still in force.
//
// Several processes may build at once; they take turns in changing the manifest.
func Publish(ctx context.Context, dir string, sources []Source, opts *PublishOptions) (*Manifest, error) {
	log := opts.logger()
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int { return cmp.Compare(a.Server.Key(), b.Server.Key()) })
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	gen, err := newGeneration(dir)
	if err != nil {
		return nil, err
	}
	defer gen.discard()
	b, err := newBuilder(gen.path, time.Now())
	if err != nil {
		return nil, err
	}
	if err := feed(ctx, b, sources); err != nil {
		b.abort()
		return nil, err
	}
	if err := b.close(); err != nil {
		return nil, err
	}
	if b.twice > 0 {
		log.Warn("documents with the pathname of another left out", "documents", b.twice)
	}
	size, err := dirSize(gen.path)
	if err != nil {
		return nil, err
	}
	mg := ManifestGeneration{Dir: filepath.Base(gen.path), Docs: b.info.Docs, Bytes: size}
	var keys []string
	for i, s := range b.info.Servers {
		src := &sources[i]
		keys = append(keys, src.Server.Key())
		mg.Servers = append(mg.Servers, ManifestServer{
			Key: src.Server.Key(), First: s.First, Docs: s.Docs, ArchiveSeq: src.ArchiveSeq,
			Charset: s.Charset, Zone: src.Zone, Partial: src.Partial,
		})
	}
	return change(ctx, dir, log, func(m *Manifest) error {
		m.drop(keys)
		if len(mg.Servers) > 0 {
			m.Generations = append(m.Generations, mg)
			gen.release()
		}
		return nil
	})
}

func feed(ctx context.Context, b *builder, sources []Source) error {
	for _, s := range sources {
		if err := b.begin(s.Server); err != nil {
			return err
		}
		n := 0
		for d, err := range s.Documents {
			if err != nil {
				return err
			}
			if n++; n&1023 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := b.add(d); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// Drop takes the servers with these keys out of the index in dir. Keys that it does not hold are ignored.
func Drop(ctx context.Context, dir string, keys ...string) error {
	if ok, err := exists(dir); err != nil || !ok {
		return err
	}
	_, err := change(ctx, dir, (*PublishOptions)(nil).logger(), func(m *Manifest) error {
		m.drop(keys)
		return nil
	})
	return err
}

// drop takes servers out of m, and generations that hold no other.
func (m *Manifest) drop(keys []string) {
	for i := range m.Generations {
		g := &m.Generations[i]
		g.Servers = slices.DeleteFunc(slices.Clone(g.Servers), func(s ManifestServer) bool { return slices.Contains(keys, s.Key) })
	}
	m.Generations = slices.DeleteFunc(m.Generations, func(g ManifestGeneration) bool { return len(g.Servers) == 0 })
}

// change replaces the manifest by what edit makes of it, alone among all publishers, and removes what is then not in use.
func change(ctx context.Context, dir string, log *slog.Logger, edit func(*Manifest) error) (*Manifest, error) {
	lock, _, err := lockFile(filepath.Join(dir, publisherLock), true, false)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	m, err := readManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		m = &Manifest{Format: Format}
	} else if err != nil {
		return nil, err
	}
	if err := edit(m); err != nil {
		return nil, err
	}
	m.Seq++
	if err := publishSide(dir, m, nil); err != nil {
		return nil, err
	}
	if err := writeManifest(dir, m); err != nil {
		return nil, err
	}
	clean(dir, m, log)
	return m, nil
}

// publishSide writes a new side directory for the generations of m.
func publishSide(dir string, m *Manifest, runs map[string][]seenRun) error {
	ix := &Index{dir: dir}
	side := m.Side
	m.Side = 0
	v, err := ix.open(m, nil)
	if err != nil {
		return err
	}
	defer v.release()
	m.Side = side + 1
	return writeSide(dir, m.Side, v.shards, runs)
}

// clean removes the generations that are neither in the manifest nor in use. The caller holds the publisher lock.
func clean(dir string, m *Manifest, log *slog.Logger) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		log.Warn("cannot clean the index directory", "err", err)
		return
	}
	for _, e := range entries {
		if n, ok := numbered(sidePrefix, e.Name()); ok && n != m.Side {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				log.Warn("cannot remove an old side directory", "err", err)
			}
			continue
		}
		if _, ok := numbered(genPrefix, e.Name()); !ok || slices.ContainsFunc(m.Generations, func(g ManifestGeneration) bool { return g.Dir == e.Name() }) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		lock, free, err := lockFile(filepath.Join(path, readerLock), true, true)
		if err == nil && free {
			err = errors.Join(os.RemoveAll(path), lock.Close())
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
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	next := uint64(1)
	for _, e := range entries {
		if n, ok := numbered(genPrefix, e.Name()); ok && n >= next {
			next = n + 1
		}
	}
	g := &newGen{path: filepath.Join(dir, fmt.Sprintf("gen-%d", next))}
	if err := os.Mkdir(g.path, 0o755); err != nil {
		return nil, err
	}
	g.lock, _, err = lockFile(filepath.Join(g.path, readerLock), true, true)
	return g, err
}

// release lets readers in. The caller holds the publisher lock and puts the generation in force.
func (g *newGen) release() {
	g.lock.Close()
	g.lock = nil
}

// discard removes a generation that was not released.
func (g *newGen) discard() {
	if g.lock != nil {
		os.RemoveAll(g.path)
		g.lock.Close()
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

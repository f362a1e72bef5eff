package index

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"slices"
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
	// the pathname of the one before is left out with a warning. The source must not change a document that it has
	// yielded. An error that it yields leaves the server as it was. They may be asked for several times.
	Documents iter.Seq2[*Document, error]
}

// PublishOptions are the options of [Publish]. Nil and the zero value are the defaults.
type PublishOptions struct {
	Logger *slog.Logger // nil discards

	// Compact writes generations of small servers again that hold anything out of date or could be one; for the end
	// of a run. Without it that is done when more than a tenth of a generation is out of date, or small ones are many.
	Compact bool

	// Replace puts only the sources in force, whatever the index holds, even if it is damaged or of another format.
	Replace bool

	// Keep, if not nil, is asked of each server that was built whether it is to be put in force after all: building takes long, and
	// it may be wanted no more. Servers that it does not keep stay as they are in force, or out of the index with Replace. It is
	// asked while no other publisher, nor Drop, can change anything, and must not wait for one.
	Keep func(key string) bool

	// BleveSegments has bleve itself make the segments, which takes ten times as much work. Without it that is done only if
	// package segment finds that it does not know the format.
	BleveSegments bool

	segmentDocs int    // in a segment; 0: as many as there should be
	partDocs    int    // in a part of a segment that bleve makes; the same
	packDocs    uint32 // in a generation, at which another is begun; 0: as many as there should be
}

func (o *PublishOptions) logger() *slog.Logger {
	if o == nil || o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// Publish puts the documents of sources in force in the index directory dir, made if it does not exist: what the
// manifest held of these servers is replaced, all else is kept. When it returns an error and no manifest, what was
// published before is still in force; but if it is dir itself that could not be synced, what is new may be, and a crash of the
// machine may bring back what was before.
//
// A bad source, one that yields an error, documents out of order or bad names, does not keep the others from being
// published: its server is left as it was in force, or out of the index if it was not or with Replace. The error then
// joins a [*SourceError] for each, and comes with the manifest unless all sources are bad: then nothing changes. When
// ctx ends, that is the error, and nothing changes.
//
// A server whose documents are the ones in force, but for the times they were seen, stays in its generation. The
// others are built into new generations, which hold several servers if these are small. Several processes may build
// at once; they take turns in changing the manifest. Who comes late does not put older documents in force: but for Replace,
// a server whose ArchiveSeq is above that of its source stays as it is.
func Publish(ctx context.Context, dir string, sources []Source, opts *PublishOptions) (*Manifest, error) {
	if opts == nil {
		opts = &PublishOptions{}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	p := &publication{ctx: ctx, dir: dir, now: time.Now(), opts: opts, log: opts.logger(), moved: map[string]place{}}
	defer p.discard()
	if !opts.Replace {
		ix := &Index{dir: dir}
		v, err := ix.acquire()
		if err == nil {
			p.old = v
			ix.Close()
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	sources = slices.Clone(sources)
	slices.SortFunc(sources, func(a, b Source) int { return cmp.Compare(a.Server.Key(), b.Server.Key()) })
	bad, err := p.sources(sources)
	if err != nil {
		return nil, err
	}
	if len(bad) > 0 && len(bad) == len(sources) {
		return nil, errors.Join(bad...)
	}
	if err := p.compact(); err != nil {
		return nil, err
	}
	if p.twice > 0 {
		p.log.Warn("documents with the pathname of another left out", "documents", p.twice)
	}
	m, err := change(ctx, dir, p.log, opts.Replace, p.enact)
	if err != nil {
		return nil, err
	}
	return m, errors.Join(bad...)
}

// Drop takes the servers with these keys out of the index in dir. Keys that it does not hold are ignored.
func Drop(ctx context.Context, dir string, keys ...string) error {
	if ok, err := exists(dir); err != nil || !ok {
		return err
	}
	_, err := change(ctx, dir, (*PublishOptions)(nil).logger(), false, func(m *Manifest, _ map[string][]seenRun) error {
		m.drop(keys)
		return nil
	})
	return err
}

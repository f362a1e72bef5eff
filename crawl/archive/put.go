package archive

import (
	"bytes"
	"context"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

const (
	frameSize  = 1 << 20 // bytes of a listing in one zstd frame
	inlineSize = 1500    // compressed bytes kept in the record itself: several records share a page
	maxDetail  = 500     // bytes of the server's words kept
)

// prepared is a listing with everything worked out that does not need the transaction.
type prepared struct {
	listing  *crawl.Listing
	key      []byte
	sum      [16]byte
	version  *version // to be added; nil if there is nothing to add
	confirms bool     // the version with this sum is confirmed instead
	large    bool     // to be written in several transactions
	memory   int      // bytes held until it is committed
	first    bool     // of its directory, by a crawl

	// Names that the version before had not, by their hashes; nil: none.
	seed     maphash.Seed
	newNames []uint64 // of directories, sorted
}

// newIn returns what tells which children of p's directory have appeared since it was listed before: all, if it has
// appeared itself and this is its first listing.
func (p *prepared) newIn(tx *bolt.Tx) func(crawl.Dir) bool {
	all := p.first && isNewDir(tx, p.listing.Dir)
	if all || p.newNames == nil {
		return func(crawl.Dir) bool { return all }
	}
	return func(d crawl.Dir) bool {
		_, ok := slices.BinarySearch(p.newNames, maphash.String(p.seed, d.Path[strings.LastIndexByte(d.Path, '/')+1:]))
		return ok
	}
}

// isNewDir reports whether the directory, which is on the frontier, appeared in one that was known.
func isNewDir(tx *bolt.Tx, d crawl.Dir) bool {
	return bytes.Equal(tx.Bucket(bucketPending).Get(pendingKey(d)), appeared)
}

// Put implements [crawl.Store]. The work that takes time, comparing and compressing, is done here, by
// as many goroutines as crawl; the committer only writes.
func (a *Archive) Put(ctx context.Context, l *crawl.Listing) error {
	p, err := a.prepare(l)
	if err == nil {
		err = a.committer.reserve(ctx, p.memory)
	}
	if err != nil {
		l.Close()
		return err
	}
	a.mu.Lock()
	a.ahead.Add(l)
	if p.confirms {
		a.ahead.Unchanged++
	}
	a.mu.Unlock()
	a.committer.jobs <- job{put: p}
	return nil
}

func (a *Archive) prepare(l *crawl.Listing) (*prepared, error) {
	p := &prepared{listing: l, key: dirKey(l.Dir.Path), memory: 300 + len(l.Dir.Path)}
	if l.Status == crawl.Failed || l.Spool == nil {
		return p, nil
	}
	var old record
	err := a.view(func(tx *bolt.Tx) (err error) {
		old, err = decodeRecord(tx.Bucket(bucketListings).Get(p.key))
		return err
	})
	if err != nil {
		return nil, err
	}
	_, inMemory := l.Spool.Bytes()
	p.large = !inMemory || l.Many()
	if !p.large && !l.NoFollow {
		for d := range l.Children() {
			p.memory += 48 + len(d.Path)
		}
	}
	p.sum = l.Spool.Sum()
	for i := range old.versions {
		if v := &old.versions[i]; v.sum == p.sum && (v.status == l.Status || v.status == crawl.Whole) {
			if v != old.current(a.Seq()) && l.Status == crawl.Whole {
				break // it went back to what it was: a version of its own
			}
			p.confirms = true
			break
		}
	}
	current := old.current(a.Seq())
	if l.Status == crawl.Unconfirmed && current != nil {
		// An older version is more to be trusted than one of which the end may be missing.
		return p, nil
	}
	if p.confirms {
		return p, a.release(p)
	}
	if l.NoFollow && current != nil && unix(l.Start) < current.confirmed {
		l.Reason = crawl.Superseded
		return p, a.release(p)
	}
	p.version = &version{
		firstSeen: unix(l.Start),
		confirmed: unix(l.Start),
		status:    l.Status,
		form:      l.Form,
		sum:       p.sum,
		size:      l.Spool.Len(),
		entries:   l.Entries,
	}
	p.first = current == nil && !l.NoFollow
	if p.version.runs, err = a.runs(p, &old, current); err != nil {
		return nil, err
	}
	slices.Sort(p.newNames)
	p.memory += 8 * len(p.newNames)
	if l.Form == crawl.JSONForm {
		if err := p.version.exported(l); err != nil {
			return nil, err
		}
	}
	if data, ok := l.Spool.Bytes(); ok {
		p.version.data = compress(data)
		p.memory += len(p.version.data)
	}
	return p, a.release(p)
}

// release gives back the memory of the listing's bytes once they are not needed any more.
func (a *Archive) release(p *prepared) error {
	if p.large {
		p.memory += 64 << 10
		return nil
	}
	return p.listing.Close()
}

// runs says when each name of p's listing first appeared: as the current version has it, at l.Start where that is whole and has not
// got the name. For the first listing of a directory it is not known, unless the directory is new itself, which only
// the frontier knows, see store. A dump tells nothing at all before the archive is complete for the first time.
func (a *Archive) runs(p *prepared, old *record, current *version) ([]run, error) {
	l := p.listing
	if current == nil {
		a.mu.Lock()
		complete := !a.meta.Since.IsZero()
		a.mu.Unlock()
		if l.NoFollow && complete && old.attempt.round == 0 {
			return []run{{l.Entries, unix(l.Start)}}, nil
		}
		return []run{{l.Entries, 0}}, nil
	}
	p.seed = maphash.MakeSeed()
	if max(current.entries, l.Entries) > largeDir {
		return a.runsLarge(p, current)
	}
	before := make(map[uint64]former, current.entries)
	for e, err := range a.listed(l.Dir.Path, current) {
		if err != nil {
			return nil, err
		}
		before[maphash.String(p.seed, e.entry.Name)] = former{true, e.entry.IsDir(), e.added}
	}
	var runs []run
	for e, err := range a.named(l) {
		if err != nil {
			return nil, err
		}
		hash := maphash.String(p.seed, e.Name)
		runs = appendRun(runs, p.added(hash, before[hash], e.IsDir(), current))
	}
	return runs, nil
}

// A former is what the version before had under a name.
type former struct {
	there, isDir bool
	added        int64
}

// added returns when the name with this hash appeared, and notes directories that have.
func (p *prepared) added(hash uint64, was former, isDir bool, current *version) int64 {
	fresh := !was.there && current.status == crawl.Whole // otherwise it may have been beyond the cut
	if isDir && (fresh || was.there && !was.isDir) {
		p.newNames = append(p.newNames, hash)
	}
	if fresh {
		return unix(p.listing.Start)
	}
	return was.added
}

// named yields the entries of l, with SyntaxErrors left out.
func (a *Archive) named(l *crawl.Listing) iter.Seq2[parse.Entry, error] {
	return func(yield func(parse.Entry, error) bool) {
		for e, err := range crawl.Entries(l.Spool.NewReader(), l.Dir.Path, l.Form, a.ParseOptions(l.Start)) {
			if err != nil && !crawl.IsSyntax(err) {
				yield(e, err)
				return
			}
			if e.Name != "" && !yield(e, nil) {
				return
			}
		}
	}
}

// exported takes over when l was first seen and when its entries were added, where its lines say so.
func (v *version) exported(l *crawl.Listing) error {
	// Mostly no line says when its name was added: then only the first one is read, which may be about the directory.
	data, inMemory := l.Spool.Bytes()
	plain := inMemory && !bytes.Contains(data, []byte(`"added":`)) && bytes.LastIndex(data, []byte(`"listing":`)) <= 1
	known := runReader{runs: v.runs}
	var runs []run
	for r, err := range crawl.Records(l.Spool.NewReader()) {
		if err != nil {
			if !crawl.IsSyntax(err) {
				return err
			}
			continue
		}
		if r.Listing != nil {
			v.firstSeen = unix(r.Listing.FirstSeen)
		}
		if plain {
			return nil
		}
		if r.Listing != nil {
			continue
		}
		added := known.next()
		if !r.Added.IsZero() {
			added = unix(r.Added)
		}
		runs = appendRun(runs, added)
	}
	v.runs = runs
	return nil
}

func appendRun(runs []run, added int64) []run {
	if n := len(runs); n > 0 && runs[n-1].added == added {
		runs[n-1].n++
		return runs
	}
	return append(runs, run{1, added})
}

// A runReader gives the times of entries one after the other.
type runReader struct {
	runs []run
	used int64 // of the first
}

func (r *runReader) next() int64 {
	for len(r.runs) > 0 && r.used >= r.runs[0].n {
		r.runs, r.used = r.runs[1:], 0
	}
	if len(r.runs) == 0 {
		return 0
	}
	r.used++
	return r.runs[0].added
}

// open returns a reader of the bytes of v. Frames are read as they are needed, each in a transaction
// of its own.
func (a *Archive) open(v *version) (io.Reader, error) {
	if v.frames == 0 {
		data, err := decompress(v.data)
		if err != nil {
			return nil, a.damaged(err)
		}
		return &frameReader{data: data}, nil
	}
	return &frameReader{a: a, id: v.id, frames: v.frames}, nil
}

type frameReader struct {
	a            *Archive
	id           uint64
	next, frames uint32
	data         []byte
}

func (r *frameReader) Read(p []byte) (int, error) {
	for len(r.data) == 0 {
		if r.next == r.frames {
			return 0, io.EOF
		}
		err := r.a.view(func(tx *bolt.Tx) (err error) {
			data := tx.Bucket(bucketFrames).Get(frameKey(r.id, r.next))
			if data == nil {
				return errRecord
			}
			if r.data, err = decompress(data); err != nil {
				err = r.a.damaged(err)
			}
			return err
		})
		if err != nil {
			return 0, err
		}
		r.next++
	}
	n := copy(p, r.data)
	r.data = r.data[n:]
	return n, nil
}

// EncodeAll and DecodeAll keep no state between calls; one of each serves all archives, so that the
// memory of their tables does not grow with the number of servers.
var (
	zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithWindowSize(frameSize), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic(err) // options that are constants
		}
		return e
	})
	zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(2*frameSize))
		if err != nil {
			panic(err)
		}
		return d
	})
)

func compress(p []byte) []byte { return zstdEncoder().EncodeAll(p, make([]byte, 0, len(p)/4+64)) }

func decompress(p []byte) ([]byte, error) { return zstdDecoder().DecodeAll(p, nil) }

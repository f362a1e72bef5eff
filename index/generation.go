package index

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// errGone says that a generation was removed between reading the manifest and opening it.
var errGone = errors.New("index: generation is gone")

// A generation is an open generation directory. Everything in it is read-only and may be used by several goroutines.
type generation struct {
	dir     string
	lock    *fileLock
	refs    atomic.Int32
	docs    uint32
	built   time.Time
	servers []openServer // by first document
	blocks  *blockFile
	dirs    *dirFile
	cols    *columns
	copies  *copyFile
	segs    []openSegment
	checked
}

type openServer struct {
	key         string
	first, docs uint32
	server      *Server
}

type openSegment struct {
	first uint32 // number of its first document in the generation
	seg   segment.Segment
}

// openGeneration opens and locks dir. The error is errGone if the directory or its lock is not to be had.
func openGeneration(dir string) (_ *generation, err error) {
	lock, ok, err := lockFile(filepath.Join(dir, readerLock), false, true)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !ok {
		return nil, errGone
	} else if err != nil {
		return nil, err
	}
	g := &generation{dir: dir, lock: lock}
	g.refs.Store(1)
	defer func() {
		if err != nil {
			g.release()
		}
	}()
	info, err := readInfo(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range info.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if st, err := os.Stat(path); err != nil {
			return nil, &FileError{path, err}
		} else if st.Size() != f.Size {
			return nil, corrupt(path, "%d bytes, not %d", st.Size(), f.Size)
		}
	}
	g.docs, g.built = uint32(info.Docs), info.Built
	for _, s := range info.Servers {
		srv := &Server{s.Scheme, s.User, s.Host, s.Port, s.LoginDir, s.Charset}
		g.servers = append(g.servers, openServer{srv.Key(), uint32(s.First), uint32(s.Docs), srv})
	}
	if g.blocks, err = openBlocks(filepath.Join(dir, blocksName)); err != nil {
		return nil, err
	}
	if g.dirs, err = openDirs(filepath.Join(dir, dirsName)); err != nil {
		return nil, err
	}
	if g.cols, err = openColumns(dir); err != nil {
		return nil, err
	}
	if g.copies, err = openCopies(filepath.Join(dir, copiesName)); err != nil {
		return nil, err
	}
	if g.blocks.n != info.Docs || g.cols.n != g.docs {
		return nil, corrupt(dir, "%d documents in blocks and %d in columns, not %d", g.blocks.n, g.cols.n, info.Docs)
	}
	var names []string
	for _, f := range info.Files {
		if filepath.Ext(f.Name) == ".zap" {
			names = append(names, filepath.Join(dir, filepath.FromSlash(f.Name)))
		}
	}
	slices.Sort(names)
	n := uint64(0)
	for _, name := range names {
		var s segment.Segment
		err := guard(name, func() (err error) {
			s, err = zapPlugin.Open(name)
			return err
		})
		var fe *FileError
		if err != nil && !errors.As(err, &fe) {
			err = corrupt(name, "%v", err)
		}
		if err != nil {
			return nil, err
		}
		g.segs = append(g.segs, openSegment{uint32(n), s})
		n += s.Count()
	}
	if n != uint64(info.Docs) {
		return nil, corrupt(filepath.Join(dir, storeDir), "%d documents, not %d", n, info.Docs)
	}
	return g, nil
}

// readInfo reads generation.json, strictly, as readManifest does. The error is errGone if it is not there.
func readInfo(dir string) (*generationInfo, error) {
	path := filepath.Join(dir, generationName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	} else if err != nil {
		return nil, err
	}
	info := new(generationInfo)
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	bad := dec.Decode(info)
	if bad != nil { // another format may have other fields
		_ = json.Unmarshal(b, &struct{ Format *int }{&info.Format})
	}
	switch {
	case bad != nil && (info.Format == Format || info.Format == 0):
		return nil, corrupt(path, "%v", bad)
	case info.Format != Format:
		return nil, &FileError{path, fmt.Errorf("%w: version %d, this program reads %d", ErrVersion, info.Format, Format)}
	}
	if crc, err := info.crc(); err != nil || info.CRC != crc {
		return nil, corrupt(path, "the checksum is wrong")
	}
	return info, nil
}

func (g *generation) acquire() { g.refs.Add(1) }

// release gives up one use of g; the last closes it.
func (g *generation) release() error {
	if g.refs.Add(-1) > 0 {
		return nil
	}
	var errs []error
	for _, s := range g.segs {
		errs = append(errs, s.seg.Close())
	}
	if g.blocks != nil {
		errs = append(errs, g.blocks.m.Close())
	}
	if g.dirs != nil {
		errs = append(errs, g.dirs.m.Close())
	}
	if g.cols != nil {
		g.cols.close()
	}
	if g.copies != nil {
		errs = append(errs, g.copies.m.Close())
	}
	return errors.Join(append(errs, g.lock.Close())...)
}

// serverOf returns the server of document n.
func (g *generation) serverOf(n uint32) *openServer {
	i, ok := slices.BinarySearchFunc(g.servers, n, func(s openServer, n uint32) int {
		switch {
		case s.first+s.docs <= n:
			return -1
		case s.first > n:
			return 1
		}
		return 0
	})
	if !ok {
		return &openServer{server: &Server{}}
	}
	return &g.servers[i]
}

// A docReader reads documents of a shard; neighbours cost little. It is used by one goroutine.
type docReader struct {
	s      *shard
	block  int // that raw holds; -1: none
	raw    []byte
	n      int        // documents of the block
	docs   []Document // all of the block, if whole
	whole  bool
	one    []Document
	dir    int // of the last document
	lo, hi uint32
	path   string
}

func newDocReader(s *shard) *docReader { return &docReader{s: s, block: -1, dir: -1} }

// at returns document n. It is a copy; its strings may share memory with others of its block.
func (r *docReader) at(n uint32) (d Document, err error) {
	i, k := int(n/blockDocs), int(n%blockDocs)
	switch {
	case i != r.block: // most are read alone
		r.block, r.whole = -1, false
		if r.raw, r.n, err = r.s.blocks.unpack(i, r.raw); err != nil {
			return d, err
		}
		if r.one, err = decodeBlock(r.one, r.raw, r.n, k); err != nil {
			return d, &FileError{r.s.blocks.m.path, err}
		}
		r.block, d = i, r.one[0]
	case !r.whole:
		if r.docs, err = decodeBlock(r.docs, r.raw, r.n, -1); err != nil {
			return d, &FileError{r.s.blocks.m.path, err}
		}
		r.whole = true
		fallthrough
	default:
		d = r.docs[k]
	}
	d.Server = r.s.serverOf(n).server
	if n < r.lo || n >= r.hi || r.dir < 0 {
		r.dir = r.s.dirs.of(n)
		if r.dir < 0 {
			return d, corrupt(r.s.dirs.m.path, "document %d is in no directory", n)
		}
		r.lo, r.hi = r.s.dirs.u32(r.dir, 1), r.s.dirs.u32(r.dir, 2)
		r.path = r.s.dirs.path(r.dir)
	}
	d.Dir = r.path
	d.Seen = r.s.seenAt(n)
	d.Copies = r.s.copiesOf(n)
	return d, nil
}

package index

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/index/query"
)

// Files of a generation beside its bleve index.
const (
	generationName = "generation.json"
	blocksName     = "blocks"
	dirsName       = "dirs"
)

// generationInfo is the file generation.json. It is written last: a directory without it is not a generation.
type generationInfo struct {
	Format  int                `json:"format"`
	Built   time.Time          `json:"built"` // stands for the time seen of documents where that is not known
	Docs    int                `json:"docs"`
	Servers []generationServer `json:"servers"`
	Files   []generationFile   `json:"files"`  // all others but the lock
	CRC     uint32             `json:"crc32c"` // of all the rest, as compact JSON
}

// crc returns the checksum of all of g but the checksum.
func (g *generationInfo) crc() (uint32, error) {
	rest := *g
	rest.CRC = 0
	return jsonSum(rest)
}

// A generationFile says what a file of a generation must be.
type generationFile struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	CRC  uint32 `json:"crc32c"`
}

type generationServer struct {
	Scheme   string `json:"scheme"`
	User     string `json:"user,omitempty"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	LoginDir string `json:"login_dir,omitempty"`
	Charset  string `json:"charset,omitempty"`
	First    int    `json:"first"`
	Docs     int    `json:"docs"`
}

// maxDocs is how many documents a generation holds at most.
const maxDocs = 1 << 30

// A builder writes documents, given in document order, into a new generation. It is used by one goroutine; inverting
// goes on in others.
type builder struct {
	dir    string
	blocks *blockWriter
	names  *fileWriter
	tmp    scratch
	dirs   dirTable
	cols   columnsBuilder
	copies copyTable
	segs   segmentWriter
	info   generationInfo
	n      uint32

	server *Server // current
	seq    sequence
	twice  int // documents left out because their pathname had just been added
}

// newBuilder writes into dir, which is there and empty but for its lock. Now is the time of the publication.
func newBuilder(dir string, now time.Time, o *PublishOptions) (*builder, error) {
	b := &builder{dir: dir, info: generationInfo{Format: Format, Built: now.UTC()}}
	f, err := createFile(filepath.Join(dir, blocksName))
	if err != nil {
		return nil, err
	}
	if b.blocks, err = newBlockWriter(f); err != nil {
		f.abort()
		return nil, err
	}
	if b.names, err = createFile(filepath.Join(dir, namesName)); err != nil {
		f.abort()
		return nil, err
	}
	b.tmp.dir = dir
	b.cols = newColumnsBuilder(b.names, &b.tmp, now)
	b.copies.byHash.scratch = &b.tmp
	if b.segs, err = newSegmentWriter(dir, o); err != nil {
		b.abort()
		return nil, err
	}
	return b, nil
}

// begin starts the documents of a server. Servers come in the order of their keys.
func (b *builder) begin(s *Server) error {
	key := s.Key()
	if k := len(b.info.Servers); k > 0 {
		if key <= b.seq.key {
			return fmt.Errorf("index: server %s after %s", key, b.seq.key)
		}
		b.info.Servers[k-1].Docs = int(b.n) - b.info.Servers[k-1].First
	}
	b.server, b.seq = s, newSequence(key)
	b.info.Servers = append(b.info.Servers, generationServer{s.Scheme, s.User, s.Host, s.Port, s.LoginDir, s.Charset, int(b.n), 0})
	b.dirs.begin(b.n)
	return nil
}

// add appends the next document of the current server. A document with the pathname of the one before is left out and counted.
// The error is a *SourceError if d cannot be the next one.
func (b *builder) add(d *Document) error {
	repeated, err := b.seq.next(d)
	switch {
	case err != nil:
		return &SourceError{b.seq.key, err}
	case repeated:
		b.twice++
		return nil
	case b.n == maxDocs:
		return &SourceError{b.seq.key, fmt.Errorf("more than %d documents in a generation", maxDocs)}
	}
	if d.Size < -1 || d.Size >= 0 && (d.Type == Dir || d.Type == Link) {
		c := *d
		c.Size = -1
		d = &c
	}
	b.dirs.add(b.n, d)
	if err := b.blocks.add(d); err != nil {
		return err
	}
	text := b.server.text(d.Name)
	name := query.Fold(text)
	if err := b.cols.add(d, name, text); err != nil {
		return err
	}
	if err := b.copies.add(b.n, d); err != nil {
		return err
	}
	b.n++
	terms := termsOf(d, name, b.seq.key, b.server)
	terms.Up, terms.Down = b.dirs.moves()
	for i, dir := range terms.Down {
		terms.Down[i] = query.Fold(b.server.text(dir))
	}
	return b.segs.add(terms)
}

// close writes and syncs everything; then the generation can be put in force.
func (b *builder) close() error {
	if k := len(b.info.Servers); k > 0 {
		b.info.Servers[k-1].Docs = int(b.n) - b.info.Servers[k-1].First
	}
	b.info.Docs = int(b.n)
	b.dirs.finish(b.n)
	var segs errgroup.Group // writing the last segment takes about as long as all the rest
	segs.Go(b.segs.close)
	for _, write := range []func() error{
		b.blocks.close, b.names.close, b.writeDirs, b.writeColumns,
		func() error { return b.copies.write(b.dir) }, b.tmp.remove,
	} {
		if err := write(); err != nil {
			segs.Wait()
			return err
		}
	}
	if err := segs.Wait(); err != nil {
		return err
	}
	if err := b.writeInfo(); err != nil {
		return err
	}
	return syncDir(b.dir)
}

func (b *builder) writeDirs() error { return b.dirs.write(filepath.Join(b.dir, dirsName)) }

func (b *builder) writeColumns() error {
	blocks, err := openBlocks(filepath.Join(b.dir, blocksName))
	if err != nil {
		return err
	}
	defer blocks.m.Close()
	nameAt := func(n uint32) (string, error) {
		raw, size, err := blocks.unpack(int(n/blockDocs), nil)
		if err != nil {
			return "", err
		}
		docs, err := decodeBlock(nil, raw, size, int(n%blockDocs))
		if err != nil {
			return "", err
		}
		return docs[0].Name, nil
	}
	return b.cols.write(b.dir, func(yield func(uint32) error) error { return b.dirs.byPath(nameAt, yield) })
}

func (b *builder) writeInfo() (err error) {
	if b.info.Files, err = sumFiles(b.dir); err != nil {
		return err
	}
	if b.info.CRC, err = asRead(&b.info).crc(); err != nil {
		return err
	}
	info, err := json.Marshal(b.info)
	if err != nil {
		return err
	}
	return writeFileSync(filepath.Join(b.dir, generationName), info)
}

// abort gives up; the caller removes the directory.
func (b *builder) abort() {
	b.tmp.remove()
	b.blocks.w.abort()
	if b.names != nil {
		b.names.abort()
	}
	if b.segs != nil {
		b.segs.abort()
	}
}

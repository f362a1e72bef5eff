package index

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	Docs    int                `json:"docs"`
	Servers []generationServer `json:"servers"`
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

// A builder writes documents, given in document order, into a new generation. It is used by one goroutine.
type builder struct {
	dir     string
	file    *os.File
	buf     *bufio.Writer
	blocks  *blockWriter
	dirs    dirTable
	segs    segmentWriter
	info    generationInfo
	n       uint32
	host    string // key of the current server
	lastDir string
	last    string // name of the last document
	twice   int    // documents left out because their pathname had just been added
}

// newBuilder writes into dir, which is there and empty but for its lock.
func newBuilder(dir string) (*builder, error) {
	f, err := os.OpenFile(filepath.Join(dir, blocksName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	b := &builder{dir: dir, file: f, buf: bufio.NewWriterSize(f, 1<<18), info: generationInfo{Format: Format}}
	if b.blocks, err = newBlockWriter(b.buf); err == nil {
		b.segs, err = newBleveWriter(dir)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return b, nil
}

// begin starts the documents of a server. Servers come in the order of their keys.
func (b *builder) begin(s *Server) error {
	key := s.Key()
	if k := len(b.info.Servers); k > 0 {
		if key <= b.host {
			return fmt.Errorf("index: server %s after %s", key, b.host)
		}
		b.info.Servers[k-1].Docs = int(b.n) - b.info.Servers[k-1].First
	}
	b.host, b.lastDir, b.last = key, "/", ""
	b.info.Servers = append(b.info.Servers, generationServer{s.Scheme, s.User, s.Host, s.Port, s.LoginDir, s.Charset, int(b.n), 0})
	b.dirs.begin(b.n)
	return nil
}

// add appends the next document of the current server. A document with the pathname of the one before is left out and counted.
func (b *builder) add(d *Document) error {
	if err := checkPath(d); err != nil {
		return err
	}
	c := 0
	if d.Dir != b.lastDir {
		c = compareDirs(b.lastDir, d.Dir)
	}
	if c == 0 {
		c = strings.Compare(b.last, d.Name)
	}
	switch {
	case c == 0:
		b.twice++
		return nil
	case c > 0:
		return fmt.Errorf("index: documents of %s out of order: %q in %q after %q in %q", b.host, d.Name, d.Dir, b.last, b.lastDir)
	case b.n == maxDocs:
		return fmt.Errorf("index: more than %d documents in a generation", maxDocs)
	}
	b.lastDir, b.last = d.Dir, d.Name
	b.dirs.add(b.n, d)
	if err := b.blocks.add(d); err != nil {
		return err
	}
	t := termsOf(d, foldName(d), b.host)
	b.n++
	return b.segs.add(&t)
}

func checkPath(d *Document) error {
	switch {
	case d.Name == "" || d.Name == "." || d.Name == ".." || strings.Contains(d.Name, "/"):
		return fmt.Errorf("index: bad name %q in %q", d.Name, d.Dir)
	case d.Dir == "/":
		return nil
	case !strings.HasPrefix(d.Dir, "/") || strings.HasSuffix(d.Dir, "/") || strings.Contains(d.Dir, "//"):
		return fmt.Errorf("index: bad directory %q", d.Dir)
	}
	return nil
}

// close writes and syncs everything; then the generation can be put in force.
func (b *builder) close() error {
	if k := len(b.info.Servers); k > 0 {
		b.info.Servers[k-1].Docs = int(b.n) - b.info.Servers[k-1].First
	}
	b.info.Docs = int(b.n)
	b.dirs.finish(b.n)
	dirs, err := b.dirs.bytes()
	if err != nil {
		return errors.Join(err, b.file.Close())
	}
	err = errors.Join(b.blocks.close(), b.buf.Flush(), b.file.Sync(), b.file.Close())
	if err == nil {
		err = writeFileSync(filepath.Join(b.dir, dirsName), dirs)
	}
	if err == nil {
		err = b.segs.close()
	}
	if err != nil {
		return err
	}
	info, err := json.Marshal(b.info)
	if err != nil {
		return err
	}
	if err := writeFileSync(filepath.Join(b.dir, generationName), info); err != nil {
		return err
	}
	return syncDir(b.dir)
}

// abort gives up; the caller removes the directory.
func (b *builder) abort() { b.file.Close() }

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
)

// A dump comes from a stranger: what it may become when it is unpacked is bounded, and so is what is fetched.
const (
	maxFetched    = 4 << 30 // bytes of a dump on a server
	unpackedFree  = 1 << 30 // bytes that any dump may become
	unpackedRatio = 200     // and for each byte that it has; ls -lR shrinks to a twentieth, of thousands of equal names to a hundredth
)

// A dump is one that import has opened.
type dump struct {
	io.ReadCloser
	size     int64     // bytes; -1: not known
	made     time.Time // zero: not known
	loginDir string    // of the server that it was fetched from
}

// isURL reports whether a dump is to be fetched.
func isURL(name string) bool {
	scheme, _, ok := strings.Cut(name, "://")
	return ok && !strings.ContainsAny(scheme, `/\.`)
}

// openDump opens a file, or standard input.
func openDump(ctx context.Context, e *env, name string) (*dump, error) {
	if name == "-" {
		return &dump{ReadCloser: io.NopCloser(e.input(ctx)), size: -1}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err) // the caller names the file
	}
	d := &dump{ReadCloser: f, size: -1}
	if info, err := f.Stat(); err == nil {
		d.made = info.ModTime()
		if info.Mode().IsRegular() {
			d.size = info.Size()
		}
		if info.IsDir() {
			f.Close()
			return nil, withHint(errors.New("it is a directory"), "name the files in it")
		}
	}
	return d, nil
}

// fetchDump fetches a file over one connection, which is gone when it returns, as long as there is room for it. Progress is
// told how much has come.
func fetchDump(ctx context.Context, dialer *ftpconn.Dialer, seed crawl.Seed, room func() error, progress func(n int64)) (*dump, error) {
	conn, err := dialer.Dial(ctx, seed.Server)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r, ok := conn.(crawl.Retriever)
	if !ok {
		return nil, errors.New("the connection fetches no files")
	}
	d := &dump{loginDir: conn.Hello().LoginDir}
	name := seed.Resolve(d.loginDir)
	if made, err := r.ModTime(ctx, name); err == nil { // else the file may be read all the same
		d.made = made
	}
	spool := &crawl.Spool{Room: room}
	if _, _, err = r.Retrieve(ctx, name, &meter{w: spool, add: progress}, maxFetched); err != nil {
		spool.Close()
		if errors.Is(err, ftpconn.ErrTooLong) {
			err = fmt.Errorf("%s is longer than %s", name, humanSize(maxFetched))
		}
		return nil, err
	}
	d.ReadCloser, d.size = spooled{spool.NewReader(), spool}, spool.Len()
	return d, nil
}

// spooled reads a spool and closes it.
type spooled struct {
	io.Reader
	io.Closer
}

// dumpBase returns the directory that a dump on a server is a dump of: the one that it lies in, or the one around it where
// that is kept for such files.
func dumpBase(file string) string {
	dir := path.Dir(file)
	if path.Base(dir) == "indices" {
		return path.Dir(dir)
	}
	return dir
}

// A meter tells how much goes through it.
type meter struct {
	r   io.Reader
	w   io.Writer
	add func(n int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.add(int64(n))
	return n, err
}

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.add(int64(n))
	return n, err
}

// A bounded reader reads what is unpacked, until it is out of all proportion to what that came from, or the context ends.
type bounded struct {
	ctx    context.Context
	r      io.Reader
	packed *atomic.Int64 // bytes read so far of what it comes from
	free   int64
	ratio  int64
	n      int64
}

// errBomb says that a dump is not worth unpacking.
var errBomb = fmt.Errorf("it unpacks to more than %d times its size, which no listing does", unpackedRatio)

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.n > b.free+b.ratio*b.packed.Load() {
		return 0, errBomb
	}
	n, err := b.r.Read(p)
	b.n += int64(n)
	return n, err
}

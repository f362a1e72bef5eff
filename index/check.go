package index

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/index/query"
)

// guard calls f, and turns a panic into an error: damaged segments and bitmaps make the libraries that read them panic, and a file
// that was cut short makes mapped memory fault.
func guard(dir string, f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = corrupt(dir, "%v", r)
		}
	}()
	return f()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumFiles returns what the files of a generation are, but for its lock and generation.json.
func sumFiles(dir string) (files []generationFile, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == readerLock || name == generationName {
			return err
		}
		f, err := sumFile(path, nil)
		f.Name = filepath.ToSlash(name)
		files = append(files, f)
		return err
	})
	return files, err
}

// sumFile reads a file, at a pace unless that is nil.
func sumFile(path string, p *pace) (f generationFile, err error) {
	r, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer r.Close()
	f.CRC, f.Size, err = sumReader(r, p)
	return f, err
}

// sumReader reads to the end of r, at a pace unless that is nil.
func sumReader(r io.Reader, p *pace) (crc uint32, size int64, err error) {
	h := crc32.New(castagnoli)
	if p != nil {
		r = &pacedReader{r, p}
	}
	size, err = io.Copy(h, r)
	return h.Sum32(), size, err
}

// CheckOptions are the options of [Check]. Nil and the zero value are the defaults.
type CheckOptions struct {
	Samples int // documents whose queries are tried on each generation; 0: 20; negative: none
}

// A CheckReport is what [Check] has looked at, and the damage it has found.
type CheckReport struct {
	Generations int
	Docs        int
	Queries     int
	Damage      []error // each says which file, and the command that repairs
}

// Check looks at everything in the index in dir: the checksums of all files; whether all entry blocks can be unpacked, and names and
// counts agree; and whether queries for a sample of documents find exactly what a scan of all documents finds. The error says that
// checking was not possible; damage is in the report.
func Check(ctx context.Context, dir string, opts *CheckOptions) (*CheckReport, error) {
	samples := 20
	if opts != nil && opts.Samples != 0 {
		samples = max(opts.Samples, 0)
	}
	rep := &CheckReport{}
	ix := &Index{dir: dir}
	defer ix.Close()
	v, err := ix.acquire()
	var fe *FileError
	if errors.As(err, &fe) {
		rep.Damage = append(rep.Damage, err)
		return rep, nil
	} else if err != nil {
		return nil, err
	}
	defer v.release()
	for _, s := range v.shards {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		damage := append(checkFiles(s.dir, nil), s.side.check(nil)...)
		if len(damage) == 0 {
			err := guard(s.dir, func() error { return checkDocuments(ctx, s, samples, rep) })
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err != nil {
				damage = append(damage, err)
			}
		}
		rep.Generations++
		rep.Docs += int(s.live.GetCardinality())
		rep.Damage = append(rep.Damage, damage...)
	}
	return rep, nil
}

// checkFiles compares the files of a generation with what they were when it was built, reading them at a pace unless that is nil.
func checkFiles(dir string, p *pace) (damage []error) {
	info, err := readInfo(dir)
	if errors.Is(err, errGone) { // it is open, so no publisher has removed it
		err = corrupt(filepath.Join(dir, generationName), "the file is missing")
	}
	if err != nil {
		return []error{err}
	}
	for _, want := range info.Files {
		path := filepath.Join(dir, filepath.FromSlash(want.Name))
		got, err := sumFile(path, p)
		switch {
		case err != nil:
			damage = append(damage, &FileError{path, err})
		case got.Size != want.Size || got.CRC != want.CRC:
			damage = append(damage, corrupt(path, "the checksum is wrong"))
		}
	}
	return damage
}

// checkDocuments reads all documents of s, and holds queries for some of them against what they select.
func checkDocuments(ctx context.Context, s *shard, samples int, rep *CheckReport) error {
	type sample struct {
		expr    query.Expr
		selects func(*Document) bool
		count   uint64
	}
	var list []sample
	r := newDocReader(s)
	live := s.live.GetCardinality()
	for i := range uint64(samples) {
		n, err := s.live.Select(uint32(i * live / uint64(samples)))
		if err != nil {
			break // nothing is in force
		}
		d, err := r.at(n)
		if err != nil {
			return err
		}
		for _, e := range queriesFor(&d) {
			list = append(list, sample{expr: e, selects: Matcher(e)})
		}
	}
	texts := textReader{c: s.cols}
	for n := range s.docs {
		if n&1023 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		d, err := r.at(n)
		if err != nil {
			return err
		}
		if name := query.Fold(d.NameText()); name != string(s.cols.nameOf(n)) {
			return corrupt(s.cols.nm.path, "document %d is named %q, not %q", n, s.cols.nameOf(n), name)
		} else if ext := extensionOf(d.Type, name); ext != s.cols.extOf(n) {
			return corrupt(s.cols.m.path, "document %d has the extension %q, not %q", n, s.cols.extOf(n), ext)
		}
		if text, ok := texts.at(n); ok && text != d.NameText() {
			return corrupt(s.cols.m.path, "document %d is named %q, not %q", n, text, d.NameText())
		}
		if !s.live.Contains(n) {
			continue
		}
		for i := range list {
			if list[i].selects(&d) {
				list[i].count++
			}
		}
	}
	e := newEvaluator(s, &budget{ctx: ctx}, usualLimits)
	for _, q := range list {
		rep.Queries++
		got, err := e.eval(q.expr, s.live)
		if err != nil {
			return err
		}
		if n := got.GetCardinality(); n != q.count {
			return corrupt(s.dir, "%s finds %d documents of %d", q.expr, n, q.count)
		}
	}
	return nil
}

// queriesFor returns queries that select d, each by other files of the index.
func queriesFor(d *Document) []query.Expr {
	name := query.Fold(d.NameText())
	part := name
	for utf8.RuneCountInString(part) > 5 {
		_, n := utf8.DecodeRuneInString(part)
		part = part[n:]
	}
	list := []query.Expr{
		&query.Text{Field: query.Name, Mode: query.Is, Value: name},
		&query.Text{Field: query.Type, Mode: query.Is, Value: d.Type.String()},
		&query.Text{Field: query.In, Mode: query.Has, Value: query.Fold(d.DirText())},
	}
	if part != "" { // some names fold to nothing
		list = append(list, &query.Text{Field: query.Name, Mode: query.Has, Value: part})
	}
	if ext := query.LastExt(name); ext != "" && d.Type != Dir {
		list = append(list, &query.Text{Field: query.Ext, Mode: query.Has, Value: ext})
	}
	if d.Size >= 0 {
		list = append(list, &query.Number{Field: query.Size, Lo: d.Size / 2, Hi: d.Size})
	}
	if !d.ModTime.IsZero() {
		at := d.ModTime.Truncate(time.Second)
		list = append(list, &query.Date{Field: query.Mtime, From: at, To: at.AddDate(0, 3, 0)})
	}
	return slices.Clip(list)
}

// String says what was checked.
func (r *CheckReport) String() string {
	return fmt.Sprintf("%d documents in %d generations, %d queries", r.Docs, r.Generations, r.Queries)
}

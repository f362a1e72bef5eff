package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// ImportOptions say what a dump is a dump of.
type ImportOptions struct {
	// Server whose archive the dump goes to. The zero value is for NDJSON whose lines name it by
	// "host"; a dump of several servers goes to several archives then.
	Server crawl.Server

	// Base is the pathname on the server of the directory that the dump was made of: "." in its
	// headings, or the section without one. "" means "/", and that absolute headings are taken as they are;
	// otherwise the first of these is taken for Base.
	Base string

	// LoginDir is the working directory after login, by which URLs go; "" keeps what is known of the server.
	LoginDir string

	Now       time.Time       // when the dump was made; zero means now
	Format    parse.Format    // of the entries; Auto detects it
	Zone      string          // of the times, as [crawl.ParseZone] takes it; "" keeps what is known of the server
	DateOrder parse.DateOrder // of numeric dates; OrderAuto keeps what is known

	TempDir  string             // "" means the system's
	Room     func() error       // see [crawl.CreateTemp]
	Progress func(crawl.Counts) // nil: nobody looks; called after each directory
	Archive  *Options
}

// headSize is how much of a dump is looked at to tell what it is.
const headSize = 64 << 10

// maxRoots bounds the directories of a dump to which no other section leads.
const maxRoots = 4096

// Import reads a dump of a server, plain bytes, into the server's archive in dir, as if it had been crawled at Now:
//
//   - ls -lR, or what parse reads as sections: each is the listing of its directory;
//   - find -ls: the lines of each directory are its listing;
//   - NDJSON, see [crawl.Record]: likewise.
//
// The dump is streamed; memory does not grow with it. Import returns what came of each server, in the order of their
// keys. The error is that of reading, writing, or ctx; what was stored by then stays. What an interrupted crawl
// of the server had left to do is missing: the next one begins anew.
func Import(ctx context.Context, dir string, r io.Reader, options *ImportOptions) ([]*crawl.ServerReport, error) {
	i := &importer{ctx: ctx, dir: dir, options: *options, base: "/"}
	if i.options.Base != "" {
		i.base = cleanPath(i.options.Base)
	}
	if i.options.Now.IsZero() {
		i.options.Now = time.Now()
	}
	i.options.Now = i.options.Now.UTC().Truncate(time.Second)
	br := bufio.NewReaderSize(r, headSize)
	// An error, or the end, comes again when what was read before is used up.
	head, err := br.Peek(headSize)
	if err == nil {
		head = head[:bytes.LastIndexByte(head, '\n')+1] // whole lines
	}
	if text := bytes.TrimLeft(head, " \t\r\n\ufeff"); len(text) > 0 && text[0] == '{' {
		err = i.records(br)
	} else {
		err = i.listing(br, head, err != nil)
	}
	return i.reports, errors.Join(err, i.end(err))
}

// An importer is one call of Import.
type importer struct {
	ctx     context.Context
	dir     string
	options ImportOptions
	base    string
	reports []*crawl.ServerReport

	// Of the server at hand.
	server  crawl.Server
	a       *Archive
	scanner crawl.Scanner
	fresh   bool // nothing was known of it before
	started time.Time
	before  time.Time // the end of the last crawl
	asOf    time.Time // when the dump was made: what it tells was so then
	chain   []chainDir
	roots   []string
	named   int64        // directories named by sections
	led     int64        // of these, with a section
	extra   crawl.Counts // what is missing and in no listing
	partial bool         // an export says that the crawl of the server had not come to its end, or with something missing

	// take, if not nil, gets the sections instead of the archive.
	take func(path string, spool *crawl.Spool, form crawl.Form) error

	maxSection, maxSorted int64 // see [crawl.SectionOptions]
}

// A chainDir is a directory on the way from a root to the last section, with its subdirectories.
type chainDir struct {
	path  string
	names []uint64 // hashes, sorted: there may be millions
}

// ErrNoServer is the error of a dump that does not say of which server it is, where the options do not either.
var ErrNoServer = errors.New("the dump does not say of which server it is")

var chainSeed = maphash.MakeSeed()

// begin opens the archive of a server.
func (i *importer) begin(server crawl.Server) error {
	if err := i.end(nil); err != nil {
		return err
	}
	s, err := ReadSummary(i.dir, server.Key())
	if err == nil {
		server.Scheme = s.Scheme // which a key does not say
	}
	i.fresh = errors.Is(err, fs.ErrNotExist)
	a, err := Create(i.dir, server, i.options.Archive)
	if err != nil {
		return err
	}
	i.server, i.a, i.started = server, a, time.Now()
	i.chain, i.roots, i.named, i.led, i.extra, i.partial = nil, nil, 0, 0, crawl.Counts{}, false
	i.scanner = crawl.Scanner{Options: i.parseOptions}
	a.Learn(func(f *crawl.Facts) {
		if i.options.LoginDir != "" && i.options.Server != (crawl.Server{}) {
			f.LoginDir = i.options.LoginDir
		}
		if i.options.Zone != "" {
			f.Set("", i.options.Zone)
		}
		if i.options.DateOrder != parse.OrderAuto {
			f.DateOrder = i.options.DateOrder.String()
		}
		if i.options.Format != parse.Auto && i.options.Format != parse.Find {
			f.Format = i.options.Format.String()
		}
	})
	if err := a.abandon(); err != nil {
		return err
	}
	err = a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
		m.tell()
		m.Round++
		m.Counts = crawl.Counts{}
		i.before = m.Crawl.Ended
		i.dated(i.options.Now)
		m.Crawl = crawlMeta{State: crawl.Importing, Started: i.asOf, Before: m.Seq - 1}
		m.setLoose(i.base, &Earlier{Partial: true}) // until it has come to its end
		if err := tx.DeleteBucket(bucketPending); err != nil {
			return err
		}
		_, err := tx.CreateBucket(bucketPending)
		return err
	})
	a.mu.Lock()
	a.ahead, a.begun = crawl.Counts{}, true
	a.mu.Unlock()
	return err
}

// dated says when the dump was made. One that is older than the last crawl does not make what is known older.
func (i *importer) dated(t time.Time) {
	i.asOf = t
	if i.before.After(t) {
		i.asOf = i.before
	}
}

func (i *importer) parseOptions(now time.Time) *parse.Options { return i.a.ParseOptions(now) }

// end closes the archive at hand, if there is one; cause says why the dump was not read to its end.
func (i *importer) end(cause error) error {
	if i.a == nil {
		return nil
	}
	a := i.a
	i.a = nil
	i.extra.Miss(crawl.Unlisted, max(0, i.named-i.led), "", "") // a section may be there twice
	report := &crawl.ServerReport{Server: i.server, State: crawl.Incomplete, Started: i.started, Ended: time.Now(), Err: cause}
	err := a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
		m.Crawl.Started = i.asOf.Add(i.started.Sub(report.Ended))
		m.Counts.Merge(&i.extra)
		m.setLoose(i.base, earlierOf(&i.extra, i.partial || cause != nil))
		for _, r := range i.roots {
			if !slices.Contains(m.Seeds, r) {
				m.Seeds = append(slices.Clone(m.Seeds), r)
			}
		}
		if m.Counts.Complete() && !i.partial {
			report.State = crawl.Complete
		}
		if cause != nil {
			report.State = crawl.Interrupted
		}
		return nil
	})
	kept := *report
	kept.Ended = i.asOf
	err = errors.Join(news(err, cause), news(a.End(&kept), cause))
	report.Changes, report.Counts = kept.Changes, a.durable()
	err = errors.Join(err, news(a.Close(), cause))
	if cause != nil && i.fresh && report.Counts.Listed == 0 { // there is nothing to go on with
		ferr := Forget(i.dir, i.server.Key(), i.options.Archive, func() error { return nil })
		if errors.Is(ferr, fs.ErrNotExist) { // not even known
			ferr = nil
		}
		return errors.Join(err, ferr)
	}
	i.reports = append(i.reports, report)
	return err
}

// news returns err unless cause says the same: an archive that a write has failed in tells it again whatever is asked of it.
func news(err, cause error) error {
	if err != nil && cause != nil && strings.Contains(cause.Error(), err.Error()) {
		return nil
	}
	return err
}

// put stores one directory.
func (i *importer) put(path string, spool *crawl.Spool, form crawl.Form) error {
	if i.take != nil {
		return i.take(path, spool, form)
	}
	return i.store(&crawl.Listing{
		Dir: crawl.Dir{Server: i.server, Path: path}, Start: i.options.Now,
		Spool: spool, Form: form, NoFollow: true,
	})
}

// store takes over the listing of a directory.
func (i *importer) store(l *crawl.Listing) error {
	path, form := l.Dir.Path, l.Form
	if err := i.scanner.Scan(l); err != nil {
		l.Close()
		return err
	}
	for len(i.chain) > 0 && !strings.HasPrefix(path, strings.TrimSuffix(i.chain[len(i.chain)-1].path, "/")+"/") {
		i.chain = i.chain[:len(i.chain)-1]
	}
	if i.isLed(path) {
		if form == crawl.ImportedForm {
			i.led++
		}
	} else if len(i.roots) < maxRoots {
		i.roots = append(i.roots, path)
	} else {
		i.extra.Miss(crawl.Unreached, 1, path, "")
	}
	var names []uint64
	for d := range l.Children() {
		names = append(names, maphash.String(chainSeed, d.Path[strings.LastIndexByte(d.Path, '/')+1:]))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if form == crawl.ImportedForm {
		i.named += int64(len(names))
	}
	if len(names) > 0 {
		i.chain = append(i.chain, chainDir{path, names})
	}
	if err := i.a.Put(i.ctx, l); err != nil {
		return err
	}
	if i.options.Progress != nil {
		i.options.Progress(i.a.Progress())
	}
	return nil
}

// isLed reports whether the section before, or one around it, names path.
func (i *importer) isLed(path string) bool {
	if len(i.chain) == 0 || path == "/" {
		return false
	}
	up := i.chain[len(i.chain)-1]
	name, ok := strings.CutPrefix(path, strings.TrimSuffix(up.path, "/")+"/")
	if !ok {
		return false
	}
	_, ok = slices.BinarySearch(up.names, maphash.String(chainSeed, name))
	return ok
}

// listing imports ls -lR and find -ls; all says that head is all of it.
func (i *importer) listing(r io.Reader, head []byte, all bool) error {
	if i.options.Server == (crawl.Server{}) {
		return ErrNoServer
	}
	// The head of a longer dump is not judged: what is foreign in it may end. There is no archive yet.
	if all && !i.anything(head) {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err // of a broken source, which comes before what it does not hold
		}
		return errors.New("nothing to import: neither a directory nor an entry is in the dump")
	}
	if err := i.begin(i.options.Server); err != nil {
		return err
	}
	return i.split(r, head)
}

// anything reports whether a parser finds the heading of a section, an entry or words of ls in a dump.
func (i *importer) anything(dump []byte) (found bool) {
	options := &parse.Options{Now: i.options.Now, Format: i.options.Format, Dots: true}
	options.Trace = func(l parse.Line) {
		found = found || l.Verdict == parse.VerdictSection || l.Verdict == parse.VerdictDiagnostic || l.Verdict == parse.VerdictEntry
	}
	for e := range parse.NewReader(bytes.NewReader(dump), options).All() {
		if found = found || e.Name != ""; found {
			break
		}
	}
	return found || bytes.HasPrefix(bytes.TrimSpace(dump), []byte("total "))
}

// split cuts ls -lR and find -ls into sections.
func (i *importer) split(r io.Reader, head []byte) error {
	format := i.options.Format
	if format == parse.Auto && parse.Detect(head) == parse.Find {
		format = parse.Find
	}
	s := &splitter{importer: i, find: format == parse.Find, src: r}
	options := *i.parseOptions(i.options.Now)
	options.Trace = s.line
	if format != parse.Auto {
		options.Format = format
	}
	defer s.close()
	for e, err := range parse.NewReader(s, &options).All() {
		if err != nil && !crawl.IsSyntax(err) {
			return errors.Join(err, s.err)
		}
		if s.err == nil && s.find {
			if e.Name != "" {
				s.err = s.found(e.Name)
			} else {
				i.bad(err)
			}
		}
		if s.err != nil {
			return s.err
		}
	}
	return s.finish()
}

// bad counts a line that belongs to no directory.
func (i *importer) bad(err error) {
	i.extra.Merge(badLine(err))
}

func (i *importer) newSorter() *sorter {
	return &sorter{dir: i.options.TempDir, room: i.options.Room, max: i.maxSorted}
}

func (i *importer) newSpool() *crawl.Spool {
	return &crawl.Spool{Dir: i.options.TempDir, Room: i.options.Room}
}

// fits returns an error if a listing of n bytes is too long.
func (i *importer) fits(path string, n int64) error {
	if i.maxSection > 0 && n > i.maxSection {
		return fmt.Errorf("it has more than %d MB for %q", i.maxSection/1e6, path)
	}
	return nil
}

// sorted stores the lines of find -ls that a sorter has brought together.
func (i *importer) sorted(s *sorter) error {
	var key []byte
	var spool *crawl.Spool
	put := func() error {
		if spool == nil {
			return nil
		}
		sp := spool
		spool = nil
		return i.put(keyPath(key), sp, crawl.FindForm)
	}
	err := s.each(func(k, line []byte) error {
		if spool == nil || !bytes.Equal(k, key) {
			if err := put(); err != nil {
				return err
			}
			key, spool = append(key[:0], k...), i.newSpool()
		}
		if err := i.fits(keyPath(k), spool.Len()+int64(len(line))); err != nil {
			return err
		}
		_, err := spool.Write(line)
		return err
	})
	if err == nil {
		err = put()
	}
	if spool != nil {
		spool.Close()
	}
	return err
}

// maxPath is the length of the longest pathname that is taken from a dump: what Linux allows, and less than what
// is a key to bbolt.
const maxPath = 4096

// place returns the pathname on the server of a directory of the dump. If there can be none it counts that and
// ok is false.
func (i *importer) place(dir string) (path string, ok bool) {
	path, reason := i.pathname(dir)
	if reason != "" {
		i.extra.Miss(reason, 1, path, "")
		return "", false
	}
	return path, true
}

// pathname returns the pathname on the server of a directory of the dump, or why there can be none.
func (i *importer) pathname(dir string) (path string, reason crawl.Reason) {
	if strings.HasPrefix(dir, "/") {
		path = cleanPath(dir)
	} else {
		path = cleanPath(crawl.Join(i.base, dir))
	}
	switch {
	case strings.ContainsAny(path, "\x00\r\n"), strings.Contains(path+"/", "/../"):
		return path, crawl.NotEnterable
	case len(path) > maxPath:
		return path[:maxPath], crawl.PathTooLong
	}
	return path, ""
}

// cleanPath removes empty and "." elements.
func cleanPath(p string) string {
	var b strings.Builder
	for e := range strings.SplitSeq(p, "/") {
		if e != "" && e != "." {
			b.WriteByte('/')
			b.WriteString(e)
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

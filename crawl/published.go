package crawl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl/unpack"
	"github.com/ftpidx/ftpidx/parse"
)

// Archives publish what they hold: the output of ls -lR for a subtree, mostly compressed, renewed every
// night. One file then stands for thousands of listings. Whether it tells the truth is seen by
// listing a few directories at random: only if these agree is it used, and then only for what it
// covers. Its last section, which may have been cut, and whatever it names without showing it are walked;
// directories that were listed anyway count as the server lists them.

// A PublishedMode says whether published listings are used.
type PublishedMode string

const (
	PublishedAuto  PublishedMode = "auto"  // where there is one that agrees; the rest is walked
	PublishedNever PublishedMode = "never" // walk
	PublishedOnly  PublishedMode = "only"  // nothing is walked
)

// UnmarshalText implements [encoding.TextUnmarshaler].
func (m *PublishedMode) UnmarshalText(text []byte) error {
	switch v := PublishedMode(text); v {
	case PublishedAuto, PublishedNever, PublishedOnly:
		*m = v
		return nil
	}
	return fmt.Errorf("%q is none of auto, never and only", text)
}

// ErrNotPublished is why a crawl that was to read nothing but a published listing was stopped.
var ErrNotPublished = errors.New("the server publishes no listing that is fresh and true")

// publishedNames are the names of published listings, the cheapest first.
var publishedNames = []string{"ls-lR.xz", "ls-lR.zst", "ls-lR.gz", "ls-lR.Z", "find-ls.gz", "ls-lR"}

// publishedDirs are where they lie besides the root and the seeds, if the root listing shows these directories.
var publishedDirs = []string{"pub", "debian", "ubuntu", "indices"}

const (
	maxPublished      = 256 << 20 // bytes of the file
	maxPublishedRatio = 100       // times as much when unpacked,
	maxUnpacked       = 4 << 30   // and not more than this, of which no more than a directory's listing is ever on the disk;
	maxSorted         = 1 << 30   // what find -ls printed has to be sorted there
	maxCandidates     = 3         // files fetched
	minPublished      = 20        // directories in one that is worth it
	minAgreement      = 0.98
	minSample         = 8 // directories
	maxSample         = 32
	maxSampled        = 128 << 10 // bytes of a directory that is compared: the sample is held in memory
	sampleShare       = 50        // one of so many
)

// Published says what came of a listing that a server publishes. The JSON form is part of the archive's format.
type Published struct {
	Path      string    `json:"path,omitempty"` // "" if there is none
	Time      time.Time `json:"time,omitzero"`  // of the file
	Size      int64     `json:"size,omitempty"`
	Dirs      int64     `json:"dirs,omitempty"`      // that it shows and that were asked for
	Sampled   int       `json:"sampled,omitempty"`   // directories listed to compare
	Agreement float64   `json:"agreement,omitempty"` // share of their entries that are the same
	Used      bool      `json:"used,omitempty"`
	Reason    string    `json:"reason,omitempty"` // why not
}

// A Sectioner is a Store that can cut a published listing into the listings of its directories.
type Sectioner interface {
	Store

	// Sections reads an ls -lR or find -ls, unpacked, and calls take for each directory with its pathname on the server, the
	// bytes that the listing has for it, which take closes, and their form. An error is r's, ctx's or take's.
	Sections(ctx context.Context, r io.Reader, o *SectionOptions, take func(path string, spool *Spool, form Form) error) error
}

// SectionOptions say what a published listing is a listing of.
type SectionOptions struct {
	Base    string    // the directory that "." stands for, or the first absolute heading
	Now     time.Time // when it was made
	TempDir string
	Room    func() error // see [CreateTemp]

	MaxSection int64 // bytes of one directory; 0: no limit
	MaxSorted  int64 // bytes of find -ls; 0: no limit
}

// candidate is a file that may be a published listing.
type candidate struct {
	path string
	base string
	time time.Time
	size int64 // −1: not known
	rank int
}

// candidatesIn returns the published listings among the entries of the directory dir that are not older than
// oldest.
func candidatesIn(dir string, entries []parse.Entry, oldest time.Time) []candidate {
	var all []candidate
	for _, e := range entries {
		rank := slices.Index(publishedNames, e.Name)
		if rank < 0 || e.Type != parse.File || e.Size > maxPublished || e.Size == 0 || e.Precision == parse.NoTime ||
			!e.ModTime.Add(e.Precision.Duration()).After(oldest) {
			continue
		}
		base := dir
		if path.Base(dir) == "indices" {
			base = path.Dir(dir)
		}
		all = append(all, candidate{Join(dir, e.Name), base, e.ModTime, e.Size, rank})
	}
	return all
}

// published looks for a published listing and stores what it says of the directories below the seeds. An error ends the
// crawl.
func (s *session) published(seeds []Dir, report *ServerReport) error {
	store, ok := s.store.(Sectioner)
	_, can := s.conn.(Retriever)
	only := s.policy.Published == PublishedOnly
	if report.Resumed {
		// What was read there is stored, and not asked for again.
		report.Published = s.store.Facts().Published
		return nil
	}
	s.store.Learn(func(f *Facts) { f.Published = Published{} })
	if s.policy.Published == PublishedNever || !ok || !can || s.quick && !only {
		return nil
	}
	var found Published
	for i, c := range s.candidates(seeds) {
		if i == maxCandidates || s.conn == nil {
			break
		}
		p, err := s.readPublished(store, c, seeds)
		if err != nil {
			return err
		}
		if found = p; p.Used {
			break
		}
	}
	report.Published = found
	s.store.Learn(func(f *Facts) { f.Published = found })
	if !only {
		return nil
	}
	if !found.Used {
		return ErrNotPublished
	}
	return s.leaveRest()
}

// candidates returns the files that may be published listings of what is below the seeds, the best first.
func (s *session) candidates(seeds []Dir) []candidate {
	facts := s.store.Facts()
	oldest := s.now().Add(-s.policy.PublishedMaxAge)
	if facts.Refresh.Last.After(oldest) {
		oldest = facts.Refresh.Last // older ones tell nothing new
	}
	root := cmp.Or(facts.LoginDir, "/")
	dirs := []string{root}
	for _, d := range seeds[:min(len(seeds), 4)] {
		dirs = append(dirs, d.Path)
	}
	var all []candidate
	tried := make(map[string]bool)
	for i := 0; i < len(dirs) && s.conn != nil && s.ctx.Err() == nil; i++ {
		dir := dirs[i]
		if _, refused := s.refuses(dir); refused || tried[dir] || len(dir) > s.policy.MaxPath {
			continue
		}
		tried[dir] = true
		l, err := s.probe(dir)
		if err != nil {
			continue
		}
		var entries []parse.Entry
		for e, err := range Entries(l.Spool.NewReader(), dir, l.Form, s.store.ParseOptions(l.Start)) {
			if err != nil && !IsSyntax(err) {
				break
			}
			if slices.Contains(publishedNames, e.Name) {
				entries = append(entries, e)
			}
			if dir == root && e.IsDir() && slices.Contains(publishedDirs, e.Name) {
				if p := Join(dir, e.Name); related(p, seeds) {
					dirs = append(dirs, p)
				}
			}
		}
		all = append(all, candidatesIn(dir, entries, oldest)...)
	}
	all = slices.DeleteFunc(all, func(c candidate) bool { return !related(c.base, seeds) })
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(levels(a.base), levels(b.base)), cmp.Compare(a.rank, b.rank))
	})
	return all
}

// related reports whether the directory is below a seed or above one.
func related(dir string, seeds []Dir) bool {
	return slices.ContainsFunc(seeds, func(d Dir) bool { return within(dir, d.Path) || within(d.Path, dir) })
}

// levels returns how deep in the tree a directory is.
func levels(dir string) int { return strings.Count(strings.TrimSuffix(dir, "/"), "/") }

// within reports whether path is dir or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// readPublished fetches a candidate, compares it with the server, and stores it if it agrees. Whatever is wrong with the
// file is in the result; an error is the Store's.
func (s *session) readPublished(store Sectioner, c candidate, seeds []Dir) (Published, error) {
	p := Published{Path: c.path, Time: c.time, Size: c.size}
	give := func(format string, args ...any) (Published, error) {
		p.Reason = fmt.Sprintf(format, args...)
		return p, nil
	}
	s.event(Event{Kind: Fetching, Server: s.server, Path: c.path})
	file := s.spool()
	defer file.Close()
	if err := s.pace(); err != nil {
		return give("%v", err)
	}
	n, _, err := s.conn.(Retriever).Retrieve(s.hard, c.path, file, maxPublished)
	if err != nil {
		if Broken(err) {
			s.drop()
		}
		return give("%v", err)
	}
	p.Size = n
	most := min(n*maxPublishedRatio+1<<20, maxUnpacked)
	sections := func(take func(string, *Spool, Form) error) error {
		r, err := unpack.NewReader(file.NewReader(), most)
		if err != nil {
			return err
		}
		defer r.Close()
		return store.Sections(s.ctx, r, &SectionOptions{
			Base: c.base, Now: c.time, TempDir: s.TempDir, Room: s.TempRoom, MaxSection: s.policy.MaxListing, MaxSorted: maxSorted,
		}, take)
	}

	// Once to see that it can be read to its end, and to choose the sample.
	sample := newSample()
	defer sample.close()
	last := ""
	err = sections(func(path string, spool *Spool, form Form) error {
		last = path
		if _, ok := s.place(path, seeds); !ok {
			return spool.Close()
		}
		p.Dirs++
		if s.asked(path) { // it is mostly not taken from here, and the place where new files come
			return spool.Close()
		}
		sample.offer(path, spool, form)
		return nil
	})
	sample.remove(last)
	switch {
	case s.ctx.Err() != nil:
		return give("%v", context.Cause(s.ctx))
	case err != nil:
		return give("it cannot be read to its end: %v", err)
	case p.Dirs < minPublished:
		return give("it shows %d of the directories asked for", p.Dirs)
	}

	if len(sample.kept) == 0 {
		return give("none of its directories is small enough to be compared")
	}
	same, total := 0, 0
	for _, x := range sample.take(p.Dirs) {
		live, err := s.probe(x.path)
		if err != nil && (Broken(err) || s.ctx.Err() != nil) {
			return give("comparing it: %v", err)
		}
		var there *Spool
		var start time.Time
		if err == nil {
			there, start = live.Spool, live.Start
		}
		a, b, err := s.compare(x, c.time, there, start)
		if err != nil {
			return p, err
		}
		p.Sampled++
		same, total = same+a, total+b
	}
	if total > 0 {
		p.Agreement = float64(same) / float64(total)
	}
	if p.Agreement < minAgreement {
		return give("of %d entries in %d directories, %d are as the server lists them", total, p.Sampled, same)
	}

	p.Used = true
	s.store.Learn(func(f *Facts) { f.Published = p }) // for who resumes this crawl
	p.Dirs = 0
	err = sections(func(path string, spool *Spool, form Form) error {
		if path == last && !form.find() {
			return spool.Close()
		}
		stored, err := s.putPublished(path, spool, form, c.time, seeds)
		if stored {
			p.Dirs++
		}
		return err
	})
	return p, err
}

// place returns how far the directory lies below a seed; ok is false if the crawl is not to list it.
func (w *walk) place(path string, seeds []Dir) (depth int, ok bool) {
	for _, seed := range seeds {
		if !within(path, seed.Path) {
			continue
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(path, strings.TrimSuffix(seed.Path, "/")), "/")
		if rest != "" {
			depth = strings.Count(rest, "/") + 1
		}
		if depth > w.policy.MaxDepth || len(path) > w.policy.MaxPath {
			return 0, false
		}
		for p := path; within(p, seed.Path); p = p[:max(strings.LastIndexByte(p, '/'), 1)] {
			if _, refused := w.refuses(p); refused || p != seed.Path && w.scanner.Exclude != nil && w.scanner.Exclude(p) {
				return 0, false
			}
			if p == seed.Path {
				break
			}
		}
		return depth, true
	}
	return 0, false
}

// putPublished stores a directory as the published listing shows it, unless it was listed already or is not understood.
func (s *session) putPublished(path string, spool *Spool, form Form, now time.Time, seeds []Dir) (stored bool, err error) {
	depth, ok := s.place(path, seeds)
	if !ok || s.hasProbe(path) {
		return false, spool.Close()
	}
	if form.find() {
		form = PublishedFindForm
	} else {
		form = PublishedForm
	}
	l := &Listing{
		Dir: Dir{Server: s.server, Path: path, Depth: depth}, Start: now.UTC().Truncate(time.Second),
		Command: "RETR", Form: form, Spool: spool, Published: true,
	}
	if err := s.scanner.Scan(l); err != nil || l.Bad > 0 {
		return false, errors.Join(err, l.Close())
	}
	return true, s.store.Put(s.hard, l)
}

// leaveRest records what the published listing does not cover as missing.
func (s *session) leaveRest() error {
	for {
		dirs, err := s.store.Pending(s.ctx, stackDirs, func(string) bool { return false })
		if err != nil || len(dirs) == 0 {
			return err
		}
		for _, d := range dirs {
			if l, err := s.probed(d.Path); l != nil {
				l.Dir = d
				if err := s.record(task{Dir: d}, l, err); err != nil {
					return err
				}
				continue
			}
			l := &Listing{Dir: d, Status: Failed, Reason: Unlisted, Start: s.now().UTC().Truncate(time.Second)}
			if err := s.store.Put(s.hard, l); err != nil {
				return err
			}
		}
	}
}

// A sampled is a directory of a published listing chosen to be compared.
type sampled struct {
	path  string
	spool *Spool
	form  Form
}

// A sampler keeps directories of a stream, each with the same chance.
type sampler struct {
	kept []sampled
	seen int
}

func newSample() *sampler { return new(sampler) }

// offer takes over the spool. Large ones have no chance.
func (r *sampler) offer(path string, spool *Spool, form Form) {
	if spool.Len() > maxSampled {
		spool.Close()
		return
	}
	r.seen++
	x := sampled{path, spool, form}
	if len(r.kept) < maxSample {
		r.kept = append(r.kept, x)
		return
	}
	if i := rand.IntN(r.seen); i < len(r.kept) {
		x, r.kept[i] = r.kept[i], x
	}
	x.spool.Close()
}

func (r *sampler) remove(path string) {
	r.kept = slices.DeleteFunc(r.kept, func(x sampled) bool {
		if x.path == path {
			x.spool.Close()
		}
		return x.path == path
	})
}

// take returns as many as a listing of so many directories is compared by.
func (r *sampler) take(dirs int64) []sampled {
	rand.Shuffle(len(r.kept), func(i, j int) { r.kept[i], r.kept[j] = r.kept[j], r.kept[i] })
	return r.kept[:min(len(r.kept), max(minSample, int(min(dirs, 1<<20))/sampleShare))]
}

func (r *sampler) close() {
	for _, x := range r.kept {
		x.spool.Close()
	}
}

// compare counts the entries that the published listing and the server show alike, of all that either shows. there is
// nil if the server does not list the directory.
func (s *session) compare(x sampled, published time.Time, there *Spool, now time.Time) (same, total int, err error) {
	zone, err := ParseZone(s.store.Facts().Zone)
	if err != nil {
		zone = time.UTC
	}
	old := make(map[string]parse.Entry)
	for e, err := range Entries(x.spool.NewReader(), x.path, x.form, s.store.ParseOptions(published)) {
		if err != nil && !IsSyntax(err) {
			return 0, 0, err
		}
		if e.Name != "" && !isPublished(&e) && len(old) < int(s.policy.MaxListingEntries) {
			old[e.Name] = e
		}
	}
	total = len(old)
	if there == nil {
		return 0, total, nil
	}
	for e, err := range Entries(there.NewReader(), x.path, ServerForm, s.store.ParseOptions(now)) {
		if err != nil && !IsSyntax(err) {
			return 0, 0, err
		}
		if e.Name == "" || isPublished(&e) {
			continue
		}
		o, ok := old[e.Name]
		if !ok {
			total++
			continue
		}
		if agree(&o, &e, zone) {
			same++
		}
	}
	return same, total, nil
}

// isPublished reports whether e may be the published listing, or one beside it: none can tell its own size and time.
func isPublished(e *parse.Entry) bool { return slices.Contains(publishedNames, e.Name) }

// agree reports whether two listings show an entry alike. Of directories and links the time may differ: they are
// made anew where files are kept.
func agree(a, b *parse.Entry, zone *time.Location) bool {
	if a.Type != b.Type {
		return false
	}
	return a.Type != parse.File || a.Size == b.Size && SameTime(a.ModTime, a.Precision, b.ModTime, b.Precision, zone)
}

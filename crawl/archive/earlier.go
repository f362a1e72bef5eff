package archive

import (
	"bytes"
	"errors"
	"hash/maphash"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// The counts of a crawl say what is missing of what it was asked for. A crawl of /pub/x says nothing of the rest of the
// server, where an earlier one may have left gaps. These are found in the records: each says in which crawl its directory was
// tried last, how that went, and what of the listing was not understood or not followed. What imports miss, and no record
// tells, is kept beside them, see loose.

// Earlier is what is missing of what crawls and imports before the last one were asked for, and the last one was not.
type Earlier struct {
	Missing     map[crawl.Reason]*crawl.Tally `json:"missing,omitempty"`
	Unconfirmed int64                         `json:"unconfirmed,omitempty"` // directories
	Bad         int64                         `json:"bad,omitempty"`         // lines not understood
	BadLines    []crawl.Example               `json:"bad_lines,omitempty"`   // some of these
	Partial     bool                          `json:"partial,omitempty"`     // an import was interrupted, or of an export that says that it is not complete
}

// earlierOf returns what is missing by c; nil if nothing is.
func earlierOf(c *crawl.Counts, partial bool) *Earlier {
	c.Pending = 0
	if c.Complete() && !partial {
		return nil
	}
	return &Earlier{Missing: c.Missing, Unconfirmed: c.Unconfirmed, Bad: c.Bad, BadLines: c.BadLines, Partial: partial}
}

// Counts returns e as counts of which all else is zero; e may be nil.
func (e *Earlier) Counts() *crawl.Counts {
	if e == nil {
		return &crawl.Counts{}
	}
	c := crawl.Counts{Missing: e.Missing, Unconfirmed: e.Unconfirmed, Bad: e.Bad, BadLines: e.BadLines}
	c = c.Clone()
	return &c
}

// loose is what is missing by an import and told by no record.
type loose struct {
	Base  []byte `json:"base"`  // pathname of the directory that the dump was of
	Round uint64 `json:"round"` // number of the import
	Earlier
}

// inListings are the reasons for which a listing names a directory without its being tried.
var inListings = []crawl.Reason{crawl.NotEnterable, crawl.TooDeep, crawl.PathTooLong}

// inDumps are those for which a dump has no place for one.
var inDumps = []crawl.Reason{crawl.Unlisted, crawl.Duplicate, crawl.Unreached}

// tell prepares m for another crawl or import: records of earlier versions of the program do not say what is missing
// within a listing, so that this is kept loose.
func (m *meta) tell() {
	m.Earlier = nil
	if m.Told {
		return
	}
	m.Told = true
	c := crawl.Counts{Bad: m.Counts.Bad, BadLines: m.Counts.BadLines}
	for _, r := range slices.Concat(inListings, inDumps) {
		if t := m.Counts.Missing[r]; t != nil {
			c.Merge(&crawl.Counts{Missing: map[crawl.Reason]*crawl.Tally{r: t}})
		}
	}
	base := "/"
	if len(m.Crawl.Seeds) == 1 {
		base = m.Crawl.Seeds[0]
	}
	m.setLoose(base, earlierOf(&c, false))
}

// setLoose makes e what is missing loosely of what is below base; nil: nothing.
func (m *meta) setLoose(base string, e *Earlier) {
	m.Loose = slices.DeleteFunc(slices.Clone(m.Loose), func(l loose) bool { return string(l.Base) == base })
	if e != nil {
		m.Loose = append(m.Loose, loose{[]byte(base), m.Round, *e})
	}
}

// cover forgets what was missing loosely below the seeds of the crawl, which looks for itself.
func (m *meta) cover() {
	covered := func(path string) bool {
		return slices.ContainsFunc(m.Crawl.Seeds, func(s string) bool { return within(path, s) })
	}
	all := !slices.ContainsFunc(m.Seeds, func(s string) bool { return !covered(s) })
	m.Loose = slices.DeleteFunc(slices.Clone(m.Loose), func(l loose) bool { return all || covered(string(l.Base)) })
}

// within reports whether path is dir or below it.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// state is how the server stands: as the last crawl does, but complete only if nothing is missing by earlier ones.
func (m *meta) state() crawl.State {
	if m.Crawl.State == crawl.Complete && m.Earlier != nil {
		return crawl.Incomplete
	}
	return m.Crawl.State
}

// isGap reports whether the attempt left something missing.
func (a *attempt) isGap() bool {
	return a.reason != "" && !a.reason.LeftOut() || a.status == crawl.Unconfirmed || a.bad > 0 || len(a.skipped) > 0
}

const (
	scanBatch   = 4096 // records read in one transaction
	badExamples = 5    // lines not understood that are shown,
	exampleLen  = 200  // bytes of each
)

// earlier finds what is missing by crawls and imports before the last one, in directories that are there and that the last one
// did not try. Everything put must be durable.
func (a *Archive) earlier() (*Earlier, error) {
	a.mu.Lock()
	round := a.meta.Round
	r := &reacher{a: a, roots: slices.Sorted(slices.Values(a.meta.Seeds)), seed: maphash.MakeSeed()}
	kept := a.meta.Loose
	a.mu.Unlock()
	var c crawl.Counts
	partial := false
	for _, l := range kept {
		if l.Round < round {
			c.Merge(l.Counts())
			partial = partial || l.Partial
		}
	}
	if round < 2 {
		return earlierOf(&c, partial), nil
	}
	type gap struct {
		path string
		attempt
	}
	for next, more := []byte{}, true; more; {
		var gaps []gap
		err := a.view(func(tx *bolt.Tx) error {
			n := 0
			cursor := tx.Bucket(bucketListings).Cursor()
			key, value := cursor.Seek(next)
			for ; key != nil && n < scanBatch; key, value = cursor.Next() {
				n++
				at, err := decodeAttempt(value)
				if err != nil {
					return err
				}
				if at.round < round && at.isGap() {
					gaps = append(gaps, gap{keyPath(key), at})
				}
			}
			next, more = bytes.Clone(key), key != nil
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, g := range gaps {
			if there, err := r.reaches(g.path); err != nil {
				return nil, err
			} else if there {
				a.countGap(&c, g.path, &g.attempt)
			}
		}
	}
	return earlierOf(&c, partial), nil
}

// countGap adds to c what an attempt left missing.
func (a *Archive) countGap(c *crawl.Counts, path string, at *attempt) {
	if at.reason != "" && !at.reason.LeftOut() {
		c.Miss(at.reason, 1, path, at.detail)
	}
	if at.status == crawl.Unconfirmed {
		c.Unconfirmed++
	}
	for _, s := range at.skipped {
		c.Miss(s.reason, s.n, crawl.Join(path, s.name), "")
	}
	if c.Bad += at.bad; at.bad > 0 && len(c.BadLines) < badExamples {
		c.BadLines = append(c.BadLines, crawl.Example{Path: path, Detail: a.badLine(path)})
	}
}

// badLine returns the first line that is not understood in the newest listing of a directory.
func (a *Archive) badLine(path string) string {
	rec, err := a.record(path)
	if err != nil || len(rec.versions) == 0 {
		return "" // only an example
	}
	v := &rec.versions[0]
	r, err := a.open(v)
	if err != nil {
		return ""
	}
	for e, err := range crawl.Entries(r, path, v.form, a.ParseOptions(timeOf(v.firstSeen))) {
		var bad *parse.SyntaxError
		if errors.As(err, &bad) && e.Name == "" {
			return bad.Text[:min(len(bad.Text), exampleLen)]
		}
	}
	return ""
}

// A reacher tells which directories are reached from the seeds. It is asked for pathnames in document order, so that what
// it holds is the way to the last one.
type reacher struct {
	a     *Archive
	roots []string // sorted
	seed  maphash.Seed
	way   []reachedDir
}

// A reachedDir is a directory on the way, with the names of its subdirectories.
type reachedDir struct {
	path  string
	names []uint64 // hashes, sorted: there may be millions
}

// reaches reports whether path is a seed, or a directory that the newest listing of a reached one names.
func (r *reacher) reaches(path string) (bool, error) {
	if _, ok := slices.BinarySearch(r.roots, path); ok || path == "/" {
		return ok, nil
	}
	slash := strings.LastIndexByte(path, '/')
	names, err := r.names(path[:max(slash, 1)])
	if err != nil {
		return false, err
	}
	_, ok := slices.BinarySearch(names, maphash.String(r.seed, path[slash+1:]))
	return ok, nil
}

// names returns the names in a directory; none if it is not reached.
func (r *reacher) names(dir string) ([]uint64, error) {
	for len(r.way) > 0 && !within(dir, r.way[len(r.way)-1].path) {
		r.way = r.way[:len(r.way)-1]
	}
	if n := len(r.way); n > 0 && r.way[n-1].path == dir {
		return r.way[n-1].names, nil
	}
	there, err := r.reaches(dir)
	if err != nil {
		return nil, err
	}
	d := reachedDir{path: dir}
	if there {
		rec, err := r.a.record(dir)
		if err != nil {
			return nil, err
		}
		if v := rec.current(r.a.Seq()); v != nil {
			for e, err := range r.a.listed(dir, v) {
				if err != nil {
					return nil, err
				}
				if canEnter(&e.entry) {
					d.names = append(d.names, maphash.String(r.seed, e.entry.Name))
				}
			}
			slices.Sort(d.names)
		}
	}
	r.way = append(r.way, d)
	return d.names, nil
}

// abandon notes those directories of the frontier of which nothing is held as not come to: nobody will list them for the
// crawl that was interrupted. They stay on the frontier.
func (a *Archive) abandon() error {
	for next, more := []byte{}, true; more; {
		err := a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
			listings, n := tx.Bucket(bucketListings), 0
			cursor := tx.Bucket(bucketPending).Cursor()
			key, _ := cursor.Seek(next)
			for ; key != nil && n < childrenPerTx; key, _ = cursor.Next() {
				n++
				d, err := pendingDir(key, crawl.Server{})
				if err != nil {
					return err
				}
				rec, err := decodeRecord(listings.Get(dirKey(d.Path)))
				if err != nil {
					return err
				}
				if len(rec.versions) > 0 || rec.attempt.round == m.Round {
					continue
				}
				rec.attempt = attempt{status: crawl.Failed, reason: crawl.Abandoned} // of no crawl
				if err := listings.Put(dirKey(d.Path), rec.encode()); err != nil {
					return err
				}
			}
			next, more = bytes.Clone(key), key != nil
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// exampleName returns the name of one of the directories that t counts.
func exampleName(t *crawl.Tally) string {
	if len(t.Examples) == 0 {
		return ""
	}
	p := t.Examples[0].Path
	return p[strings.LastIndexByte(p, '/')+1:]
}

package crawl

import (
	"maps"
	"slices"
	"time"
)

// A Tally counts cases of one kind and keeps the first few as examples.
type Tally struct {
	N        int64     `json:"n"`
	Examples []Example `json:"examples,omitempty"`
}

// An Example is one case of what a Tally counts. Both strings may hold any bytes.
type Example struct {
	Path   string `json:"path"`
	Detail string `json:"detail,omitempty"` // the server's words
}

func (t *Tally) add(path, detail string) {
	t.N++
	if len(t.Examples) < maxExamples {
		t.Examples = append(t.Examples, Example{path, example(detail)})
	}
}

// merge adds u to t.
func (t *Tally) merge(u *Tally) {
	t.N += u.N
	t.Examples = append(t.Examples, u.Examples[:min(len(u.Examples), maxExamples-len(t.Examples))]...)
}

// Counts say how complete a crawl is. The JSON form is part of the archive's format.
type Counts struct {
	Listed         int64 `json:"listed"`                    // directories whose listing is held, the cut ones too
	Unchanged      int64 `json:"unchanged"`                 // of these, listed exactly as the last time
	Unmoved        int64 `json:"unmoved,omitempty"`         // directories not listed: their time has not moved since they were
	UnmovedEntries int64 `json:"unmoved_entries,omitempty"` // in these
	Published      int64 `json:"published,omitempty"`       // of Listed, read in a listing that the server publishes
	Pending        int64 `json:"pending,omitempty"`         // directories still to be listed
	Entries        int64 `json:"entries"`
	Bytes          int64 `json:"bytes"`              // of listings
	Doubtful       int64 `json:"doubtful,omitempty"` // entries with a column not understood
	Bad            int64 `json:"bad,omitempty"`      // lines not understood

	Unconfirmed int64             `json:"unconfirmed,omitempty"` // of Listed
	Missing     map[Reason]*Tally `json:"missing,omitempty"`     // directories not listed, or not wholly
	LeftOut     map[Reason]*Tally `json:"left_out,omitempty"`    // directories not listed, and no gap: see [Reason.LeftOut]
	BadLines    []Example         `json:"bad_lines,omitempty"`   // some lines that were not understood (Detail) and where
	LastPath    string            `json:"last_path,omitempty"`   // listed last
}

// Add counts l.
func (c *Counts) Add(l *Listing) {
	if l.Status != Failed {
		c.Listed++
		c.LastPath = l.Dir.Path
	}
	if l.Status == Unconfirmed {
		c.Unconfirmed++
	}
	if l.Published {
		c.Published++
	}
	c.Unmoved += l.Unmoved
	c.UnmovedEntries += l.UnmovedEntries
	c.Entries += l.Entries
	c.Doubtful += l.Doubtful
	c.Bad += l.Bad
	if l.Spool != nil {
		c.Bytes += l.Spool.Len()
	}
	for _, line := range l.Examples {
		if len(c.BadLines) < maxExamples {
			c.BadLines = append(c.BadLines, Example{l.Dir.Path, line})
		}
	}
	if l.Reason != "" {
		c.tally(l.Reason).add(l.Dir.Path, l.Detail)
	}
	for reason, t := range l.Skipped {
		c.tally(reason).merge(t)
	}
}

// Miss counts n directories that are missing, or left out, for a reason; path, if not "", is an example of them.
func (c *Counts) Miss(r Reason, n int64, path, detail string) {
	if n == 0 {
		return
	}
	t := c.tally(r)
	if path != "" {
		t.add(path, detail)
		n--
	}
	t.N += n
}

func (c *Counts) tally(r Reason) *Tally {
	where := &c.Missing
	if r.LeftOut() {
		where = &c.LeftOut
	}
	if *where == nil {
		*where = make(map[Reason]*Tally)
	}
	if (*where)[r] == nil {
		(*where)[r] = new(Tally)
	}
	return (*where)[r]
}

// Merge adds d to c.
func (c *Counts) Merge(d *Counts) {
	c.Listed += d.Listed
	c.Unchanged += d.Unchanged
	c.Published += d.Published
	c.Unmoved += d.Unmoved
	c.UnmovedEntries += d.UnmovedEntries
	c.Entries += d.Entries
	c.Bytes += d.Bytes
	c.Doubtful += d.Doubtful
	c.Bad += d.Bad
	c.Unconfirmed += d.Unconfirmed
	c.BadLines = append(c.BadLines, d.BadLines[:min(len(d.BadLines), maxExamples-len(c.BadLines))]...)
	for _, from := range []map[Reason]*Tally{d.Missing, d.LeftOut} {
		for reason, t := range from {
			c.tally(reason).merge(t)
		}
	}
}

// Gaps returns how many directories are missing, for whatever reason.
func (c *Counts) Gaps() (n int64) {
	for reason, t := range c.Missing {
		if !reason.LeftOut() { // as an earlier version of the program counted them
			n += t.N
		}
	}
	return n
}

// Complete reports whether everything that was asked for is held: nothing pending, nothing missing, no line that was not
// understood.
func (c *Counts) Complete() bool {
	return c.Pending == 0 && c.Bad == 0 && c.Unconfirmed == 0 && c.Gaps() == 0
}

// Clone returns a deep copy.
func (c *Counts) Clone() Counts {
	d := *c
	d.BadLines = slices.Clone(c.BadLines)
	d.Missing, d.LeftOut = cloneTallies(c.Missing), cloneTallies(c.LeftOut)
	return d
}

func cloneTallies(m map[Reason]*Tally) map[Reason]*Tally {
	m = maps.Clone(m)
	for reason, t := range m {
		m[reason] = &Tally{t.N, slices.Clone(t.Examples)}
	}
	return m
}

// A State says how a crawl of a server stands.
type State string

const (
	Crawling    State = "crawling"
	Importing   State = "importing"   // a dump
	Complete    State = "complete"    // nothing is missing
	Incomplete  State = "incomplete"  // done, with something missing
	Interrupted State = "interrupted" // stopped by the user or a limit of the user's; can be resumed
	Stopped     State = "stopped"     // the server could not be used (any more); can be resumed
)

// A ServerReport is what came of crawling one server.
type ServerReport struct {
	Server    Server
	State     State
	Err       error // why Stopped or Interrupted, one sentence
	Resumed   bool  // an earlier crawl was continued
	Started   time.Time
	Ended     time.Time
	Refresh   Refresh   // quick or full
	Published Published // the listing that the server publishes, if one was read
	Changes   *Changes  // since the crawl before; nil: the Store does not know, or there was none
	NotThere  []string  // seeds that the server does not have, which will not be asked for again
	Counts    Counts    // of the whole crawl, all processes that took part
	Peak      int       // connections open at the same time, at most
	Manners   Manners   // of this process
}

// A Report is what came of a crawl.
type Report struct {
	Servers []*ServerReport // in the order in which they ended
}

// Complete reports whether nothing is missing anywhere.
func (r *Report) Complete() bool {
	for _, s := range r.Servers {
		if s.State != Complete {
			return false
		}
	}
	return true
}

// An EventKind says what happened.
type EventKind uint8

const (
	Began    EventKind = iota // the crawl of a server, after the first login
	Fetching                  // a listing that the server publishes, to read it
	Listed                    // a directory, with whatever result
	Retried                   // a directory or a login that failed will be tried again; Err says why
	Paused                    // no server answers: a pause of Elapsed for our network to come back
	Waiting                   // for With, or others on the same Address, which has all the connections that are allowed
	Limited                   // the server bears only Connections connections
	Slowed                    // its robots.txt asks for Elapsed between two listings, more than the crawl would take
	Ended                     // the crawl of a server; Report is set
)

// An Event tells an observer what a Crawler does.
type Event struct {
	Kind   EventKind
	Time   time.Time
	Server Server

	Path    string // Fetching, Listed, Retried
	Status  Status // Listed
	Reason  Reason // Listed
	Entries int64  // Listed
	Bytes   int64  // Listed
	Elapsed time.Duration

	Resumed     bool   // Began
	Connections int    // Limited
	Address     string // Waiting
	With        Server // Waiting
	Err         error
	Report      *ServerReport // Ended
}

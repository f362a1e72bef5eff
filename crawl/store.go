package crawl

import (
	"context"
	"fmt"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// A Store keeps what the crawl of one server finds, so that it survives whatever happens to this
// process. [github.com/ftpidx/ftpidx/crawl/archive] makes the real ones. Put, Pending, Facts, Learn
// and Progress may be called by several goroutines at once.
type Store interface {
	// Begin starts a crawl at the seeds, or, if an earlier one left directories pending, goes on with
	// that one and adds those seeds that it has not listed yet. It reports which of the two.
	Begin(ctx context.Context, seeds []Dir) (resumed bool, err error)

	// Put takes over l and closes it when done with it, also when Put fails. It returns before l is
	// durable and blocks while too many listings are not. One transaction stores the listing, takes
	// its directory off the frontier, adds its children to it, and counts it; an error is one that
	// kept this or an earlier listing from being stored, and is final.
	Put(ctx context.Context, l *Listing) error

	// Pending waits until everything put is durable and returns up to limit directories of the
	// frontier, deepest first, without those that skip reports to be in hand.
	Pending(ctx context.Context, limit int, skip func(path string) bool) ([]Dir, error)

	// Sum returns the hash of the newest listing of a directory; ok is false if there is none, or
	// one of fewer than LoopEntries entries.
	Sum(path string) (sum [16]byte, ok bool)

	// Facts returns what was learned of the server, by this crawl and earlier ones.
	Facts() Facts

	// ParseOptions returns how listings of the server made at the time now are to be read.
	ParseOptions(now time.Time) *parse.Options

	// Learn changes the facts; they are durable with the next transaction.
	Learn(change func(*Facts))

	// Progress returns the counts of this crawl, over all processes that took part in it,
	// including what is not durable yet.
	Progress() Counts

	// End waits until everything is durable and records how the crawl ended. Without Begin before, the
	// server could not be used, and only that is recorded.
	End(report *ServerReport) error

	Close() error
}

// Facts are what crawls learn of a server and need the next time. The JSON form is part of the
// archive's format.
type Facts struct {
	LoginDir    string      `json:"login_dir,omitempty"` // working directory after login
	Banner      string      `json:"banner,omitempty"`
	Welcome     string      `json:"welcome,omitempty"`
	System      string      `json:"system,omitempty"` // reply to SYST
	Features    []string    `json:"features,omitempty"`
	TLS         string      `json:"tls,omitempty"`
	Certificate Certificate `json:"certificate,omitzero"`
	Passive     string      `json:"passive,omitempty"` // EPSV or PASV
	Listing     string      `json:"listing,omitempty"` // command that lists: LIST, LIST -a or MLSD
	Format      string      `json:"format,omitempty"`  // of the listings; "" is detected each time
	Zone        string      `json:"zone,omitempty"`    // of the times listed, as ParseZone takes it
	DateOrder   string      `json:"date_order,omitempty"`
	Charset     string      `json:"charset,omitempty"` // of the names; several with commas are tried in turn

	ZoneSet         bool            `json:"zone_set,omitempty"` // by the user
	ZoneEvidence    ZoneEvidence    `json:"zone_evidence,omitzero"`
	CharsetSet      bool            `json:"charset_set,omitempty"` // by the user
	CharsetEvidence CharsetEvidence `json:"charset_evidence,omitzero"`

	// Connections is the number that the server was found to bear; 0 is not known.
	Connections int       `json:"connections,omitempty"`
	LimitedAt   time.Time `json:"limited_at,omitzero"` // when it was found

	Robots  RobotsFacts  `json:"robots,omitzero"`
	Refresh RefreshFacts `json:"refresh,omitzero"`

	Health    Health    `json:"health,omitzero"`
	Published Published `json:"published,omitzero"` // of the last crawl that looked for one

	// Conn holds what the Dialer wants to know again, by names of its own.
	Conn map[string]string `json:"conn,omitempty"`
}

// Called reports whether a crawl has ever logged in to the server; if not, its archive comes from a dump.
func (f *Facts) Called() bool { return f.Listing != "" || f.Banner != "" }

// ParseOptions returns how listings of the server made at the time now are to be read.
func (f *Facts) ParseOptions(now time.Time) *parse.Options {
	o := &parse.Options{Now: now}
	// What a newer version of the program wrote and this one does not know is found out from
	// the listing, as if it had not been learned.
	_ = o.Format.UnmarshalText([]byte(f.Format))
	_ = o.DateOrder.UnmarshalText([]byte(f.DateOrder))
	if zone, err := ParseZone(f.Zone); err == nil {
		o.Location = zone
	}
	return o
}

// ParseZone returns the zone that s names: "" and "UTC", "+05:30", or a name that time.LoadLocation takes.
func ParseZone(s string) (*time.Location, error) {
	if s == "" {
		return time.UTC, nil
	}
	if s[0] == '+' || s[0] == '-' {
		t, err := time.Parse("-07:00", s)
		if err != nil {
			return nil, fmt.Errorf("%q: an offset is written as +05:30", s)
		}
		_, offset := t.Zone()
		return time.FixedZone(s, offset), nil
	}
	return time.LoadLocation(s)
}

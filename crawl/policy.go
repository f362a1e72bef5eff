package crawl

import (
	"fmt"
	"path"
	"time"
)

// A Policy says how gently to crawl and what to leave out. The zero value is meant for servers of
// strangers.
type Policy struct {
	Connections int           // to one IP address; 0 means 2
	Rate        float64       // listings a second from one IP address; 0 means 20, negative no limit
	MaxRate     float64       // listings a second over all servers; 0 means 200, negative no limit
	Delay       time.Duration // at least this between two listings from one IP address
	Parallel    int           // servers crawled at the same time; 0 means 64

	MaxDepth   int           // levels below the seed: what is deeper is left out; 0 means 128, as a guard: what is deeper is missing
	MaxPath    int           // bytes of a pathname; 0 means 4096, and 30,000 is the most
	MaxEntries int64         // of one server; 0 means no limit
	MaxTime    time.Duration // for one server; 0 means no limit
	Exclude    []string      // globs of pathnames or of last elements not to descend into

	MaxListing        int64         // bytes of one listing; 0 means 200 MiB
	MaxListingEntries int64         // lines of one listing; 0 means 2 million
	MaxListingTime    time.Duration // for one listing, besides a second for each KiB it brings; 0 means a minute

	Refresh Refresh // of servers crawled before; "" means RefreshAuto

	Published       PublishedMode // "" means PublishedAuto
	PublishedMaxAge time.Duration // of a listing that the server publishes; 0 means 7 days

	MaxOutage  time.Duration // to wait for our own network, when all servers fail together; 0 means 5 minutes
	RetryLogin bool          // try a real login again whose password was refused

	// IgnoreRobots lists what robots.txt asks robots not to: for one's own servers. Crawls with a real
	// login never ask for it.
	IgnoreRobots bool

	Retries int           // further attempts at a listing or a login; 0 means 3, negative none
	Backoff time.Duration // before the first retry, doubled each time up to 60 of it; 0 means a second
}

// maxKey is the longest pathname, in bytes, that an archive can have as a key.
const maxKey = 30_000

// Check returns an error if p cannot be followed: a glob of Exclude that path.Match does not take.
func (p *Policy) Check() error {
	for _, glob := range p.Exclude {
		if _, err := path.Match(glob, ""); err != nil {
			return fmt.Errorf("%q is no glob: %w", glob, err)
		}
	}
	return nil
}

// withDefaults returns p with every zero replaced by what it means.
func (p Policy) withDefaults() Policy {
	def(&p.Connections, 2)
	def(&p.Rate, 20)
	def(&p.MaxRate, 200)
	def(&p.Parallel, 64)
	def(&p.MaxDepth, 128)
	def(&p.MaxPath, 4096)
	p.MaxPath = min(p.MaxPath, maxKey)
	def(&p.MaxListing, 200<<20)
	def(&p.MaxListingEntries, 2_000_000)
	def(&p.MaxListingTime, time.Minute)
	def(&p.PublishedMaxAge, 7*24*time.Hour)
	def(&p.MaxOutage, 5*time.Minute)
	def(&p.Retries, 3)
	def(&p.Backoff, time.Second)
	return p
}

func def[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

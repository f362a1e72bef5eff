package crawl

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Crawler lists whole servers. Its fields must not change while Run runs.
type Crawler struct {
	Dialer Dialer

	// Open returns the Store of a server, which the Crawler closes. An error, as that the server
	// is being crawled by another process, ends the crawl of this server only. It may wait, but not when its ctx is done, whose
	// cause is the error then.
	Open func(context.Context, Server) (Store, error)

	Policy Policy

	// Settings returns what is different for a server; nil: nothing is.
	Settings func(Server) ServerSettings

	// Charset and Zone, if not "", are set for the servers of this crawl, see [Facts.Set].
	Charset, Zone string

	// Resolve returns the IP addresses of a host, so that servers with several names are treated
	// as one. nil, or an error, takes the host's name for its address.
	Resolve func(ctx context.Context, host string) ([]string, error)

	Now     func() time.Time // nil means time.Now
	Logger  *slog.Logger     // nil discards
	Observe func(Event)      // nil: nobody looks; called by several goroutines, one at a time
	TempDir string           // for large listings; "" means the system's

	// TempRoom, if not nil, returns an error when TempDir has too little room for more. It is asked now and then while large listings
	// are written there, by several goroutines.
	TempRoom func() error
}

// ErrMaxTime and ErrMaxEntries are why a crawl was interrupted by a limit of its [Policy].
var (
	ErrMaxTime    = errors.New("the time limit is reached")
	ErrMaxEntries = errors.New("the limit of entries is reached")
)

// run is one call of Run.
type run struct {
	*Crawler
	policy Policy
	log    *slog.Logger
	now    func() time.Time
	all    *rate.Limiter // over all servers
	places chan struct{} // one for each server that is crawled and does not wait for another on its address, or to be tried again
	pauses chan struct{} // one for each that has left its place to be tried again later: their archives are open
	outage outage

	mu      sync.Mutex
	hosts   map[string]*host
	report  Report
	observe sync.Mutex
}

// Run crawls the servers of the seeds, Policy.Parallel at a time, and returns what came of each. When
// ctx is done, directories in flight are finished if they are so within two seconds, and what was
// listed is saved; crawling the same server again goes on from there. What goes wrong with a server
// is in its report; the error is ctx's cause, that of Policy.Check, or nil.
func (c *Crawler) Run(ctx context.Context, seeds ...Seed) (*Report, error) {
	if err := c.Policy.Check(); err != nil {
		return new(Report), err
	}
	r := &run{Crawler: c, policy: c.Policy.withDefaults(), log: c.Logger, now: c.Now, hosts: make(map[string]*host)}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.now == nil {
		r.now = time.Now
	}
	r.all = newLimiter(r.policy.MaxRate)

	var servers []Server
	byServer := make(map[Server][]Seed)
	keys := make(map[string]Server) // one archive a key, whatever the scheme
	for _, s := range seeds {
		if first, ok := keys[s.Server.Key()]; ok {
			s.Server = first
		} else {
			keys[s.Server.Key()] = s.Server
			servers = append(servers, s.Server)
		}
		byServer[s.Server] = append(byServer[s.Server], s)
	}
	r.outage.servers = len(servers)
	r.places = make(chan struct{}, r.policy.Parallel)
	r.pauses = make(chan struct{}, r.policy.Parallel)
	var wg sync.WaitGroup
	for _, server := range servers {
		if !r.takePlace(ctx) {
			break
		}
		wg.Go(func() {
			defer r.leavePlace()
			report := r.crawl(ctx, server, byServer[server])
			r.mu.Lock()
			r.report.Servers = append(r.report.Servers, report)
			r.mu.Unlock()
			r.event(Event{Kind: Ended, Server: server, Report: report, Err: report.Err})
		})
	}
	wg.Wait()
	return &r.report, context.Cause(ctx)
}

// takePlace waits for a place among the Parallel servers that are crawled at the same time; false: ctx is done.
func (r *run) takePlace(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case r.places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (r *run) leavePlace() { <-r.places }

// wait waits until one connection more to the address of h is allowed, and counts it. A server that has to wait for others on its
// address leaves its place to whom it can be of use; who has a place never waits for one who waits for a place.
func (r *run) wait(ctx context.Context, h *host, server Server) error {
	r.event(Event{Kind: Waiting, Server: server, Address: h.address, With: h.other(server)})
	r.leavePlace()
	err := h.acquire(ctx)
	r.places <- struct{}{} // soon: when ctx is done everybody leaves
	return err
}

// pause waits for d before a server that lets nobody in is tried again. The server, which holds no connection, leaves its place
// to others meanwhile, unless as many have done so as there are places.
func (r *run) pause(ctx context.Context, d time.Duration) error {
	select {
	case r.pauses <- struct{}{}:
	default:
		return sleep(ctx, d)
	}
	r.leavePlace()
	err := sleep(ctx, d)
	r.places <- struct{}{}
	<-r.pauses
	return err
}

func (r *run) event(e Event) {
	if r.Observe == nil {
		return
	}
	e.Time = r.now()
	r.observe.Lock()
	defer r.observe.Unlock()
	r.Observe(e)
}

// spool returns an empty Spool.
func (r *run) spool() *Spool { return &Spool{Dir: r.TempDir, Room: r.TempRoom} }

// host returns the limits of the address of a server.
func (r *run) host(ctx context.Context, s Server) *host {
	address := s.Host
	if _, err := netip.ParseAddr(s.Host); err != nil && r.Resolve != nil {
		if all, err := r.Resolve(ctx, s.Host); err == nil && len(all) > 0 {
			address = slices.Min(all)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.hosts[address]
	if h == nil {
		h = newHost(address, &r.policy)
		r.hosts[address] = h
	}
	return h
}

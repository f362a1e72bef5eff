package crawl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// grace is how long listings in flight may go on after the crawl was interrupted.
	grace = 2 * time.Second

	// cleanListings is how many listings must have come without trouble over the first connection
	// before there is a second.
	cleanListings = 3

	// idleConn is how long a connection is kept for which there is nothing to list.
	idleConn = 30 * time.Second

	// rememberLimit is how long a limit of connections that was found is taken to hold.
	rememberLimit = 7 * 24 * time.Hour

	// fullRetries is how often a server that is full is tried again when none of its connections is ours.
	fullRetries = 8
)

// A walk is the crawl of one server.
type walk struct {
	*run
	server   Server
	store    Store
	host     *host
	policy   Policy // for this server; hides that of the run
	frontier *frontier
	scanner  *Scanner
	seeds    map[string]bool

	ctx  context.Context // of the crawl: no new listing is begun when it is done
	hard context.Context // of listings in flight: done a little later

	traps   *traps
	learner learner
	report  *ServerReport // what the workers read in it is set before they begin

	quick  bool    // before the workers begin
	robots *Robots // before the workers begin; nil: everything is allowed

	mu      sync.Mutex
	probes  map[string]probe // made before the workers began, by pathname, and not recorded yet
	workers int
	wg      sync.WaitGroup
	clean   int           // listings so far without trouble
	refused int           // connections that failed in a row
	since   time.Time     // the first of them
	paused  time.Duration // for our network, in all
	entries int64         // of all processes of this crawl
	traffic ConnStats

	logins, listings, retries int64
	waited                    time.Duration
}

// crawl crawls one server to the end, its own or that of ctx.
func (r *run) crawl(ctx context.Context, server Server, seeds []Seed) *ServerReport {
	report := &ServerReport{Server: server, State: Stopped, Started: r.now()}
	defer func() { report.Ended = r.now() }()
	// First the connection: a thousand servers that wait for one address have no archive open.
	h := r.host(ctx, server)
	if !h.admit(server) {
		if err := r.wait(ctx, h, server); err != nil {
			report.State, report.Err = Interrupted, context.Cause(ctx)
			return report
		}
		h.enter(server)
	}
	defer h.leave(server)
	report.Started = r.now()
	store, err := r.Open(ctx, server)
	if err != nil {
		h.release(false)
		report.Err = err
		if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
			report.State = Interrupted
		}
		return report
	}
	defer func() {
		if err := store.Close(); err != nil && report.Err == nil {
			report.State, report.Err = Stopped, err
		}
	}()
	hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	var settings ServerSettings
	if r.Settings != nil {
		settings = r.Settings(server)
	}
	policy := r.policy.with(settings)
	if policy.MaxTime > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, policy.MaxTime, ErrMaxTime)
		defer stop()
	}
	stop := context.AfterFunc(ctx, func() {
		// cancel is harmless when everything has ended before.
		time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
	})
	defer stop()

	w := &walk{
		run: r, server: server, store: store, host: h, policy: policy, ctx: ctx, hard: hard,
		frontier: newFrontier(store, r.now), seeds: make(map[string]bool), traps: newTraps(), report: report,
	}
	w.host.heed(settings)
	w.scanner = &Scanner{
		Options:  store.ParseOptions,
		MaxDepth: policy.MaxDepth, AskedFor: r.Policy.MaxDepth != 0, MaxPath: policy.MaxPath, Exclude: excluder(policy.Exclude),
		Look: w.learner.look,
	}
	charset, zone := r.Charset, r.Zone
	def(&charset, settings.Charset) // what is said for this crawl comes first
	def(&zone, settings.Zone)
	store.Learn(func(f *Facts) { f.Set(charset, zone) })
	facts := store.Facts()
	if d, ok := r.Dialer.(Rememberer); ok && len(facts.Conn) > 0 {
		d.Recall(server, facts.Conn)
	}
	if r.now().Sub(facts.LimitedAt) < rememberLimit {
		w.host.lower(facts.Connections)
	}
	if err := w.begin(seeds, report); err != nil {
		w.closeProbes()
		w.blame(err)
		report.Err = err
		if ctx.Err() != nil {
			report.State, report.Err = Interrupted, context.Cause(ctx)
		}
		report.Ended = r.now()
		report.Peak, report.Manners = w.host.peaked(), w.manners()
		if err := store.End(report); err != nil {
			report.State, report.Err = Stopped, err
		}
		return report
	}
	w.wg.Wait()
	w.closeProbes()
	w.end(report)
	return report
}

// begin logs in for the first time, makes the seeds known to the Store, and starts the first worker. The connection is counted
// by the host already.
func (w *walk) begin(seeds []Seed, report *ServerReport) error {
	command := w.store.Facts().Listing
	s := &session{walk: w, slot: true}
	if w.server.User != "" && w.store.Facts().Health.Locked && !w.policy.RetryLogin {
		s.drop()
		return ErrLocked
	}
	since, outages := w.now(), 0
	for failed := 0; ; failed++ {
		if err := s.acquire(); err != nil {
			return err
		}
		err := s.dial()
		if err == nil {
			break
		}
		s.drop()
		if failed >= w.firstRetries(err) {
			if !w.outage.suspected(err, since, w.now()) || w.ctx.Err() != nil {
				return err
			}
			since = w.now()
			if !w.waitOut(outages, err) {
				return cmp.Or(w.ctx.Err(), fmt.Errorf("%w: %w", ErrOutage, err))
			}
			outages++
			continue
		}
		w.event(Event{Kind: Retried, Server: w.server, Err: err})
		if err := w.pauseAlone(w.backoff(failed)); err != nil {
			return err
		}
	}
	loginDir := w.store.Facts().LoginDir
	var dirs []Dir
	for _, seed := range seeds {
		d := Dir{Server: w.server, Path: seed.Resolve(loginDir)}
		if n := len(d.Path); n > maxKey {
			s.drop()
			return fmt.Errorf("%q… has %d bytes: a directory to begin with can have %d", d.Path[:64], n, maxKey)
		}
		if !w.seeds[d.Path] {
			w.seeds[d.Path] = true
			dirs = append(dirs, d)
		}
	}
	resumed, err := w.store.Begin(w.ctx, dirs)
	if err != nil {
		s.drop()
		return err
	}
	w.store.Learn(func(f *Facts) { f.Health = f.Health.Succeeded(w.now()) })
	report.Resumed = resumed
	w.event(Event{Kind: Began, Server: w.server, Resumed: resumed})
	w.chooseRefresh(report, command)
	if err := s.obey(resumed); err != nil {
		s.drop()
		return err
	}
	if err := s.published(dirs, report); err != nil {
		s.drop()
		return err
	}
	w.entries = w.store.Progress().Entries
	w.workers = 1
	w.wg.Go(func() { s.work() })
	return nil
}

// chooseRefresh decides whether the crawl is quick. command is what listed the server the last time: a
// listing by another may show more.
func (w *walk) chooseRefresh(report *ServerReport, command string) {
	w.store.Learn(func(f *Facts) {
		mode := f.Refresh.choose(w.policy.Refresh, w.now())
		if f.Listing != command {
			mode = RefreshFull
		}
		if report.Resumed && f.Refresh.Mode == RefreshQuick {
			mode = RefreshQuick // what was left out stays out
		} else if report.Resumed && f.Refresh.Mode == RefreshFull && mode == RefreshQuick && w.policy.Refresh != RefreshQuick {
			mode = RefreshFull
		}
		f.Refresh.Mode = mode
		report.Refresh = mode
	})
	w.quick = report.Refresh == RefreshQuick
}

// firstRetries returns how often to try again when the server could not even be logged in to once.
// A host that is not there is not worth the time-outs; one that is full may be worth the wait.
func (w *walk) firstRetries(err error) int {
	var dns *net.DNSError
	switch {
	case w.ctx.Err() != nil, IsErrno(err, syscall.ECONNREFUSED), errors.As(err, &dns) && dns.IsNotFound:
		return 0
	case tooMany(err):
		return fullRetries
	case !Retryable(err):
		return 0
	}
	return min(1, max(0, w.policy.Retries))
}

// pauseAlone waits between two logins, when no other worker has anything to do. Under a time limit the place is kept: waiting for
// another one would count.
func (w *walk) pauseAlone(d time.Duration) error {
	if w.policy.MaxTime > 0 {
		return sleep(w.ctx, d)
	}
	return w.pause(w.ctx, d)
}

// backoff returns the time to wait after so many failures before: doubling, up to 60 times the
// first, and up to a quarter less, so that those who were refused together do not come back together.
func (w *walk) backoff(failed int) time.Duration {
	d := min(w.policy.Backoff<<min(failed, 6), 60*w.policy.Backoff)
	return d - time.Duration(rand.Int64N(int64(d)/4+1))
}

// end waits until all is durable and says how complete it is.
func (w *walk) end(report *ServerReport) {
	exhausted, err := w.frontier.result()
	w.learnCharset()
	report.Ended = w.now()
	report.Peak, report.Manners = w.host.peaked(), w.manners()
	switch {
	case err != nil && !errors.Is(err, ErrMaxEntries):
		report.State, report.Err = Stopped, err
		w.blame(err)
	case exhausted:
		counts := w.store.Progress()
		counts.Pending = 0
		if report.State = Incomplete; counts.Complete() {
			report.State = Complete
		}
	default:
		report.State, report.Err = Interrupted, cmp.Or(err, context.Cause(w.ctx))
	}
	if exhausted {
		w.store.Learn(func(f *Facts) { f.Refresh = f.Refresh.ended(w.now()) })
	}
	if err := w.store.End(report); err != nil {
		report.State, report.Err = Stopped, err
	}
	report.Counts = w.store.Progress()
}

// grow starts another worker if there is work for it, the server behaved so far and may be given another connection.
func (w *walk) grow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.clean < cleanListings {
		return
	}
	w.host.trust()
	if w.workers >= w.policy.Connections || !w.frontier.plenty() || !w.host.tryAcquire() {
		return
	}
	w.workers++
	s := &session{walk: w, slot: true}
	w.wg.Go(func() { s.work() })
}

// retire reports whether a worker may end: the last one must not.
func (w *walk) retire() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.workers <= 1 {
		return false
	}
	w.workers--
	return true
}

// excluder returns a function that matches pathnames against globs as path.Match has them: a glob
// with a "/" against the whole pathname, any other against its last element.
func excluder(globs []string) func(string) bool {
	if len(globs) == 0 {
		return nil
	}
	return func(p string) bool {
		return slices.ContainsFunc(globs, func(glob string) bool {
			name := p
			if !strings.Contains(glob, "/") {
				name = path.Base(p)
			}
			ok, err := path.Match(glob, name)
			return err == nil && ok
		})
	}
}

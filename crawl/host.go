package crawl

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A host is an IP address with the limits that hold for it, shared by all servers on it.
type host struct {
	address string
	rate    *rate.Limiter
	delay   *rate.Limiter

	mu       sync.Mutex
	changed  *sync.Cond
	limit    int // connections: one until the address is trusted, then most
	most     int // that it may have, as far as is known
	trusted  bool
	open     int // connections, those being made included
	loggedIn int
	peak     int
	servers  []Server // that are crawled now
}

func newHost(address string, p *Policy) *host {
	h := &host{address: address, rate: newLimiter(p.Rate), delay: rate.NewLimiter(rate.Inf, 1), limit: min(1, p.Connections), most: p.Connections}
	if p.Delay > 0 {
		h.delay = rate.NewLimiter(rate.Every(p.Delay), 1)
	}
	h.changed = sync.NewCond(&h.mu)
	return h
}

// newLimiter lets perSecond events a second through, one by one; above 500 a second in small bursts, as no timer is that
// exact.
func newLimiter(perSecond float64) *rate.Limiter {
	if perSecond < 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/500)))
}

// acquire waits until one connection more is allowed, and counts it.
func (h *host) acquire(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.changed.Broadcast()
	})
	defer stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.open >= h.limit {
		if err := ctx.Err(); err != nil {
			return err
		}
		h.changed.Wait()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	h.open++
	h.peak = max(h.peak, h.open)
	return nil
}

// tryAcquire is acquire without waiting.
func (h *host) tryAcquire() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open >= h.limit {
		return false
	}
	h.open++
	h.peak = max(h.peak, h.open)
	return true
}

// admit is tryAcquire and enter in one.
func (h *host) admit(s Server) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open >= h.limit {
		return false
	}
	h.open++
	h.peak = max(h.peak, h.open)
	h.servers = append(h.servers, s)
	return true
}

// release takes back a connection that acquire allowed; loggedIn says that in did.
func (h *host) release(loggedIn bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open--
	if loggedIn {
		h.loggedIn--
	}
	h.changed.Broadcast()
}

// in counts a connection as logged in.
func (h *host) in() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loggedIn++
}

// stepDown lowers the limit to the number of connections that are logged in, at least one, and
// returns it.
func (h *host) stepDown() (limit int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.most = max(1, min(h.most, h.loggedIn))
	h.limit = min(h.limit, h.most)
	return h.most
}

// trust lets the address have all its connections: the first listings came clean.
func (h *host) trust() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.trusted {
		h.trusted, h.limit = true, h.most
		h.changed.Broadcast()
	}
}

// logins returns the number of connections that are logged in.
func (h *host) logins() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.loggedIn
}

// lower makes the limit at most n.
func (h *host) lower(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n > 0 {
		h.most = max(1, min(h.most, n))
		h.limit = min(h.limit, h.most)
	}
}

// pace waits until another listing may be asked for.
func (h *host) pace(ctx context.Context, all *rate.Limiter) error {
	for _, l := range []*rate.Limiter{h.delay, h.rate, all} {
		if err := wait(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// wait is l.Wait, which gives up at once when the deadline of ctx comes too early; here the time is
// waited out, so that the reason is ctx's.
func wait(ctx context.Context, l *rate.Limiter) error {
	if l.Limit() == rate.Inf {
		return ctx.Err()
	}
	r := l.Reserve()
	if err := sleep(ctx, r.Delay()); err != nil {
		r.Cancel()
		return err
	}
	return nil
}

// sleep waits for d or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// peaked returns the greatest number of connections that were open at the same time.
func (h *host) peaked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.peak
}

// slow makes the time between two listings at least d, the first of which was just now.
func (h *host) slow(d time.Duration) {
	if limit := rate.Every(d); d > 0 && limit < h.delay.Limit() {
		h.delay.SetLimit(limit)
		h.delay.Allow() // takes the token that is there
	}
}

// limits returns the greatest number of connections, and the least time between two listings.
func (h *host) limits() (connections int, delay time.Duration) {
	if l := h.delay.Limit(); l != rate.Inf && l > 0 {
		delay = time.Duration(float64(time.Second) / float64(l))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.most, delay
}

// enter says that a server on the address is crawled from now on, leave that it is no more.
func (h *host) enter(s Server) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.servers = append(h.servers, s)
}

func (h *host) leave(s Server) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.servers, s); i >= 0 {
		h.servers = slices.Delete(h.servers, i, i+1)
	}
}

// other returns the server besides s that is crawled longest; the zero Server: none is any more.
func (h *host) other(s Server) Server {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.servers {
		if o != s {
			return o
		}
	}
	return Server{}
}

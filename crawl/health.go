package crawl

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// A HealthState says whether a server can be used.
type HealthState string

const (
	HealthOK      HealthState = "ok"
	HealthFailing HealthState = "failing" // the last crawls could not use it
	HealthDead    HealthState = "dead"    // nor could those of days before
)

// healthWaits are the times after which a server that failed is tried again: the last one for good. A server
// that has used up all but the last is dead.
var healthWaits = [...]time.Duration{24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}

// Health is what the crawls of a server say about the server. What is known of its files stays, however long it is
// dead. The zero value is that of a server never tried. The JSON form is part of the archive's format.
type Health struct {
	State   HealthState `json:"state,omitempty"`
	Since   time.Time   `json:"since,omitzero"`   // of the first failure in a row
	LastOK  time.Time   `json:"last_ok,omitzero"` // last time that it could be used
	LastTry time.Time   `json:"last_try,omitzero"`
	Next    time.Time   `json:"next,omitzero"`    // not to be tried again before, unless the user asks for it
	Waits   int         `json:"waits,omitempty"`  // failures in a row, those before Next not counted
	Reason  string      `json:"reason,omitempty"` // the last failure

	// Locked: the server refused the password of a real login. Trying again may lock the account, so
	// that nobody does before the user says so.
	Locked bool `json:"locked,omitempty"`
}

// Succeeded returns the health after a crawl that could use the server.
func (h Health) Succeeded(now time.Time) Health {
	now = now.UTC()
	return Health{State: HealthOK, LastOK: now, LastTry: now}
}

// Failed returns the health after a crawl that could not.
func (h Health) Failed(now time.Time, err error) Health {
	now = now.UTC()
	h.LastTry = now
	if err != nil {
		h.Reason = err.Error()
	}
	if h.Since.IsZero() || h.State == HealthOK {
		h.Since = now
	}
	// Trying in vain ten times on one day is one failure.
	if !now.Before(h.Next) {
		h.Waits++
		h.Next = now.Add(healthWaits[min(h.Waits, len(healthWaits))-1])
	}
	if h.State = HealthFailing; h.Waits >= len(healthWaits) {
		h.State = HealthDead
	}
	return h
}

// Lock returns the health after the server refused a real password.
func (h Health) Lock(now time.Time, err error) Health {
	h = h.Failed(now, err)
	h.Locked = true
	return h
}

// Due reports whether the server may be tried without being asked for by name.
func (h Health) Due(now time.Time) bool { return !h.Locked && !now.Before(h.Next) }

// ErrOutage is why a crawl was stopped when no server of the run answered any more. It says nothing of the server.
var ErrOutage = errors.New("no server answers: our own network seems to be down")

// ErrLocked is why a server is not tried whose password was refused.
var ErrLocked = errors.New("the server refused the password the last time, and trying again may lock the account")

// An outage notices that all servers fail together, which is our network's fault and no server's. It is for
// several goroutines.
type outage struct {
	servers int // of this run: one alone proves nothing

	mu    sync.Mutex
	alive time.Time // last sign of life of anybody
}

// answered says that some server gave a sign of life.
func (o *outage) answered(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.After(o.alive) {
		o.alive = now
	}
}

// suspected reports whether err, after attempts since then, may be our network's fault: nobody else gave a sign of life
// meanwhile.
func (o *outage) suspected(err error, since, now time.Time) bool {
	if !ourFault(err) {
		if err != nil {
			o.answered(now)
		}
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.servers > 1 && o.alive.Before(since)
}

// While an outage lasts each server is tried again after a pause that grows.
const (
	outagePause    = 5 * time.Second
	maxOutagePause = time.Minute
)

// waitOut waits for our network to come back, after an attempt that failed for the nth time because of it. It reports
// false when that takes longer than the policy allows.
func (w *walk) waitOut(n int, err error) bool {
	pause := min(outagePause<<min(n, 4), maxOutagePause)
	w.mu.Lock()
	w.paused += pause
	long := w.paused > w.policy.MaxOutage
	w.mu.Unlock()
	if long {
		return false
	}
	w.event(Event{Kind: Paused, Server: w.server, Elapsed: pause, Err: err})
	return sleep(w.ctx, pause) == nil
}

// blame makes err part of the server's health, if it is the server's fault.
func (w *walk) blame(err error) {
	var e *Error
	if err == nil || w.ctx.Err() != nil || !errors.As(err, &e) ||
		errors.Is(err, ErrOutage) || errors.Is(err, ErrLocked) || errors.Is(err, ErrNoRobots) || errors.Is(err, ErrNoPassword) || errors.Is(err, ErrProxy) {
		return
	}
	w.store.Learn(func(f *Facts) {
		if w.server.User != "" && e.Code == 530 && !errors.Is(err, ErrTooMany) {
			f.Health = f.Health.Lock(w.now(), err)
			return
		}
		f.Health = f.Health.Failed(w.now(), err)
	})
}

// ourFault reports whether err may come from our own network. A refused or reset connection, a name that does
// not exist, any reply at all: somebody out there answered.
func ourFault(err error) bool {
	var e *Error
	if errors.As(err, &e) && e.Code != 0 || err == nil {
		return false
	}
	if errors.Is(err, ErrProxy) {
		return true
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return !dns.IsNotFound
	}
	if IsErrno(err, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE) {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || IsErrno(err, syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL)
}

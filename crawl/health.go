package crawl

import (
	"errors"
	"net"
	"slices"
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

// An outage notices that all servers fail together, which is our network's fault and no server's. It is for
// several goroutines.
type outage struct {
	mu      sync.Mutex
	servers int             // of this run
	failing map[Server]bool // since the last sign of life of anybody
}

// outageServers is how many servers must fail with none answering; fewer if the run has fewer, but a
// single one proves nothing.
const outageServers = 3

func newOutage(servers int) *outage { return &outage{servers: servers, failing: make(map[Server]bool)} }

// failed says that a server could not be reached and reports whether this is an outage of ours.
func (o *outage) failed(s Server, err error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !ourFault(err) {
		clear(o.failing) // somebody answered
		return false
	}
	o.failing[s] = true
	return len(o.failing) >= min(outageServers, max(2, o.servers))
}

// alive says that some server answered.
func (o *outage) alive() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.failing)
}

// ourFault reports whether err may come from our own network. A refused or reset connection, a name that does
// not exist, any reply at all: somebody out there answered.
func ourFault(err error) bool {
	var e *Error
	if errors.As(err, &e) && e.Code != 0 || err == nil {
		return false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return !dns.IsNotFound
	}
	if slices.ContainsFunc([]error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE}, func(is error) bool { return errors.Is(err, is) }) {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || slices.ContainsFunc(
		[]error{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL},
		func(is error) bool { return errors.Is(err, is) })
}

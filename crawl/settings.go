package crawl

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// ServerSettings are what is different for one server. What is zero is as the [Policy] and the [Crawler] have it.
type ServerSettings struct {
	Connections int           // to its IP address
	Rate        float64       // listings a second; negative: no limit but Policy.MaxRate
	Delay       time.Duration // at least this between two listings; negative: none
	Exclude     []string      // besides those of the policy

	Charset, Zone string // see [Facts.Set]
}

// with returns p as it is for a server with the settings.
func (p Policy) with(s ServerSettings) Policy {
	if s.Connections > 0 {
		p.Connections = s.Connections
	}
	if s.Rate != 0 {
		p.Rate = s.Rate
	}
	if s.Delay != 0 {
		p.Delay = max(0, s.Delay)
	}
	p.Exclude = append(slices.Clip(p.Exclude), s.Exclude...)
	return p
}

// heed gives the address of a server with settings the limits of these, for all servers on it.
func (h *host) heed(s ServerSettings) {
	if s.Rate != 0 {
		l := newLimiter(s.Rate)
		h.rate.SetBurst(l.Burst())
		h.rate.SetLimit(l.Limit())
	}
	switch {
	case s.Delay > 0:
		h.delay.SetLimit(rate.Every(s.Delay))
	case s.Delay < 0:
		h.delay.SetLimit(rate.Inf)
	}
	if s.Connections > 0 {
		h.mu.Lock()
		h.most = s.Connections
		h.limit = min(h.limit, h.most)
		h.mu.Unlock()
	}
}

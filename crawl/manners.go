package crawl

import (
	"context"
	"time"
)

// Manners are what a crawl cost the server, and within which limits it kept, so that the server's operator can be shown.
// The JSON form is part of the archive's format.
type Manners struct {
	Connections int64         `json:"connections"`          // control connections that logged in
	Peak        int           `json:"peak_connections"`     // open at the same time, to all servers of the address
	Failed      int64         `json:"failed_logins"`        // control connections that did not
	Commands    int64         `json:"commands"`             // sent over both
	Listings    int64         `json:"listings"`             // of these commands, those that list
	DataConns   int64         `json:"data_connections"`     // opened
	Sent        int64         `json:"sent_bytes"`           // of commands
	Received    int64         `json:"received_bytes"`       // of replies, listings and files
	Retries     int64         `json:"retries,omitempty"`    // listings and logins tried again
	Waited      time.Duration `json:"waited_ns,omitempty"`  // by all connections together, to keep the limits
	Limit       int           `json:"connections_limit"`    // at the end
	Rate        float64       `json:"rate_limit,omitempty"` // listings a second; 0: none
	Delay       time.Duration `json:"delay_ns,omitempty"`   // at least, between two listings
	Refused     int64         `json:"refused,omitempty"`    // directories not asked for because of robots.txt
}

// Add adds what a later process of the same crawl did.
func (m *Manners) Add(n Manners) {
	n.Connections += m.Connections
	n.Failed += m.Failed
	n.Peak = max(n.Peak, m.Peak)
	n.Commands += m.Commands
	n.Listings += m.Listings
	n.DataConns += m.DataConns
	n.Sent += m.Sent
	n.Received += m.Received
	n.Retries += m.Retries
	n.Waited += m.Waited
	*m = n
}

// manners returns those of this process, when its connections are closed.
func (w *walk) manners() Manners {
	limit, delay := w.host.limits()
	w.mu.Lock()
	defer w.mu.Unlock()
	m := Manners{
		Connections: w.logins, Peak: w.host.peaked(), Commands: w.traffic.Commands, Listings: w.listings, DataConns: w.traffic.DataConns,
		Sent: w.traffic.Sent, Received: w.traffic.Received, Retries: w.retries, Waited: w.waited, Limit: limit, Rate: max(0, w.policy.Rate), Delay: delay,
	}
	if d, ok := w.Dialer.(PacedDialer); ok {
		lost, traffic := d.Wasted(w.server)
		m.Failed = lost
		m.Commands += traffic.Commands
		m.DataConns += traffic.DataConns
		m.Sent += traffic.Sent
		m.Received += traffic.Received
	}
	if t := w.store.Progress().LeftOut[Disallowed]; t != nil {
		m.Refused = t.N
	}
	return m
}

// pace waits until another listing, or a file, may be asked for.
func (w *walk) pace() error {
	start := time.Now()
	err := w.host.pace(w.ctx, w.all)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waited += time.Since(start)
	return err
}

// paceLogin is pace for the listings that a login makes to find out how to list.
func (s *session) paceLogin(ctx context.Context) error {
	start := time.Now()
	err := s.host.pace(ctx, s.all)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waited += time.Since(start)
	if err == nil {
		s.listings++
	}
	return err
}

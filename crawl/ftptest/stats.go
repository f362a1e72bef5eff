package ftptest

import (
	"maps"
	"slices"
	"time"
)

// Stats is what a Server has seen: the witness of how a client behaved.
type Stats struct {
	Sessions int // now
	Peak     int // most at once, those greeted with 421 included
	Total    int // ever
	Refused  int // greeted with 421 because of MaxSessions
	Logins   int // accepted
	DataConn int // data connections opened

	Commands map[string]int // by verb, in upper case
	Listings []Listing      // LIST, NLST and MLSD commands, in the order they came
}

// A Listing is one command that asked for a listing.
type Listing struct {
	Time    time.Time
	Session int    // number of the session, from 1
	Dir     string // absolute pathname of the directory
}

// Stats returns what has been seen so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.Sessions = len(s.sessions)
	st.Commands = maps.Clone(st.Commands)
	st.Listings = slices.Clone(st.Listings)
	return st
}

// Gaps returns the times between one listing and the next, over all sessions.
func (st Stats) Gaps() []time.Duration {
	var gaps []time.Duration
	for i := 1; i < len(st.Listings); i++ {
		gaps = append(gaps, st.Listings[i].Time.Sub(st.Listings[i-1].Time))
	}
	return gaps
}

// MostWithin returns the greatest number of listings that came within any span of d.
func (st Stats) MostWithin(d time.Duration) int {
	most, first := 0, 0
	for i, l := range st.Listings {
		for l.Time.Sub(st.Listings[first].Time) > d {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// Dirs returns how often each directory was asked for.
func (st Stats) Dirs() map[string]int {
	dirs := make(map[string]int)
	for _, l := range st.Listings {
		dirs[l.Dir]++
	}
	return dirs
}

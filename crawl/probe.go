package crawl

import "errors"

// Some directories are listed before the workers begin: that after login, to look for robots.txt; others, for a listing
// that the server publishes. The crawl takes these listings over, so that no directory is asked for twice:
// one that was cut is stored as far as it came, and what failed counts as the first attempt.

// A probe is what came of listing such a directory.
type probe struct {
	l   *Listing // has no Status yet
	err error    // of listing, and not of our own
}

// probe lists a directory, once. The walk owns the Listing, which is nil if nothing came of it. An error is that of listing: it is kept
// too, as the first attempt of the crawl, and s has no connection any more if it broke that.
func (s *session) probe(path string) (*Listing, error) {
	s.mu.Lock()
	p, ok := s.probes[path]
	s.mu.Unlock()
	if !ok {
		if err := s.pace(); err != nil {
			return nil, err
		}
		p.l, p.err = s.list(task{Dir: Dir{Server: s.server, Path: path}})
		if p.err != nil && Broken(p.err) {
			s.drop()
		}
		var temp *TempError
		if p.err != nil && (s.hard.Err() != nil || errors.As(p.err, &temp)) {
			p.l.Close()
			return nil, p.err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.probes == nil {
			s.probes = make(map[string]probe)
		}
		s.probes[path] = p
	}
	if p.err != nil {
		return nil, p.err
	}
	return p.l, nil
}

// probed hands over what came of listing a directory by probe; nil: it was not listed.
func (w *walk) probed(path string) (*Listing, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.probes[path]
	delete(w.probes, path)
	return p.l, p.err
}

// hasProbe reports whether the directory was listed by probe with success and nobody took that over.
func (w *walk) hasProbe(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.probes[path]
	return ok && p.err == nil
}

// asked reports whether the directory was listed by probe, with whatever result, and nobody took that over.
func (w *walk) asked(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, ok := w.probes[path]
	return ok
}

// closeProbes releases what nobody took over.
func (w *walk) closeProbes() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.probes {
		p.l.Close()
	}
	w.probes = nil
}

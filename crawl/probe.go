package crawl

// Some directories are listed before the workers begin: that after login, to look for robots.txt; others, for a listing
// that the server publishes. The crawl takes these listings over, so that no directory is asked for twice.

// probe lists a directory, once. The walk owns the Listing, which has no Status yet. An error is that of listing.
func (s *session) probe(path string) (*Listing, error) {
	s.mu.Lock()
	l := s.probes[path]
	s.mu.Unlock()
	if l != nil {
		return l, nil
	}
	if err := s.pace(); err != nil {
		return nil, err
	}
	l, err := s.list(task{Dir: Dir{Server: s.server, Path: path}})
	if err != nil {
		l.Close()
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probes == nil {
		s.probes = make(map[string]*Listing)
	}
	s.probes[path] = l
	return l, nil
}

// probed hands over the listing of a directory that was made by probe; nil: none.
func (w *walk) probed(path string) *Listing {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.probes[path]
	delete(w.probes, path)
	return l
}

// hasProbe reports whether the directory was listed by probe and nobody took that over.
func (w *walk) hasProbe(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.probes[path] != nil
}

// closeProbes releases what nobody took over.
func (w *walk) closeProbes() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.probes {
		l.Close()
	}
	w.probes = nil
}

package crawl

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// A learner finds out, from what a crawl lists anyway, in which charset a server's names are and in which zone
// its clock. It is for several goroutines.
type learner struct {
	mu    sync.Mutex
	names CharsetDetector
	zone  ZonePicker
	asked bool // for the times of files
}

// look takes notice of an entry. Nearly all names are ASCII and nearly all times old: these cost no lock.
func (l *learner) look(dir string, e *parse.Entry, now time.Time, zone *time.Location) {
	if !isASCII(e.Name) {
		l.mu.Lock()
		l.names.Add(e.Name)
		l.mu.Unlock()
	}
	if e.Type == parse.File && e.Precision >= parse.Minute && now.Sub(e.ModTime) < zoneBuckets*zoneBucketAge {
		l.mu.Lock()
		l.zone.Add(dir, e, now, zone)
		l.mu.Unlock()
	}
}

// zoneAge is how long a zone, or that it cannot be found, is taken to hold.
const zoneAge = 30 * 24 * time.Hour

// askTimes asks the server for the times of the files that the learner chose, over a connection for which there is
// nothing more to list. One worker does it, once a crawl.
func (s *session) askTimes() {
	retriever, ok := s.conn.(Retriever)
	if exhausted, _ := s.frontier.result(); !ok || !exhausted || s.ctx.Err() != nil {
		return
	}
	facts := s.store.Facts()
	old := facts.ZoneEvidence
	if facts.ZoneSet || old.Samples > 0 && s.now().Sub(old.At) < zoneAge || !hasFeature(facts.Features, "MDTM") {
		return
	}
	s.learner.mu.Lock()
	first := !s.learner.asked
	s.learner.asked = true
	samples := s.learner.zone.Samples()
	s.learner.mu.Unlock()
	if !first || len(samples) == 0 {
		return
	}
	told := samples[:0]
	for _, sample := range samples {
		if s.pace() != nil {
			return
		}
		modified, err := retriever.ModTime(s.hard, sample.Path)
		var e *Error
		switch {
		case err == nil:
			sample.Modified = modified
			told = append(told, sample)
		case Broken(err):
			s.drop()
			return
		case errors.As(err, &e) && (e.Code == 500 || e.Code == 502):
			return // it has no MDTM after all
		}
	}
	evidence := InferZone(told, facts.Banner, s.now())
	s.store.Learn(func(f *Facts) {
		f.ZoneEvidence = evidence
		f.Zone = evidence.Zone
	})
}

// hasFeature reports whether FEAT names a command; without FEAT, any may be there.
func hasFeature(features []string, command string) bool {
	if len(features) == 0 {
		return true
	}
	for _, f := range features {
		if word, _, _ := strings.Cut(strings.TrimSpace(f), " "); strings.EqualFold(word, command) {
			return true
		}
	}
	return false
}

// learnCharset makes the charset that the names show that of the server, unless the user has set one or an earlier
// crawl, which saw more names, knew better.
func (w *walk) learnCharset() {
	w.learner.mu.Lock()
	evidence := w.learner.names.Evidence()
	w.learner.mu.Unlock()
	w.store.Learn(func(f *Facts) {
		if evidence.Names*2 < f.CharsetEvidence.Names {
			return // this one was resumed, or cut short
		}
		f.CharsetEvidence = evidence
		if !f.CharsetSet {
			f.Charset = evidence.Read()
		}
	})
}

// Set makes charset, as [ParseCharset] returns it, and zone, as [ParseZone] takes it, those by which the server's
// listings are read. "" leaves what is known, "auto" goes back to what the listings show.
func (f *Facts) Set(charset, zone string) {
	switch charset {
	case "":
	case "auto":
		f.CharsetSet, f.Charset = false, f.CharsetEvidence.Read()
	default:
		f.CharsetSet, f.Charset = true, charset
	}
	switch zone {
	case "":
	case "auto":
		f.ZoneSet, f.Zone = false, f.ZoneEvidence.Zone
	default:
		f.ZoneSet, f.Zone = true, zone
	}
}

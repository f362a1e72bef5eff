// Package web serves an index over HTTP: a search page that works without JavaScript, and an API.
//
//	GET /  /servers  /servers/{key}  /help       pages (page.go)
//	GET /api/v1/search                           hits as JSON (api.go), or all of them as lines (stream.go)
//	GET /api/v1/servers  /api/v1/servers/{key}
//	GET /api/v1/openapi.json                     what these answer, for programs
//	GET /feed                                    a query as an Atom feed, newest first
//	GET /opensearch.xml                          makes browsers offer the page as a search engine
//	GET /robots.txt                              keeps robots from pages of hits
//	GET /healthz  /metrics                       for whoever runs the server
//
// Everything is read-only. Passwords and TLS are the part of a proxy before it.
//
// # Names are foreign
//
// Names are bytes that other people's servers sent. They never become markup, script, a header or the scheme of a link: pages are
// made by html/template, JSON by encoding/json, XML by encoding/xml, and every link to a file is one that index.Document makes, to an
// FTP server. The Content-Security-Policy lets a browser run and load nothing that is not a file of ours.
//
// # Limits
//
// What a request may cost is bounded: the length of its query, the time of its search and how many entries that may look at, and how many searches
// and streams run at a time ([Limits]). Beyond that a result is partial, and says so, or the answer is 429 with Retry-After. Slow clients
// time out. Nothing is cached, since searches take milliseconds; but as the index only changes as a whole, an ETag spares a
// client what it has. Those of pages are of their text.
package web

import (
	"cmp"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

// A Source is the index that a Server answers from; *index.Index is one. Where nothing has been published yet, it finds
// nothing and its manifest is an empty one; an error says that the index cannot be read.
type Source interface {
	index.Searcher
	Manifest() (*index.Manifest, error)
}

// A Server answers HTTP requests from an index. Set its fields before Handler is called; the zero value of each but
// Index is a default. Its methods may be called concurrently.
type Server struct {
	Index   Source
	Servers func() ([]ServerStatus, error) // the crawled servers, by key; nil: those of the manifest alone
	Log     *slog.Logger                   // nil discards
	Now     func() time.Time               // nil: time.Now
	URL     string                         // where clients find the server, as https://search.example; "": where the request went
	Origin  string                         // which pages of others may read the API: an origin, or *; "": none
	Limits  Limits

	once  sync.Once
	inner *state
}

// A ServerStatus is what is known of a crawled server.
type ServerStatus struct {
	Key     string
	URL     string    // of its root
	State   string    // complete, incomplete, crawling, interrupted, stopped, failing, dead, …
	Error   string    // why it could not be used, one sentence
	Ended   time.Time // of the last crawl; zero: none has ended
	Entries int64
	Dirs    int64
	Missing []Missing // directories that could not be listed
	Charset string
	Zone    string
	Object  any // what the API gives out: the object that ftpidx servers --json prints
}

// Missing is a number of directories of a server that could not be listed, for one reason.
type Missing struct {
	Reason string
	Dirs   int64
}

// state is what a Server keeps between requests.
type state struct {
	limits  Limits
	gate    *gate
	metrics *metrics
	local   bool // it listens on loopback; set before the first request
}

func (s *Server) state() *state {
	s.once.Do(func() {
		limits := s.Limits.withDefaults()
		gate := newGate(limits)
		s.inner = &state{limits: limits, gate: gate, metrics: newMetrics(s, gate)}
	})
	return s.inner
}

// Handler returns the handler of all pages.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	s.pages(mux)
	s.api(mux)
	mux.HandleFunc("GET /feed", s.feed)
	mux.HandleFunc("GET /opensearch.xml", s.openSearch)
	mux.HandleFunc("GET /robots.txt", robots)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.Handle("GET /metrics", s.state().metrics.handler())
	return s.common(mux)
}

// robots keeps robots from what has no end: each page of hits leads to dozens of others. What is left are the start page,
// the servers and the help.
func robots(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, "User-agent: *\nDisallow: /?\nDisallow: /api/\nDisallow: /feed\n")
}

// healthz says whether searches can be answered: ok while the index can be read and is not known to be damaged, and while there
// is none yet.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := s.Index.Manifest(); err != nil {
		s.log().Error("failed", "id", w.Header().Get("X-Request-Id"), "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		w.Write([]byte(indexProblem(err) + "\n"))
		return
	}
	w.Write([]byte("ok\n"))
}

func (s *Server) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Server) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

// servers returns the servers by key: those that were crawled, and those of the index whose archives are not here, of which only
// the key and the number of entries are known. With an error, the list is of those that could be read.
func (s *Server) servers() ([]ServerStatus, error) {
	var list []ServerStatus
	var err error
	if s.Servers != nil {
		list, err = s.Servers()
	}
	m, merr := s.Index.Manifest()
	if merr != nil {
		return list, cmp.Or(err, merr)
	}
	known := make(map[string]bool, len(list))
	for i := range list {
		known[list[i].Key] = true
	}
	for _, g := range m.Generations {
		for _, ms := range g.Servers {
			if !known[ms.Key] {
				list = append(list, ServerStatus{Key: ms.Key, Entries: int64(ms.Docs), Charset: ms.Charset, Zone: ms.Zone})
			}
		}
	}
	slices.SortFunc(list, func(a, b ServerStatus) int { return cmp.Compare(a.Key, b.Key) })
	return list, err
}

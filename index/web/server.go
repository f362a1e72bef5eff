// Package web serves an index over HTTP: a search page that works without JavaScript, and an API.
//
// Everything is read-only. Names are foreign bytes: what servers called their files never becomes markup, script, a
// header or the scheme of a link.
package web

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

// A Source is the index that a Server answers from; *index.Index is one.
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
}

// A ServerStatus is what is known of a crawled server.
type ServerStatus struct {
	Key     string
	URL     string    // of its root
	State   string    // complete, incomplete, crawling, interrupted, stopped, …
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

// Handler returns the handler of all pages.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	return mux
}

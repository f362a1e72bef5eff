package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// pageHits is how many hits a page shows. With them, style and script it is under 50 KB, not compressed.
const pageHits = 20

// pages registers the pages that people read, and what these load.
func (s *Server) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.searchPage)
	mux.HandleFunc("GET /servers", s.serversPage)
	mux.HandleFunc("GET /servers/{key...}", s.serverPage)
	mux.HandleFunc("GET /help", s.helpPage)
	for _, a := range assets {
		mux.HandleFunc("GET "+a.url, a.serve)
	}
	mux.HandleFunc("/", s.missingPage)
}

// A page is what every page has.
type page struct {
	Title   string
	Section string // of the navigation: search, servers, help
	Query   string // in the search field
	Focus   bool   // the search field has the focus
	Feed    string // URL of an Atom feed of the query
	Help    []query.HelpSection
	Body    any
}

// A searchView is the answer to a query.
type searchView struct {
	Start   *startView // instead of an answer, where nothing is asked
	Problem *problem   // or because the query cannot be answered
	Empty   bool       // nothing is indexed yet
	Count   string     // "1,532 hits"
	Partial bool
	Hints   []string
	Hits    []hitView
	Facets  []facetView
	Sorts   []link
	Folded  *link // to the same with copies folded or unfolded
	Server  *link // the page of the only server with hits
	Next    string
	First   string // with a page behind the first
	Feed    string
	JSON    string
}

// A link is a URL of ours with its text.
type link struct {
	Text, Href string
	Current    bool
	Desc       bool // an order that descends
}

// A problem says why a query has no answer: with a query that cannot be read, where.
type problem struct {
	Message             string
	Before, Marked, End string // the query around the mistake
	At                  int    // character of the mistake, from 1
}

// searchPage answers GET /: the page with the answer to q, or with part=answer only the answer, for the script.
func (s *Server) searchPage(w http.ResponseWriter, r *http.Request) {
	values := r.URL.Query()
	q := strings.ToValidUTF8(values.Get("q"), "\uFFFD")
	view, err := s.answer(r.Context(), values)
	status := http.StatusOK
	if err != nil {
		f := failureOf(err)
		if view, status = (&searchView{Problem: newProblem(f, err)}), f.status; status == statusGone {
			return // nobody waits for it
		}
		s.header(w, f, err)
	}
	if values.Get("part") == "answer" {
		s.render(w, r, status, "answer", view)
		return
	}
	p := &page{Section: "search", Query: q, Body: view, Help: query.HelpSections()}
	if strings.TrimSpace(q) != "" {
		p.Title, p.Feed = index.Visible(q), "/feed?"+url.Values{"q": {q}}.Encode()
	} else {
		p.Focus = true
	}
	s.render(w, r, status, "search", p)
}

// missingPage says that there is no such page, or that pages can only be read.
func (s *Server) missingPage(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		s.message(w, r, http.StatusMethodNotAllowed, "Pages can only be read", "")
		return
	}
	s.message(w, r, http.StatusNotFound, "There is no such page", "")
}

// message renders a page that says only one thing.
func (s *Server) message(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	s.render(w, r, status, "message", &page{Title: title, Body: text})
}

// render writes a template as the answer, whole or not at all.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		s.writeError(w, r, fmt.Errorf("page %s: %w", name, err))
		return
	}
	if status == http.StatusOK {
		// Of what it says, not of what it was asked: so it holds whatever the clock, the servers and this program have to do with it.
		tag := hashTag(b.String())
		if notModified(w, r, tag) {
			return
		}
		w.Header().Set("ETag", tag)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(b.Bytes())
	}
}

// newProblem says what is wrong, in a query that cannot be read also where.
func newProblem(f *failure, err error) *problem {
	var se *query.SyntaxError
	if !errors.As(err, &se) {
		return &problem{Message: index.Visible(f.Message)}
	}
	start := min(se.Start, len(se.Query))
	end := max(start, min(se.End, len(se.Query)))
	return &problem{
		Message: index.Visible(se.Msg),
		Before:  index.Visible(se.Query[:start]), Marked: index.Visible(se.Query[start:end]), End: index.Visible(se.Query[end:]),
		At: 1 + utf8.RuneCountInString(se.Query[:start]),
	}
}

// failed answers with a page that says what failed, of our own troubles no more than that there are some.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	f := failureOf(err)
	s.header(w, f, err)
	s.message(w, r, f.status, "No answer", f.Message)
}

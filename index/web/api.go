package web

import (
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

const (
	maxFacet  = 1000 // values of a facet in an answer
	maxOthers = 100  // URLs of copies at a hit
)

// api registers /api/.
func (s *Server) api(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/search", s.apiSearch)
	mux.HandleFunc("GET /api/v1/servers", s.apiServers)
	mux.HandleFunc("GET /api/v1/servers/{key}", s.apiServer)
	mux.HandleFunc("GET /api/v1/openapi.json", s.openAPI)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		s.allowOrigin(w, r)
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			s.writeError(w, r, &statusError{http.StatusNotFound, "there is no such resource; /api/v1/openapi.json lists those that are"})
		case http.MethodOptions:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Allow", "GET, HEAD, OPTIONS")
			s.writeError(w, r, &statusError{http.StatusMethodNotAllowed, "only GET and HEAD: nothing can be changed here"})
		}
	})
}

// allowOrigin lets pages of s.Origin read the answer.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) {
	if s.Origin == "" {
		return
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); s.Origin == "*" || origin == s.Origin {
		h.Set("Access-Control-Allow-Origin", s.Origin)
		h.Set("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id")
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "GET, HEAD")
			h.Set("Access-Control-Allow-Headers", "If-None-Match, X-Request-Id")
			h.Set("Access-Control-Max-Age", "86400")
		}
	}
}

// A searchAnswer is what /api/v1/search answers.
type searchAnswer struct {
	Total     int                           `json:"total"`
	Hits      []apiHit                      `json:"hits"`
	Facets    map[string][]index.FacetValue `json:"facets"`
	FacetsCut []string                      `json:"facets_cut,omitempty"` // facets with more than maxFacet values
	Next      *string                       `json:"next"`
	TookMS    float64                       `json:"took_ms"`
	Partial   bool                          `json:"partial"`
}

func (s *Server) apiSearch(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	s.allowOrigin(w, r)
	w.Header().Add("Vary", "Accept")
	stream := accepts(r.Header.Values("Accept"), ndjson)
	req, err := readSearch(r.URL.Query(), s.now(), stream)
	if err != nil {
		s.invalid(err)
		s.writeError(w, r, err)
		return
	}
	form := "json"
	if stream {
		form = ndjson
	}
	tag := s.etag(req, form)
	if notModified(w, r, tag) {
		return
	}
	if stream {
		s.stream(w, r, req, tag)
		return
	}
	res, err := s.search(r.Context(), req)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	a := searchAnswer{Total: res.Total, Hits: make([]apiHit, len(res.Hits)), Partial: res.Partial, Facets: map[string][]index.FacetValue{}}
	for i := range res.Hits {
		a.Hits[i] = apiHit{&res.Hits[i], true}
	}
	for _, name := range req.facets {
		values := res.Facets[name]
		if len(values) > maxFacet {
			values = values[:maxFacet]
			a.FacetsCut = append(a.FacetsCut, name)
		}
		a.Facets[name] = values
	}
	if res.Next != "" {
		a.Next = &res.Next
	}
	a.TookMS = math.Round(float64(time.Since(start))/1e3) / 1e3
	if !res.Partial { // another time it may be more
		w.Header().Set("ETag", tag)
	}
	s.writeJSON(w, r, &a)
}

// invalid counts a query that was none.
func (s *Server) invalid(err error) { s.state().metrics.searched(nil, err, 0) }

func (s *Server) writeJSON(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(b, '\n'))
}

// An apiHit is a hit as the API gives it: the object of search --json, and what the query found in it.
type apiHit struct {
	*index.Hit
	marks bool // with highlights
}

// MarshalJSON returns the object of the document with up to three keys more: highlights and dir_highlights, ranges of
// bytes of name and dir, and others, the URLs of its copies.
func (h apiHit) MarshalJSON() ([]byte, error) {
	b, err := h.Document.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var more struct {
		Highlights    [][2]int `json:"highlights,omitempty"`
		DirHighlights [][2]int `json:"dir_highlights,omitempty"`
		Others        []string `json:"others,omitempty"`
	}
	if h.marks {
		more.Highlights, more.DirHighlights = pairs(h.Highlights), pairs(h.InDir)
	}
	more.Others = h.Others[:min(len(h.Others), maxOthers)]
	if more.Highlights == nil && more.DirHighlights == nil && len(more.Others) == 0 {
		return b, nil
	}
	m, err := json.Marshal(more)
	return append(append(b[:len(b)-1], ','), m[1:]...), err
}

func pairs(ranges []index.Range) [][2]int {
	var list [][2]int
	for _, r := range ranges {
		list = append(list, [2]int{r.Start, r.End})
	}
	return list
}

func (s *Server) apiServers(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	list, err := s.servers()
	if err != nil && len(list) == 0 {
		s.writeError(w, r, err)
		return
	} else if err != nil {
		s.log().Warn("servers cannot be listed", "id", w.Header().Get("X-Request-Id"), "err", err)
	}
	objects := make([]any, len(list))
	for i := range list {
		objects[i] = list[i].object()
	}
	s.writeTagged(w, r, map[string]any{"servers": objects})
}

func (s *Server) apiServer(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	list, err := s.servers()
	for i := range list {
		if list[i].Key == r.PathValue("key") {
			s.writeTagged(w, r, list[i].object())
			return
		}
	}
	if err == nil {
		err = &statusError{http.StatusNotFound, "there is no such server"}
	}
	s.writeError(w, r, err)
}

// object is what the API says of a server; of one that is in the index alone, it is made of what there is.
func (st *ServerStatus) object() any {
	if st.Object != nil {
		return st.Object
	}
	return struct {
		Server string           `json:"server"`
		Held   map[string]int64 `json:"held"`
	}{st.Key, map[string]int64{"entries": st.Entries}}
}

// writeTagged writes v with a tag of its own: crawls change it without the manifest.
func (s *Server) writeTagged(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	tag := hashTag(string(b))
	if notModified(w, r, tag) {
		return
	}
	w.Header().Set("ETag", tag)
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(b, '\n'))
}

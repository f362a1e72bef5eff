package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// A serverView is a server as its page, and the page of all servers, show it.
type serverView struct {
	Key      string
	Href     string // its page
	URL      otherView
	State    string
	Good     bool // completely listed
	Error    string
	Percent  int64 // of its directories that could be listed, rounded down; -1 unknown
	Entries  string
	Dirs     string
	Missing  []missingView
	Lacking  string // "12 directories missing"
	Indexed  string // documents that can be found
	Ended    dateView
	Charset  string
	Zone     string
	Searches []tryView
}

type missingView struct{ Reason, Dirs string }

// serversView is the page of all servers, or of as many as one page takes.
type serversView struct {
	Servers     []serverView
	Summary     string
	First, Next string // URLs of other pages of them
}

// pageServers is how many servers a page shows.
const pageServers = 200

// documents returns how many documents of each server, by key, can be found.
func (s *Server) documents() (map[string]int, error) {
	m, err := s.Index.Manifest()
	if err != nil {
		return nil, err
	}
	docs := map[string]int{}
	for _, g := range m.Generations {
		for _, ms := range g.Servers {
			docs[ms.Key] = ms.Docs
		}
	}
	return docs, nil
}

// listed returns the servers by key, and how many documents of each can be found. Servers that cannot be read are left out,
// and logged.
func (s *Server) listed(ctx context.Context) ([]ServerStatus, map[string]int, error) {
	docs, err := s.documents()
	if err != nil {
		return nil, nil, err
	}
	list, err := s.servers()
	if err != nil {
		s.log().WarnContext(ctx, "servers cannot be listed", "err", err)
	}
	return list, docs, nil
}

// serverURL returns the URL of the page of a server.
func serverURL(key string) string { return "/servers/" + url.PathEscape(key) }

func newServerView(st *ServerStatus, docs map[string]int) serverView {
	v := serverView{
		Key: index.Visible(st.Key), Href: serverURL(st.Key),
		URL:   otherView{Text: index.Visible(st.URL), URL: foreignURL(st.URL)},
		State: index.Visible(st.State), Good: st.State == "complete", Error: shortText(st.Error), Percent: -1,
		Entries: index.Thousands(st.Entries), Indexed: index.Thousands(docs[st.Key]),
		Ended: newDateView(st.Ended, "minute"), Charset: index.Visible(st.Charset), Zone: index.Visible(st.Zone),
	}
	var missing int64
	for _, m := range st.Missing {
		missing += m.Dirs
		v.Missing = append(v.Missing, missingView{shortText(m.Reason), index.Thousands(m.Dirs)})
	}
	if st.Dirs+missing > 0 {
		v.Dirs = index.Thousands(st.Dirs)
		v.Percent = 100 * st.Dirs / (st.Dirs + missing)
	}
	if missing > 0 {
		v.Lacking = index.Plural(missing, "directory", "directories") + " missing"
	}
	return v
}

// serversPage answers GET /servers, with after=KEY what follows that server.
func (s *Server) serversPage(w http.ResponseWriter, r *http.Request) {
	list, docs, err := s.listed(r.Context())
	if err != nil {
		s.failed(w, r, err)
		return
	}
	total := 0
	for _, n := range docs {
		total += n
	}
	v := serversView{Summary: index.Plural(total, "entry", "entries") + " on " + index.Plural(len(list), "server", "servers")}
	if after := r.URL.Query().Get("after"); after != "" {
		v.First = "/servers"
		i, found := slices.BinarySearchFunc(list, after, func(st ServerStatus, key string) int { return strings.Compare(st.Key, key) })
		if found {
			i++
		}
		list = list[i:]
	}
	if len(list) > pageServers {
		list = list[:pageServers]
		v.Next = "/servers?after=" + url.QueryEscape(list[pageServers-1].Key)
	}
	for i := range list {
		v.Servers = append(v.Servers, newServerView(&list[i], docs))
	}
	s.render(w, r, http.StatusOK, "servers", &page{Title: "Servers", Section: "servers", Body: &v})
}

// serverPage answers GET /servers/{key}.
func (s *Server) serverPage(w http.ResponseWriter, r *http.Request) {
	key := strings.ToLower(r.PathValue("key"))
	if key == "" {
		http.Redirect(w, r, "/servers", http.StatusMovedPermanently)
		return
	}
	list, docs, err := s.listed(r.Context())
	if err != nil {
		s.failed(w, r, err)
		return
	}
	i := slices.IndexFunc(list, func(st ServerStatus) bool { return strings.EqualFold(st.Key, key) })
	if i < 0 {
		s.message(w, r, http.StatusNotFound, "No such server", "No server "+shortText(key)+" has been crawled.")
		return
	}
	v := newServerView(&list[i], docs)
	host := textLeaf(query.Host, query.Is, list[i].Key)
	for _, t := range []tryView{
		{Query: host + " parent:/", Means: "its top level"},
		{Query: host + " type:file sort:-date", Means: "newest files"},
		{Query: host + " sort:-size", Means: "largest files"},
		{Query: host + " added:30d", Means: "new in the last month"},
	} {
		t.Href = searchURL(t.Query)
		v.Searches = append(v.Searches, t)
	}
	s.render(w, r, http.StatusOK, "server", &page{Title: v.Key, Section: "servers", Query: host + " ", Body: &v})
}

// helpPage answers GET /help.
func (s *Server) helpPage(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "help", &page{Title: "Help", Section: "help", Help: query.HelpSections(), Body: query.HelpRules()})
}

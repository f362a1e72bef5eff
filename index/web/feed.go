package web

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

const atomType = "application/atom+xml"

// newestFirst is the order of a feed: by when an entry first appeared on its server; of those that were there when the server was
// first crawled that is not known, and they follow by their own dates.
var newestFirst = []query.SortKey{{Key: "added", Desc: true}, {Key: "date", Desc: true}}

// An atomFeed is the root of an Atom document (RFC 4287).
type atomFeed struct {
	XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Updated   string      `xml:"updated"`
	Author    string      `xml:"author>name"`
	Generator string      `xml:"generator"`
	Links     []atomLink  `xml:"link"`
	Entries   []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"` // its URL: a file that is replaced is an update of the same entry
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// feed answers a query, without regard to the order in it, as an Atom feed.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	base, err := s.base(r)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	v := r.URL.Query()
	for _, name := range []string{"after", "facets", "sort"} {
		v.Del(name)
	}
	req, err := parseSearch(v, s.now())
	if err != nil {
		s.invalid(err)
		s.writeError(w, r, err)
		return
	}
	req.sort = newestFirst
	tag := s.etag(req, "feed "+base)
	if notModified(w, r, tag) {
		return
	}
	res, err := s.search(r.Context(), req)
	if err != nil {
		s.writeError(w, r, err)
		return
	}
	if res.Partial {
		tag = ""
	}
	s.writeXML(w, r, atomType, tag, atomOf(base, req, res))
}

func atomOf(base string, req *searchRequest, res *index.Result) *atomFeed {
	params := "?q=" + url.QueryEscape(req.text)
	f := &atomFeed{
		ID: base + "/feed" + params, Title: index.Visible(req.text) + " – ftpidx", Author: "ftpidx", Generator: "ftpidx",
		Links: []atomLink{
			{Rel: "self", Type: atomType, Href: base + "/feed" + params},
			{Rel: "alternate", Type: "text/html", Href: base + "/" + params},
		},
	}
	if strings.TrimSpace(req.text) == "" {
		f.Title = "all files – ftpidx"
	}
	newest := time.Unix(0, 0) // of a feed without entries, so that it does not change
	for i := range res.Hits {
		d := &res.Hits[i].Document
		updated := updatedAt(d, req.now)
		if updated.After(newest) {
			newest = updated
		}
		f.Entries = append(f.Entries, atomEntry{
			ID: d.URL(), Title: index.Visible(d.NameText()), Updated: atomTime(updated),
			Link: atomLink{Rel: "alternate", Href: d.URL()}, Summary: summaryOf(d),
		})
	}
	f.Updated = atomTime(newest)
	return f
}

// updatedAt is when d last became another: when it appeared or when it was modified, unless that is in the future. If neither
// is known, it is when d was first there for certain, the last time that it was seen.
func updatedAt(d *index.Document, now time.Time) time.Time {
	t := d.Added
	if t.After(now) { // an imported archive may say so
		t = time.Time{}
	}
	if d.ModTime.After(t) && !d.ModTime.After(now) {
		t = d.ModTime
	}
	if t.IsZero() && !d.Seen.After(now) {
		t = d.Seen
	}
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t
}

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// summaryOf says of d what a reader of the feed wants to know before fetching it.
func summaryOf(d *index.Document) string {
	parts := []string{d.Type.String()}
	if d.Size >= 0 {
		parts = append(parts, fmt.Sprintf("%d bytes", d.Size))
	}
	if !d.ModTime.IsZero() {
		layout := "2006-01-02 15:04 UTC"
		if d.Precision.Duration() >= 24*time.Hour {
			layout = time.DateOnly
		}
		parts = append(parts, d.ModTime.UTC().Format(layout))
	}
	return strings.Join(append(parts, index.Visible(d.Server.Key()+d.DirText())), ", ")
}

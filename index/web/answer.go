package web

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// answer searches for what the parameters of a page ask: q, after, and group=no for every copy by itself. The errors are
// those of parseSearch and search.
func (s *Server) answer(ctx context.Context, values url.Values) (*searchView, error) {
	text := values.Get("q")
	grouped := values.Get("group") != "no"
	if strings.TrimSpace(text) == "" {
		return s.start()
	}
	params := url.Values{"q": {text}, "limit": {strconv.Itoa(pageHits)}, "facets": index.FacetNames, "after": {values.Get("after")}}
	if grouped {
		params.Set("group", "1")
	}
	req, err := parseSearch(params, s.now())
	if err != nil {
		return nil, err
	}
	result, err := s.search(ctx, req)
	if err != nil {
		return nil, err
	}
	if result.Docs == 0 {
		return &searchView{Empty: true}, nil
	}

	group := ""
	if !grouped {
		group = "no"
	}
	e := &editor{text: text, q: req.query, now: req.now}
	v := &searchView{
		Count:   index.Plural(result.Total, "hit", "hits"),
		Partial: result.Partial,
		Facets:  facetViews(e, result.Facets, group),
		Sorts:   sortLinks(e, group),
		Feed:    "/feed?" + url.Values{"q": {text}}.Encode(),
		JSON:    "/api/v1/search?" + url.Values{"q": {text}}.Encode(),
	}
	for _, h := range s.hints(ctx, req, result.Total) {
		v.Hints = append(v.Hints, index.Visible(h))
	}
	copies := false
	for i := range result.Hits {
		v.Hits = append(v.Hits, newHitView(&result.Hits[i]))
		copies = copies || result.Hits[i].Copies > 1
	}
	switch {
	case !grouped:
		v.Folded = &link{Text: "Copies one by one:", Href: searchURL(text), Current: true}
	case copies:
		v.Folded = &link{Text: "Copies folded:", Href: searchURL(text, "group", "no")}
	}
	if hosts := result.Facets["host"]; len(hosts) == 1 {
		v.Server = &link{Text: index.Visible(hosts[0].Value), Href: serverURL(hosts[0].Value)}
	}
	if result.Next != "" {
		v.Next = searchURL(text, "group", group, "after", result.Next)
	}
	if values.Get("after") != "" {
		v.First = searchURL(text, "group", group)
	}
	return v, nil
}

// A facetView is a facet with links that edit the query.
type facetView struct {
	Title  string
	Values []facetLink
	More   []facetLink // unfolded on demand
}

type facetLink struct {
	link
	Count string
}

// Values of a facet that are shown, at once and on demand.
const (
	facetShown = 6
	facetMore  = 18
)

// facets are shown in this order.
var facets = []struct{ name, title string }{
	{"type", "Type"}, {"ext", "Extension"}, {"host", "Server"}, {"size", "Size"}, {"year", "Year"},
}

func facetViews(e *editor, found map[string][]index.FacetValue, group string) []facetView {
	var list []facetView
	for _, f := range facets {
		v := facetView{Title: f.title}
		for _, value := range found[f.name] {
			leaf, text := facetLeaf(f.name, value.Value, found[f.name])
			if leaf == "" {
				continue
			}
			q, on := e.toggle(leaf)
			if len(q) > query.MaxBytes {
				continue
			}
			l := facetLink{link{Text: text, Href: searchURL(q, "group", group), Current: on}, index.Thousands(value.Count)}
			if len(v.Values) < facetShown {
				v.Values = append(v.Values, l)
			} else if v.More = append(v.More, l); len(v.More) == facetMore {
				break // there may be thousands, and each link is a query to be read
			}
		}
		if len(v.Values) > 1 || len(v.Values) == 1 && v.Values[0].Current {
			list = append(list, v)
		}
	}
	return list
}

// sizeClasses says what the classes of sizes are.
var sizeClasses = map[string]string{
	"empty": "empty", "tiny": "under 10 KiB", "small": "10–100 KiB", "medium": "100 KiB–1 MiB", "large": "1–16 MiB",
	"huge": "16–128 MiB", "gigantic": "over 128 MiB", "unknown": "unknown",
}

// typeNames are the types of documents for people.
var typeNames = map[string]string{"file": "Files", "dir": "Directories", "link": "Links", "other": "Other"}

// facetLeaf returns the filter that selects a value of a facet and how it is shown. The values that no filter selects,
// such as no extension of directories, give "".
func facetLeaf(facet, value string, all []index.FacetValue) (leaf, text string) {
	switch facet {
	case "host":
		_, host, port := query.SplitHost(value)
		same := func(v index.FacetValue) bool {
			_, h, _ := query.SplitHost(v.Value)
			return h == host && v.Value != value
		}
		key := value
		if port == "" && slices.ContainsFunc(all, same) { // without a port it would be all logins and ports of the host
			key += ":21"
		}
		return textLeaf(query.Host, query.Is, key), index.Visible(value)
	case "ext":
		if value == "" {
			return "", ""
		}
		return textLeaf(query.Ext, query.Is, value), shortText(value)
	case "type":
		return "type:" + value, typeNames[value]
	case "year":
		if value == "unknown" {
			return "date:unknown", value
		}
		return "date:" + value, value
	case "size":
		if value == "" {
			return "", ""
		}
		return "size:" + value, sizeClasses[value]
	}
	return "", ""
}

// orders are the orders that the page offers, and the direction that each begins with.
var orders = []struct{ key, text, first, turned string }{
	{"rank", "Best match", "", ""},
	{"date", "Newest", "-date", "date"},
	{"size", "Largest", "-size", "size"},
	{"name", "Name", "name", "-name"},
	{"path", "Path", "path", "-path"},
}

// sortLinks returns links to the same query in other orders; the one in force turns round.
func sortLinks(e *editor, group string) []link {
	key, desc := "rank", false
	if len(e.q.Sort) > 0 {
		key, desc = e.q.Sort[0].Key, e.q.Sort[0].Desc
	}
	var list []link
	for _, o := range orders {
		l := link{Text: o.text, Current: o.key == key}
		keys := o.first
		if l.Current {
			l.Desc = desc
			if desc == strings.HasPrefix(o.first, "-") {
				keys = o.turned
			} else {
				l.Text = map[string]string{"date": "Oldest", "size": "Smallest"}[key]
				if l.Text == "" {
					l.Text = o.text + ", reversed"
				}
			}
		}
		l.Href = searchURL(e.order(keys), "group", group)
		list = append(list, l)
	}
	return list
}

// A startView is the page before anything is asked.
type startView struct {
	Docs, Servers string
	Try           []tryView
}

// tryView is a query to begin with.
type tryView struct{ Query, Means, Href string }

var tries = []tryView{
	{Query: "debian iso -beta", Means: "all words, without a third"},
	{Query: "*.tar.gz size:>100mb", Means: "a pattern and a size"},
	{Query: "kind:audio date:..2000", Means: "old music"},
	{Query: "type:file sort:-date", Means: "the newest files"},
	{Query: "copies:>1 sort:-size", Means: "the largest that are there twice"},
}

// start returns the page before anything is asked.
func (s *Server) start() (*searchView, error) {
	m, err := s.Index.Manifest()
	switch {
	case err != nil:
		return nil, err
	case m.Docs() == 0:
		return &searchView{Empty: true}, nil
	}
	n := 0
	for _, g := range m.Generations {
		n += len(g.Servers)
	}
	v := &startView{Docs: index.Thousands(m.Docs()), Servers: index.Plural(n, "server", "servers")}
	for _, t := range tries {
		t.Href = searchURL(t.Query)
		v.Try = append(v.Try, t)
	}
	return &searchView{Start: v}, nil
}

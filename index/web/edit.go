package web

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// An editor makes new queries out of one. What the user typed stays as it was typed if the language reads the result as
// what is meant; else the query is printed anew in the canonical way.
type editor struct {
	text string
	q    *query.Query
	now  time.Time
}

// parse reads a query at the time of the editor, or returns nil.
func (e *editor) parse(text string) *query.Query {
	q, err := query.Parse(text, &query.Options{Now: e.now})
	if err != nil {
		return nil
	}
	return q
}

// choose returns the first of texts that reads as q, or q printed.
func (e *editor) choose(q *query.Query, texts ...string) string {
	want := q.String()
	for _, text := range texts {
		text = strings.Join(strings.Fields(text), " ")
		if got := e.parse(text); got != nil && got.String() == want {
			return text
		}
	}
	return query.Print(q)
}

// operands returns what must all hold.
func operands(expr query.Expr) []query.Expr {
	switch x := expr.(type) {
	case *query.All:
		return nil
	case *query.And:
		return x.Operands
	}
	return []query.Expr{expr}
}

// and is the opposite of operands.
func and(list []query.Expr) query.Expr {
	switch len(list) {
	case 0:
		return &query.All{}
	case 1:
		return list[0]
	}
	return &query.And{Operands: list}
}

// toggle returns the query with the filter leaf, a leaf of the language, as one more thing that must hold; or without it,
// and true, if it is in the query already.
func (e *editor) toggle(leaf string) (string, bool) {
	filter := e.parse(leaf)
	if filter == nil {
		return e.text, false
	}
	list := operands(e.q.Expr)
	for i, x := range list {
		if x.String() == filter.Expr.String() {
			rest := append(append([]query.Expr{}, list[:i]...), list[i+1:]...)
			without := strings.Replace(" "+e.text+" ", " "+leaf+" ", " ", 1)
			return e.choose(&query.Query{Expr: and(rest), Sort: e.q.Sort}, without), true
		}
	}
	more := append(append([]query.Expr{}, list...), filter.Expr)
	return e.choose(&query.Query{Expr: and(more), Sort: e.q.Sort}, e.text+" "+leaf, "("+e.text+") "+leaf), false
}

var sortSetting = regexp.MustCompile(`(?i)(^|\s)sort:\S+`)

// order returns the query in another order; "" is by rank.
func (e *editor) order(keys string) string {
	q := &query.Query{Expr: e.q.Expr}
	plain := sortSetting.ReplaceAllString(e.text, "")
	if keys == "" {
		return e.choose(q, plain)
	}
	q.Sort = e.parse("sort:" + keys).Sort
	return e.choose(q, plain+" sort:"+keys)
}

// readable undoes what url.QueryEscape need not do in the value of a parameter (RFC 3986, section 3.4): URLs of queries are
// read by people, and a page holds a few hundred of them.
var readable = strings.NewReplacer("%3A", ":", "%2F", "/", "%3D", "=", "%2C", ",", "%40", "@", "%28", "(", "%29", ")", "%2A", "*", "%7C", "|", "+", "%20")

// searchURL returns the URL of the page that answers a query, with more parameters and their values; those without a value are
// left out.
func searchURL(q string, more ...string) string {
	u := "/?q=" + readable.Replace(url.QueryEscape(q))
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			u += "&" + more[i] + "=" + url.QueryEscape(more[i+1])
		}
	}
	return u
}

// textLeaf writes a leaf that compares a whole text, as host:=ftp.example.
func textLeaf(field query.Field, mode query.Mode, value string) string {
	return query.Print(&query.Query{Expr: &query.Text{Field: field, Mode: mode, Value: value}})
}

// below writes the query for what is below a directory of a server; "" if that is no query, as it is too long.
func below(key, dir string) string {
	list := []query.Expr{&query.Text{Field: query.Host, Mode: query.Is, Value: key}}
	if dir != "/" {
		list = append(list, &query.Text{Field: query.In, Mode: query.Has, Value: dir})
	}
	text := query.Print(&query.Query{Expr: and(list)})
	if q, err := query.Parse(text, nil); err != nil || q.String() != and(list).String() {
		return ""
	}
	return text
}

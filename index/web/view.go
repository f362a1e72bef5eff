package web

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

// What foreign names may take of a page.
const (
	maxText     = 1024 // bytes of a name that are shown
	maxURL      = 8192 // bytes of a URL that is linked
	maxElements = 24   // of a pathname, each with a link
	maxCopies   = 20   // other copies of a hit
)

// A piece is a part of a text, marked if the query found it.
type piece struct {
	Text   string
	Marked bool
}

// isPlain reports whether list is ASCII, so that no direction of writing has to be kept from what stands beside it.
func isPlain(list []piece) bool {
	for _, p := range list {
		if strings.ContainsFunc(p.Text, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return false
		}
	}
	return true
}

// pieces cuts a text at what was found in it, ready to be shown: everything that could disturb is made visible, and the
// end of a very long text is left out.
func pieces(text string, found []index.Range) []piece {
	var list []piece
	add := func(start, end int, marked bool) {
		if start >= maxText {
			return
		}
		end = min(end, len(text))
		if start < end {
			list = append(list, piece{index.Visible(strings.ToValidUTF8(text[start:min(end, maxText)], "")), marked})
		}
	}
	at := 0
	for _, r := range found {
		add(at, r.Start, false)
		add(r.Start, r.End, true)
		at = r.End
	}
	add(at, len(text), false)
	if len(text) > maxText {
		list = append(list, piece{Text: "…"})
	}
	return list
}

// A hitView is a hit as the page shows it.
type hitView struct {
	Name    []piece
	Href    template.URL // where the name leads: the file on its server, or what is below a directory
	URL     template.URL // of the entry on its server; "" if it cannot be linked
	Type    string
	Target  string
	Host    link
	Path    []element
	Size    sizeView
	Date    dateView
	Seen    dateView
	Others  []otherView
	More    int    // copies that Others leaves out
	AllHref string // all copies
}

// An element is one of a pathname.
type element struct {
	Text []piece
	Href string // what is below it; "" for none
}

type otherView struct {
	Text string
	URL  template.URL
}

type sizeView struct{ Text, Exact string }

type dateView struct{ Day, Clock, Machine string }

// foreignURL returns u, a URL of a document, as one that a page may link, or "": nothing but FTP is linked, whatever a
// server says.
func foreignURL(u string) template.URL {
	if len(u) > maxURL || !strings.HasPrefix(u, "ftp://") && !strings.HasPrefix(u, "ftps://") {
		return ""
	}
	for i := 0; i < len(u); i++ {
		if u[i] <= ' ' || u[i] >= 0x7f {
			return ""
		}
	}
	return template.URL(u)
}

func newHitView(h *index.Hit) hitView {
	key := h.Server.Key()
	v := hitView{
		Name: pieces(h.NameText(), h.Highlights),
		URL:  foreignURL(h.URL()),
		Type: h.Type.String(),
		Host: link{Text: index.Visible(key), Href: searchURL(textLeaf(query.Host, query.Is, key))},
		Path: elements(key, h.DirText(), h.InDir),
		Size: newSizeView(h.Size), Date: newDateView(h.ModTime, h.Precision.String()), Seen: newDateView(h.Seen, "day"),
	}
	v.Href = v.URL
	switch h.Type {
	case index.Dir:
		if q := below(key, h.PathText()); q != "" {
			v.Href = template.URL(searchURL(q))
		}
	case index.Link:
		v.Target = shortText(h.TargetText())
	}
	for _, u := range h.Others[:min(len(h.Others), maxCopies)] {
		text, err := url.PathUnescape(strings.TrimPrefix(strings.TrimPrefix(u, "ftp://"), "ftps://"))
		if err != nil {
			text = u
		}
		v.Others = append(v.Others, otherView{Text: shortText(query.TextForm(text, "")), URL: foreignURL(u)})
	}
	if len(h.Others) > 0 {
		v.More = max(0, len(h.Others)-maxCopies)
		same := textLeaf(query.Name, query.Is, h.NameText()) + " size:=" + strconv.FormatInt(h.Size, 10)
		v.AllHref = searchURL(same, "group", "no")
	}
	return v
}

// shortText makes a foreign text ready to be shown.
func shortText(text string) string {
	var b strings.Builder
	for _, p := range pieces(text, nil) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// elements cuts the pathname of a directory into its elements, each with a link to what is below it. Of very deep ones
// the middle is left out.
func elements(key, dir string, found []index.Range) []element {
	if dir == "/" {
		return nil
	}
	var list []element
	names := strings.Split(dir[1:], "/")
	at := 0 // the slash before the element
	for i, name := range names {
		start, end := at+1, at+1+len(name)
		at = end
		switch {
		case len(names) > maxElements && i == maxElements/2:
			list = append(list, element{Text: []piece{{Text: "…"}}})
			continue
		case len(names) > maxElements && i > maxElements/2 && i <= len(names)-maxElements/2:
			continue
		}
		var inside []index.Range
		for _, r := range found {
			if a, b := max(r.Start, start), min(r.End, end); a < b {
				inside = append(inside, index.Range{Start: a - start, End: b - start})
			}
		}
		e := element{Text: pieces(name, inside)}
		if q := below(key, dir[:end]); q != "" {
			e.Href = searchURL(q)
		}
		list = append(list, e)
	}
	return list
}

func newSizeView(n int64) sizeView {
	v := sizeView{Text: humanSize(n)}
	if n >= 1024 {
		v.Exact = index.Thousands(n) + " bytes"
	}
	return v
}

// humanSize returns a size as people read it: 512 B, 4.0 KiB, 1.4 GiB; "" for an unknown one.
func humanSize(n int64) string {
	if n < 0 {
		return ""
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f, unit := float64(n)/1024, 0
	for f >= 1023.5 {
		f /= 1024
		unit++
	}
	decimals := 0
	if f < 9.95 {
		decimals = 1
	}
	return strconv.FormatFloat(f, 'f', decimals, 64) + " " + "KMGTPE"[unit:unit+1] + "iB"
}

// newDateView shows a time as exactly as it is known: to the day, the minute or the second.
func newDateView(t time.Time, precision string) dateView {
	if t.IsZero() {
		return dateView{}
	}
	t = t.UTC()
	v := dateView{Day: t.Format(time.DateOnly)}
	switch precision {
	case "day":
	case "minute":
		v.Clock, v.Machine = t.Format("15:04"), t.Format("2006-01-02T15:04Z")
	default:
		v.Clock, v.Machine = t.Format("15:04:05"), t.Format(time.RFC3339)
	}
	return v
}

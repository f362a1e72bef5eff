package index

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ftpidx/ftpidx/index/query"
)

// Hints returns what to tell the writer of q, of which s has found total documents: sentences in small letters, without
// a full stop. Most are given only where nothing was found. Then s is asked again, with parts of q left out; that takes
// a search for each quoted term and each operand of the outermost And, and one for the names of the servers.
func Hints(ctx context.Context, s Searcher, q *query.Query, total int) ([]string, error) {
	var list []string
	for _, h := range q.Hints() {
		if (h.Always || total == 0) && !slices.Contains(list, h.Text) {
			list = append(list, h.Text)
		}
	}
	if total > 0 {
		return list, nil
	}
	h := hinter{ctx: ctx, s: s, list: list}
	for _, u := range q.Unquoted() {
		if n := h.count(u.Expr); n > 0 {
			h.list = append(h.list, "without the quotes: "+Plural(n, "hit", "hits"))
		}
	}
	h.servers(q.Expr)
	h.filters(q.Expr)
	return h.list, h.err
}

// A hinter collects hints. After an error it does nothing.
type hinter struct {
	ctx  context.Context
	s    Searcher
	list []string
	err  error
}

// search returns the number of documents that expr selects, and the servers that these are on if facet is set.
func (h *hinter) search(expr query.Expr, facets ...string) *Result {
	if h.err != nil {
		return &Result{}
	}
	r, err := h.s.Search(h.ctx, expr, &SearchOptions{Limit: -1, Facets: facets})
	if err != nil {
		h.err = err
		return &Result{}
	}
	return r
}

func (h *hinter) count(expr query.Expr) int { return h.search(expr).Total }

// servers notes host leaves that name no server but a part of the name of one, and terms that begin with one.
func (h *hinter) servers(expr query.Expr) {
	var hosts, paths []*query.Text
	eachText(expr, func(t *query.Text) {
		switch {
		case t.Field == query.Host && t.Mode == query.Has:
			hosts = append(hosts, t)
		case t.Field == query.Path && t.Mode == query.Has && !strings.HasPrefix(t.Value, "/"):
			paths = append(paths, t)
		}
	})
	if hosts == nil && paths == nil {
		return
	}
	keys := h.search(&query.All{}, "host").Facets["host"]
	for _, t := range hosts {
		_, part, _ := query.SplitHost(t.Value)
		selects := query.CompileHost(t)
		found := ""
		for _, k := range keys {
			user, host, port := query.SplitHost(k.Value)
			if selects(user, host, atoi(port)) {
				found = ""
				break
			}
			if found == "" && strings.Contains(host, part) {
				found = host
			}
		}
		if found != "" {
			h.list = append(h.list, fmt.Sprintf("host: compares whole labels; host:*%s* finds %s", part, found))
		}
	}
	for _, t := range paths {
		first, rest, _ := strings.Cut(t.Value, "/")
		for _, k := range keys {
			_, host, _ := query.SplitHost(k.Value)
			if first = query.Fold(first); first == host || first == k.Value {
				write := query.Print(&query.Query{Expr: &query.Text{Field: query.Host, Mode: query.Is, Value: first}})
				if rest != "" {
					write += " path:" + strings.TrimPrefix(query.Print(&query.Query{
						Expr: &query.Text{Field: query.Path, Mode: query.Has, Value: "/" + rest}}), "path:")
				}
				h.list = append(h.list, "write "+write)
				break
			}
		}
	}
}

func atoi(port string) int {
	n := 0
	for _, c := range port {
		n = 10*n + int(c-'0')
	}
	return n
}

// filters notes the operand of the outermost And without which there are hits, if it is the only one and looks at neither
// name nor path nor target.
func (h *hinter) filters(expr query.Expr) {
	and, ok := expr.(*query.And)
	if !ok {
		return
	}
	var only query.Expr
	found := 0
	for i, x := range and.Operands {
		if !isFilter(x) {
			continue
		}
		var rest query.Expr = &query.And{Operands: slices.Delete(slices.Clone(and.Operands), i, i+1)}
		if len(and.Operands) == 2 {
			rest = and.Operands[1-i]
		}
		if n := h.count(rest); n > 0 {
			if only != nil {
				return
			}
			only, found = x, n
		}
	}
	if only != nil {
		h.list = append(h.list, fmt.Sprintf("without %s: %s", query.Print(&query.Query{Expr: only}), Plural(found, "hit", "hits")))
	}
}

// isFilter reports whether no leaf of expr is on name, path or target.
func isFilter(expr query.Expr) bool {
	filter := true
	eachText(expr, func(t *query.Text) {
		if t.Field == query.Name || t.Field == query.Path || t.Field == query.Target {
			filter = false
		}
	})
	return filter
}

// eachText calls f for each text leaf of expr; a term of Words is one on the name.
func eachText(expr query.Expr, f func(*query.Text)) {
	switch e := expr.(type) {
	case *query.And:
		for _, x := range e.Operands {
			eachText(x, f)
		}
	case *query.Or:
		for _, x := range e.Operands {
			eachText(x, f)
		}
	case *query.Not:
		eachText(e.Operand, f)
	case *query.Words:
		for _, t := range e.Terms {
			f(&query.Text{Field: query.Name, Mode: query.Has, Value: t.Value, Exact: t.Exact})
		}
	case *query.Text:
		f(e)
	}
}

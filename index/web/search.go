package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

const (
	defaultHits = 50   // on a page
	maxHits     = 1000 // on a page
)

// A searchRequest is what the parameters of a search say, on the page, in the API and in a feed:
//
//	q       the query; missing or empty: everything
//	limit   hits on the page, 0 to 1,000; default 50
//	after   cursor of the page before
//	sort    keys as in sort:, before those of the query
//	facets  some of host,ext,type,year,size
//	group   1 or true: one hit for all copies of a file
//
// Other parameters mean nothing.
type searchRequest struct {
	text   string       // the query as given
	query  *query.Query // parsed at now
	sort   []query.SortKey
	limit  int // hits wanted; 0: none
	all    bool
	after  string
	facets []string
	group  bool
	now    time.Time
}

// A paramError says what is wrong with a parameter other than q.
type paramError struct {
	param string
	msg   string
}

func (e *paramError) Error() string { return e.param + ": " + e.msg }

// parseSearch reads the parameters of a search. The error is a *query.SyntaxError, whose range is one of q, or a *paramError.
func parseSearch(v url.Values, now time.Time) (*searchRequest, error) {
	return readSearch(v, now, false)
}

// readSearch is parseSearch; with stream, all hits are wanted unless limit says otherwise, which may be any number then.
func readSearch(v url.Values, now time.Time, stream bool) (*searchRequest, error) {
	r := &searchRequest{now: now, limit: defaultHits, all: stream, after: v.Get("after")}
	for _, name := range []string{"q", "limit", "after", "sort", "group"} {
		if len(v[name]) > 1 {
			return nil, &paramError{name, "given twice"}
		}
	}
	r.text = v.Get("q")
	var err error
	if r.query, err = query.Parse(r.text, &query.Options{Now: now}); err != nil {
		return nil, err
	}
	r.sort = r.query.Sort
	if s := v.Get("sort"); s != "" {
		keys, err := query.ParseSort(s)
		if err != nil {
			return nil, &paramError{"sort", err.Error()}
		}
		r.sort = keys
	}
	if s := v.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		switch {
		case err != nil || n < 0 || stream && n == 0:
			return nil, &paramError{"limit", fmt.Sprintf("%q is no number of hits", s)}
		case n > maxHits && !stream:
			return nil, &paramError{"limit", fmt.Sprintf("at most %d; go on with after, or ask for application/x-ndjson, which has no end", maxHits)}
		}
		r.limit, r.all = n, false
	}
	for _, list := range v["facets"] {
		for f := range strings.SplitSeq(list, ",") {
			if f == "" || slices.Contains(r.facets, f) {
				continue
			}
			if !slices.Contains(index.FacetNames, f) {
				return nil, &paramError{"facets", fmt.Sprintf("there is no %q; there are %s", f, strings.Join(index.FacetNames, ", "))}
			}
			r.facets = append(r.facets, f)
		}
	}
	switch s := v.Get("group"); s {
	case "", "0", "false":
	case "1", "true":
		r.group = true
	default:
		return nil, &paramError{"group", fmt.Sprintf("%q is neither 1 nor 0", s)}
	}
	return r, nil
}

// options returns r for the index.
func (r *searchRequest) options() index.SearchOptions {
	limit := r.limit
	if limit == 0 {
		limit = -1
	}
	return index.SearchOptions{Sort: r.sort, Limit: limit, After: r.after, Facets: r.facets, Group: r.group}
}

// search answers r within the limits of s: it may have to wait for its turn, and ends with a partial result when it takes too
// long. The error is errBusy, a *paramError if the cursor is of another query, ctx's, or a failure of the index.
func (s *Server) search(ctx context.Context, r *searchRequest) (*index.Result, error) {
	res, err := limited{s}.search(ctx, r.query.Expr, r.options())
	if errors.Is(err, index.ErrCursor) {
		return nil, &paramError{"after", "this cursor is damaged, or of another query"}
	}
	return res, err
}

// hints returns what to tell the writer of a query that found total documents; none if that takes too long.
func (s *Server) hints(ctx context.Context, r *searchRequest, total int) []string {
	hints, err := index.Hints(ctx, limited{s}, r.query, total)
	if err != nil {
		return nil
	}
	return hints
}

// limited is the index of a server within its limits.
type limited struct{ s *Server }

// Search implements [index.Searcher].
func (l limited) Search(ctx context.Context, expr query.Expr, opts *index.SearchOptions) (*index.Result, error) {
	return l.search(ctx, expr, *opts)
}

func (l limited) search(ctx context.Context, expr query.Expr, opts index.SearchOptions) (*index.Result, error) {
	st := l.s.state()
	if err := st.gate.enter(ctx); err != nil {
		st.metrics.searched(nil, err, 0)
		return nil, err
	}
	defer st.gate.leave()
	opts.Timeout, opts.MaxCost = st.limits.Time, st.limits.Cost
	// The limits are for finding. Counting and sorting what was found may take as long again, and not for ever.
	ctx, cancel := context.WithTimeout(ctx, 2*st.limits.Time)
	defer cancel()
	start := time.Now()
	res, err := l.s.Index.Search(ctx, expr, &opts)
	st.metrics.searched(res, err, time.Since(start))
	return res, err
}

package index

import (
	"context"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// A Searcher answers queries. It may be used by several goroutines at once.
type Searcher interface {
	// Search returns the hits of expr in the order of opts. The error is ctx's, or a failure of the index.
	Search(ctx context.Context, expr query.Expr, opts *SearchOptions) (*Result, error)
}

// SearchOptions says how much of the hits is wanted, and in which order. The zero value: the 50 best by rank.
type SearchOptions struct {
	Sort   []query.SortKey // nil: by rank
	Limit  int             // hits wanted; 0: 50; negative: none, only Total and Facets
	After  string          // cursor of the page before; "": from the start
	Facets []string        // facets wanted: host, ext, type, year, size
	Group  bool            // one hit for all copies of a file

	Timeout time.Duration // 0: none. A search that takes longer ends with what it has found, and the result is Partial
	MaxCost int64         // documents that may be looked at one by one, beyond sets; then the same. 0: no limit
}

// A Result is one page of hits.
type Result struct {
	Total   int  // documents that match; with Partial, a lower bound
	Partial bool // a limit of time or cost ended the search early
	Hits    []Hit
	Facets  map[string][]FacetValue
	Next    string // cursor of the next page; "": this is the last
	Docs    int    // documents in the index
}

// A Hit is one document found.
type Hit struct {
	Document
	Highlights []Range  // of NameText, sorted, not overlapping: what the query found
	InDir      []Range  // the same of DirText
	Others     []string // with Group: URLs of the other copies, preferred first
}

// A Range is a range of bytes [Start, End).
type Range struct{ Start, End int }

// A FacetValue is one value of a facet with the number of documents that have it.
type FacetValue struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

package index

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

const defaultLimit = 50

// Search implements [Searcher]. A new manifest is picked up at the next call.
func (ix *Index) Search(ctx context.Context, expr query.Expr, opts *SearchOptions) (*Result, error) {
	if opts == nil {
		opts = &SearchOptions{}
	}
	v, err := ix.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	var docs []*Document
	for _, s := range v.shards {
		c, err := s.candidates(expr)
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = s.live
		} else {
			c = roaring.And(c, s.live)
		}
		r := newDocReader(s.generation)
		n := 0
		for it := c.Iterator(); it.HasNext(); n++ {
			if n&1023 == 0 && ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			d, err := r.at(it.Next())
			if err != nil {
				return nil, err
			}
			if Match(expr, &d) {
				docs = append(docs, &d)
			}
		}
	}
	slices.SortFunc(docs, NewOrder(expr, opts.Sort, time.Now()).Compare)
	res := &Result{Total: len(docs), Docs: v.docs}
	from := 0
	if opts.After != "" {
		if from, err = decodeCursor(opts.After); err != nil {
			return nil, err
		}
	}
	limit := opts.Limit
	switch {
	case limit == 0:
		limit = defaultLimit
	case limit < 0:
		limit = 0
	}
	page := docs[min(from, len(docs)):]
	page = page[:min(limit, len(page))]
	for _, d := range page {
		res.Hits = append(res.Hits, Hit{Document: *d})
	}
	if end := from + len(page); limit > 0 && end < len(docs) {
		res.Next = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return res, nil
}

func decodeCursor(s string) (int, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		var n int
		if n, err = strconv.Atoi(string(b)); err == nil && n >= 0 {
			return n, nil
		}
	}
	return 0, fmt.Errorf("index: bad cursor %q", s)
}

func foldName(d *Document) string { return query.Fold(d.NameText()) }

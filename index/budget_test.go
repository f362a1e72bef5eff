package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// A countingContext ends when it has been asked a number of times whether it has.
type countingContext struct {
	context.Context
	asked, end atomic.Int64
}

func newCountingContext(end int64) *countingContext {
	ctx := &countingContext{Context: context.Background()}
	ctx.end.Store(end)
	return ctx
}

func (c *countingContext) Err() error {
	if c.asked.Add(1) > c.end.Load() {
		return context.Canceled
	}
	return nil
}

// While a pattern is tried on many names, a search asks again and again whether it is to end.
func TestPatternsAreCancelled(t *testing.T) {
	const n = 1000
	dir := t.TempDir()
	var docs []Document
	for i := range n {
		docs = append(docs, entry("/", fmt.Sprintf("dir%04d", i), Dir))
	}
	for i := range n {
		d := entry(fmt.Sprintf("/dir%04d", i), fmt.Sprintf("file.x%04d", i), File)
		d.Owner, d.Group = fmt.Sprintf("owner%04d", i), fmt.Sprintf("group%04d", i)
		d.Added = time.Date(1800+i, 1, 1, 0, 0, 0, 0, time.UTC)
		docs = append(docs, d, entry(fmt.Sprintf("/dir%04d/none%04d", i, i), "g", File))
	}
	list := []Source{source("a.example", 1, docs...)}
	for i := range n {
		list = append(list, source(fmt.Sprintf("h%04d.example", i), 1, entry("/", "g", File)))
	}
	publish(t, dir, nil, list...)
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	for _, q := range []string{
		`*z`, `/z$/`, `*z case:yes`, `/z$/ case:yes`, `/pub/*z`, `path:/[y-z]$/`, `path:/[y-z]$/ case:yes`, `in:*z`, `parent:*z`, `in:*z case:yes`,
		`ext:*z`, `owner:*z`, `group:*z`, `host:*z`, `-*z`, `a | *z`, `name:*z sort:name`,
	} {
		parsed, err := query.Parse(q, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx := newCountingContext(1 << 40)
		if _, err := ix.Search(ctx, parsed.Expr, &SearchOptions{Limit: -1}); err != nil {
			t.Errorf("%s: %v", q, err)
		}
		asked := ctx.asked.Load()
		if asked < n/patternRuns {
			t.Errorf("%s: asked %d times, want %d for %d names", q, asked, n/patternRuns, n)
		}
		for _, end := range []int64{1, asked / 2, asked - 1} {
			if r, err := ix.Search(newCountingContext(end), parsed.Expr, &SearchOptions{Limit: -1}); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: ended when asked %d of %d times: %v %v", q, end, asked, r, err)
			}
		}
	}
}

// A test of many documents is called no more than patternRuns times after the context has ended.
func TestFilterEndsSoon(t *testing.T) {
	set := roaring.New()
	set.AddRange(0, 100_000)
	for _, at := range []int{1, 63, 64, 65, 5000} {
		ctx, cancel := context.WithCancel(context.Background())
		e := &evaluator{budget: &budget{ctx: ctx}, limits: limits{parallel: 1 << 20}}
		calls := 0
		_, err := e.filter(set, func() func(uint32) (bool, error) {
			return func(uint32) (bool, error) {
				if calls++; calls == at {
					cancel()
				}
				return true, nil
			}
		})
		if !errors.Is(err, context.Canceled) || calls > at+patternRuns {
			t.Errorf("cancelled at %d: ended at %d, %v", at, calls, err)
		}
	}
}

// A deadline ends a filter as a context does.
func TestFilterEndsAtItsDeadline(t *testing.T) {
	set := roaring.New()
	set.AddRange(0, 4000)
	e := &evaluator{budget: &budget{ctx: context.Background()}, limits: limits{parallel: 1 << 20}}
	calls := 0
	_, err := e.filter(set, func() func(uint32) (bool, error) {
		return func(uint32) (bool, error) {
			if calls++; calls == 100 {
				e.budget.deadline = time.Now().Add(-time.Second)
			}
			return true, nil
		}
	})
	if !errors.Is(err, errCut) || calls > 100+patternRuns {
		t.Errorf("ended at %d, %v", calls, err)
	}
}

// BenchmarkFilter measures what looks at the budget cost where the test costs next to nothing.
func BenchmarkFilter(b *testing.B) {
	set := roaring.New()
	set.AddRange(0, 1<<20)
	e := &evaluator{budget: &budget{ctx: b.Context(), deadline: time.Now().Add(time.Hour)}, limits: limits{parallel: 1 << 30}}
	b.ReportAllocs()
	for b.Loop() {
		_, err := e.filter(set, func() func(uint32) (bool, error) {
			return func(n uint32) (bool, error) { return n%64 == 0, nil }
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// Of an And in an Or in an And, and so on, each is ranked a few times, not twice as often as what it stands in.
func TestNestedQueriesAreRankedInTime(t *testing.T) {
	dir := t.TempDir()
	var docs []Document
	for i := range 3000 {
		docs = append(docs, entry("/", fmt.Sprintf("abcdefghij%04d", i), File))
	}
	publish(t, dir, nil, source("a.example", 1, docs...))
	ix, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	const depth = 30
	q := ""
	for i := range depth {
		q += fmt.Sprintf("name:%s (name:%s%d | ", "abcdefghij"[i%10:], "abcdefghij"[i%7:], i%10)
	}
	q += "name:j" + strings.Repeat(")", depth)
	parsed, err := query.Parse(q, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := newCountingContext(100_000)
	r, err := ix.Search(ctx, parsed.Expr, nil)
	if err != nil || r.Total != len(docs) || len(r.Hits) != defaultLimit {
		t.Errorf("%v after %d looks at the context", err, ctx.asked.Load())
	}
}

package index_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
)

func TestExamples(t *testing.T) {
	docs := indextest.ExampleDocuments(t)
	for _, e := range indextest.Examples(t) {
		t.Run(e.Query, func(t *testing.T) {
			q, err := query.Parse(e.Query, &query.Options{Now: indextest.Now})
			if err != nil {
				t.Fatalf("Parse: %v", err)
			}
			if got := q.String(); got != e.Tree {
				t.Errorf("tree: got %s, want %s", got, e.Tree)
			}
			again, err := query.Parse(query.Print(q), &query.Options{Now: indextest.Now})
			if err != nil || again.String() != e.Tree {
				t.Errorf("printed %q: got %v %v, want %s", query.Print(q), again, err, e.Tree)
			}
			var hits []*index.Document
			for _, d := range docs {
				if index.Match(q.Expr, d) {
					hits = append(hits, d)
				}
			}
			slices.SortFunc(hits, index.NewOrder(q.Expr, q.Sort, indextest.Now).Compare)
			var got []int
			for _, d := range hits {
				got = append(got, slices.Index(docs, d)+1)
			}
			if total := e.Total; len(got) != total && total >= 0 || total < 0 && len(got) != len(docs) {
				t.Errorf("total: got %d, want %d", len(got), total)
			}
			if n := min(len(got), len(e.Hits)); fmt.Sprint(got[:n]) != fmt.Sprint(e.Hits) {
				t.Errorf("hits: got %v, want %v", got, e.Hits)
			}
		})
	}
}

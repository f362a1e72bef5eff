package index_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/blevesearch/bleve/v2"
	bquery "github.com/blevesearch/bleve/v2/search/query"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
)

// bleve's own Search gives, on each generation, the counts that ours gives and a scan gives.
func TestBleveAgrees(t *testing.T) {
	docs := indextest.Generate(5, 1500)
	indextest.SortDocuments(docs)
	dir := t.TempDir()
	all := sources(docs)
	publish(t, dir, all[:len(all)/2]...)
	publish(t, dir, all[len(all)/2:]...)
	ix := open(t, dir)
	m, err := ix.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	var gens []bleve.Index
	for _, g := range m.Generations {
		b, err := bleve.OpenUsing(filepath.Join(dir, g.Dir), map[string]any{"read_only": true, "bolt_timeout": "1s"})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		gens = append(gens, b)
	}
	if len(gens) != 2 {
		t.Fatalf("%d generations", len(gens))
	}
	term := func(field, v string) bquery.Query {
		q := bleve.NewTermQuery(v)
		q.SetField(field)
		return q
	}
	text := func(f query.Field, mode query.Mode, v string) query.Expr {
		return &query.Text{Field: f, Mode: mode, Value: v}
	}
	hosts := map[string]bool{}
	for _, d := range docs {
		hosts[d.Server.Key()] = true
	}
	type row struct {
		name  string
		expr  query.Expr
		bleve bquery.Query
	}
	rows := []row{
		{"word", text(query.Name, query.Re, `(^|[^\pL\pN\pM])wget($|[^\pL\pN\pM])`), term("word", "wget")},
		{"type", text(query.Type, query.Is, "dir"), term("type", "dir")},
		{"end", text(query.Name, query.Glob, "*gz"), term("gram", "gz\x03")},
	}
	for _, ext := range []string{"gz", "iso", "txt", "h", "zip", "jpeg"} {
		rows = append(rows, row{"ext " + ext, text(query.Ext, query.Has, ext), term("ext", ext)})
		rows = append(rows, row{"and " + ext,
			&query.And{Operands: []query.Expr{text(query.Ext, query.Has, ext), text(query.Name, query.Has, "foo")}},
			bleve.NewConjunctionQuery(term("ext", ext), term("gram", "foo"))})
	}
	for key := range hosts { // a key names one login and port
		want := 0
		for _, d := range docs {
			if d.Server.Key() == key {
				want++
			}
		}
		if got := bleveCount(t, gens, term("host", key)); got != want {
			t.Errorf("host %s: bleve finds %d, a scan %d", key, got, want)
		}
	}
	found := 0
	for _, r := range rows {
		want := 0
		for _, d := range docs {
			if index.Match(r.expr, d) {
				want++
			}
		}
		res, err := ix.Search(context.Background(), r.expr, &index.SearchOptions{Limit: -1})
		if err != nil {
			t.Fatal(err)
		}
		if got := bleveCount(t, gens, r.bleve); got != want || res.Total != want {
			t.Errorf("%s: bleve finds %d, we %d, a scan %d", r.name, got, res.Total, want)
		}
		found += want
	}
	if found == 0 {
		t.Error("nothing was to be found")
	}
}

func bleveCount(t *testing.T, gens []bleve.Index, q bquery.Query) int {
	t.Helper()
	n := 0
	for _, g := range gens {
		req := bleve.NewSearchRequest(q)
		req.Size = 1
		r, err := g.Search(req)
		if err != nil {
			t.Fatal(err)
		}
		n += int(r.Total)
	}
	return n
}

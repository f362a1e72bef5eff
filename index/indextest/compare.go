package indextest

import (
	"fmt"
	"slices"

	"github.com/ftpidx/ftpidx/index"
)

// compareResults returns the first difference between two answers; cursors may differ, but not whether there is one.
func compareResults(got, want *index.Result) error {
	if got.Partial {
		return fmt.Errorf("got a partial result")
	}
	if got.Total != want.Total {
		return fmt.Errorf("total: got %d, want %d", got.Total, want.Total)
	}
	if got.Docs != want.Docs {
		return fmt.Errorf("documents: got %d, want %d", got.Docs, want.Docs)
	}
	if err := compareHits(got.Hits, want.Hits); err != nil {
		return err
	}
	if (got.Next == "") != (want.Next == "") {
		return fmt.Errorf("next page: got %q, want %q", got.Next, want.Next)
	}
	for name, values := range want.Facets {
		if !slices.Equal(got.Facets[name], values) {
			return fmt.Errorf("facet %s: got %v, want %v", name, got.Facets[name], values)
		}
	}
	if len(got.Facets) != len(want.Facets) {
		return fmt.Errorf("facets: got %d, want %d", len(got.Facets), len(want.Facets))
	}
	return nil
}

// compareHits returns the first difference between two lists of hits.
func compareHits(got, want []index.Hit) error {
	for i := range min(len(got), len(want)) {
		g, w := &got[i], &want[i]
		if g.Path() != w.Path() || g.Server.Key() != w.Server.Key() {
			return fmt.Errorf("hit %d: got %s, want %s", i, g.URL(), w.URL())
		}
		if g, w := describe(&g.Document), describe(&w.Document); g != w {
			return fmt.Errorf("hit %d: got\n\t%s\nwant\n\t%s", i, g, w)
		}
		if !slices.Equal(g.Highlights, w.Highlights) || !slices.Equal(g.InDir, w.InDir) {
			return fmt.Errorf("hit %d, %q in %q: got highlights %v and %v, want %v and %v", i, g.NameText(), g.DirText(),
				g.Highlights, g.InDir, w.Highlights, w.InDir)
		}
		if !slices.Equal(g.Others, w.Others) {
			return fmt.Errorf("hit %d, %s: got others %q, want %q", i, g.URL(), g.Others, w.Others)
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("hits: got %d, want %d", len(got), len(want))
	}
	return nil
}

// describe writes all fields of a document.
func describe(d *index.Document) string {
	return fmt.Sprintf("%s size %d mtime %s %s perm %s mode %q owner %q group %q target %q added %s seen %s copies %d %+v",
		d.Type, d.Size, d.ModTime.UTC().Format(layout), d.Precision, d.Perm, d.Mode, d.Owner, d.Group, d.Target,
		d.Added.UTC().Format(layout), d.Seen.UTC().Format(layout), d.Copies, *d.Server)
}

const layout = "2006-01-02T15:04:05.999999999"

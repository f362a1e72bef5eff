package index

import (
	"context"

	"github.com/ftpidx/ftpidx/index/query"
)

// An Index answers queries from the generations in an index directory. It may be used by several goroutines at once.
type Index struct{}

// Open opens the index in dir. errors.Is(err, fs.ErrNotExist) when nothing has been published there.
func Open(dir string) (*Index, error) { panic("index: Open") }

// Search implements [Searcher]. A new manifest is picked up at the next call.
func (ix *Index) Search(ctx context.Context, expr query.Expr, opts *SearchOptions) (*Result, error) {
	panic("index: Search")
}

// Manifest returns the manifest that the next Search will use.
func (ix *Index) Manifest() (*Manifest, error) { panic("index: Manifest") }

// Close releases the generations once the searches under way have ended.
func (ix *Index) Close() error { panic("index: Close") }

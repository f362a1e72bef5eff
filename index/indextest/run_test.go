package indextest

import (
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

func TestScanPasses(t *testing.T) {
	Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
		CountCopies(docs)
		return Scan(docs, time.Now())
	})
}

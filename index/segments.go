package index

import (
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/util"
	zap "github.com/blevesearch/zapx/v17"

	"github.com/ftpidx/ftpidx/index/segment"
)

// A segmentWriter inverts the terms of documents into the segments of a bleve index.
type segmentWriter interface {
	add(t docTerms) error // the next document
	close() error         // writes and syncs what is left; nothing may follow
	abort()               // ends the work instead of close
}

const (
	segmentDocs = 1 << 21 // documents of a finished segment: more than a pack has; a multiple of 65,536 lets postings be moved by whole containers
	storeDir    = segment.StoreDir
)

var zapPlugin zap.ZapPlugin

// checkSegments tells, once in a process, whether what package segment writes is what bleve reads.
var checkSegments = sync.OnceValue(segment.SelfCheck)

// newSegmentWriter returns the fast writer, or, if it is not to be used, that of bleve's own code. The options may be nil.
func newSegmentWriter(dir string, o *PublishOptions) (segmentWriter, error) {
	if o == nil {
		o = &PublishOptions{}
	}
	docs, part := segmentDocs, partDocs
	if o.segmentDocs > 0 {
		docs = o.segmentDocs
	}
	if o.partDocs > 0 {
		part = o.partDocs
	}
	if o.BleveSegments {
		return newBleveWriter(dir, docs, part)
	}
	if err := checkSegments(); err != nil {
		o.logger().Warn("publishing takes ten times longer than it should", "err", err)
		return newBleveWriter(dir, docs, part)
	}
	return newInvertWriter(dir, docs)
}

// writeRoot makes a directory with this many segments a bleve index.
func writeRoot(dir string, segments int) error {
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = keyword.Name
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	mapping, err := util.MarshalJSON(m)
	if err != nil {
		return err
	}
	return segment.WriteRoot(dir, segments, mapping)
}

package index

import (
	"context"
	"testing"
)

// PublishInSegments is Publish with segments of n documents, made by package segment or by bleve, which puts each together from parts.
func PublishInSegments(dir string, sources []Source, n int, bleve bool) error {
	_, err := Publish(context.Background(), dir, sources, &PublishOptions{BleveSegments: bleve, segmentDocs: n, partDocs: 1 + n/3})
	return err
}

// FailSelfCheck makes the check of package segment fail until the end of the test, which must not be parallel.
func FailSelfCheck(t *testing.T, err error) {
	check := checkSegments
	checkSegments = func() error { return err }
	t.Cleanup(func() { checkSegments = check })
}

// PublishInGenerations is Publish into generations that are full with n documents.
func PublishInGenerations(dir string, sources []Source, n uint32) error {
	_, err := Publish(context.Background(), dir, sources, &PublishOptions{packDocs: n})
	return err
}

// LikeLarge makes ix go the ways that are meant for millions of documents.
func (ix *Index) LikeLarge() {
	ix.limits = limits{few: 3, scan: 3, words: 3, values: 3, count: 3, parallel: 3, part: 64, walk: 1 << 20}
}

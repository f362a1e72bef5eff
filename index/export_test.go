package index

import (
	"context"
	"time"
)

// PublishInSegments is Publish with segments of n documents.
func PublishInSegments(dir string, sources []Source, n int) error {
	p := &publication{ctx: context.Background(), dir: dir, now: time.Now(), opts: &PublishOptions{}, log: (*PublishOptions)(nil).logger(), moved: map[string]place{}}
	defer p.discard()
	for i, src := range sources {
		if err := p.begin(src.Server, ManifestServer{Key: src.Server.Key()}); err != nil {
			return err
		}
		if i == 0 {
			p.b.segs.abort()
			w, err := newBleveWriter(p.gen.path)
			if err != nil {
				return err
			}
			p.b.segs = &splitWriter{w, n, 0}
		}
		for d, err := range src.Documents {
			if err != nil {
				return err
			}
			if err := p.b.add(d); err != nil {
				return err
			}
		}
	}
	if err := p.end(); err != nil {
		return err
	}
	_, err := change(context.Background(), dir, p.log, false, p.enact)
	return err
}

// A splitWriter ends a segment after each each documents.
type splitWriter struct {
	*bleveWriter
	each, n int
}

func (w *splitWriter) add(t docTerms) error {
	if err := w.bleveWriter.add(t); err != nil {
		return err
	}
	if w.n++; w.n%w.each != 0 {
		return nil
	}
	w.flush()
	return w.merge()
}

// LikeLarge makes ix go the ways that are meant for millions of documents.
func (ix *Index) LikeLarge() {
	ix.limits = limits{scan: 3, count: 3, parallel: 3, part: 64, walk: 1 << 20}
}

package index

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/util"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
	zap "github.com/blevesearch/zapx/v17"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"
)

// A segmentWriter inverts the terms of documents into the segments of a bleve index.
type segmentWriter interface {
	add(t docTerms) error // the next document
	close() error         // writes and syncs what is left; nothing may follow
	abort()               // ends the work instead of close
}

const (
	partDocs    = 10_000  // documents that bleve inverts at a time
	segmentDocs = 1 << 20 // documents of a finished segment; a multiple of 65,536 lets postings be moved by whole containers
	storeDir    = "store"
)

var zapPlugin zap.ZapPlugin

// A bleveWriter writes segments through bleve's own code: parts of partDocs documents, inverted side by side, then merged into
// segments of segmentDocs.
type bleveWriter struct {
	dir   string
	batch []docTerms
	n     uint32 // documents before those of batch
	parts []string
	segs  []string
	work  errgroup.Group
	stop  atomic.Bool
}

func newBleveWriter(dir string) (*bleveWriter, error) {
	if err := os.MkdirAll(filepath.Join(dir, storeDir), 0o755); err != nil {
		return nil, err
	}
	w := &bleveWriter{dir: dir}
	w.work.SetLimit(2)
	return w, nil
}

func (w *bleveWriter) add(t docTerms) error {
	w.batch = append(w.batch, t)
	full := (w.n+uint32(len(w.batch)))%segmentDocs == 0
	if len(w.batch) == partDocs || full {
		w.flush()
	}
	if full {
		return w.merge()
	}
	return nil
}

// flush hands the batch to a worker, when one is free.
func (w *bleveWriter) flush() {
	if len(w.batch) == 0 {
		return
	}
	path := filepath.Join(w.dir, storeDir, fmt.Sprintf("part%06d", len(w.parts)))
	w.parts = append(w.parts, path)
	batch, n := w.batch, w.n
	w.n += uint32(len(batch))
	w.batch = make([]docTerms, 0, partDocs)
	w.work.Go(func() error {
		if w.stop.Load() {
			return nil
		}
		return writePart(path, n, batch)
	})
}

// writePart inverts documents, the first of which is number n, into a segment file.
func writePart(path string, n uint32, batch []docTerms) error {
	maker := docMaker{map[string]index.TokenFrequencies{}}
	docs := make([]index.Document, len(batch))
	for i := range batch {
		d := maker.make(n+uint32(i), &batch[i])
		d.AddIDField()
		docs[i] = d
	}
	s, _, err := zapPlugin.New(docs)
	if err != nil {
		return err
	}
	return s.(segment.UnpersistedSegment).Persist(path)
}

// merge makes a segment of the parts.
func (w *bleveWriter) merge() error {
	if err := w.work.Wait(); err != nil {
		return err
	}
	if len(w.parts) == 0 {
		return nil
	}
	name := fmt.Sprintf("%012x.zap", len(w.segs)+1)
	path := filepath.Join(w.dir, storeDir, name)
	w.segs = append(w.segs, name)
	if len(w.parts) == 1 {
		if err := os.Rename(w.parts[0], path); err != nil {
			return err
		}
	} else if err := mergeParts(w.parts, path); err != nil {
		return err
	}
	w.parts = nil
	return syncFile(path)
}

func mergeParts(parts []string, path string) (err error) {
	var open []segment.Segment
	defer func() {
		for i, s := range open {
			err = errors.Join(err, s.Close(), os.Remove(parts[i]))
		}
	}()
	for _, p := range parts {
		s, err := zapPlugin.Open(p)
		if err != nil {
			return err
		}
		open = append(open, s)
	}
	_, _, err = zapPlugin.Merge(open, make([]*roaring.Bitmap, len(open)), path, nil, nil)
	return err
}

func (w *bleveWriter) close() error {
	w.flush()
	if err := w.merge(); err != nil {
		return err
	}
	return writeRoot(w.dir, w.segs)
}

func (w *bleveWriter) abort() {
	w.stop.Store(true)
	w.work.Wait()
}

// writeRoot writes the two files that make a directory with segments a bleve index: index_meta.json, and root.bolt with one snapshot.
func writeRoot(dir string, segments []string) error {
	meta, err := json.Marshal(map[string]string{"storage": "scorch", "index_type": "scorch"})
	if err != nil {
		return err
	}
	if err := writeFileSync(filepath.Join(dir, "index_meta.json"), meta); err != nil {
		return err
	}
	m := bleve.NewIndexMapping()
	m.DefaultAnalyzer = keyword.Name
	m.StoreDynamic, m.IndexDynamic, m.DocValuesDynamic = false, false, false
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	mapping, err := util.MarshalJSON(m)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, storeDir, "root.bolt")
	db, err := bolt.Open(path, 0o644, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		all, err := tx.CreateBucketIfNotExists(util.BoltSnapshotsBucket)
		if err != nil {
			return err
		}
		snap, err := all.CreateBucketIfNotExists(ascending(uint64(len(segments) + 1)))
		if err != nil {
			return err
		}
		info, err := snap.CreateBucketIfNotExists(util.BoltMetaDataKey)
		if err != nil {
			return err
		}
		now, err := time.Now().UTC().MarshalText()
		if err != nil {
			return err
		}
		version := make([]byte, binary.MaxVarintLen32)
		binary.BigEndian.PutUint32(version, zapPlugin.Version())
		internal, err := snap.CreateBucketIfNotExists(util.BoltInternalKey)
		if err != nil {
			return err
		}
		err = errors.Join(
			info.Put(util.BoltMetaDataSegmentTypeKey, []byte(zapPlugin.Type())),
			info.Put(util.BoltMetaDataSegmentVersionKey, version),
			info.Put(util.BoltMetaDataFileWriterIDKey, []byte{}),
			info.Put(util.BoltMetaDataTimeStamp, now),
			internal.Put(util.MappingInternalKey, mapping))
		if err != nil {
			return err
		}
		for i, name := range segments {
			b, err := snap.CreateBucketIfNotExists(ascending(uint64(i + 1)))
			if err != nil {
				return err
			}
			if err := b.Put(util.BoltPathKey, []byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Join(dir, storeDir)), syncDir(dir))
}

// ascending is scorch's code of integers as keys that sort as they do, as far as 65535.
func ascending(v uint64) []byte {
	const zero, small, one, two = 0x88, 0x6d, 0xf6, 0xf7
	switch {
	case v <= small:
		return []byte{byte(zero + v)}
	case v <= 0xff:
		return []byte{one, byte(v)}
	}
	return []byte{two, byte(v >> 8), byte(v)}
}

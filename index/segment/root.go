package segment

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/blevesearch/bleve/v2/util"
	zap "github.com/blevesearch/zapx/v17"
	bolt "go.etcd.io/bbolt"
)

const (
	metaName = "index_meta.json"
	rootName = "root.bolt"

	// StoreDir is the directory of the segments in that of the index.
	StoreDir = "store"
)

// Name returns the file name of a segment. Segments are numbered from 1 in the order of their documents.
func Name(n int) string { return fmt.Sprintf("%012x.zap", n) }

// WriteRoot makes a directory with the segments [Name](1) to Name(n) in its [StoreDir] a bleve index with this mapping, an
// IndexMapping as JSON. The segments must be written and synced before. The directory is an index when WriteRoot has returned, and
// nothing that bleve opens before.
func WriteRoot(dir string, n int, mapping []byte) error {
	if n > maxKey {
		return fmt.Errorf("segment: %d segments", n)
	}
	store := filepath.Join(dir, StoreDir)
	root := filepath.Join(store, rootName)
	if err := os.Remove(root + ".tmp"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := writeBolt(root+".tmp", n, mapping); err != nil {
		return fmt.Errorf("segment: write %s: %w", root, err)
	}
	if err := errors.Join(os.Rename(root+".tmp", root), syncDir(store)); err != nil {
		return err
	}
	meta, err := json.Marshal(map[string]string{"storage": "scorch", "index_type": "scorch"})
	if err != nil {
		return err
	}
	out, err := createFile(filepath.Join(dir, metaName))
	if err != nil {
		return err
	}
	if _, err := out.Write(meta); err != nil {
		out.abort()
		return err
	}
	return out.commit()
}

// writeBolt writes what scorch does when it persists a snapshot: bucket "s", in it a bucket for the snapshot, in it one
// for the kind of the segments, one for the mapping and one for each segment.
func writeBolt(path string, n int, mapping []byte) error {
	db, err := bolt.Open(path, 0o644, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		all, err := tx.CreateBucket(util.BoltSnapshotsBucket)
		if err != nil {
			return err
		}
		snapshot, err := all.CreateBucket(key(uint64(n + 1)))
		if err != nil {
			return err
		}
		kind, err := snapshot.CreateBucket(util.BoltMetaDataKey)
		if err != nil {
			return err
		}
		now, err := time.Now().UTC().MarshalText()
		if err != nil {
			return err
		}
		var plugin zap.ZapPlugin
		version := make([]byte, binary.MaxVarintLen32)
		binary.BigEndian.PutUint32(version, plugin.Version())
		internal, err := snapshot.CreateBucket(util.BoltInternalKey)
		if err != nil {
			return err
		}
		err = errors.Join(
			kind.Put(util.BoltMetaDataSegmentTypeKey, []byte(plugin.Type())),
			kind.Put(util.BoltMetaDataSegmentVersionKey, version),
			kind.Put(util.BoltMetaDataFileWriterIDKey, []byte{}),
			kind.Put(util.BoltMetaDataTimeStamp, now),
			internal.Put(util.MappingInternalKey, mapping))
		for i := 1; i <= n && err == nil; i++ {
			var b *bolt.Bucket
			if b, err = snapshot.CreateBucket(key(uint64(i))); err == nil {
				err = b.Put(util.BoltPathKey, []byte(Name(i)))
			}
		}
		return err
	})
	return errors.Join(err, db.Close())
}

const maxKey = 1<<16 - 2

// key is scorch's code of numbers that sorts as they do, as far as maxKey + 1.
func key(v uint64) []byte {
	const zero, small, one, two = 0x88, 0x6d, 0xf6, 0xf7
	switch {
	case v <= small:
		return []byte{byte(zero + v)}
	case v <= 0xff:
		return []byte{one, byte(v)}
	}
	return []byte{two, byte(v >> 8), byte(v)}
}

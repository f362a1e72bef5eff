package archive

import (
	"io"

	bolt "go.etcd.io/bbolt"
)

// Tried returns the directories for which the crawl in the file has a result.
func (a *Archive) Tried() ([]string, error) {
	var dirs []string
	err := a.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketListings).ForEach(func(k, v []byte) error {
			rec, err := decodeRecord(v)
			if err == nil && rec.attempt.round == a.meta.Round {
				dirs = append(dirs, keyPath(k))
			}
			return err
		})
	})
	return dirs, err
}

// Raw returns the bytes of the current listing of a directory.
func (a *Archive) Raw(path string) ([]byte, error) {
	var rec record
	err := a.db.View(func(tx *bolt.Tx) (err error) {
		rec, err = decodeRecord(tx.Bucket(bucketListings).Get(dirKey(path)))
		return err
	})
	v := rec.current(a.Seq())
	if err != nil || v == nil {
		return nil, err
	}
	r, err := a.open(v)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

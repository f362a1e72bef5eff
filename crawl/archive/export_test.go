package archive

import bolt "go.etcd.io/bbolt"

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

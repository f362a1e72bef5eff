package archive

import (
	"io"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
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

// WriteHalf does with text what the committer does with a large listing, up to the last transaction.
func (a *Archive) WriteHalf(text string) error {
	l := &crawl.Listing{Dir: crawl.Dir{Path: "/"}, Spool: new(crawl.Spool), Start: time.Unix(1, 0)}
	defer l.Close()
	if _, err := l.Spool.Write([]byte(text)); err != nil {
		return err
	}
	p, err := a.prepare(l)
	if err != nil {
		return err
	}
	m := a.meta
	return a.committer.writeParts(p, &m)
}

// Frames returns the number of frames in the file.
func (a *Archive) Frames() (n int, err error) {
	err = a.db.View(func(tx *bolt.Tx) error {
		n = tx.Bucket(bucketFrames).Stats().KeyN
		return nil
	})
	return n, err
}

// Hold keeps the committer from committing until release is called.
func (a *Archive) Hold() (release func()) {
	hold, held := make(chan struct{}), make(chan struct{})
	a.committer.jobs <- job{do: func(*bolt.Tx, *meta) error { close(held); <-hold; return nil }}
	<-held
	return func() { close(hold) }
}

// Age makes the archive what an earlier version of the program wrote: nothing says what is missing within listings, nor by
// earlier crawls.
func (a *Archive) Age() error {
	return a.committer.barrier(func(tx *bolt.Tx, m *meta) error {
		m.Told, m.Loose, m.Earlier = false, nil, nil
		b := tx.Bucket(bucketListings)
		return b.ForEach(func(k, v []byte) error {
			rec, err := decodeRecord(v)
			if err != nil {
				return err
			}
			rec.attempt.bad, rec.attempt.skipped = 0, nil
			return b.Put(k, rec.encode())
		})
	})
}

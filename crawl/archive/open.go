package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/ftpidx/ftpidx/crawl"
)

// An InUseError says that another process has the archive open.
type InUseError struct {
	Key string
	PID int // of the process that crawls the server; 0 if it is not known or does something else
}

func (e *InUseError) Error() string {
	if e.PID != 0 {
		return fmt.Sprintf("%s is already being crawled by pid %d", e.Key, e.PID)
	}
	return fmt.Sprintf("the archive of %s is in use by another process", e.Key)
}

// ErrDiskFull is what errors match when less room is left than [Options].MinFree.
var ErrDiskFull = errors.New("the disk is nearly full")

// Room returns an error that matches ErrDiskFull if the file system of dir has fewer free bytes than wanted.
func Room(dir string, wanted int64) error {
	if wanted <= 0 {
		return nil
	}
	free, err := freeBytes(dir)
	if err == nil && free < wanted {
		err = fmt.Errorf("%w: %d MB free in %s, %d MB wanted", ErrDiskFull, free/1e6, dir, wanted/1e6)
	}
	return err
}

// ErrClosed is what errors match after Close.
var ErrClosed = bolterrors.ErrDatabaseNotOpen

// lockTimeout is how long opening waits for another process to let go of an archive, unless it is not to wait.
const (
	lockTimeout = time.Second
	noWait      = time.Nanosecond // bbolt takes 0 for ever
)

// Create opens the archive of a server in dir, for reading and writing, and makes it, and dir, if
// there is none. An archive that is closed before a crawl began goes away again, unless it
// holds what keeps a password safe. A damaged one is an [ErrDamaged] and stays as it is.
func Create(dir string, server crawl.Server, options *Options) (*Archive, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return open(dir, server.Key(), &server, false, options)
}

// Open opens the existing archive of a server in dir for reading; several processes may do so at the same
// time. Without one the error is an fs.ErrNotExist; it matches [ErrDamaged] if the file is not what was written.
func Open(dir string, server crawl.Server, options *Options) (*Archive, error) {
	return open(dir, server.Key(), nil, true, options)
}

// OpenKey is Open for the server with this key.
func OpenKey(dir, key string, options *Options) (*Archive, error) {
	return open(dir, key, nil, true, options)
}

func open(dir, key string, server *crawl.Server, readOnly bool, options *Options) (_ *Archive, err error) {
	a := &Archive{dir: dir, key: key, name: fileName(dir, key), readOnly: readOnly}
	if options != nil {
		a.options = *options
	}
	if a.options.Now == nil {
		a.options.Now = time.Now
	}
	if a.options.Logger == nil {
		a.options.Logger = slog.New(slog.DiscardHandler)
	}
	if a.db, err = a.openFile(key); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.closeFile()
			err = inArchive(key, err)
		}
	}()
	if readOnly {
		err = a.view(a.load)
	} else {
		a.asked = *server
		err = a.update(func(tx *bolt.Tx) error {
			for _, name := range [][]byte{bucketMeta, bucketListings, bucketFrames, bucketPending} {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return err
				}
			}
			if tx.Bucket(bucketMeta).Get(keyMeta) == nil {
				a.meta = meta{Format: formatVersion, Server: metaOf(a.asked)}
				return a.save(tx, &a.meta)
			}
			if err := a.load(tx); err != nil {
				return err
			}
			if a.meta.Held.Dirs == 0 {
				a.meta.Server = metaOf(a.asked)
			}
			return a.dropOpenFrames(tx)
		})
	}
	if err != nil {
		return nil, err
	}
	a.seq.Store(a.meta.Seq)
	a.ahead = a.meta.Counts.Clone()
	if !readOnly {
		a.committer = newCommitter(a)
	}
	return a, nil
}

// path returns the name of the bbolt file.
func (a *Archive) path() string { return filepath.Join(a.dir, a.name+".db") }

// openFile opens the bbolt file and makes sure that it is the one that has the name: between opening and locking
// another process may have removed it, see Close.
func (a *Archive) openFile(key string) (*bolt.DB, error) {
	path := a.path()
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if isNew && a.readOnly {
		return nil, fmt.Errorf("no archive of %s: %w", key, fs.ErrNotExist)
	}
	timeout := lockTimeout
	if a.options.NoWait {
		timeout = noWait
	}
	for {
		var found boltMeta
		a.file = nil
		var db *bolt.DB
		err := a.guard(func() (err error) {
			db, err = bolt.Open(path, 0o644, &bolt.Options{
				Timeout:      timeout,
				ReadOnly:     a.readOnly,
				FreelistType: bolt.FreelistMapType,
				OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
					if a.file, err = os.OpenFile(name, flag, mode); err != nil {
						return nil, err
					}
					found, err = checkSize(a.file)
					if err == nil && found == (boltMeta{}) && (a.readOnly || !isNew && a.hasSummary()) {
						err = errors.New("it is empty")
					}
					if err != nil {
						a.file.Close()
						return nil, a.damaged(err)
					}
					return a.file, nil
				},
			})
			return err
		})
		if errors.Is(err, bolterrors.ErrTimeout) {
			e := &InUseError{Key: key}
			if s, err := readSummary(filepath.Join(a.dir, a.name+".json")); err == nil && s.PID != os.Getpid() {
				e.PID = s.PID
			}
			return nil, e
		}
		if errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) {
			err = a.damaged(err)
		}
		if err != nil && !a.readOnly && a.broken.Load() == nil && a.removeUnborn(found) {
			continue
		}
		if err != nil {
			if a.broken.Load() != nil {
				a.closeFile()
			}
			return nil, inArchive(key, err)
		}
		here, err := os.Stat(path)
		if err == nil {
			var open os.FileInfo
			if open, err = a.file.Stat(); err == nil && os.SameFile(here, open) {
				if !a.readOnly && a.isForgotten() {
					if openStays {
						err = db.Close()
					}
					if err := errors.Join(err, removeForgotten(a.dir, filepath.Join(a.dir, a.name)), db.Close()); err != nil {
						return nil, err
					}
					isNew = true
					continue
				}
				if isNew {
					err = syncDir(a.dir)
				}
				if err != nil {
					return nil, errors.Join(err, db.Close())
				}
				return db, nil
			}
		}
		if cerr := db.Close(); cerr != nil {
			return nil, cerr
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// unbornPages is how many pages bbolt writes first.
const unbornPages = 4

func unbornSize() int64 { return unbornPages * int64(os.Getpagesize()) }

// removeUnborn removes a file that bbolt cannot read if the power failed before there was anything in it: it is no
// longer than what bbolt writes first, does not say that it was (found is its meta page), and has no summary.
func (a *Archive) removeUnborn(found boltMeta) bool {
	if found.pages > unbornPages || a.hasSummary() {
		return false
	}
	info, err := os.Stat(a.path())
	return err == nil && info.Mode().IsRegular() && info.Size() <= unbornSize() && os.Remove(a.path()) == nil
}

// hasSummary reports whether there is a summary, or may be: something was written then.
func (a *Archive) hasSummary() bool {
	_, err := os.Stat(filepath.Join(a.dir, a.name+".json"))
	return !errors.Is(err, fs.ErrNotExist)
}

// syncDir makes the names in a directory durable. Windows has no such call; its file systems log names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	return errors.Join(err, d.Close())
}

// load reads meta.
func (a *Archive) load(tx *bolt.Tx) error {
	b := tx.Bucket(bucketMeta)
	if b == nil {
		return errors.New("it was never written completely; remove it")
	}
	if err := json.Unmarshal(b.Get(keyMeta), &a.meta); err != nil {
		return a.damaged(fmt.Errorf("its description: %w", err))
	}
	a.meta.Seeds, a.meta.Raw = crawl.PathsOf(a.meta.Seeds, a.meta.Raw), nil
	a.meta.Crawl.Seeds, a.meta.Crawl.Raw = crawl.PathsOf(a.meta.Crawl.Seeds, a.meta.Crawl.Raw), nil
	if m := &a.meta.Server; m.Host != "" {
		// Where capitals are not told from small letters, an archive with its former name may have been found by the wrong one.
		if held := (crawl.Server{User: m.User, Host: m.Host, Port: m.Port}).Key(); held != a.key {
			return fmt.Errorf("its file holds the archive of %s", held)
		}
	}
	if a.meta.Format != formatVersion {
		return fmt.Errorf("it has format %d, this program reads format %d", a.meta.Format, formatVersion)
	}
	return nil
}

// save writes m.
func (a *Archive) save(tx *bolt.Tx, m *meta) error {
	stored := *m
	stored.Raw, stored.Crawl.Raw = crawl.RawPaths(m.Seeds), crawl.RawPaths(m.Crawl.Seeds)
	text, err := json.Marshal(&stored)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketMeta).Put(keyMeta, text)
}

// dropOpenFrames removes the frames of a listing whose writing was interrupted.
func (a *Archive) dropOpenFrames(tx *bolt.Tx) error {
	if a.meta.Open == 0 {
		return nil
	}
	if err := dropFrames(tx, a.meta.Open); err != nil {
		return err
	}
	a.meta.Open = 0
	return a.save(tx, &a.meta)
}

func dropFrames(tx *bolt.Tx, id uint64) error {
	b := tx.Bucket(bucketFrames)
	for frame := uint32(0); ; frame++ {
		key := frameKey(id, frame)
		if b.Get(key) == nil {
			return nil
		}
		if err := b.Delete(key); err != nil {
			return err
		}
	}
}

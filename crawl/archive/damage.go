package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// bbolt reads its file through a memory map and trusts it: of a file that was cut or overwritten it reads beyond the
// end, which is SIGBUS, or panics where a page is not what another says it is. Both would end a process that
// serves many archives because of one. So the size is compared with what the file says of itself before bbolt sees
// it, and every transaction runs in guard, which makes either an error that is [ErrDamaged].

// ErrDamaged is what errors match when the file of an archive is not what was written: other archives are not affected.
var ErrDamaged = errors.New("the archive is damaged")

// A damagedError says of which server the archive is damaged, and how.
type damagedError struct {
	key    string
	cause  error
	advice string // "" or what to do
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("the archive of %s is damaged: %v%s", e.key, e.cause, e.advice)
}

func (e *damagedError) Unwrap() []error { return []error{ErrDamaged, e.cause} }

// damaged makes err an ErrDamaged. Of an archive opened for writing it says what to do: a new one never takes the
// place of a damaged one by itself.
func (a *Archive) damaged(err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	e := &damagedError{key: a.key, cause: err}
	if !a.readOnly {
		e.advice = fmt.Sprintf("; move %s away to begin a new one", a.path())
	}
	return e
}

// inArchive says of which archive err is, unless it says so already.
func inArchive(key string, err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("archive of %s: %w", key, err)
}

// view is [bolt.DB.View] of a file that may be damaged.
func (a *Archive) view(read func(tx *bolt.Tx) error) error {
	return a.guard(func() error { return a.db.View(read) })
}

// update is [bolt.DB.Update] of a file that may be damaged.
func (a *Archive) update(change func(tx *bolt.Tx) error) error {
	return a.guard(func() error { return a.db.Update(change) })
}

// guard runs do, which uses the file. Once that panicked nothing else does: bbolt may have kept its locks.
func (a *Archive) guard(do func() error) (err error) {
	if broken := a.broken.Load(); broken != nil {
		return *broken
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = a.damaged(fmt.Errorf("%v", p))
			a.broken.Store(&err)
		}
	}()
	if err = do(); errors.Is(err, errRecord) {
		err = a.damaged(err)
	}
	return err
}

// closeFile closes the file. If it is damaged bbolt might wait for its own locks: then the lock of the file is let go,
// and its map, which alone would keep the lock, stays for as long as the process runs.
func (a *Archive) closeFile() error {
	if a.broken.Load() != nil {
		return errors.Join(unlock(a.file), a.file.Close())
	}
	return a.guard(a.db.Close)
}

// A boltMeta is what a meta page of bbolt says, see go.etcd.io/bbolt/internal/common.Meta.
type boltMeta struct {
	pageSize uint32
	pages    uint64 // in use: the high-water mark
	txid     uint64
}

const (
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	boltPageHead = 16
	boltMetaSize = 64
)

// readBoltMeta reads the meta page at an offset; ok is false if there is no valid one.
func readBoltMeta(r io.ReaderAt, offset int64) (m boltMeta, ok bool) {
	var page [boltPageHead + boltMetaSize]byte
	if _, err := r.ReadAt(page[:], offset); err != nil {
		return m, false
	}
	b := page[boltPageHead:]
	sum := fnv.New64a()
	sum.Write(b[:56])
	order := binary.NativeEndian
	if order.Uint32(b) != boltMagic || order.Uint32(b[4:]) != boltVersion || order.Uint64(b[56:]) != sum.Sum64() {
		return m, false
	}
	return boltMeta{order.Uint32(b[8:]), order.Uint64(b[40:]), order.Uint64(b[48:])}, true
}

// checkSize returns how the file is shorter than its newest valid meta page says. Another process may be writing: bbolt
// makes the file longer before it writes the meta page that says so. An empty file is a new one.
func checkSize(f *os.File) (newest boltMeta, err error) {
	newest, ok := readBoltMeta(f, 0)
	size := int64(os.Getpagesize())
	if ok {
		size = int64(newest.pageSize)
	}
	if m, ok2 := readBoltMeta(f, size); ok2 && (!ok || m.txid > newest.txid) {
		newest, ok = m, true
	}
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return newest, err
	}
	if !ok {
		return newest, errors.New("it does not begin as one")
	}
	// Nothing can be so large that the product overflows but what is damaged in spite of its checksum.
	if want := newest.pages * uint64(newest.pageSize); uint64(info.Size()) < want {
		return newest, fmt.Errorf("it has %d bytes and should have %d", info.Size(), want)
	}
	return newest, nil
}

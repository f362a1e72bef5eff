package archive

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
)

// The committer is the one goroutine that writes. It gathers what arrives for maxWait, or maxBatch
// listings, and writes it in one transaction, whose commit ends with fsync: only then is anything
// acknowledged (Pending and End return, the summary counts it). Until then the directories are still on
// the frontier in the file. A listing, the removal of its directory from the frontier and the addition of
// its children to it are in the same transaction, so that after kill -9 or a loss of power the file says
// either that a directory is to be listed or what it listed: bbolt writes data pages, fsyncs, and
// writes the meta page that makes them valid, and fsyncs again; a torn meta page fails its checksum and
// the one before counts.
//
// A listing larger than a frame is written in several transactions, which name its version in
// meta.Open; the last one writes the record that makes it count. What an interrupted one left is
// removed when the archive is opened.
const (
	maxBatch = 256
	maxWait  = 50 * time.Millisecond

	maxUncommitted      = 1024    // listings put and not committed
	maxUncommittedBytes = 1 << 20 // of memory that they hold

	framesPerTx   = 4    // of frameSize each
	childrenPerTx = 4000 // of one listing
	keepVersions  = 3
)

type committer struct {
	a    *Archive
	jobs chan job // has room for all listings that reserve admits, so that Put waits there only
	done chan struct{}

	mu    sync.Mutex
	room  *sync.Cond // signalled when count or bytes shrink, or err is set
	count int
	bytes int
	err   error // the first failure; nothing is written after it
}

// A job is a listing to be stored, or a barrier: do runs in the transaction after everything put
// before, and result gets its outcome once that is durable.
type job struct {
	put    *prepared
	do     func(tx *bolt.Tx, m *meta) error
	result chan<- error
}

func newCommitter(a *Archive) *committer {
	c := &committer{a: a, jobs: make(chan job, maxUncommitted), done: make(chan struct{})}
	c.room = sync.NewCond(&c.mu)
	go c.run()
	return c
}

// reserve waits until there is room for a listing that holds n bytes of memory.
func (c *committer) reserve(ctx context.Context, n int) error {
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.room.Broadcast()
	})
	defer stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && ctx.Err() == nil && c.count > 0 &&
		(c.count >= maxUncommitted || c.bytes+n > maxUncommittedBytes) {
		c.room.Wait()
	}
	if c.err != nil {
		return c.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.count++
	c.bytes += n
	return nil
}

func (c *committer) release(count, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count -= count
	c.bytes -= bytes
	c.room.Broadcast()
}

func (c *committer) fail(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
	c.room.Broadcast()
	return c.err
}

func (c *committer) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// barrier runs do (nil: nothing) in a transaction after everything put before, and waits for it.
func (c *committer) barrier(do func(tx *bolt.Tx, m *meta) error) error {
	result := make(chan error, 1)
	c.jobs <- job{do: do, result: result}
	return <-result
}

func (c *committer) close() error {
	close(c.jobs)
	<-c.done
	return c.failed()
}

func (c *committer) run() {
	defer close(c.done)
	summary := time.NewTicker(summaryEvery)
	defer summary.Stop()
	batch := make([]job, 0, maxBatch)
	for {
		batch = batch[:0]
		select {
		case j, ok := <-c.jobs:
			if !ok {
				return
			}
			batch = append(batch, j)
		case <-summary.C:
			if err := c.a.writeSummary(); err != nil {
				c.a.options.Logger.Warn("summary not written", "archive", c.a.name, "error", err)
			}
			continue
		}
		closed := false
		wait := time.NewTimer(maxWait)
		for urgent := batch[0].do != nil || batch[0].result != nil; !urgent && !closed && len(batch) < maxBatch; {
			select {
			case j, ok := <-c.jobs:
				if !ok {
					closed = true
					break
				}
				batch = append(batch, j)
				urgent = j.result != nil || j.put.large
			case <-wait.C:
				urgent = true
			}
		}
		wait.Stop()
		c.commit(batch)
		if closed {
			return
		}
	}
}

// commit writes a batch and settles its jobs.
func (c *committer) commit(batch []job) {
	err := c.failed()
	if err == nil {
		err = Room(c.a.dir, c.a.options.MinFree)
	}
	if err == nil {
		err = c.write(batch)
	}
	if err != nil {
		err = c.fail(inArchive(c.a.Server().Key(), err))
	}
	count, bytes := 0, 0
	for _, j := range batch {
		if j.put != nil {
			count++
			bytes += j.put.memory
			j.put.listing.Close()
		}
		if j.result != nil {
			j.result <- err
		}
	}
	c.release(count, bytes)
}

// write stores the batch: the parts of large listings in transactions of their own, then all the
// records in one.
func (c *committer) write(batch []job) error {
	a := c.a
	a.mu.Lock()
	m := a.meta
	m.Counts = m.Counts.Clone()
	a.mu.Unlock()

	for _, j := range batch {
		if j.put != nil && j.put.large {
			if err := c.writeParts(j.put, &m); err != nil {
				return err
			}
		}
	}
	err := c.update(&m, func(tx *bolt.Tx) error {
		for _, j := range batch {
			if j.put != nil {
				if err := a.store(tx, &m, j.put); err != nil {
					return err
				}
			}
			if j.do != nil {
				if err := j.do(tx, &m); err != nil {
					return err
				}
			}
		}
		m.Open = 0
		return nil
	})
	return err
}

// update runs one transaction that ends with writing m, and makes m the archive's when it is durable.
func (c *committer) update(m *meta, change func(tx *bolt.Tx) error) error {
	a := c.a
	err := a.update(func(tx *bolt.Tx) error {
		m.Seq++
		if err := change(tx); err != nil {
			return err
		}
		a.mu.Lock()
		m.Facts = a.meta.Facts
		a.mu.Unlock()
		return a.save(tx, m)
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	facts := a.meta.Facts // may have changed since
	a.meta = *m
	a.meta.Counts = m.Counts.Clone()
	a.meta.Facts = facts
	a.mu.Unlock()
	a.seq.Store(m.Seq)
	return nil
}

// writeParts writes frames and children of a large listing.
func (c *committer) writeParts(p *prepared, m *meta) error {
	if p.version != nil && p.version.data == nil && p.version.size > 0 {
		m.Frames++
		p.version.id = m.Frames
		m.Open = p.version.id
		r := p.listing.Spool.NewReader()
		buf := make([]byte, frameSize)
		for end := false; !end; {
			err := c.update(m, func(tx *bolt.Tx) error {
				for range framesPerTx {
					n, err := io.ReadFull(r, buf)
					if n > 0 {
						key := frameKey(p.version.id, p.version.frames)
						if err := tx.Bucket(bucketFrames).Put(key, compress(buf[:n])); err != nil {
							return err
						}
						p.version.frames++
					}
					if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
						end = true
						return nil
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	if p.listing.NoFollow {
		return nil
	}
	return c.writeChildren(p, m)
}

// writeChildren puts the children of a large listing on the frontier. They are sorted before: in the order of the server,
// which may be none, each transaction would change as many pages as it has children, and hold them in memory.
func (c *committer) writeChildren(p *prepared, m *meta) (err error) {
	var s sorter
	defer func() { err = errors.Join(err, s.close()) }()
	for d := range p.listing.Children() {
		if err := s.add(pendingKey(d), nil); err != nil {
			return err
		}
	}
	var dirs []crawl.Dir
	flush := func() error {
		return c.update(m, func(tx *bolt.Tx) error {
			defer func() { dirs = dirs[:0] }()
			return addPending(tx, m, dirs, p.newIn(tx))
		})
	}
	err = s.each(func(key, _ []byte) error {
		d, err := pendingDir(key, p.listing.Dir.Server)
		if err != nil {
			return err
		}
		if dirs = append(dirs, d); len(dirs) < childrenPerTx {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

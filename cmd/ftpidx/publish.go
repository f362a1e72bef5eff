package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
)

// While a crawl runs, what it has found so far is published after firstPublish, then at doubling intervals up
// to lastPublish, so that searching starts early and a large index is not built again every few seconds.
const (
	firstPublish = 10 * time.Second
	lastPublish  = 10 * time.Minute
)

// publishGC is how much garbage there may be beside what is in use while the index is built, in percent, where $GOGC does not say it. What is in
// use then is large and costs the collector next to nothing, as there are no pointers in it: half of it instead of all saves a fifth of
// the memory, and no more CPU can be seen to be used.
const publishGC = 50

// A publisher brings the index up to date with the archives. The archives that this process crawls are read
// while they are written; bbolt lets nobody else in.
type publisher struct {
	e    *env
	data string

	publishing sync.Mutex // one at a time in this process

	mu      sync.Mutex
	changed sync.Cond // open, or what a handle there says of itself
	open    map[string]*handle
}

// A handle is an archive that this process has open, for its crawl, for publishing, or for both.
type handle struct {
	*archive.Archive
	p    *publisher
	key  string
	refs int  // guarded by p.mu
	busy bool // is being opened or closed, which may take a second; guarded by p.mu
}

func newPublisher(e *env, data string) *publisher {
	p := &publisher{e: e, data: data, open: make(map[string]*handle)}
	p.changed.L = &p.mu
	return p
}

// create opens the archive of a server for crawling, which it has to wait for while it is open for publishing: a publication
// never waits for a crawl. Close releases it.
func (p *publisher) create(ctx context.Context, server crawl.Server, options *archive.Options) (*handle, error) {
	stop := context.AfterFunc(ctx, func() {
		p.mu.Lock() // so that who has looked at ctx waits already
		defer p.mu.Unlock()
		p.changed.Broadcast()
	})
	defer stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open[server.Key()] != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		p.changed.Wait()
	}
	return p.openAs(server.Key(), func() (*archive.Archive, error) {
		return archive.Create(archiveDir(p.data), server, options)
	})
}

// acquire opens an archive for reading, or shares the one that is open. With wait another process is given a second to let go
// of it. Close releases it.
func (p *publisher) acquire(key string, wait bool) (*handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open[key] != nil {
		if h := p.open[key]; !h.busy {
			h.refs++
			return h, nil
		}
		p.changed.Wait()
	}
	return p.openAs(key, func() (*archive.Archive, error) {
		return archive.OpenKey(archiveDir(p.data), key, &archive.Options{NoWait: !wait})
	})
}

// openAs opens an archive that is not open. The caller holds p.mu, which is free meanwhile: another process may have it open.
func (p *publisher) openAs(key string, open func() (*archive.Archive, error)) (*handle, error) {
	h := &handle{p: p, key: key, refs: 1, busy: true}
	p.open[key] = h
	p.mu.Unlock()
	a, err := open()
	p.mu.Lock()
	defer p.changed.Broadcast()
	if err != nil {
		delete(p.open, key)
		return nil, err
	}
	h.Archive, h.busy = a, false
	return h, nil
}

// Close gives the archive back; the last one to do so closes it.
func (h *handle) Close() error {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if h.refs--; h.refs > 0 {
		return nil
	}
	h.busy = true
	h.p.mu.Unlock()
	err := h.Archive.Close()
	h.p.mu.Lock()
	delete(h.p.open, h.key)
	h.p.changed.Broadcast()
	return err
}

// run publishes on the schedule until ctx is done.
func (p *publisher) run(ctx context.Context) {
	wait := firstPublish
	for {
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		if err := p.catchUp(ctx, &index.PublishOptions{}); err != nil && ctx.Err() == nil {
			p.e.warn("publishing: %v", err)
		}
		wait = min(2*wait, lastPublish)
	}
}

// publish publishes whatever archives hold and the index does not, and tidies the index, at the end of a run.
func (p *publisher) publish(ctx context.Context) error {
	return p.catchUp(ctx, &index.PublishOptions{Compact: true})
}

// catchUp builds and publishes whatever archives hold and the index does not.
func (p *publisher) catchUp(ctx context.Context, opts *index.PublishOptions) error {
	behind, unread, err := p.behind()
	if err != nil {
		return err
	}
	if len(behind) > 0 {
		err = p.publishAll(ctx, behind, false, opts)
	}
	return alsoLeftOut(err, unread)
}

// leftOut says on standard error which servers err left out, if that is what err says, and reports whether it is.
func (e *env) leftOut(err error) bool {
	var left *leftOutError
	if !errors.As(err, &left) {
		return false
	}
	for _, err := range left.servers {
		e.warn("not published: %v", err)
	}
	return true
}

// A leftOutError says which servers could not be published; the others are.
type leftOutError struct{ servers []error }

func (e *leftOutError) Error() string { return "not published: " + errors.Join(e.servers...).Error() }

// alsoLeftOut returns err, the result of publishAll, with the errors that unread is made of, of archives that nothing is known of.
func alsoLeftOut(err, unread error) error {
	var left *leftOutError
	if unread == nil || err != nil && !errors.As(err, &left) {
		return err
	}
	all := leftOutError{[]error{unread}}
	if joined, ok := unread.(interface{ Unwrap() []error }); ok {
		all.servers = joined.Unwrap()
	}
	if left != nil {
		all.servers = append(all.servers, left.servers...)
	}
	return &all
}

// publishAll publishes the servers with these keys. Those that another process has open are left to it at once, unless all are
// needed: a second for each of another crawl's servers would be minutes. Archives that cannot be read are left as they are in
// force: the error is then a *leftOutError.
func (p *publisher) publishAll(ctx context.Context, keys []string, all bool, opts *index.PublishOptions) error {
	p.publishing.Lock()
	defer p.publishing.Unlock()
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(publishGC))
	}
	var sources []index.Source
	var left leftOutError
	leaveOut := func(err error) {
		var busy *archive.InUseError
		if all || !errors.As(err, &busy) && !errors.Is(err, fs.ErrNotExist) { // else whoever crawls it publishes it
			left.servers = append(left.servers, err)
		}
	}
	for _, key := range keys {
		s, err := p.source(ctx, key, all)
		var busy *archive.InUseError
		if all && errors.As(err, &busy) {
			return err
		}
		if err != nil {
			leaveOut(err)
			continue
		}
		sources = append(sources, s)
	}
	if len(sources) > 0 {
		m, err := p.put(ctx, sources, opts)
		var bad *index.SourceError
		if err != nil && m == nil && !errors.As(err, &bad) {
			return err
		}
		if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, err := range joined.Unwrap() {
				leaveOut(err)
			}
		}
	}
	if len(left.servers) > 0 {
		return &left
	}
	return nil
}

// put puts sources in force, but those whose archives are forgotten meanwhile.
func (p *publisher) put(ctx context.Context, sources []index.Source, opts *index.PublishOptions) (*index.Manifest, error) {
	opts.Logger = p.e.logger()
	opts.Keep = func(key string) bool { return archive.Exists(archiveDir(p.data), key) }
	return index.Publish(ctx, indexDir(p.data), sources, opts)
}

// behind returns the keys of the archives that hold more than the index. Unread says which cannot be looked into.
func (p *publisher) behind() (keys []string, unread, err error) {
	published, err := manifest(p.data)
	if err != nil {
		return nil, nil, err
	}
	summaries, unread := archive.List(archiveDir(p.data))
	for _, s := range summaries {
		seq := s.Seq
		p.mu.Lock()
		if h := p.open[s.Key]; h != nil && !h.busy {
			seq = h.Seq()
		}
		p.mu.Unlock()
		if done, ok := published.Server(s.Key); !ok || seq > done.ArchiveSeq {
			keys = append(keys, s.Key)
		}
	}
	return keys, unread, nil
}

// manifest says what is published, which may be nothing.
func manifest(data string) (*index.Manifest, error) {
	ix, err := index.Open(indexDir(data))
	if errors.Is(err, fs.ErrNotExist) {
		return &index.Manifest{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer ix.Close()
	return ix.Manifest()
}

// hasIndex reports whether anything is published, or was before it was damaged. Without archives it is a snapshot.
func hasIndex(data string) bool {
	m, err := manifest(data)
	return err != nil || m.Docs() > 0
}

// source turns the archive of a server into documents. It is opened again when they are wanted: there may be more archives
// than a process can have files open. Wait is that of acquire.
func (p *publisher) source(ctx context.Context, key string, wait bool) (index.Source, error) {
	h, err := p.acquire(key, wait)
	if err != nil {
		return index.Source{}, err
	}
	defer h.Close()
	server, facts, seq := h.Server(), h.Facts(), h.Seq()
	is := indexServer(server, &facts)
	return index.Source{
		Server: is, ArchiveSeq: seq, Zone: facts.Zone, Partial: h.Partial(),
		Documents: func(yield func(*index.Document, error) bool) {
			if err := p.documents(ctx, key, wait, seq, is, func(d *index.Document) bool { return yield(d, nil) }); err != nil {
				yield(nil, err)
			}
		},
	}, nil
}

// indexServer returns the server as documents name it.
func indexServer(server crawl.Server, facts *crawl.Facts) *index.Server {
	return &index.Server{
		Scheme: string(server.Scheme), User: server.User, Host: server.Host, Port: server.Port,
		LoginDir: facts.LoginDir, Charset: facts.Charset,
	}
}

// documents yields the documents of a server as of a sequence number of its archive, until yield returns false.
func (p *publisher) documents(ctx context.Context, key string, wait bool, seq uint64, server *index.Server, yield func(*index.Document) bool) error {
	h, err := p.acquire(key, wait)
	if err != nil {
		return err
	}
	defer h.Close()
	for item, err := range h.Entries(ctx, &archive.EntriesOptions{Seq: seq}) {
		if err != nil {
			return fmt.Errorf("archive of %s: %w", key, err)
		}
		if !yield(index.NewDocument(server, item.Dir, item.Entry, item.Added, item.Seen)) {
			return nil
		}
	}
	return nil
}

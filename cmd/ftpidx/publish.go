package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
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

// A publisher brings the index up to date with the archives. The archives that this process crawls are read
// while they are written; bbolt lets nobody else in.
type publisher struct {
	e    *env
	data string

	publishing sync.Mutex // one at a time in this process

	mu   sync.Mutex
	open map[string]*handle
}

// A handle is an archive that this process has open, for its crawl, for publishing, or for both.
type handle struct {
	*archive.Archive
	p    *publisher
	key  string
	refs int // guarded by p.mu
}

func newPublisher(e *env, data string) *publisher {
	return &publisher{e: e, data: data, open: make(map[string]*handle)}
}

// create opens the archive of a server for crawling. Close releases it.
func (p *publisher) create(server crawl.Server, options *archive.Options) (*handle, error) {
	a, err := archive.Create(archiveDir(p.data), server, options)
	if err != nil {
		return nil, err
	}
	h := &handle{Archive: a, p: p, key: server.Key(), refs: 1}
	p.mu.Lock()
	p.open[h.key] = h
	p.mu.Unlock()
	return h, nil
}

// acquire opens an archive for reading, or shares the one that is open. Close releases it.
func (p *publisher) acquire(key string) (*handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.open[key]; h != nil {
		h.refs++
		return h, nil
	}
	a, err := archive.OpenKey(archiveDir(p.data), key, nil)
	if err != nil {
		return nil, err
	}
	h := &handle{Archive: a, p: p, key: key, refs: 1}
	p.open[key] = h
	return h, nil
}

// Close gives the archive back; the last one to do so closes it.
func (h *handle) Close() error {
	h.p.mu.Lock()
	defer h.p.mu.Unlock()
	if h.refs--; h.refs > 0 {
		return nil
	}
	delete(h.p.open, h.key)
	return h.Archive.Close()
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
		if err := p.publish(ctx); err != nil && ctx.Err() == nil {
			p.e.remark("warning: publishing: %v", err)
		}
		wait = min(2*wait, lastPublish)
	}
}

// publish builds and publishes whatever archives hold and the index does not.
func (p *publisher) publish(ctx context.Context) error {
	p.publishing.Lock()
	defer p.publishing.Unlock()
	behind, err := p.behind()
	if err != nil || len(behind) == 0 {
		return err
	}
	var sources []index.Source
	for _, key := range behind {
		h, err := p.acquire(key)
		var busy *archive.InUseError
		if errors.As(err, &busy) || errors.Is(err, fs.ErrNotExist) {
			continue // whoever crawls it publishes it
		}
		if err != nil {
			return err
		}
		defer h.Close()
		sources = append(sources, source(ctx, h.Archive))
	}
	if len(sources) == 0 {
		return nil
	}
	_, err = index.Publish(ctx, indexDir(p.data), sources, &index.PublishOptions{Logger: p.e.logger()})
	return err
}

// behind returns the keys of the archives that hold more than the index.
func (p *publisher) behind() ([]string, error) {
	published, err := manifest(p.data)
	if err != nil {
		return nil, err
	}
	summaries, err := archive.List(archiveDir(p.data))
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, s := range summaries {
		seq := s.Seq
		p.mu.Lock()
		if h := p.open[s.Key]; h != nil {
			seq = h.Seq()
		}
		p.mu.Unlock()
		if done, ok := published.Server(s.Key); !ok || seq > done.ArchiveSeq {
			keys = append(keys, s.Key)
		}
	}
	return keys, nil
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

// source turns an archive into documents.
func source(ctx context.Context, a *archive.Archive) index.Source {
	server, facts := a.Server(), a.Facts()
	is := &index.Server{
		Scheme: string(server.Scheme), User: server.User, Host: server.Host, Port: server.Port,
		LoginDir: facts.LoginDir, Charset: facts.Charset,
	}
	return index.Source{
		Server: is, ArchiveSeq: a.Seq(), Zone: facts.Zone, Partial: a.Partial(),
		Documents: documents(ctx, a, is),
	}
}

func documents(ctx context.Context, a *archive.Archive, server *index.Server) iter.Seq2[*index.Document, error] {
	return func(yield func(*index.Document, error) bool) {
		for item, err := range a.Entries(ctx, nil) {
			if err != nil {
				yield(nil, fmt.Errorf("archive of %s: %w", server.Key(), err))
				return
			}
			if !yield(index.NewDocument(server, item.Dir, item.Entry, item.Added, item.Seen), nil) {
				return
			}
		}
	}
}

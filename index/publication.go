package index

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"time"
)

// Generations of up to packDocs documents are packs: they may hold several servers, and are written again to drop what
// is out of date.
const (
	packDocs  = 1 << 20
	smallDocs = 100_000 // generations below this are put together when there are more than maxSmall
	maxSmall  = 8
)

// A publication is the work of one Publish.
type publication struct {
	ctx  context.Context
	dir  string
	now  time.Time
	opts *PublishOptions
	log  *slog.Logger
	old  *view // nil: nothing is published

	gen     *newGen // being built, or nil
	b       *builder
	servers []ManifestServer // of gen
	built   []builtGen
	twice   int // documents left out

	wary      bool              // a source was bad: others are looked at before anything is built of them
	changed   []string          // keys of sources that were built
	unchanged []unchangedServer // sources that stay where they are
	moved     map[string]place  // servers written again because of their generation, and where they were
}

// A place is where the documents of a server are.
type place struct {
	gen         string
	first, docs int
}

type builtGen struct {
	gen *newGen
	mg  ManifestGeneration
}

type unchangedServer struct {
	ManifestServer
	gen  string
	runs []seenRun
}

// source publishes one source: while its documents are those in force it only looks at them. The error is a
// *SourceError if the source is to blame.
func (p *publication) source(src *Source) error {
	if p.wary { // else each of many bad ones could cost a generation
		if err := p.look(src); err != nil {
			return err
		}
	}
	ms := ManifestServer{
		Key: src.Server.Key(), ArchiveSeq: src.ArchiveSeq,
		Charset: src.Server.Charset, Zone: src.Zone, Partial: src.Partial,
	}
	c := comparison{p: p, src: src, ms: ms}
	c.find()
	if c.old == nil {
		if err := c.build(); err != nil {
			return err
		}
	}
	count := 0
	for d, err := range src.Documents {
		if err != nil {
			return &SourceError{ms.Key, err}
		}
		if count++; count&1023 == 0 && p.ctx.Err() != nil {
			return context.Cause(p.ctx)
		}
		if c.old != nil {
			if same, err := c.same(d); err != nil {
				return err
			} else if same {
				continue
			}
			if err := c.build(); err != nil {
				return err
			}
		}
		if err := p.b.add(d); err != nil {
			return err
		}
	}
	switch {
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	case c.old == nil:
		return nil
	case c.n < c.docs: // the last ones are gone
		return c.build()
	}
	ms.First, ms.Docs = int(c.first), int(c.docs)
	p.unchanged = append(p.unchanged, unchangedServer{ms, filepath.Base(c.old.dir), c.runs})
	p.twice += c.twice
	return nil
}

// A comparison holds the documents of a source against those of the server that are in force.
type comparison struct {
	p           *publication
	src         *Source
	ms          ManifestServer
	old         *shard // nil: there is nothing to compare with, or it has been found different
	r           *docReader
	first, docs uint32
	n           uint32    // documents found the same
	runs        []seenRun // when these were seen now
	last        Document
	twice       int // documents left out
}

// find looks for documents in force of the server, which must be quite the same in all that hits show of it.
func (c *comparison) find() {
	if c.p.old == nil {
		return
	}
	for i, g := range c.p.old.manifest.Generations {
		for _, s := range g.Servers {
			if s.Key != c.ms.Key {
				continue
			}
			sh := c.p.old.shards[i]
			for _, o := range sh.servers {
				if o.key == s.Key && int(o.first) == s.First && int(o.docs) == s.Docs && *o.server == *c.src.Server {
					c.old, c.first, c.docs, c.r = sh, o.first, o.docs, newDocReader(sh)
				}
			}
		}
	}
}

// same reports whether d is the next document in force, or the same as the last.
func (c *comparison) same(d *Document) (bool, error) {
	if c.n > 0 && d.Name == c.last.Name && d.Dir == c.last.Dir {
		c.twice++
		return true, nil
	}
	if c.n == c.docs {
		return false, nil
	}
	o, err := c.r.at(c.first + c.n)
	if err != nil || !sameDocument(d, &o) {
		return false, err
	}
	c.runs = appendSeen(c.runs, c.first+c.n, d.Seen)
	c.n++
	c.last = o
	return true, nil
}

// build ends the comparison: what was the same is built first.
func (c *comparison) build() error {
	if err := c.p.begin(c.src.Server, c.ms); err != nil {
		return err
	}
	c.p.changed = append(c.p.changed, c.ms.Key)
	c.p.b.twice += c.twice
	if c.old == nil {
		return nil
	}
	err := c.p.copy(c.old, c.first, c.first+c.n, c.runs)
	c.old = nil
	return err
}

// copy adds documents of a shard to the generation being built, seen as runs say.
func (p *publication) copy(s *shard, from, to uint32, runs []seenRun) error {
	r := newDocReader(s)
	for n := from; n < to; n++ {
		if n&1023 == 0 && p.ctx.Err() != nil {
			return context.Cause(p.ctx)
		}
		d, err := r.at(n)
		if err != nil {
			return err
		}
		d.Seen, _ = seenAt(runs, n)
		err = p.b.add(&d)
		if se := (*SourceError)(nil); errors.As(err, &se) {
			return corrupt(s.dir, "%v", se.Err) // what was in order once
		} else if err != nil {
			return err
		}
	}
	return nil
}

// sameDocument reports whether d would be stored as o is, but for the time seen.
func sameDocument(d, o *Document) bool {
	added := d.Added
	if !added.IsZero() {
		added = time.Unix(added.Unix(), 0)
	}
	size := d.Size
	if size < 0 || d.Type == Dir || d.Type == Link {
		size = -1
	}
	return d.Dir == o.Dir && d.Name == o.Name && d.Type == o.Type && size == o.Size && d.ModTime.Equal(o.ModTime) &&
		d.Precision == o.Precision && d.Perm == o.Perm && d.Mode == o.Mode && d.Owner == o.Owner && d.Group == o.Group &&
		d.Target == o.Target && added.Equal(o.Added)
}

// begin starts a server in the generation being built, or in a new one if that is full.
func (p *publication) begin(s *Server, ms ManifestServer) error {
	full := uint32(packDocs)
	if p.opts.packDocs > 0 {
		full = p.opts.packDocs
	}
	if p.b != nil && p.b.n >= full {
		if err := p.end(); err != nil {
			return err
		}
	}
	if p.b == nil {
		gen, err := newGeneration(p.dir)
		if err != nil {
			return err
		}
		p.gen = gen
		if p.b, err = newBuilder(gen.path, p.now, p.opts); err != nil {
			return err
		}
	}
	p.servers = append(p.servers, ms)
	return p.b.begin(s)
}

// end finishes the generation being built, if there is one.
func (p *publication) end() error {
	if p.b == nil {
		return nil
	}
	if err := p.b.close(); err != nil {
		return err
	}
	size, err := dirSize(p.gen.path)
	if err != nil {
		return err
	}
	mg := ManifestGeneration{Dir: filepath.Base(p.gen.path), Docs: p.b.info.Docs, Bytes: size, Servers: p.servers}
	for i, s := range p.b.info.Servers {
		mg.Servers[i].First, mg.Servers[i].Docs = s.First, s.Docs
	}
	p.twice += p.b.twice
	p.built = append(p.built, builtGen{p.gen, mg})
	p.gen, p.b, p.servers = nil, nil, nil
	return nil
}

// forget gives up what is in force, so that it can be removed if it is no longer.
func (p *publication) forget() {
	if p.old != nil {
		p.old.release()
		p.old = nil
	}
}

// discard removes what was built but not put in force.
func (p *publication) discard() {
	p.forget()
	if p.b != nil {
		p.b.abort()
	}
	if p.gen != nil {
		p.gen.discard()
	}
	for _, b := range p.built {
		b.gen.discard()
	}
}

// compact writes generations again that hold too much that is out of date, or are too many and small.
func (p *publication) compact() error {
	if p.old == nil {
		return nil
	}
	var stale, small []carried
	stales, smalls := 0, 0
	for i, g := range p.old.manifest.Generations {
		var list []carried
		live := 0
		for _, s := range g.Servers {
			if !slices.Contains(p.changed, s.Key) {
				list = append(list, carried{s, p.old.shards[i], g.Dir})
				live += s.Docs
			}
		}
		dead := g.Docs - live
		switch {
		case len(list) == 0:
		case live <= packDocs && (dead > g.Docs/10 || p.opts.Compact && dead > 0):
			stale = append(stale, list...)
			stales++
		case live < smallDocs:
			small = append(small, list...)
			smalls++
		}
	}
	if smalls+stales > maxSmall || p.opts.Compact && smalls+stales > 1 {
		stale = append(stale, small...)
	}
	slices.SortFunc(stale, func(a, b carried) int { return cmp.Compare(a.ms.Key, b.ms.Key) })
	for _, c := range stale {
		if err := p.carry(c); err != nil {
			return err
		}
	}
	return p.end()
}

// A carried server is one in force that is written again.
type carried struct {
	ms    ManifestServer
	shard *shard
	gen   string
}

func (p *publication) carry(c carried) error {
	p.moved[c.ms.Key] = place{c.gen, c.ms.First, c.ms.Docs}
	ms, runs := c.ms, c.shard.seen()
	for _, u := range p.unchanged { // a source may move as well; it has been seen since
		if u.Key == ms.Key {
			ms, runs = u.ManifestServer, u.runs
		}
	}
	first, docs := uint32(c.ms.First), uint32(c.ms.Docs)
	for _, o := range c.shard.servers {
		if o.key == ms.Key {
			if err := p.begin(o.server, ms); err != nil {
				return err
			}
			return p.copy(c.shard, first, first+docs, runs)
		}
	}
	return corrupt(c.shard.dir, "no server %s", ms.Key)
}

// enact changes the manifest m, and the times seen, as the publication wants. The caller holds the publisher lock;
// another publisher may have been first with some servers, and is left its documents if they are of a later state of the archive.
func (p *publication) enact(m *Manifest, runs map[string][]seenRun) error {
	inForce := map[string]uint64{} // archive sequence numbers
	for _, g := range m.Generations {
		for _, s := range g.Servers {
			inForce[s.Key] = s.ArchiveSeq
		}
	}
	for _, u := range p.unchanged {
		s := m.at(u.Key, place{u.gen, u.First, u.Docs})
		if s == nil || u.ArchiveSeq < inForce[u.Key] {
			continue
		}
		*s = u.ManifestServer
		for i, g := range p.old.manifest.Generations {
			if g.Dir != u.gen || u.Docs == 0 {
				continue
			}
			all := runs[u.gen]
			if all == nil {
				all = p.old.shards[i].cols.seen
			}
			if spliced := spliceRuns(all, uint32(u.First), uint32(u.First+u.Docs), u.runs); !slices.Equal(spliced, all) {
				runs[u.gen] = spliced
			}
		}
	}
	var drop []string
	for i := range p.built {
		mg := &p.built[i].mg
		mg.Servers = slices.DeleteFunc(mg.Servers, func(s ManifestServer) bool {
			at, moved := p.moved[s.Key]
			switch {
			case moved && m.at(s.Key, at) == nil, s.ArchiveSeq < inForce[s.Key]:
				return true // another publisher has newer ones
			case !moved && p.opts.Keep != nil && !p.opts.Keep(s.Key):
				return true
			}
			drop = append(drop, s.Key)
			return false
		})
	}
	m.drop(drop)
	for _, b := range p.built {
		if len(b.mg.Servers) > 0 {
			m.Generations = append(m.Generations, b.mg)
		}
		b.gen.release()
	}
	p.forget()
	return nil
}

// at returns what m says of a server, if that is in force where it is expected.
func (m *Manifest) at(key string, at place) *ManifestServer {
	for i := range m.Generations {
		g := &m.Generations[i]
		for j := range g.Servers {
			if s := &g.Servers[j]; s.Key == key && g.Dir == at.gen && s.First == at.first && s.Docs == at.docs {
				return s
			}
		}
	}
	return nil
}

// drop takes servers out of m, and generations that hold no other.
func (m *Manifest) drop(keys []string) {
	for i := range m.Generations {
		g := &m.Generations[i]
		g.Servers = slices.DeleteFunc(g.Servers, func(s ManifestServer) bool { return slices.Contains(keys, s.Key) })
	}
	m.Generations = slices.DeleteFunc(m.Generations, func(g ManifestGeneration) bool { return len(g.Servers) == 0 })
}

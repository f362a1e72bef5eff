package index

import (
	"context"
	"io"
	"time"
)

// VerifyOptions are the options of [Index.Verify]. Nil and the zero value are the defaults.
type VerifyOptions struct {
	Rate   int64           // bytes read in a second; 0: 32 MiB
	Damage func(err error) // is told of each file that is damaged, by a *FileError; nil: nobody is
}

// Verify is for processes that answer for long: until ctx is done it compares the files that ix has opened with their checksums,
// once, slowly enough not to be felt. A damaged column may make a search find too much or too little, without any other sign. So
// from when damage is found on ix finds nothing: all calls fail with a [FileError], until a manifest is in force without what is
// damaged. What was searched before may have been wrong.
//
// It runs once at a time for an Index.
func (ix *Index) Verify(ctx context.Context, opts *VerifyOptions) {
	o := VerifyOptions{}
	if opts != nil {
		o = *opts
	}
	if o.Rate <= 0 {
		o.Rate = 32 << 20
	}
	if o.Damage == nil {
		o.Damage = func(error) {}
	}
	opened := make(chan struct{}, 1)
	ix.mu.Lock()
	ix.opened = opened
	ix.mu.Unlock()
	for {
		for ctx.Err() == nil && ix.verifyNext(ctx, &o) {
		}
		select {
		case <-ctx.Done():
			return
		case <-opened:
		}
	}
}

// A checked is whether Verify has looked at a part of an index, and what is wrong with it. The mutex of the Index guards it.
type checked struct {
	verified bool
	damage   error // nil: none is known
}

// A part of an index is what is verified at a time: a generation, or what a side directory says of one.
type part struct {
	*checked
	check   func(p *pace) (damage []error) // compares its files with their checksums
	wanted  func() bool                    // false: nobody else uses it
	release func()
}

// verifyNext verifies one part, and reports whether there was one.
func (ix *Index) verifyNext(ctx context.Context, o *VerifyOptions) bool {
	part, ok := ix.unverified()
	if !ok {
		return false
	}
	defer part.release()
	p := &pace{ctx: ctx, rate: o.Rate, start: time.Now(), wanted: part.wanted}
	damage := part.check(p)
	if p.ended {
		damage = nil // what was not read is not known
	}
	ix.mu.Lock()
	part.verified = ctx.Err() == nil
	if len(damage) > 0 {
		part.damage = damage[0]
	}
	ix.mu.Unlock()
	for _, err := range damage {
		o.Damage(err)
	}
	return true
}

// unverified returns a part that Verify has not looked at, if there is one. The caller releases it.
func (ix *Index) unverified() (part, bool) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if ix.current == nil {
		return part{}, false
	}
	for _, s := range ix.current.shards {
		if g := s.generation; !g.verified {
			g.acquire()
			return part{
				checked: &g.checked,
				check:   func(p *pace) []error { return checkFiles(g.dir, p) },
				wanted:  func() bool { return g.refs.Load() > 1 },
				release: func() { g.release() },
			}, true
		}
		if side := s.side; !side.verified {
			return part{
				checked: &side.checked,
				check:   side.check,
				wanted:  func() bool { return true }, // it is small
				release: func() {},
			}, true
		}
	}
	return part{}, false
}

// A pace is how fast files are read, and for how long.
type pace struct {
	ctx    context.Context
	rate   int64 // bytes in a second
	start  time.Time
	wanted func() bool // false: the rest need not be read

	read  int64
	ended bool // by ctx, or because the rest is not wanted
}

// A pacedReader reads r at a pace, and ends with io.ErrUnexpectedEOF when that does.
type pacedReader struct {
	r io.Reader
	*pace
}

func (r *pacedReader) Read(b []byte) (int, error) {
	const nap = 10 * time.Millisecond // shorter ones are not exact, and cost
	ahead := time.Duration(float64(r.read)/float64(r.rate)*float64(time.Second)) - time.Since(r.start)
	if ahead >= nap {
		t := time.NewTimer(ahead)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.ctx.Done():
		}
	}
	if r.ended = r.ended || r.ctx.Err() != nil || !r.wanted(); r.ended {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := r.r.Read(b)
	r.read += int64(n)
	return n, err
}

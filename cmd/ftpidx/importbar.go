package main

import (
	"fmt"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// An importBar shows how far an import has got with the bytes of its dumps: a bar on a terminal, now and then a line
// elsewhere, nothing with --quiet.
type importBar struct {
	e       *env
	total   atomic.Int64 // bytes of all dumps; 0: not known
	read    atomic.Int64
	entries atomic.Int64
	name    atomic.Pointer[string] // of the dump at hand

	bars *mpb.Progress
	bar  *mpb.Bar
	stop chan struct{}
	done sync.WaitGroup
}

func startImportBar(e *env) *importBar {
	b := &importBar{e: e, stop: make(chan struct{})}
	b.name.Store(new(string))
	if e.quiet {
		return b
	}
	every := progressLine
	if e.stderr.terminal {
		every = 100 * time.Millisecond
		b.bars = mpb.New(mpb.WithOutput(e.stderr.file), mpb.WithWidth(min(24, e.stderr.width/4)), mpb.WithRefreshRate(every))
		// A bar made with a total above zero would complete itself.
		b.bar = b.bars.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─"),
			mpb.BarRemoveOnComplete(), mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.line(e.stderr.width - 30) })))
		e.stderr.showAbove(b.bars)
	}
	b.done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-b.stop:
				return
			case <-tick.C:
			}
			if b.bar == nil {
				e.remark("%s", b.line(200))
				continue
			}
			b.bar.SetTotal(b.total.Load()+1, false)
			b.bar.SetCurrent(min(b.read.Load(), b.total.Load()))
		}
	})
	return b
}

// line is one line of at most width columns.
func (b *importBar) line(width int) string {
	s := humanSize(b.read.Load()) + " read"
	if total := b.total.Load(); total > 0 {
		s = fmt.Sprintf("%3d %% of %s", 100*min(b.read.Load(), total)/total, humanSize(total))
	}
	s += ", " + plural(b.entries.Load(), "entry", "entries")
	if rest := width - textWidth(s) - 2; rest >= 8 {
		if name := escapeText(path.Base(*b.name.Load())); name != "." {
			s += "  " + fitMiddle(name, rest)
		}
	}
	return fitMiddle(s, width)
}

// end removes the bar.
func (b *importBar) end() {
	if b.e.quiet {
		return
	}
	close(b.stop)
	b.done.Wait()
	if b.bar != nil {
		b.e.stderr.showAbove(nil)
		b.bar.SetTotal(-1, true)
		b.bars.Wait()
	}
}

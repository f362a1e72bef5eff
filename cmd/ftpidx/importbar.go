package main

import (
	"fmt"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An importBar shows how far an import has got with the bytes of its dumps: a bar on a terminal, now and then a line
// elsewhere, nothing with --quiet.
type importBar struct {
	e       *env
	total   atomic.Int64 // bytes of all dumps; 0: not known
	read    atomic.Int64
	entries atomic.Int64
	name    atomic.Pointer[string] // of the dump at hand

	show *redrawn // nil: lines are written
	stop chan struct{}
	done sync.WaitGroup
}

func startImportBar(e *env) *importBar {
	b := &importBar{e: e, stop: make(chan struct{})}
	b.name.Store(new(string))
	switch {
	case e.quiet:
	case e.canRedraw():
		b.show = redraw(e.stderr, 1, func(_, width int) string { return b.draw(width) })
	default:
		b.done.Go(b.tell)
	}
	return b
}

// tell writes a line now and then.
func (b *importBar) tell() {
	tick := time.NewTicker(progressLine)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-tick.C:
			b.e.remark("%s", b.line(200))
		}
	}
}

// draw returns the bar and the line beside it, in at most width columns.
func (b *importBar) draw(width int) string {
	cells := min(24, width/4)
	full := 0
	if total := b.total.Load(); total > 0 {
		full = int(float64(cells) * min(1, float64(b.read.Load())/float64(total)))
	}
	return strings.Repeat("━", full) + strings.Repeat("─", cells-full) + " " + b.line(width-cells-1)
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
	close(b.stop)
	b.done.Wait()
	if b.show != nil {
		b.show.end()
	}
}

package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/ftpidx/ftpidx/crawl"
)

// progressLine is how often a log file, say, gets a line while a crawl runs.
const progressLine = 30 * time.Second

// A progress shows how a crawl goes on: a bar on a terminal, now and then a line elsewhere, nothing with --quiet.
type progress struct {
	e       *env
	totals  func() crawl.Counts // of all servers of this run
	started time.Time
	bars    *mpb.Progress
	bar     *mpb.Bar
	stop    chan struct{}
	done    sync.WaitGroup

	mu      sync.Mutex
	servers int // begun
	ended   int
	path    string    // listed last
	said    time.Time // that no server answers
}

// startProgress begins to show what totals returns; it is called a few times a second.
func startProgress(e *env, totals func() crawl.Counts) *progress {
	p := &progress{e: e, totals: totals, started: e.now(), stop: make(chan struct{})}
	if e.quiet {
		return p
	}
	if e.stderr.terminal {
		p.bars = mpb.New(mpb.WithOutput(e.stderr.file), mpb.WithWidth(min(24, e.stderr.width/4)), mpb.WithRefreshRate(200*time.Millisecond))
		// A bar made with a total above zero would complete itself and takes no other total.
		p.bar = p.bars.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("─"),
			mpb.BarRemoveOnComplete(), mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return p.line(e.stderr.width - 30) })))
		e.stderr.showAbove(p.bars)
	}
	p.done.Go(p.loop)
	return p
}

func (p *progress) loop() {
	every := progressLine
	if p.bar != nil {
		every = 200 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		if p.bar == nil {
			p.e.remark("%s", p.line(200))
			continue
		}
		c := p.totals()
		p.bar.SetTotal(max(1, c.Listed+c.Pending+1), false)
		p.bar.SetCurrent(c.Listed)
	}
}

// line is one line of at most width columns.
func (p *progress) line(width int) string {
	c := p.totals()
	p.mu.Lock()
	servers, ended, path := p.servers, p.ended, p.path
	p.mu.Unlock()
	s := fmt.Sprintf("%s listed, %s to go, %s", humanCount(c.Listed), humanCount(c.Pending), plural(c.Entries, "entry", "entries"))
	if seconds := p.e.now().Sub(p.started).Seconds(); seconds >= 1 {
		s += fmt.Sprintf(", %.0f/s", float64(c.Listed)/seconds)
	}
	if servers > 1 {
		s = fmt.Sprintf("%d of %d servers done; ", ended, servers) + s
	}
	if rest := width - len(s) - 2; rest > 12 && path != "" {
		path = escapeText(path)
		if len(path) > rest {
			path = "…" + path[len(path)-rest+1:]
		}
		s += "  " + escapeText(path)
	}
	return s
}

// observe takes note of an event of the crawler.
func (p *progress) observe(ev crawl.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev.Kind {
	case crawl.Began:
		p.servers++
	case crawl.Listed:
		p.path = ev.Path
	case crawl.Paused:
		if ev.Time.Sub(p.said) >= time.Minute { // every server has its pauses
			p.said = ev.Time
			p.e.remark("no server answers, our own network seems to be down: waiting")
		}
	case crawl.Ended:
		p.ended++
	}
}

// end removes the bar. Nothing is shown afterwards.
func (p *progress) end() {
	if p.e.quiet {
		return
	}
	close(p.stop)
	p.done.Wait()
	if p.bar != nil {
		p.e.stderr.showAbove(nil)
		p.bar.SetTotal(-1, true)
		p.bars.Wait()
	}
}

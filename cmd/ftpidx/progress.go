package main

import (
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/ftpidx/ftpidx/crawl"
)

const (
	progressLine = 10 * time.Second // between two lines elsewhere
	progressRows = 8                // servers shown at once, at most
	toldWaiting  = 5                // servers of which a line says that they wait
)

// A progress shows how a crawl goes on: on a terminal a line for each of a few servers, and one over all;
// elsewhere a line over all now and then, and one for each server that has ended; nothing with --quiet.
//
//	ftp.example.org        12,345 directories   678 to go  1,234,567 entries  20/s  3 missing  4m left  /pub/linux/distributions
//	ftp.example.net        waits: shares address 192.0.2.1 with ftp.example.org
//	1 of 3 servers done, 1 waiting: 23,456 directories, 1,234 to go, 2,345,678 entries, 40/s, 3 missing, 4m left
type progress struct {
	e    *env
	live bool // redrawn in place
	show *redrawn
	stop chan struct{}
	done sync.WaitGroup
	rows int // that the terminal has room for

	mu      sync.Mutex
	servers map[crawl.Server]*progressServer
	order   []*progressServer // that have not ended, in the order in which they began
	planned int               // servers of the run, as far as is known
	ended   int
	past    crawl.Counts // of those that have ended
	all     pace
	told    int       // servers of which it was said that they wait
	said    time.Time // that no server answers
	paused  time.Time // until when
	note    string    // instead of all numbers
	lines   []string  // as they are shown, for the width below
	counts  crawl.Counts
	width   int
}

// A progressServer is what is shown of one server.
type progressServer struct {
	server crawl.Server
	counts func() crawl.Counts // nil: its archive is not open
	begun  bool                // until then they are those of the crawl before
	last   crawl.Counts
	known  int64 // directories that it had the last time; 0: not known
	pace   pace
	status string // instead of numbers
	path   string // listed last
}

// A pace is how fast directories are done, smoothed over some ten seconds.
type pace struct {
	since time.Time
	at    time.Time
	done  int64
	rate  float64 // a second; 0: not known yet
}

// see takes notice of how many were done by now.
func (p *pace) see(done int64, now time.Time) {
	if p.at.IsZero() {
		p.since, p.at, p.done = now, now, done
		return
	}
	d := now.Sub(p.at).Seconds()
	if d < 0.4 {
		return
	}
	rate, share := float64(done-p.done)/d, min(1, max(d/10, d/(now.Sub(p.since).Seconds())))
	p.rate += share * (rate - p.rate)
	p.at, p.done = now, done
}

// startProgress begins to show the servers that opened names and events tell of; planned is their number.
func startProgress(e *env, planned int) *progress {
	p := &progress{e: e, planned: planned, servers: make(map[crawl.Server]*progressServer), stop: make(chan struct{})}
	p.all.see(0, e.now())
	if e.quiet {
		return p
	}
	every := progressLine
	if p.live = e.canRedraw(); p.live {
		every = progressTick
		p.rows = progressRows
		if _, height, err := term.GetSize(int(e.stderr.file.Fd())); err == nil {
			p.rows = max(1, min(p.rows, height-3))
		}
		p.show = redraw(e.stderr, p.rows+1, p.line)
	}
	p.done.Go(func() { p.loop(every) })
	return p
}

// line returns the ith line of the frame, the last being that over all, for so many columns.
func (p *progress) line(i, width int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width != width || len(p.lines) == 0 {
		p.width = width
		p.lines = p.frame(width)
	}
	// The rows come from below: those that are not used are at the top.
	if i -= p.rows + 1 - len(p.lines); i < 0 {
		return ""
	}
	return p.lines[i]
}

func (p *progress) loop(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-tick.C:
		}
		p.look()
		if !p.live {
			p.mu.Lock()
			line := p.overall(0)
			p.mu.Unlock()
			p.e.remark("%s", line)
		}
	}
}

// look takes the numbers of all servers and draws up the frame.
func (p *progress) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.e.now()
	sum := p.past.Clone()
	for _, s := range p.order {
		if !s.begun || s.counts == nil {
			continue
		}
		s.last = s.counts()
		s.pace.see(s.last.Listed+s.last.Unmoved, now)
		sum.Merge(&s.last)
		sum.Pending += s.last.Pending
	}
	p.counts = sum
	p.all.see(sum.Listed+sum.Unmoved, now)
	p.lines = nil
	if p.live && p.width > 0 {
		p.lines = p.frame(p.width)
	}
}

// opened says that the crawl of a server begins, where counts returns how it stands, and that the server had so many directories
// the last time; 0: not known.
func (p *progress) opened(server crawl.Server, counts func() crawl.Counts, known int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.of(server)
	s.counts, s.known, s.status = counts, known, "connects"
}

// of returns what is shown of a server.
func (p *progress) of(server crawl.Server) *progressServer {
	s := p.servers[server]
	if s == nil {
		s = &progressServer{server: server}
		p.servers[server] = s
		p.order = append(p.order, s)
	}
	return s
}

// interrupted says that the crawl is about to end.
func (p *progress) interrupted() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.note = "interrupted: finishing what is being listed, and saving; once more kills"
	if !p.live {
		p.e.remark("%s", p.note)
	}
}

// end removes the frame. Nothing is shown afterwards.
func (p *progress) end() {
	if p.e.quiet {
		return
	}
	close(p.stop)
	p.done.Wait()
	if p.live {
		p.show.end()
	}
}

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/ftpidx/ftpidx/crawl"
)

// minPath is the room in columns from which on a pathname is shown.
const minPath = 16

// frame returns the lines that show how things stand, for so many columns: those of servers, and one over all. p.mu is held.
func (p *progress) frame(width int) []string {
	shown := p.pick()
	var lines []string
	if p.planned > 1 || len(p.servers) > 1 || len(shown) > 0 && shown[0].status != "" {
		lines = p.serverLines(shown, width)
	} else if len(shown) == 1 {
		// One server: its numbers are those over all.
		if path := tail(escapeText(shown[0].path), width); path != "" {
			lines = append(lines, p.e.stderr.paint(faint, path))
		}
	}
	over := p.overall(width)
	if width > 0 {
		over = runewidth.Truncate(over, width, "…")
	}
	return append(lines, over)
}

// pick returns the servers to show: those that are at work, the ones that began first, and where there is room those
// that wait. So lines stay where they are until a server ends.
func (p *progress) pick() []*progressServer {
	var at, waiting []*progressServer
	for _, s := range p.order {
		if s.counts == nil {
			waiting = append(waiting, s)
		} else {
			at = append(at, s)
		}
	}
	at = append(at, waiting...)
	return at[:min(len(at), p.rows)]
}

func (p *progress) serverLines(shown []*progressServer, width int) []string {
	name := 0
	for _, s := range shown {
		name = max(name, textWidth(s.server.Key()))
	}
	name = min(name, max(12, width/3))
	rows := make([][]string, len(shown))
	var columns []int
	for i, s := range shown {
		if s.status != "" {
			continue
		}
		rows[i] = s.cells()
		if columns == nil {
			columns = make([]int, len(rows[i]))
		}
		for c, cell := range rows[i] {
			columns[c] = max(columns[c], textWidth(cell))
		}
	}
	// Columns that have no room are left out, the least important first.
	used := name
	for _, w := range columns {
		if w > 0 {
			used += w + 2
		}
	}
	for used > width {
		last := -1
		for c, w := range columns {
			if w > 0 && (last < 0 || drops[c] > drops[last]) {
				last = c
			}
		}
		if last < 0 {
			break
		}
		used -= columns[last] + 2
		columns[last] = 0
	}
	lines := make([]string, len(shown))
	for i, s := range shown {
		key := runewidth.Truncate(s.server.Key(), name, "…")
		line := p.e.stderr.paint(bold, key) + strings.Repeat(" ", name-textWidth(key))
		if s.status != "" {
			lines[i] = line + runewidth.Truncate("  "+escapeText(s.status), max(0, width-name), "…")
			continue
		}
		for c, cell := range rows[i] {
			if columns[c] > 0 {
				line += "  " + runewidth.FillLeft(cell, columns[c])
			}
		}
		if room := width - used - 2; room >= minPath {
			line += "  " + p.e.stderr.paint(faint, tail(escapeText(s.path), room))
		}
		lines[i] = line
	}
	return lines
}

// drops says in which order the columns of cells are left out: those with the greatest number first.
var drops = [columnCount]int{directories: 0, missing: 1, left: 2, toGo: 3, entries: 4, perSecond: 5}

// The columns of a server.
const (
	directories = iota
	toGo
	entries
	perSecond
	missing
	left
	columnCount
)

// cells returns the numbers of a server, columnCount of them.
func (s *progressServer) cells() []string { return cells(&s.last, s.pace.rate, s.timeLeft) }

// cells returns what is known of one server or of all, columnCount texts.
func cells(c *crawl.Counts, rate float64, timeLeft func() (time.Duration, bool)) []string {
	cells := make([]string, columnCount)
	cells[directories] = plural(c.Listed+c.Unmoved, "directory", "directories")
	cells[toGo] = humanCount(c.Pending) + " to go"
	cells[entries] = plural(c.Entries+c.UnmovedEntries, "entry", "entries")
	cells[perSecond] = rateText(rate)
	if n := c.Gaps(); n > 0 {
		cells[missing] = humanCount(n) + " missing"
	}
	if d, ok := timeLeft(); ok {
		cells[left] = shortDuration(d) + " left"
	}
	return cells
}

// timeLeft estimates how long the server takes. It can be known only where the number of directories is, from the last
// time: what is to go grows with what is listed.
func (s *progressServer) timeLeft() (time.Duration, bool) {
	done := s.last.Listed + s.last.Unmoved
	if s.known == 0 || s.counts == nil || s.status != "" || s.pace.rate <= 0 || s.pace.at.Sub(s.pace.since) < 5*time.Second {
		return 0, false
	}
	rest := max(s.known-done, s.last.Pending)
	return time.Duration(float64(rest) / s.pace.rate * float64(time.Second)), true
}

// overall is the line over all servers; with a width of 0, the whole of it.
func (p *progress) overall(width int) string {
	if p.note != "" {
		return p.note
	}
	var head []string
	waiting := 0
	for _, s := range p.order {
		if s.counts == nil {
			waiting++
		}
	}
	if n := max(p.planned, len(p.servers)); n > 1 {
		head = append(head, fmt.Sprintf("%s of %s servers done", humanCount(p.ended), humanCount(n)))
		if waiting > 0 {
			head = append(head, humanCount(waiting)+" waiting")
		}
	}
	if p.e.now().Before(p.paused) {
		head = append(head, "no server answers, waiting for our own network")
	}
	body := cells(&p.counts, p.all.rate, p.timeLeft)
	if p.counts.Pending == 0 {
		body[toGo] = ""
	}
	for drop := len(drops) - 1; ; drop-- {
		s := strings.Join(slices.DeleteFunc(slices.Clone(body), func(s string) bool { return s == "" }), ", ")
		if len(head) > 0 {
			s = strings.Join(head, ", ") + ": " + s
		}
		if width == 0 || textWidth(s) <= width || drop <= 0 {
			return s
		}
		body[slices.Index(drops[:], drop)] = ""
	}
}

// timeLeft is that of the server that takes longest, if it is known of each and there are no more.
func (p *progress) timeLeft() (most time.Duration, ok bool) {
	if len(p.order) == 0 || p.ended+len(p.order) < p.planned {
		return 0, false
	}
	for _, s := range p.order {
		d, ok := s.timeLeft()
		if !ok {
			return 0, false
		}
		most = max(most, d)
	}
	return most, true
}

// observe takes note of an event of the crawler.
func (p *progress) observe(ev crawl.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.of(ev.Server)
	switch ev.Kind {
	case crawl.Began:
		if s.status = ""; s.counts != nil && !s.begun {
			// What an earlier process has done of this crawl tells nothing of the pace of this one.
			c := s.counts()
			p.all.done += c.Listed + c.Unmoved
		}
		s.begun = true
	case crawl.Fetching, crawl.Listed:
		s.status, s.path = "", ev.Path
	case crawl.Retried:
		if ev.Path == "" {
			s.status = "tries again: " + firstLine(ev.Err)
		}
	case crawl.Waiting:
		s.status = "waits for another server on its address, " + ev.Address
		if ev.With.Host != "" {
			s.status = "waits: shares address " + ev.Address + " with " + ev.With.Key()
		}
		if p.told++; !p.live && p.told <= toldWaiting {
			p.e.remark("%s %s", ev.Server.Key(), s.status)
		}
	case crawl.Limited:
		if !p.live {
			p.e.remark("%s takes no more than %s", ev.Server.Key(), plural(ev.Connections, "connection", "connections"))
		}
	case crawl.Slowed:
		p.e.remark("%s asks in its robots.txt for %v between two listings: they come no faster", ev.Server.Key(), ev.Elapsed.Round(time.Millisecond))
	case crawl.Paused:
		p.paused = ev.Time.Add(ev.Elapsed)
		s.status = "tries again: " + firstLine(ev.Err)
		if ev.Time.Sub(p.said) >= time.Minute { // every server has its pauses
			p.said = ev.Time
			p.e.remark("no server answers, our own network seems to be down: waiting")
		}
	case crawl.Ended:
		p.ended++
		p.order = slices.DeleteFunc(p.order, func(o *progressServer) bool { return o == s })
		c := ev.Report.Counts.Clone()
		p.past.Merge(&c)
		if !p.live && p.planned > 1 {
			what := fmt.Sprintf("%s in %s", plural(c.Entries+c.UnmovedEntries, "entry", "entries"), plural(c.Listed+c.Unmoved, "directory", "directories"))
			if ev.Report.State == crawl.Stopped && c.Listed+c.Unmoved == 0 {
				what, _, _ = strings.Cut(withoutKey(ev.Report), "\n")
			}
			p.e.remark("%s: %s, %s; %s of %s servers done", ev.Server.Key(), ev.Report.State, what, humanCount(p.ended), humanCount(p.planned))
		}
	}
}

// tail returns the end of s that fits in so many columns of a terminal.
func tail(s string, width int) string {
	if w := textWidth(s); w > width {
		return runewidth.TruncateLeft(s, w-width+1, "…")
	}
	return s
}

// rateText returns how many a second, or a minute where they are few.
func rateText(rate float64) string {
	switch {
	case rate <= 0:
		return ""
	case rate < 0.95:
		return strconv.FormatFloat(rate*60, 'f', 0, 64) + "/min"
	case rate < 9.95:
		return strconv.FormatFloat(rate, 'f', 1, 64) + "/s"
	}
	return humanCount(int64(rate+0.5)) + "/s"
}

// shortDuration returns 42s, 3m, 2h05m or 4d.
func shortDuration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds()+0.5)) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes()+0.5)) + "m"
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return strconv.Itoa(int(d.Hours()/24+0.5)) + "d"
}

// firstLine returns the first line of what an error says.
func firstLine(err error) string {
	s, _, _ := strings.Cut(fmt.Sprint(err), "\n")
	return s
}

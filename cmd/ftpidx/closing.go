package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/ftpidx/ftpidx/crawl"
)

// printClosing prints what came of a crawl of several servers for people at a terminal: a line for each, the worst last, where it
// is next to the prompt; planned says how many there were to be. Then what is missing over all, and what to do about it.
//
//	server           state       entries  directories  missing  changes     time
//	ftp.example.org  complete  1,234,567       12,345        -  +12 -3      2m
//	ftp.example.net  stopped           -            -        -           -   30s  login: 530 Login incorrect.
func printClosing(e *env, servers []*crawl.ServerReport, planned int) {
	servers = slices.Clone(servers)
	slices.SortStableFunc(servers, func(a, b *crawl.ServerReport) int {
		return cmp.Or(cmp.Compare(severity(a), severity(b)), cmp.Compare(a.Counts.Gaps(), b.Counts.Gaps()), strings.Compare(a.Server.Key(), b.Server.Key()))
	})
	rows := [][]string{{"server", "state", "entries", "directories", "missing", "changes", "time"}}
	var sum crawl.Counts
	states := make(map[crawl.State]int)
	for _, s := range servers {
		c := s.Counts.Clone()
		sum.Merge(&c)
		sum.Pending += c.Pending
		states[s.State]++
		row := []string{s.Server.Key(), string(s.State), "-", "-", "-", "-", tookColumn(s.Ended.Sub(s.Started))}
		if c.Listed+c.Unmoved > 0 {
			row[2], row[3] = humanCount(c.Entries+c.UnmovedEntries), humanCount(c.Listed+c.Unmoved)
		}
		if n := c.Gaps(); n > 0 {
			row[4] = humanCount(n)
		}
		if ch := s.Changes; ch != nil {
			row[5] = changesText(ch)
		}
		rows = append(rows, row)
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], textWidth(cell))
		}
	}
	width := e.stdout.width
	fixed := 2 * (len(widths) - 1)
	for _, w := range widths[1:] {
		fixed += w
	}
	widths[0] = min(widths[0], max(12, width-fixed))
	for i, row := range rows {
		line := runewidth.FillRight(runewidth.Truncate(row[0], widths[0], "…"), widths[0]) + "  " + runewidth.FillRight(row[1], widths[1])
		for c := 2; c < len(row); c++ {
			line += "  " + runewidth.FillLeft(row[c], widths[c])
		}
		if i == 0 {
			fmt.Fprintln(e.stdout, e.stdout.paint(faint, line))
			continue
		}
		fmt.Fprint(e.stdout, line)
		if s := servers[i-1]; s.State == crawl.Stopped && s.Err != nil {
			reason := escapeText(withoutKey(s))
			if room := width - textWidth(line) - 2; textWidth(reason) <= room {
				fmt.Fprint(e.stdout, "  ", reason)
			} else {
				fmt.Fprint(e.stdout, "\n  ", runewidth.Truncate(reason, max(width-2, 20), "…"))
			}
		}
		fmt.Fprintln(e.stdout)
	}
	var parts []string
	for _, state := range []crawl.State{crawl.Complete, crawl.Incomplete, crawl.Interrupted, crawl.Stopped} {
		if n := states[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", humanCount(n), state))
		}
	}
	if n := planned - len(servers); n > 0 {
		parts = append(parts, humanCount(n)+" not begun")
	}
	fmt.Fprintf(e.stdout, "%s: %s; %s in %s\n", plural(max(planned, len(servers)), "server", "servers"), strings.Join(parts, ", "),
		plural(sum.Entries+sum.UnmovedEntries, "entry", "entries"), plural(sum.Listed+sum.Unmoved, "directory", "directories"))
	printReasons(e, servers)
}

// maxAdvice bounds the hints about servers that could not be crawled: they may name the server, and there may be thousands.
const maxAdvice = 5

// printReasons prints for each reason how many directories are missing or left out and on how many servers, with one of them as an
// example, and what can be done.
func printReasons(e *env, servers []*crawl.ServerReport) {
	type reasonSum struct {
		dirs    int64
		servers int
		example string
	}
	sums := make(map[crawl.Reason]*reasonSum)
	notThere := 0
	for _, s := range servers {
		notThere += len(s.NotThere)
		for _, tallies := range []map[crawl.Reason]*crawl.Tally{s.Counts.Missing, s.Counts.LeftOut} {
			for r, t := range tallies {
				if t.N == 0 {
					continue
				}
				if sums[r] == nil {
					sums[r] = new(reasonSum)
				}
				sums[r].dirs += t.N
				sums[r].servers++
				if sums[r].example == "" && len(t.Examples) > 0 {
					sums[r].example = s.Server.Key() + t.Examples[0].Path
				}
			}
		}
	}
	for _, r := range slices.SortedFunc(maps.Keys(sums), compareReasons) {
		x := sums[r]
		text := fmt.Sprintf("  %s: %s on %s", reasonText(r), plural(x.dirs, "directory", "directories"), plural(x.servers, "server", "servers"))
		if x.example != "" {
			text += ", as " + escapeText(x.example)
		}
		fmt.Fprintln(e.stdout, text)
		if advice := adviceOn[r]; advice != "" {
			fmt.Fprintf(e.stdout, "    hint: %s\n", advice)
		}
	}
	var told []string
	for _, s := range servers {
		advice := ""
		if s.State == crawl.Stopped {
			advice = adviceOnStop(s.Err)
		}
		if advice != "" && !slices.Contains(told, advice) && len(told) < maxAdvice {
			told = append(told, advice)
			fmt.Fprintf(e.stdout, "  stopped, as %s\n    hint: %s\n", s.Server.Key(), escapeText(advice))
		}
	}
	if notThere > 0 {
		fmt.Fprintf(e.stdout, "  not there, or not for us, and forgotten: %s\n", plural(notThere, "URL", "URLs"))
	}
	if len(sums) > 0 {
		fmt.Fprintln(e.stdout, "  'ftpidx servers HOST' shows more of each")
	}
}

// severity orders servers by what a reader must look at.
func severity(s *crawl.ServerReport) int {
	return slices.Index([]crawl.State{crawl.Complete, crawl.Incomplete, crawl.Interrupted, crawl.Stopped}, s.State)
}

// changesText is "+12 -3 ~4": added, removed, changed.
func changesText(c *crawl.Changes) string {
	var parts []string
	for _, x := range []struct {
		sign string
		n    int64
	}{{"+", c.Added}, {"-", c.Removed}, {"~", c.Changed}} {
		if x.n > 0 {
			parts = append(parts, x.sign+humanCount(x.n))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, " ")
}

// compareReasons puts what is missing before what is left out.
func compareReasons(a, b crawl.Reason) int {
	if a.LeftOut() != b.LeftOut() {
		if a.LeftOut() {
			return 1
		}
		return -1
	}
	return strings.Compare(string(a), string(b))
}

// reasonText is the reason as the reports print it.
func reasonText(r crawl.Reason) string {
	if r.LeftOut() {
		return "left out, " + string(r)
	}
	return string(r)
}

// adviceOn says what can be done about directories that are missing, or left out, for a reason; nothing where nothing can.
var adviceOn = map[crawl.Reason]string{
	crawl.Refused:        "forbidden, or gone meanwhile; a login of your own may see them: ftpidx crawl --user NAME URL",
	crawl.Unreachable:    "run the same command again: it asks for them once more",
	crawl.TooSlow:        "run the same command again, at another time of the day perhaps",
	crawl.TooDeep:        "if it is no trap: --max-depth N goes deeper",
	crawl.Truncated:      "the server cuts long listings: only its operator can raise that limit",
	crawl.NotEnterable:   "no command can carry such a name",
	crawl.Abandoned:      "a crawl was interrupted, and an import took its place: crawl again",
	crawl.Looping:        "the server shows the same tree below itself without end",
	crawl.SeedDisallowed: "--ignore-robots lists them: for servers of your own",
	crawl.Disallowed:     "--ignore-robots lists them: for servers of your own",
}

// withoutKey returns why a server was stopped, without its name in front.
func withoutKey(s *crawl.ServerReport) string {
	return strings.TrimPrefix(fmt.Sprint(s.Err), s.Server.Key()+": ")
}

// tookText is a duration as a report prints it: 4ms, 350ms, 6.3s, 2m0s. Nothing takes no time at all.
func tookText(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return max(d.Round(time.Millisecond), time.Millisecond).String()
	case d < time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

// tookColumn is the same for a column: only a second and more is rounded to seconds, minutes or hours.
func tookColumn(d time.Duration) string {
	if d < time.Second {
		return tookText(d)
	}
	return shortDuration(d)
}

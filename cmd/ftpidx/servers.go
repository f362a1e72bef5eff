package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

func newServersCommand(e *env) *cobra.Command {
	var asJSON bool
	var dead, manners, dirs, blocked bool
	var reading readingOptions
	cmd := &cobra.Command{
		Use:   "servers [HOST]",
		Short: "Show the crawled servers and how complete their archives are",
		Long: `Servers lists the servers that were crawled, in as many columns as the terminal has room for: how complete the
archive is, entries, size of the archive, the day of the last crawl, charset of the names and zone of the clock, how many
connections the server was found to bear, directories. With a HOST it shows how complete the archive of that
server is and what is missing, with reasons. It looks at nothing that a running crawl holds locked.

The state is that of the last crawl, and complete only if nothing is missing of what earlier crawls and imports were asked
for either: a crawl of /pub/x makes up for what is missing there and nowhere else.

HOST is the name that the list shows, or a part of it that only one server has. With --charset or --zone, its names
or times are read in another way from now on, and the index is brought up to date; the server is not asked.
With --dead, a pipe gets failing or dead TAB since TAB next attempt TAB entries TAB server; otherwise state TAB entries TAB directories TAB end of the last crawl TAB server.
The state of a server that no crawl could use yet is failing or dead, and - if it is not known.

` + dirsHelp + `

Exit status: 0 done; 2 usage, no such server, or failure.`,
		Example: `  # all servers; one of them in depth
  ftpidx servers
  ftpidx servers ftp.example.org

  # read the names of one anew
  ftpidx servers --charset koi8-r ftp.example.org

  # what is not complete
  ftpidx servers --json | jq -r 'select(.state != "complete") | .server'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			host := ""
			if len(args) == 1 {
				host = args[0]
			}
			if err := reading.check(); err != nil {
				return err
			}
			if reading.given() && host == "" {
				return usagef("--charset and --zone are for one HOST")
			}
			if blocked {
				if host != "" || dead || manners || reading.given() || asJSON {
					return usagef("--blocked goes with nothing else")
				}
				return runBlocked(e)
			}
			if dead && (host != "" || manners || dirs || reading.given()) {
				return usagef("--dead is for all servers, and goes with --json alone")
			}
			if manners && dirs {
				return usagef("--manners and --dirs exclude each other")
			}
			if manners {
				if host == "" {
					return usagef("--manners is for one HOST")
				}
				return runManners(e, host, asJSON)
			}
			if dirs {
				if host == "" {
					return usagef("--dirs is for one HOST")
				}
				return runDirs(cmd.Context(), e, host, asJSON)
			}
			return runServers(cmd.Context(), e, host, &reading, dead, asJSON)
		},
		ValidArgsFunction: completeServers(e),
	}
	cmd.Flags().BoolVar(&manners, "manners", false, "what the last crawl of HOST cost the server, and the limits that it kept: to show its operator")
	cmd.Flags().BoolVar(&dirs, "dirs", false, "the directories of HOST, and how each was learned")
	cmd.Flags().BoolVar(&dead, "dead", false, "only servers that could not be used the last time, or for long: since when, and when they are tried again")
	cmd.Flags().BoolVar(&blocked, "blocked", false, "the servers that are not crawled unless they are named, see ftpidx forget --block")
	reading.addFlags(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a server and line")
	return cmd
}

// runBlocked prints the names of the blocked servers.
func runBlocked(e *env) error {
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	keys, err := blockedServers(data)
	if err != nil {
		return err
	}
	for _, key := range keys {
		fmt.Fprintln(e.stdout, key)
	}
	if len(keys) == 0 {
		e.remark("no server is blocked")
	}
	return e.stdout.Flush()
}

// completeServers completes the names of servers that are not on the line yet.
func completeServers(e *env) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		keys := slices.DeleteFunc(serverKeys(e), func(key string) bool { return slices.Contains(args, key) })
		return keys, cobra.ShellCompDirectiveNoFileComp
	}
}

// serverKeys is for the completion of a shell.
func serverKeys(e *env) []string {
	data, err := e.dataDir()
	if err != nil {
		return nil
	}
	all, _ := archive.List(archiveDir(data))
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].Key
	}
	return keys
}

func runServers(ctx context.Context, e *env, host string, reading *readingOptions, dead, asJSON bool) error {
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	all, err := archive.List(archiveDir(data))
	if err != nil {
		if len(all) == 0 {
			return err
		}
		e.warn("%v", err)
	}
	if host != "" {
		s, err := findServer(all, host)
		if err != nil {
			return err
		}
		if reading.given() {
			if err := reading.change(ctx, e, data, s); err != nil {
				return err
			}
			if all, err = archive.List(archiveDir(data)); err != nil {
				return err
			}
			if s, err = findServer(all, s.Key); err != nil {
				return err
			}
		}
		all = []archive.Summary{*s}
	}
	known := len(all)
	if dead {
		all = slices.DeleteFunc(all, func(s archive.Summary) bool {
			return s.Facts.Health.State != crawl.HealthFailing && s.Facts.Health.State != crawl.HealthDead
		})
	}
	if known == 0 {
		if _, err := os.ReadDir(archiveDir(data)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return dataError("read", archiveDir(data), err)
		}
		e.remark("no server has been crawled into %s", data)
		if hasIndex(data) {
			e.remark("hint: it has a snapshot of an index: ftpidx index info --json tells of which servers")
		}
		return nil
	}
	if asJSON {
		enc := json.NewEncoder(e.stdout)
		enc.SetEscapeHTML(false)
		for i := range all {
			if err := enc.Encode(serverObject(&all[i])); err != nil {
				return err
			}
		}
		return nil
	}
	if host != "" {
		return printServer(e, &all[0])
	}
	if dead {
		return printDead(e, all)
	}
	return printServers(e, all)
}

// printDead prints the servers that cannot be used.
func printDead(e *env, all []archive.Summary) error {
	for i := range all {
		h := &all[i].Facts.Health
		next, shown := "-", "only when told to"
		if !h.Locked {
			next = h.Next.UTC().Format(time.RFC3339)
			shown = h.Next.UTC().Format(time.DateOnly)
		}
		var err error
		if e.stdout.terminal {
			_, err = fmt.Fprintf(e.stdout, "%s  %s since %s, tried again %s, %s: %s\n", e.stdout.paint(bold, all[i].Key), h.State,
				h.Since.UTC().Format(time.DateOnly), shown, plural(all[i].Held.Entries, "entry", "entries"), escapeText(h.Reason))
		} else {
			_, err = fmt.Fprintf(e.stdout, "%s\t%s\t%s\t%d\t%s\n", h.State, h.Since.UTC().Format(time.RFC3339), next, all[i].Held.Entries, all[i].Key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// summary returns the data directory and what is known there of the server that host means, see findServer.
func (e *env) summary(host string) (data string, s *archive.Summary, err error) {
	if data, err = e.dataDir(); err != nil {
		return "", nil, err
	}
	all, err := archive.List(archiveDir(data))
	if err != nil {
		if len(all) == 0 {
			return "", nil, err
		}
		e.warn("%v", err)
	}
	s, err = findServer(all, host)
	return data, s, err
}

// findServer returns the server with this key, or the only one whose key holds the text.
func findServer(all []archive.Summary, host string) (*archive.Summary, error) {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].Key
	}
	i, err := findKey(keys, host)
	switch {
	case err != nil:
		return nil, err
	case i < 0:
		return nil, withHint(fmt.Errorf("%s has not been crawled", host), "ftpidx servers lists those that have")
	}
	return &all[i], nil
}

// findKey returns where host stands in keys, or the only one that holds the text; -1: nowhere. The error names several that do.
func findKey(keys []string, host string) (int, error) {
	var near []string
	at := -1
	for i, key := range keys {
		if key == host {
			return i, nil
		}
		if strings.Contains(strings.ToLower(key), strings.ToLower(host)) {
			near, at = append(near, key), i
		}
	}
	if len(near) > 1 {
		some := near[:min(5, len(near))]
		if len(some) < len(near) {
			some = append(slices.Clone(some), "…")
		}
		return -1, withHint(fmt.Errorf("%s may mean %d servers: %s", host, len(near), strings.Join(some, ", ")), "write more of the name, or all of it")
	}
	return at, nil
}

// serverState is the state as a reader sees it: a crawl whose process is gone was interrupted.
func serverState(s *archive.Summary) crawl.State {
	if s.State == crawl.Crawling && !s.Running() {
		return crawl.Interrupted
	}
	return s.State
}

// unusable says in a word that a server cannot be used now: failing or dead; "" if it can, as far as is known.
func unusable(s *archive.Summary) string {
	if h := s.Facts.Health.State; h == crawl.HealthDead || h == crawl.HealthFailing && !s.Running() {
		return string(h)
	}
	return ""
}

// serverObject is what JSON has of a server: the summary, without a state where no crawl has got so far that there is one.
func serverObject(s *archive.Summary) any {
	if s.State != "" {
		return s
	}
	return struct {
		*archive.Summary
		State crawl.State `json:"state,omitempty"` // before that of the Summary
	}{Summary: s}
}

func printServers(e *env, all []archive.Summary) error {
	if !e.stdout.terminal {
		for i := range all {
			s := &all[i]
			ended := "-"
			if !s.Ended.IsZero() {
				ended = s.Ended.UTC().Format(time.RFC3339)
			}
			if _, err := fmt.Fprintf(e.stdout, "%s\t%d\t%d\t%s\t%s\n", or(string(serverState(s)), or(unusable(s), "-")), s.Held.Entries, s.Held.Dirs, ended, s.Key); err != nil {
				return err
			}
		}
		return nil
	}
	return printTable(e, all)
}

// A serverColumn is a column of the table of servers.
type serverColumn struct {
	name  string
	right bool // aligned
	rank  int  // the higher, the earlier it is left out where the terminal is narrow
	text  func(s *archive.Summary) string
}

// serverColumns is the table of columns; the name of the server comes last.
var serverColumns = []serverColumn{
	{"state", false, 0, completeness},
	{"entries", true, 1, func(s *archive.Summary) string { return humanCount(s.Held.Entries) }},
	{"archive", true, 4, func(s *archive.Summary) string { return humanSize(s.Size) }},
	{"crawled", false, 2, func(s *archive.Summary) string {
		if s.Ended.IsZero() {
			return "-"
		}
		return s.Ended.UTC().Format(time.DateOnly)
	}},
	{"charset", false, 5, func(s *archive.Summary) string { return dash(s.Facts.Charset) }},
	{"zone", false, 6, func(s *archive.Summary) string {
		if s.Facts.Zone == "" && (s.Facts.ZoneSet || s.Facts.ZoneEvidence.Known) {
			return "UTC"
		}
		return dash(s.Facts.Zone)
	}},
	{"bears", false, 7, func(s *archive.Summary) string {
		if s.Facts.Connections == 0 {
			return "-"
		}
		return plural(int64(s.Facts.Connections), "connection", "connections")
	}},
	{"directories", true, 8, func(s *archive.Summary) string { return humanCount(s.Held.Dirs) }},
}

// completeness says in a word or two how complete an archive is.
func completeness(s *archive.Summary) string {
	if word := unusable(s); word != "" {
		return word
	}
	state := serverState(s)
	missing := s.Counts.Pending + s.Counts.Gaps() + s.Earlier.Counts().Gaps()
	switch {
	case s.Running() || missing == 0:
		return string(state)
	case state == crawl.Interrupted || state == crawl.Stopped:
		return humanCount(missing) + " to go"
	}
	return humanCount(missing) + " missing"
}

// printTable prints the servers in as many columns as fit beside the names. These get half of the terminal, if they need it;
// longer ones are cut in the middle: a part of a name that is one server's alone is as good as the name.
func printTable(e *env, all []archive.Summary) error {
	longest := len("server")
	for i := range all {
		longest = max(longest, textWidth(all[i].Key))
	}
	room := min(longest, max(24, e.stdout.width/2))
	columns := slices.Clone(serverColumns)
	var cells [][]string // of each column, its name first
	widths := make([]int, len(columns))
	for c, column := range columns {
		texts := []string{column.name}
		for i := range all {
			texts = append(texts, escapeText(column.text(&all[i])))
		}
		for _, text := range texts {
			widths[c] = max(widths[c], textWidth(text))
		}
		cells = append(cells, texts)
	}
	for {
		total, last := room, 0
		for c, column := range columns {
			total += widths[c] + 2
			if column.rank > columns[last].rank {
				last = c
			}
		}
		if total <= e.stdout.width || len(columns) == 1 {
			room = max(room+e.stdout.width-total, 12)
			break
		}
		columns, cells, widths = slices.Delete(columns, last, last+1), slices.Delete(cells, last, last+1), slices.Delete(widths, last, last+1)
	}
	for row := range len(all) + 1 {
		var b strings.Builder
		for c, column := range columns {
			pad := strings.Repeat(" ", widths[c]-textWidth(cells[c][row]))
			if column.right {
				b.WriteString(pad + cells[c][row] + "  ")
			} else {
				b.WriteString(cells[c][row] + pad + "  ")
			}
		}
		line := e.stdout.paint(faint, b.String()+"server")
		if row > 0 {
			line = b.String() + e.stdout.paint(bold, fitMiddle(all[row-1].Key, room))
		}
		if _, err := fmt.Fprintln(e.stdout, line); err != nil {
			return err
		}
	}
	return nil
}

func printServer(e *env, s *archive.Summary) error {
	line := func(name, format string, args ...any) {
		if text := escapeText(fmt.Sprintf(format, args...)); text != "" {
			fmt.Fprintf(e.stdout, "%-12s %s\n", name, text)
		}
	}
	fmt.Fprintln(e.stdout, e.stdout.paint(bold, s.Key))
	state := serverState(s)
	switch {
	case s.Running():
		line("state", "being crawled by pid %d since %s", s.PID, s.Started.UTC().Format(time.DateTime))
	case state == crawl.Interrupted:
		line("state", "interrupted; ftpidx crawl %s goes on", s.Server())
	default:
		line("state", "%s", state)
	}
	if state != crawl.Interrupted {
		line("", "%s", s.Error)
	}
	if !s.Ended.IsZero() {
		line("last crawl", "%s UTC, took %s", s.Ended.UTC().Format(time.DateTime), tookText(s.Ended.Sub(s.Started)))
	}
	if h := &s.Facts.Health; h.State == crawl.HealthFailing || h.State == crawl.HealthDead {
		line("health", "%s since %s UTC: %s", h.State, h.Since.UTC().Format(time.DateTime), h.Reason)
		switch {
		case h.Locked:
			line("", "its password was refused: not tried again without --retry-login")
		default:
			line("", "tried again on %s", h.Next.UTC().Format(time.DateOnly))
		}
	}
	if c := s.Changes; c != nil {
		line("changes", "%s added, %s removed, %s changed: ftpidx diff %s", humanCount(c.Added), humanCount(c.Removed), humanCount(c.Changed), s.Key)
	}
	c := &s.Counts
	line("listed", "%s, %s of listings", plural(c.Listed, "directory", "directories"), sizeText(c.Bytes))
	if c.Pending > 0 {
		line("to go", "%s", plural(c.Pending, "directory", "directories"))
	}
	line("archive", "%s in %s, %s on disk", plural(s.Held.Entries, "entry", "entries"), plural(s.Held.Dirs, "directory", "directories"), humanSize(s.Size))
	if s.Held.GoneEntries > 0 {
		line("", "and %s in directories that the server has no more", plural(s.Held.GoneEntries, "entry", "entries"))
	}
	for i, seed := range s.Seeds {
		name := ""
		if i == 0 {
			name = "from"
		}
		line(name, "%s", seed)
	}
	f := &s.Facts
	line("login at", "%s", f.LoginDir)
	line("system", "%s", f.System)
	line("TLS", "%s", f.TLS)
	if c := &f.Certificate; c.SHA256 != "" {
		line("certificate", "%s, expires %s, SHA-256 %s", or(c.Subject, "no subject"), c.Expires.UTC().Format(time.DateOnly), c.SHA256)
	}
	line("passive", "%s", f.Passive)
	if f.Connections > 0 {
		line("connections", "at most %d", f.Connections)
	}
	if p := &f.Published; p.Used {
		line("published", "%s, %.1f %% as listed", p.Path, 100*p.Agreement)
	} else if p.Path != "" {
		line("published", "%s, not used: %s", p.Path, p.Reason)
	}
	line("zone", "%s", zoneLine(f))
	line("charset", "%s", charsetLine(f))
	if f.Robots.State == crawl.RobotsRead {
		line("robots.txt", "%s, read %s UTC", robotsText(&f.Robots), f.Robots.At.UTC().Format(time.DateTime))
	}
	first, _, more := strings.Cut(strings.TrimSpace(f.Banner), "\n")
	if more {
		first += " …"
	}
	line("banner", "%s", first)
	printMissing(e, c)
	printEarlier(e, s.Earlier)
	return nil
}

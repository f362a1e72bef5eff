package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// printResult prints what came of crawling or importing one server, for people or as JSON.
func printResult(e *env, s *crawl.ServerReport, asJSON bool) error {
	if !asJSON {
		printReport(e, s)
		return nil
	}
	b, err := json.Marshal(reportJSON(s))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s\n", b)
	return err
}

// printReport prints what came of crawling one server.
func printReport(e *env, s *crawl.ServerReport) {
	c := &s.Counts
	if s.State == crawl.Stopped && c.Listed == 0 {
		reason := strings.TrimPrefix(fmt.Sprint(s.Err), s.Server.Key()+": ")
		if !strings.HasPrefix(reason, s.Server.Key()+" ") {
			reason = s.Server.Key() + ": " + reason
		}
		fmt.Fprintf(e.stderr, "error: %s\n", escapeLines(reason))
		if advice := adviceOnStop(s.Err); advice != "" {
			fmt.Fprintln(e.stderr, e.stderr.fold("hint: "+advice))
		}
		return
	}
	fmt.Fprintf(e.stdout, "%s: %s, %s in %s, %s of listings, %s\n", s.Server.Key(), s.State,
		plural(c.Entries+c.UnmovedEntries, "entry", "entries"), plural(c.Listed+c.Unmoved, "directory", "directories"), sizeText(c.Bytes),
		tookText(s.Ended.Sub(s.Started)))
	if s.Err != nil && (s.State != crawl.Interrupted || errors.Is(s.Err, crawl.ErrMaxEntries) || errors.Is(s.Err, crawl.ErrMaxTime)) {
		fmt.Fprintf(e.stdout, "  %s\n", escapeLines(s.Err.Error()))
	}
	if p := &s.Published; p.Used {
		fmt.Fprintf(e.stdout, "  %s not asked for: read in %s of %s, which agrees with %.1f %% of %s listed to compare\n",
			plural(c.Published, "directory", "directories"), escapeText(p.Path), p.Time.UTC().Format(time.DateOnly), 100*p.Agreement, plural(int64(p.Sampled), "directory", "directories"))
	} else if p.Path != "" {
		fmt.Fprintf(e.stdout, "  %s is not used: %s\n", escapeText(p.Path), escapeText(p.Reason))
	}
	if c.Unmoved > 0 {
		fmt.Fprintf(e.stdout, "  %s not asked for: their times have not moved\n", plural(c.Unmoved, "directory", "directories"))
	}
	if s.Changes != nil {
		printChanges(e, s.Changes)
	}
	printMissing(e, c)
	for _, path := range s.NotThere {
		fmt.Fprintf(e.stdout, "  %s is not there, or not for us: forgotten, the next crawl does not ask for it unless it is named again\n", escapeText(path))
	}
}

// adviceOnStop says what can be done about a server that could not be crawled at all; nothing where nothing can.
func adviceOnStop(err error) string {
	var hint *hintError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, crawl.ErrNoRobots):
		return "try again later; on a server of your own, --ignore-robots does without it"
	case errors.Is(err, crawl.ErrLocked):
		return "correct the password, then --retry-login"
	case errors.As(err, &hint):
		return hint.hint
	case errors.As(err, &certificate):
		return "if it is the right one, its SHA-256 as certificate of the server in the configuration (ftpidx help config) lets only it pass; --ca-file trusts who signed it, --insecure anyone"
	}
	return ""
}

// printChanges prints what has changed since the crawl before, with examples.
func printChanges(e *env, c *crawl.Changes) {
	fmt.Fprintf(e.stdout, "  since the last crawl: %s added, %s removed, %s changed", humanCount(c.Added), humanCount(c.Removed), humanCount(c.Changed))
	if c.Found > 0 {
		fmt.Fprintf(e.stdout, "; %s found where the last crawl had not looked", humanCount(c.Found))
	}
	fmt.Fprintln(e.stdout)
	for _, kind := range []crawl.ChangeKind{crawl.Added, crawl.Found, crawl.Removed, crawl.Changed} {
		for _, x := range c.Examples {
			if x.Kind == kind {
				fmt.Fprintf(e.stdout, "    %-7s %s\n", kind, escapeText(x.Path))
			}
		}
	}
}

// printMissing prints what is missing or doubtful, with examples.
func printMissing(e *env, c *crawl.Counts) {
	printTallies(e, c.Missing)
	printTallies(e, c.LeftOut)
	if c.Unconfirmed > 0 {
		fmt.Fprintf(e.stdout, "  listed, but not confirmed by the server: %s\n", plural(c.Unconfirmed, "directory", "directories"))
	}
	var read []string
	if c.Bad > 0 {
		read = append(read, "not understood: "+plural(c.Bad, "line", "lines"))
	}
	if c.Doubtful > 0 {
		read = append(read, "doubtful: "+plural(c.Doubtful, "entry", "entries"))
	}
	if read == nil {
		return
	}
	fmt.Fprintf(e.stdout, "  %s\n", strings.Join(read, "; "))
	for _, x := range c.BadLines {
		where, line := x.Path+": ", x.Detail
		if x.Path == "" { // of NDJSON: an error that tells the line
			where, line = "", strings.TrimPrefix(x.Detail, "parse: ")
		}
		fmt.Fprintf(e.stdout, "    %s%s\n", escapeText(where), fitMiddle(escapeText(line), exampleWidth))
	}
	printRest(e, c.Bad+c.Doubtful, len(c.BadLines))
}

// printEarlier prints what is missing where the last crawl did not look.
func printEarlier(e *env, missing *archive.Earlier) {
	if missing == nil {
		return
	}
	fmt.Fprintln(e.stdout, "missing by earlier crawls, where the last one did not look:")
	if missing.Partial {
		fmt.Fprintln(e.stdout, "  an import was interrupted, or what was imported says that it is not complete")
	}
	printMissing(e, missing.Counts())
}

// exampleWidth is how much is shown of a line that was not understood: it may be as long as the server likes.
const exampleWidth = 160

// printRest says how many there are besides the examples.
func printRest(e *env, all int64, shown int) {
	if more := all - int64(shown); shown > 0 && more > 0 {
		fmt.Fprintf(e.stdout, "    and %s more\n", humanCount(more))
	}
}

// printTallies prints how many directories there are of each reason, with examples, and what can be done.
func printTallies(e *env, tallies map[crawl.Reason]*crawl.Tally) {
	for _, r := range slices.Sorted(maps.Keys(tallies)) {
		t := tallies[r]
		if t.N == 0 {
			continue
		}
		fmt.Fprintf(e.stdout, "  %s: %s\n", reasonText(r), plural(t.N, "directory", "directories"))
		for _, x := range t.Examples {
			fmt.Fprintf(e.stdout, "    %s", escapeText(x.Path))
			if x.Detail != "" {
				// The error names the directory once more.
				fmt.Fprintf(e.stdout, "  (%s)", escapeText(strings.Replace(x.Detail, fmt.Sprintf(" %q", x.Path), "", 1)))
			}
			fmt.Fprintln(e.stdout)
		}
		printRest(e, t.N, len(t.Examples))
		if advice := adviceOn[r]; advice != "" {
			fmt.Fprintf(e.stdout, "    hint: %s\n", advice)
		}
	}
}

// reportJSON is the last object that crawl --json prints of a server.
func reportJSON(s *crawl.ServerReport) any {
	var reason string
	if s.Err != nil {
		reason = s.Err.Error()
	}
	return struct {
		Event     string          `json:"event"`
		Time      time.Time       `json:"time"`
		Host      string          `json:"host"`
		State     crawl.State     `json:"state"`
		Error     string          `json:"error,omitempty"`
		Resumed   bool            `json:"resumed,omitempty"`
		Started   time.Time       `json:"started"`
		Ended     time.Time       `json:"ended"`
		Refresh   crawl.Refresh   `json:"refresh,omitempty"`
		Published crawl.Published `json:"published,omitzero"`
		Changes   *crawl.Changes  `json:"changes,omitempty"`
		NotThere  []string        `json:"not_there,omitempty"`
		Raw       [][]byte        `json:"not_there_raw,omitempty"`
		Counts    crawl.Counts    `json:"counts"`
		Manners   crawl.Manners   `json:"manners"`
		Peak      int             `json:"peak_connections"`
	}{"ended", s.Ended.UTC(), s.Server.Key(), s.State, reason, s.Resumed, s.Started.UTC(), s.Ended.UTC(), s.Refresh, s.Published, s.Changes, s.NotThere, crawl.RawPaths(s.NotThere), s.Counts, s.Manners, s.Peak}
}

package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// runManners prints what the last crawl of a server cost it.
func runManners(e *env, host string, asJSON bool) error {
	_, s, err := e.summary(host)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(&s.Manners)
	}
	m := &s.Manners
	line := func(name, format string, args ...any) {
		fmt.Fprintf(e.stdout, "%-12s %s\n", name, escapeText(fmt.Sprintf(format, args...)))
	}
	fmt.Fprintln(e.stdout, e.stdout.paint(bold, s.Key))
	if !s.Ended.IsZero() {
		line("last crawl", "%s to %s UTC", s.Started.UTC().Format(time.DateTime), s.Ended.UTC().Format(time.DateTime))
	}
	failed := ""
	if m.Failed > 0 {
		failed = fmt.Sprintf(", and %d in vain", m.Failed)
	}
	line("logins", "%d%s, at most %s at the same time to this address (limit %d)", m.Connections, failed, plural(int64(m.Peak), "connection", "connections"), m.Limit)
	line("commands", "%d sent, of these %s", m.Commands, plural(m.Listings, "listing", "listings"))
	line("data", "%s", plural(m.DataConns, "data connection", "data connections"))
	line("bytes", "%s sent, %s received", humanSize(m.Sent), humanSize(m.Received))
	if m.Retries > 0 {
		line("retries", "%d", m.Retries)
	}
	limit := "none"
	if m.Rate > 0 {
		limit = fmt.Sprintf("%g listings a second", m.Rate)
	}
	if m.Delay > 0 {
		limit += fmt.Sprintf(", %s between two", m.Delay.Round(time.Millisecond))
	}
	line("rate limit", "%s; waited %s for it", limit, m.Waited.Round(10*time.Millisecond))
	switch r := &s.Facts.Robots; r.State {
	case crawl.RobotsRead:
		line("robots.txt", "read %s UTC, %s; %s not asked for because of it", r.At.UTC().Format(time.DateTime),
			robotsText(r), plural(m.Refused, "directory", "directories"))
	case crawl.RobotsAbsent:
		line("robots.txt", "there was none at %s UTC", r.At.UTC().Format(time.DateTime))
	case crawl.RobotsUnavailable:
		line("robots.txt", "could not be read at %s UTC: nothing was listed", r.At.UTC().Format(time.DateTime))
	default:
		why := "a real login, or --ignore-robots"
		if !s.Facts.Called() {
			why = "the server was imported, not crawled"
		}
		line("robots.txt", "not asked for: %s", why)
	}
	if p := &s.Facts.Published; p.Used {
		line("published", "%s read in %s instead of asking", plural(p.Dirs, "directory", "directories"), p.Path)
	}
	return nil
}

// robotsText says what a robots.txt asks for: "2 rules for us, a delay of 1m0s".
func robotsText(r *crawl.RobotsFacts) string {
	text := plural(int64(r.Rules), "rule", "rules") + " for us"
	if r.Delay > 0 {
		text += ", a delay of " + r.Delay.Round(time.Millisecond).String()
	}
	return text
}

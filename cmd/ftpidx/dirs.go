package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// dirsHelp is what the help of servers says of --dirs.
const dirsHelp = `With --dirs, a line for each directory of HOST: how what is held of it was learned (LIST; MLSD; published, in a listing that
the server publishes; imported, from a dump; - if nothing is held), when that was last true, and how the last crawl
stands to it: whole, partial, unconfirmed, kept (not asked for: its time has not moved, or it was left out or not come
to), or the reason why it is missing, where nothing is held that of an earlier crawl. A pipe gets way TAB time TAB state TAB path.`

// A dirObject is a line of servers HOST --dirs --json.
type dirObject struct {
	Host    string       `json:"host"`
	Path    string       `json:"path"`
	PathRaw []byte       `json:"path_raw,omitempty"` // if the bytes are not UTF-8
	Way     archive.Way  `json:"way,omitempty"`
	Seen    time.Time    `json:"seen,omitzero"`
	State   string       `json:"state"`
	Entries *int64       `json:"entries,omitempty"`
	Reason  crawl.Reason `json:"reason,omitempty"`
	Detail  string       `json:"detail,omitempty"`
}

// dirState says in a word how the last crawl stands to a directory.
func dirState(d *archive.DirRecord) string {
	switch {
	case d.Failed != "":
		return string(d.Failed)
	case d.Kept && d.Way != "":
		return "kept"
	case d.Way == "":
		return "not listed"
	}
	return d.Status.String()
}

// runDirs prints the directories of a server and how each was learned.
func runDirs(ctx context.Context, e *env, host string, asJSON bool) error {
	data, s, err := e.summary(host)
	if err != nil {
		return err
	}
	a, err := archive.OpenKey(archiveDir(data), s.Key, nil)
	if err != nil {
		return err
	}
	defer a.Close()
	enc := json.NewEncoder(e.stdout)
	enc.SetEscapeHTML(false)
	if p := &s.Facts.Published; e.stdout.terminal && !asJSON && p.Used {
		_, err := fmt.Fprintf(e.stdout, "%s of %s: %.1f %% of the entries of %s are as the server lists them\n",
			escapeText(p.Path), p.Time.UTC().Format(time.DateOnly), 100*p.Agreement, plural(p.Sampled, "directory", "directories"))
		if err != nil {
			return err
		}
	}
	for d, err := range a.Dirs(ctx) {
		if err != nil {
			return err
		}
		switch {
		case asJSON:
			o := dirObject{Host: s.Key, Path: d.Path, Way: d.Way, Seen: d.Seen, State: dirState(&d), Reason: d.Failed, Detail: d.Detail}
			if !utf8.ValidString(d.Path) {
				o.PathRaw = []byte(d.Path)
			}
			if d.Way != "" {
				o.Entries = &d.Entries
			}
			err = enc.Encode(&o)
		case e.stdout.terminal:
			_, err = fmt.Fprintf(e.stdout, "%-9s  %-16s  %-11s  %s\n", or(string(d.Way), "-"), or(humanMinute(d.Seen), "-"), dirState(&d), escapeText(d.Path))
		default:
			seen := "-"
			if !d.Seen.IsZero() {
				seen = d.Seen.UTC().Format(time.RFC3339)
			}
			_, err = fmt.Fprintf(e.stdout, "%s\t%s\t%s\t%s\n", or(string(d.Way), "-"), seen, dirState(&d), escapeText(d.Path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// humanMinute is a time of our own clock, in UTC; "" if there is none.
func humanMinute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04")
}

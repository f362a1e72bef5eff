package main

import "github.com/ftpidx/ftpidx/crawl"

// tell says on standard error what an event of the crawler is about: what crawl --verbose prints. What the progress and the
// report say without it is not said twice.
//
//	ftp.example.org: the crawl begins
//	ftp.example.org/pub: 34 entries
//	ftp.example.org/private: refused: CWD "/private": 550 Failed to change directory.
func (e *env) tell(ev crawl.Event) {
	where := ev.Server.Key() + ev.Path
	text := ""
	switch ev.Kind {
	case crawl.Began:
		text = "the crawl begins"
		if ev.Resumed {
			text = "the crawl goes on"
		}
	case crawl.Fetching:
		text = "fetched, to be read instead of the directories that it lists"
	case crawl.Listed:
		if text = plural(ev.Entries, "entry", "entries"); ev.Status != crawl.Whole || ev.Reason != "" {
			text = or(string(ev.Reason), ev.Status.String())
		}
	case crawl.Retried:
		text = "tried again"
	default:
		return
	}
	if ev.Err != nil {
		text += ": " + ev.Err.Error()
	}
	e.remark("%s: %s", escapeText(where), text)
}

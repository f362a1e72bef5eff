package main

import (
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// maxUnwell is how many servers of the hits are looked at.
const maxUnwell = 100

// unwell says which servers among the hits cannot be used now, and since when what is shown of them is old. An index that was
// copied without its archives says nothing.
type unwell struct {
	e    *env
	data string
	seen map[string]bool
}

// saw takes notice of a hit on a server.
func (u *unwell) saw(key string) {
	if u.seen[key] || len(u.seen) >= maxUnwell {
		return
	}
	if u.seen == nil {
		u.seen = make(map[string]bool)
	}
	u.seen[key] = true
	s, err := archive.ReadSummary(archiveDir(u.data), key)
	if err != nil {
		return
	}
	if h := s.Facts.Health; h.State == crawl.HealthFailing || h.State == crawl.HealthDead {
		last := ""
		if !h.LastOK.IsZero() {
			last = "; what is shown of it was last true " + h.LastOK.UTC().Format(time.DateOnly)
		}
		u.e.remark("note: %s is %s since %s%s", key, h.State, h.Since.UTC().Format(time.DateOnly), last)
	}
}

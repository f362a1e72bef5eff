package archive

import (
	"context"
	"iter"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// A Way is how the listing of a directory was learned.
type Way string

const (
	ByLIST      Way = "LIST"
	ByMLSD      Way = "MLSD"
	ByPublished Way = "published" // in a listing that the server publishes
	ByImport    Way = "imported"  // in a dump
)

// A DirRecord is what an archive knows of a directory.
type DirRecord struct {
	Path string

	// What is held. If that is nothing, Way is "".
	Way     Way
	Seen    time.Time    // when it was last true
	Status  crawl.Status // of the listing
	Entries int64

	// Of the last crawl, or import.
	Kept   bool         // it did not try the directory: what is held is from one before, if it is anything
	Failed crawl.Reason // why it brought nothing, or not all, or, if nothing is held, why the last one that tried did not; "": it did
	Detail string       // in the words of the server
}

// Dirs yields the directories that the server is known to have, in document order: those that the newest listings name, from the
// seeds on. Transactions are short: one for each directory, which a crawl may list meanwhile. An error is the last thing
// yielded.
func (a *Archive) Dirs(ctx context.Context) iter.Seq2[DirRecord, error] {
	return func(yield func(DirRecord, error) bool) {
		seq := a.Seq()
		a.mu.Lock()
		round, command := a.meta.Round, a.meta.Facts.Listing
		a.mu.Unlock()
		list := func(path string, below *nameList) bool {
			rec, err := a.record(path)
			if err != nil {
				yield(DirRecord{}, err)
				return false
			}
			d := DirRecord{Path: path, Kept: rec.attempt.round < round}
			v := rec.current(seq)
			if (!d.Kept || v == nil) && (rec.attempt.status != crawl.Whole || rec.attempt.reason != "") {
				d.Failed, d.Detail = rec.attempt.reason, rec.attempt.detail
			}
			if v != nil {
				d.Way, d.Seen, d.Status, d.Entries = v.way(command == "MLSD"), timeOf(v.confirmed), v.status, v.entries
				for e, err := range a.sorted(path, v) {
					if err == nil && canEnter(&e.entry) {
						err = below.add(e.entry.Name)
					}
					if err != nil {
						yield(DirRecord{}, err)
						return false
					}
					if d.Way == ByLIST || d.Way == ByMLSD {
						d.Way = v.way(e.entry.Format == parse.MLSx)
					}
				}
			}
			return yield(d, nil)
		}
		w := a.newWalk(ctx, list)
		if w.dir("/", false); w.err != nil {
			yield(DirRecord{}, w.err)
		}
	}
}

// way returns how the version was learned. What a server sent when it was asked says by its form which command brought it.
func (v *version) way(facts bool) Way {
	switch v.form {
	case crawl.PublishedForm, crawl.PublishedFindForm:
		return ByPublished
	case crawl.ImportedForm, crawl.FindForm, crawl.JSONForm:
		return ByImport
	}
	if facts {
		return ByMLSD
	}
	return ByLIST
}

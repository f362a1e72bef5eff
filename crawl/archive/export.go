package archive

import (
	"context"
	"io"

	"github.com/ftpidx/ftpidx/crawl"
)

// Export writes what the server is known to hold as lines of NDJSON, see [crawl.Record]: first one about the server, then, in document
// order, one about each directory followed by its entries. Memory does not grow with the archive, which must have been
// opened with [Options].TellZone. It returns the number of entries.
func (a *Archive) Export(ctx context.Context, w io.Writer) (entries int64, err error) {
	host := a.Server().Key()
	var line []byte
	write := func(r *crawl.Record) error {
		r.Host = host
		var err error
		if line, err = r.AppendJSON(line[:0]); err != nil {
			return err
		}
		_, err = w.Write(line)
		return err
	}
	if err := write(&crawl.Record{Server: a.serverRecord()}); err != nil {
		return 0, err
	}
	zone := a.ParseOptions(a.options.Now()).Location.String()
	for item, err := range a.Entries(ctx, &EntriesOptions{Listings: true}) {
		if err != nil {
			return entries, err
		}
		r := crawl.Record{Dir: item.Dir, Added: item.Added, Seen: item.Seen}
		switch l := item.Listing; {
		case l == nil:
			r.Entry = *item.Entry
			if item.Local {
				r.Zone = zone
			}
			entries++
		case !l.Held && l.Reason == "":
			continue // never tried; the state of the server says so
		default:
			r.Listing = &crawl.ListingRecord{
				Status: l.Status, FirstSeen: l.FirstSeen, Seen: l.Seen,
				Reason: l.Reason, Code: l.Code, Detail: l.Detail,
			}
		}
		if err := write(&r); err != nil {
			return entries, err
		}
	}
	return entries, nil
}

func (a *Archive) serverRecord() *crawl.ServerRecord {
	a.mu.Lock()
	defer a.mu.Unlock()
	m, f := &a.meta, &a.meta.Facts
	return &crawl.ServerRecord{
		Format: crawl.ExportFormat, Scheme: m.Server.Scheme, State: m.state(), Crawled: m.Crawl.Ended,
		LoginDir: f.LoginDir, System: f.System,
		Charset: f.Charset, CharsetSet: f.CharsetSet, CharsetEvidence: f.CharsetEvidence,
		Zone: f.Zone, ZoneSet: f.ZoneSet, ZoneEvidence: f.ZoneEvidence,
	}
}

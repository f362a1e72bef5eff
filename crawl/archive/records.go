package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// NDJSON comes in any order: that of an export, or of whatever has filtered or sorted it. Its lines are sorted by server and
// directory before anything is stored, so that a directory is stored once. What is kept of a line is what the archive does
// not say elsewhere, so that the same listing exported twice is the same.

// The keys by which lines are sorted are those of the server, which holds no NUL, and of the directory. The first byte of a
// line says what it is; in that of an entry eight more say when it was seen, in seconds, instead of the text.
const (
	ofServer    = 'S'
	ofDirectory = 'D'
	ofEntry     = 'E'
)

// records imports NDJSON.
func (i *importer) records(r io.Reader) error {
	s := i.newSorter()
	defer s.close()
	lost := make(map[string]*crawl.Counts) // by the server of the line before, so that it is told where it belongs
	miss := func(host string) *crawl.Counts {
		if lost[host] == nil {
			lost[host] = &crawl.Counts{}
		}
		return lost[host]
	}
	host, said := "", ""
	var misplaced error // of the first line that names no server
	var line []byte
	for l, err := range crawl.Records(r) {
		var syntax *parse.SyntaxError
		if errors.As(err, &syntax) {
			miss(host).Merge(badLine(syntax))
			continue
		}
		if err != nil {
			return err
		}
		if err := i.ctx.Err(); err != nil {
			return context.Cause(i.ctx)
		}
		if l.Host != said || host == "" {
			key, err := i.hostOf(l.Host, said)
			if err != nil {
				err = fmt.Errorf("line %d: %w", l.Entry.Line, err)
				if i.options.Server != (crawl.Server{}) {
					return err
				}
				if misplaced == nil {
					misplaced = err
				}
				miss(host).Merge(badLine(err))
				continue
			}
			host = key
			if l.Host != "" {
				said = l.Host
			}
		}
		kind, key := byte(ofServer), []byte(host)
		if l.Server == nil {
			path, reason := i.pathname(l.Dir)
			if reason != "" {
				miss(host).Miss(reason, 1, path, "")
				continue
			}
			if kind = ofEntry; l.Listing != nil {
				kind = ofDirectory
			}
			key = append(key, dirKey(path)...)
		}
		line = append(line[:0], kind)
		if kind == ofEntry {
			line = binary.BigEndian.AppendUint64(line, uint64(unix(l.Seen)))
		}
		l.Host, l.Dir, l.Seen = "", "", time.Time{}
		if line, err = l.AppendJSON(line); err != nil {
			return err
		}
		if err := s.add(key, line); err != nil {
			return err
		}
	}
	switch {
	case host == "" && misplaced != nil:
		return misplaced
	case host == "":
		return errors.New("nothing to import: no line of the dump is understood")
	}
	return i.sortedRecords(s, lost)
}

// hostOf returns the server whose archive a line goes to that says host; an earlier line has said before.
func (i *importer) hostOf(host, before string) (string, error) {
	if i.options.Server != (crawl.Server{}) {
		if before != "" && host != "" && host != before {
			return "", fmt.Errorf("the dump is of several servers, %s and %s, and cannot be imported as one", before, host)
		}
		return i.options.Server.Key(), nil
	}
	server, err := crawl.ParseKey(host)
	if err != nil {
		return "", fmt.Errorf("host: %w", err)
	}
	return server.Key(), nil
}

// badLine counts a line that was not understood.
func badLine(err error) *crawl.Counts {
	return &crawl.Counts{Bad: 1, BadLines: []crawl.Example{{Detail: err.Error()}}}
}

// sortedRecords stores what is in the sorter; lost are the lines that are not.
func (i *importer) sortedRecords(s *sorter, lost map[string]*crawl.Counts) error {
	var key []byte // of the directory at hand; nil: none
	var d recordDir
	host := ""
	defer func() { d.close() }()
	err := s.each(func(k, line []byte) error {
		if !bytes.Equal(k, key) {
			if err := i.storeRecords(&d); err != nil {
				return err
			}
			key = append(key[:0], k...)
			next, dir, isDir := strings.Cut(string(k), "\x00")
			if next != host {
				if err := i.beginRecords(next, lost); err != nil {
					return err
				}
				host = next
			}
			d = recordDir{}
			if isDir {
				d = recordDir{path: keyPath([]byte("\x00" + dir)), spool: i.newSpool()}
			}
		}
		return i.record(&d, line)
	})
	if err != nil {
		return err
	}
	if err := i.storeRecords(&d); err != nil {
		return err
	}
	if i.a == nil {
		return errors.New("nothing to import: no line of the dump has a place on a server")
	}
	for _, of := range slices.Sorted(maps.Keys(lost)) { // servers of which no line is good
		i.extra.Merge(lost[of])
	}
	return nil
}

// beginRecords opens the archive of a server. Lines that were not understood before the first that was belong to the first.
func (i *importer) beginRecords(host string, lost map[string]*crawl.Counts) error {
	server := i.options.Server
	if server == (crawl.Server{}) {
		var err error
		if server, err = crawl.ParseKey(host); err != nil {
			return err
		}
	}
	if err := i.begin(server); err != nil {
		return err
	}
	for _, of := range []string{"", host} {
		if c := lost[of]; c != nil {
			i.extra.Merge(c)
			delete(lost, of)
		}
	}
	return nil
}

// A recordDir gathers the lines of one directory.
type recordDir struct {
	path    string
	spool   *crawl.Spool // nil: there is no directory
	entries int64
	how     *crawl.ListingRecord // nil: not said
	seen    int64                // by an entry, in seconds; 0: not said
}

func (d *recordDir) close() {
	if d.spool != nil {
		d.spool.Close()
	}
}

// record takes one line.
func (i *importer) record(d *recordDir, line []byte) error {
	kind, text := line[0], line[1:]
	if kind == ofEntry {
		d.entries++
		d.seen = max(d.seen, int64(binary.BigEndian.Uint64(text)))
		_, err := d.spool.Write(text[8:])
		return err
	}
	var r crawl.Record
	if err := r.UnmarshalJSON(text); err != nil {
		return err
	}
	if kind == ofServer {
		return i.learnRecord(r.Server)
	}
	if d.how = r.Listing; d.how.FirstSeen.IsZero() {
		return nil
	}
	// Stays with the entries: nothing else keeps it.
	out, err := (&crawl.Record{Listing: &crawl.ListingRecord{FirstSeen: d.how.FirstSeen}}).AppendJSON(nil)
	if err != nil {
		return err
	}
	_, err = d.spool.Write(out)
	return err
}

// learnRecord takes over what an export says of the server, unless a crawl has learned that.
func (i *importer) learnRecord(s *crawl.ServerRecord) error {
	i.partial = s.State != crawl.Complete
	facts := i.a.Facts()
	if facts.Called() {
		return nil
	}
	if !s.Crawled.IsZero() {
		i.dated(s.Crawled)
	}
	i.a.Learn(func(f *crawl.Facts) {
		s.Learn(f)
		f.Set("", i.options.Zone)
	})
	switch s.Scheme {
	case crawl.FTP, crawl.FTPES, crawl.FTPS:
		i.server.Scheme = s.Scheme
		return i.a.committer.barrier(func(_ *bolt.Tx, m *meta) error {
			i.a.asked.Scheme = s.Scheme
			m.Server = metaOf(i.a.asked)
			return nil
		})
	}
	return nil
}

// storeRecords stores the directory, if there is one.
func (i *importer) storeRecords(d *recordDir) error {
	if d.spool == nil {
		return nil
	}
	l := &crawl.Listing{
		Dir: crawl.Dir{Server: i.server, Path: d.path}, Start: i.options.Now,
		Spool: d.spool, Form: crawl.JSONForm, NoFollow: true,
	}
	d.spool = nil
	seen := timeOf(d.seen)
	if d.how != nil {
		l.Status = d.how.Status
		if !d.how.Seen.IsZero() {
			seen = d.how.Seen
		}
	}
	if now := i.a.options.Now(); seen.After(now) {
		seen = now // or nothing that is imported later would count
	}
	if !seen.IsZero() {
		l.Start = seen
	}
	if l.Status == crawl.Failed && d.entries > 0 {
		l.Status = crawl.Partial
	}
	switch {
	case l.Status == crawl.Failed:
		l.Reason, l.Detail, l.Reply.Code = d.how.Reason, d.how.Detail, d.how.Code
		if l.Reason == "" {
			l.Reason = crawl.Unlisted
		}
		if err := l.Close(); err != nil {
			return err
		}
		l.Spool = nil
	case l.Status == crawl.Partial && d.how.Reason != "":
		l.Reason, l.Detail, l.Reply.Code = d.how.Reason, d.how.Detail, d.how.Code
	case d.how != nil && d.how.Reason != "":
		i.extra.Miss(d.how.Reason, 1, d.path, d.how.Detail)
	}
	return i.store(l)
}

package crawl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// A Record is a line of an exported archive, one JSON object: an entry with its place; or what is known of a server,
// before all its entries; or how a directory was listed, before the entries in it. What it holds it holds exactly: export
// and import give the same entries.
//
//	{"host":"ftp.example.org","server":{"format":1,"scheme":"ftp","state":"complete","zone":"Europe/Berlin","zone_set":true}}
//	{"host":"ftp.example.org","dir":"/pub","listing":{"status":"whole","first_seen":"2024-05-02T08:00:00Z","seen":"2024-06-01T08:00:00Z"}}
//	{"host":"ftp.example.org","dir":"/pub","name":"a.tar","type":"file","size":12,"mtime":"2024-03-01T11:00:00Z","precision":"minute","zone":"Europe/Berlin"}
//
// The keys of an entry are those of search results and of parsed listings, which are Records too: unknown ones are
// ignored, "path" serves where "dir" is missing. Bytes that are not UTF-8 stand in base64 under the key with
// "_raw", beside a reading for people. Unknown values are left out.
//
// Names are the server's bytes and a time comes with the zone in which it was read, so that another charset or zone
// can be chosen after an import as well as after a crawl. What is not carried over are lines that were not understood,
// older versions of listings, and how far a crawl has got that has not come to its end.
type Record struct {
	Host  string // key of the server; "" not said
	Dir   string // pathname of the directory
	Entry parse.Entry
	Added time.Time // zero: unknown
	Seen  time.Time // zero: unknown

	// Zone is the zone, as ParseZone takes it, in which a time was read that the listing printed without one; "" if the
	// listing tells the zone, or nothing is known of it.
	Zone string

	Server  *ServerRecord  // not nil: about the server, without an entry
	Listing *ListingRecord // not nil: about the directory, without an entry
}

// ExportFormat is the number of the form in which archives are exported.
const ExportFormat = 1

// A ServerRecord is what an export says of a server.
type ServerRecord struct {
	Format   int       `json:"format"` // ExportFormat
	Scheme   Scheme    `json:"scheme"`
	State    State     `json:"state,omitempty"` // of the last crawl
	Crawled  time.Time `json:"crawled,omitzero"`
	LoginDir string    `json:"login_dir,omitempty"`
	System   string    `json:"system,omitempty"`

	Charset         string          `json:"charset,omitempty"`
	CharsetSet      bool            `json:"charset_set,omitempty"`
	CharsetEvidence CharsetEvidence `json:"charset_evidence,omitzero"`
	Zone            string          `json:"zone,omitempty"`
	ZoneSet         bool            `json:"zone_set,omitempty"`
	ZoneEvidence    ZoneEvidence    `json:"zone_evidence,omitzero"`
}

// Learn makes what an export says of the server known.
func (s *ServerRecord) Learn(f *Facts) {
	f.LoginDir, f.System = s.LoginDir, s.System
	f.Charset, f.CharsetSet, f.CharsetEvidence = s.Charset, s.CharsetSet, s.CharsetEvidence
	if _, err := ParseZone(s.Zone); err == nil {
		f.Zone, f.ZoneSet, f.ZoneEvidence = s.Zone, s.ZoneSet, s.ZoneEvidence
	}
}

// A ListingRecord is what an export says of the listing of a directory.
type ListingRecord struct {
	Status    Status    `json:"status"`              // of the listing that is held; Failed: there is none
	FirstSeen time.Time `json:"first_seen,omitzero"` // when the server sent it first
	Seen      time.Time `json:"seen,omitzero"`       // when the server sent it last
	Reason    Reason    `json:"reason,omitempty"`    // why the last attempt brought nothing, or not all
	Code      int       `json:"code,omitempty"`      // the reply code of that
	Detail    string    `json:"detail,omitempty"`    // and the server's words
}

type jsonRecord struct {
	Host      string          `json:"host,omitempty"`
	Server    *ServerRecord   `json:"server,omitempty"`
	Path      string          `json:"path,omitempty"`
	Dir       string          `json:"dir,omitempty"`
	DirRaw    []byte          `json:"dir_raw,omitempty"`
	Listing   *ListingRecord  `json:"listing,omitempty"`
	Name      string          `json:"name,omitempty"`
	NameRaw   []byte          `json:"name_raw,omitempty"`
	Type      *parse.Type     `json:"type,omitempty"`
	Size      *int64          `json:"size,omitempty"`
	MTime     *time.Time      `json:"mtime,omitempty"`
	Precision parse.Precision `json:"precision,omitempty"`
	Zone      string          `json:"zone,omitempty"`
	Perm      string          `json:"perm,omitempty"`
	Mode      string          `json:"mode,omitempty"`
	ModeRaw   []byte          `json:"mode_raw,omitempty"`
	Owner     string          `json:"owner,omitempty"`
	OwnerRaw  []byte          `json:"owner_raw,omitempty"`
	Group     string          `json:"group,omitempty"`
	GroupRaw  []byte          `json:"group_raw,omitempty"`
	Links     *int            `json:"links,omitempty"`
	Target    string          `json:"target,omitempty"`
	TargetRaw []byte          `json:"target_raw,omitempty"`
	Device    string          `json:"device,omitempty"`
	Facts     string          `json:"facts,omitempty"`
	FactsRaw  []byte          `json:"facts_raw,omitempty"`
	Format    string          `json:"format,omitempty"`
	Added     *time.Time      `json:"added,omitempty"`
	Seen      *time.Time      `json:"seen,omitempty"`
}

// AppendJSON appends the record and LF to b.
func (r *Record) AppendJSON(b []byte) ([]byte, error) {
	e := &r.Entry
	j := jsonRecord{Host: r.Host, Server: r.Server, Listing: r.Listing}
	j.Dir, j.DirRaw = textAndRaw(r.Dir)
	if r.Server != nil || r.Listing != nil {
		return appendLine(b, &j)
	}
	j.Type, j.Precision, j.Zone, j.Perm, j.Device = &e.Type, e.Precision, r.Zone, e.Perm.String(), e.Device
	j.Name, j.NameRaw = textAndRaw(e.Name)
	j.Mode, j.ModeRaw = textAndRaw(e.Mode)
	j.Owner, j.OwnerRaw = textAndRaw(e.Owner)
	j.Group, j.GroupRaw = textAndRaw(e.Group)
	j.Target, j.TargetRaw = textAndRaw(e.Target)
	j.Facts, j.FactsRaw = textAndRaw(e.Facts)
	if e.Format != parse.Auto {
		j.Format = e.Format.String()
	}
	if e.Size >= 0 {
		j.Size = &e.Size
	}
	if e.Links >= 0 {
		j.Links = &e.Links
	}
	for _, t := range []struct {
		from time.Time
		to   **time.Time
	}{{e.ModTime, &j.MTime}, {r.Added, &j.Added}, {r.Seen, &j.Seen}} {
		// Years of five digits, which a number of seconds can stand for, cannot be written.
		if utc := t.from.UTC(); !t.from.IsZero() && 0 <= utc.Year() && utc.Year() <= 9999 {
			*t.to = &utc
		}
	}
	if j.MTime == nil {
		j.Precision, j.Zone = parse.NoTime, ""
	}
	return appendLine(b, &j)
}

func appendLine(b []byte, j *jsonRecord) ([]byte, error) {
	text, err := json.Marshal(j)
	if err != nil {
		return b, err
	}
	return append(append(b, text...), '\n'), nil
}

// UnmarshalJSON reads one object.
func (r *Record) UnmarshalJSON(line []byte) error {
	var j jsonRecord
	if err := json.Unmarshal(line, &j); err != nil {
		return err
	}
	e := parse.Entry{Precision: j.Precision, Perm: parse.NoPerm, Device: j.Device, Size: -1, Links: -1}
	*r = Record{Host: j.Host, Dir: rawOr(j.DirRaw, j.Dir), Zone: j.Zone, Server: j.Server, Listing: j.Listing}
	if r.Server != nil || r.Listing != nil {
		if r.Server != nil && r.Server.Format > ExportFormat {
			return fmt.Errorf("an export of format %d, this program reads format %d", r.Server.Format, ExportFormat)
		}
		if r.Listing != nil && !r.Listing.Reason.isWords() {
			return fmt.Errorf("bad reason %q", r.Listing.Reason)
		}
		return nil
	}
	if j.Type != nil {
		e.Type = *j.Type
	}
	e.Name = rawOr(j.NameRaw, j.Name)
	e.Mode = rawOr(j.ModeRaw, j.Mode)
	e.Owner = rawOr(j.OwnerRaw, j.Owner)
	e.Group = rawOr(j.GroupRaw, j.Group)
	e.Target = rawOr(j.TargetRaw, j.Target)
	e.Facts = rawOr(j.FactsRaw, j.Facts)
	if r.Dir == "" && j.Path != "" {
		i := strings.LastIndexByte(j.Path, '/')
		r.Dir = j.Path[:max(i, 0)]
		if e.Name == "" {
			e.Name = j.Path[i+1:]
		}
	}
	if r.Dir == "" {
		r.Dir = "/"
	}
	if e.Name == "" {
		return errors.New("no name")
	}
	if !isName(e.Name) {
		return fmt.Errorf("bad name %q", e.Name)
	}
	if j.Format != "" {
		// A format of a newer program is no reason to refuse the entry.
		_ = e.Format.UnmarshalText([]byte(j.Format))
	}
	if j.Perm != "" {
		n, err := fmt.Sscanf(j.Perm, "%o", (*int16)(&e.Perm))
		if n != 1 || err != nil || e.Perm < 0 || e.Perm > 0o7777 {
			return fmt.Errorf("bad perm %q", j.Perm)
		}
	}
	if j.Size != nil {
		if *j.Size < 0 {
			return fmt.Errorf("bad size %d", *j.Size)
		}
		e.Size = *j.Size
	}
	if j.Links != nil {
		e.Links = *j.Links
	}
	if j.MTime != nil {
		e.ModTime = j.MTime.UTC()
		if e.Precision == parse.NoTime {
			e.Precision = parse.Second
		}
	} else {
		e.Precision, r.Zone = parse.NoTime, ""
	}
	if j.Added != nil {
		r.Added = j.Added.UTC()
	}
	if j.Seen != nil {
		r.Seen = j.Seen.UTC()
	}
	r.Entry = e
	return nil
}

// A zoner reads times of Records as if their listings had been read in another zone.
type zoner struct {
	to   *time.Location // nil: UTC
	name string
	from *time.Location // of that name; nil: there is none
}

// read makes r's time what its listing means in the zone of z.
func (z *zoner) read(r *Record) {
	if r.Zone == "" || r.Entry.ModTime.IsZero() {
		return
	}
	if z.to == nil {
		z.to = time.UTC
	}
	if r.Zone != z.name {
		z.name = r.Zone
		z.from, _ = ParseZone(r.Zone)
	}
	t := r.Entry.ModTime
	switch {
	case r.Zone == z.to.String():
		r.Entry.ModTime = t.In(z.to)
	case z.from != nil:
		t = t.In(z.from)
		r.Entry.ModTime = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), z.to)
	}
}

// maxJSONLine is the longest line of NDJSON that is looked at: a pathname of 4 KiB, escaped, fits several times.
const maxJSONLine = 1 << 20

// lineReaders are used again: an export has a listing of a few lines for each directory.
var lineReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}

// Records reads NDJSON. A line that is no Record comes as a *parse.SyntaxError and reading goes on; any other
// error is r's and the last thing yielded. The line, without LF, is valid until the next step.
func Records(r io.Reader) iter.Seq2[RecordLine, error] {
	return func(yield func(RecordLine, error) bool) {
		lines := lineReaders.Get().(*bufio.Reader)
		lines.Reset(r)
		defer func() {
			lines.Reset(nil)
			lineReaders.Put(lines)
		}()
		var long []byte
		var offset int64
		for n := 1; ; n++ {
			line, err := lines.ReadSlice('\n')
			size := int64(len(line))
			var fault error
			if err == bufio.ErrBufferFull {
				long = append(long[:0], line...)
				for err == bufio.ErrBufferFull {
					line, err = lines.ReadSlice('\n')
					size += int64(len(line))
					if len(long)+len(line) > maxJSONLine {
						fault = parse.ErrTooLong
						continue
					}
					long = append(long, line...)
				}
				line = long
			}
			if err != nil && err != io.EOF {
				yield(RecordLine{}, err)
				return
			}
			text := bytes.TrimSpace(line)
			if len(text) > 0 {
				l := RecordLine{Text: text}
				if fault == nil {
					fault = l.UnmarshalJSON(text)
				}
				l.Entry.Line = n
				if fault != nil {
					fault = &parse.SyntaxError{Line: n, Offset: offset, Err: fault, Text: example(string(text))}
					l.Record = Record{}
				}
				if !yield(l, fault) {
					return
				}
			}
			offset += size
			if err == io.EOF {
				return
			}
		}
	}
}

// A RecordLine is a Record with the line that it was read from.
type RecordLine struct {
	Record
	Text []byte
}

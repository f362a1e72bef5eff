package crawl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/parse"
)

// A Record is an entry with its place, in the form in which archives are exported: one JSON object
// a line. What it holds it holds exactly: export and import give the same entries.
//
//	{"host":"ftp.example.org","dir":"/pub","name":"a.tar","type":"file","size":12,"mtime":"2024-03-01T12:00:00Z","precision":"minute"}
//
// The keys are those of search results and of parsed listings, which are Records too: unknown ones are
// ignored, "path" serves where "dir" is missing. Bytes that are not UTF-8 stand in base64 under the key with
// "_raw", beside a reading for people. Unknown values are left out.
type Record struct {
	Host  string // key of the server; "" not said
	Dir   string // pathname of the directory
	Entry parse.Entry
	Added time.Time // zero: unknown
	Seen  time.Time // zero: unknown
}

type jsonRecord struct {
	Host      string          `json:"host,omitempty"`
	Path      string          `json:"path,omitempty"`
	Dir       string          `json:"dir,omitempty"`
	DirRaw    []byte          `json:"dir_raw,omitempty"`
	Name      string          `json:"name"`
	NameRaw   []byte          `json:"name_raw,omitempty"`
	Type      parse.Type      `json:"type"`
	Size      *int64          `json:"size,omitempty"`
	MTime     *time.Time      `json:"mtime,omitempty"`
	Precision parse.Precision `json:"precision,omitempty"`
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
	j := jsonRecord{
		Host: r.Host, Type: e.Type, Precision: e.Precision, Perm: e.Perm.String(), Device: e.Device,
	}
	j.Dir, j.DirRaw = textAndRaw(r.Dir)
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
		if !t.from.IsZero() {
			utc := t.from.UTC()
			*t.to = &utc
		}
	}
	text, err := json.Marshal(&j)
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
	e := parse.Entry{Type: j.Type, Precision: j.Precision, Perm: parse.NoPerm, Device: j.Device, Size: -1, Links: -1}
	*r = Record{Host: j.Host, Dir: rawOr(j.DirRaw, j.Dir)}
	e.Name = rawOr(j.NameRaw, j.Name)
	e.Mode = rawOr(j.ModeRaw, j.Mode)
	e.Owner = rawOr(j.OwnerRaw, j.Owner)
	e.Group = rawOr(j.GroupRaw, j.Group)
	e.Target = rawOr(j.TargetRaw, j.Target)
	e.Facts = rawOr(j.FactsRaw, j.Facts)
	if r.Dir == "" && j.Path != "" {
		i := len(j.Path) - 1
		for i > 0 && j.Path[i] != '/' {
			i--
		}
		r.Dir = j.Path[:i]
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
		e.Precision = parse.NoTime
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

// textAndRaw returns s as text and, if it is not UTF-8, its bytes.
func textAndRaw(s string) (text string, raw []byte) {
	if utf8.ValidString(s) {
		return s, nil
	}
	return string(bytes.ToValidUTF8([]byte(s), []byte("\ufffd"))), []byte(s)
}

func rawOr(raw []byte, text string) string {
	if raw != nil {
		return string(raw)
	}
	return text
}

// maxJSONLine is the longest line of NDJSON that is looked at: a pathname of 4 KiB, escaped, fits several times.
const maxJSONLine = 1 << 20

// Records reads NDJSON. A line that is no Record comes as a *parse.SyntaxError and reading goes on; any other
// error is r's and the last thing yielded. The line, without LF, is valid until the next step.
func Records(r io.Reader) iter.Seq2[RecordLine, error] {
	return func(yield func(RecordLine, error) bool) {
		lines := bufio.NewReaderSize(r, 64<<10)
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

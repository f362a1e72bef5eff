package archive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// An LsReport says what became of an archive written as ls -lR.
type LsReport struct {
	Entries  int64 // written
	Skipped  int64 // entries that a line of ls cannot hold: a name with a line end, or one that would be read as another
	Example  string
	Unlisted int64 // directories that have no section, for there is no listing of them
}

// WriteLsLR writes what the server is known to hold as ls -lR does, in document order: a section for each directory that was
// listed, headed by its pathname, times in ISO form as exactly as they are known.
//
//	/pub:
//	total 0
//	drwxr-xr-x 2 ftp ftp 4096 2011-03-09 old
//	-rw-r--r-- 1 ftp ftp 183502 2011-03-09 17:04 +0000 rock list.txt
//
// Columns that are not known become r--r--r-- (r-xr-xr-x for directories), 1, -, ***** and 1970-01-01. Every line is read
// again with package parse, and left out if it does not come back as the entry that it was. Memory does not grow with the archive.
func (a *Archive) WriteLsLR(ctx context.Context, w io.Writer) (*LsReport, error) {
	l := &lsWriter{w: w, zone: a.ParseOptions(time.Time{}).Location}
	for item, err := range a.Entries(ctx, &EntriesOptions{Listings: true}) {
		if err == nil && item.Listing == nil {
			err = l.entry(item.Dir, item.Entry)
		} else if err == nil {
			err = l.section(item.Dir, item.Listing)
		}
		if err != nil {
			return &l.LsReport, err
		}
	}
	return &l.LsReport, l.flush()
}

// lsLines is how many lines are looked at together.
const lsLines = 1000

type lsWriter struct {
	LsReport
	w     io.Writer
	zone  *time.Location // of the server, whose days are told
	begun bool           // a section was written
	skip  bool           // what is in the directory at hand, whose name no heading holds

	dir   string
	lines []lsLine
	buf   bytes.Buffer // the same
}

// An lsLine is what a line is to be read as.
type lsLine struct {
	name, target string
	kind         parse.Type
	end          int // of the line, in buf
}

// section begins the section of a directory.
func (l *lsWriter) section(dir string, listing *Listing) error {
	if err := l.flush(); err != nil {
		return err
	}
	l.dir, l.skip = dir, strings.ContainsAny(dir, "\r\n")
	if !listing.Held {
		if !listing.Leading {
			l.Unlisted++
		}
		return nil
	}
	if l.skip {
		return nil
	}
	blank := ""
	if l.begun {
		blank = "\n"
	}
	l.begun = true
	_, err := fmt.Fprintf(l.w, "%s%s:\ntotal 0\n", blank, dir)
	return err
}

func (l *lsWriter) entry(dir string, e *parse.Entry) error {
	if l.skip {
		l.leaveOut(dir, e.Name)
		return nil
	}
	appendLs(&l.buf, e, l.zone)
	l.lines = append(l.lines, lsLine{e.Name, e.Target, e.Type, l.buf.Len()})
	if len(l.lines) < lsLines {
		return nil
	}
	return l.flush()
}

func (l *lsWriter) leaveOut(dir, name string) {
	if l.Skipped++; l.Example == "" {
		l.Example = crawl.Join(dir, name)
	}
}

// flush writes the lines that come back as they were.
func (l *lsWriter) flush() error {
	defer func() {
		l.lines = l.lines[:0]
		l.buf.Reset()
	}()
	text := l.buf.Bytes()
	if !readsAs(text, l.lines) {
		good := text[:0]
		start := 0
		for _, line := range l.lines {
			one := text[start:line.end]
			start = line.end
			if !readsAs(one, []lsLine{line}) {
				l.leaveOut(l.dir, line.name)
				continue
			}
			l.Entries++
			good = append(good, one...)
		}
		text = good
	} else {
		l.Entries += int64(len(l.lines))
	}
	_, err := l.w.Write(text)
	return err
}

// readsAs reports whether lines of ls -l are read as they should be.
func readsAs(text []byte, want []lsLine) bool {
	n := 0
	for e, err := range parse.NewReader(bytes.NewReader(text), &parse.Options{Format: parse.Unix}).All() {
		if err != nil || n == len(want) || e.Dir != "" || e.Name != want[n].name || e.Target != want[n].target || lsType(e.Type) != lsType(want[n].kind) {
			return false
		}
		n++
	}
	return n == len(want)
}

// lsType is the letter that ls has for a type of entry.
func lsType(t parse.Type) byte {
	switch t {
	case parse.File:
		return '-'
	case parse.Dir:
		return 'd'
	case parse.Link:
		return 'l'
	case parse.Device:
		return 'c'
	case parse.Pipe:
		return 'p'
	case parse.Socket:
		return 's'
	}
	return '?'
}

// appendLs writes the line of an entry.
func appendLs(b *bytes.Buffer, e *parse.Entry, zone *time.Location) {
	b.WriteByte(lsType(e.Type))
	switch {
	case len(e.Mode) >= 10 && e.Format == parse.Unix && e.Mode[0] != '0':
		b.WriteString(e.Mode[1:10])
	case e.Perm != parse.NoPerm:
		b.WriteString(permLetters(e.Perm))
	case e.IsDir():
		b.WriteString("r-xr-xr-x")
	default:
		b.WriteString("r--r--r--")
	}
	size := "*****"
	switch {
	case e.Device != "":
		size = e.Device
	case e.Size >= 0:
		size = strconv.FormatInt(e.Size, 10)
	case e.Type == parse.Link:
		size = strconv.Itoa(len(e.Target))
	case e.Type == parse.Device:
		size = "0, 0"
	case e.IsDir():
		size = "0"
	}
	fmt.Fprintf(b, " %d %s %s %s %s %s", max(e.Links, 1), lsOwner(e.Owner), lsOwner(e.Group), size, lsTime(e, zone), e.Name)
	if e.Target != "" {
		b.WriteString(" -> " + e.Target)
	}
	b.WriteByte('\n')
}

// permLetters are the nine letters of permission bits.
func permLetters(p parse.Perm) string {
	letters := []byte("rwxrwxrwx")
	for i := range letters {
		if p&(1<<(8-i)) == 0 {
			letters[i] = '-'
		}
	}
	for i, special := range []string{"Ss", "Ss", "Tt"} {
		if at := 3*i + 2; p&(0o4000>>i) != 0 {
			if letters[at] == 'x' {
				letters[at] = special[1]
			} else {
				letters[at] = special[0]
			}
		}
	}
	return string(letters)
}

// lsOwner returns the name as one word.
func lsOwner(name string) string {
	if name == "" {
		return "-"
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
}

// lsTime writes a time no more exactly than it is known. A day stays the day that the server printed.
func lsTime(e *parse.Entry, zone *time.Location) string {
	t := e.ModTime.UTC()
	switch e.Precision {
	case parse.Day:
		return e.ModTime.In(zone).Format(time.DateOnly)
	case parse.Minute:
		return t.Format("2006-01-02 15:04 -0700")
	case parse.Second:
		return t.Format("2006-01-02 15:04:05 -0700")
	case parse.Subsecond:
		return t.Format("2006-01-02 15:04:05.000000000 -0700")
	}
	return "1970-01-01"
}

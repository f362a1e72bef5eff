package archive

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// maxCapture is how far ahead of the parser the bytes of a dump are kept: a line longer than this is no dump's.
const maxCapture = 16 << 20

// A splitter cuts a dump into the listings of its directories, byte for byte. The parser reads the
// dump through it, and says of each line what it is and how many bytes it has; the splitter gives
// those bytes to the listing that the line belongs to.
type splitter struct {
	*importer
	src io.Reader
	err error // of storing: the parser is not told, it would take it for that of the dump

	captured []byte // read by the parser, from offset at on
	at       int64

	// ls -lR: the section at hand.
	open   bool
	path   string
	spool  *crawl.Spool
	blank  []byte // blank lines that belong to the section only if more follows
	prefix string // absolute heading of the first section, which stands for base
	first  bool   // a section was begun

	// find -ls: the last line, and the lines so far.
	find   bool
	last   []byte
	sorter *sorter
}

// Read implements [io.Reader] for the parser.
func (s *splitter) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, context.Cause(s.ctx)
	}
	n, err := s.src.Read(p)
	s.captured = append(s.captured, p[:n]...)
	if len(s.captured) > maxCapture {
		return 0, fmt.Errorf("a line of more than %d MiB is in no dump", maxCapture>>20)
	}
	return n, err
}

// line is the parser's Trace.
func (s *splitter) line(l parse.Line) {
	from := int(l.Offset - s.at)
	raw := s.captured[from : from+int(l.Length)]
	if s.err == nil {
		s.err = s.give(l, raw)
	}
	// What is used up goes away once in a while.
	if used := from + len(raw); used >= 64<<10 {
		s.captured = append(s.captured[:0], s.captured[used:]...)
		s.at += int64(used)
	}
}

// give deals with one line.
func (s *splitter) give(l parse.Line, raw []byte) error {
	switch {
	case s.find:
		s.last = append(s.last[:0], raw...)
		return nil
	case l.Verdict == parse.VerdictSection:
		return s.section(heading(l))
	case !s.first && len(strings.TrimSpace(l.Text)) > 0:
		// The first directory of ls -lR has no heading on BSD.
		if err := s.section("."); err != nil {
			return err
		}
	}
	return s.add(l, raw)
}

// heading returns the pathname in a line that heads a section.
func heading(l parse.Line) string {
	for _, c := range l.Columns {
		if c.Name == "dir" {
			return l.Text[c.Start:c.End]
		}
	}
	return strings.TrimSuffix(l.Text, ":")
}

// add gives a line to the section at hand.
func (s *splitter) add(l parse.Line, raw []byte) error {
	if !s.open {
		return nil // blank lines before the first section, or a section that has no place
	}
	if len(strings.TrimSpace(l.Text)) == 0 && len(s.blank) < 4096 {
		s.blank = append(s.blank, raw...)
		return nil
	}
	if l.Verdict == parse.VerdictDiagnostic {
		s.extra.Miss(crawl.Refused, 1, s.path, l.Text)
	}
	if len(s.blank) > 0 {
		if _, err := s.spool.Write(s.blank); err != nil {
			return err
		}
		s.blank = s.blank[:0]
	}
	if err := s.fits(s.path, s.spool.Len()+int64(len(raw))); err != nil {
		return err
	}
	_, err := s.spool.Write(raw)
	return err
}

// section ends the section at hand and begins that of the directory in a heading.
func (s *splitter) section(dir string) error {
	if err := s.endSection(); err != nil {
		return err
	}
	if len(dir) > 2 && dir[1] == ':' && dir[2] == '\\' {
		dir = strings.ReplaceAll(dir[2:], `\`, "/") // DIR /S
	}
	if !s.first && s.options.Base != "" && strings.HasPrefix(dir, "/") {
		s.prefix = cleanPath(dir)
	}
	s.first = true
	if s.path, s.open = s.place(s.relative(dir)); !s.open {
		return nil
	}
	s.spool = s.newSpool()
	return nil
}

// relative takes the prefix away that stands for base.
func (s *splitter) relative(dir string) string {
	if s.prefix == "" {
		return dir
	}
	if rest, ok := strings.CutPrefix(dir, strings.TrimSuffix(s.prefix, "/")); ok && (rest == "" || rest[0] == '/') {
		return strings.TrimLeft(rest, "/")
	}
	return dir
}

func (s *splitter) endSection() error {
	if !s.open {
		return nil
	}
	spool := s.spool
	s.open, s.spool, s.blank = false, nil, s.blank[:0]
	return s.put(s.path, spool, crawl.ImportedForm)
}

// found sorts the last line into the directory of the pathname in it. The line of the directory
// where find began belongs to none.
func (s *splitter) found(name string) error {
	start := name == "." || name == "/" || !s.first && (strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/"))
	s.first = true
	if start {
		if s.options.Base != "" && strings.HasPrefix(name, "/") {
			s.prefix = cleanPath(name)
		}
		return nil
	}
	dir, _ := path.Split(name)
	if s.sorter == nil {
		s.sorter = s.newSorter()
	}
	place, ok := s.place(s.relative(dir))
	if !ok {
		return nil
	}
	return s.sorter.add(dirKey(place), s.last)
}

// finish stores what is left.
func (s *splitter) finish() error {
	if s.err != nil {
		return s.err
	}
	if s.sorter != nil {
		return s.sorted(s.sorter)
	}
	return s.endSection()
}

func (s *splitter) close() {
	if s.spool != nil {
		s.spool.Close()
	}
	if s.sorter != nil {
		s.sorter.close()
	}
}

package crawl

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// A Dir is a directory to be listed.
type Dir struct {
	Server Server
	Path   string // absolute pathname, bytes as the server sent them; "/" at the top, no "/" at the end otherwise
	Depth  int    // below the seed that led here, which has 0

	up *ancestor // what the directories above listed; nil if not known
}

// Join returns the pathname of the entry name in the directory dir.
func Join(dir, name string) string {
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}

// A Status says how much of a directory a Listing holds.
type Status uint8

const (
	Whole       Status = iota // all the server has, confirmed by it
	Unconfirmed               // the data connection ended cleanly, but the confirming reply was lost
	Partial                   // cut: by the server or by a limit of ours
	Failed                    // nothing
)

var statusNames = [...]string{"whole", "unconfirmed", "partial", "failed"}

// String returns "whole", "unconfirmed", "partial" or "failed".
func (s Status) String() string { return statusNames[min(s, Failed)] }

// MarshalText implements [encoding.TextMarshaler] with the words of String.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Status) UnmarshalText(text []byte) error {
	for i, name := range statusNames {
		if name == string(text) {
			*s = Status(i)
			return nil
		}
	}
	return fmt.Errorf("crawl: unknown status %q", text)
}

// A Reason is why something is missing from an archive. The words are for people and scripts alike.
type Reason string

const (
	Refused      Reason = "refused"       // the server answered 5yz: forbidden or not there, it does not say which
	Unreachable  Reason = "failed"        // the network or a 4yz reply, as often as was tried
	NotEnterable Reason = "not enterable" // CR, LF or NUL in the name: no command can carry it
	Looping      Reason = "loop"          // lists the same as two directories above it
	TooDeep      Reason = "too deep"      // more levels below the seed than anything but a trap has
	PathTooLong  Reason = "path too long"
	TooLarge     Reason = "too large" // more bytes or entries than the limit
	TooSlow      Reason = "too slow"  // took longer than the limit
	Truncated    Reason = "truncated" // the server says so, or sent exactly as many entries as it is known to cut at

	// Left out, see LeftOut.
	Excluded   Reason = "excluded"                 // by a glob of the user's
	BeyondMax  Reason = "deeper than asked for"    // by the user
	Disallowed Reason = "disallowed by robots.txt" // whose rules a polite crawl has accepted

	// SeedDisallowed is a seed that robots.txt disallows: the user asked for it by name.
	SeedDisallowed Reason = "seed disallowed by robots.txt"

	// Of imported dumps.
	Unlisted   Reason = "not in the dump" // named by a section, without one of its own
	Duplicate  Reason = "twice in the dump"
	Unreached  Reason = "led to by no section"
	Superseded Reason = "older than what is held" // left out
	Abandoned  Reason = "not come to"             // by the crawl that the import has taken the place of
)

// LeftOut reports whether directories of this reason are no gap: the user asked to leave them out, or they are held already, or
// robots.txt, which the crawl keeps to, disallows them. They are counted and shown, but a crawl is complete without them.
func (r Reason) LeftOut() bool {
	return r == Excluded || r == BeyondMax || r == Disallowed || r == Superseded
}

// isWords reports whether r is words, as all reasons are, those of newer programs too. They are shown as they are.
func (r Reason) isWords() bool {
	return !strings.ContainsFunc(string(r), func(c rune) bool { return c != ' ' && c != '.' && (c < 'a' || c > 'z') })
}

// A Listing is what came of listing one directory.
type Listing struct {
	Dir    Dir
	Status Status
	Reason Reason // why not Whole, or why its children are not followed; "" otherwise
	Detail string // the server's words or the network's error; may hold any bytes
	Reply  Reply  // the confirmation

	Start   time.Time     // when it was asked for: the clock for dates without a year
	Elapsed time.Duration // until the confirmation
	Command string        // LIST, LIST -a or MLSD
	Form    Form          // of the bytes

	Spool *Spool // the bytes; nil if Failed

	Entries  int64             // without "." and ".."
	Doubtful int64             // entries with a column that was not understood
	Bad      int64             // lines not understood
	Examples []string          // some of the bad and doubtful lines, cut to exampleLen bytes
	Skipped  map[Reason]*Tally // directories named here that will not be listed
	NoFollow bool              // the children are not for the frontier: a dump brings them itself

	Published bool // read in a listing that the server publishes, not asked for

	Unmoved        int64 // subdirectories that a quick crawl need not list
	UnmovedEntries int64 // in these

	children []string  // names of the directories to descend into, while they are few
	times    []DirTime // theirs
	many     bool      // they are not: scan again
	scanner  *Scanner
}

const (
	maxExamples = 5
	exampleLen  = 200
	fewChildren = 4096

	// longLink is the length of name and target from which a link is doubtful: ProFTPD cuts lines at
	// 1 KiB, without the line end, so that the next entry looks like part of the target.
	longLink = 900
)

// Children returns the directories to descend into. The listing may be large: they are read from the
// spool when they are many.
func (l *Listing) Children() iter.Seq[Dir] {
	return func(yield func(Dir) bool) {
		if l.scanner == nil || l.Reason == Looping {
			return
		}
		if !l.many {
			for _, name := range l.children {
				if !yield(l.child(name)) {
					return
				}
			}
			return
		}
		for e, err := range Entries(l.Spool.NewReader(), l.Dir.Path, l.Form, l.scanner.options(l.Start)) {
			if e.Name == "" || err != nil && !IsSyntax(err) {
				continue
			}
			if follow, _, _ := l.scanner.verdict(l.Dir, &e); follow && !yield(l.child(e.Name)) {
				return
			}
		}
	}
}

func (l *Listing) child(name string) Dir {
	return Dir{Server: l.Dir.Server, Path: Join(l.Dir.Path, name), Depth: l.Dir.Depth + 1}
}

// Close releases the spool.
func (l *Listing) Close() error {
	if l.Spool == nil {
		return nil
	}
	return l.Spool.Close()
}

// A Scanner reads listings as far as a crawl needs it: which directories they name, and what in them
// is not understood.
type Scanner struct {
	// Options returns those of the parser for a listing made at this time; nil means the defaults.
	Options func(now time.Time) *parse.Options

	MaxDepth int                    // of children to follow; 0: no limit
	AskedFor bool                   // MaxDepth is the user's wish, and no guard against traps
	MaxPath  int                    // bytes of a pathname to follow; 0: no limit
	Exclude  func(path string) bool // directories not to follow; nil: none

	// Refuse reports whether robots.txt has a rule against a directory, and which; nil: it has none.
	Refuse func(path string) (rule string, refused bool)

	// Look, if not nil, is shown each entry of the directory dir, listed at the time now and read with the zone.
	Look func(dir string, e *parse.Entry, now time.Time, zone *time.Location)
}

func (s *Scanner) options(now time.Time) *parse.Options {
	if s.Options == nil {
		return &parse.Options{Now: now}
	}
	return s.Options(now)
}

// Scan fills in what l's spool says: Entries, Doubtful, Bad, Examples, Skipped and the children.
// The error is that of reading the spool.
func (s *Scanner) Scan(l *Listing) error {
	l.scanner = s
	if l.Spool == nil {
		return nil
	}
	options := s.options(l.Start)
	for e, err := range Entries(l.Spool.NewReader(), l.Dir.Path, l.Form, options) {
		var bad *parse.SyntaxError
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		if bad != nil && len(l.Examples) < maxExamples {
			l.Examples = append(l.Examples, example(bad.Text))
		}
		if e.Name == "" {
			if bad != nil {
				l.Bad++
			}
			continue
		}
		glued := bad == nil && e.Type == parse.Link && len(e.Name)+len(e.Target) > longLink
		if glued && len(l.Examples) < maxExamples {
			l.Examples = append(l.Examples, example(e.Name+" -> "+e.Target))
		}
		if bad != nil || glued {
			l.Doubtful++
		}
		l.Entries++
		if s.Look != nil {
			s.Look(l.Dir.Path, &e, l.Start, options.Location)
		}
		follow, reason, detail := s.verdict(l.Dir, &e)
		switch {
		case reason != "":
			if l.Skipped == nil {
				l.Skipped = make(map[Reason]*Tally)
			}
			if l.Skipped[reason] == nil {
				l.Skipped[reason] = new(Tally)
			}
			l.Skipped[reason].add(Join(l.Dir.Path, e.Name), detail)
		case follow && len(l.children) < fewChildren:
			l.children = append(l.children, e.Name)
			l.times = append(l.times, DirTime{e.ModTime, e.Precision})
		case follow:
			l.many = true
		}
	}
	return nil
}

// verdict reports whether to descend into e, an entry of dir; if it is a directory and the answer is
// no, reason says why, and detail by which words of the server.
func (s *Scanner) verdict(dir Dir, e *parse.Entry) (follow bool, reason Reason, detail string) {
	if !e.IsDir() {
		return false, "", ""
	}
	if strings.ContainsAny(e.Name, "\x00\r\n") {
		return false, NotEnterable, ""
	}
	p := Join(dir.Path, e.Name)
	switch {
	case s.MaxDepth > 0 && dir.Depth >= s.MaxDepth && s.AskedFor:
		return false, BeyondMax, ""
	case s.MaxDepth > 0 && dir.Depth >= s.MaxDepth:
		return false, TooDeep, ""
	case s.MaxPath > 0 && len(p) > s.MaxPath:
		return false, PathTooLong, ""
	case s.Exclude != nil && s.Exclude(p):
		return false, Excluded, ""
	}
	if s.Refuse != nil {
		if rule, refused := s.Refuse(p); refused {
			return false, Disallowed, rule
		}
	}
	return true, "", ""
}

func example(text string) string {
	if len(text) > exampleLen {
		text = text[:exampleLen]
	}
	return strings.Clone(text)
}

// Many reports whether the children are so many that Children reads them from the spool each time.
func (l *Listing) Many() bool { return l.many }

// IsSyntax reports whether err concerns one line of a listing only.
func IsSyntax(err error) bool {
	var bad *parse.SyntaxError
	return errors.As(err, &bad)
}

// A Form says what the bytes of a listing are, and where they come from. The numbers are part of the archive's format.
type Form uint8

const (
	ServerForm        Form = iota // what a server sent when it was asked
	FindForm                      // lines of an imported find -ls, with whole pathnames
	JSONForm                      // lines of imported NDJSON, see Record
	PublishedForm                 // a section of an ls -lR that the server publishes
	ImportedForm                  // a section of an imported ls -lR
	PublishedFindForm             // lines of a find -ls that the server publishes
)

// find reports whether the bytes are lines of find -ls.
func (f Form) find() bool { return f == FindForm || f == PublishedFindForm }

// Entries reads the listing of the directory dir and yields its entries in the order of the listing:
// those of its first section alone, should the server have sent several, and never "." or "..".
// A *parse.SyntaxError concerns one line: it comes with the entry if its name and type are sure, else with
// the zero Entry; any other error is r's and the last thing yielded. A name that cannot be that of an entry of
// dir, such as "/etc/passwd" or "../a", makes its line a bad one: a pathname joined from it would stand elsewhere.
func Entries(r io.Reader, dir string, form Form, options *parse.Options) iter.Seq2[parse.Entry, error] {
	return func(yield func(parse.Entry, error) bool) {
		first, section := true, ""
		for e, err := range rawEntries(r, form, options) {
			if err != nil && !IsSyntax(err) {
				yield(parse.Entry{}, err)
				return
			}
			if e.Name != "" {
				if first {
					first, section = false, e.Dir
				}
				if e.Dir != section {
					continue
				}
				switch {
				case form.find():
					e.Name = e.Name[strings.LastIndexByte(e.Name, '/')+1:]
				case form != JSONForm:
					e.Name = baseName(dir, e.Name)
				}
				e.Dir = ""
				if e.Name == "." || e.Name == ".." {
					continue
				}
				if !isName(e.Name) {
					if err == nil {
						err = &parse.SyntaxError{Line: e.Line, Format: e.Format, Err: parse.ErrName, Text: example(e.Name)}
					}
					e = parse.Entry{}
				}
			}
			if e.Name == "" && err == nil {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

func rawEntries(r io.Reader, form Form, options *parse.Options) iter.Seq2[parse.Entry, error] {
	if form == JSONForm {
		return func(yield func(parse.Entry, error) bool) {
			zone := zoner{to: options.Location}
			for l, err := range Records(r) {
				zone.read(&l.Record)
				if !yield(l.Entry, err) {
					return
				}
			}
		}
	}
	if form.find() {
		o := *options
		o.Format = parse.Find
		options = &o
	}
	return parse.NewReader(r, options).All()
}

// isName reports whether a directory can have an entry of this name.
func isName(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
}

// baseName returns the last element where a listing prints pathnames: "/pub/a", "./a" or "a" in /pub.
// Any other name with a "/" in it is left alone: it does not belong to dir, see isName.
func baseName(dir, name string) string {
	if !strings.Contains(name, "/") {
		return name
	}
	for _, prefix := range []string{dir, strings.TrimPrefix(dir, "/"), "."} {
		if rest, ok := strings.CutPrefix(name, strings.TrimSuffix(prefix, "/")+"/"); ok && prefix != "" && !strings.Contains(rest, "/") {
			return rest
		}
	}
	return name
}

package parse

import (
	"errors"
	"fmt"
)

// Causes of a [SyntaxError]. Test for them with [errors.Is].
var (
	ErrFormat   = errors.New("not a line of any known format") // foreign to every grammar that may be tried
	ErrMode     = errors.New("bad mode")                       // file mode, trustee rights or protection
	ErrSize     = errors.New("bad size")
	ErrTime     = errors.New("bad time")    // no such month, no such day, or a form that is not known
	ErrName     = errors.New("bad name")    // a name or path that the format does not allow
	ErrFact     = errors.New("bad fact")    // MLSx: no "=", no blank before the name, a value out of its syntax
	ErrColumns  = errors.New("bad columns") // too few, too many, or in no order that the format has
	ErrTooLong  = errors.New("line too long")
	ErrSection  = errors.New("entry of an unknown directory") // the heading of its section is too long a line
	ErrCut      = errors.New("line cut off")                  // the source failed before the end of the line
	ErrEncoding = errors.New("not a listing in an ASCII-compatible charset")
)

// errOtherFormat is ErrFormat where Options.Format is the only grammar that may be tried:
// errors.Is takes it for ErrFormat, but its text claims nothing of the other formats.
var errOtherFormat error = otherFormat{}

type otherFormat struct{}

func (otherFormat) Error() string { return "not a line of this format" }

func (otherFormat) Is(target error) bool { return target == ErrFormat }

// A SyntaxError says why one line of a listing was not understood. It never ends a listing:
// the next call of [Reader.Read] goes on with the line after it.
type SyntaxError struct {
	Line   int    // line number, from 1
	Offset int64  // offset of the line's first byte in the input
	Format Format // grammar that gave the reason; Auto if the line is foreign to all
	Err    error  // one of the causes above, by errors.Is
	Text   string // the line without its end, cut to at most 256 bytes
}

// Error returns position, cause and the quoted line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("parse: line %d: %v: %q", e.Line, e.Err, e.Text)
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// maxErrorText is how much of a bad line an error carries.
const maxErrorText = 256

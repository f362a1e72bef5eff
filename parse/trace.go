package parse

// A Verdict says what a line of a listing was taken for.
type Verdict uint8

const (
	foreign Verdict = iota // to the grammar asked; the reader asks the others

	VerdictEntry      // an entry
	VerdictPart       // the first line of an entry of two lines
	VerdictPartial    // an entry with a bad column: Read returns it together with a SyntaxError
	VerdictSection    // the heading of a section of a recursive listing
	VerdictNoise      // known and of no interest: a total, a column heading, "." and "..", an empty line
	VerdictDiagnostic // what ls or the server said about a file instead of listing it
	VerdictBad        // not understood: Read returns a SyntaxError
)

var verdictNames = [...]string{"foreign", "entry", "part", "partial", "section", "noise", "diagnostic", "bad"}

// String returns "entry", "part", "partial", "section", "noise", "diagnostic" or "bad".
func (v Verdict) String() string { return verdictNames[min(int(v), len(verdictNames)-1)] }

// MarshalText implements [encoding.TextMarshaler] with the words of String.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// A Line is what [Options.Trace] is told of each line. The lines of a listing tile it: each
// begins where the one before ended.
type Line struct {
	Number  int    // from 1
	Offset  int64  // of the first byte
	Length  int64  // bytes, the line end included
	Text    string // without line end; cut where the line is longer than Options.MaxLine
	Verdict Verdict
	Format  Format   // grammar that gave the verdict; Auto if it was none in particular
	Columns []Column // what the parts of the line were taken for, from left to right
	Note    string   // how something not printed was concluded, such as the year
	Err     error    // cause, with VerdictPartial and VerdictBad
}

// A Column is a part of a line: Text[Start:End].
type Column struct {
	Name       string // "mode", "size", "time", "name", …
	Start, End int
}

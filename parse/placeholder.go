package parse

import "io"
import "time"
import "iter"

// PLACEHOLDER until the reader lands: signatures only.
type Format uint8

func (f Format) String() string { return "" }

type Options struct {
	Format   Format
	Now      time.Time
	Location *time.Location
	MaxLine  int
	Dots     bool
}
type SyntaxError struct {
	Line   int
	Offset int64
	Err    error
	Text   string
}

func (e *SyntaxError) Error() string { return "" }

type Reader struct{}

func NewReader(r io.Reader, o *Options) *Reader { panic("placeholder") }
func (r *Reader) Read() (Entry, error)          { panic("placeholder") }
func (r *Reader) All() iter.Seq2[Entry, error]  { panic("placeholder") }
func (r *Reader) Reset(src io.Reader)           { panic("placeholder") }
func (r *Reader) InputOffset() int64            { return 0 }
func (r *Reader) Format() Format                { return 0 }
func ReadAll(r io.Reader, o *Options) (entries []Entry, bad []*SyntaxError, err error) {
	panic("placeholder")
}
func Detect(head []byte) Format { return 0 }

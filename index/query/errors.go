package query

import "fmt"

// A SyntaxError says what is wrong with a query, and where.
type SyntaxError struct {
	Query      string // the whole query
	Start, End int    // the bytes of Query that Msg is about, [Start, End)
	Msg        string // lower case, no full stop
}

func (e *SyntaxError) Error() string { return e.Msg }

// errorAt returns a *SyntaxError about the bytes [start, end) of the query being read.
func (p *parser) errorAt(start, end int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Query: p.src, Start: start, End: end, Msg: fmt.Sprintf(format, args...)}
}

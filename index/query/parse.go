package query

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a query.
const (
	MaxBytes  = 4096
	MaxLeaves = 1024
	MaxDepth  = 64 // parentheses in parentheses
)

// Options change how queries are read. Nil and the zero value are the defaults.
type Options struct {
	Now time.Time // what relative times (7d, today) are counted from; zero: the time of the call
}

// Parse reads a query. The error is a *SyntaxError. It takes time in proportion to the length of s.
func Parse(s string, opts *Options) (*Query, error) {
	p := &parser{src: s, now: time.Now()}
	if opts != nil && !opts.Now.IsZero() {
		p.now = opts.Now
	}
	p.now = p.now.UTC().Truncate(time.Second)
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return q, nil
}

type parser struct {
	src      string
	pos      int
	now      time.Time
	leaves   int
	patterns int // size of the patterns read so far
	sort     []SortKey
	sorted   bool    // sort: was given
	terms    []*term // all leaves whose exactness the settings decide

	hints   []Hint
	phrases []phrase
}

// A group is a pair of parentheses, or the whole query.
type group struct {
	parent *group
	depth  int
	cases  string // yes, no or auto; "" not said
}

// A term is a leaf while the tree is not in normal form yet.
type term struct {
	Text
	bare  bool // becomes one of Words if another stands beside it
	group *group

	start, end int // in the query
}

func (p *parser) query() (*Query, *SyntaxError) {
	if len(p.src) > MaxBytes {
		return nil, p.errorAt(MaxBytes, len(p.src), "the query is too long: %d bytes, at most %d", len(p.src), MaxBytes)
	}
	for i := 0; i < len(p.src); {
		r, n := utf8.DecodeRuneInString(p.src[i:])
		if r == utf8.RuneError && n == 1 {
			return nil, p.errorAt(i, i+1, "the query is not UTF-8 here")
		}
		i += n
	}
	expr, err := p.or(&group{})
	if err != nil {
		return nil, err
	}
	if p.pos < len(p.src) {
		return nil, p.errorAt(p.pos, p.pos+1, "unexpected )")
	}
	for _, t := range p.terms {
		if err := p.resolve(t); err != nil {
			return nil, err
		}
	}
	q := &Query{Expr: &All{}, Sort: p.sort, src: p.src, now: p.now, hints: p.hints, phrases: p.phrases}
	if expr != nil {
		q.Expr = normalize(expr)
	}
	return q, nil
}

// or reads operands between bars, to the end or a closing parenthesis. It returns nil if there is nothing.
func (p *parser) or(g *group) (Expr, *SyntaxError) {
	var list []Expr
	opStart, opEnd := -1, -1
	for {
		e, err := p.and(g)
		if err != nil {
			return nil, err
		}
		start := p.pos
		switch {
		case strings.HasPrefix(p.src[p.pos:], "||"), p.operator() == "OR":
			p.pos += 2
		case strings.HasPrefix(p.src[p.pos:], "|"):
			p.pos++
		}
		more := p.pos > start
		if e == nil && opStart < 0 && more {
			opStart, opEnd = start, p.pos
		}
		if e == nil && opStart >= 0 {
			return nil, p.errorAt(opStart, opEnd, "%s needs something on both sides", p.src[opStart:opEnd])
		}
		if e != nil {
			list = append(list, e)
		}
		if !more {
			break
		}
		opStart, opEnd = start, p.pos
	}
	if len(list) < 2 {
		if list == nil {
			return nil, nil
		}
		return list[0], nil
	}
	return &Or{list}, nil
}

// and reads operands that stand side by side. It returns nil if there are none.
func (p *parser) and(g *group) (Expr, *SyntaxError) {
	var list []Expr
	opStart, opEnd := -1, -1
	missing := func() *SyntaxError {
		return p.errorAt(opStart, opEnd, "%s needs something on both sides", p.src[opStart:opEnd])
	}
	for {
		p.skipSpace()
		if p.endsAt(p.pos) || p.operator() == "OR" {
			break
		}
		if op := p.operator(); op == "AND" || op == "&&" {
			if list == nil || opStart >= 0 {
				if opStart < 0 {
					opStart, opEnd = p.pos, p.pos+len(op)
				}
				return nil, missing()
			}
			opStart, opEnd = p.pos, p.pos+len(op)
			p.pos = opEnd
			continue
		}
		e, err := p.unary(g)
		if err != nil {
			return nil, err
		}
		if e != nil {
			list = append(list, e)
			opStart, opEnd = -1, -1
		}
	}
	if opStart >= 0 {
		return nil, missing()
	}
	p.hintOperators(list)
	if len(list) < 2 {
		if list == nil {
			return nil, nil
		}
		return list[0], nil
	}
	return &And{list}, nil
}

// unary reads negations and what they negate. It returns nil for a setting.
func (p *parser) unary(g *group) (Expr, *SyntaxError) {
	not, negated := false, false
	for {
		start := p.pos
		switch r, _ := p.peek(); {
		case p.operator() == "NOT":
			p.pos += len("NOT")
			p.skipSpace()
		case (r == '-' || r == '!') && !p.endsAt(p.pos+1) && !p.dashes():
			p.pos++
		default:
			e, err := p.operand(g, negated)
			if err != nil || !not {
				return e, err
			}
			return &Not{e}, nil
		}
		not, negated = !not, true
		if op := p.operator(); p.endsAt(p.pos) || op != "" && op != "NOT" {
			end := start + 1
			if p.src[start] == 'N' {
				end = start + len("NOT")
			}
			return nil, p.errorAt(start, end, "%s needs something after it", p.src[start:end])
		}
	}
}

// operand reads a group in parentheses, a leaf, or a setting, for which it returns nil.
func (p *parser) operand(g *group, negated bool) (Expr, *SyntaxError) {
	if p.src[p.pos] != '(' {
		return p.leaf(g, negated)
	}
	open := p.pos
	inner := &group{parent: g, depth: g.depth + 1}
	if inner.depth > MaxDepth {
		return nil, p.errorAt(open, open+1, "nested too deeply: at most %d levels", MaxDepth)
	}
	p.pos++
	e, err := p.or(inner)
	if err != nil {
		return nil, err
	}
	if p.pos == len(p.src) {
		return nil, p.errorAt(open, open+1, "missing )")
	}
	p.pos++
	if e == nil {
		return nil, p.errorAt(open, p.pos, "empty parentheses")
	}
	return e, nil
}

// countLeaf counts one more leaf, written at [start, end).
func (p *parser) countLeaf(start, end int) *SyntaxError {
	p.leaves++
	if p.leaves > MaxLeaves {
		return p.errorAt(start, end, "too many terms: at most %d", MaxLeaves)
	}
	return nil
}

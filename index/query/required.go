package query

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// Required returns texts that stand in each text that the leaf t selects, in the form that t compares (folded, or
// composed if t is exact), in the order in which they stand there. An index of substrings finds candidates by them;
// whether these are selected [CompileText] says. The result may be empty. For the fields In and Parent the text is a
// directory, for Ext a name, else as with CompileText.
func Required(t *Text) []string {
	switch t.Mode {
	case Has, Is:
		value := formOf(t.Value, t.Exact)
		switch {
		case value == "":
			return nil
		case t.Field == Ext:
			value = "." + value
		}
		return []string{value}
	case Glob:
		g := globOf(t)
		if t.Field == Ext { // what is matched is after a dot
			g = append(glob{{op: globAny}, {op: globRune, r: '.'}}, g...)
		}
		return g.required()
	case Re:
		pattern := t.Value
		if !t.Exact {
			pattern = "(?i)" + foldPattern(pattern)
		}
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return nil
		}
		var r requirer
		r.walk(re.Simplify(), !t.Exact)
		r.end()
		return r.list
	}
	return nil
}

// required returns the runs of characters of g that are outside braces.
func (g glob) required() []string {
	var r requirer
	for _, item := range g {
		if item.op == globRune {
			r.run.WriteRune(item.r)
			continue
		}
		r.end()
	}
	r.end()
	return r.list
}

// A requirer collects runs of characters.
type requirer struct {
	list []string
	run  strings.Builder
}

// end ends the run.
func (r *requirer) end() {
	if r.run.Len() > 0 {
		r.list = append(r.list, r.run.String())
		r.run.Reset()
	}
}

// walk collects what is in each match of re. What it has put in the run when it returns is followed directly by what
// comes after re.
func (r *requirer) walk(re *syntax.Regexp, folded bool) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 {
				if c = onlyCase(c, folded); c < 0 {
					r.end()
					continue
				}
			}
			r.run.WriteRune(c)
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			r.walk(sub, folded)
		}
	case syntax.OpCapture:
		r.walk(re.Sub[0], folded)
	case syntax.OpPlus:
		r.end()
		r.walk(re.Sub[0], folded)
		r.end()
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
	default:
		r.end()
	}
}

// onlyCase returns the one character that a folded text can hold where a pattern without regard to case holds c; -1
// if there are several, or if the text is not folded.
func onlyCase(c rune, folded bool) rune {
	only := rune(-1)
	for r := c; ; {
		s := string(r)
		if !folded || Fold(s) == s {
			if only >= 0 {
				return -1
			}
			only = r
		}
		if r = unicode.SimpleFold(r); r == c {
			return only
		}
	}
}

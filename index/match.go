package index

import (
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
)

// Match reports whether expr selects d. It is the definition of what queries mean, written to be plain and not to
// be fast: whatever a Searcher finds by other ways must be exactly what Match selects.
func Match(expr query.Expr, d *Document) bool { return Matcher(expr)(d) }

// Matcher returns Match of one expression, for use with many documents: patterns are compiled once. The function may
// be called by several goroutines at once.
func Matcher(expr query.Expr) func(d *Document) bool {
	switch e := expr.(type) {
	case *query.All:
		return func(*Document) bool { return true }
	case *query.And:
		operands := matchers(e.Operands)
		return func(d *Document) bool {
			for _, selects := range operands {
				if !selects(d) {
					return false
				}
			}
			return true
		}
	case *query.Or:
		operands := matchers(e.Operands)
		return func(d *Document) bool {
			for _, selects := range operands {
				if selects(d) {
					return true
				}
			}
			return false
		}
	case *query.Not:
		selects := Matcher(e.Operand)
		return func(d *Document) bool { return !selects(d) }
	case *query.Words:
		return func(d *Document) bool { return matchWords(e, d) }
	case *query.Text:
		return textMatcher(e)
	case *query.Number:
		return func(d *Document) bool {
			n, known := number(e.Field, d)
			return known && e.Lo <= n && n <= e.Hi
		}
	case *query.Date:
		return func(d *Document) bool {
			m, p := moment(e.Field, d)
			return p > 0 && (e.To.IsZero() || m.Before(e.To)) && (e.From.IsZero() || m.Add(p).After(e.From))
		}
	case *query.Perm:
		return func(d *Document) bool { return matchPerm(e, d) }
	case *query.Unknown:
		if e.Field == query.Size {
			return func(d *Document) bool { return d.Size < 0 && d.Type != Dir && d.Type != Link }
		}
		return func(d *Document) bool { return d.ModTime.IsZero() }
	}
	panic("index: unknown expression")
}

func matchers(list []query.Expr) []func(*Document) bool {
	out := make([]func(*Document) bool, len(list))
	for i, x := range list {
		out[i] = Matcher(x)
	}
	return out
}

// form returns the text in which a leaf is compared.
func form(text string, exact bool) string {
	if exact {
		return query.Exact(text)
	}
	return query.Fold(text)
}

// matchWords: each term is in the name, the directory or the host, and one at least in the name.
func matchWords(e *query.Words, d *Document) bool {
	inName := false
	for _, t := range e.Terms {
		v := form(t.Value, t.Exact)
		switch {
		case strings.Contains(form(d.NameText(), t.Exact), v):
			inName = true
		case strings.Contains(form(d.DirText(), t.Exact), v):
		case strings.Contains(form(d.Server.Host, t.Exact), v):
		default:
			return false
		}
	}
	return inName
}

func textMatcher(t *query.Text) func(d *Document) bool {
	switch t.Field {
	case query.Host:
		selects := query.CompileHost(t)
		return func(d *Document) bool { return selects(d.Server.User, d.Server.Host, d.Server.Port) }
	case query.Type:
		return func(d *Document) bool { return d.Type.String() == t.Value }
	case query.Kind:
		extensions := query.KindExtensions(t.Value)
		return func(d *Document) bool { return d.Type != Dir && slices.Contains(extensions, extension(d)) }
	}
	selects := query.CompileText(t)
	switch t.Field {
	case query.Name:
		return func(d *Document) bool { return selects(form(d.NameText(), t.Exact)) }
	case query.Path:
		return func(d *Document) bool { return selects(form(d.PathText(), t.Exact)) }
	case query.Target:
		if t.Value == "" {
			return func(d *Document) bool { return d.Type == Link && d.Target == "" }
		}
		return func(d *Document) bool { return d.Target != "" && selects(form(d.TargetText(), t.Exact)) }
	case query.In:
		return func(d *Document) bool { return slices.ContainsFunc(ancestors(form(d.DirText(), t.Exact)), selects) }
	case query.Parent:
		return func(d *Document) bool { return selects(form(d.DirText(), t.Exact)) }
	case query.Ext:
		return func(d *Document) bool { return d.Type != Dir && selects(query.Fold(d.NameText())) }
	case query.Owner:
		return func(d *Document) bool { return selects(query.Fold(d.Server.text(d.Owner))) }
	case query.Group:
		return func(d *Document) bool { return selects(query.Fold(d.Server.text(d.Group))) }
	}
	panic("index: unknown field " + t.Field.String())
}

// ancestors returns the directory dir and all above it, "/" included.
func ancestors(dir string) []string {
	list := []string{"/"}
	for i := 1; i < len(dir); i++ {
		if dir[i] == '/' {
			list = append(list, dir[:i])
		}
	}
	if dir != "/" {
		list = append(list, dir)
	}
	return list
}

// number returns the value of a field of numbers, if it is known.
func number(f query.Field, d *Document) (n int64, known bool) {
	switch f {
	case query.Size:
		return d.Size, d.Size >= 0 && d.Type != Dir && d.Type != Link
	case query.Depth:
		return int64(d.Depth()), true
	}
	return int64(max(d.Copies, 1)), true
}

// moment returns the interval of time of a field; its length is 0 if the time is not known.
func moment(f query.Field, d *Document) (from time.Time, length time.Duration) {
	switch f {
	case query.Mtime:
		from, length = d.ModTime, d.Precision.Duration()
	case query.Added:
		from, length = d.Added.Truncate(time.Second), time.Second
	case query.Seen:
		from, length = d.Seen.Truncate(time.Second), time.Second
	}
	if from.IsZero() {
		return from, 0
	}
	return from, length
}

func matchPerm(e *query.Perm, d *Document) bool {
	if d.Perm < 0 {
		return false
	}
	bits := uint16(d.Perm) & 0o7777
	switch e.Mode {
	case query.PermAll:
		return bits&e.Bits == e.Bits
	case query.PermAny:
		return bits&e.Bits != 0
	}
	return bits == e.Bits
}

package index

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/index/query"
)

func TestDistinct(t *testing.T) {
	leaf := func(v string) query.Expr { return &query.Text{Field: query.Name, Mode: query.Has, Value: v} }
	many := &query.Or{}
	for range 800 {
		many.Operands = append(many.Operands, leaf("a"))
	}
	or := func(ops ...query.Expr) query.Expr { return &query.Or{Operands: ops} }
	and := func(ops ...query.Expr) query.Expr { return &query.And{Operands: ops} }
	for _, tt := range []struct{ in, want query.Expr }{
		{many, leaf("a")},
		{and(leaf("b"), many, leaf("b")), and(leaf("b"), leaf("a"))},
		{or(leaf("a"), leaf("b"), leaf("a")), or(leaf("a"), leaf("b"))},
		{&query.Not{Operand: many}, &query.Not{Operand: leaf("a")}},
		{or(leaf("a"), &query.Text{Field: query.Name, Mode: query.Has, Value: "a", Exact: true}),
			or(leaf("a"), &query.Text{Field: query.Name, Mode: query.Has, Value: "a", Exact: true})},
	} {
		if diff := cmp.Diff(tt.want, distinct(tt.in)); diff != "" {
			t.Errorf("%s: %s", tt.in, diff)
		}
	}
}

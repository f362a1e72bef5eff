package index

import (
	"reflect"

	"github.com/ftpidx/ftpidx/index/query"
)

// distinct returns x with equal operands of And and Or once each, so that none is evaluated twice: it selects the same, in
// the same order.
func distinct(x query.Expr) query.Expr {
	list := func(in []query.Expr) (out []query.Expr) {
		seen := map[string]query.Expr{}
		for _, op := range in {
			op = distinct(op)
			text := op.String()
			if first, ok := seen[text]; ok && reflect.DeepEqual(first, op) {
				continue
			}
			seen[text] = op
			out = append(out, op)
		}
		return out
	}
	switch x := x.(type) {
	case *query.And:
		ops := list(x.Operands)
		if len(ops) == 1 {
			return ops[0]
		}
		return &query.And{Operands: ops}
	case *query.Or:
		ops := list(x.Operands)
		if len(ops) == 1 {
			return ops[0]
		}
		return &query.Or{Operands: ops}
	case *query.Not:
		return &query.Not{Operand: distinct(x.Operand)}
	}
	return x
}

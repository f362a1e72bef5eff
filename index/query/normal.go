package query

// normalize brings a tree as it was written into normal form: operands of And in And and of Or in Or are taken up,
// double negations removed, and then, in each sequence, the bare terms become Words.
func normalize(e Expr) Expr { return words(flatten(e)) }

func flatten(e Expr) Expr {
	switch e := e.(type) {
	case *And:
		list := make([]Expr, 0, len(e.Operands))
		for _, x := range e.Operands {
			x = flatten(x)
			if in, ok := x.(*And); ok {
				list = append(list, in.Operands...)
				continue
			}
			list = append(list, x)
		}
		return &And{list}
	case *Or:
		list := make([]Expr, 0, len(e.Operands))
		for _, x := range e.Operands {
			x = flatten(x)
			if in, ok := x.(*Or); ok {
				list = append(list, in.Operands...)
				continue
			}
			list = append(list, x)
		}
		return &Or{list}
	case *Not:
		x := flatten(e.Operand)
		if in, ok := x.(*Not); ok {
			return in.Operand
		}
		return &Not{x}
	}
	return e
}

// words replaces the terms of a flat tree by Text, and two or more bare ones in one And by Words.
func words(e Expr) Expr {
	switch e := e.(type) {
	case *And:
		var w Words
		var list []Expr
		at := -1
		for _, x := range e.Operands {
			if t, ok := x.(*term); ok && t.bare {
				if at < 0 {
					at = len(list)
					list = append(list, &w)
				}
				w.Terms = append(w.Terms, Word{t.Value, t.Exact})
				if len(w.Terms) == 1 {
					list[at] = &t.Text
				} else {
					list[at] = &w
				}
				continue
			}
			list = append(list, words(x))
		}
		if len(list) == 1 {
			return list[0]
		}
		return &And{list}
	case *Or:
		for i, x := range e.Operands {
			e.Operands[i] = words(x)
		}
		return e
	case *Not:
		return &Not{words(e.Operand)}
	case *term:
		return &e.Text
	}
	return e
}

package query

import (
	"strconv"
	"strings"
)

// perm reads the value of perm:.
func (p *parser) perm(w *word) (Expr, *SyntaxError) {
	v := w.text()
	e := &Perm{Mode: PermIs}
	digits := v
	if v != "" {
		switch v[0] {
		case '-':
			e.Mode, digits = PermAll, v[1:]
		case '/':
			e.Mode, digits = PermAny, v[1:]
		case '=':
			digits = v[1:]
		}
	}
	if len(digits) == 3 || len(digits) == 4 {
		if n, err := strconv.ParseUint(digits, 8, 12); err == nil {
			e.Bits = uint16(n)
			if e.Mode == PermAny && n == 0 { // as find(1): none asked for, none missing
				e.Mode = PermAll
			}
			return e, nil
		}
	}
	if bits, ok := symbolicPerm(v); ok {
		return &Perm{Mode: PermAll, Bits: bits}, nil
	}
	return nil, p.errorAt(w.start, w.end, "bad permissions %q: write 0644, -022 (all), /022 (any) or o+w", v)
}

// symbolicPerm reads [ugoa]*+[rwxst]+, as chmod(1) does: s is set-user-ID for u and set-group-ID for g.
func symbolicPerm(v string) (bits uint16, ok bool) {
	who, what, ok := strings.Cut(v, "+")
	if !ok || strings.Trim(who, "ugoa") != "" || what == "" || strings.Trim(what, "rwxst") != "" {
		return 0, false
	}
	if who == "" || strings.Contains(who, "a") {
		who = "ugo"
	}
	for _, r := range what {
		switch r {
		case 't':
			bits |= 0o1000
		case 's':
			if strings.Contains(who, "u") {
				bits |= 0o4000
			}
			if strings.Contains(who, "g") {
				bits |= 0o2000
			}
		default:
			bit := map[rune]uint16{'r': 4, 'w': 2, 'x': 1}[r]
			for i, c := range "ogu" {
				if strings.ContainsRune(who, c) {
					bits |= bit << (3 * i)
				}
			}
		}
	}
	return bits, bits != 0
}

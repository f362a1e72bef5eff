package query

import (
	"math"
	"math/big"
	"strings"
)

// sizeClasses are the names of ranges of sizes, in rising order; each begins where the one before ends.
var sizeClasses = [...]struct {
	name string
	lo   int64
}{
	{"empty", 0}, {"tiny", 1}, {"small", 10 << 10}, {"medium", 100 << 10}, {"large", 1 << 20}, {"huge", 16 << 20}, {"gigantic", 128 << 20},
}

// SizeClass returns the name of the class of n bytes, "unknown" for a negative n.
func SizeClass(n int64) string {
	if n < 0 {
		return "unknown"
	}
	i := len(sizeClasses) - 1
	for sizeClasses[i].lo > n {
		i--
	}
	return sizeClasses[i].name
}

// number reads the value of size:, larger:, smaller:, depth: or copies:.
func (p *parser) number(info *fieldInfo, w *word) (Expr, *SyntaxError) {
	size := info.field == Size
	n := &Number{Field: info.field, Hi: math.MaxInt64}
	bad := func(v string) *SyntaxError {
		switch info.value {
		case sizeValue:
			return p.errorAt(w.start, w.end, "bad size %q: write 10, 10k, 1.5mb, 2gib, unknown or empty", v)
		case countValue:
			return p.errorAt(w.start, w.end, "bad number %q: write 3, <3, >=3 or 1..3", v)
		}
		return p.errorAt(w.start, w.end, "bad size %q: write 10, 10k, 1.5mb or 2gib", v)
	}
	point := func(v string) (lo, hi int64, err *SyntaxError) {
		lo, hi, verdict := parseNumber(v, size)
		switch verdict {
		case numberBad:
			return 0, 0, bad(v)
		case numberLarge:
			return 0, 0, p.errorAt(w.start, w.end, "%s is too large: at most %d", v, int64(math.MaxInt64-1))
		}
		return lo, hi, nil
	}
	op, rest := operatorOf(w.chars)
	if info.value == largerValue || info.value == smallerValue {
		if op != "" && op != "=" {
			return nil, bad(w.text())
		}
		op = map[valueKind]string{largerValue: ">", smallerValue: "<"}[info.value]
	}
	if op == "" && info.value == sizeValue {
		word := lower(rest)
		if word == "unknown" {
			return &Unknown{Field: Size}, nil
		}
		for i, c := range sizeClasses {
			if c.name == word {
				n.Lo = c.lo
				if i+1 < len(sizeClasses) {
					n.Hi = sizeClasses[i+1].lo - 1
				}
				return n, nil
			}
		}
	}
	if op == "" {
		if a, b, ok := rangeOf(rest); ok {
			var err *SyntaxError
			if a != "" {
				if n.Lo, _, err = point(a); err != nil {
					return nil, err
				}
			}
			if b != "" {
				if n.Hi, _, err = point(b); err != nil {
					return nil, err
				}
			}
			if n.Lo > n.Hi {
				return nil, p.errorAt(w.start, w.end, "range runs backwards")
			}
			return n, nil
		}
	}
	lo, hi, err := point(charText(rest))
	if err != nil {
		if instead := rangeWith(charText(rest), size); instead != "" && op == "" && info.value != largerValue && info.value != smallerValue {
			return nil, p.errorAt(w.start, w.end, "a range is written with two dots: %s", instead)
		}
		return nil, err
	}
	switch op {
	case "":
		n.Lo, n.Hi = lo, hi
	case "=":
		n.Lo, n.Hi = lo, lo
	case ">":
		n.Lo = lo + 1
	case ">=":
		n.Lo = lo
	case "<=":
		n.Hi = lo
	case "<":
		if lo == 0 {
			return nil, p.errorAt(w.start, w.end, "nothing is below 0")
		}
		n.Hi = lo - 1
	}
	return n, nil
}

// rangeWith returns the range that was meant by numbers with a dash between them, "" if v is none: 1gb..2gb for 1-2gb.
func rangeWith(v string, size bool) string {
	a, b, ok := strings.Cut(v, "-")
	_, _, first := parseNumber(a, size)
	_, _, second := parseNumber(b, size)
	if !ok || first != numberOK || second != numberOK {
		return ""
	}
	if strings.TrimRight(a, "0123456789.") == "" {
		a += strings.TrimLeft(b, "0123456789.")
	}
	return a + ".." + b
}

type numberVerdict uint8

const (
	numberOK numberVerdict = iota
	numberBad
	numberLarge // over 2^63-2
)

// parseNumber reads a number, of bytes with a unit if size is true: lo is its value, rounded down, and lo to hi is
// what it stands for alone, up to one step of its last digit.
func parseNumber(s string, size bool) (lo, hi int64, verdict numberVerdict) {
	i := 0
	for i < len(s) && ('0' <= s[i] && s[i] <= '9' || s[i] == '.') {
		i++
	}
	digits, unit := s[:i], strings.ToLower(s[i:])
	whole, frac, dot := strings.Cut(digits, ".")
	if whole == "" || dot && (frac == "" || unit == "" || strings.Contains(frac, ".")) || !size && (dot || unit != "") {
		return 0, 0, numberBad
	}
	shift := uint(0)
	if unit != "" && unit != "b" {
		power := strings.IndexByte("kmgtp", unit[0])
		if power < 0 || unit[1:] != "" && unit[1:] != "b" && unit[1:] != "ib" {
			return 0, 0, numberBad
		}
		shift = 10 * uint(power+1)
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 20 {
		return 0, 0, numberLarge
	}
	frac = frac[:min(len(frac), 40)] // 2^-50 of a byte decides nothing
	n, _ := new(big.Int).SetString("0"+whole+frac, 10)
	step := new(big.Int).Add(n, big.NewInt(1))
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(frac))), nil)
	bytes := func(x *big.Int) *big.Int { return x.Lsh(x, shift).Div(x, power) }
	n, step = bytes(n), bytes(step)
	if !n.IsInt64() || n.Int64() == math.MaxInt64 {
		return 0, 0, numberLarge
	}
	lo, hi = n.Int64(), math.MaxInt64
	if step.IsInt64() {
		hi = max(lo, step.Int64()-1)
	}
	return lo, hi, numberOK
}

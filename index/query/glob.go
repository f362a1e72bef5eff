package query

import (
	"slices"
	"strings"
)

// A glob is a sequence of items. Its text, the Value of a Text, is written with a backslash before each character
// that would read as something else, so that the text alone says what the glob is.
type glob []globItem

type globItem struct {
	op   globOp
	r    rune        // of globRune
	neg  bool        // of globClass: all but these
	set  []runeRange // of globClass
	alts []glob      // of globAlt
}

type globOp uint8

const (
	globRune  globOp = iota // itself
	globAny                 // *: any text
	globOne                 // ?: one character
	globClass               // […]: one of a set
	globAlt                 // {a,b}: one of several globs
)

type runeRange struct{ lo, hi rune }

// isWild reports whether c is the wildcard, bracket or brace r, and not quoted.
func (c char) isWild(r rune) bool { return c.r == r && !c.lit }

// readGlob reads chars as a glob; ok is false if they hold no wildcard (*, ? or {a,b}; brackets alone are text), and
// msg is not empty if they are a wrong one.
func readGlob(chars []char) (g glob, ok bool, msg string) {
	ok = slices.ContainsFunc(chars, func(c char) bool { return c.isWild('*') || c.isWild('?') })
	if !ok && !slices.ContainsFunc(chars, func(c char) bool { return c.isWild('{') }) {
		return nil, false, ""
	}
	g, msg = parseGlob(chars)
	ok = ok || slices.ContainsFunc(g, func(item globItem) bool { return item.op == globAlt })
	return g, ok || msg != "", msg
}

// findBraces returns, for each "{" of chars that begins {a,b}, the index of its "}"; 0 for all else.
func findBraces(chars []char) []int {
	ends := make([]int, len(chars))
	end, comma := 0, len(chars) // the next ones
	for i := len(chars) - 1; i >= 0; i-- {
		switch c := chars[i]; {
		case c.isWild('}'):
			end = i
		case c.isWild(','):
			comma = i
		case c.isWild('{') && comma < end:
			ends[i] = end
		}
	}
	return ends
}

const errBraces = "braces cannot stand in braces; quote them"

// parseGlob reads the glob that chars are; msg is not empty if they are none.
func parseGlob(chars []char) (g glob, msg string) {
	ends := findBraces(chars)
	noClass := false // no bracket closes any more
	for i := 0; i < len(chars); i++ {
		c := chars[i]
		switch {
		case c.isWild('*'):
			g = append(g, globItem{op: globAny})
			continue
		case c.isWild('?'):
			g = append(g, globItem{op: globOne})
			continue
		case c.isWild('[') && !noClass:
			item, n := parseClass(chars[i:])
			if n > 0 {
				g = append(g, item)
				i += n - 1
				continue
			}
			noClass = true
		case ends[i] > 0:
			item, msg := parseBraces(chars[i+1 : ends[i]])
			if msg != "" {
				return nil, msg
			}
			g = append(g, item)
			i = ends[i]
			continue
		}
		g = append(g, globItem{op: globRune, r: c.r})
	}
	return g, ""
}

// parseBraces reads what stands between braces.
func parseBraces(chars []char) (globItem, string) {
	item := globItem{op: globAlt}
	start := 0
	for i := 0; i <= len(chars); i++ {
		if i < len(chars) && chars[i].isWild('{') {
			return item, errBraces
		}
		if i == len(chars) || chars[i].isWild(',') {
			g, msg := parseGlob(chars[start:i])
			if msg != "" {
				return item, msg
			}
			item.alts = append(item.alts, g)
			start = i + 1
		}
	}
	return item, ""
}

// parseClass reads the class at the start of chars and returns its length; 0 if nothing closes it.
func parseClass(chars []char) (globItem, int) {
	item := globItem{op: globClass}
	i := 1
	if i < len(chars) && (chars[i].isWild('!') || chars[i].isWild('^')) {
		item.neg = true
		i++
	}
	for first := true; i < len(chars); first = false {
		if chars[i].isWild(']') && !first {
			return item, i + 1
		}
		r := runeRange{chars[i].r, chars[i].r}
		i++
		if i+1 < len(chars) && chars[i].isWild('-') && !chars[i+1].isWild(']') {
			r.hi = chars[i+1].r
			i += 2
		}
		item.set = append(item.set, r)
	}
	return globItem{}, 0
}

// String writes g as the Value of a Text holds it.
func (g glob) String() string {
	var b strings.Builder
	g.write(&b, `*?[{\`)
	return b.String()
}

// write writes g with a backslash before each of special.
func (g glob) write(b *strings.Builder, special string) {
	escape := func(r rune, special string) {
		if strings.ContainsRune(special, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	for _, item := range g {
		switch item.op {
		case globRune:
			escape(item.r, special)
		case globAny:
			b.WriteByte('*')
		case globOne:
			b.WriteByte('?')
		case globClass:
			b.WriteByte('[')
			if item.neg {
				b.WriteByte('!')
			}
			for i, r := range item.set {
				in := `\]-{},`
				if i == 0 && !item.neg {
					in += "!^"
				}
				escape(r.lo, in)
				if r.hi != r.lo {
					b.WriteByte('-')
					escape(r.hi, in)
				}
			}
			b.WriteByte(']')
		case globAlt:
			b.WriteByte('{')
			for i, alt := range item.alts {
				if i > 0 {
					b.WriteByte(',')
				}
				alt.write(b, `*?[{},\`)
			}
			b.WriteByte('}')
		}
	}
}

// globChars turns the Value of a Text back into characters.
func globChars(value string) []char {
	chars := make([]char, 0, len(value))
	lit := false
	for _, r := range value {
		if r == '\\' && !lit {
			lit = true
			continue
		}
		chars = append(chars, char{r: r, lit: lit})
		lit = false
	}
	return chars
}

// mapText applies f to each run of characters of g, and returns the glob that results.
func (g glob) mapText(f func(string) string) glob {
	out := make(glob, 0, len(g))
	for i := 0; i < len(g); {
		item := g[i]
		if item.op != globRune {
			if item.op == globAlt {
				alts := make([]glob, len(item.alts))
				for j, a := range item.alts {
					alts[j] = a.mapText(f)
				}
				item.alts = alts
			}
			out = append(out, item)
			i++
			continue
		}
		var run strings.Builder
		for ; i < len(g) && g[i].op == globRune; i++ {
			run.WriteRune(g[i].r)
		}
		for _, r := range f(run.String()) {
			out = append(out, globItem{op: globRune, r: r})
		}
	}
	return out
}

// fold folds the characters of g and the ends of its ranges; msg is not empty if an end folds to several characters,
// or a range then runs backwards.
func (g glob) fold() (folded glob, msg string) {
	folded = g.mapText(Fold)
	return folded, folded.mapClasses(func(r rune) (rune, bool) {
		f := []rune(Fold(string(r)))
		if len(f) != 1 {
			return r, false
		}
		return f[0], true
	})
}

// mapClasses replaces the ends of the ranges of g by what f makes of them, and checks them.
func (g glob) mapClasses(f func(rune) (rune, bool)) (msg string) {
	for i := range g {
		for _, alt := range g[i].alts {
			if msg := alt.mapClasses(f); msg != "" {
				return msg
			}
		}
		set := make([]runeRange, 0, len(g[i].set))
		for _, r := range g[i].set {
			lo, ok := f(r.lo)
			if !ok {
				return string(r.lo) + " stands for several characters; it cannot be in brackets"
			}
			hi, ok := f(r.hi)
			if !ok {
				return string(r.hi) + " stands for several characters; it cannot be in brackets"
			}
			if lo > hi {
				return "range " + string(r.lo) + "-" + string(r.hi) + " runs backwards"
			}
			set = append(set, runeRange{lo, hi})
		}
		g[i].set = set
	}
	return ""
}

// checkClasses says what is wrong with the ranges of the glob value, if anything.
func checkClasses(value string, exact bool) (msg string) {
	g, _ := parseGlob(globChars(value))
	if exact {
		return g.mapClasses(func(r rune) (rune, bool) { return r, true })
	}
	_, msg = g.fold()
	return msg
}

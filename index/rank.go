package index

import (
	"cmp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/index/query"
)

// Tiers of a hit: how well it fits the query, the best first.
const (
	TierName   = iota // the name is the term
	TierStem          // the name without its extension is
	TierWord          // the term stands in the name as a word
	TierPrefix        // the name starts with the term
	TierStart         // the term starts at the start of a word
	TierPart          // it is elsewhere in the name, or is a pattern
	TierPath          // it is in the directory, the host or the target
	TierOther         // the query says nothing about names
)

// Tier returns the tier of d, a document that expr selects.
func Tier(expr query.Expr, d *Document) int { return Tierer(expr)(d) }

// Tierer returns Tier of one expression, for use with many documents. The function may be called by several goroutines
// at once.
func Tierer(expr query.Expr) func(d *Document) int {
	return tierer(expr,
		func(value string, exact bool) func(d *Document) int {
			v := form(value, exact)
			return func(d *Document) int { return NameTier(form(d.NameText(), exact), v) }
		},
		func(e *query.Or, tiers []func(*Document) int) func(d *Document) int {
			selects := matchers(e.Operands)
			return func(d *Document) int {
				least := TierOther
				for i, tier := range tiers {
					if selects[i](d) {
						least = min(least, tier(d))
					}
				}
				return least
			}
		})
}

// foldedTierer is Tierer for folded names in place of documents. It returns nil where these do not say enough: for terms whose letters count,
// and for Or, as it takes whole documents to tell which operands select them.
func foldedTierer(expr query.Expr) func(name string) int {
	enough := true
	tier := tierer(expr,
		func(value string, exact bool) func(name string) int {
			enough = enough && !exact
			v := form(value, exact)
			return func(name string) int { return NameTier(name, v) }
		},
		func(*query.Or, []func(string) int) func(string) int {
			enough = false
			return nil
		})
	if !enough {
		return nil
	}
	return tier
}

// tierer returns a function that finds tiers of a T, which stands for a document: name makes that of a term in names, or that of an Or from
// those of its operands.
func tierer[T any](
	expr query.Expr, name func(value string, exact bool) func(T) int, or func(e *query.Or, tiers []func(T) int) func(T) int,
) func(T) int {
	all := func(list []query.Expr) []func(T) int {
		out := make([]func(T) int, len(list))
		for i, x := range list {
			out[i] = tierer(x, name, or)
		}
		return out
	}
	switch e := expr.(type) {
	case *query.And:
		return andTierer(e, all(e.Operands))
	case *query.Or:
		return or(e, all(e.Operands))
	case *query.Words:
		leaves := make([]func(T) int, len(e.Terms))
		for i, t := range e.Terms {
			leaves[i] = name(t.Value, t.Exact)
		}
		return func(d T) int {
			most := 0
			for _, tier := range leaves {
				most = max(most, tier(d))
			}
			return most
		}
	case *query.Text:
		switch {
		case e.Field == query.Path, e.Field == query.Target:
			return func(T) int { return TierPath }
		case e.Field == query.Name && e.Mode != query.Glob && e.Mode != query.Re:
			return name(e.Value, e.Exact)
		case e.Field == query.Name:
			return func(T) int { return TierPart }
		}
	}
	return func(T) int { return TierOther }
}

// andTierer: the largest tier among words and operands that say something about the name; without such, the smallest.
func andTierer[T any](e *query.And, tiers []func(T) int) func(T) int {
	return func(d T) int {
		least, most := TierOther, -1
		for i, x := range e.Operands {
			tier := tiers[i](d)
			least = min(least, tier)
			if _, ok := x.(*query.Words); ok || tier <= TierPart {
				most = max(most, tier)
			}
		}
		if most >= 0 {
			return most
		}
		return least
	}
}

// NameTier returns the tier of a name for a term, both folded or both composed; TierPath if the term is not in it.
func NameTier(name, v string) int {
	if name == v {
		return TierName
	}
	stem := name
	if ext := query.LastExt(name); ext != "" {
		stem = strings.TrimSuffix(name, "."+ext)
	}
	if v == stem || v == strings.TrimSuffix(stem, ".tar") {
		return TierStem
	}
	tier := TierPath
	for from := 0; ; {
		i := strings.Index(name[from:], v)
		if i < 0 {
			break
		}
		i += from
		start := !joins(lastRune(name[:i]), firstRune(v))
		end := !joins(lastRune(v), firstRune(name[i+len(v):]))
		switch {
		case start && end:
			return TierWord
		case i == 0:
			tier = min(tier, TierPrefix)
		case start:
			tier = min(tier, TierStart)
		default:
			tier = min(tier, TierPart)
		}
		_, n := utf8.DecodeRuneInString(name[i:])
		from = i + n
	}
	return tier
}

// joins reports whether two neighbours are letters or digits of one word.
func joins(a, b rune) bool { return isWord(a) && isWord(b) }

func isWord(r rune) bool {
	if 0 <= r && r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// firstRune returns the first character of s, -1 if s is empty.
func firstRune(s string) rune {
	if s == "" {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// lastRune returns the last character of s, -1 if s is empty.
func lastRune(s string) rune {
	if s == "" {
		return -1
	}
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// FixedRank returns the part of the rank of d that no query changes, the best first: type, year of modification,
// newest first, depth, and length of the folded name. Documents of equal rank are in order of host and path. A year
// that is not known comes last, as does one that must be wrong: over a year after d was last seen, or, if that is
// not known, after now.
func FixedRank(d *Document, now time.Time) uint64 {
	const lastYear = 1<<14 - 1
	year := uint64(lastYear)
	seen := d.Seen
	if seen.IsZero() {
		seen = now
	}
	if !d.ModTime.IsZero() && !d.ModTime.After(seen.AddDate(0, 0, 365)) {
		year = uint64(lastYear - 1 - max(0, min(d.ModTime.Year(), 9999)))
	}
	depth := uint64(min(d.Depth(), 1<<20-1))
	length := uint64(min(utf8.RuneCountInString(query.Fold(d.NameText())), 1<<28-1))
	return uint64(min(d.Type, Other))<<62 | year<<48 | depth<<28 | length
}

// An Order is a total order of documents.
type Order struct {
	expr query.Expr
	tier func(*Document) int
	keys []query.SortKey
	now  time.Time
}

// NewOrder returns the order by keys, for nil by rank, of the documents that expr selects. Now stands for the time
// when a document was seen where that is not known.
func NewOrder(expr query.Expr, keys []query.SortKey, now time.Time) *Order {
	if keys == nil {
		keys = []query.SortKey{{Key: "rank"}}
	}
	return &Order{expr, Tierer(expr), keys, now}
}

// Compare returns -1 if a comes before b, 1 if after, and 0 only if both are the same pathname of the same server.
func (o *Order) Compare(a, b *Document) int {
	for _, k := range o.keys {
		c, unknown := o.compareKey(k.Key, a, b)
		if k.Desc && !unknown {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return compareURL(a, b)
}

// compareURL compares host, then path, byte for byte.
func compareURL(a, b *Document) int {
	return cmp.Or(strings.Compare(a.Server.Key(), b.Server.Key()), strings.Compare(a.Path(), b.Path()))
}

// compareKey compares by one key, ascending. Where a value is not known, unknown is true: that comes last in either
// direction.
func (o *Order) compareKey(key string, a, b *Document) (c int, unknown bool) {
	last := func(aKnown, bKnown bool) (int, bool) {
		switch {
		case aKnown == bKnown:
			return 0, true
		case aKnown:
			return -1, true
		}
		return 1, true
	}
	switch key {
	case "rank":
		return cmp.Or(
			cmp.Compare(o.tier(a), o.tier(b)),
			cmp.Compare(FixedRank(a, o.now), FixedRank(b, o.now)),
			compareURL(a, b)), false
	case "name":
		return compareText(a.NameText(), b.NameText()), false
	case "path":
		return compareText(a.PathText(), b.PathText()), false
	case "size":
		if x, y := a.Size >= 0, b.Size >= 0; !x || !y {
			return last(x, y)
		}
		return cmp.Compare(a.Size, b.Size), false
	case "date":
		return compareTime(a.ModTime, b.ModTime, last)
	case "added":
		return compareTime(a.Added.Truncate(time.Second), b.Added.Truncate(time.Second), last)
	case "seen":
		return compareTime(a.Seen.Truncate(time.Second), b.Seen.Truncate(time.Second), last)
	case "ext":
		x, y := extension(a), extension(b)
		if x == "" || y == "" {
			return last(x != "", y != "")
		}
		return strings.Compare(x, y), false
	case "type":
		return cmp.Compare(typeOrder[a.Type], typeOrder[b.Type]), false
	case "host":
		return strings.Compare(a.Server.Key(), b.Server.Key()), false
	case "depth":
		return cmp.Compare(a.Depth(), b.Depth()), false
	case "copies":
		return cmp.Compare(max(a.Copies, 1), max(b.Copies, 1)), false
	}
	panic("index: unknown sort key " + key)
}

// typeOrder is the order of sort:type.
var typeOrder = [...]int{Dir: 0, File: 1, Link: 2, Other: 3}

// compareText compares by fold, then by text.
func compareText(a, b string) int {
	return cmp.Or(strings.Compare(query.Fold(a), query.Fold(b)), strings.Compare(a, b))
}

func compareTime(a, b time.Time, last func(bool, bool) (int, bool)) (int, bool) {
	if a.IsZero() || b.IsZero() {
		return last(!a.IsZero(), !b.IsZero())
	}
	return a.Compare(b), false
}

package query

import "strings"

// unknownField is the error about a field, named in the query at [start, end), that there is none of.
func (p *parser) unknownField(start, end int) *SyntaxError {
	typed := p.src[start:end]
	name := strings.ToLower(typed)
	if instead, ok := reserved[name]; ok {
		return p.errorAt(start, end, "%s: %s", name, instead)
	}
	maybe := ""
	if s := suggestField(name); s != "" {
		maybe = " (did you mean " + s + "?)"
	}
	return p.errorAt(start, end, `unknown field "%s"%s; to search for the text itself, quote it: "%s:"`, typed, maybe, typed)
}

// suggestField returns what the writer of an unknown field may have meant, or "".
func suggestField(name string) string {
	if name == "dupe" || name == "dup" {
		return "copies:>1"
	}
	limit := 1
	if len(name) > 5 {
		limit = 2
	}
	limit = min(limit, len(name)-2)
	best := ""
	try := func(known string) {
		if d := editDistance(name, known); d <= limit {
			best, limit = known+":", d-1
		}
	}
	for i := range fields { // before the aliases, which win nothing where a name is as near
		try(fields[i].name)
	}
	for i := range fields {
		for _, alias := range fields[i].aliases {
			try(alias)
		}
	}
	return best
}

// editDistance returns the Damerau–Levenshtein distance of two ASCII words: insertions, deletions, replacements and
// swaps of neighbours (each letter part of one swap at most).
func editDistance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

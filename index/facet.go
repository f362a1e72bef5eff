package index

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ftpidx/ftpidx/index/query"
)

// FacetNames are the facets that can be asked for.
var FacetNames = []string{"host", "ext", "type", "year", "size"}

// FacetOf returns the value of d for a facet:
//
//	host   key of the server
//	ext    text after the last dot of the folded name; "" if there is none, and for a directory
//	type   file, dir, link or other
//	year   of modification; "unknown"
//	size   class of the size (query.SizeClass); "unknown"; "" for a directory or link, which have none
func FacetOf(facet string, d *Document) string {
	switch facet {
	case "host":
		return d.Server.Key()
	case "ext":
		return extension(d)
	case "type":
		return d.Type.String()
	case "year":
		if d.ModTime.IsZero() {
			return "unknown"
		}
		return strconv.Itoa(d.ModTime.Year())
	case "size":
		if d.Type == Dir || d.Type == Link {
			return ""
		}
		return query.SizeClass(d.Size)
	}
	panic("index: unknown facet " + facet)
}

// SortFacet brings the values of a facet into order: by count, the greatest first, then by value.
func SortFacet(values []FacetValue) {
	slices.SortFunc(values, func(a, b FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
}

package index

import (
	"strings"

	"github.com/ftpidx/ftpidx/index/query"
)

// extensionOf returns the text after the last dot of a folded name; "" for a directory, or where there is none.
func extensionOf(t Type, name string) string {
	if t == Dir {
		return ""
	}
	return query.LastExt(name)
}

// extension is extensionOf d.
func extension(d *Document) string { return extensionOf(d.Type, query.Fold(d.NameText())) }

// extensions numbers the extensions of a generation, in the order in which they come.
type extensions struct {
	list    []string
	numbers map[string]uint16
}

// number returns the number of the extension of a document with this folded name.
func (x *extensions) number(t Type, name string) uint16 {
	ext := extensionOf(t, name)
	if ext == "" {
		return extNone
	}
	n, ok := x.numbers[ext]
	switch {
	case ok:
	case len(x.list) == extMany:
		return extMany
	default:
		if x.numbers == nil {
			x.numbers = map[string]uint16{}
		}
		n = uint16(len(x.list))
		ext = strings.Clone(ext) // the name may be a part of a whole listing
		x.list = append(x.list, ext)
		x.numbers[ext] = n
	}
	return n
}

// write writes the offsets and texts.
func (x *extensions) write(w *fileWriter) error {
	end := uint32(0)
	for _, ext := range x.list {
		w.u32(end)
		end += uint32(len(ext))
	}
	w.u32(end)
	_, err := w.WriteString(strings.Join(x.list, ""))
	return err
}

// extOf returns the extension of document i, as extensionOf does.
func (c *columns) extOf(i uint32) string {
	n := c.ext.at(i)
	switch {
	case n == extNone:
		return ""
	case n == extMany:
		return query.LastExt(textOf(c.nameOf(i)))
	case int(n) >= len(c.exts): // damaged
		return ""
	}
	return c.exts[n]
}

package segment

import (
	"bytes"
	"fmt"
	"slices"

	zap "github.com/blevesearch/zapx/v17"
)

// insertIDs fills the dictionary of the field _id. Each id is a term of one document, so they need no table: the documents themselves
// are sorted by it, if they do not come so.
func (w *segmentWriter) insertIDs() error {
	id := func(d uint32) []byte { b, _ := w.cutDoc(w.starts[d]); return b }
	var order []uint32 // by id; nil if that is the order of the documents
	if !w.sorted {
		order = make([]uint32, w.doc)
		for i := range order {
			order[i] = uint32(i)
		}
		slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(id(a), id(b)) })
	}
	for i := range w.doc {
		d := i
		if order != nil {
			d = order[i]
			if i > 0 && bytes.Equal(id(d), id(order[i-1])) {
				return fmt.Errorf("two documents have the id %q", id(d))
			}
		}
		if err := w.dict.Insert(id(d), zap.FSTValEncode1Hit(uint64(d), 1)); err != nil {
			return err
		}
	}
	return nil
}

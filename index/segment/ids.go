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
	if w.sorted {
		d := uint64(0)
		for _, id := range w.eachDoc() {
			if err := w.dict.Insert(id, zap.FSTValEncode1Hit(d, 1)); err != nil {
				return err
			}
			d++
		}
		return nil
	}
	starts := make([]int, 0, w.doc)
	for at := range w.eachDoc() {
		starts = append(starts, at)
	}
	id := func(d uint32) []byte { b, _ := w.cutDoc(starts[d]); return b }
	order := make([]uint32, w.doc)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return bytes.Compare(id(a), id(b)) })
	for i, d := range order {
		if i > 0 && bytes.Equal(id(d), id(order[i-1])) {
			return fmt.Errorf("two documents have the id %q", id(d))
		}
		if err := w.dict.Insert(id(d), zap.FSTValEncode1Hit(uint64(d), 1)); err != nil {
			return err
		}
	}
	return nil
}

package query

import "testing"

// TestTrees holds queries against their trees and against what is printed of these.
func TestTrees(t *testing.T) {
	for _, c := range readBlocks(t, "trees.txt") {
		q, err := Parse(c["query"], &Options{Now: testNow})
		if err != nil {
			t.Errorf("%s: %v", c["query"], err)
			continue
		}
		if got := q.String(); got != c["tree"] {
			t.Errorf("%s:\n got tree  %s\nwant       %s", c["query"], got, c["tree"])
		}
		if got := Print(q); got != c["print"] {
			t.Errorf("%s:\n got print %s\nwant       %s", c["query"], got, c["print"])
		}
		checkParse(t, c["query"])
	}
}

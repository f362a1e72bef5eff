package index

import "testing"

func TestCountsForReading(t *testing.T) {
	for n, want := range map[int]string{0: "0 hits", 1: "1 hit", 999: "999 hits", 1000: "1,000 hits", 1234567: "1,234,567 hits", -1000: "-1000 hits"} {
		if got := Plural(n, "hit", "hits"); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

package segment

import (
	"errors"
	"testing"

	zap "github.com/blevesearch/zapx/v17"
)

func TestSelfCheck(t *testing.T) {
	if err := SelfCheck(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range [][2]uint32{{zap.Version + 1, chunkMode}, {zap.Version - 1, chunkMode}, {zap.Version, chunkMode - 1}} {
		if err := selfCheck(tt[0], tt[1]); !errors.Is(err, ErrVersion) {
			t.Errorf("version %d, chunk mode %d: got %v", tt[0], tt[1], err)
		}
	}
}

func BenchmarkSelfCheck(b *testing.B) {
	for b.Loop() {
		if err := SelfCheck(); err != nil {
			b.Fatal(err)
		}
	}
}

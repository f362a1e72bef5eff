package index

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// Items come back in order, whether they are in one piece, end with one, or are in several.
func TestPieceSort(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 1000, pieceLen - 1, pieceLen, pieceLen + 1, 2*pieceLen + 77} {
		tmp := scratch{dir: t.TempDir()}
		s := pieceSort{scratch: &tmp}
		r := rand.New(rand.NewPCG(1, uint64(n)))
		want := make([]item, n)
		for i := range want {
			want[i] = item{r.Uint64N(uint64(n)), uint32(i), r.Uint32()}
			if err := s.add(want[i]); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortStableFunc(want, func(a, b item) int { return int(int64(a.key) - int64(b.key)) })
		got := make([]item, 0, n)
		if err := s.each(func(x item) error { got = append(got, x); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d items: not in order, or not the ones that were added", n)
		}
		if err := tmp.remove(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(tmp.dir); len(left) > 0 {
			t.Errorf("%d items: %d files left", n, len(left))
		}
	}
}

// A spool gives back what it took, with a file or without one.
func TestSpool(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 10, spoolBuffer, 5*spoolBuffer + 3} {
		tmp := scratch{dir: t.TempDir()}
		s := spool{scratch: &tmp}
		var want []byte
		for i := range n {
			s.u32(uint32(i))
			s.u8(byte(i))
			s.text("text")
			want = append(append(binary.LittleEndian.AppendUint32(want, uint32(i)), byte(i)), "text"...)
		}
		var got bytes.Buffer
		if err := s.writeTo(&got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%d times: got %d bytes, want %d", n, got.Len(), len(want))
		}
		m, err := s.mapped()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m.data, want) {
			t.Errorf("%d times: %d bytes are mapped, want %d", n, len(m.data), len(want))
		}
		m.Close()
		if err := tmp.remove(); err != nil {
			t.Error(err)
		}
	}
	s := spool{scratch: &scratch{dir: "/dev/null/none"}}
	s.text(string(make([]byte, spoolBuffer)))
	if err := s.writeTo(&bytes.Buffer{}); err == nil {
		t.Error("no error where no file can be made")
	}
}

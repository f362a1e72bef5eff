package segment

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
)

// TestBitmaps compares sets with what the roaring library reads from them, and their length with what it writes.
func TestBitmaps(t *testing.T) {
	var w bitmapWriter
	buf := []byte("kept")
	check := func(name string, docs []uint32) {
		t.Helper()
		want := roaring.BitmapOf(docs...)
		code := w.append(buf, docs)[len(buf):]
		got := roaring.New()
		if n, err := got.FromBuffer(code); err != nil || int(n) != len(code) {
			t.Fatalf("%s: read %d of %d bytes: %v", name, n, len(code), err)
		}
		if err := got.Validate(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !got.Equals(want) {
			t.Fatalf("%s: got %v, want %v", name, got, want)
		}
		if docs[len(docs)-1] < math.MaxInt32 {
			if fromRuns := w.appendRuns(nil, runsOf(docs)); !bytes.Equal(fromRuns, code) {
				t.Fatalf("%s: of runs it is another code, of %d bytes, not %d", name, len(fromRuns), len(code))
			}
		}
		want.RunOptimize()
		if theirs := want.GetSerializedSizeInBytes(); uint64(len(code)) > theirs {
			t.Errorf("%s: %d bytes, the library takes %d", name, len(code), theirs)
		}
	}
	check("0", []uint32{0})
	check("the greatest", []uint32{1<<32 - 1})
	check("both", []uint32{0, 1<<32 - 1})
	check("ends of containers", []uint32{65535, 65536, 131071, 131072})
	span := func(lo, hi, step uint32) (s []uint32) {
		for ; lo < hi; lo += step {
			s = append(s, lo)
		}
		return s
	}
	for _, n := range []uint32{4094, 4095, 4096, 4097, 8191, 65535, 65536, 65537} {
		check(fmt.Sprint(n, " in a row"), span(7, 7+n, 1))
		check(fmt.Sprint(n, ", every other"), span(7, 7+2*n, 2))
	}
	for n := uint32(1); n <= 20; n++ {
		check(fmt.Sprint(n, " containers"), span(3, n<<16, 1<<16))
		check(fmt.Sprint(n, " containers of a run"), span(3, n<<16, 1))
		check(fmt.Sprint(n, " containers, a run in the last"), append(span(3, n<<16, 1<<16), span(n<<16, n<<16+100, 1)...))
	}
	r := rand.New(rand.NewPCG(9, 10))
	for i := range 500 {
		var docs []uint32
		d := uint32(0)
		for range 1 + r.IntN(3000) {
			switch r.IntN(20) {
			case 0:
				d += r.Uint32N(1 << (1 + r.IntN(18)))
			case 1, 2, 3:
				d += r.Uint32N(100)
			}
			docs = append(docs, d)
			d++
		}
		check(fmt.Sprint("random ", i), docs)
	}
}

// TestLists writes lists of all terms side by side and reads them again.
func TestLists(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	var a arena
	for round := range 3 {
		a.reset()
		terms := make([]term, 200)
		docs, freqs := make([][]uint32, len(terms)), make([][]uint32, len(terms))
		for d := uint32(0); d < 1<<31-1; d += 1 + r.Uint32N(1<<r.IntN(24)) {
			i := min(r.IntN(len(terms)), r.IntN(len(terms)))
			x := &terms[i]
			keep := i%2 == 0
			switch {
			case x.n == 0:
				x.first = d
			case keep:
				a.addFreq(x, d)
			default:
				a.add(x, d-x.last)
			}
			x.n++
			x.last, x.freq = d, 1
			if keep && r.IntN(4) == 0 {
				x.freq = 1 + r.Uint32N(1<<r.IntN(31))
			}
			docs[i], freqs[i] = append(docs[i], d), append(freqs[i], x.freq)
		}
		for i := range terms {
			if terms[i].n == 0 {
				continue
			}
			var gotFreqs []uint32
			keep := &gotFreqs
			if i%2 == 1 {
				keep, freqs[i] = nil, nil
			}
			if got := a.docs(&terms[i], nil, keep); !slices.Equal(got, docs[i]) || !slices.Equal(gotFreqs, freqs[i]) {
				t.Fatalf("round %d, term %d: got %d documents, want %d", round, i, len(got), len(docs[i]))
			}
		}
	}
}

func runsOf(docs []uint32) (runs []run) {
	for _, d := range docs {
		if k := len(runs); k > 0 && runs[k-1].end == d {
			runs[k-1].end++
		} else {
			runs = append(runs, run{d, d + 1})
		}
	}
	return runs
}

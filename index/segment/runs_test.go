package segment

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// trigramsOf returns every three bytes that follow each other in s.
func trigramsOf(s string) (terms []string) {
	for i := 0; i+3 <= len(s); i++ {
		terms = append(terms, s[i:i+3])
	}
	return terms
}

// Documents in runs are as if each had been given the terms of the runs that are open.
func TestRunsAgainstBleve(t *testing.T) {
	fields := []Field{{"plain", plain, false}, {"runs", plain, true}}
	names := []string{"usr", "share", "shared", "aaaa", "a", "", "test", "tests", "\x02lib\x03"}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := []int{1, 2, 5, 300, 3000}[seed%5]
		dir := t.TempDir()
		path := func(name string) string { return filepath.Join(dir, name) }
		v, err := NewInverter(fields)
		if err != nil {
			t.Fatal(err)
		}
		var opened []string
		move := func() {
			for r.IntN(3) == 0 && len(opened) > 0 { // also the one that began just now, which has no document then
				k := r.IntN(len(opened))
				v.CloseTrigrams(1, []byte(opened[k]))
				opened = append(opened[:k], opened[k+1:]...)
			}
			for r.IntN(3) == 0 && len(opened) < 6 {
				name := names[r.IntN(len(names))]
				v.OpenTrigrams(1, []byte(name))
				opened = append(opened, name)
			}
		}
		var docs []testDoc
		for i := range n {
			for range r.IntN(3) * r.IntN(2) {
				move()
			}
			d := testDoc{id: fmt.Sprintf("%06d", i), terms: [][]string{{fmt.Sprint(i % 3)}, nil}}
			for _, name := range opened {
				d.terms[1] = append(d.terms[1], trigramsOf(name)...)
			}
			v.Begin([]byte(d.id))
			v.Add(0, []byte(d.terms[0][0]))
			docs = append(docs, d)
		}
		move()        // after the last document
		for range 2 { // runs end once, however often a segment is written
			if err := v.WriteSegment(path("ours")); err != nil {
				t.Fatal(err)
			}
		}
		writeTheirs(t, path("theirs"), fields, docs)
		compareSegments(t, open(t, path("ours")), open(t, path("theirs")), fields)

		// What is open goes on in the next segment only if it is opened there.
		v.Reset()
		invert(v, []testDoc{{id: "x", terms: [][]string{{"a"}}}})
		if err := v.WriteSegment(path("next")); err != nil {
			t.Fatal(err)
		}
		writeTheirs(t, path("next of theirs"), fields, []testDoc{{id: "x", terms: [][]string{{"a"}, nil}}})
		compareSegments(t, open(t, path("next")), open(t, path("next of theirs")), fields)
	}
}

package index

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index/query"
)

func TestTextsComeBackFromCapitals(t *testing.T) {
	t.Parallel()
	texts := []string{
		"README", "", "readme", "ReadMe.TXT", "straße", "STRASSE", "Résumé.PDF", "résumé", "カタログ", "ЁЛКА", "ёлка", "A", "aB", "K-Kelvin",
		strings.Repeat("Ab", 200), "x", "İstanbul", "ﬁle", "Å", "A\u030a", "日本語.TXT", "MAKEFILE", "Z",
	}
	var c capitals
	var name []byte
	col := &columns{}
	var offsets []uint32
	for i, text := range texts {
		folded := query.Fold(text)
		c.add(uint32(i), uint64(len(name)), folded, text)
		offsets = append(offsets, uint32(len(name)))
		name = append(name, folded...)
	}
	offsets = append(offsets, uint32(len(name)))
	bytesOf := func(s *spool) []byte {
		var buf bytes.Buffer
		if err := s.writeTo(&buf); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
	var at spool
	for _, o := range offsets {
		at.u32(o)
	}
	c.finish(uint64(len(name)))
	col.names, col.name, col.capital, col.oddNames = name, bytesOf(&at), bytesOf(&c.bits), bytesOf(&c.odd)
	r := textReader{c: col}
	known := 0
	for i, text := range texts {
		got, ok := r.at(uint32(i))
		if !ok {
			continue
		}
		known++
		if got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if known < 14 || c.odds < 5 {
		t.Errorf("%d names come back, %d do not", known, c.odds)
	}
}

func TestMoreExtensionsThanNumbers(t *testing.T) {
	t.Parallel()
	var x extensions
	for i := range extMany + 10 {
		got, want := x.number(File, "a."+secondTerm(int64(i))), uint16(min(i, extMany))
		if got != want {
			t.Fatalf("extension %d has the number %d, want %d", i, got, want)
		}
	}
	for name, want := range map[string]uint16{"a." + secondTerm(7): 7, "a": extNone, ".a": extNone, "b.new": extMany} {
		if got := x.number(Link, name); got != want {
			t.Errorf("%q has the number %d, want %d", name, got, want)
		}
	}
	if got := x.number(Dir, "a."+secondTerm(7)); got != extNone {
		t.Errorf("a directory has the extension %d", got)
	}
}

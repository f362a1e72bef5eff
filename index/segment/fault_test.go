package segment

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/util"
)

var errDisk = errors.New("no space left")

// A faultyFile fails after some bytes, or when it is committed.
type faultyFile struct {
	output
	left int
}

func (f *faultyFile) Write(b []byte) (int, error) {
	if len(b) > f.left {
		n, _ := f.output.Write(b[:f.left])
		f.left = 0
		return n, errDisk
	}
	f.left -= len(b)
	return f.output.Write(b)
}

func (f *faultyFile) commit() error {
	f.output.abort()
	return errDisk
}

// TestDiskFull lets writing end after any number of bytes, and when the file is synced.
func TestDiskFull(t *testing.T) {
	v, err := NewInverter(testFields)
	if err != nil {
		t.Fatal(err)
	}
	docs := randomDocs(rand.New(rand.NewPCG(5, 6)), 3000)
	invert(v, docs)
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole")
	if err := v.WriteSegment(whole); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(whole)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "path")
	for _, left := range []int{0, 1, 1000, int(fi.Size()) / 2, int(fi.Size()) - 1, int(fi.Size())} {
		v.create = func(path string) (output, error) {
			f, err := createFile(path)
			return &faultyFile{f, left}, err
		}
		if err := v.WriteSegment(path); !errors.Is(err, errDisk) {
			t.Errorf("after %d bytes: got %v", left, err)
		}
		if names, _ := filepath.Glob(path + "*"); len(names) > 0 {
			t.Errorf("after %d bytes: %q is left", left, names)
		}
	}
	// The documents are still there.
	v.create = createFile
	if err := v.WriteSegment(path); err != nil {
		t.Fatal(err)
	}
	compareSegments(t, open(t, path), open(t, whole), nil)
	if err := v.WriteSegment(filepath.Join(dir, "no", "such", "dir")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestNothingToWrite(t *testing.T) {
	v, err := NewInverter(testFields)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "segment")
	if err := v.WriteSegment(path); !errors.Is(err, ErrEmpty) {
		t.Errorf("got %v", err)
	}
	if names, _ := filepath.Glob(path + "*"); len(names) > 0 {
		t.Errorf("%q was written", names)
	}
}

func TestTwoDocumentsWithOneID(t *testing.T) {
	v, err := NewInverter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"b", "a", "b"} {
		v.Begin([]byte(id))
	}
	path := filepath.Join(t.TempDir(), "segment")
	if err := v.WriteSegment(path); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("got %v", err)
	}
	if names, _ := filepath.Glob(path + "*"); len(names) > 0 {
		t.Errorf("%q is left", names)
	}
}

func TestFull(t *testing.T) {
	for _, tt := range []struct {
		name string
		fill func(v *Inverter)
	}{
		{"documents", func(v *Inverter) { v.doc = MaxDocs }},
		{"lists", func(v *Inverter) { v.lists.used, v.lists.off = maxPages, arenaPage }},
		{"text", func(v *Inverter) { v.text.pages = make([][]byte, maxTextPages) }},
	} {
		v, err := NewInverter(testFields)
		if err != nil {
			t.Fatal(err)
		}
		v.Begin([]byte("1"))
		tt.fill(v)
		v.lists.pages = append(v.lists.pages, make([]byte, arenaPage))
		v.Add(0, []byte("a long enough term"))
		v.Begin([]byte("2"))
		v.Add(0, []byte("a long enough term"))
		if err := v.WriteSegment(filepath.Join(t.TempDir(), "segment")); !errors.Is(err, ErrFull) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

// TestCheckFindsDamage cuts a segment anywhere and changes any byte of it.
func TestCheckFindsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "segment")
	writeOurs(t, path, testFields, randomDocs(rand.New(rand.NewPCG(7, 8)), 50))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Check(path); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("%s: got %v", what, err)
		}
	}
	for i := 0; i < len(whole); i += 1 + len(whole)/200 {
		try(fmt.Sprintf("cut to %d of %d bytes", i, len(whole)), whole[:i])
		b := append([]byte(nil), whole...)
		b[i] ^= 1 << (i % 8)
		try(fmt.Sprintf("byte %d of %d", i, len(whole)), b)
	}
	for i := len(whole) - footerLen; i < len(whole); i++ {
		try(fmt.Sprintf("cut to %d of %d bytes", i, len(whole)), whole[:i])
	}
	try("longer", append(append([]byte(nil), whole...), 0))
	if err := Check(path + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestSchemaErrors(t *testing.T) {
	for _, fields := range [][]Field{
		{{Name: "_id"}},
		{{"a", plain, false}, {"b", plain, false}, {"a", plain, false}},
		{{"a", 1 << 20, false}},
		{{"a", plain &^ 1, true}},
		{{"a", plain | 1<<2, true}},
		{{"a", testFields[2].Options &^ 1, false}},
	} {
		if _, err := NewInverter(fields); err == nil {
			t.Errorf("%v: no error", fields)
		}
	}
}

// TestKill kills processes that write indexes, anywhere. Whatever bears the name of a segment is one, and whatever bears that
// of an index opens with all of its documents.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	dir := t.TempDir()
	for round := range 12 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(30+rand.IntN(250))*time.Millisecond)
		defer cancel()
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestKillWriter$")
		cmd.Env = append(os.Environ(), "SEGMENT_KILL_DIR="+filepath.Join(dir, fmt.Sprint(round)))
		if out, err := cmd.CombinedOutput(); ctx.Err() == nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*", "*", StoreDir, "*.zap"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range segments {
		if err := Check(path); err != nil {
			t.Error(err)
		}
	}
	indexes, err := filepath.Glob(filepath.Join(dir, "*", "*", metaName))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range indexes {
		ix, err := bleve.OpenUsing(filepath.Dir(path), map[string]any{"read_only": true})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := ix.DocCount(); n != 500 || err != nil {
			t.Errorf("%s: %d documents, %v", path, n, err)
		}
		ix.Close()
	}
	if len(segments) == 0 {
		t.Error("nothing was written before the kills")
	}
	t.Logf("%d segments, %d indexes", len(segments), len(indexes))
}

// TestKillWriter is the process that TestKill kills.
func TestKillWriter(t *testing.T) {
	dir := os.Getenv("SEGMENT_KILL_DIR")
	if dir == "" {
		t.Skip("for TestKill")
	}
	m, err := util.MarshalJSON(testMapping())
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewInverter(rootFields)
	if err != nil {
		t.Fatal(err)
	}
	for k := 0; ; k++ {
		ix := filepath.Join(dir, fmt.Sprint(k))
		if err := os.MkdirAll(filepath.Join(ix, StoreDir), 0o755); err != nil {
			t.Fatal(err)
		}
		for s := range 2 {
			for i := range 250 {
				v.Begin(fmt.Appendf(nil, "%d %04d", s, i))
				v.Add(0, fmt.Appendf(nil, "w%d", i%7))
			}
			if err := v.WriteSegment(filepath.Join(ix, StoreDir, Name(s+1))); err != nil {
				t.Fatal(err)
			}
			v.Reset()
		}
		if err := WriteRoot(ix, 2, m); err != nil {
			t.Fatal(err)
		}
	}
}

package index

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A damaged manifest is an error that says what to do, never an index that holds less.
func TestDamagedManifestIsNoEmptyIndex(t *testing.T) {
	dir := t.TempDir()
	if _, err := Publish(context.Background(), dir, []Source{
		source("a.example", 1, entry("/", "README", File)), source("b.example", 1, entry("/", "x", File), entry("/", "y", File)),
	}, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, manifestName)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		var fe *FileError
		_, err := Open(dir)
		if !errors.As(err, &fe) || !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "ftpidx index rebuild") {
			t.Errorf("%s: %v", name, err)
		}
	}
	changes := map[string][2]string{
		"generations": {`"generations"`, `"generatoins"`},
		"servers":     {`"servers"`, `"serwers"`},
		"key":         {`"key"`, `"kay"`},
		"no key":      {`"b.example"`, `""`},
		"other key":   {`"b.example"`, `"c.example"`},
		"key twice":   {`"b.example"`, `"a.example"`},
		"no dir":      {`"gen-1"`, `""`},
		"dir above":   {`"gen-1"`, `".."`},
		"format":      {`"format"`, `"fromat"`},
		"overlap":     {`"first": 1`, `"first": 0`},
		"beyond":      {`"first": 1`, `"first": 2`},
		"fewer":       {`"docs": 2`, `"docs": 1`},
		"negative":    {`"docs": 2`, `"docs": -1`},
	}
	unsummed := regexp.MustCompile(`,\s*"crc32c": \d+`).ReplaceAll(good, nil)
	if bytes.Equal(good, unsummed) {
		t.Fatal("no checksum")
	}
	for name, c := range changes {
		for _, text := range [][]byte{good, unsummed} {
			damaged := bytes.Replace(text, []byte(c[0]), []byte(c[1]), 1)
			if bytes.Equal(damaged, text) {
				t.Fatalf("%s: nothing to change in %s", name, text)
			}
			check(name, damaged)
		}
	}
	// What only the checksum can tell.
	check("archive_seq", bytes.Replace(good, []byte(`"archive_seq": 1`), []byte(`"archive_seq": 3`), 1))
	check("crc32c", bytes.Replace(good, []byte(`"crc32c": `), []byte(`"crc32c": 1`), 1))

	if err := os.WriteFile(path, unsummed, 0o644); err != nil {
		t.Fatal(err)
	}
	ix, err := Open(dir)
	if err != nil {
		t.Fatalf("without a checksum: %v", err)
	}
	ix.Close()
}

func TestManifestHoldsAnyBytes(t *testing.T) {
	dir := t.TempDir()
	src := source("a.example", 1, entry("/", "README", File))
	src.Zone = "caf\xe9 \\ufffd"
	if _, err := Publish(context.Background(), dir, []Source{src}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := readManifest(dir); err != nil {
		t.Error(err)
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A person gets one table of many dumps, with a line over all, as after a crawl; for a single one what was found in it.
func TestImportOfManyEndsInATable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"a.example.ls-lR", "b.example.ls-lR"} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], []byte(".:\n-rw-r--r-- 1 a b 5 Mar  9  2011 file\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		files    []string
		terminal bool
		want     string
	}{
		{files, true, "\n2 servers: 2 complete; 2 entries in 2 directories\n"},
		{files[:1], true, "a.example: complete, 1 entry in 1 directory, "},
		{files, false, "b.example: complete, 1 entry in 1 directory, "},
	} {
		e, stdout, _ := testEnv(time.Unix(1.3e9, 0))
		e.dataFlag, e.stdout.terminal = filepath.Join(dir, "data"), tt.terminal
		if err := runImport(t.Context(), e, &importOptions{files: tt.files}); err != nil {
			t.Fatal(err)
		}
		e.stdout.Flush()
		if !strings.Contains(stdout.String(), tt.want) {
			t.Errorf("terminal %v: got\n%s\nwant %q in it", tt.terminal, stdout, tt.want)
		}
	}
}

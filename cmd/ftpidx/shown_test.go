package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl/archive"
)

// Whatever a server names its files, no byte of it that a terminal obeys gets there from an export or a diff.
func TestHostileNamesAreEscapedOnATerminal(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	const line = `{"host":"evil.example","dir":"/","name":"%s\u001b[2J\u009b31m\u202e\u007f","type":"%s","size":%d}` + "\n"
	for i, name := range []string{"a", "b"} {
		dump := fmt.Sprintf(line, name, "file", i) + fmt.Sprintf(line, "both", "file", i) + fmt.Sprintf(line, "l", "link", i)
		if _, err := archive.Import(t.Context(), archiveDir(data), strings.NewReader(dump), &archive.ImportOptions{Now: time.Unix(int64(1e9+i), 0)}); err != nil {
			t.Fatal(err)
		}
	}
	for name, run := range map[string]func(e *env) error{
		"export":       func(e *env) error { return runExport(t.Context(), e, &exportOptions{format: "ndjson"}) },
		"export ls-lR": func(e *env) error { return runExport(t.Context(), e, &exportOptions{format: "ls-lR"}) },
		"diff":         func(e *env) error { return runDiff(t.Context(), e, &diffOptions{}, []string{"evil.example"}) },
	} {
		e, stdout, stderr := testEnv(time.Unix(1e9+2, 0))
		e.dataFlag, e.stdout.terminal = data, true
		if err := run(e); err != nil && name != "diff" {
			t.Errorf("%s: %v", name, err)
		}
		e.stdout.Flush()
		text := stdout.String() + stderr.String()
		if !strings.Contains(text, "both") {
			t.Errorf("%s does not show the entry:\n%s", name, text)
		}
		if strings.ContainsAny(text, "\x1b\u009b\u202e\x7f") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

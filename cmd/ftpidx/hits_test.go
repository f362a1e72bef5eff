package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl/archive"
)

// Who is shown one hit for all copies of a file is told where the others have gone.
func TestFoldedCopiesAreCounted(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	dump := ""
	for _, host := range []string{"one.example", "two.example", "three.example"} {
		dump += `{"host":"` + host + `","dir":"/","name":"wget.tar.gz","type":"file","size":5000}` + "\n"
		dump += `{"host":"` + host + `","dir":"/","name":"wget.txt","type":"file","size":5}` + "\n"
	}
	if _, err := archive.Import(t.Context(), archiveDir(data), strings.NewReader(dump), &archive.ImportOptions{Now: time.Unix(1e9, 0)}); err != nil {
		t.Fatal(err)
	}
	e, _, stderr := testEnv(time.Unix(1e9, 0))
	if err := newPublisher(e, data).publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	e.dataFlag, e.stdout.terminal = data, true
	for q, want := range map[string]string{"wget": "4 of 6, and 2 copies of these\n", "txt": "3 of 3\n"} {
		stderr.Reset()
		if err := runSearch(t.Context(), e, &searchOptions{words: []string{q}}); err != nil {
			t.Fatal(err)
		}
		if stderr.String() != want {
			t.Errorf("%s: got %q, want %q", q, stderr, want)
		}
	}
}

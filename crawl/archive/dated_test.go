package archive_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// An import is as old as its dump, not as new as the day on which it was read: the server is due when the dump is old, and an export
// says so wherever it is imported.
func TestImportIsAsOldAsItsDump(t *testing.T) {
	t.Parallel()
	const dump = ".:\n-rw-r--r-- 1 ftp ftp 7 Jan 01 2019 file\n"
	made := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	imported := func(dir string, text string, o archive.ImportOptions, want time.Time) {
		t.Helper()
		if _, err := archive.Import(t.Context(), dir, strings.NewReader(text), &o); err != nil {
			t.Fatal(err)
		}
		s, err := archive.ReadSummary(dir, example.Key())
		if err != nil {
			t.Fatal(err)
		}
		if took := s.Ended.Sub(s.Started); !s.Ended.Equal(want) || took < 0 || took > time.Minute || s.State != crawl.Complete {
			t.Errorf("%s, %v to %v; want %v", s.State, s.Started, s.Ended, want)
		}
	}
	dir := t.TempDir()
	imported(dir, dump, archive.ImportOptions{Server: example, Now: made}, made)
	imported(dir, dump, archive.ImportOptions{Server: example, Now: made.AddDate(-1, 0, 0)}, made)
	var export bytes.Buffer
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Export(t.Context(), &export)
	a.Close()
	if err != nil {
		t.Fatal(err)
	}
	imported(t.TempDir(), export.String(), archive.ImportOptions{Now: made.AddDate(3, 0, 0)}, made)
	imported(dir, dump, archive.ImportOptions{Server: example, Now: made.AddDate(1, 0, 0)}, made.AddDate(1, 0, 0))
}

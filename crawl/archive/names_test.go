package archive_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

func TestImportOfHostileNames(t *testing.T) {
	const line = "-rw-r--r-- 1 u g 1 Jan 01 2020 "
	const json = `{"host":"ftp.example.org","name":"`
	for _, tt := range []struct {
		name, dump string
		bad        int64
	}{
		{"sections", ".:\n" + line + "/etc/passwd\n" + line + "../../etc\n" + line + "a/b\n" + line + "fine\n" + line + "c/b\n" + line + "x/\n", 5},
		{"NDJSON", json + "/etc/passwd\"}\n" + json + "fine\"}\n" + json + "..\"}\n", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report, got := importText(t, tt.dump, archive.ImportOptions{})
			if !slices.Equal(got, []string{"/fine"}) || !slices.IsSortedFunc(got, strings.Compare) {
				t.Errorf("got %q, want /fine", got)
			}
			c := report.Counts
			if report.State != crawl.Incomplete || c.Bad != tt.bad || len(c.BadLines) == 0 || c.Entries != 1 {
				t.Errorf("got %s, %+v, want incomplete with %d bad lines", report.State, c, tt.bad)
			}
		})
	}
}

// find begins with the directory it was told to look in, as it was told: with "/" at the end, that is no bad name.
func TestImportOfFindWithASlash(t *testing.T) {
	const line = "  1 4 drwxr-xr-x 2 a b 4096 Mar  9 17:04 "
	report, got := importText(t, line+"./\n"+line+"./d\n", archive.ImportOptions{})
	if !slices.Equal(got, []string{"/d/"}) || report.State != crawl.Complete {
		t.Errorf("got %q, %s, %+v", got, report.State, report.Counts)
	}
}

func TestImportOfAnOlderDumpConfirmsNothing(t *testing.T) {
	dir := t.TempDir()
	importInto(t, dir, strings.NewReader(gnu), archive.ImportOptions{Now: epoch})
	importInto(t, dir, strings.NewReader(gnu), archive.ImportOptions{Now: epoch.Add(-time.Hour)})
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for item, err := range a.Entries(t.Context(), nil) {
		if err != nil || !item.Seen.Equal(epoch) {
			t.Fatalf("%v seen %v, %v, want %v", item.Entry, item.Seen, err, epoch)
		}
	}
}

// Sections that are there twice, and forms in which a directory need not have one, make no count negative.
func TestImportCountsNothingNegative(t *testing.T) {
	const find = "  1 4 drwxr-xr-x 2 a b 4096 Mar  9 17:04 "
	for _, dump := range []string{gnu + "\n./pub:\n" + "\n./pub:\n", find + ".\n" + find + "./d\n" + find + "./d/e\n"} {
		report, _ := importText(t, dump, archive.ImportOptions{})
		for reason, tally := range report.Counts.Missing {
			if tally.N < 0 {
				t.Errorf("%q: %d %s", dump, tally.N, reason)
			}
		}
	}
}

func TestImportOfNothing(t *testing.T) {
	for _, dump := range []string{"", "\n\n", "<html>no dump</html>\n"} {
		dir := t.TempDir()
		_, err := archive.Import(t.Context(), dir, strings.NewReader(dump), &archive.ImportOptions{Server: example, Now: epoch})
		left, _ := os.ReadDir(dir)
		if err == nil || !strings.HasPrefix(err.Error(), "nothing to import: ") || len(left) != 0 {
			t.Errorf("%q: got %v and %v, want an error and no archive", dump, err, left)
		}
	}
}

package archive_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl/archive"
)

// importedArchive makes an archive, beside which a process that was killed has left half a summary.
func importedArchive(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	importInto(t, dir, strings.NewReader(gnu), archive.ImportOptions{})
	if err := os.WriteFile(filepath.Join(dir, ".tmp-"+archive.FileName(example.Key())), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Whoever is stopped before the archive is given up has forgotten nothing.
func TestForgetStoppedBeforeItBegan(t *testing.T) {
	t.Parallel()
	dir := importedArchive(t)
	before := paths(t, dir, example)
	stop := errors.New("stop")
	if err := archive.Forget(dir, example.Key(), nil, func() error { return stop }); !errors.Is(err, stop) {
		t.Fatalf("got %v, want %v", err, stop)
	}
	if after := paths(t, dir, example); len(after) != len(before) || len(after) == 0 {
		t.Errorf("got %q, want %q", after, before)
	}
	if all, err := archive.List(dir); err != nil || len(all) != 1 {
		t.Errorf("%d archives are known (%v), want 1", len(all), err)
	}
}

// Whoever is stopped later leaves something that is finished by the next one, and is never taken for an archive.
func TestForgetIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"FinishForgetting", "Create"} {
		for _, state := range []string{"both files", "no archive"} {
			t.Run(next+" "+state, func(t *testing.T) {
				t.Parallel()
				dir := importedArchive(t)
				name := filepath.Join(dir, archive.FileName(example.Key()))
				if err := os.Rename(name+".json", name+".forgotten"); err != nil {
					t.Fatal(err)
				}
				if state == "no archive" {
					if err := os.Remove(name + ".db"); err != nil {
						t.Fatal(err)
					}
				}
				if all, err := archive.List(dir); err != nil || len(all) != 0 {
					t.Errorf("%d archives are known (%v), want none", len(all), err)
				}
				if next == "Create" {
					a, err := archive.Create(dir, example, nil)
					if err != nil {
						t.Fatal(err)
					}
					if h := a.Held(); h.Entries != 0 || a.Seq() != 0 {
						t.Errorf("the new archive holds %+v as of %d, want nothing", h, a.Seq())
					}
					if err := a.Close(); err != nil {
						t.Fatal(err)
					}
				} else if err := archive.FinishForgetting(dir); err != nil {
					t.Fatal(err)
				}
				if left := files(t, dir); len(left) != 0 {
					t.Errorf("left behind: %q", left)
				}
			})
		}
	}
}

func TestForgetOfWhatIsOpenOrUnknownOrDamaged(t *testing.T) {
	t.Parallel()
	dir := importedArchive(t)
	elsewhere := func() error { return nil }
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	var used *archive.InUseError
	before := files(t, dir)
	if err := archive.Forget(dir, example.Key(), nil, elsewhere); !errors.As(err, &used) {
		t.Errorf("of an open archive: got %v, want an InUseError", err)
	}
	if after := files(t, dir); len(after) != 3 || len(before) != 3 {
		t.Errorf("of an open archive: got %q, want %q", after, before)
	}
	a.Close()
	if err := archive.Forget(dir, "other.example", nil, elsewhere); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of an unknown server: got %v, want an fs.ErrNotExist", err)
	}
	if err := os.Truncate(filepath.Join(dir, archive.FileName(example.Key())+".db"), 10_000); err != nil {
		t.Fatal(err)
	}
	if err := archive.Forget(dir, example.Key(), nil, elsewhere); err != nil {
		t.Errorf("of a damaged archive: %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// Who had read the archive before it was locked may tell of it until it is gone: then it is forgotten elsewhere once more.
func TestForgetIsToldAgainWhenTheArchiveIsGone(t *testing.T) {
	t.Parallel()
	dir := importedArchive(t)
	var exists, known []bool
	err := archive.Forget(dir, example.Key(), nil, func() error {
		all, err := archive.List(dir)
		exists, known = append(exists, archive.Exists(dir, example.Key())), append(known, len(all) == 1)
		if _, err := archive.OpenKey(dir, example.Key(), &archive.Options{NoWait: true}); err == nil {
			t.Error("another process can open the archive")
		}
		return err
	})
	if want := []bool{true, false}; err != nil || !slices.Equal(exists, want) || !slices.Equal(known, want) {
		t.Errorf("got exists %v, known %v, %v, want %v", exists, known, err, want)
	}
	if archive.Exists(dir, example.Key()) {
		t.Error("it still exists")
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

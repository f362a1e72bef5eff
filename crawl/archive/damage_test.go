package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl/archive"
)

// filled makes an archive of some 20,000 entries and returns the directory and the file.
func filled(t *testing.T) (dir, file string) {
	t.Helper()
	var text strings.Builder
	text.WriteString(".:\n")
	for d := range 1000 {
		fmt.Fprintf(&text, "drwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 d%d\n", d)
	}
	for d := range 1000 {
		fmt.Fprintf(&text, "\n./d%d:\n", d)
		for f := range 20 {
			fmt.Fprintf(&text, "-rw-r--r-- 1 ftp ftp %d Feb  1 09:30 f%x-%x\n", d*f*7919, (d*20+f)*2654435761, f*d*40503)
		}
	}
	dir = t.TempDir()
	importInto(t, dir, strings.NewReader(text.String()), archive.ImportOptions{})
	return dir, filepath.Join(dir, archive.FileName(example.Key())+".db")
}

// damagedErr fails unless err is one sentence about the damage.
func damagedErr(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, archive.ErrDamaged) || !strings.Contains(err.Error(), "the archive of ftp.example.org is damaged: ") {
		t.Errorf("%s: got %v, want that it is damaged", what, err)
	}
}

func readAll(a *archive.Archive) error {
	for _, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestTruncatedArchiveIsAnError(t *testing.T) {
	dir, file := filled(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 100, 5000, 20000, 65536, 100000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			if err := os.WriteFile(file, whole[:size], 0o644); err != nil {
				t.Fatal(err)
			}
			a, err := archive.Open(dir, example, nil)
			if err == nil {
				a.Close()
			}
			damagedErr(t, "Open", err)
			a, err = archive.Create(dir, example, nil)
			if err == nil {
				a.Close()
			}
			damagedErr(t, "Create", err)
			if err != nil && !strings.Contains(err.Error(), "move "+file+" away") {
				t.Errorf("Create: %v does not say what to do", err)
			}
			_, err = archive.Import(context.Background(), dir, strings.NewReader(gnu), &archive.ImportOptions{Server: example, Now: epoch})
			damagedErr(t, "Import", err)
			if left, err := os.ReadFile(file); err != nil || !bytes.Equal(left, whole[:size]) {
				t.Errorf("the damaged file was changed: %d bytes, %v", len(left), err)
			}
		})
	}
}

// A file of the right size with other bytes in it: whatever comes of reading and writing, it is no panic, Close ends,
// and the file is there.
func TestOverwrittenArchiveIsAnError(t *testing.T) {
	dir, file := filled(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page, told := os.Getpagesize(), 0
	for from := 2 * page; from+page <= len(whole); from += 15 * page {
		for _, fill := range []byte{0, 0xff} {
			spoilt := bytes.Clone(whole)
			for i := range 5 * page {
				if from+i < len(spoilt) {
					spoilt[from+i] = fill
				}
			}
			if err := os.WriteFile(file, spoilt, 0o644); err != nil {
				t.Fatal(err)
			}
			a, err := archive.Open(dir, example, nil)
			if err == nil {
				err = readAll(a)
				a.Close()
			}
			if err != nil {
				damagedErr(t, fmt.Sprintf("reading with %x at %d", fill, from), err)
				told++
			}
			_, err = archive.Import(context.Background(), dir, strings.NewReader(gnu), &archive.ImportOptions{Server: example, Now: epoch})
			if err != nil {
				damagedErr(t, fmt.Sprintf("importing with %x at %d", fill, from), err)
			}
			if _, err := os.Stat(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	if told == 0 {
		t.Error("no damage was noticed")
	}
}

func TestArchiveTruncatedWhileOpen(t *testing.T) {
	dir, file := filled(t)
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, 20000); err != nil {
		t.Fatal(err)
	}
	damagedErr(t, "reading", readAll(a))
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/ftpidx/ftpidx/index/query"
)

// Whatever byte of the columns is damaged, going from page to page ends, or is an error that says what to do.
func TestDamagedColumnsDoNotGoRound(t *testing.T) {
	dir := t.TempDir()
	const docs = 40
	var list []Document
	for i := range docs {
		list = append(list, entry("/", fmt.Sprintf("f%02d", i), File))
	}
	m, err := Publish(context.Background(), dir, []Source{source("a.example", 1, list...)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, m.Generations[0].Dir, columnsName)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// pages goes through all hits, with an error if that does not end.
	pages := func() error {
		ix, err := Open(dir)
		if err != nil {
			return err
		}
		defer ix.Close()
		for _, key := range []string{"rank", "name"} {
			opts := &SearchOptions{Limit: 7, Sort: []query.SortKey{{Key: key}}}
			for n := 0; ; n++ {
				if n > docs {
					t.Fatalf("sort:%s does not end", key)
				}
				r, err := ix.Search(context.Background(), &query.All{}, opts)
				if err != nil {
					return err
				}
				if opts.After = r.Next; r.Next == "" {
					break
				}
			}
		}
		return nil
	}
	if err := pages(); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		var fe *FileError
		if err := pages(); errors.As(err, &fe) {
			refused++
		} else if err != nil {
			t.Errorf("byte %d: %v", i, err)
		}
	}
	if refused == 0 {
		t.Error("no damage was noticed")
	}
}

// Package dumps reads listings on disk for the benchmarks: <host>.ls-lR files of one directory, as `ls -lR` prints them. Each round
// is one more mirror of them all.
package dumps

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

// Now is when the listings were made.
var Now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// A Server is what one file lists, in document order.
type Server struct {
	Host    string
	Entries []parse.Entry
}

// Read returns the listings in dir, and how many entries they have.
func Read(dir string) (servers []Server, docs int, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ls-lR"))
	if err != nil || len(files) == 0 {
		return nil, 0, fmt.Errorf("no *.ls-lR in %s (%v)", dir, err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, 0, err
		}
		entries, _, err := parse.ReadAll(bufio.NewReader(f), &parse.Options{Now: Now})
		f.Close()
		if err != nil {
			return nil, 0, err
		}
		for i := range entries {
			e := &entries[i]
			e.Dir = "/" + strings.TrimPrefix(strings.TrimPrefix(e.Dir, "."), "/")
		}
		slices.SortStableFunc(entries, func(a, b parse.Entry) int {
			if c := slices.Compare(strings.Split(a.Dir, "/"), strings.Split(b.Dir, "/")); a.Dir != "/" && b.Dir != "/" && c != 0 {
				return c
			} else if a.Dir != b.Dir {
				return len(a.Dir) - len(b.Dir) // the root comes first
			}
			return strings.Compare(a.Name, b.Name)
		})
		servers = append(servers, Server{strings.TrimSuffix(filepath.Base(file), ".ls-lR"), entries})
		docs += len(entries)
	}
	return servers, docs, nil
}

// Sources gives what servers list to index.Publish, rounds times, each time as other hosts.
func Sources(servers []Server, rounds int) (list []index.Source) {
	for r := range rounds {
		for _, s := range servers {
			srv := &index.Server{Scheme: "ftp", Host: fmt.Sprintf("m%d.%s", r, s.Host), Port: 21}
			list = append(list, index.Source{Server: srv, ArchiveSeq: 1, Documents: func(yield func(*index.Document, error) bool) {
				for i := range s.Entries {
					e := &s.Entries[i]
					if !yield(index.NewDocument(srv, e.Dir, e, time.Time{}, Now), nil) {
						return
					}
				}
			}})
		}
	}
	return list
}

// WriteList writes the file path with a line for each document: its name, or its pathname with the host.
func WriteList(path string, servers []Server, rounds int, paths bool) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for r := range rounds {
		for _, s := range servers {
			for i := range s.Entries {
				e := &s.Entries[i]
				if paths {
					fmt.Fprintf(w, "/m%d.%s%s/", r, s.Host, strings.TrimSuffix(e.Dir, "/"))
				}
				fmt.Fprintln(w, e.Name)
			}
		}
	}
	return errors.Join(w.Flush(), f.Close())
}

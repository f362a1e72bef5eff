// Command build measures what building an index costs: with the segments of package segment, with those of bleve's own code, and
// beside them plocate and SQLite's FTS5 (trigrams), where these are installed. All take the same listings and run one after the other.
//
//	go run ./testdata/bench/build [-rounds 2] [-slow=false] DIR
//
// DIR holds <host>.ls-lR files, as `ls -lR` prints them; each round is one more mirror of them all. Mirrors do not add names, so
// dictionaries look smaller for them than they are. The index has all fields, trigrams, blocks, columns; plocate has pathnames only,
// SQLite names only. Reading the listings, and writing the lists that the peers
// read, is counted in none of them; the RSS of ftpidx has the listings in it.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/testdata/bench/dumps"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 2, "how often the listings are taken")
	slow := flag.Bool("slow", true, "also bleve's own code and SQLite")
	way := flag.String("way", "", "for itself: what to build")
	out := flag.String("out", "", "for itself: where")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if *way != "" {
		child(*way, *out, flag.Arg(0), *rounds)
		return
	}
	fmt.Printf("%-28s %10s %10s %10s %10s %8s\n", "", "documents", "CPU s/M", "docs/s", "B/doc", "RSS MB")
	ways := []string{"ftpidx", "ftpidx, bleve's segments", "plocate", "SQLite FTS5 trigram"}
	for _, w := range ways {
		if !*slow && (w == ways[1] || w == ways[3]) {
			continue
		}
		tmp, err := os.MkdirTemp("", "ftpidx-bench-")
		if err != nil {
			log.Fatal(err)
		}
		self, err := os.Executable()
		if err != nil {
			log.Fatal(err)
		}
		cmd := exec.Command(self, "-way", w, "-out", tmp, "-rounds", fmt.Sprint(*rounds), flag.Arg(0))
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		err = cmd.Run()
		os.RemoveAll(tmp)
		if err != nil {
			log.Printf("%s: %v", w, err)
		}
	}
}

// child builds one way and prints its row.
func child(way, out, dir string, rounds int) {
	servers, docs, err := dumps.Read(dir)
	if err != nil {
		log.Fatal(err)
	}
	docs *= rounds
	db, list := filepath.Join(out, "db"), out+".list"
	defer os.Remove(list)
	var cmd *exec.Cmd
	switch way {
	case "plocate":
		err = dumps.WriteList(list, servers, rounds, true)
		cmd = dumps.PlocateBuild(list, db)
	case "SQLite FTS5 trigram":
		err = dumps.WriteList(list, servers, rounds, false)
		cmd = dumps.SQLiteBuild(list, db, false)
	}
	if err != nil {
		log.Fatal(err)
	}
	start, cpu := time.Now(), cpuTime()
	var mem dumps.Resident
	if cmd != nil {
		var text bytes.Buffer
		cmd.Stdout, cmd.Stderr = &text, &text
		if mem, err = dumps.Run(cmd); err != nil {
			err = fmt.Errorf("%w: %s", err, &text)
		}
	} else {
		_, err = index.Publish(context.Background(), out, dumps.Sources(servers, rounds), &index.PublishOptions{BleveSegments: way != "ftpidx"})
		mem = dumps.ResidentNow("self")
	}
	if err != nil {
		log.Fatal(err)
	}
	wall, used := time.Since(start), cpuTime()-cpu
	total, parts := sizes(out)
	n := float64(docs)
	fmt.Printf("%-28s %10d %10.2f %10.0f %10.1f %8d\n", way, docs, used.Seconds()/n*1e6, n/wall.Seconds(), float64(total)/n, mem.Peak>>10)
	if way == "ftpidx" {
		for _, p := range parts {
			fmt.Printf("    %-24s %43.1f\n", p.name, float64(p.size)/n)
		}
	}
}

// cpuTime returns the processor time of this process and of those it waited for.
func cpuTime() (t time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		syscall.Getrusage(who, &u)
		t += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return t
}

type part struct {
	name string
	size int64
}

// sizes returns the bytes of the files in dir, in all and by kind, the largest first.
func sizes(dir string) (total int64, parts []part) {
	by := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		name := e.Name()
		if filepath.Ext(name) == ".zap" {
			name = "segments"
		} else if i := strings.LastIndexByte(name, '.'); i > 0 && filepath.Ext(name) != ".json" {
			name = "side: " + name[i+1:]
		}
		by[name] += fi.Size()
		total += fi.Size()
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	for name, size := range by {
		if size*1000 > total {
			parts = append(parts, part{name, size})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return int(b.size - a.size) })
	return total, parts
}

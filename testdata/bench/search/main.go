// Command search asks the same queries, in one run, of ftpidx (as a library with the index open, and as the command `ftpidx search`),
// of plocate and of SQLite's FTS5 (trigrams), where these are installed. It prints what building cost, and for each query the hits
// and the median time.
//
//	go run ./testdata/bench/search [-rounds 2] [-sqlite=false] [-work DIR] DIR
//
// DIR holds <host>.ls-lR files, as `ls -lR` prints them; each round is one more mirror of them all. With -work what was built is kept there,
// and used by the next run.
//
// ftpidx counts all hits and shows the best 50 of them, ranked; the others are asked for the count alone, which is less work. plocate
// knows pathnames and SQLite names, nothing else. Where a query means the same to all, in the fold of ASCII letters, the counts have to
// agree, or the command fails; where it does not, no time is comparable and the count stands in brackets.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/testdata/bench/dumps"
)

// queries are in our language, and as arguments of plocate and conditions of SQLite; "" is a query that they cannot answer.
var queries = []struct {
	what, query string
	plocate     string // separated by blanks
	sql         string
	differ      bool // plocate's meaning is another
	facets      []string
}{
	{what: "rare word", query: "wget", plocate: "-b wget", sql: "name LIKE '%wget%'"},
	{what: "common word", query: "html", plocate: "-b html", sql: "name LIKE '%html%'"},
	{what: "3 letters", query: "iso", plocate: "-b iso", sql: "name LIKE '%iso%'"},
	{what: "2 letters", query: "zq", plocate: "-b zq", sql: "name LIKE '%zq%'"},
	{what: "substring", query: "buntu", plocate: "-b buntu", sql: "name LIKE '%buntu%'"},
	{what: "substring", query: "ython3.1", plocate: "-b ython3.1", sql: "name LIKE '%ython3.1%'"},
	{what: "two", query: "name:python name:test", plocate: "-b python test", sql: "name LIKE '%python%' AND name LIKE '%test%'"},
	{what: "suffix", query: "*.tar.gz", plocate: "-b *.tar.gz", sql: "name LIKE '%.tar.gz'"},
	{what: "prefix", query: "kern*", plocate: "-b kern*", sql: "name LIKE 'kern%'"},
	{what: "regexp", query: `/^lib[a-z]+[0-9.]*-dev_[0-9.]+/`, plocate: `-b --regex ^lib[a-z]+[0-9.]*-dev_[0-9.]+`},
	{what: "nothing", query: "zzqxjv", plocate: "-b zzqxjv", sql: "name LIKE '%zzqxjv%'"},
	{what: "anywhere in the path", query: "path:python", plocate: "python", differ: true}, // plocate's begins with the host
	{what: "words, one in the name", query: "linux readme", plocate: "linux readme", differ: true},
	{what: "extension", query: "ext:png"},
	{what: "extension, size, date", query: "ext:png size:>10k date:2020..2024"},
	{what: "largest of many", query: "html sort:-size"},
	{what: "below a directory", query: "in:/debian/pool/main/l"},
	{what: "1 letter", query: "q", plocate: "-b q", sql: "name LIKE '%q%'"},
	{what: "regexp without trigrams", query: "/^[^.]{3,5}$/", plocate: "-b --regex ^[^.]{3,5}$", differ: true}, // it counts bytes
	{what: "exact letters", query: "README case:yes"},
	{what: "everything, two facets", query: "", facets: []string{"host", "ext"}},
}

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 2, "how often the listings are taken")
	withSQLite := flag.Bool("sqlite", true, "also SQLite, which takes longest to build")
	work := flag.String("work", "", "keep what was built in this directory")
	build := flag.String("build", "", "for itself: publish an index there")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if *build != "" {
		publish(*build, flag.Arg(0), *rounds)
		return
	}
	if err := run(flag.Arg(0), *work, *rounds, *withSQLite); err != nil {
		log.Fatal(err)
	}
}

func publish(dir, listings string, rounds int) {
	servers, _, err := dumps.Read(listings)
	if err == nil {
		_, err = index.Publish(context.Background(), dir, dumps.Sources(servers, rounds), nil)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(listings, work string, rounds int, withSQLite bool) error {
	if work == "" {
		tmp, err := os.MkdirTemp("", "ftpidx-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		work = tmp
	}
	ftpidx := filepath.Join(work, "ftpidx")
	if out, err := exec.Command("go", "build", "-o", ftpidx, "github.com/ftpidx/ftpidx/cmd/ftpidx").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	b := builder{listings: listings, work: work, rounds: rounds}
	if err := b.all(withSQLite); err != nil {
		return err
	}
	ix, err := index.Open(filepath.Join(work, "index"))
	if err != nil {
		return err
	}
	defer ix.Close()

	fmt.Printf("\nload %s\n%-24s %-34s %10s %10s %10s   %10s %10s   %10s %10s\n", load(), "", "", "", "library", "process", "plocate", "", "SQLite", "")
	fmt.Printf("%-24s %-34s %10s %10s %10s   %10s %10s   %10s %10s\n", "", "query", "hits", "ms", "ms", "ms", "hits", "ms", "hits")
	var sql *sqlite
	if b.sqlite {
		if sql, err = openSQLite(filepath.Join(work, "fts.db")); err != nil {
			return err
		}
		defer sql.close()
	}
	var most dumps.Resident
	differ := 0
	for _, q := range queries {
		parsed, err := query.Parse(q.query, nil)
		if err != nil {
			return err
		}
		var hits int
		library, err := median(func() error {
			r, err := ix.Search(context.Background(), parsed.Expr, &index.SearchOptions{Sort: parsed.Sort, Facets: q.facets})
			if err == nil {
				hits = r.Total
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", q.query, err)
		}
		process, err := median(func() error {
			return command(ftpidx, work, q.query, q.facets, nil)
		})
		if err == nil {
			err = command(ftpidx, work, q.query, q.facets, &most)
		}
		if err != nil {
			return fmt.Errorf("ftpidx search %s: %w", q.query, err)
		}
		fmt.Printf("%-24s %-34s %10d %10.2f %10.1f", q.what, q.query, hits, library, process)
		for _, peer := range []struct {
			ask    func() (int, error)
			can    bool
			differ bool
		}{
			{func() (int, error) { return plocate(filepath.Join(work, "plocate.db"), q.plocate) }, q.plocate != "" && b.plocate, q.differ},
			{func() (int, error) { return sql.count(q.sql) }, q.sql != "" && b.sqlite, false},
		} {
			if !peer.can {
				fmt.Printf("   %10s %10s", "-", "-")
				continue
			}
			n := 0
			ms, err := median(func() (err error) {
				n, err = peer.ask()
				return err
			})
			if err != nil {
				return err
			}
			count := fmt.Sprint(n)
			switch {
			case peer.differ:
				count = "(" + count + ")"
			case n != hits:
				differ++
				count += "!"
			}
			fmt.Printf("   %10.2f %10s", ms, count)
		}
		fmt.Println()
	}
	fmt.Printf("\nftpidx search, the most of any query: %v; load %s\n", most, load())
	if differ > 0 {
		return fmt.Errorf("%d counts differ", differ)
	}
	return nil
}

// command runs ftpidx search; most, if not nil, is raised to what it had in memory.
func command(ftpidx, work, query string, facets []string, most *dumps.Resident) error {
	args := []string{"--data", work, "search", "--limit", "50"}
	if facets != nil {
		args = append(args, "--facets", strings.Join(facets, ","))
	}
	cmd := exec.Command(ftpidx, append(args, query)...)
	var err error
	if most == nil {
		err = cmd.Run()
	} else {
		var r dumps.Resident
		r, err = dumps.Run(cmd)
		most.Max(r)
	}
	if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == 1 { // nothing found
		return nil
	}
	return err
}

// A builder builds what is not there.
type builder struct {
	listings, work  string
	rounds, docs    int
	plocate, sqlite bool // built
	servers         []dumps.Server
}

func (b *builder) all(withSQLite bool) error {
	servers, docs, err := dumps.Read(b.listings)
	if err != nil {
		return err
	}
	b.servers, b.docs = servers, docs*b.rounds
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("%d documents; load %s\n%-24s %10s %10s %10s %10s\n", b.docs, load(), "building", "seconds", "CPU s", "B/doc", "RSS MB")
	dir := filepath.Join(b.work, "index")
	if err := b.build("ftpidx", dir, exec.Command(self, "-build", dir, "-rounds", strconv.Itoa(b.rounds), b.listings), false); err != nil {
		return err
	}
	list := filepath.Join(b.work, "list")
	defer os.Remove(list)
	db := filepath.Join(b.work, "plocate.db")
	if _, err := exec.LookPath("plocate-build"); err == nil {
		if err := b.build("plocate", db, dumps.PlocateBuild(list, db), true); err != nil {
			return err
		}
		b.plocate = true
	}
	db = filepath.Join(b.work, "fts.db")
	if _, err := exec.LookPath("sqlite3"); err == nil && withSQLite {
		if err := b.build("SQLite FTS5 trigram", db, dumps.SQLiteBuild(list, db, true), false); err != nil {
			return err
		}
		b.sqlite = true
	}
	return nil
}

// build runs cmd, which makes path, and prints its row. The list of names or pathnames, for those who read one, is written before.
func (b *builder) build(name, path string, cmd *exec.Cmd, paths bool) error {
	if _, err := os.Stat(path); err == nil {
		fmt.Printf("%-24s %43.1f  (kept)\n", name, float64(size(path))/float64(b.docs))
		return nil
	}
	if name != "ftpidx" {
		if err := dumps.WriteList(filepath.Join(b.work, "list"), b.servers, b.rounds, paths); err != nil {
			return err
		}
	}
	start := time.Now()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	mem, err := dumps.Run(cmd)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, &out)
	}
	wall, s := time.Since(start), cmd.ProcessState
	fmt.Printf("%-24s %10.1f %10.1f %10.1f %10d\n", name, wall.Seconds(), (s.UserTime() + s.SystemTime()).Seconds(),
		float64(size(path))/float64(b.docs), mem.Peak>>10)
	return nil
}

func size(path string) (n int64) {
	err := filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := e.Info()
		if err == nil && fi.Mode().IsRegular() {
			n += fi.Size()
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	return n
}

// load is the load of the machine: what else runs makes all times longer.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(b), " ")
	return first
}

// median calls f, once to warm up and then up to 31 times or for two seconds, and returns the median time in milliseconds.
func median(f func() error) (float64, error) {
	if err := f(); err != nil {
		return 0, err
	}
	var times []time.Duration
	for start := time.Now(); len(times) < 201 && (len(times) < 3 || time.Since(start) < 2*time.Second); {
		t := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(t))
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1e3, nil
}

// plocate counts in a process of its own: there is no library.
func plocate(db, args string) (int, error) {
	out, err := exec.Command("plocate", append([]string{"-d", db, "-i", "-c"}, strings.Fields(args)...)...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && len(out) > 0 { // nothing found
		err = nil
	}
	if err != nil {
		return 0, fmt.Errorf("plocate %s: %w", args, err)
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

// An sqlite is the sqlite3 command with a database open, asked through its standard input.
type sqlite struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func openSQLite(db string) (*sqlite, error) {
	s := &sqlite{cmd: exec.Command("sqlite3", "-bail", "-readonly", db)}
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	return s, s.cmd.Start()
}

func (s *sqlite) count(where string) (int, error) {
	if _, err := fmt.Fprintf(s.in, "SELECT count(*) FROM f WHERE %s;\n", where); err != nil {
		return 0, err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("sqlite3: %s: %w", where, err)
	}
	return strconv.Atoi(strings.TrimSpace(line))
}

func (s *sqlite) close() error { return errors.Join(s.in.Close(), s.cmd.Wait()) }

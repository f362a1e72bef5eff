// Command serve puts `ftpidx serve` under load: clients that ask a mix of queries over HTTP, while generations are published under
// them. It fails if any answer is an error, is partial, or has a total that is true of no manifest. Refused is who would have had to
// wait for more than five seconds (429).
//
//	go run ./testdata/bench/serve [-rounds 2] [-clients 64] [-time 30s] [-every 1s] [-memory 300MiB] [-work DIR] DIR
//
// DIR holds <host>.ls-lR files, as `ls -lR` prints them; each round is one more mirror of them all. Beside these the index has a
// server that is published again and again, with and without some of its entries: before the load the totals of each query are
// counted in both states, and an answer has to have one of them. With -work what was built is kept there, and used by the next run.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/testdata/bench/dumps"
)

// A question is a query with the other parameters of a request.
type question struct {
	query  string
	params string
	lines  bool // all hits, as lines

	totals [2]int // that are right: in the one state, in the other
}

// questions are asked by chance, all as often.
var questions = []*question{
	{query: "wget"},
	{query: "html"},
	{query: "html", params: "&facets=host,ext,type,year,size"},
	{query: "html sort:-size", params: "&limit=1000"},
	{query: "iso", params: "&facets=host,ext"},
	{query: "zq"},
	{query: "buntu"},
	{query: "name:python name:test", params: "&group=1"},
	{query: "*.tar.gz", params: "&facets=year"},
	{query: `/^lib[a-z]+[0-9.]*-dev_[0-9.]+/`},
	{query: "linux readme", params: "&facets=type"},
	{query: "ext:png size:>10k date:2020..2024"},
	{query: "path:python", params: "&facets=ext"},
	{query: "in:/debian/pool/main/l"},
	{query: "newer:30d type:file sort:-date"},
	{query: "nothing-like-it"},
	{query: "readme.txt", lines: true},
	{query: "often-changed", params: "&facets=type"},
}

func main() {
	log.SetFlags(0)
	var b bench
	flag.IntVar(&b.rounds, "rounds", 2, "how often the listings are taken")
	flag.IntVar(&b.clients, "clients", 64, "clients at a time")
	flag.DurationVar(&b.time, "time", 30*time.Second, "how long they ask")
	flag.DurationVar(&b.every, "every", time.Second, "between two publications")
	flag.StringVar(&b.memory, "memory", "", "GOMEMLIMIT of the server")
	flag.StringVar(&b.work, "work", "", "keep what was built in this directory")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if b.work == "" {
		tmp, err := os.MkdirTemp("", "ftpidx-bench-")
		if err != nil {
			log.Fatal(err)
		}
		defer os.RemoveAll(tmp)
		b.work = tmp
	}
	if err := b.run(flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

type bench struct {
	rounds, clients int
	time, every     time.Duration
	memory, work    string

	mu     sync.Mutex
	took   map[*question][]time.Duration
	wrong  []string
	bytes  int64
	failed int

	refused int
}

func (b *bench) run(listings string) error {
	ftpidx, dir := filepath.Join(b.work, "ftpidx"), filepath.Join(b.work, "index")
	if out, err := exec.Command("go", "build", "-o", ftpidx, "github.com/ftpidx/ftpidx/cmd/ftpidx").CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	if _, err := index.Open(dir); err != nil {
		servers, _, err := dumps.Read(listings)
		if err == nil {
			_, err = index.Publish(context.Background(), dir, dumps.Sources(servers, b.rounds), nil)
		}
		if err != nil {
			return err
		}
	}
	ix, err := index.Open(dir)
	if err != nil {
		return err
	}
	defer ix.Close()
	for state := range 2 {
		if err := publish(dir, uint64(state)); err != nil {
			return err
		}
		for _, q := range questions {
			if q.totals[state], err = count(ix, q.query); err != nil {
				return fmt.Errorf("%s: %w", q.query, err)
			}
		}
	}
	m, err := ix.Manifest()
	if err != nil {
		return err
	}
	fmt.Printf("%d documents, %d generations\n", m.Docs(), len(m.Generations))

	cmd := exec.Command(ftpidx, "--data", b.work, "serve", "--addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "GOMEMLIMIT="+b.memory)
	if b.memory == "" {
		cmd.Env = os.Environ()
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Process.Kill()
	lines := bufio.NewReader(stderr)
	first, err := lines.ReadString('\n')
	if err != nil {
		return err
	}
	_, at, _ := strings.Cut(strings.TrimSpace(first), " at ")
	go io.Copy(io.Discard, lines) // the access log

	stop := make(chan struct{})
	peak := make(chan int)
	go watch(cmd.Process.Pid, stop, peak)
	published := b.load(at, dir)
	close(stop)
	memory := <-peak
	cmd.Process.Signal(os.Interrupt)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("at the end: %w", err)
	}
	b.report(published, memory, cmd.ProcessState)
	if len(b.wrong) > 0 {
		return fmt.Errorf("%d answers are wrong:\n%s", b.failed, strings.Join(b.wrong, "\n"))
	}
	return nil
}

// publish publishes the server that changes, in one of two states.
func publish(dir string, seq uint64) error {
	srv := &index.Server{Scheme: "ftp", Host: "changing.example", Port: 21}
	src := index.Source{Server: srv, ArchiveSeq: seq + 1, Documents: func(yield func(*index.Document, error) bool) {
		for i := range 2000 + 3000*int(seq%2) {
			d := &index.Document{Server: srv, Dir: "/", Name: fmt.Sprintf("often-changed-%05d-readme.txt.html", i), Size: int64(i), ModTime: dumps.Now, Perm: -1}
			if !yield(d, nil) {
				return
			}
		}
	}}
	_, err := index.Publish(context.Background(), dir, []index.Source{src}, nil)
	return err
}

func count(ix *index.Index, text string) (int, error) {
	q, err := query.Parse(text, nil)
	if err != nil {
		return 0, err
	}
	r, err := ix.Search(context.Background(), q.Expr, &index.SearchOptions{Limit: -1})
	if err != nil {
		return 0, err
	}
	return r.Total, nil
}

// load lets clients ask, and publishes meanwhile; it returns how many times.
func (b *bench) load(at, dir string) (published int) {
	b.took = map[*question][]time.Duration{}
	ctx, cancel := context.WithTimeout(context.Background(), b.time)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: b.clients}}
	var wg sync.WaitGroup
	for i := range b.clients {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			for ctx.Err() == nil {
				b.ask(client, at, questions[rnd.IntN(len(questions))])
			}
		})
	}
	tick := time.NewTicker(b.every)
	defer tick.Stop()
	for seq := uint64(2); ctx.Err() == nil; seq++ {
		if err := publish(dir, seq); err != nil {
			b.note("publish: %v", err)
			break
		}
		published++
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	wg.Wait()
	return published
}

// ask asks one question and looks at the answer.
func (b *bench) ask(client *http.Client, at string, q *question) {
	r, err := http.NewRequest("GET", at+"api/v1/search?q="+url.QueryEscape(q.query)+q.params, nil)
	if err != nil {
		b.note("%v", err)
		return
	}
	if q.lines {
		r.Header.Set("Accept", "application/x-ndjson")
	}
	start := time.Now()
	resp, err := client.Do(r)
	if err != nil {
		b.note("%s: %v", q.query, err)
		return
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	took := time.Since(start)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		b.mu.Lock()
		b.refused++
		b.mu.Unlock()
		return
	}
	if err != nil || resp.StatusCode != 200 {
		b.note("%s: %d %v %.200s", q.query, resp.StatusCode, err, body)
		return
	}
	var a struct {
		Total   int
		Partial bool
		Facets  map[string][]index.FacetValue
	}
	if q.lines {
		a.Total = strings.Count(string(body), "\n")
	} else if err := json.Unmarshal(body, &a); err != nil {
		b.note("%s: %v", q.query, err)
		return
	}
	ofType := a.Total // each document has one type
	for i, v := range a.Facets["type"] {
		if i == 0 {
			ofType = 0
		}
		ofType += v.Count
	}
	right := a.Total == q.totals[0] || a.Total == q.totals[1]
	if q.lines { // its pages may be of one manifest and of the next
		right = min(q.totals[0], q.totals[1]) <= a.Total && a.Total <= max(q.totals[0], q.totals[1])
	}
	if a.Partial || ofType != a.Total || !right {
		b.note("%s: %d hits, partial %v, %d by type; right are %v", q.query, a.Total, a.Partial, ofType, q.totals)
	}
	b.mu.Lock()
	b.took[q] = append(b.took[q], took)
	b.bytes += int64(len(body))
	b.mu.Unlock()
}

func (b *bench) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed++; len(b.wrong) < 20 {
		b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
	}
}

func (b *bench) report(published, memory int, ps *os.ProcessState) {
	var all []time.Duration
	fmt.Printf("%-40s %8s %8s %8s %8s %8s %8s\n", "", "hits", "answers", "p50 ms", "p90 ms", "p99 ms", "max ms")
	row := func(what string, hits int, list []time.Duration) {
		if len(list) == 0 {
			return
		}
		slices.Sort(list)
		at := func(p float64) float64 { return list[int(p*float64(len(list)-1))].Seconds() * 1000 }
		fmt.Printf("%-40s %8d %8d %8.1f %8.1f %8.1f %8.1f\n", what, hits, len(list), at(.5), at(.9), at(.99), at(1))
	}
	for _, q := range questions {
		what := q.query + q.params
		if q.lines {
			what += " (lines)"
		}
		row(what[:min(len(what), 40)], q.totals[0], b.took[q])
		all = append(all, b.took[q]...)
	}
	row("all", 0, all)
	fmt.Printf("%d clients, %v: %.0f answers a second, %.1f MB/s, %d publications, %d refused, %d wrong\n", b.clients, b.time,
		float64(len(all))/b.time.Seconds(), float64(b.bytes)/b.time.Seconds()/1e6, published, b.refused, b.failed)
	fmt.Printf("server: %.2f ms CPU an answer; at most %d MB of its own", (ps.UserTime()+ps.SystemTime()).Seconds()*1000/float64(max(1, len(all))), memory>>10)
	if u, ok := ps.SysUsage().(*syscall.Rusage); ok {
		fmt.Printf(", %d MB with the files of the index that it has mapped", u.Maxrss>>10)
	}
	if b.memory != "" {
		fmt.Printf("; GOMEMLIMIT=%s", b.memory)
	}
	fmt.Println()
}

// watch reports the most memory of its own that a process had until stop, in kB, without files that it has mapped.
func watch(pid int, stop <-chan struct{}, peak chan<- int) {
	most := 0
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, ok := strings.Cut(string(b), "RssAnon:"); ok {
			n := 0
			fmt.Sscan(rest, &n)
			most = max(most, n)
		}
		select {
		case <-tick.C:
		case <-stop:
			peak <- most
			return
		}
	}
}

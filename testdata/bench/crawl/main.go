// Command crawl measures what fetching costs: it walks a server by crawl/ftpconn with several connections,
// throws the listings away, and prints a line of figures. run.sh starts servers for it and compares.
//
//	go run ./testdata/bench/crawl [-connections 8] [-rtt 50ms] [-max N] [-careful] [-tls] [-listing list|mlsd] HOST:PORT[/DIR]
//
// With -rtt, each connection is delayed in this process: connecting takes a round trip, and every byte
// half of one each way. The kernel's acknowledgements are not delayed, so Nagle's algorithm and lingering
// cost less than on a real line.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
)

func main() {
	connections := flag.Int("connections", 8, "")
	rtt := flag.Duration("rtt", 0, "round trip `time` to simulate")
	most := flag.Int("max", 0, "stop after so many directories")
	careful := flag.Bool("careful", false, "no command ahead of the reply to the one before")
	secure := flag.Bool("tls", false, "explicit TLS, certificate not verified")
	listing := flag.String("listing", "list", "list or mlsd")
	flag.Parse()
	addr, dir, _ := strings.Cut(flag.Arg(0), "/")
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	server := crawl.Server{Scheme: crawl.FTP, Host: host}
	server.Port, _ = strconv.Atoi(port)
	d := &ftpconn.Dialer{Careful: *careful, Listing: ftpconn.ListingMode(*listing)}
	if *secure {
		server.Scheme = crawl.FTPES
		d.TLSConfig = &tls.Config{InsecureSkipVerify: true}
	}
	if *rtt > 0 {
		d.DialContext = delayed(*rtt)
	}
	w := &walk{d: d, server: server, todo: []string{"/" + dir}, most: *most}
	w.wake = sync.NewCond(&w.mu)

	start := time.Now()
	var wg sync.WaitGroup
	for range *connections {
		wg.Go(w.work)
	}
	wg.Wait()
	elapsed := time.Since(start)
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use) // cannot fail for this process
	cpu := time.Duration(use.Utime.Nano() + use.Stime.Nano())
	n := max(w.done, 1)
	fmt.Printf("%7d dirs %8d lines %9d bytes %4d refused  %7.2f s  %6.0f dirs/s  %5.1f ms/dir/conn  CPU %4d µs/dir  RSS %3d MB  %s\n",
		w.done, w.lines, w.bytes, w.refused, elapsed.Seconds(), float64(n)/elapsed.Seconds(),
		float64(elapsed.Milliseconds())*float64(*connections)/float64(n), cpu.Microseconds()/int64(n), use.Maxrss>>10, d.Facts(server)["listing"])
	if w.err != nil {
		fmt.Fprintln(os.Stderr, w.err)
		os.Exit(1)
	}
}

// walk is the frontier of one server: newest first.
type walk struct {
	d      *ftpconn.Dialer
	server crawl.Server
	most   int

	mu    sync.Mutex
	wake  *sync.Cond
	todo  []string
	busy  int
	begun int

	done, lines, bytes, refused int
	err                         error
}

// take returns the next directory; wait: also if there is none yet but may be.
func (w *walk) take(wait bool) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.todo) == 0 && w.busy > 0 && wait && w.err == nil {
		w.wake.Wait()
	}
	if len(w.todo) == 0 || w.err != nil || w.most > 0 && w.begun >= w.most {
		w.wake.Broadcast()
		return "", false
	}
	dir := w.todo[len(w.todo)-1]
	w.todo = w.todo[:len(w.todo)-1]
	w.busy++
	w.begun++
	return dir, true
}

func (w *walk) put(dir string, listing []byte, err error) {
	children := subdirectories(dir, listing)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	w.done++
	w.bytes += len(listing)
	w.lines += bytes.Count(listing, []byte("\n"))
	if err != nil {
		w.refused++
	}
	w.todo = append(w.todo, children...)
	w.wake.Broadcast()
}

func (w *walk) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = errors.Join(w.err, err)
	w.wake.Broadcast()
}

func (w *walk) work() {
	ctx := context.Background()
	c, err := w.d.Dial(ctx, w.server)
	if err != nil {
		w.fail(err)
		return
	}
	defer c.Close()
	var b bytes.Buffer
	promised := ""
	for {
		dir, ok := promised, promised != ""
		if promised = ""; !ok {
			if dir, ok = w.take(true); !ok {
				return
			}
		}
		b.Reset()
		_, err := c.List(ctx, crawl.Request{Path: dir, Next: func() (string, bool) {
			promised, ok = w.take(false)
			return promised, ok
		}}, &b)
		if crawl.Broken(err) {
			w.fail(err)
			return
		}
		w.put(dir, b.Bytes(), err)
	}
}

// subdirectories finds the directories in a Unix or MLSD listing, as far as a benchmark needs it.
func subdirectories(dir string, listing []byte) []string {
	var found []string
	for line := range bytes.Lines(listing) {
		line = bytes.TrimRight(line, "\r\n")
		var name []byte
		switch {
		case bytes.Contains(line, []byte("type=dir;")):
			_, name, _ = bytes.Cut(line, []byte("; "))
		case len(line) > 0 && line[0] == 'd':
			name = line
			for range 8 { // mode, links, owner, group, size, month, day, time
				_, name, _ = bytes.Cut(bytes.TrimLeft(name, " "), []byte(" "))
			}
		}
		if n := string(name); n != "" && n != "." && n != ".." {
			found = append(found, strings.TrimSuffix(dir, "/")+"/"+n)
		}
	}
	return found
}

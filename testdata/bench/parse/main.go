// Command parse compares package parse with the listing parser of github.com/jlaffaye/ftp, which is
// private to it: ServerConn.List is given connections in memory that replay a listing. Both read the same
// bytes, one after the other in the same run, and a table shows what it took.
//
//	cd testdata/bench/parse && go run .
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/ftpidx/ftpidx/parse"
)

var (
	lines = flag.Int("n", 100_000, "lines of a listing")
	least = flag.Duration("time", 2*time.Second, "processor time to spend on each")
)

func main() {
	flag.Parse()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "listing\treader\tns/line\tlines/s\tallocs/entry\tB/entry\ttimes as fast\t")
	for _, l := range []struct {
		name string
		mlst bool
		line func(i int) string
	}{
		{"Unix", false, func(i int) string {
			when := fmt.Sprintf("%02d:%02d", i%24, i%60)
			if i%3 == 0 {
				when = fmt.Sprintf(" %d", 1995+i%15)
			}
			return fmt.Sprintf("-rw-r--r-- %4d ftp      ftp      %12d %s %02d %s package-%06d.tar.gz\r\n",
				1+i%3, i*7919%100_000_000, time.Month(1 + i%12).String()[:3], 1+i%28, when, i)
		}},
		{"DOS", false, func(i int) string {
			return fmt.Sprintf("%02d-%02d-%02d  %02d:%02dPM %20d package-%06d.tar.gz\r\n", 1+i%12, 1+i%28, i%20, 1+i%12, i%60, i*7919, i)
		}},
		{"MLSD", true, func(i int) string {
			return fmt.Sprintf("modify=20%02d%02d%02d%02d%02d%02d;perm=adfrw;size=%d;type=file;unique=801U%X;UNIX.group=1001;UNIX.mode=0644;UNIX.owner=1001; package-%06d.tar.gz\r\n",
				i%12, 1+i%12, 1+i%28, i%24, i%60, i%60, i*7919, i, i)
		}},
	} {
		var text bytes.Buffer
		for i := range *lines {
			text.WriteString(l.line(i))
		}
		client := dial(text.Bytes(), l.mlst)
		var theirs cost
		for _, r := range []struct {
			name string
			read func() int
		}{
			{"jlaffaye/ftp", func() int {
				entries, err := client.List("")
				check(err)
				return len(entries)
			}},
			{"parse.ReadAll", func() int {
				entries, _, err := parse.ReadAll(bytes.NewReader(text.Bytes()), nil)
				check(err)
				return len(entries)
			}},
			{"parse.Reader", func() (n int) {
				for _, err := range parse.NewReader(bytes.NewReader(text.Bytes()), nil).All() {
					check(err)
					n++
				}
				return n
			}},
		} {
			c := measure(r.read)
			if theirs == (cost{}) {
				theirs = c
			}
			fmt.Fprintf(w, "%s\t%s\t%.0f\t%.0f\t%.1f\t%.0f\t%.1f\t\n", l.name, r.name, c.ns, 1e9/c.ns, c.allocs, c.bytes, theirs.ns/c.ns)
		}
		check(client.Quit())
	}
	check(w.Flush())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A cost is what reading one line takes.
type cost struct{ ns, allocs, bytes float64 }

// measure runs read for some seconds of processor time, which unlike the time on the clock does not depend on
// what else the machine does. It includes the garbage collector's.
func measure(read func() int) cost {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start, n := cpu(), 0
	for n == 0 || cpu()-start < *least {
		got := read()
		if got != *lines {
			log.Fatalf("%d entries of %d lines", got, *lines)
		}
		n += got
	}
	spent := cpu() - start
	runtime.ReadMemStats(&after)
	return cost{
		float64(spent.Nanoseconds()) / float64(n), float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}
}

// cpu returns the processor time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// dial returns a client that is logged in to a server whose every directory is the listing.
func dial(text []byte, mlst bool) *ftp.ServerConn {
	control := true
	c, err := ftp.Dial("replay:21", ftp.DialWithDialFunc(func(string, string) (net.Conn, error) {
		if control {
			control = false
			here, there := net.Pipe()
			go serve(there, mlst)
			return control21{here}, nil
		}
		return replay{r: bytes.NewReader(text)}, nil
	}))
	check(err)
	check(c.Login("anonymous", "x@"))
	return c
}

// serve answers on a control connection what a server would whose every directory is the listing.
func serve(conn net.Conn, mlst bool) {
	defer conn.Close()
	features := "211 No features"
	if mlst {
		features = "211-Features:\r\n MLST type*;size*;modify*;\r\n211 End"
	}
	replies := map[string]string{
		"USER": "331 Password", "PASS": "230 Hello", "FEAT": features, "TYPE": "200 Binary", "OPTS": "200 OK", "EPSV": "229 Passive (|||20000|)",
		"LIST": "150 Here it comes\r\n226 Done", "MLSD": "150 Here it comes\r\n226 Done", "QUIT": "221 Bye",
	}
	fmt.Fprint(conn, "220 Replay\r\n")
	var buf [512]byte
	for {
		n, err := conn.Read(buf[:])
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), " ")
		reply, ok := replies[strings.ToUpper(verb)]
		if !ok {
			reply = "502 Not implemented"
		}
		fmt.Fprint(conn, reply, "\r\n")
		if verb == "QUIT" {
			return
		}
	}
}

// control21 is a control connection with an address.
type control21 struct{ net.Conn }

func (control21) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 21} }

// replay is a data connection that brings a listing.
type replay struct {
	net.Conn
	r io.Reader
}

func (c replay) Read(p []byte) (int, error)       { return c.r.Read(p) }
func (c replay) Close() error                     { return nil }
func (c replay) SetDeadline(time.Time) error      { return nil }
func (c replay) SetReadDeadline(time.Time) error  { return nil }
func (c replay) SetWriteDeadline(time.Time) error { return nil }

package parse

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"
)

// unixLines returns n lines as a mirror's vsftpd prints them.
func unixLines(n int) []byte {
	var b bytes.Buffer
	months := "JanFebMarAprMayJunJulAugSepOctNovDec"
	for i := range n {
		m := i * 7 % 12 * 3
		when := fmt.Sprintf("%02d:%02d", i%24, i%60)
		if i%3 == 0 {
			when = fmt.Sprintf(" %d", 1995+i%15)
		}
		kind, links, size := "-rw-r--r--", 1, i*7919%100_000_000
		if i%17 == 0 {
			kind, links, size = "drwxr-xr-x", 2+i%9, 4096
		}
		fmt.Fprintf(&b, "%s %4d %-8s %-8s %12d %s %02d %s package-%06d_%d.%d-%d.tar.gz\r\n",
			kind, links, "ftp", "ftp", size, months[m:m+3], 1+i%28, when, i, i%5, i%13, i%3)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, text []byte, o *Options) {
	lines := bytes.Count(text, []byte("\n"))
	src := bytes.NewReader(text)
	r := NewReader(src, o)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(text)
		r.Reset(src)
		n := 0
		for {
			_, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != lines {
			b.Fatalf("got %d entries of %d lines", n, lines)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mlines/s")
}

func BenchmarkUnix(b *testing.B) {
	benchmark(b, unixLines(100_000), &Options{Now: time.Date(2011, 8, 12, 0, 0, 0, 0, time.UTC)})
}

package parse

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"
)

// Lines as servers print them, made of a number. The names of packages, sizes and dates vary as in a mirror.
var benchLines = []struct {
	name   string
	format Format
	line   func(i int) string
}{
	{"unix", Unix, func(i int) string {
		when := fmt.Sprintf("%02d:%02d", i%24, i%60)
		if i%3 == 0 {
			when = fmt.Sprintf(" %d", 1995+i%15)
		}
		mode, links, size := "-rw-r--r--", 1, i*7919%100_000_000
		if i%17 == 0 {
			mode, links, size = "drwxr-xr-x", 2+i%9, 4096
		}
		return fmt.Sprintf("%s %4d %-8s %-8s %12d %s %02d %s package-%06d_%d.%d-%d.tar.gz\r\n",
			mode, links, "ftp", "ftp", size, benchMonth(i), 1+i%28, when, i, i%5, i%13, i%3)
	}},
	{"unix blanks in owner", Unix, func(i int) string {
		return fmt.Sprintf("-rw-r--r-- 1 Bed Rock  Domain Users %12d %s %2d %02d:%02d package-%06d.tar.gz\r\n", i*7919, benchMonth(i), 1+i%28, i%24, i%60, i)
	}},
	{"unix long-iso", Unix, func(i int) string {
		return fmt.Sprintf("-rw-r--r-- 1 wilma quarry %12d 20%02d-%02d-%02d %02d:%02d package-%06d.tar.gz\n", i*7919, i%12, 1+i%12, 1+i%28, i%24, i%60, i)
	}},
	{"unix german", Unix, func(i int) string {
		months := [...]string{"Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"}
		return fmt.Sprintf("-rw-r--r-- 1 wilma quarry %12d %2d. %s %02d:%02d package-%06d.tar.gz\n", i*7919, 1+i%28, months[i%12], i%24, i%60, i)
	}},
	{"dos", DOS, func(i int) string {
		return fmt.Sprintf("%02d-%02d-%02d  %02d:%02dPM %20d package-%06d.tar.gz\r\n", 1+i%12, 1+i%28, i%100, 1+i%12, i%60, i*7919, i)
	}},
	{"mlsx", MLSx, func(i int) string {
		return fmt.Sprintf("modify=20%02d%02d%02d%02d%02d%02d;perm=adfrw;size=%d;type=file;unique=801U%X;UNIX.group=1001;UNIX.mode=0644;UNIX.owner=1001; package-%06d.tar.gz\r\n",
			i%12, 1+i%12, 1+i%28, i%24, i%60, i%60, i*7919, i, i)
	}},
	{"vms", VMS, func(i int) string {
		return fmt.Sprintf("PACKAGE-%06d.TXT;%d  %12d/%d  %2d-%s-20%02d %02d:%02d:%02d  [QUARRY,WILMA]  (RWED,RWED,RE,)\r\n", i, 1+i%9, i, i+2, 1+i%28, benchMonth(i), i%12, i%24, i%60, i%60)
	}},
	{"vms two lines", VMS, func(i int) string {
		return fmt.Sprintf("A_LONG_NAME_OF_PACKAGE_%06d.TXT;%d\r\n  %12d/%d  %2d-%s-20%02d %02d:%02d:%02d  [QUARRY,WILMA]  (RWED,RWED,RE,)\r\n", i, 1+i%9, i, i+2, 1+i%28, benchMonth(i), i%12, i%24, i%60, i%60)
	}},
	{"mvs", MVS, func(i int) string {
		return fmt.Sprintf("PUB%03d 3390   20%02d/%02d/%02d  1   15  FB      80 27920  PS  PACKAGE.N%06d\r\n", i%1000, i%12, 1+i%12, 1+i%28, i)
	}},
	{"os400", OS400, func(i int) string {
		return fmt.Sprintf("WILMA     %14d %02d/%02d/%02d %02d:%02d:%02d *STMF      package-%06d.tar.gz\r\n", i*7919, 1+i%12, 1+i%28, i%12, i%24, i%60, i%60, i)
	}},
	{"netware", NetWare, func(i int) string {
		return fmt.Sprintf("- [RWCEAFMS] wilma  %14d %s %2d %02d:%02d package-%06d.tar.gz\r\n", i*7919, benchMonth(i), 1+i%28, i%24, i%60, i)
	}},
	{"eplf", EPLF, func(i int) string {
		return fmt.Sprintf("+i83.%d,m%d,r,s%d,\tpackage-%06d.tar.gz\r\n", i, 1_299_690_000+i, i*7919, i)
	}},
	{"os2", OS2, func(i int) string {
		return fmt.Sprintf("%18d      A          %02d-%02d-%02d   %02d:%02d  PACKAGE.%03d\r\n", i*7919, 1+i%12, 1+i%28, i%100, i%24, i%60, i%1000)
	}},
	{"tandem", Tandem, func(i int) string {
		return fmt.Sprintf("P%06d  101  %14d %2d-%s-%02d %02d:%02d:%02d 255, 10 \"NUNU\"\r\n", i, i*7919, 1+i%28, benchMonth(i), i%100, i%24, i%60, i%60)
	}},
	{"zvm", ZVM, func(i int) string {
		return fmt.Sprintf("P%06d  DATA  V  80  %d  3 20%02d-%02d-%02d %02d:%02d:%02d WILMA\r\n", i, i, i%12, 1+i%12, 1+i%28, i%24, i%60, i%60)
	}},
	{"vxworks", VxWorks, func(i int) string {
		return fmt.Sprintf("%8d    %s-%02d-20%02d  %02d:%02d:%02d   package-%06d.tar.gz\r\n", i*7919, benchMonth(i), 1+i%28, i%12, i%24, i%60, i%60, i)
	}},
	{"os9", OS9, func(i int) string {
		return fmt.Sprintf(" 7.12 %02d/%02d/%02d %02d%02d ----r-wr %X %d package-%06d\r\n", i%100, 1+i%12, 1+i%28, i%24, i%60, i, i*7919, i)
	}},
	{"wfftp", WFFTP, func(i int) string {
		return fmt.Sprintf("p%06d.txt  %14d  %02d/%02d/%02d  Wed.  %02d:%02d:%02d\r\n", i, i*7919, 1+i%12, 1+i%28, i%100, i%24, i%60, i%60)
	}},
	{"vshell", VShell, func(i int) string {
		return fmt.Sprintf("%14d  %s %02d, 20%02d %02d:%02d package-%06d.tar.gz\r\n", i*7919, benchMonth(i), 1+i%28, i%12, i%24, i%60, i)
	}},
	{"supertcp", SuperTCP, func(i int) string {
		return fmt.Sprintf("P%06d.TXT  %14d  %02d-%02d-%02d  %02d:%02d\r\n", i, i*7919, 1+i%12, 1+i%28, i%100, i%24, i%60)
	}},
	{"dls", DLS, func(i int) string {
		return fmt.Sprintf("package-%06d/  -  %s %2d %02d:%02d  one of many packages\r\n", i, benchMonth(i), 1+i%28, i%24, i%60)
	}},
	{"find", Find, func(i int) string {
		return fmt.Sprintf("%9d %6d -rw-r--r--   1 wilma    quarry %14d %s %2d %02d:%02d ./attic/package-%06d.tar.gz\n", i, i/2, i*7919, benchMonth(i), 1+i%28, i%24, i%60, i)
	}},
	{"names", Names, func(i int) string { return fmt.Sprintf("/pub/attic/package-%06d.tar.gz\r\n", i) }},
}

func benchMonth(i int) string {
	const months = "JanFebMarAprMayJunJulAugSepOctNovDec"
	m := i * 7 % 12 * 3
	return months[m : m+3]
}

// BenchmarkReader reads 100,000 lines of each format with one Reader that is used again.
func BenchmarkReader(b *testing.B) {
	for _, c := range benchLines {
		b.Run(c.name, func(b *testing.B) {
			const n = 100_000
			var text bytes.Buffer
			for i := range n {
				text.WriteString(c.line(i))
			}
			o := &Options{Now: time.Date(2011, 8, 12, 0, 0, 0, 0, time.UTC)}
			if formats[c.format].told && c.format != Find {
				o.Format = c.format
			}
			src := bytes.NewReader(nil)
			r := NewReader(src, o)
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				src.Reset(text.Bytes())
				r.Reset(src)
				got := 0
				for {
					_, err := r.Read()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					got++
				}
				if got != n || r.Format() != c.format {
					b.Fatalf("%d entries of %d lines, format %v", got, n, r.Format())
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mlines/s")
		})
	}
}

// BenchmarkReadAll gathers the entries of 100,000 ls lines.
func BenchmarkReadAll(b *testing.B) {
	var text bytes.Buffer
	for i := range 100_000 {
		text.WriteString(benchLines[0].line(i))
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if entries, bad, err := ReadAll(bytes.NewReader(text.Bytes()), nil); len(entries) != 100_000 || bad != nil || err != nil {
			b.Fatal(len(entries), bad, err)
		}
	}
}

// BenchmarkSmallListing reads a directory of twenty files, detection and all.
func BenchmarkSmallListing(b *testing.B) {
	var text bytes.Buffer
	for i := range 20 {
		text.WriteString(benchLines[0].line(i))
	}
	src := bytes.NewReader(nil)
	r := NewReader(src, nil)
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(text.Bytes())
		r.Reset(src)
		for _, err := range r.All() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkDetect looks at 64 KiB of ls lines.
func BenchmarkDetect(b *testing.B) {
	var text bytes.Buffer
	for i := 0; text.Len() < window; i++ {
		text.WriteString(benchLines[0].line(i))
	}
	b.SetBytes(window)
	b.ReportAllocs()
	for b.Loop() {
		if Detect(text.Bytes()) != Unix {
			b.Fatal("not unix")
		}
	}
}

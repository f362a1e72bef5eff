package parse

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// brief returns what is known of e in one line.
func brief(e Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %q", e.Type, e.Name)
	add := func(format string, a ...any) { fmt.Fprintf(&b, " "+format, a...) }
	if e.Dir != "" {
		add("in=%q", e.Dir)
	}
	if e.Target != "" {
		add("-> %q", e.Target)
	}
	if e.Size >= 0 {
		add("%d", e.Size)
	}
	if e.Device != "" {
		add("dev=%q", e.Device)
	}
	layout := [...]string{"", "2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04:05.999999999"}
	if e.Precision != NoTime {
		add("%s", e.ModTime.UTC().Format(layout[e.Precision]))
	}
	if e.Mode != "" {
		add("%s", e.Mode)
	}
	if e.Perm >= 0 {
		add("%v", e.Perm)
	}
	if e.Owner != "" {
		add("u=%q", e.Owner)
	}
	if e.Group != "" {
		add("g=%q", e.Group)
	}
	if e.Links >= 0 {
		add("n=%d", e.Links)
	}
	return b.String()
}

// readLines reads text and returns one line for each entry and each error, and the noise left out.
func readLines(t testing.TB, text string, o Options) string {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = testNow
	}
	var out []string
	for e, err := range NewReader(strings.NewReader(text), &o).All() {
		s := ""
		if err == nil || e.Name != "" {
			s = brief(e)
		}
		if err != nil {
			var bad *SyntaxError
			if !errors.As(err, &bad) {
				t.Fatal(err)
			}
			s = strings.TrimSpace(s + " BAD " + bad.Err.Error())
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

// Each row is a listing, most of one line, and what is read from it: with the format found out, and told.
var lineTests = []struct {
	format Format
	line   string
	want   string
}{
	// ls: columns.
	{Unix, "drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic", `dir "attic" 4096 2011-03-09T17:04 drwxr-xr-x 0755 u="wilma" g="quarry" n=4`},
	{Unix, "-rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 rock list.txt", `file "rock list.txt" 183502 2009-11-30 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "lrwxrwxrwx   1 fred     quarry         11 Jan  5 08:00 latest -> attic/v2.13", `link "latest" -> "attic/v2.13" 11 2011-01-05T08:00 lrwxrwxrwx 0777 u="fred" g="quarry" n=1`},
	{Unix, "crw-rw----   1 root     tty        4,  64 Mar  9 17:04 ttyS0", `device "ttyS0" dev="4, 64" 2011-03-09T17:04 crw-rw---- 0660 u="root" g="tty" n=1`},
	{Unix, "brw-rw---- 1 root disk 8,17 Mar  9 17:04 sdb1", `device "sdb1" dev="8, 17" 2011-03-09T17:04 brw-rw---- 0660 u="root" g="disk" n=1`},
	{Unix, "crw-rw---- 1 root disk 4096 Mar  9 17:04 odd", `device "odd" 4096 2011-03-09T17:04 crw-rw---- 0660 u="root" g="disk" n=1`},
	{Unix, "-rw-r-----+ 12 Bed Rock    Power Users  512 Mar  9 17:04 minutes", `file "minutes" 512 2011-03-09T17:04 -rw-r-----+ 0640 u="Bed Rock" g="Power Users" n=12`},
	{Unix, "-rw-r--r-- 1 Bed Rock       Power Users 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="Bed Rock" g="Power Users" n=1`},
	{Unix, "-rw-r--r-- 1 otto Domain Users 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="otto" g="Domain Users" n=1`},
	{Unix, "-rw-r--r-- 2048     Night  Shift 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="Night" g="Shift" n=2048`},
	{Unix, "-rw-r--r-- 1 (?) *unknown 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="(?)" g="*unknown" n=1`},
	{Unix, `-rw-r--r-- 1 a@b CORP\Domain Users 5 Mar  9 17:04 x`, `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="a@b" g="CORP\\Domain Users" n=1`},
	{Unix, "-rw-r--r-- 1 -A--- - 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="-A---" g="-" n=1`},
	{Unix, "-rw-r--r-- wilma quarry 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry"`},
	{Unix, "-rw-r--r-- 1 wilma 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" n=1`},
	{Unix, "-rw-r--r-- 3 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 n=3`},
	{Unix, "-rw-r--r-- 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644`},
	{Unix, "-rw-r--r-- 0 1000 1000 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="1000" g="1000" n=0`},
	{Unix, "  131074   4 -rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "  4 -rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "drwxr-xr-x 3 wilma quarry 512 attic", `dir "attic" 512 drwxr-xr-x 0755 u="wilma" g="quarry" n=3`},
	{Unix, "drwxr-xr-x 3 wilma quarry 512 2011", `BAD bad time`},
	{Unix, "drwxr-xr-x 3 wilma quarry 512 old attic", `BAD bad time`},
	{Unix, "drwxr-xr-x 3 wilma quarry attic", `BAD bad time`},
	{Unix, "d????????? ? ?    ?       ?            ? attic", `dir "attic" d?????????`},

	// ls: sizes.
	{Unix, "-rw-r--r-- 1 wilma quarry 183,502 Mar  9 17:04 x", `file "x" 183502 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 1,183,502 Mar  9 17:04 x", `file "x" 1183502 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 12.5k Mar  9 17:04 x", `file "x" 12800 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 7M Mar  9 17:04 x", `file "x" 7340032 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 1.2G Mar  9 17:04 x", `file "x" 1288490188 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry -1 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 18446744073709551615 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 9223372036854775807 Mar  9 17:04 x", `file "x" 9223372036854775807 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry ****** Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 12:34 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1 BAD bad size`},
	{Unix, "-rw-r--r-- 1 wilma quarry 51x Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1 BAD bad size`},
	{Unix, "-rw-r--r-- 1 wilma quarry 12,34 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1 BAD bad size`},

	{Unix, "-rw-r--r-- 1 wilma quarry 1,000,000,000,000,000,000,000,000,000,000,000,000,000,000 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1 BAD bad size`},
	{Unix, "-rw-r--r-- 1 wilma quarry ,183,502 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1 BAD bad size`},
	{Unix, "-rw-r--r-- 1 wilma quarry 99999P Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 1.5 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1 BAD bad size`},
	{Unix, "-rw-r--r-- 1 wilma quarry 1,5k Mar  9 17:04 x", `file "x" 1536 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},

	// ls: columns run together.
	{Unix, "-rw-r--r-- 1 wilma staff90210 Mar  9 17:04 x", `file "x" 90210 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="staff" n=1`},
	{Unix, "drwxr-xr-x 2 wilma quarry 4096Mar  9 17:04 x", `dir "x" 4096 2011-03-09T17:04 drwxr-xr-x 0755 u="wilma" g="quarry" n=2`},
	{Unix, "-rw-r--r-- 1 wilma 512 someMar  9  2011 x", `file "x" 512 2011-03-09 -rw-r--r-- 0644 u="wilma" n=1`},
	{Unix, "drwxr-xr-x1208 wilma quarry 4096 Mar  9 17:04 x", `dir "x" 4096 2011-03-09T17:04 drwxr-xr-x 0755 u="wilma" g="quarry" n=1208`},
	{Unix, "drwx---+12 wilma quarry 4096 Mar  9 17:04 x", `dir "x" 4096 2011-03-09T17:04 drwx---+ 0700 u="wilma" g="quarry" n=12`},

	// ls: modes.
	{Unix, "drwxr-x 2 wilma quarry 4096 Mar  9 17:04 x", `dir "x" 4096 2011-03-09T17:04 drwxr-x 0750 u="wilma" g="quarry" n=2`},
	{Unix, "-rw-r--r- 2 wilma quarry 4096 Mar  9 17:04 x", `file "x" 4096 2011-03-09T17:04 -rw-r--r- 0644 u="wilma" g="quarry" n=2`},
	{Unix, "-rwsr-S--T 1 wilma quarry 1 Mar  9 17:04 x", `file "x" 1 2011-03-09T17:04 -rwsr-S--T 7740 u="wilma" g="quarry" n=1`},
	{Unix, "-rw---l--- 1 wilma quarry 1 Mar  9 17:04 x", `file "x" 1 2011-03-09T17:04 -rw---l--- 2600 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r--. 1 wilma quarry 1 Mar  9 17:04 x", `file "x" 1 2011-03-09T17:04 -rw-r--r--. 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r--@ 1 wilma quarry 1 Mar  9 17:04 x", `file "x" 1 2011-03-09T17:04 -rw-r--r--@ 0644 u="wilma" g="quarry" n=1`},
	{Unix, "prw-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `pipe "x" 0 2011-03-09T17:04 prw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "srw-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `socket "x" 0 2011-03-09T17:04 srw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "Drw-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `other "x" 0 2011-03-09T17:04 Drw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "?rw-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `unknown "x" 0 2011-03-09T17:04 ?rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "Crw-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `file "x" 0 2011-03-09T17:04 Crw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "xrw-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `BAD not a line of any known format`},
	{Unix, "-wr-r--r-- 1 wilma quarry 0 Mar  9 17:04 x", `BAD not a line of any known format`},
	{Unix, "-rw-r--r 1 wilma quarry 0 Mar  9 17:04 x", `BAD not a line of any known format`},
	{Unix, "0100644   600  205   7310    1299690273   rocks.bin", `file "rocks.bin" 7310 2011-03-09T17:04:33 0100644 0644 u="600" g="205"`},
	{Unix, "0042755   600  205   7310    1299690273   attic", `dir "attic" 7310 2011-03-09T17:04:33 0042755 2755 u="600" g="205"`},
	{Unix, "-C--E-----FTP B WILMA      4402    77310 Mar  9 17:04 X", `file "X" 77310 2011-03-09T17:04 -C--E-----FTP B u="WILMA" g="4402"`},

	{Unix, "-C--E--x--FTP B WILMA      4402    77310 Mar  9 17:04 X", `BAD not a line of any known format`},
	{Unix, "-C--E-----FTP B WILMA      4402    7731x Mar  9 17:04 X", `file "X" 2011-03-09T17:04 -C--E-----FTP B u="WILMA" g="4402" BAD bad size`},
	{Unix, "01006   600  205   7310    1299690273   x", `BAD not a line of any known format`},
	{Unix, "0120777   600  205   1    1299690273   a -> b", `link "a" -> "b" 1 2011-03-09T17:04:33 0120777 0777 u="600" g="205"`},
	{Unix, "d????????? ? ? ? ? attic", `BAD not a line of any known format`},
	{Unix, "d????????? ? ? ? ? ?", `BAD not a line of any known format`},
	{Unix, "x????????? ? ? ? ? ? attic", `BAD not a line of any known format`},

	{Unix, "0020660   0  6   0    1299690273   tty\n0060660 0 6 0 1299690273 sda\n0010644 0 6 0 1299690273 fifo\n0140644 0 6 0 1299690273 log",
		`device "tty" 0 2011-03-09T17:04:33 0020660 0660 u="0" g="6"` + "\n" + `device "sda" 0 2011-03-09T17:04:33 0060660 0660 u="0" g="6"` + "\n" +
			`pipe "fifo" 0 2011-03-09T17:04:33 0010644 0644 u="0" g="6"` + "\n" + `socket "log" 0 2011-03-09T17:04:33 0140644 0644 u="0" g="6"`},

	// ls: classic Mac OS.
	{Unix, "-rw-r--r--    78440       49231   127671 Jul 22  2010 quarry.jpg", `file "quarry.jpg" 127671 2010-07-22 -rw-r--r-- 0644`},
	{Unix, "drwxr-xr-x               folder        3 Mar  9 17:04 attic", `dir "attic" 3 2011-03-09T17:04 drwxr-xr-x 0755`},
	{Unix, "-rw-r--r-- 0 99999999999999999999 99999999999999999999 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644`},

	{Unix, "-rw-r--r-- 5 99999999999999999999 99999999999999999999 Mar  9 17:04 x", `file "x" 2011-03-09T17:04 -rw-r--r-- 0644 u="99999999999999999999" n=5`},
	{Unix, "-rw-r--r-- 5 8 12 Mar  9 17:04 x", `file "x" 12 2011-03-09T17:04 -rw-r--r-- 0644 u="8" n=5`},

	// ls: names.
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04  x ", `file " x " 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9  2011  x", `file " x" 5 2011-03-09 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 2011  x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 2011-03-09   x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 2011-03-09 17:04  x", `file " x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 a -> b", `file "a -> b" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "lrwxrwxrwx 1 wilma quarry 1 Mar  9 17:04 a -> b -> c", `link "a -> b" -> "c" 1 2011-03-09T17:04 lrwxrwxrwx 0777 u="wilma" g="quarry" n=1`},
	{Unix, "lrwxrwxrwx 1 wilma quarry 6 Mar  9 17:04 a -> b -> c", `link "a" -> "b -> c" 6 2011-03-09T17:04 lrwxrwxrwx 0777 u="wilma" g="quarry" n=1`},
	{Unix, "lrwxrwxrwx 1 wilma quarry 99 Mar  9 17:04 a -> b -> c", `link "a" -> "b -> c" 99 2011-03-09T17:04 lrwxrwxrwx 0777 u="wilma" g="quarry" n=1`},
	{Unix, "lrwxrwxrwx 1 wilma quarry 99 Mar  9 17:04 a", `link "a" 99 2011-03-09T17:04 lrwxrwxrwx 0777 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 Mar  9  2010 x", `file "Mar  9  2010 x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 /pub/x", `file "/pub/x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 notes:", `file "notes:" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 a\x00b\x85c\vd\fe\u2028f\rg", `file "a\x00b\x85c\vd\fe\u2028f\rg" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=1`},
	{Unix, "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04   \n-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04\n", ""},
	{Unix, "drwxr-xr-x 1 wilma quarry 5 Mar  9 17:04  . \ndrwxr-xr-x 1 wilma quarry 5 Mar  9 17:04 ..\ndrwxr-xr-x 1 wilma quarry 5 Mar  9 17:04 /\n", ""},

	// ls: dates.
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09  17:04", `file "17:04" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09  17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17:04", ``},
	{Unix, "-rw-r--r-- 1 w q 5 MAR 9 2011 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Oct 08, 2011 x", `file "x" 5 2011-10-08 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Oct 08, 2011 07:15 x", `file "x" 5 2011-10-08T07:15 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Oct 08 2011 07:15 x", `file "07:15 x" 5 2011-10-08 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 17:04:33 2011 x", `file "x" 5 2011-03-09T17:04:33 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 17:04:33 x", `file "x" 5 2011-03-09T17:04:33 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 09 Mar 17:04 2011 report", `file "2011 report" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 9. M\u00e4rz, 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 9. M\xe4rz, 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2.  Okt.  2011 x", `file "x" 5 2011-10-02 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 14 май 2011 x", `file "x" 5 2011-05-14 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 14 \xec\xe0\xe9 2011 x", `file "x" 5 2011-05-14 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 3月  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 3月 9日 2011年 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 3월  9일 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 3\x8c  9 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 3\x8c\x8e 9\x93\xfa 2011\x94N x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011年 3月 9日 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011年  3月  9日 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011/03/09 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17:04:33.250000000 +0100 x", `file "x" 5 2011-03-09T16:04:33.25 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17:04:33 -0330 x", `file "x" 5 2011-03-09T20:34:33 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17:04:33.5 x", `file "x" 5 2011-03-09T17:04:33.5 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 03-09 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 03-09 2011 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011.03.09 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 09-03-2011 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 09-mar-11 x", `file "x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 512 3 9 17:04 x", `file "x" 512 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 12 Mar 11 2005 x", `file "x" 12 2005-03-11 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 9:04 x", `file "x" 5 2011-03-09T09:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 00:0 x", `file "x" 5 2011-03-09T00:00 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 24:00 x", `file "x" 5 2011-03-10T00:00 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 23:59:60 2011 x", `file "x" 5 2011-03-09T23:59:59 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Feb 29 17:04 x", `file "x" 5 2008-02-29T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Jan  1  2038 x", `file "x" 5 2038-01-01 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Jan  1  1904 x", `file "x" 5 1904-01-01 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 Feb 30 17:04 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 Feb 29  2011 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-13-01 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 25:00 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 17:60 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 24:01 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 Foo  9 17:04 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 9 Foo 17:04 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 Mar  9 x", `BAD bad time`},

	{Unix, "-rw-r--r-- 1 w q 5 3月  99 17:04 x", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 99年 3月 9日 x", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 31-12-2010 17:04 x", `file "x" 5 2010-12-31T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 09-12-2010 17:04 x", `file "x" 5 2010-12-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 12-31-2010 17:04 x", `file "x" 5 2010-12-31T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 09-foo-11 x", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 09-mar-2011 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17:04:3 x", `file "17:04:3 x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17: x", `file "17: x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2011-03-09 17:04:33. x", `file "17:04:33. x" 5 2011-03-09 -rw-r--r-- 0644 u="w" g="q" n=1`},

	// ls: dates of GNU ls in the locales whose forms are their own.
	{Unix, "-rw-r--r-- 1 w q 5 25 nov 00.58 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5  9. 1.  2011 x", `file "x" 5 2011-01-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5  9.10.  2010 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 25.11. 00:58 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 25.13. 00:58 x", `file "x" 5 -rw-r--r-- 0644 u="w" g="q" n=1 BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 25.11.10 00:58 x", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5  9.\u00a0\u0159\u00edj  2010 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5  9.\xa0\xf8\xedj  2010 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2010 okt    9 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2010  urr  9  x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 500 500 2010 Oct  9  2009 x", `file "x" 2010 2009-10-09 -rw-r--r-- 0644 u="500" g="500" n=1`},
	{Unix, "-rw-r--r-- 1 500 500 2010 okt  9 17:04 x", `file "x" 2010 2010-10-09T17:04 -rw-r--r-- 0644 u="500" g="500" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 25 de nov.  00:58 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5  9 d\u2019oct.    2010 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5  9. окт. 2010. x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 25. нов. у 00:58 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2010年10月 9日 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 2010年10月19日xyz y", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 11月25日 00:58 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 11\xd4\xc225\xc8\xd5 00:58 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5  9 Thg 10  2010 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 00:58 25 Thg 11 x", `file "x" 5 2010-11-25T00:58 -rw-r--r-- 0644 u="w" g="q" n=1`},
	{Unix, "-rw-r--r-- 1 w q 5 00:58 25 nov 11 x", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 9 Thg x  2010 y", `BAD bad time`},
	{Unix, "-rw-r--r-- 1 w q 5 ต.ค.   9  2010 x", `file "x" 5 2010-10-09 -rw-r--r-- 0644 u="w" g="q" n=1`},

	// STAT.
	{Unix, "213-Status of /pub:\r\n211-drwxr-xr-x 1 w q 5 Mar  9 17:04 x\r\n213 End of status\r\n", `dir "x" 5 2011-03-09T17:04 drwxr-xr-x 0755 u="w" g="q" n=1`},
	{Unix, "212-Status of x\n200 -rw-r--r-- 1 w q 5 Mar  9 17:04 x\n End of status\n", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},

	// DOS.
	{DOS, "03-09-11  05:04PM       <DIR>          attic", `dir "attic" 2011-03-09T17:04`},
	{DOS, "03-09-2011  17:04               183502 rock list.txt", `file "rock list.txt" 183502 2011-03-09T17:04`},
	{DOS, "2011-03-09  17:04              183,502 x", `file "x" 183502 2011-03-09T17:04`},
	{DOS, " 3/9/2011   5:04 PM  <DIR>         .", ""},
	{DOS, "               2 files           367,004 bytes", ""},
	{DOS, "03.09.11  12:04AM  5 x", `file "x" 5 2011-03-09T00:04`},
	{DOS, "03:09:11  12:04PM  5 x", `file "x" 5 2011-03-09T12:04`},
	{DOS, "03-09-11  00:34AM  5 x", `file "x" 5 2011-03-09T00:34`},
	{DOS, "03-09-11  13:34PM  5 x", `file "x" 5 BAD bad time`},
	{DOS, "03-09-11  17:04  <DIR>  2011 AM report", `dir "2011 AM report" 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04  <DIR>  PMs", `dir "PMs" 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04   <JUNCTION>  pub -> C:\\pub", `link "pub" -> "C:\\pub" 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04   <SYMLINK>  pub => C:\\pub", `link "pub" -> "C:\\pub" 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04   <SYMLINKD>  pub [C:\\a [b]]", `link "pub" -> "C:\\a [b]" 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04   <SYMLINKD>  pub", `link "pub" 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04   <WHAT>  pub", `BAD bad size`},
	{DOS, "03-09-11  17:04   -1  pub", `file "pub" 2011-03-09T17:04 BAD bad size`},
	{DOS, "03-09-11  17:04   1,2x  pub", `BAD bad size`},
	{DOS, "03-09-11  17:04   rock list.txt", `BAD bad size`},
	{DOS, "03-09-11  17:04PX   5 x", `BAD not a line of any known format`},
	{DOS, "03-09-11  17:04   5 x ", `file "x " 5 2011-03-09T17:04`},
	{DOS, "03-09-11  17:04   5  \n03-09-11  17:04   5\n03-09-11  17:04\n", ""},
	{DOS, "30-11-09  17:04   5 x\n03-09-11  17:04   5 y\n03-31-11  17:04   5 z", "file \"x\" 5 2009-11-30T17:04\nfile \"y\" 5 2011-09-03T17:04\nfile \"z\" 5 2011-03-31T17:04"},
	{DOS, "003-09-11  17:04   5 x", `BAD not a line of any known format`},
	{DOS, "03-009-11  17:04   5 x", `BAD not a line of any known format`},
	{DOS, "13-13-11  17:04   5 x", `file "x" 5 BAD bad time`},
	{DOS, "03-09-75  17:04   5 x", `file "x" 5 1975-03-09T17:04`},
	{DOS, "03-09-111  17:04   5 x", `file "x" 5 2011-03-09T17:04`},
	{DOS, " Volume in drive C is PUB\n Volume Serial Number is 1C2B-0F11\n\n Directory of C:\\pub\n\n03-09-11  17:04   5 x\n               1 File(s)              5 bytes\n               2 Dir(s)  1,048,576 bytes free\n", `file "x" in="C:\\pub" 5 2011-03-09T17:04`},

	// VMS.
	{VMS, "ATTIC.DIR;1              1/16          9-MAR-2011 17:04:33  [WILMA]               (RWE,RWE,RE,RE)", `dir "ATTIC" 512 2011-03-09T17:04:33 (RWE,RWE,RE,RE) u="WILMA"`},
	{VMS, "A_RATHER_LONG_NAME_FOR_ONE_LINE.TXT;12\n                       37/40        30-NOV-2009 08:00:00.25  [QUARRY,WILMA]     (RWED,RWED,RE,)", `file "A_RATHER_LONG_NAME_FOR_ONE_LINE.TXT" 18944 2009-11-30T08:00:00.25 (RWED,RWED,RE,) u="WILMA" g="QUARRY"`},
	{VMS, "SECRET.TXT;1       %RMS-E-PRV, insufficient privilege or file protection violation", ""},
	{VMS, "SECRET.TXT;1\n <%RMS-E-PRV, insufficient privilege or file protection violation>", ""},
	{VMS, "Directory DISK$PUB:[ANON.ATTIC]\n\nTotal of 3 files, 38 blocks.\nGrand total of 1 directory, 3 files, 38 blocks.\nDISK$PUB:[ANON]\n", ""},
	{VMS, "ROCKS.TXT;3 2KB 9-mar-2011 17:04 WILMA (RWED,RWED,,)", `file "ROCKS.TXT" 2048 2011-03-09T17:04 (RWED,RWED,,) u="WILMA"`},
	{VMS, "ROCKS.TXT;3 **** 9-MAR-2011 [QUARRY,WIL (RWED,RWED,,)", `file "ROCKS.TXT" 2011-03-09 (RWED,RWED,,) u="WIL" g="QUARRY"`},
	{VMS, "[ANON]rocks.dir;3 9-MAR-2011 17:04 5 ", `dir "rocks" 2560 2011-03-09T17:04`},
	{VMS, "ROCKS.TXT 5/6 9-MAR-2011 17:04", `file "ROCKS.TXT" 2560 2011-03-09T17:04`},
	{VMS, "ROCKS.TXT\n 5/6 9-MAR-2011 17:04", `file "ROCKS.TXT" 2560 2011-03-09T17:04`},
	{VMS, "ROCKS.TXT;1\r  5/6\r9-MAR-2011 17:04\r\n", `file "ROCKS.TXT" 2560 2011-03-09T17:04`},
	{VMS, "X.DIR; 1 5/6 9-MAR-2011 17:04", `BAD not a line of any known format`},
	{VMS, "X.TXT;1 5/6 9-MAR-2011 17:04 PM [WILMA]", `BAD bad columns`},
	{VMS, "X.TXT;1 5/6 9-MAR-2011 17:04 [WILMA] [WILMA]", `BAD bad columns`},
	{VMS, "X.TXT;1 5/6 9-MAR-2011 17:04 (RWED2,,,)", `BAD bad mode`},
	{VMS, "X.TXT;1 9-MAR-2011 17:04 [WILMA]", `BAD bad size`},
	{VMS, "X.TXT;1 5/6 31-FEB-2011 17:04", `BAD bad time`},
	{VMS, "X.TXT;1\nY.TXT;1 5/6 9-MAR-2011 17:04", "BAD not a line of any known format\nfile \"Y.TXT\" 2560 2011-03-09T17:04"},

	// z/OS.
	{MVS, "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\nPUB001 3390   2011/03/09  1   15  FB      80 27920  PS  WILMA.ROCKS", `file "WILMA.ROCKS" 2011-03-09`},
	{MVS, "PUB001 3390   2011/03/09  1+++++  VB   32756 32760  PO-E WILMA.ATTIC", `dir "WILMA.ATTIC" 2011-03-09`},
	{MVS, "PUB001 3390   **NONE**    1   15  FB      80 27920  PO  WILMA.ATTIC", `dir "WILMA.ATTIC"`},
	{MVS, "PUB001 3390   2011/03/09  1  116042  ????  207000  ????  POE  WILMA.ATTIC", `dir "WILMA.ATTIC" 2011-03-09`},
	{MVS, "Migrated                                                WILMA.OLD", `file "WILMA.OLD"`},
	{MVS, "Migrated\t\tWILMA.OLD", `file "WILMA.OLD"`},
	{MVS, "PUB002 Not Direct Access Device                         WILMA.TAPE1", `file "WILMA.TAPE1"`},
	{MVS, "PUB001 3390                                        VSAM WILMA.KEYS", `file "WILMA.KEYS"`},
	{MVS, "PUB002 Tape                                             WILMA.TAPE2", `file "WILMA.TAPE2"`},
	{MVS, "PUB001 3390   2011/03/09  1   15  FB      80 27920  XX  WILMA.ROCKS", `BAD bad columns`},
	{MVS, "PUB001 3390   2011/03/09", `BAD bad columns`},
	{MVS, "PUB001 3390   2011/13/09  1   15  FB      80 27920  PS  WILMA.ROCKS", `file "WILMA.ROCKS" BAD bad time`},
	{MVS, " Name     VV.MM   Created       Changed      Size  Init   Mod   Id\nMINUTES   01.03 2010/01/02 2011/03/09 17:04    42    40     2 WILMA\nNUNU\n", "file \"MINUTES\" 2011-03-09T17:04 u=\"WILMA\"\nfile \"NUNU\""},
	{MVS, " Name      Size     TTR   Alias-of AC --------- Attributes --------- Amode Rmode\nPROG1    00A3C0   00001F PROG2    00 FO             RN RU            31    ANY", `file "PROG1" 41920`},
	{MVS, "PROG1    00A3C0   00001F FO 31    ANX", `BAD not a line of any known format`},
	{MVS, "PROG1    00A3C0   00001F FO 32    ANY", `BAD not a line of any known format`},
	{MVS, "PROG1    00A3C0   00001F 31    ANY", `file "PROG1" 41920`},
	{MVS, "WILMA    JOB00417  OUTPUT    3 Spool Files", `file "JOB00417"`},
	{MVS, "WILMA2   TSU00418  WILMA    OUTPUT A        RC=0000 3 spool files", `file "TSU00418" u="WILMA"`},
	{MVS, "WILMA2   J0000418  WILMA    ACTIVE A", `file "J0000418" u="WILMA"`},

	{MVS, "PUB001 3390                                        VSAM WILMA/KEYS", `BAD bad name`},
	{MVS, "PUB001 3390   2011/03/09  1   15  FB      80 27920  PS  WILMA/ROCKS", `BAD bad name`},
	{MVS, "PUB001 3390   2011/03/09 PS WILMA.ROCKS", `file "WILMA.ROCKS" 2011-03-09`},
	{MVS, "PUB001 3390   2011/03/09 WILMA.ROCKS", `BAD bad columns`},
	{MVS, "MINUTES   01.03 2010/01/02 2011/03/09 17:04    4x    40     2 WILMA", `BAD bad columns`},
	{MVS, "MINUTES   01.03 2010/01/02 2011/03/09 1704    42    40     2 WILMA", `BAD bad time`},
	{MVS, "MINUTES   01.03 2010/01/02 2011/03/09 17:04    42    40     2", `file "MINUTES" 2011-03-09T17:04`},
	{MVS, "WILMA    JOB00417  PARKED    3 Spool Files", `BAD not a line of any known format`},
	{MVS, "PROG1    00A3C0   00001G PROG2    00 FO             RN RU            31    ANY", `BAD not a line of any known format`},

	// IBM i.
	{OS400, "WILMA  20480 09/03/11 17:04:33 *DIR   attic/", `dir "attic" 20480 2011-09-03T17:04:33 u="WILMA"`},
	{OS400, "WILMA              *MEM  A.FILE/A.MBR", `file "A.FILE/A.MBR" u="WILMA"`},
	{OS400, "WILMA  20480 09.03.11 17:04:33 *STMF   rock list.txt", `file "rock list.txt" 20480 2011-03-09T17:04:33 u="WILMA"`},
	{OS400, "WILMA  1 09/03/11 17:04:33 *STMF x\nWILMA  1 30/11/09 17:04:33 *STMF y", "file \"x\" 1 2011-03-09T17:04:33 u=\"WILMA\"\nfile \"y\" 1 2009-11-30T17:04:33 u=\"WILMA\""},
	{OS400, "WILMA  1 09/03/11 17:04:33 *STMF x\nWILMA  1 99/11/30 17:04:33 *STMF y", "file \"x\" 1 2009-03-11T17:04:33 u=\"WILMA\"\nfile \"y\" 1 1999-11-30T17:04:33 u=\"WILMA\""},
	{OS400, "WILMA  1 09/03/11 17:04:33 *STMF /home/wilma/x", `file "x" 1 2011-09-03T17:04:33 u="WILMA"`},
	{OS400, "       1 09/03/11 17:04:33 *LIB x", `dir "x" 1 2011-09-03T17:04:33`},
	{OS400, "09/03/11 17:04:33 *DIR x/", `dir "x" 2011-09-03T17:04:33`},
	{OS400, "WILMA    09/03/11 17:04:33 *FILE x", `file "x" 2011-09-03T17:04:33 u="WILMA"`},
	{OS400, "WILMA  1 *STMF x", `BAD bad time`},
	{OS400, "WILMA X 1 09/03/11 17:04:33 *STMF x", `BAD bad columns`},
	{OS400, "WILMA  1 09/03/11 17:04:33 *FILE   ", ""},

	{OS400, "WILMA 1 09/03/11 17:04:33 *SYMLNK a\nWILMA 1 09/03/11 17:04:33 *CHRSF b\nWILMA 1 09/03/11 17:04:33 *FIFO c\nWILMA 1 09/03/11 17:04:33 *SOCKET d",
		"link \"a\" 1 2011-09-03T17:04:33 u=\"WILMA\"\ndevice \"b\" 1 2011-09-03T17:04:33 u=\"WILMA\"\npipe \"c\" 1 2011-09-03T17:04:33 u=\"WILMA\"\nsocket \"d\" 1 2011-09-03T17:04:33 u=\"WILMA\""},
	{OS400, "WILMA 1 39/33/11 17:04:33 *STMF a", `BAD bad time`},
	{OS400, "WILMA 1 09/03/11 24:04:33 *STMF a", `BAD bad time`},
	{OS400, "wilma 1 09/03/11 17:04:33 *STMF a", `BAD bad columns`},
	{OS400, "WILMA 1 9/3/11 17:04:33 *STMF a", `BAD bad time`},

	// The rest.
	{NetWare, "d [RWCEAFMS] wilma    512 Mar  9 17:04    attic", `dir "attic" 512 2011-03-09T17:04 [RWCEAFMS] u="wilma"`},
	{NetWare, "-[RWCEMFA]  1 wilma  237 Nov 30  2009 x", `file "x" 237 2009-11-30 [RWCEMFA] u="wilma" n=1`},
	{NetWare, "- [] wilma  237 Nov 30  2009 x", `BAD not a line of any known format`},
	{NetWare, "- [R-------] 237 Nov 30  2009 x", `BAD bad columns`},
	{NetWare, "- [R-------] wilma 237 2009-11-30 x", `BAD bad columns`},
	{EPLF, "+i83.21,m1299690000,/,\tattic", `dir "attic" 2011-03-09T17:00:00`},
	{EPLF, "+r,s512,up644,\t x", `file " x" 512 644 0644`},
	{EPLF, "+i83.21,,s5,\tx", ""},
	{EPLF, "+r,s5x,\tx", `file "x" BAD bad size`},
	{EPLF, "+r,mx,\tx", `file "x" BAD bad time`},
	{EPLF, "+r,up9,\tx", `file "x" BAD bad mode`},
	{EPLF, "+r, x", `BAD not a line of any known format`},
	{OS2, "     0    DIR   03-09-111   17:04  attic", `dir "attic" 0 2011-03-09T17:04`},
	{OS2, "  123  A    03-09-11  17:04  rock list.txt", `file "rock list.txt" 123 2011-03-09T17:04`},
	{OS2, "587823    RSA    DIR   01-08-97   13:58  X", `dir "X" 587823 1997-01-08T13:58`},
	{OS2, "  123  A    13-13-11  17:04  x", `file "x" 123 BAD bad time`},
	{OS2, "  5  A    03-09-x1  17:04  x", `BAD not a line of any known format`},
	{OS2, "  5  A    03-x9-11  17:04  x", `BAD not a line of any known format`},
	{OS2, "  5  A    03-09-11  17:04:33  x", `BAD not a line of any known format`},
	{Tandem, `ROCKS  101   736  9-Mar-11 17:04:33 255, 10 "NUNU"`, `file "ROCKS" 736 2011-03-09T17:04:33 NUNU u="255,10"`},
	{Tandem, `ROCKS  101   736  9-Mar-11 17:04:33 255,10 "NUNU"`, `file "ROCKS" 736 2011-03-09T17:04:33 NUNU u="255,10"`},
	{Tandem, `ROCKS  101   736  9-Mar-11 17:04:33 255;10 "NUNU"`, `BAD bad columns`},
	{ZVM, "ROCKS  DATA  V   80   42   3 2011-03-09 17:04:33 WILMA", `file "ROCKS.DATA" 2011-03-09T17:04:33 u="WILMA"`},
	{ZVM, "ROCKS  DATA  A1 V  80  42  3  3/09/11 17:04:33", `file "ROCKS.DATA" 2011-03-09T17:04:33`},
	{ZVM, "ATTIC  DIR  -  -  - 2011-03-09 17:04:33 WILMA", `dir "ATTIC" 2011-03-09T17:04:33 u="WILMA"`},
	{VxWorks, "  2048    Mar-09-2011  17:04:33   attic      <DIR>", `dir "attic" 2048 2011-03-09T17:04:33`},
	{VxWorks, "  size          date       time       name\n--------       ------     ------    --------\n  2048    Mar-09-2011  17:04:33   rock list.txt", `file "rock list.txt" 2048 2011-03-09T17:04:33`},
	{OS9, "7.12 11/03/09 1704 d-ewrewr 1A0 4608 attic", `dir "attic" 4608 2011-03-09 d-ewrewr u="7.12"`},
	{WFFTP, "rocks.bin  48640  03/09/11  Wed.  17:04:33", `file "rocks.bin" 48640 2011-03-09T17:04:33`},
	{WFFTP, "attic  <DIR>  03/09/11  Wed.  17:04:33", `dir "attic" 2011-03-09T17:04:33`},
	{VShell, "31744  Mar 09, 2011 17:04 attic/", `dir "attic" 31744 2011-03-09T17:04`},
	{VShell, "31744  Mar 09, 2011 17:04  rock list.txt", `file " rock list.txt" 31744 2011-03-09T17:04`},
	{SuperTCP, "ATTIC   <DIR>  Mar 09 2011 17:04", `dir "ATTIC" 2011-03-09T17:04`},
	{SuperTCP, "ROCKS.TXT  2210  03-09-11  17:04  RHA", `file "ROCKS.TXT" 2210 2011-03-09T17:04`},
	{SuperTCP, "ROCKS.TXT  2210  03/09/11  17:04", `file "ROCKS.TXT" 2210 2011-03-09T17:04`},
	{DLS, "attic/     =  Public area\nrocks   763  Mar  9 17:04  list of rocks\nold  -  -> attic/v2.13\na-long-name\n      12  long\n", "dir \"attic\"\nfile \"rocks\" 763 2011-03-09T17:04\nlink \"old\" -> \"attic/v2.13\"\nfile \"a-long-name\" 12"},
	{Find, `  131074    4 drwxr-xr-x   3 wilma quarry 4096 Mar  9 17:04 ./attic`, `dir "./attic" 4096 2011-03-09T17:04 drwxr-xr-x 0755 u="wilma" g="quarry" n=3`},
	{Find, `  131074    4 -rw-r--r--   3 wilma quarry 4096 Mar  9 17:04 /pub/rock\ list\012\\n`, `file "/pub/rock list\n\\n" 4096 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=3`},

	{DLS, "attic/  -\na-name\n  5  Feb 30 17:04\n", "dir \"attic\"\nfile \"a-name\" 5 BAD bad time"},
	{DLS, "attic/  -\na-name\nno columns\n", "dir \"attic\"\nBAD not a line of any known format\nBAD not a line of any known format"},
	{DLS, "attic/  -\n./\n  5  Mar  9 17:04\n", "dir \"attic\""},

	// MLSx.
	{MLSx, "Type=dir;Modify=20110309170433;UNIX.mode=0755; attic", `dir "attic" 2011-03-09T17:04:33 0755 0755`},
	{MLSx, "size=5;type=file;modify=20110309170433.25;  x ", `file " x " 5 2011-03-09T17:04:33.25`},
	{MLSx, "type=file;\tx", `file "x"`},
	{MLSx, "TYPE=FILE;SIZE=5; a;b=c; d", `file "a;b=c; d" 5`},
	{MLSx, "type=file;UNIX.groupname=domain users; x", `file "x" g="domain users"`},
	{MLSx, "type=dir;sizd=5;unix.ownername=w;unix.owner=1;unix.uid=2;unix.gid=3;unix.group=4; x", `dir "x" 5 u="w" g="4"`},
	{MLSx, "type=dir;modify= x", `BAD bad fact`},
	{MLSx, "type=dir missing-semicolon", `dir "missing-semicolon"`},
	{MLSx, "anything=else; x", `unknown "x"`},
	{MLSx, "type=;size=; /x/y", `unknown "/x/y"`},
	{MLSx, " Type=dir; /pub/attic", `dir "attic"`},
	{MLSx, "type=dir;x", `BAD bad fact`},
	{MLSx, "type=dir;size x", `BAD bad fact`},
	{MLSx, "type=hat; x", `BAD bad fact`},
	{MLSx, "type=file;size=5x; x", `file "x" BAD bad size`},
	{MLSx, "type=file;modify=2011; x", `file "x" BAD bad time`},
	{MLSx, "type=file;modify=20110309170433Z; x", `file "x" BAD bad time`},
	{MLSx, "type=file;modify=20110229170433; x", `file "x" BAD bad time`},
	{MLSx, "type=file;unix.mode=8; x", `file "x" BAD bad mode`},
	{MLSx, "modify=2011; x", `BAD bad time`},
	{MLSx, "type=file;unix.mode=00; x\ntype=file;unix.mode=0102755; y", "file \"x\" 00 0000\nfile \"y\" 0102755 2755"},
	{MLSx, "type=cdir; x\ntype=pdir; y\ntype=file; \ntype=dir; .", ""},
	{MLSx, "type=OS.unix=slink:a/b; x", `link "x" -> "a/b"`},
	{MLSx, "type=OS.unix=symlink;unique=7; x\ntype=file;unique=7; /a/b\ntype=file;unique=8; c\ntype=file;unique=7; d", "link \"x\"\nfile \"c\"\nfile \"d\""},
	{MLSx, "type=OS.unix=chr-4/64; x", `device "x" dev="4, 64"`},
	{MLSx, "type=OS.vms=hat; x", `other "x"`},
	{MLSx, "type=link; x", `link "x"`},
}

func TestLines(t *testing.T) {
	for _, c := range lineTests {
		for _, told := range []Format{Auto, c.format} {
			want := c.want
			if told != Auto {
				want = strings.ReplaceAll(want, ErrFormat.Error(), errOtherFormat.Error())
			}
			if got := readLines(t, c.line, Options{Format: told}); got != want {
				t.Errorf("%v %q, told %v:\n got %s\nwant %s", c.format, c.line, told, got, want)
			}
		}
	}
}

// What must be told is not guessed.
func TestLinesTold(t *testing.T) {
	for _, c := range []struct {
		format Format
		line   string
		want   string
	}{
		{Names, "rock list.txt", `unknown "rock list.txt"`},
		{Names, "/pub/attic/v2.13", `unknown "v2.13"`},
		{Names, "/pub/attic/", `unknown "attic"`},
		{Names, "total 12", `unknown "total 12"`},
		{Names, ".\n..\nnlst: No such file or directory", ""},
		{Names, "a:\nx\n\nb c:\ny\n", "unknown \"x\" in=\"a\"\nunknown \"y\" in=\"b c\""},
		{Names, "a:\nx\n", "unknown \"a:\"\nunknown \"x\""},
		{MVS, "NUNU    ", `file "NUNU"`},
		{MVS, "NUNU.X", `BAD not a line of this format`},
		{MLSx, " x y", `unknown "x y"`},
		{MLSx, "a=b x", `unknown "x"`},
		{MLSx, "x", `BAD not a line of this format`},
		{DLS, "rocks  763  Public", `file "rocks" 763`},
		{Find, `  131074    4 -rw-r--r--   3 wilma quarry 4096 Mar  9 17:04 x`, `file "x" 4096 2011-03-09T17:04 -rw-r--r-- 0644 u="wilma" g="quarry" n=3`},
	} {
		if got := readLines(t, c.line, Options{Format: c.format}); got != c.want {
			t.Errorf("%v %q:\n got %s\nwant %s", c.format, c.line, got, c.want)
		}
		if got := readLines(t, c.line, Options{}); c.format != Find && strings.Count(got, "BAD") < strings.Count(c.want, `"`)/4 {
			t.Errorf("%v %q, not told: got %s", c.format, c.line, got)
		}
	}
}

// Lines that are never entries and never errors, whatever the format.
func TestNoise(t *testing.T) {
	for _, line := range []string{
		"", "   ", "total 0", "total 52", "total -3", "total 18446744073709551615", "total 1.2M", "Gesamt 5", "insgesamt 52", "合計 52", "итого 12", "yhteensä 0", "tổng 0", "guztira 0", "i alt 7",
		"Directory DISK$PUB:[ANON]", "Total of 3 files, 38 blocks.", "   2 files           367,004 bytes", "   367,004 bytes free",
		" Name     VV.MM   Created       Changed      Size  Init   Mod   Id", "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname",
		"JOBNAME  JOBID    OWNER    STATUS CLASS", "--------       ------     ------    --------", "---------- ------ ------", "==========",
		"ls: attic: Permission denied", "ftpd: .: Permission denied", "/bin/ls: x: No such file or directory", "x*: No such file or directory",
		"213-Status of /pub:", "213 End of status", " End of status",
	} {
		for _, before := range []string{"", "-rw-r--r-- 1 w q 5 Mar  9 17:04 x\n", "03-09-11  17:04   5 x\n", "type=file; x\n"} {
			entries, bad, err := ReadAll(strings.NewReader(before+line+"\n"), &Options{Now: testNow})
			if want := strings.Count(before, "\n"); len(entries) != want || bad != nil || err != nil {
				t.Errorf("%q after %q: got %d entries, %v, %v", line, before, len(entries), bad, err)
			}
		}
	}
}

// Lines that are like noise but for a little are not dropped in silence.
func TestNotNoise(t *testing.T) {
	for _, line := range []string{
		"total", "totals", "total x", "total 5 x", "total 5x", "somme 5", "5 total", "x total 5", "gesamt", "2011 5",
		"Directory", "Directory x", "Directory of", "X:[Y] z", "x:[Y]", "X:[Y", ":[Y]", "Totals of 3 files", "total of", "5 filesx", "files 5 bytes", "5 files", "5x files bytes",
		"Volume", "Volume 3", "Name", "Name VV.MM", "Owner Last", "JOBNAME", "Size Date Time", "-=-=-= x", "---", "status of", "end of state",
		"ls", "lsx: y", "permission denied", "Permission denied",
	} {
		if got := readLines(t, "\nx y z\n"+line, Options{}); got != "BAD not a line of any known format\nBAD not a line of any known format" {
			t.Errorf("%q: got %s", line, got)
		}
	}
}

// Listings in charsets without ASCII's digits are one error each, not one for each line or byte.
func TestForeignCharsetIsOneError(t *testing.T) {
	text := "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 rocks\n-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 attic\n"
	var utf16le, utf16be []byte
	for _, c := range []byte(text) {
		utf16le = append(utf16le, c, 0)
		utf16be = append(utf16be, 0, c)
	}
	ebcdic := strings.NewReplacer("-", "\x60", "r", "\x99", "w", "\xa6", " ", "\x40", "1", "\xf1", "5", "\xf5", "\n", "\x25",
		"i", "\x89", "l", "\x93", "m", "\x94", "a", "\x81", "q", "\x98", "u", "\xa4", "y", "\xa8", "9", "\xf9", "7", "\xf7", "0", "\xf0",
		"4", "\xf4", ":", "\x7a", "o", "\x96", "c", "\x83", "k", "\x92", "s", "\xa2", "t", "\xa3", "M", "\xd4").Replace(text)
	for name, listing := range map[string]string{"UTF-16LE": string(utf16le), "UTF-16BE": string(utf16be), "EBCDIC": strings.Repeat(ebcdic, 1000), "byte order mark": "\xff\xfea\x00"} {
		entries, bad, err := ReadAll(strings.NewReader(listing), &Options{Now: testNow})
		if len(entries) != 0 || len(bad) != 1 || err != nil || !errors.Is(bad[0], ErrEncoding) {
			t.Errorf("%s: got %d entries, %d bad lines, %v", name, len(entries), len(bad), err)
		}
	}
}

// Names in an 8-bit charset are no listing in EBCDIC, though all their bytes could be.
func TestEightBitNamesAreNotEBCDIC(t *testing.T) {
	text := strings.Repeat("\xc1\xc2\xd3@\xe4\xe5\xd2\n", 20)
	entries, bad, err := ReadAll(strings.NewReader(text), &Options{Format: Names})
	if len(entries) != 20 || bad != nil || err != nil {
		t.Errorf("got %d entries, %v, %v", len(entries), bad, err)
	}
}

// One name in UTF-16, or full of zeros, does not cost the listing its other lines, whatever it outweighs.
func TestNamesInUTF16(t *testing.T) {
	for _, name := range []string{strings.Repeat("\x000", 110) + "\x00", strings.Repeat("r\x00", 120), strings.Repeat("\x00", 250)} {
		line := "-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 "
		entries, bad, err := ReadAll(strings.NewReader(line+name+"\n"+line+"attic\n"), &Options{Now: testNow})
		if len(entries) != 2 || bad != nil || err != nil || entries[0].Name != name || entries[1].Name != "attic" {
			t.Errorf("%q: got %v, %v, %v", name, entries, bad, err)
		}
	}
}

func TestDateOrderOption(t *testing.T) {
	for _, c := range []struct {
		order DateOrder
		line  string
		want  string
	}{
		{OrderDMY, "03-09-11  17:04   5 x", `file "x" 5 2011-09-03T17:04`},
		{OrderMDY, "30-11-09  17:04   5 x\n03-09-11  17:04   5 y", "file \"x\" 5 2009-11-30T17:04\nfile \"y\" 5 2011-03-09T17:04"},
		{OrderYMD, "03-09-11  17:04   5 x", `file "x" 5 2003-09-11T17:04`},
		{OrderYMD, "03-09-2011  17:04   5 x", `BAD not a line of any known format`},
		{OrderDMY, "2011-03-09  17:04   5 x", `file "x" 5 2011-03-09T17:04`},
		{OrderYMD, "WILMA  1 09/03/11 17:04:33 *STMF x", `file "x" 1 2009-03-11T17:04:33 u="WILMA"`},
		{OrderMDY, "-rw-r--r-- 1 w q 5 03-09-2011 17:04 x", `file "x" 5 2011-03-09T17:04 -rw-r--r-- 0644 u="w" g="q" n=1`},
	} {
		if got := readLines(t, c.line, Options{DateOrder: c.order}); got != c.want {
			t.Errorf("%v %q:\n got %s\nwant %s", c.order, c.line, got, c.want)
		}
	}
}

func TestLocation(t *testing.T) {
	loc := time.FixedZone("", 5*3600+30*60)
	for line, want := range map[string]string{
		"-rw-r--r-- 1 wilma quarry 5 Mar  9 17:04 x":               "2011-03-09T17:04:00+05:30",
		"-rw-r--r-- 1 wilma quarry 5 Mar  9  2010 x":               "2010-03-09T00:00:00+05:30",
		"03-09-11  17:04   5 x":                                    "2011-03-09T17:04:00+05:30",
		"type=file;modify=20110309170433; x":                       "2011-03-09T17:04:33Z",
		"+r,m1299690000,\tx":                                       "2011-03-09T17:00:00Z",
		"-rw-r--r-- 1 w q 5 2011-03-09 17:04:33.000000000 +0100 x": "2011-03-09T16:04:33Z",
	} {
		entries, _, _ := ReadAll(strings.NewReader(line), &Options{Now: testNow, Location: loc})
		if len(entries) != 1 || entries[0].ModTime.Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, want %s", line, entries, want)
		}
	}
}

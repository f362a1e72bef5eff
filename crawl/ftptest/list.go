package ftptest

import (
	"bufio"
	"fmt"
	"io/fs"
	"time"
)

// An Entry is one line of a listing to print.
type Entry struct {
	fs.FileInfo
	Target string // of a symbolic link
	Owner  string
	Group  string
	Links  int
}

// A Format prints the listing of a directory, line ends included. now is the server's clock in the
// server's zone.
type Format func(w *bufio.Writer, dir string, entries []Entry, now time.Time)

// Meta is what a FileInfo's Sys may return to say who owns an entry.
type Meta struct {
	Owner, Group string
	Links        int
}

func newEntry(fsys fs.FS, name string, info fs.FileInfo) Entry {
	e := Entry{FileInfo: info, Owner: "ftp", Group: "ftp", Links: 1}
	if info.IsDir() {
		e.Links = 2
	}
	if m, ok := info.Sys().(*Meta); ok && m != nil {
		e.Owner, e.Group = or(m.Owner, e.Owner), or(m.Group, e.Group)
		if m.Links > 0 {
			e.Links = m.Links
		}
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		e.Target, _ = fs.ReadLink(fsys, name)
	}
	return e
}

// VSFTPD prints what vsftpd 3.0.3 does: link counts four wide, owners and sizes eight, CRLF, no total
// line, and the year instead of the time of day for entries that are older than 182 days or in the future.
func VSFTPD(w *bufio.Writer, _ string, entries []Entry, now time.Time) {
	for _, e := range entries {
		t := e.ModTime().In(now.Location())
		date := t.Format("Jan 02 15:04")
		if t.After(now) || now.Sub(t) > 182*24*time.Hour {
			date = t.Format("Jan 02  2006")
		}
		fmt.Fprintf(w, "%s %4d %-8s %-8s %8d %s %s", Mode(e.Mode()), e.Links, e.Owner, e.Group, e.Size(), date, e.Name())
		if e.Target != "" {
			w.WriteString(" -> " + e.Target)
		}
		w.WriteString("\r\n")
	}
}

// Mode prints a file mode as ls does, ten characters.
func Mode(m fs.FileMode) string {
	b := []byte("-rwxrwxrwx")
	switch {
	case m.IsDir():
		b[0] = 'd'
	case m&fs.ModeSymlink != 0:
		b[0] = 'l'
	case m&fs.ModeCharDevice != 0:
		b[0] = 'c'
	case m&fs.ModeDevice != 0:
		b[0] = 'b'
	case m&fs.ModeNamedPipe != 0:
		b[0] = 'p'
	case m&fs.ModeSocket != 0:
		b[0] = 's'
	}
	for i := range 9 {
		if m&(1<<(8-i)) == 0 {
			b[i+1] = '-'
		}
	}
	set := func(bit fs.FileMode, i int, with, without byte) {
		if m&bit == 0 {
			return
		}
		if b[i] == 'x' {
			b[i] = with
		} else {
			b[i] = without
		}
	}
	set(fs.ModeSetuid, 3, 's', 'S')
	set(fs.ModeSetgid, 6, 's', 'S')
	set(fs.ModeSticky, 9, 't', 'T')
	return string(b)
}

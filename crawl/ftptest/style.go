package ftptest

import (
	"bufio"
	"fmt"
	"path"
	"strings"
	"time"
)

// A Style is how servers of one kind of system speak of directories. Inside, the Server goes on with
// absolute pathnames with slashes.
type Style struct {
	System string                                     // text of the 215 reply
	PWD    func(dir string) string                    // the name of dir in the 257 reply
	CWD    func(dir, arg string) (to string, ok bool) // where CWD arg leads from dir; ok false: it is no pathname
	CDUP   func(dir string) string                    // where CDUP leads; nil: to the parent
	Format Format
}

// Windows is IIS: pathnames as on Unix, listings as by DIR.
func Windows() *Style {
	return &Style{System: "Windows_NT", Format: func(w *bufio.Writer, _ string, entries []Entry, now time.Time) {
		for _, e := range entries {
			size := fmt.Sprintf("%20d", e.Size())
			if e.IsDir() {
				size = "      <DIR>         "
			}
			fmt.Fprintf(w, "%s %s %s\r\n", e.ModTime().In(now.Location()).Format("01-02-06  03:04PM"), size, e.Name())
		}
	}}
}

// VMS is an OpenVMS server whose users come out in DISK$ANON:[ANON]. It takes [.SUB.SUB], a bare name of
// a subdirectory, and its own names of directories.
func VMS() *Style {
	const top = "DISK$ANON:[ANON"
	name := func(dir string) string { return top + strings.ReplaceAll(strings.TrimSuffix(dir, "/"), "/", ".") + "]" }
	return &Style{
		System: "VMS MultiNet Unix Emulation V5.5",
		PWD:    name,
		CWD: func(dir, arg string) (string, bool) {
			to, absolute := strings.CutPrefix(arg, top)
			if !absolute {
				if to = arg; !strings.HasPrefix(to, "[") {
					return path.Join(dir, to), !strings.ContainsAny(to, "/.;:]")
				}
				to = to[1:]
			}
			to, ok := strings.CutSuffix(to, "]")
			if !ok || strings.Contains(to, "/") || to != "" && to[0] != '.' {
				return "", false
			}
			to = strings.ReplaceAll(to, ".", "/")
			if !absolute {
				to = path.Join(dir, to)
			}
			return path.Join("/", to), true
		},
		Format: func(w *bufio.Writer, dir string, entries []Entry, now time.Time) {
			fmt.Fprintf(w, "\r\nDirectory %s\r\n\r\n", name(dir))
			for _, e := range entries {
				n, blocks := strings.ToUpper(e.Name()), (e.Size()+511)/512
				if e.IsDir() {
					n += ".DIR"
				}
				date := strings.ToUpper(e.ModTime().In(now.Location()).Format("_2-Jan-2006 15:04:05"))
				fmt.Fprintf(w, "%-20s %9d/%-6d %s  [ANON]  (RWED,RE,,RE)\r\n", n+";1", blocks, (blocks+3)/4*4, date)
			}
			fmt.Fprintf(w, "\r\nTotal of %d files.\r\n", len(entries))
		},
	}
}

// MVS is a z/OS server whose users come out in the prefix 'ANON.': directories are partitioned data sets,
// one level of them, and CDUP takes off one qualifier of many.
func MVS() *Style {
	return &Style{
		System: "MVS is the operating system of this server. FTP Server is running on z/OS.",
		PWD: func(dir string) string {
			if dir == "/" {
				return "'ANON.'"
			}
			return "'ANON." + dir[1:] + "'"
		},
		CWD: func(dir, arg string) (string, bool) {
			if q, ok := strings.CutPrefix(arg, "'ANON."); ok {
				return path.Join("/", strings.TrimSuffix(q, "'")), true
			}
			if dir != "/" {
				arg = dir[1:] + "." + arg
			}
			return "/" + arg, !strings.ContainsAny(arg, "/'")
		},
		CDUP: func(dir string) string {
			if i := strings.LastIndexByte(dir, '.'); i > 0 {
				return dir[:i]
			}
			return "/"
		},
		Format: func(w *bufio.Writer, dir string, entries []Entry, now time.Time) {
			if dir != "/" {
				w.WriteString(" Name     VV.MM   Created       Changed      Size  Init   Mod   Id\r\n")
				for _, e := range entries {
					date := e.ModTime().In(now.Location())
					fmt.Fprintf(w, "%-8s  01.01 %s %s %5d %5d     0 ANON\r\n", strings.ToUpper(e.Name()), date.Format("2006/01/02"), date.Format("2006/01/02 15:04"), e.Size(), e.Size())
				}
				return
			}
			w.WriteString("Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\r\n")
			for _, e := range entries {
				org := "PS"
				if e.IsDir() {
					org = "PO"
				}
				fmt.Fprintf(w, "PUB001 3390   %s  1    1  FB      80 27920  %-4s %s\r\n", e.ModTime().In(now.Location()).Format("2006/01/02"), org, strings.ToUpper(e.Name()))
			}
		},
	}
}

// OS400 is an IBM i server whose users come out in the directory /home/anon, listed as after SITE LISTFMT 0: no pathname
// but what begins there is known to it.
func OS400() *Style {
	const home = "/home/anon"
	return &Style{
		System: "OS/400 is the remote operating system. The TCP/IP version is \"V5R4M0\".",
		PWD:    func(dir string) string { return path.Join(home, dir) },
		CWD:    below(home),
		Format: func(w *bufio.Writer, _ string, entries []Entry, now time.Time) {
			for _, e := range entries {
				kind, name := "*STMF", e.Name()
				switch {
				case e.IsDir():
					kind, name = "*DIR", name+"/"
				case e.Target != "":
					kind = "*SYMLNK"
				}
				fmt.Fprintf(w, "%-10s %11d %s %-10s %s\r\n", strings.ToUpper(e.Owner), e.Size(), e.ModTime().In(now.Location()).Format("01/02/06 15:04:05"), kind, name)
			}
		},
	}
}

// NetWare is a Novell server whose users come out in the volume SYS, listed with trustee rights in place of a mode.
func NetWare() *Style {
	const volume = "/SYS"
	return &Style{
		System: "NETWARE Type: L8",
		PWD:    func(dir string) string { return path.Join(volume, dir) },
		CWD:    below(volume),
		Format: func(w *bufio.Writer, _ string, entries []Entry, now time.Time) {
			w.WriteString("total 0\r\n")
			for _, e := range entries {
				t := e.ModTime().In(now.Location())
				date := t.Format("Jan _2 15:04")
				if t.After(now) || now.Sub(t) > 182*24*time.Hour {
					date = t.Format("Jan _2  2006")
				}
				kind := "-"
				if e.IsDir() {
					kind = "d"
				}
				fmt.Fprintf(w, "%s [RWCEAFMS] %-20s %13d %s %s\r\n", kind, e.Owner, e.Size(), date, e.Name())
			}
		},
	}
}

// below returns the CWD of a server whose pathnames all begin with home.
func below(home string) func(dir, arg string) (string, bool) {
	return func(dir, arg string) (string, bool) {
		if !strings.HasPrefix(arg, "/") {
			return path.Join(dir, arg), true
		}
		rest, ok := strings.CutPrefix(arg, home)
		return path.Join("/", rest), ok && (rest == "" || rest[0] == '/')
	}
}

package ftpconn

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// On systems whose pathnames are not slashes, "/" is the login directory, and the way leads step by step.
func TestOddSystems(t *testing.T) {
	when := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	vms := ftptest.NewTree(when).File("A.TXT", 5, when).File("PUB/B.TXT", 5, when).File("PUB/DOC/C.TXT", 5, when).File("TMP/D.TXT", 5, when)
	mvs := ftptest.NewTree(when).File("A", 5, when).File("PUB/B", 5, when).File("SYS1.PARMLIB/C", 5, when)
	for _, test := range []struct {
		name   string
		server *ftptest.Server
		dirs   map[string]string // and what must be in their listings
		none   []string          // commands that must not be sent
	}{
		{"VMS", &ftptest.Server{FS: vms, Style: ftptest.VMS()}, map[string]string{
			"/": "PUB.DIR;1", "/PUB": "B.TXT;1", "/PUB/DOC": "C.TXT;1", "/TMP": "D.TXT;1", "/PUB.DIR;1/DOC.DIR;1": "C.TXT;1",
		}, nil},
		{"VMS without CDUP", &ftptest.Server{FS: vms, Style: ftptest.VMS(), Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			return cmd.Verb == "CDUP" && say(502, "no")(c, cmd)
		}}, map[string]string{"/": "PUB.DIR;1", "/PUB": "B.TXT;1", "/PUB/DOC": "C.TXT;1", "/TMP": "D.TXT;1"}, nil},
		{"z/OS", &ftptest.Server{FS: mvs, Style: ftptest.MVS()}, map[string]string{
			"/": "SYS1.PARMLIB\r\n", "/PUB": "\r\nB ", "/SYS1.PARMLIB": "\r\nC ",
		}, []string{"CDUP"}},
		{"IBM i", &ftptest.Server{FS: vms, Style: ftptest.OS400()}, map[string]string{
			"/": "*DIR       PUB/\r\n", "/PUB": "*STMF      B.TXT\r\n", "/PUB/DOC": "*STMF      C.TXT\r\n", "/TMP": "*STMF      D.TXT\r\n",
		}, nil},
		{"NetWare", &ftptest.Server{FS: vms, Style: ftptest.NetWare()}, map[string]string{
			"/": "2001 PUB\r\n", "/PUB": "- [RWCEAFMS] ftp ", "/PUB/DOC": "2001 C.TXT\r\n", "/TMP": "2001 D.TXT\r\n",
		}, nil},
		{"unknown, slashes in PWD", &ftptest.Server{FS: vms, System: "TOPS-20"}, map[string]string{
			"/": " PUB\r\n", "/PUB/DOC": " C.TXT\r\n", "/TMP": " D.TXT\r\n",
		}, nil},
		{"Windows", &ftptest.Server{FS: vms, Style: ftptest.Windows()}, map[string]string{
			"/": "<DIR>          PUB\r\n", "/PUB/DOC": " C.TXT\r\n",
		}, []string{"CDUP"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, test.server)
			c := open(t, listed(new(Dialer), server), server)
			if got := c.Hello().LoginDir; got != "/" {
				t.Errorf("login directory: %q", got)
			}
			for range 5 { // maps come in another order each time
				for dir, want := range test.dirs {
					if got, _, err := list(t, c, dir); err != nil || !strings.Contains(got, want) {
						t.Fatalf("%s: got %q, %v, want %q", dir, got, err, want)
					}
				}
				var e *crawl.Error
				if _, _, err := list(t, c, "/PUB/MISSING"); !errors.As(err, &e) || e.Code != 550 || e.Path != "/PUB/MISSING" || crawl.Broken(err) {
					t.Fatalf("missing: %v", err)
				}
			}
			for _, verb := range test.none {
				if n := test.server.Stats().Commands[verb]; n > 0 {
					t.Errorf("%s was sent %d times", verb, n)
				}
			}
		})
	}
}

func TestWhatCannotBeWalked(t *testing.T) {
	s := &ftptest.Server{System: "VM/CMS", Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
		return cmd.Verb == "PWD" && say(550, "no")(c, cmd)
	}}
	server := serve(t, s)
	_, err := new(Dialer).Dial(t.Context(), server)
	if err == nil || crawl.Retryable(err) || !strings.Contains(fmt.Sprint(err), `"VM/CMS" does not tell its working directory and cannot be walked`) {
		t.Errorf("got %v", err)
	}
}

func TestUnixLike(t *testing.T) {
	for system, want := range map[string]bool{
		"": true, "UNIX Type: L8": true, "UNIX emulated by FileZilla": true, "Windows_NT": true, "Windows_NT version 5.0": true, "Linux 2.4": true,
		"VMS V7.3": false, "MVS is the operating system of this server.": false, "OS/400 is the remote operating system.": false,
		"NETWARE Type: L8": false, "MACOS Peter's Server": false,
		"VMS MultiNet Unix Emulation V5.5": false,
	} {
		if got := unixLike(system); got != want {
			t.Errorf("%q: got %t, want %t", system, got, want)
		}
	}
}

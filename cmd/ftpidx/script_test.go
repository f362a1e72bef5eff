package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata/script; review the difference")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ftpidx": main})
}

// TestScripts runs testdata/script/*.txtar: the real command against servers in this process.
//
//	ftpserver NAME TREE [OPTION...]    starts a server and sets $NAME to its host:port
//	ftpdown NAME                       stops it
//
// See serverTrees and serverOptions for the words.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(root, "testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FTPIDX_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("TZ", "UTC")
			env.Values[serversKey{}] = map[string]*ftptest.Server{}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ftpserver": cmdFTPServer,
			"ftpdown":   cmdFTPDown,
		},
		Condition: func(cond string) (bool, error) {
			return cond == "root" && os.Geteuid() == 0, nil
		},
	})
}

type serversKey struct{}

// serverTrees are the file systems that a script may serve.
var serverTrees = map[string]func() fs.FS{
	"mirror": func() fs.FS { return ftptest.Mirror(time.Now()) },
	"small": func() fs.FS {
		day := time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC)
		t := ftptest.NewTree(day)
		t.File("pub/linux/wget-1.21.tar.gz", 5_000_000, day).
			File("pub/linux/wget-1.21.tar.gz.sig", 72, day).
			File("pub/linux/curl-7.tar.gz", 3_000_000, day.AddDate(1, 0, 0)).
			File("pub/README", 312, day).
			File("pub/disc one.iso", 734_003_200, day).
			Dir("pub/empty")
		t.Add("pub/latest", ftptest.Node{Mode: fs.ModeSymlink | 0o777, Target: "linux"})
		return t
	},
	"forbidden": func() fs.FS {
		t := ftptest.NewTree(time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		t.File("pub/open.txt", 1, time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		t.Add("private", ftptest.Node{Mode: fs.ModeDir | 0o700})
		return t
	},
	"foreign": func() fs.FS {
		t := ftptest.NewTree(time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		t.File("caf\xe9/menu", 1, time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		return t.Add("caf\xe9/clos\xe9", ftptest.Node{Mode: fs.ModeDir | 0o700})
	},
	"robots": func() fs.FS {
		day := time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC)
		t := ftptest.NewTree(day).File("pub/a", 1, day).File("incoming/b", 1, day)
		return t.Add("robots.txt", ftptest.Node{Data: "User-agent: *\nDisallow: /incoming/\n"})
	},
	"unhurried": func() fs.FS {
		return ftptest.NewTree(time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC)).Add("robots.txt", ftptest.Node{Data: "User-agent: *\nCrawl-delay: 999999999999\n"})
	},
	"published": func() fs.FS {
		day := time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC)
		t := ftptest.NewTree(day)
		list := ".:\ndrwxr-xr-x 2 a b 4096 Mar  9  2011 pub\n\n./pub:\n"
		var below strings.Builder
		for i := range 60 {
			t.File(fmt.Sprintf("pub/d%d/file%d.tar", i, i), 5, day)
			list += fmt.Sprintf("drwxr-xr-x 2 a b 4096 Mar  9  2011 d%d\n", i)
			fmt.Fprintf(&below, "\n./pub/d%d:\n-rw-r--r-- 1 a b 5 Mar  9  2011 file%d.tar\n", i, i)
		}
		return t.Add("ls-lR", ftptest.Node{Data: list + below.String(), ModTime: time.Now().Add(-time.Hour)})
	},
	"koi8": func() fs.FS {
		t := ftptest.NewTree(time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		for _, name := range []string{"\xe4\xcf\xcb\xd5\xcd\xc5\xce\xd4\xd9.txt", "\xcd\xd5\xda\xd9\xcb\xc1.zip", "\xf0\xd2\xcf\xde\xd4\xc9 \xcd\xc5\xce\xd1"} {
			t.File(name, 1, time.Time{})
		}
		return t.File("news", 1, time.Now().Add(-30*time.Hour))
	},
	"hostile": func() fs.FS {
		t := ftptest.NewTree(time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		t.File("evil\x1b[31mred", 1, time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		t.File("caf\xe9.txt", 2, time.Date(2011, 3, 9, 0, 0, 0, 0, time.UTC))
		return t
	},
}

// serverOptions change a server before it starts.
var serverOptions = map[string]func(*ftptest.Server){
	"refuse-login": func(s *ftptest.Server) { s.Password = func(string, string) bool { return false } },
	"tokyo":        func(s *ftptest.Server) { s.Location = time.FixedZone("", 9*3600) },
	"no-epsv":      func(s *ftptest.Server) { s.NoEPSV = true },
	"busy-file": func(s *ftptest.Server) {
		s.Intercept = func(s *ftptest.Session, c ftptest.Command) bool {
			if c.Verb != "RETR" {
				return false
			}
			s.Reply(450, "Busy.")
			return true
		}
	},
}

func cmdFTPServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ftpserver NAME TREE [OPTION...]")
	}
	tree, ok := serverTrees[args[1]]
	if !ok {
		ts.Fatalf("no tree %s", args[1])
	}
	s := &ftptest.Server{FS: tree(), Hidden: true}
	for _, name := range args[2:] {
		option, ok := serverOptions[name]
		if !ok {
			ts.Fatalf("no option %s", name)
		}
		option(s)
	}
	ts.Check(s.Start())
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.Addr)
	ts.Value(serversKey{}).(map[string]*ftptest.Server)[args[0]] = s
}

func cmdFTPDown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ftpdown NAME")
	}
	s := ts.Value(serversKey{}).(map[string]*ftptest.Server)[args[0]]
	if s == nil {
		ts.Fatalf("no server %s", args[0])
	}
	s.Close()
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/crawl"
)

// configured returns a root command in an environment with these variables and this configuration file.
func configured(t *testing.T, vars map[string]string, text string) (*env, *cobra.Command) {
	t.Helper()
	e, _, _ := testEnv(time.Now())
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	e.getenv = func(k string) string {
		if k == "FTPIDX_CONFIG" {
			return file
		}
		return vars[k]
	}
	return e, newRootCommand(e)
}

// TestPrecedence sets one flag of each kind on the command line, in the environment and in the file, in all combinations.
func TestPrecedence(t *testing.T) {
	for _, tt := range []struct {
		command, flag            string
		args, env, file, nothing string // the value by who set it
		list                     bool
	}{
		{"search", "sort", "size", "name", "date", "", false},               // text
		{"search", "count", "true", "true", "true", "false", false},         // switch
		{"search", "facets", "[host]", "[ext]", "[type,year]", "[]", true},  // list, commas
		{"crawl", "connections", "5", "4", "3", "2", false},                 // number
		{"crawl", "rate", "1.5", "2", "0.25", "20", false},                  // decimals
		{"crawl", "delay", "1s", "2s", "3s", "0s", false},                   // duration
		{"crawl", "max-entries", "1", "2", "3", "0", false},                 // with a dash
		{"crawl", "exclude", "[/x]", "[/y]", "[/z,lost+found]", "[]", true}, // list
		{"parse", "format", "dos", "vms", "unix", "auto", false},            // the same flag of
		{"import", "format", "dos", "vms", "unix", "auto", false},           // two commands
		{"crawl", "data", "/args", "/env", "/file", "", false},              // of all commands
		{"search", "quiet", "true", "true", "true", "false", false},         // of all commands
		{"servers", "json", "true", "true", "true", "false", false},
	} {
		global := tt.flag == "data" || tt.flag == "quiet"
		for set := range 8 {
			byArgs, byEnv, byFile := set&1 != 0, set&2 != 0, set&4 != 0
			vars, text, args := map[string]string{}, "", []string{}
			if byEnv {
				name := "FTPIDX_" + tt.command + "_" + tt.flag
				if global {
					name = "FTPIDX_" + tt.flag
				}
				vars[strings.ToUpper(strings.ReplaceAll(name, "-", "_"))] = strings.Trim(tt.env, "[]")
			}
			if byFile {
				value := `"` + tt.file + `"`
				if tt.list {
					value = `["` + strings.ReplaceAll(strings.Trim(tt.file, "[]"), ",", `", "`) + `"]`
				} else if tt.file == "true" || strings.Trim(tt.file, "0123456789.") == "" {
					value = tt.file
				}
				text = tt.flag + " = " + value + "\n"
				if !global {
					text = "[" + tt.command + "]\n" + text
				}
			}
			if byArgs {
				args = append(args, "--"+tt.flag+"="+strings.Trim(tt.args, "[]"))
			}
			e, root := configured(t, vars, text)
			cmd, _, err := root.Find([]string{tt.command})
			if err != nil {
				t.Fatal(err)
			}
			cmd.InheritedFlags() // merges them
			if err := cmd.Flags().Parse(args); err != nil {
				t.Fatal(err)
			}
			if err := e.setDefaults(cmd); err != nil {
				t.Errorf("%s --%s: %v", tt.command, tt.flag, err)
				continue
			}
			want := tt.nothing
			switch {
			case byArgs:
				want = tt.args
			case byEnv:
				want = tt.env
			case byFile:
				want = tt.file
			}
			if got := cmd.Flags().Lookup(tt.flag).Value.String(); got != want {
				t.Errorf("%s --%s, args %v, env %v, file %v: got %s, want %s", tt.command, tt.flag, byArgs, byEnv, byFile, got, want)
			}
			if e.given[tt.flag] != (byArgs || byEnv) {
				t.Errorf("%s --%s: given is %v", tt.command, tt.flag, e.given[tt.flag])
			}
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for _, tt := range []struct{ name, text, err, hint string }{
		{"nothing", "", "", ""},
		{"comments", "# nothing\n[crawl]\n", "", ""},
		{"dotted", "crawl.rate = 1\n", "", ""},
		{"inline", "search = {limit = 10, sort = \"-size\"}\n", "", ""},
		{"underscore", "[crawl]\nmax_rate = 5\n", "", ""},
		{"server", "[server.\"bob@h:2121\"]\npassword_command = [\"pass\"]\nrate = 5\n", "", ""},
		{"pattern", "[server.\"*.example.org\"]\nrate = 0.5\ndelay = \"1s\"\n", "", ""},
		{"unknown key", "quiet = true\ncolour = 1\n", ":2:1: unknown key colour", "known are data quiet verbose server"},
		{"misspelt key", "quite = true\n", ":1:1: unknown key quite", "did you mean quiet?"},
		{"wrong table", "contact = \"me@example.org\"\n", ":1:1: unknown key contact", "did you mean crawl.contact"},
		{"misspelt table", "[serch]\nlimit = 5\n", ":1:2: unknown key serch", "did you mean search"},
		{"misspelt flag", "[crawl]\n  conections = 3\n", ":2:3: unknown key crawl.conections", "did you mean crawl.connections?"},
		{"flag for one run", "[search]\nafter = \"x\"\n", ":2:1: unknown key search.after", "known are"},
		{"misspelt setting", "[server.h]\nconections = 3\n", ":2:1: unknown key conections of a server", "did you mean connections?"},
		{"syntax", "contact = \n", ":1:", ""},
		{"twice", "[crawl]\nrate = 1\nrate = 2\n", ":3:1: ", ""},
		{"no number", "[crawl]\nrate = \"fast\"\n", ":2:1: crawl.rate: ", ""},
		{"a list for one", "[crawl]\nrate = [\"1\"]\n", ":2:1: crawl.rate: one value is expected", ""},
		{"other command's", "[parse]\nformat = {a = 1}\n", ":2:1: parse.format: a table is not expected", ""},
		{"server's name", "[server.\"H.example\"]\n", ":1:9: the server is written h.example", ""},
		{"no table", "server = 5\n", ":1:1: a server is a table", ""},
		{"no table of a server", "[server]\nh = 5\n", ":2:1: a server is a table", ""},
		{"setting's kind", "[server.h]\nconnections = \"x\"\n", ":2:15: ", ""},
		{"charset", "[server.h]\nzone = \"UTC\"\ncharset = \"klingon\"\n", ":3:1: ", ""},
		{"zone", "[server.h]\nzone = \"Mars/Olympus\"\n", ":2:1: ", ""},
		{"delay", "[server.h]\ndelay = \"soon\"\n", ":2:1: a delay is written as 500ms", ""},
		{"glob", "[server.h]\nexclude = [\"[\"]\n", ":2:1: ", ""},
		{"tls", "[server.h]\ntls = \"yes\"\n", ":2:1: tls is auto, require or never", ""},
		{"password for many", "[server.\"*\"]\npassword_command = [\"pass\"]\n", ":2:1: password_command needs the name of one server", ""},
	} {
		e, root := configured(t, nil, tt.text)
		cmd, _, _ := root.Find([]string{"crawl"})
		cmd.InheritedFlags()
		err := e.setDefaults(cmd)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.err)
		}
		var hint *hintError
		if errors.As(err, &hint); tt.hint != "" && (hint == nil || !strings.Contains(hint.hint, tt.hint)) {
			t.Errorf("%s: got hint %+v, want %q", tt.name, hint, tt.hint)
		}
	}
	e, _, _ := testEnv(time.Now())
	e.configFlag = filepath.Join(t.TempDir(), "none.toml")
	if _, err := e.config(); err == nil {
		t.Error("a file that was asked for and is not there: no error")
	}
	e.configFlag = ""
	if _, err := e.config(); err != nil {
		t.Errorf("no file: %v", err)
	}
}

// TestServerSettings: the server's own table comes before patterns, later patterns before earlier ones, and what was given for this
// crawl before all of them.
func TestServerSettings(t *testing.T) {
	c, err := parseConfig("x", []byte(`
[server."ftp.example.org"]
rate = 0
charset = "cp1251"
[server."*.example.org"]
rate = 5
delay = "1s"
connections = 3
exclude = ["old"]
tls = "require"
[server."*.org"]
delay = "2s"
exclude = ["tmp"]
[server."[2001:db8::1]:2121"]
connections = 7
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		key, tls string
		given    map[string]bool
		want     crawl.ServerSettings
	}{
		{"ftp.example.com", "", nil, crawl.ServerSettings{}},
		{"ftp.other.org", "", nil, crawl.ServerSettings{Delay: 2 * time.Second, Exclude: []string{"tmp"}}},
		{"ftp.example.org", "require", nil, crawl.ServerSettings{Rate: -1, Delay: 2 * time.Second, Connections: 3, Exclude: []string{"old", "tmp"}, Charset: "windows-1251"}},
		{"ftp.example.org", "require", map[string]bool{"rate": true, "charset": true, "connections": true, "delay": true}, crawl.ServerSettings{Exclude: []string{"old", "tmp"}}},
		{"[2001:db8::1]:2121", "", nil, crawl.ServerSettings{Connections: 7}},
		{"[2001:db8::2]:2121", "", nil, crawl.ServerSettings{}},
	} {
		s, err := crawl.ParseKey(tt.key)
		if err != nil {
			t.Fatal(err)
		}
		conf := c.server(s)
		if got := conf.settings(tt.given); !reflect.DeepEqual(got, tt.want) || conf.TLS != tt.tls {
			t.Errorf("%s: got %+v, TLS %q; want %+v, TLS %q", tt.key, got, conf.TLS, tt.want, tt.tls)
		}
	}
}

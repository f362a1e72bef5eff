package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

func TestNetrcPassword(t *testing.T) {
	name := filepath.Join(t.TempDir(), "netrc")
	text := `# passwords
machine ftp.example login alice password wonder#land
machine ftp.example
	login bob
	account x
	password "with blank \" quote"
macdef init
	machine trap login mallory password no

machine "quoted.example" login "bo b" password p # comment
default login anonymous password everywhere
`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		host, user, want string
		found            bool
	}{
		{"ftp.example", "alice", "wonder#land", true},
		{"FTP.example", "bob", `with blank " quote`, true},
		{"quoted.example", "bo b", "p", true},
		{"ftp.example", "carol", "", false},
		{"trap", "mallory", "", false},
		{"other.example", "anonymous", "", false}, // default is never used
	} {
		got, found, err := netrcPassword(name, tt.host, tt.user)
		if got != tt.want || found != tt.found || err != nil {
			t.Errorf("%s@%s: got %q, %v, %v; want %q, %v", tt.user, tt.host, got, found, err, tt.want, tt.found)
		}
	}
	for _, text := range []string{"machine", "machine a login", "password", `"`, "machine a\nlogin b password \"x"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := netrcPassword(name, "nobody", "x"); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := netrcPassword(name, "a", "b"); runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "may be read by others")) {
		t.Errorf("a file that others may read: got %v", err)
	}
	if _, found, err := netrcPassword(name+"-none", "a", "b"); found || err != nil {
		t.Errorf("no file: got %v, %v", found, err)
	}
}

func TestPasswordSources(t *testing.T) {
	e, _, _ := testEnv(time.Now())
	vars := map[string]string{"HOME": t.TempDir()}
	e.getenv = func(k string) string { return vars[k] }
	bob := crawl.Server{Scheme: crawl.FTP, User: "bob", Host: "ftp.example", Port: 21}
	listed := false
	password := func(c *config) func(context.Context, crawl.Server) (string, error) {
		return e.password(c, func(crawl.Server) bool { return listed })
	}
	find := password(&config{})
	if _, err := find(context.Background(), bob); err == nil || !strings.Contains(err.Error(), "no password for bob@ftp.example") {
		t.Errorf("nowhere: got %v", err)
	}
	vars["FTPIDX_PASSWORD"] = "from env"
	if p, err := find(context.Background(), bob); p != "from env" || err != nil {
		t.Errorf("environment: got %q, %v", p, err)
	}
	listed = true
	if p, err := find(context.Background(), bob); p != "" || err == nil {
		t.Errorf("environment, of a server in a list: got %q, %v", p, err)
	}
	find = password(&config{servers: []serverTable{{"bob@ftp.example", serverConfig{PasswordCommand: []string{"printf", `first\nsecond\n`}}}}})
	if p, err := find(context.Background(), bob); p != "first" || err != nil {
		t.Errorf("command: got %q, %v", p, err)
	}
	find = password(&config{servers: []serverTable{{"bob@ftp.example", serverConfig{PasswordCommand: []string{"false"}}}}})
	if _, err := find(context.Background(), bob); err == nil {
		t.Error("a command that fails: no error")
	}
}

package parse

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A program of another module that imports only this package gets nothing but the standard library with it.
func TestConsumerModule(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("the go command is not installed")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/consumer\n\ngo 1.25.0\n\nrequire github.com/ftpidx/ftpidx v0.0.0\n\nreplace github.com/ftpidx/ftpidx => " + root + "\n",
		"main.go": `package main

import (
	"fmt"
	"os"

	"github.com/ftpidx/ftpidx/parse"
)

func main() {
	entries, bad, err := parse.ReadAll(os.Stdin, nil)
	fmt.Println(len(entries), len(bad), err)
}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(stdin string, args ...string) string {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off")
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	for _, pkg := range strings.Fields(run("", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")) {
		if pkg != "example.org/consumer" && pkg != "github.com/ftpidx/ftpidx/parse" {
			t.Errorf("depends on %s", pkg)
		}
	}
	run("", "vet", ".")
	if got := run(twoFiles+"what is this?\n", "run", "."); got != "2 1 <nil>\n" {
		t.Errorf("got %q", got)
	}
}

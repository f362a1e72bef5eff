package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestHelp holds the help text of every command and topic against testdata/help, and looks at what each must have. With
// -update the files are written anew.
func TestHelp(t *testing.T) {
	e, stdout, _ := testEnv(time.Now())
	dir := filepath.Join(root, "testdata", "help")
	golden := map[string]bool{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden {
			return
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
		c.InitDefaultHelpFlag()
		stdout.Reset()
		writeHelp(e.stdout, c)
		e.stdout.Flush()
		got := stdout.String()
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".txt"
		golden[name] = true
		file := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got); if it is meant so: go test ./cmd/ftpidx -run Help -update\n%s", name, diff)
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the short text %q is no sentence without its full stop", name, c.Short)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if value, _ := pflag.UnquoteUsage(f); value != strings.ToUpper(value) {
				t.Errorf("%s: --%s takes a %q, which has no name in capital letters", name, f.Name, value)
			}
		})
		if !c.Runnable() || c.HasSubCommands() {
			return
		}
		if !strings.Contains(got, "Exit status: ") {
			t.Errorf("%s tells no exit status", name)
		}
		if c.Example == "" && c.Name() != "demo" {
			t.Errorf("%s has no example", name)
		}
		for example := range strings.SplitSeq(c.Example, "\n\n") {
			if example != "" && !strings.HasPrefix(example, "  # ") {
				t.Errorf("%s: the example %q begins with no comment", name, example)
			}
		}
		for line := range strings.SplitSeq(got, "\n") {
			if w := textWidth(line); w > helpWidth && !strings.HasPrefix(line, "    certificate = ") { // cannot be broken
				t.Errorf("%s: a line takes %d columns: %s", name, w, line)
			}
		}
	}
	walk(newRootCommand(e))
	for line := range strings.SplitSeq(layOut(serversHelp, helpWidth), "\n") {
		if w := textWidth(line); w > helpWidth {
			t.Errorf("help servers: a line takes %d columns: %s", w, line)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !golden[f.Name()] {
			t.Errorf("%s is of no command", f.Name())
		}
	}
}

func TestLayOut(t *testing.T) {
	text := "One paragraph in lines as they\nwere written.\n\n  a list    stays\n  as it is, however long it is\nAnd 漢字 漢字 漢字 words.\n"
	want := "One paragraph in\nlines as they were\nwritten.\n\n  a list    stays\n  as it is, however long it is\nAnd 漢字 漢字 漢字\nwords."
	if got := layOut(text, 18); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := hang("  x  ", "one two three", 12), "  x  one two\n     three"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestConfigExample: the file in the help of the configuration is one.
func TestConfigExample(t *testing.T) {
	for command := range strings.FieldsSeq("crawl search servers") {
		e, root := configured(t, nil, configExample)
		cmd, _, err := root.Find([]string{command})
		if err != nil {
			t.Fatal(err)
		}
		cmd.InheritedFlags()
		if err := e.setDefaults(cmd); err != nil {
			t.Error(err)
		}
		if e.dataFlag != "/srv/ftpidx" {
			t.Errorf("%s: got data directory %q", command, e.dataFlag)
		}
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A buildInfo is what the go command recorded when it built the program, and what is in it that decides how listings and
// indexes are read.
type buildInfo struct {
	Version  string `json:"version"`            // of the module; "(devel)" from a checkout that has none
	Commit   string `json:"commit,omitempty"`   // of the checkout
	Time     string `json:"time,omitempty"`     // of the commit, RFC 3339
	Modified bool   `json:"modified,omitempty"` // the checkout differed from the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Bleve    string `json:"bleve,omitempty"`
	Zap      string `json:"zap,omitempty"`
	Bolt     string `json:"bbolt,omitempty"`
}

func readBuildInfo() buildInfo {
	b := buildInfo{Version: "(unknown)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = or(info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "github.com/blevesearch/bleve/v2":
			b.Bleve = m.Version
		case "github.com/blevesearch/zapx/v17":
			b.Zap = m.Version
		case "go.etcd.io/bbolt":
			b.Bolt = m.Version
		}
	}
	return b
}

// version is the line that --version prints.
func version() string {
	b := readBuildInfo()
	s := b.Version
	if b.Commit != "" && b.Version == "(devel)" {
		s += " " + b.Commit[:min(12, len(b.Commit))]
	}
	return s + " " + b.Go
}

func newVersionCommand(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and what the program was built from",
		Long: `Version prints the version of the program, the commit and the Go release that it was built from, and the
versions of the libraries that decide how its files are written.

Exit status: 0 done; 2 usage.`,
		Example: `  # for a report of an error
  ftpidx version

  # for a script
  ftpidx version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return runVersion(e, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return cmd
}

func runVersion(e *env, asJSON bool) error {
	b := readBuildInfo()
	if asJSON {
		return json.NewEncoder(e.stdout).Encode(b)
	}
	fmt.Fprintln(e.stdout, "ftpidx", b.Version)
	modified := ""
	if b.Modified {
		modified = ", modified"
	}
	for _, line := range [][2]string{
		{"commit", b.Commit + modified}, {"time", b.Time}, {"go", b.Go + " " + b.Platform},
		{"bleve", b.Bleve}, {"zap", b.Zap}, {"bbolt", b.Bolt},
	} {
		if line[1] != "" && line[1] != modified {
			fmt.Fprintf(e.stdout, "%-7s %s\n", line[0], line[1])
		}
	}
	return nil
}

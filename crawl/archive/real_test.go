package archive_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// Servers that take two sessions from one address and are asked for eight say so in three ways: nothing may be missing,
// and the limit is known the next time.
func TestRealServersWithFewSessions(t *testing.T) {
	if testing.Short() {
		t.Skip("starts four servers")
	}
	root, err := os.MkdirTemp("", "sessions")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for d := range 12 {
		for e := range 12 {
			dir := filepath.Join(root, fmt.Sprintf("d %d/e-%d", d, e))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for f := range 3 {
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d-%d-%d", d, e, f)), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	want := walkOS(t, root)
	slices.Sort(want)
	for _, name := range []string{"vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"} {
		t.Run(name, func(t *testing.T) {
			seed := seed(t, "ftp://"+realftp.Start(t, name, root, "MAXPERIP=2").Addr)
			dir := t.TempDir()
			c := newCrawler(dir)
			c.Policy.Connections = 8
			report := run(t, c, seed)
			if report.State != crawl.Complete {
				t.Errorf("got %s, %v, %+v, want complete", report.State, report.Err, report.Counts)
			}
			got := paths(t, dir, seed.Server)
			slices.Sort(got)
			same(t, got, want)
			all, err := archive.List(dir)
			if err != nil || len(all) != 1 || all[0].Facts.Connections < 1 || all[0].Facts.Connections > 2 {
				t.Errorf("got %+v, %v, want a limit of at most 2", all, err)
			}
		})
	}
}

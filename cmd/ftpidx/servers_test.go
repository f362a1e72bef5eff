package main

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// realServers are servers of others, with what each cannot show of a nasty tree.
var realServers = []struct {
	name   string
	env    []string
	flags  []string
	prefix string // of pathnames
	hides  func(p string) bool
}{
	{name: "vsftpd", hides: brokenLine},
	{name: "vsftpd", env: []string{"TLS=require"}, hides: brokenLine},
	{name: "proftpd", flags: []string{"--listing", "list"}, hides: func(p string) bool {
		// A link line over 1,000 bytes takes the next one with it.
		return brokenLine(p) || p == "/links/dot" || p == "/links/parent" || strings.HasPrefix(p, "/links/lo")
	}},
	{name: "proftpd", env: []string{"TLS=1"}, flags: []string{"--tls", "require", "--listing", "list"}, hides: func(p string) bool {
		return brokenLine(p) || p == "/links/dot" || p == "/links/parent" || strings.HasPrefix(p, "/links/lo")
	}},
	{name: "pure-ftpd", hides: func(p string) bool {
		// Control characters are hidden; dot directories and backslashes are not entered; MLSD shows links to nothing
		// under names of their own.
		return hasControl(p) || inside(p, func(dir string) bool { return dir[0] == '.' || strings.Contains(dir, `\`) }) ||
			strings.HasPrefix(p, "/modes/")
	}},
	{name: "inetutils", prefix: "/pub", hides: brokenLine},
	{name: "pyftpdlib", hides: func(p string) bool { return brokenLine(p) || !utf8.ValidString(p) }},
	{name: "goftp", hides: func(p string) bool { return brokenLine(p) || strings.HasPrefix(p, "/modes/") }},
	// It follows links, out of the tree too: the whole machine hangs on /links/root.
	{name: "ftp-srv", flags: []string{"--exclude", "/links"}, hides: func(p string) bool {
		return brokenLine(p) || !utf8.ValidString(p) || strings.HasPrefix(p, "/links/") ||
			strings.HasPrefix(p, "/modes/") || inside(p, func(dir string) bool { return strings.ContainsAny(dir, `\"`) })
	}},
}

// brokenLine reports whether a listing by lines cannot carry the pathname, or a command enter its directory.
func brokenLine(p string) bool { return strings.ContainsAny(p, "\r\n") }

func hasControl(p string) bool {
	return strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// inside reports whether one of the directories above p is such.
func inside(p string, such func(name string) bool) bool {
	for d := path.Dir(p); d != "/"; d = path.Dir(d) {
		if such(path.Base(d)) {
			return true
		}
	}
	return false
}

// indexedPaths returns the pathnames of all documents, as bytes, from their URLs.
func indexedPaths(t *testing.T, data string) map[string]bool {
	t.Helper()
	out, errs, status := ftpidx(t, "search", "--data", data, "--json", "")
	if status != exitOK {
		t.Fatalf("search: status %d: %s", status, errs)
	}
	paths := map[string]bool{}
	for line := range strings.Lines(out) {
		var hit struct{ URL, Type string }
		if err := json.Unmarshal([]byte(line), &hit); err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(hit.URL, "://")
		_, raw, _ := strings.Cut(rest, "/")
		p, err := url.PathUnescape("/" + raw)
		if err != nil {
			t.Fatalf("%s: %v", hit.URL, err)
		}
		paths[strings.TrimSuffix(strings.Replace(p, "//", "/", 1), "/")] = true
	}
	return paths
}

// TestRealServers crawls a tree of all that is hard through the servers of others, in clear and over TLS. What
// the index holds is what stands on the disk, less what that server is known not to show, and nothing else.
func TestRealServers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts seven servers")
	}
	for _, s := range realServers {
		realftp.Need(t, s.name)
	}
	root := realftp.Nasty(t)
	unreadable := map[string]bool{"/modes/noaccess": true, "/modes/noexec": true, "/modes/noread": true}
	disk, cut := map[string]bool{}, map[string]bool{} // paths; what is before a line's end in them
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if rel := strings.TrimPrefix(p, root); err == nil && rel != "" && !unreadable[path.Dir(rel)] {
			disk[rel] = true
			for i, b := range []byte(rel) {
				if b == '\n' || b == '\r' {
					cut[rel[:i]] = true
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range realServers {
		t.Run(strings.Join(append([]string{s.name}, s.env...), " "), func(t *testing.T) {
			t.Parallel()
			server := realftp.Start(t, s.name, root, s.env...)
			data := filepath.Join(t.TempDir(), "data")
			args := append([]string{"crawl", "--data", data, "--rate", "0", "--connections", "4"}, s.flags...)
			if s.env != nil {
				args = append(args, "--ca-file", server.Cert)
			}
			out, errs, status := ftpidx(t, append(args, "ftp://"+server.Addr+"/")...)
			if status != exitIncomplete { // there are directories that nobody may read
				t.Errorf("status %d:\n%s%s", status, out, errs)
			}
			if !strings.Contains(out, "refused: ") {
				t.Errorf("the refused directories are not told:\n%s", out)
			}
			got := indexedPaths(t, data)
			missing, extra := 0, 0
			for _, p := range slices.Sorted(maps.Keys(disk)) {
				if !got[s.prefix+p] && !s.hides(p) {
					if missing++; missing <= 5 {
						t.Errorf("not found: %s", strconv.QuoteToASCII(p))
					}
				}
			}
			for _, p := range slices.Sorted(maps.Keys(got)) {
				rel, served := strings.CutPrefix(p, s.prefix)
				if !served { // what the server itself needs in its chroot
					continue
				}
				// Names that the server had to change, and the first lines of broken ones.
				mangled := strings.ContainsAny(p, "?\ufffd\r") || strings.HasPrefix(rel, "/links/") || rel == "" || cut[rel]
				if !disk[rel] && !mangled && !unreadable[path.Dir(rel)] {
					if extra++; extra <= 5 {
						t.Errorf("invented: %s", strconv.QuoteToASCII(p))
					}
				}
			}
			t.Logf("%d of %d entries, %d missing, %d invented\n%s", len(got), len(disk), missing, extra, out)
		})
	}
}

// TestSessionLimit crawls servers that serve two sessions at once with eight workers: nothing is missing.
func TestSessionLimit(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"} {
		realftp.Need(t, name)
	}
	tree := realftp.Wide(t, 120, 3)
	for _, name := range []string{"vsftpd", "proftpd", "pure-ftpd", "pyftpdlib"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := realftp.Start(t, name, tree, "MAXPERIP=2")
			data := filepath.Join(t.TempDir(), "data")
			out, errs, status := ftpidx(t, "crawl", "--data", data, "--rate", "0", "--connections", "8", "ftp://"+server.Addr+"/")
			if status != exitOK || !strings.Contains(out, "complete, 480 entries in 121 directories") {
				t.Errorf("status %d:\n%s%s", status, out, errs)
			}
		})
	}
}

package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// oddPieces are what names of files and directories are made of that URLs, shells and FTP commands stumble on. There is
// nothing that a listing or a command line cannot carry, no 0xFF, which curl does not double as Telnet wants it, and no ~
// alone, which servers take for the home directory.
var oddPieces = []string{
	"plain", "a b", "  two  blanks ", "%41", "%", "100%25", "#hash", "what?", "semi;type=d", "co:lon", "a@b", "a&b=c", "+plus+",
	"[1999]", "{a,b}", "*", `"quoted"`, "it's", "`id`", "$HOME", "<b>", "|", "~x", "-rf", "--help", "^", ",", "=", "(demo)",
	"é", "日本語", "ｶﾀﾛｸﾞ", "🎉", "e\u0301", "latin1-\xe9", "\x95\x5c\x8e\xa6", "\xc6\xfc\xcb\xdc", "\xd2\xd5\xd3\xd3", "nbsp\u00a0", "\u202egpj", "dot.",
}

// oddTree builds 200 files with names of odd pieces, each with its own content, and returns them by pathname.
func oddTree(t *testing.T, pieces []string) (root string, files map[string][]byte) {
	t.Helper()
	root, err := os.MkdirTemp("", "odd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for i, dir := range pieces {
		for j := range 5 {
			name := fmt.Sprintf("/d%s/%s%d%s", dir, pieces[(i*7+j*3)%len(pieces)], i, pieces[(i+j*11)%len(pieces)])
			if j == 0 {
				name = path.Join("/", dir)
			}
			content := bytes.Repeat([]byte(fmt.Sprintf("%d.%d\r\n\x00\xff", i, j)), 1+i*j)
			if err := os.MkdirAll(root+path.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(root+name, content, 0o644); err != nil {
				t.Fatal(err)
			}
			files[name] = content
		}
	}
	return root, files
}

// TestFetchWhatWasFound gives the URLs that search prints to curl, which fetches the very files.
func TestFetchWhatWasFound(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fetches 600 files")
	}
	curl, err := exec.LookPath("curl")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("curl is not there")
	} else if err != nil {
		t.Fatal(err)
	}
	for _, server := range []string{"vsftpd", "proftpd", "pure-ftpd"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			realftp.Need(t, server)
			pieces := oddPieces
			if server == "pure-ftpd" { // 553 Prohibited file name
				pieces = slices.DeleteFunc(slices.Clone(pieces), func(s string) bool { return strings.Contains(s, `\`) })
			}
			root, files := oddTree(t, pieces)
			s := realftp.Start(t, server, root)
			dir := t.TempDir()
			data := filepath.Join(dir, "data")
			if out, errs, status := ftpidx(t, "crawl", "--data", data, "--rate", "0", "ftp://"+s.Addr+"/"); status != exitOK {
				t.Fatalf("status %d:\n%s%s", status, out, errs)
			}
			out, errs, status := ftpidx(t, "search", "--data", data, "--urls", "file:")
			urls := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			if status != exitOK || len(urls) != len(files) {
				t.Fatalf("status %d, %d URLs for %d files\n%s", status, len(urls), len(files), errs)
			}
			// A process for every 25, since there is nothing but waiting for one another's acknowledgements to do.
			var curls errgroup.Group
			n := 0
			for some := range slices.Chunk(urls, 25) {
				var config, said bytes.Buffer
				for _, u := range some {
					fmt.Fprintf(&config, "url = \"%s\"\noutput = \"%s/%d\"\n", u, dir, n)
					n++
				}
				cmd := exec.Command(curl, "--silent", "--show-error", "--fail", "--max-time", "60", "--config", "-")
				cmd.Stdin, cmd.Stderr = &config, &said
				curls.Go(func() error {
					if err := cmd.Run(); err != nil {
						return fmt.Errorf("curl: %w: %s", err, said.String())
					}
					return nil
				})
			}
			if err := curls.Wait(); err != nil {
				t.Error(err)
			}
			wrong := 0
			for i, u := range urls {
				parsed, err := url.Parse(u)
				if err != nil {
					t.Fatal(err)
				}
				name := strings.Replace(parsed.Path, "//", "/", 1)
				want, ok := files[name]
				got, err := os.ReadFile(fmt.Sprintf("%s/%d", dir, i))
				if err != nil || !ok || !bytes.Equal(got, want) {
					if wrong++; wrong <= 5 {
						t.Errorf("%q by %s: got %d bytes, %v, want %d", name, u, len(got), err, len(want))
					}
				}
				delete(files, name)
			}
			if len(files) > 0 {
				t.Errorf("%d files have no URL", len(files))
			}
		})
	}
}

// TestFetchWithOtherClients gives the URLs to wget, and every 17th file's to aria2c, which takes its time: it keeps the tree of
// the server by what is written for it.
func TestFetchWithOtherClients(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("fetches 217 files")
	}
	realftp.Need(t, "vsftpd")
	root, files := oddTree(t, oddPieces)
	s := realftp.Start(t, "vsftpd", root)
	data := filepath.Join(t.TempDir(), "data")
	if out, errs, status := ftpidx(t, "crawl", "--data", data, "--rate", "0", "ftp://"+s.Addr+"/"); status != exitOK {
		t.Fatalf("status %d:\n%s%s", status, out, errs)
	}
	t.Run("aria2c", func(t *testing.T) {
		aria2c := shellProgram(t, "aria2c")
		dir := t.TempDir()
		list, errs, status := ftpidx(t, "search", "--data", data, "--aria2", "file:")
		if status != exitOK {
			t.Fatal(errs)
		}
		cmd := exec.Command(aria2c, "--no-conf", "--input-file=-", "--dir="+dir, "--quiet", "--max-concurrent-downloads=16", "--file-allocation=none", "--timeout=20")
		var some strings.Builder
		var names []string
		for i, name := range slices.Sorted(maps.Keys(files)) {
			at := strings.Index(list, "\n out="+savedAs(s.Addr+name)+"\n")
			if at < 0 {
				t.Fatalf("%q is not in the list", name)
			}
			if i%17 == 0 {
				start := strings.LastIndexByte(list[:at], '\n') + 1
				end := at + 1 + strings.IndexByte(list[at+1:], '\n') + 1
				some.WriteString(list[start:end])
				names = append(names, name)
			}
		}
		cmd.Stdin = strings.NewReader(some.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		for _, name := range names {
			if got, err := os.ReadFile(filepath.Join(dir, savedAs(s.Addr+name))); err != nil || !bytes.Equal(got, files[name]) {
				t.Errorf("%q: got %d bytes, %v, want %d", name, len(got), err, len(files[name]))
			}
		}
	})
	t.Run("wget", func(t *testing.T) {
		wget := shellProgram(t, "wget")
		urls, errs, status := ftpidx(t, "search", "--data", data, "--urls", "file:")
		if status != exitOK {
			t.Fatal(errs)
		}
		var all bytes.Buffer // in the order of the URLs
		cmd := exec.Command(wget, "--no-config", "--quiet", "--tries=1", "--timeout=20", "--input-file=-", "--output-document=-")
		cmd.Stdin, cmd.Stdout = strings.NewReader(urls), &all
		if err := cmd.Run(); err != nil {
			t.Error(err)
		}
		rest := all.Bytes()
		for u := range strings.Lines(urls) {
			parsed, err := url.Parse(strings.TrimSuffix(u, "\n"))
			if err != nil {
				t.Fatal(err)
			}
			var ok bool
			if rest, ok = bytes.CutPrefix(rest, files[parsed.Path]); !ok {
				t.Fatalf("%q is not what came next", parsed.Path)
			}
		}
		if len(rest) > 0 {
			t.Errorf("%d bytes too many", len(rest))
		}
	})
}

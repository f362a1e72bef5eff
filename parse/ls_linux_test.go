package parse

import (
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nastyDir makes a directory of files whose names, types, modes, sizes and times are as odd as a file
// system allows, but for line feeds in names, which no line of ls can hold. Devices are there if we may make them.
func nastyDir(t *testing.T) string {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	times := []time.Time{
		now, now.Add(-time.Minute), now.AddDate(0, -5, 0), now.AddDate(0, -7, 0), now.AddDate(2, 0, 0),
		time.Date(2008, 2, 29, 23, 59, 59, 999999999, time.UTC), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 12, 30, 0, 0, time.UTC),
		time.Date(2011, 3, 9, 17, 4, 33, 250000000, time.UTC),
	}
	names := []string{
		"plain", " leading", "  two leading", "trailing ", "in side", "two  inside", "-dash", "--", ".hidden", "...", "..x",
		"Mar  9 17:04 x", "Mar  9  2011 x", "2011 report", "17:04", "12 Mar 11 2005", "2011-03-09 17:04 x", "total 12", "total 12:", "notes:",
		"a -> b", "->", " -> ", "x -> ", "-rw-r--r-- 1 w q 5 Mar  9 17:04 y", "03-09-11  05:04PM       <DIR>          z", "type=file;size=1; m",
		"+r,\te", "tab\there", "cr\rhere", "vt\v ff\f", "esc\x1b[31m", "bell\a", "del\x7f", "nel\u0085", "ls\u2028", "nbsp\u00a0 ", "umlaut ä", "latin \xe4", "bad \xff\xfe",
		"日本語", "é", "'quote'", `"double"`, `back\slash`, `\n`, "%20", "*", "?", "$HOME", "`x`", strings.Repeat("long", 60), "ls: x: Permission denied", "213-Status of x",
	}
	modes := []fs.FileMode{0o644, 0o755, 0, 0o777, 0o4755, 0o2644, 0o1777, 0o7777, 0o7000, 0o421}
	for i, name := range names {
		check(os.WriteFile(path(name), make([]byte, i*i*37), 0o600))
		check(syscall.Chmod(path(name), uint32(modes[i%len(modes)])))
		check(os.Chtimes(path(name), times[i%len(times)], times[i%len(times)]))
	}
	f, err := os.Create(path("huge"))
	check(err)
	check(f.Truncate(5_000_000_000))
	check(f.Close())
	for i, mode := range modes {
		name := path(fmt.Sprintf("dir %d", i))
		check(os.Mkdir(name, 0o700))
		check(syscall.Chmod(name, uint32(mode|0o500)))
		check(os.Chtimes(name, times[i%len(times)], times[i%len(times)]))
	}
	for name, target := range map[string]string{
		"link": "plain", "link broken": "no such file", "link to arrow": "a -> b", "l -> m": "n", "l -> m -> n": "o -> p -> q", "link up": "../..", "link ": " blank ",
	} {
		check(os.Symlink(target, path(name)))
	}
	check(os.Link(path("plain"), path("hard")))
	check(syscall.Mkfifo(path("fifo"), 0o640))
	if l, err := net.Listen("unix", path("socket")); err == nil {
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
	}
	if err := syscall.Mknod(path("char"), syscall.S_IFCHR|0o660, 4<<8|64); err == nil {
		check(syscall.Mknod(path("block"), syscall.S_IFBLK|0o600, 8<<8|17))
	}
	return dir
}

// What real ls prints of a nasty directory is read back as os.Lstat sees it.
func TestRealLs(t *testing.T) {
	tools := map[string][]string{"GNU": {"ls"}, "busybox": {"busybox", "ls"}}
	styles := []struct {
		tool string
		args []string
	}{
		{"GNU", []string{"-lA"}}, {"GNU", []string{"-lan"}}, {"GNU", []string{"-lA", "--time-style=full-iso"}},
		{"GNU", []string{"-lA", "--time-style=long-iso"}}, {"GNU", []string{"-lA", "--time-style=iso"}},
		{"GNU", []string{"-lAis"}}, {"GNU", []string{"-lAo"}}, {"GNU", []string{"-lAg"}}, {"GNU", []string{"-lAG"}}, {"GNU", []string{"-lAR"}},
		{"busybox", []string{"-lA"}}, {"busybox", []string{"-lan"}}, {"busybox", []string{"-lA", "--full-time"}}, {"busybox", []string{"-lAis"}},
	}
	dir := nastyDir(t)
	zones := []string{"UTC", "America/St_Johns", "Pacific/Kiritimati"}
	for _, s := range styles {
		t.Run(s.tool+strings.Join(s.args, ""), func(t *testing.T) {
			tool := tools[s.tool]
			if _, err := exec.LookPath(tool[0]); err != nil {
				if os.Getenv("CI") == "true" { // which installs it
					t.Fatal(err)
				}
				t.Skipf("%s is not installed", tool[0])
			}
			if version, _ := exec.Command(tool[0], "--version").Output(); s.tool == "GNU" && !bytes.Contains(version, []byte("GNU")) {
				t.Skip("ls is not that of GNU")
			}
			for _, zone := range zones {
				loc, err := time.LoadLocation(zone)
				if err != nil {
					t.Skip("no time zone data: ", err)
				}
				cmd := exec.Command(tool[0], append(append([]string{}, tool[1:]...), s.args...)...)
				cmd.Dir = dir
				cmd.Env = []string{"LC_ALL=C", "TZ=" + zone, "PATH=" + os.Getenv("PATH")}
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				compareWithLstat(t, dir, out, loc)
			}
		})
	}
}

func compareWithLstat(t *testing.T, dir string, listing []byte, loc *time.Location) {
	entries, bad, err := ReadAll(bytes.NewReader(listing), &Options{Now: time.Now(), Location: loc})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bad {
		t.Error(b)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	// busybox shows each byte that is not printable ASCII as a question mark.
	masked := map[string]string{}
	for _, f := range files {
		masked[strings.Map(func(c rune) rune {
			if c < ' ' || c > '~' {
				return '?'
			}
			return c
		}, latin1(f.Name()))] = f.Name()
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if _, err := os.Lstat(filepath.Join(dir, e.Name)); err != nil && masked[e.Name] != "" {
			e.Name = masked[e.Name]
		}
		if e.Dir != "" && e.Dir != "." {
			t.Errorf("%q in %q, which is empty", e.Name, e.Dir)
		}
		info, err := os.Lstat(filepath.Join(dir, e.Name))
		if err != nil {
			t.Errorf("%s: %v", brief(e), err)
			continue
		}
		seen[e.Name] = true
		st := info.Sys().(*syscall.Stat_t)
		if got, want := e.FileMode(), info.Mode(); got != want {
			t.Errorf("%q: mode %v, want %v", e.Name, got, want)
		}
		switch {
		case e.Type == Device:
			if want := fmt.Sprintf("%d, %d", st.Rdev>>8, st.Rdev&0xff); e.Device != want || e.Size != -1 {
				t.Errorf("%q: device %q, want %q", e.Name, e.Device, want)
			}
		case e.Size != info.Size():
			t.Errorf("%q: size %d, want %d", e.Name, e.Size, info.Size())
		}
		if e.Links >= 0 && uint64(e.Links) != uint64(st.Nlink) {
			t.Errorf("%q: %d links, want %d", e.Name, e.Links, st.Nlink)
		}
		if e.Type == Link {
			if want, _ := os.Readlink(filepath.Join(dir, e.Name)); e.Target != want {
				t.Errorf("%q: target %q, want %q", e.Name, e.Target, want)
			}
		}
		want := info.ModTime().In(loc)
		switch y, m, d := want.Date(); e.Precision {
		case Day:
			want = time.Date(y, m, d, 0, 0, 0, 0, loc)
		case Minute:
			want = time.Date(y, m, d, want.Hour(), want.Minute(), 0, 0, loc)
		case Second:
			want = time.Date(y, m, d, want.Hour(), want.Minute(), want.Second(), 0, loc)
		}
		if !e.ModTime.Equal(want) {
			t.Errorf("%q: %v (%v), want %v", e.Name, e.ModTime, e.Precision, want)
		}
	}
	for _, f := range files {
		if !seen[f.Name()] {
			t.Errorf("%q is missing", f.Name())
		}
	}
}

// latin1 returns each byte of s as a character.
func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range runes {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

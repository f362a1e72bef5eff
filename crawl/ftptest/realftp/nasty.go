package realftp

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Nasty builds a tree of about 10,300 entries that tries what FTP servers and their clients stumble on,
// and returns its directory, which every user may read. It needs root, and vanishes with the test.
//
//	names/    blanks, arrows, options, wildcards, quotes, control characters, five charsets, 255 bytes
//	dirs/     the same as directories, each with one file inside-NAME
//	links/    to files, directories, nothing, themselves, parents; loops; a target of 1,000 bytes
//	modes/    set-id and sticky bits, devices, a pipe, unreadable and unsearchable directories
//	sizes/    0 to 2^43, sparse
//	dates/    1969 to 9999, around the half year at which ls changes the form
//	big/      10,000 empty files
//	deep/     60 levels; longpath/ 14 levels of 250 bytes
//	empty/    nothing
func Nasty(t testing.TB) string {
	t.Helper()
	root, err := os.MkdirTemp("", "nasty")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	b := builder{t, root}
	b.check(os.Chmod(root, 0o755))
	b.names()
	b.links()
	b.modes()
	b.sizes()
	b.dates()
	b.check(os.MkdirAll(b.path("empty-nested/a/b/c"), 0o755))
	b.check(os.Mkdir(b.path("empty"), 0o755))
	for i := range 10_000 {
		b.file(fmt.Sprintf("big/file-%05d.dat", i), 0)
	}
	deep := "deep"
	for i := range 60 {
		deep += fmt.Sprintf("/level-%02d", i)
	}
	b.file(deep+"/bottom", 1)
	b.file("longpath"+strings.Repeat("/"+strings.Repeat("n", 250), 14)+"/end", 1)
	return root
}

// Wide builds n directories with files files each, and returns the directory that holds them, which every user may
// read. It vanishes with the test.
func Wide(t testing.TB, n, files int) string {
	t.Helper()
	root, err := os.MkdirTemp("", "wide")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	b := builder{t, root}
	b.check(os.Chmod(root, 0o755))
	for d := range n {
		for f := range files {
			b.file(fmt.Sprintf("dir-%04d/file-%02d", d, f), int64(f))
		}
	}
	return root
}

type builder struct {
	t    testing.TB
	root string
}

func (b builder) path(name string) string { return b.root + "/" + name }

func (b builder) check(err error) {
	if err != nil {
		b.t.Helper()
		b.t.Fatal(err)
	}
}

// file makes a file of size bytes, and its directories.
func (b builder) file(name string, size int64) {
	b.t.Helper()
	f, err := os.Create(b.path(name))
	if os.IsNotExist(err) {
		b.check(os.MkdirAll(filepath.Dir(b.path(name)), 0o755))
		f, err = os.Create(b.path(name))
	}
	b.check(err)
	b.check(f.Truncate(size))
	b.check(f.Close())
}

func (b builder) names() {
	for _, n := range []string{
		"plain.txt", "a b c", " lead1", "   lead3", "trail ", "trail3   ", "two  inner", "tab\there", "arrow -> target",
		"-dash", "-la", "-rw-r--r-- 1 root root 5 Jan 1 00:00 fake", "total 5", "d", "star*", "q?mark", "br[ack]et",
		"brace{a,b}", `back\slash`, `dq"uote`, "sq'uote", "semi;colon", "pct%20s", "hash#", "til~de", "$HOME", "`id`",
		"com,ma", "a:b", "~", "...", ".hidden", "..2",
		"new\nline", "cr\rhere", "crlf\r\n226 fake", "bell\a", "esc\x1b[31mred\x1b[0m", "del\x7f", "nul-less\x01\x02",
		"iac\xff\xf4x", "latin1-\xe9\xe8\xff", "latin1-\xff", "utf8-é-ü-日本語-🎉", "nfd-e\u0301", "rtl-\u202egpj.exe",
		"nbsp\u00a0x", "bom\ufeff", "nel\u0085x", "ls\u2028x", "bad-utf8-\xc3\x28-\xed\xa0\x80",
		"\x95\x5c\x8e\xa6\x83\x5c\x94\x5c.txt",                 // 表示ソ能 in Shift_JIS: holds backslashes
		"\xc6\xfc\xcb\xdc\xb8\xec.txt", "\xd2\xd5\xd3\xd3.txt", // 日本語 in EUC-JP, русс in KOI8-R
		strings.Repeat("L", 255), strings.Repeat("長", 85),
	} {
		b.file("names/"+n, 1)
	}
	for _, n := range []string{
		"dir space", " leaddir", "traildir ", "-Rdir", "star*dir", "star-other-dir", "br[a]dir", "bradir", "q?dir", "日本dir",
		"\x95\x5cdir", "latin\xe9dir", "iac\xffdir", "ff\xff\xffdir", "new\nlinedir", "brace{x,y}dir", `bs\dir`, `dq"dir`,
		"pct%dir", "arrow -> dir", "~dir", "dots..dir", "cr\rdir", ".dotdir",
	} {
		b.file("dirs/"+n+"/inside-"+n, 1)
	}
}

func (b builder) links() {
	b.file("links/real/file", 1)
	for name, target := range map[string]string{
		"todir": "real", "tofile": "real/file", "dangling": "nowhere", "self": "self", "parent": "..", "dot": ".", "root": "/",
		"ping": "pong", "pong": "ping", "x -> y": "a -> b", "slash": "real/", "nl": "t\nu", "リンク": "目標", "longtarget": strings.Repeat("x", 1000),
		"loop1/back": "../loop2", "loop2/back": "../loop1",
	} {
		b.check(os.MkdirAll(filepath.Dir(b.path("links/"+name)), 0o755))
		b.check(os.Symlink(target, b.path("links/"+name)))
	}
}

func (b builder) modes() {
	for name, mode := range map[string]uint32{
		"setuid": 0o4755, "setuid-nox": 0o4644, "setgid": 0o2755, "setgid-nox": 0o2644, "sticky": 0o1755, "sticky-nox": 0o1644,
		"all": 0o7777, "none": 0, "unreadable": 0o600,
	} {
		b.file("modes/"+name, 1)
		b.chmod("modes/"+name, mode)
	}
	for name, mode := range map[string]uint32{"stickydir": 0o1777, "noaccess": 0o700, "noexec": 0o744, "noread": 0o711} {
		b.file("modes/"+name+"/inside", 1)
		b.chmod("modes/"+name, mode)
	}
	b.devices("modes")
	b.file("modes/bigid", 1)
	b.check(os.Chown(b.path("modes/bigid"), 4294967290, 4294967291))
}

func (b builder) sizes() {
	for _, n := range []int64{0, 1, 999, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 5e9, 1e12, 1 << 43} {
		b.file(fmt.Sprintf("sizes/s%d", n), n)
	}
}

func (b builder) dates() {
	now := time.Now().UTC()
	const day = 24 * time.Hour
	times := map[string]time.Time{
		"epoch": time.Unix(0, 0), "pre1970": time.Unix(-86400, 0), "y1999-last": time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC),
		"feb29": time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), "now": now, "y2038": time.Unix(1<<31-1, 0), "y2038plus": time.Unix(1<<31, 0),
		"y2100": time.Unix(4102444800, 0), "y9999": time.Unix(253402300799, 0), "jan1": time.Date(now.Year(), 1, 1, 0, 0, 0, 0, time.UTC),
		"dec31": time.Date(now.Year()-1, 12, 31, 23, 59, 59, 0, time.UTC), "p1h": now.Add(time.Hour), "p23h": now.Add(23 * time.Hour), "p25h": now.Add(25 * time.Hour),
	}
	for _, d := range []int{1, 30, 179, 180, 181, 182, 183, 184, 185, 200, 364, 365, 366} {
		times[fmt.Sprintf("m%dd", d)] = now.Add(-time.Duration(d) * day)
	}
	for _, d := range []int{1, 30, 185, 400} {
		times[fmt.Sprintf("p%dd", d)] = now.Add(time.Duration(d) * day)
	}
	for name, when := range times {
		b.file("dates/"+name, 1)
		b.check(os.Chtimes(b.path("dates/"+name), when, when)) // file systems clamp what they cannot hold
	}
}

// Entry is what a directory of a tree on disk holds.
type Entry struct {
	Name   string
	Target string // of a symbolic link
	Info   fs.FileInfo
}

// ReadDir returns what the disk says that dir holds, sorted by name.
func ReadDir(t testing.TB, dir string) []Entry {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	for _, d := range list {
		e := Entry{Name: d.Name()}
		if e.Info, err = d.Info(); err != nil {
			t.Fatal(err)
		}
		if e.Info.Mode()&fs.ModeSymlink != 0 {
			if e.Target, err = os.Readlink(filepath.Join(dir, e.Name)); err != nil {
				t.Fatal(err)
			}
		}
		entries = append(entries, e)
	}
	return entries
}

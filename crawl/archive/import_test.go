package archive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/parse"
)

var example = crawl.Server{Scheme: crawl.FTP, Host: "ftp.example.org", Port: 21}

// importText imports a dump and returns its report and what the archive holds then.
func importText(t *testing.T, text string, o archive.ImportOptions) (*crawl.ServerReport, []string) {
	t.Helper()
	dir := t.TempDir()
	report := importInto(t, dir, strings.NewReader(text), o)
	return report, paths(t, dir, example)
}

func importInto(t *testing.T, dir string, r io.Reader, o archive.ImportOptions) *crawl.ServerReport {
	t.Helper()
	o.Server = example
	if o.Now.IsZero() {
		o.Now = epoch
	}
	reports, err := archive.Import(context.Background(), dir, r, &o)
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 {
		t.Fatalf("got %d reports, want 1", len(reports))
	}
	return reports[0]
}

const gnu = `.:
total 8
drwxr-xr-x 3 ftp ftp 4096 Feb  1 09:30 pub
-rw-r--r-- 1 ftp ftp   12 Feb  1 09:30 README

./pub:
total 4
drwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 a b
drwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 empty

./pub/a b:
total 4
-rw-r--r-- 1 ftp ftp   12 Feb  1 09:30 x

./pub/empty:
total 0
`

var gnuPaths = []string{"/README", "/pub/", "/pub/a b/", "/pub/empty/", "/pub/a b/x"}

func TestImportOfSections(t *testing.T) {
	const line = "-rw-r--r-- 1 ftp ftp 12 Feb  1 09:30 "
	const sub = "drwxr-xr-x 2 ftp ftp 12 Feb  1 09:30 "
	for _, tt := range []struct {
		name, dump, base string
		want             []string
		missing          crawl.Reason
	}{
		{name: "GNU", dump: gnu, want: gnuPaths},
		{name: "CRLF", dump: strings.ReplaceAll(gnu, "\n", "\r\n"), want: gnuPaths},
		{name: "no heading for the first", dump: strings.TrimPrefix(gnu, ".:\n"), want: gnuPaths},
		{name: "no dots", dump: strings.ReplaceAll(gnu, "./", ""), want: gnuPaths},
		{name: "with a base", dump: gnu, base: "/mirror/", want: []string{
			"/mirror/README", "/mirror/pub/", "/mirror/pub/a b/", "/mirror/pub/empty/", "/mirror/pub/a b/x"}},
		{name: "absolute headings", dump: "/srv/ftp:\n" + sub + "d\n\n/srv/ftp/d:\n" + line + "x\n", want: []string{"/srv/ftp/d/", "/srv/ftp/d/x"}},
		{name: "absolute headings with a base", dump: "/srv/ftp:\n" + sub + "d\n\n/srv/ftp/d:\n" + line + "x\n", base: "/", want: []string{"/d/", "/d/x"}},
		{name: "several roots", dump: "a!:\n" + line + "1\n\na:\n" + sub + "d\n\na/d:\n" + line + "2\n\nb:\n" + line + "3\n",
			want: []string{"/a/d/", "/a/d/2", "/a!/1", "/b/3"}},
		{name: "a directory without its section", dump: ".:\n" + sub + "d\n" + line + "x\n", want: []string{"/d/", "/x"}, missing: crawl.Unlisted},
		{name: "one that could not be read", dump: ".:\n" + sub + "d\n\n./d:\nls: cannot open directory './d': Permission denied\n", want: []string{"/d/"}, missing: crawl.Refused},
		{name: "a section twice", dump: ".:\n" + line + "x\n\n.:\n" + line + "y\n", want: []string{"/x"}, missing: crawl.Duplicate},
		{name: "a section outside", dump: ".:\n" + line + "x\n\n../etc:\n" + line + "y\n", want: []string{"/x"}, missing: crawl.NotEnterable},
		{name: "a section with NUL", dump: ".:\n" + line + "x\n\n./a\x00b:\n" + line + "y\n", want: []string{"/x"}, missing: crawl.NotEnterable},
		{name: "a section of great length", dump: ".:\n" + line + "x\n\n./" + strings.Repeat("d/", 20000) + ":\n" + line + "y\n", want: []string{"/x"}, missing: crawl.PathTooLong},
		{name: "a section that nothing leads to", dump: ".:\n" + line + "x\n\n./a/b:\n" + line + "y\n", want: []string{"/x", "/a/b/y"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report, got := importText(t, tt.dump, archive.ImportOptions{Base: tt.base})
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			var missing crawl.Reason
			for r := range report.Counts.Missing {
				missing = r
			}
			if missing != tt.missing || (report.State == crawl.Complete) != (missing == "") {
				t.Errorf("got %s, missing %q, want %q", report.State, missing, tt.missing)
			}
		})
	}
}

func TestImportKeepsTheBytes(t *testing.T) {
	dir := t.TempDir()
	importInto(t, dir, iotest.OneByteReader(strings.NewReader(gnu)), archive.ImportOptions{})
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	got, err := a.Raw("/pub")
	want := "total 4\ndrwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 a b\ndrwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 empty\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestImportOfFind(t *testing.T) {
	const dump = `  131072      4 drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 .
  131074      4 drwxr-xr-x   3 wilma    quarry       4096 Mar  9 17:04 ./attic
  131075    180 -rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 ./attic/rock\ list.txt
  131076      4 drwxr-xr-x   3 wilma    quarry       4096 Mar  9 17:04 ./attic/deep
  131077    180 -rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 ./attic/deep/x
  131078    180 -rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 ./attic/zz
  131079    180 -rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 ./README
`
	want := []string{"/README", "/attic/", "/attic/deep/", "/attic/rock list.txt", "/attic/zz", "/attic/deep/x"}
	report, got := importText(t, dump, archive.ImportOptions{})
	if !slices.Equal(got, want) || report.State != crawl.Complete || report.Counts.Entries != int64(len(want)) {
		t.Errorf("got %q, %+v, want %q", got, report, want)
	}
	abs := strings.ReplaceAll(strings.ReplaceAll(dump, " ./", " /srv/"), " .\n", " /srv\n")
	if _, got := importText(t, abs, archive.ImportOptions{Base: "/"}); !slices.Equal(got, want) {
		t.Errorf("absolute, with a base: got %q, want %q", got, want)
	}
}

// What is exported as NDJSON and imported again is the same, to the last field.
func TestNDJSONIsLossless(t *testing.T) {
	const dump = ".:\n" +
		"drwxr-xr-x 2 ftp ftp 4096 Feb  1 09:30 d\xff\n" +
		"lrwxrwxrwx 1 ftp ftp 4096 Feb  1  2020 l -> d/\xfe\n" +
		"brw-rw---- 1 root disk 8, 17 Feb  1  2020 sda\n" +
		"-rwsr-xr-x+ 1 ow\xe9 ftp 4096 Feb  1  2020  quote\"back\\slash<&>\n" +
		"-rw-r--r-- 1 ftp ftp 123456789012345 2024-02-01 09:30:01.123456789 +0100 full\n" +
		"\n./d\xff:\n-rw-r--r-- 1 ftp ftp 1 Feb  1 09:30 x\u2028y\n"
	dir, again := t.TempDir(), t.TempDir()
	importInto(t, dir, strings.NewReader(dump), archive.ImportOptions{})
	later := epoch.Add(48 * time.Hour)
	importInto(t, dir, strings.NewReader(strings.Replace(dump, "full\n", "full\n-rw-r--r-- 1 ftp ftp 1 Feb  1 09:30 new\n", 1)), archive.ImportOptions{Now: later})
	text, items := export(t, dir)
	for name, want := range map[string]time.Time{"l": {}, "new": later} {
		i := slices.IndexFunc(items, func(r crawl.Record) bool { return r.Entry.Name == name })
		if i < 0 || !items[i].Added.Equal(want) {
			t.Errorf("%s is not there, or not added %v", name, want)
		}
	}
	importInto(t, again, bytes.NewReader(text), archive.ImportOptions{Now: later.Add(time.Hour)})
	_, got := export(t, again)
	if diff := cmp.Diff(items, got); diff != "" {
		t.Errorf("export, import, export (-want +got):\n%s", diff)
	}
	if len(got) != 7 {
		t.Errorf("got %d entries, want 7", len(got))
	}
}

// export returns the archive of example as NDJSON, and as records without line numbers.
func export(t *testing.T, dir string) (text []byte, all []crawl.Record) {
	t.Helper()
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for item, err := range a.Entries(context.Background(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		r := crawl.Record{Host: example.Key(), Dir: item.Dir, Entry: *item.Entry, Added: item.Added, Seen: item.Seen}
		r.Entry.Line = 0
		if text, err = r.AppendJSON(text); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return text, all
}

func TestImportOfNDJSONOfSeveralServers(t *testing.T) {
	const dump = `{"host":"a.example","path":"/pub/x","name":"x","type":"file","size":1}
{"host":"a.example","dir":"/pub","name":"d","type":"dir"}

{"host":"bob@b.example:2121","dir":"/","name":"y","type":"file"}
{"host":"bob@b.example:2121","dir":"/","name":"z"
`
	dir := t.TempDir()
	reports, err := archive.Import(context.Background(), dir, strings.NewReader(dump), &archive.ImportOptions{Now: epoch})
	if err != nil || len(reports) != 2 {
		t.Fatalf("got %d reports, %v, want 2", len(reports), err)
	}
	if got := paths(t, dir, reports[0].Server); !slices.Equal(got, []string{"/pub/d/", "/pub/x"}) {
		t.Errorf("got %q", got)
	}
	if reports[1].Server.Key() != "bob@b.example:2121" || reports[1].Counts.Bad != 1 || reports[1].State != crawl.Incomplete {
		t.Errorf("got %+v, want one bad line", reports[1])
	}
}

// A line that has no place costs nothing but itself, and is counted, also if nothing else is there of its server.
func TestImportOfNDJSONOfBadServers(t *testing.T) {
	const good = `{"host":"a.example","dir":"/pub","name":"x","type":"file"}
{"host":"../../etc","dir":"/","name":"x","type":"file"}
{"host":"a\u001b[2J@c.example","dir":"/","name":"x","type":"file"}
{"host":"a.example","dir":"/pub","name":"y","type":"file"}
{"host":"b.example","dir":"/../etc","name":"passwd","type":"file"}
{"dir":"/pub","name":"nowhere","type":"file"}
`
	dir := t.TempDir()
	reports, err := archive.Import(context.Background(), dir, strings.NewReader(good), &archive.ImportOptions{Now: epoch})
	if err != nil || len(reports) != 1 {
		t.Fatalf("got %d reports, %v, want 1", len(reports), err)
	}
	r := reports[0]
	if got := paths(t, dir, r.Server); !slices.Equal(got, []string{"/pub/x", "/pub/y"}) {
		t.Errorf("got %q", got)
	}
	if r.Counts.Bad != 3 || r.Counts.Missing[crawl.NotEnterable] == nil || r.State != crawl.Incomplete {
		t.Errorf("got %+v, want three bad lines and one directory that cannot be entered", r.Counts)
	}
	for dump, want := range map[string]string{
		`{"host":"../../etc","dir":"/","name":"x"}`:       "without a path",
		`{"dir":"/","name":"x"}`:                          "host",
		`{"host":"b.example","dir":"/../etc","name":"x"}`: "has a place",
	} {
		reports, err := archive.Import(context.Background(), t.TempDir(), strings.NewReader(dump), &archive.ImportOptions{Now: epoch})
		if err == nil || !strings.Contains(err.Error(), want) || len(reports) > 0 {
			t.Errorf("%s: got %d reports, %v, want an error with %q", dump, len(reports), err, want)
		}
	}
}

// What was seen in the future was seen now: a clock was wrong, or somebody wants to have the last word.
func TestImportOfTheFuture(t *testing.T) {
	dir := t.TempDir()
	a := &archive.Options{Now: func() time.Time { return epoch }}
	for i, dump := range []string{
		`{"host":"ftp.example.org","dir":"/","listing":{"status":"whole","seen":"9999-12-31T00:00:00Z"}}
{"host":"ftp.example.org","dir":"/","name":"forged","type":"file"}`,
		`{"host":"ftp.example.org","dir":"/","listing":{"status":"whole","seen":"` + epoch.Add(time.Hour).Format(time.RFC3339) + `"}}
{"host":"ftp.example.org","dir":"/","name":"true","type":"file"}`,
	} {
		if i == 1 {
			a = &archive.Options{Now: func() time.Time { return epoch.Add(2 * time.Hour) }}
		}
		if _, err := archive.Import(context.Background(), dir, strings.NewReader(dump), &archive.ImportOptions{Now: epoch, Archive: a}); err != nil {
			t.Fatal(err)
		}
	}
	if got := paths(t, dir, example); !slices.Equal(got, []string{"/true"}) {
		t.Errorf("got %q, want what the second dump says", got)
	}
}

func TestImportOfAnOlderDumpReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	importInto(t, dir, strings.NewReader(gnu), archive.ImportOptions{})
	older := strings.ReplaceAll(gnu, "README", "OLD")
	report := importInto(t, dir, strings.NewReader(older), archive.ImportOptions{Now: epoch.Add(-time.Hour)})
	if got := paths(t, dir, example); !slices.Equal(got, gnuPaths) || report.Counts.LeftOut[crawl.Superseded].N == 0 {
		t.Errorf("got %q, %+v, want %q", got, report.Counts, gnuPaths)
	}
	importInto(t, dir, strings.NewReader(older), archive.ImportOptions{Now: epoch.Add(time.Hour)})
	if got := paths(t, dir, example); got[0] != "/OLD" {
		t.Errorf("got %q, want the newer dump", got)
	}
}

// Against the ls and the find of this machine, on a tree made for it.
func TestImportOfRealLsAndFind(t *testing.T) {
	root := t.TempDir()
	var want []string
	for d := range 3 {
		for e := range 40 {
			dir := fmt.Sprintf("d %d/e-%d", d, e)
			if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
				t.Fatal(err)
			}
			for f := range 20 {
				name := fmt.Sprintf("%s/f %d \xe9.txt", dir, f)
				if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	a := walkOS(t, root)
	want = append(want, a...)
	slices.Sort(want)
	for _, command := range [][]string{{"ls", "-lR"}, {"ls", "-lRa"}, {"ls", "-lR", "--full-time"}, {"find", "-ls"}, {"find", ".", "-ls"}, {"find", root, "-ls"}, {"ls", "-lR", root}} {
		t.Run(strings.Join(command[:2], " "), func(t *testing.T) {
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Dir = root
			cmd.Env = append(os.Environ(), "LC_ALL=C")
			out, err := cmd.Output()
			if err != nil {
				t.Skip(err)
			}
			dir := t.TempDir()
			report := importInto(t, dir, bytes.NewReader(out), archive.ImportOptions{Base: "/", Now: time.Now()})
			got := paths(t, dir, example)
			slices.Sort(got)
			same(t, got, want)
			if report.State != crawl.Complete {
				t.Errorf("got %s, %+v, want complete", report.State, report.Counts)
			}
		})
	}
}

func walkOS(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if p == root || err != nil {
			return err
		}
		p = strings.TrimPrefix(p, root)
		if d.IsDir() {
			p += "/"
		}
		all = append(all, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImportRefusesWhatItCannotPlace(t *testing.T) {
	for _, tt := range []struct{ name, dump string }{
		{"listing without a server", gnu},
		{"NDJSON without a host", `{"name":"x"}`},
	} {
		_, err := archive.Import(context.Background(), t.TempDir(), strings.NewReader(tt.dump), new(archive.ImportOptions))
		if err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
}

func TestImportReportsABrokenSource(t *testing.T) {
	dir := t.TempDir()
	src := io.MultiReader(strings.NewReader(gnu), iotest.ErrReader(io.ErrUnexpectedEOF))
	reports, err := archive.Import(context.Background(), dir, src, &archive.ImportOptions{Server: example, Now: epoch})
	if err == nil || len(reports) != 1 || reports[0].State != crawl.Interrupted {
		t.Errorf("got %+v, %v, want an interrupted import", reports, err)
	}
}

func TestImportOfNothingLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	long := strings.NewReader(".:\n" + strings.Repeat("x", 17<<20)) // a line that is in no dump
	reports, err := archive.Import(context.Background(), dir, long, &archive.ImportOptions{Server: example, Now: epoch})
	if err == nil || len(reports) != 0 {
		t.Errorf("got %+v, %v, want an error alone", reports, err)
	}
	if _, err := archive.ReadSummary(dir, example.Key()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server is known: %v", err)
	}

	// What was there before stays.
	options := &archive.ImportOptions{Server: example, Now: epoch}
	if _, err := archive.Import(context.Background(), dir, strings.NewReader(gnu), options); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Import(context.Background(), dir, strings.NewReader(".:\n"+strings.Repeat("x", 17<<20)), options); err == nil {
		t.Error("no error")
	}
	if s, err := archive.ReadSummary(dir, example.Key()); err != nil || s.Held.Entries == 0 {
		t.Errorf("got %+v, %v, want the server as it was", s, err)
	}
}

func TestRecordReadsParsedListings(t *testing.T) {
	var r crawl.Record
	err := r.UnmarshalJSON([]byte(`{"name":"a","type":"link","size":7,"mtime":"2024-02-01T09:30:00+01:00","precision":"minute","perm":"0644","target":"b","line":3,"score":1.5}`))
	e := r.Entry
	if err != nil || r.Dir != "/" || e.Type != parse.Link || e.Perm != 0o644 || e.ModTime.Hour() != 8 || e.Precision != parse.Minute || e.Links != -1 {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, bad := range []string{`{}`, `{"name":"x","perm":"9"}`, `{"name":"x","size":-1}`, `{"name":"x","type":"whale"}`, `[]`} {
		if err := r.UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s is read without an error", bad)
		}
	}
}

// Whatever a dump holds, importing it ends without an error of ours and what it left can be read.
func FuzzImport(f *testing.F) {
	f.Add([]byte(gnu))
	f.Add([]byte(`{"host":"ftp.example.org","name":"x","type":"dir"}` + "\n"))
	f.Add([]byte("  1 4 drwxr-xr-x 2 a b 4096 Mar  9 17:04 .\n  1 4 -rw-r--r-- 1 a b 4096 Mar  9 17:04 ./a/b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if _, err := archive.Import(context.Background(), dir, bytes.NewReader(text), &archive.ImportOptions{Server: example, Now: epoch}); err != nil {
			if strings.HasPrefix(err.Error(), "nothing to import: ") {
				return
			}
			t.Fatal(err)
		}
		a, err := archive.Open(dir, example, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		last := ""
		for item, err := range a.Entries(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			at := strings.ReplaceAll(item.Dir, "/", "\x00") + "\x00/"
			if at < last {
				t.Errorf("%q comes after %q", at, last)
			}
			last = at
		}
	})
}

// Whose heading is too long for the parser is nobody's: its entries are counted as lines not understood, and not given to the directory
// before it.
func TestImportOfAHeadingThatIsTooLong(t *testing.T) {
	const file = "-rw-r--r-- 1 o g 1 Jan 01 2020 "
	report, got := importText(t, ".:\ndrwxr-xr-x 2 o g 4096 Jan 01 2020 a\ndrwxr-xr-x 2 o g 4096 Jan 01 2020 b\n\n./a:\n"+file+"f\n\n./"+strings.Repeat("x/", 40_000)+":\n"+
		file+"long\n"+file+"longer\n\n./b:\n"+file+"g\n", archive.ImportOptions{})
	same(t, got, []string{"/a/", "/b/", "/a/f", "/b/g"})
	if c := report.Counts; report.State != crawl.Incomplete || c.Bad != 3 || c.Listed != 3 {
		t.Errorf("got %s, %+v, want 3 bad lines", report.State, c)
	}
}

package archive_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/parse"
)

// items returns all that an archive says of what it holds; what is no matter of the export is cleared.
func items(t *testing.T, dir string) []string {
	t.Helper()
	a, err := archive.Open(dir, example, &archive.Options{TellZone: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var all []string
	for item, err := range a.Entries(t.Context(), &archive.EntriesOptions{Listings: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if l := item.Listing; l != nil {
			all = append(all, fmt.Sprintf("%q: %+v", item.Dir, *l))
			continue
		}
		e := *item.Entry
		e.Line = 0
		mtime := e.ModTime.UTC().Format(time.RFC3339Nano)
		e.ModTime = time.Time{}
		all = append(all, fmt.Sprintf("%q %+v %s added %v seen %v local %v", item.Dir, e, mtime, item.Added, item.Seen, item.Local))
	}
	return all
}

func exported(t *testing.T, dir string) []byte {
	t.Helper()
	a, err := archive.Open(dir, example, &archive.Options{TellZone: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var b bytes.Buffer
	if _, err := a.Export(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// oddities makes an archive of what listings can hold, in two crawls.
func oddities(t *testing.T, zone string) string {
	t.Helper()
	b := newBook(t)
	b.Learn(func(f *crawl.Facts) {
		f.LoginDir, f.Charset, f.CharsetSet = "/pub", "koi8-r", true
		f.Set("", zone)
	})
	b.begin("/pub")
	b.putText("/pub", crawl.Whole, "-rw-r--r-- 1 a b 1 Mar  9 17:04 ls\r\n"+
		"-rw-r--r-- 1 a b 1 Mar  9  2011 a day\r\n"+
		"-rw-r--r-- 1 a b 1 2011-03-09 17:04:33.250000000 +0100 its own zone\r\n"+
		"-rw-r--r-- 1 \xe1\xe2 b 1 Oct 30  2011 \xf0\xd2\xc9\xd7\xc5\xd4\r\n"+
		"-rw-r--r-- 1 a b 1 Oct 30  2011 evil\x1b[31m\x00\t\"\\<&> name \r\n"+
		"lrwxrwxrwx 1 a b 1 Oct 30  2011 link -> \xff\xfe\r\n"+
		"crw-r--r-- 1 a b 8, 17 Oct 30  2011 device\r\n"+
		"srw-r--r-- 1 a b ****** Oct 30  2011 no size\r\n"+
		"dr-xr-xr-x 1 a b 1 Oct 30  2011 mlsx\r\ndr-xr-xr-x 1 a b 1 Oct 30  2011 empty\r\n"+
		"dr-xr-xr-x 1 a b 1 Oct 30  2011 closed\r\ndr-xr-xr-x 1 a b 1 Oct 30  2011 lost\r\ndr-xr-xr-x 1 a b 1 Oct 30  2011 cut\r\n")
	b.putText("/pub/mlsx", crawl.Whole, "type=file;size=3;modify=20110309170433.5;perm=r;unique=1; x\r\ntype=OS.unix=socket; y\r\n")
	b.putText("/pub/empty", crawl.Whole, "total 0\r\n")
	b.putText("/pub/closed", crawl.Failed, "")
	b.putText("/pub/lost", crawl.Unconfirmed, "-rw-r--r-- 1 a b 1 Mar  9 17:04 x\r\n")
	b.putText("/pub/cut", crawl.Partial, "-rw-r--r-- 1 a b 1 Mar  9 17:04 x\r\n")
	b.end()
	b.begin("/pub")
	b.putText("/pub/mlsx", crawl.Whole, "type=file;size=4;modify=20120309170433;perm=r;unique=1; new\r\ntype=file;size=3; x\r\n")
	b.end()
	b.Close()
	return b.dir
}

// What is exported and imported is the same to the last bit, also when it is then read in another zone.
func TestExportThenImportIsTheSame(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "+05:30", "Europe/Berlin"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			from, to := oddities(t, zone), t.TempDir()
			text := exported(t, from)
			if _, err := archive.Import(t.Context(), to, bytes.NewReader(text), new(archive.ImportOptions)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(items(t, from), items(t, to)); diff != "" {
				t.Errorf("import of the export (-exported +imported):\n%s", diff)
			}
			again := exported(t, to)
			first := bytes.IndexByte(text, '\n') + 1 // tells when the crawl, or the import, ended
			if !bytes.Equal(text[first:], again[bytes.IndexByte(again, '\n')+1:]) {
				t.Errorf("exported again it is another text:\n%s\n%s", text, again)
			}
			for _, dir := range []string{from, to} {
				a, err := archive.Create(dir, example, nil)
				if err != nil {
					t.Fatal(err)
				}
				if f := a.Facts(); f.LoginDir != "/pub" || f.Charset != "koi8-r" || !f.CharsetSet || f.Zone != zone {
					t.Errorf("facts of %s: %+v", dir, f)
				}
				if err := a.Change(func(f *crawl.Facts) { f.Set("", "America/New_York") }); err != nil {
					t.Fatal(err)
				}
				a.Close()
			}
			if diff := cmp.Diff(items(t, from), items(t, to)); diff != "" {
				t.Errorf("read in another zone (-crawled +imported):\n%s", diff)
			}
		})
	}
}

// All listings of the golden files come back, each as a directory of one server.
func TestExportThenImportOfEveryFormat(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/listings/*/*.txt")
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	b := newBook(t)
	b.begin("/")
	root := ""
	for i := range files {
		root += fmt.Sprintf("drwxr-xr-x 2 a b 1 Mar  9  2011 d%03d\n", i)
	}
	b.putText("/", crawl.Whole, root)
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b.putText(fmt.Sprintf("/d%03d", i), crawl.Whole, string(text))
	}
	b.end()
	b.Close()
	to := t.TempDir()
	if _, err := archive.Import(t.Context(), to, bytes.NewReader(exported(t, b.dir)), new(archive.ImportOptions)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(items(t, b.dir), items(t, to)); diff != "" {
		t.Errorf("import of the export (-exported +imported):\n%s", diff)
	}
}

// Lines may have been filtered and sorted by other programs.
func TestImportOfRecordsInAnyOrder(t *testing.T) {
	t.Parallel()
	from, to := oddities(t, "+05:30"), t.TempDir()
	lines := strings.SplitAfter(string(exported(t, from)), "\n")
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	if _, err := archive.Import(t.Context(), to, strings.NewReader(strings.Join(lines, "")), new(archive.ImportOptions)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(items(t, from), items(t, to)); diff != "" {
		t.Errorf("import of the reversed export (-exported +imported):\n%s", diff)
	}
}

func TestImportOfRecordsOfSeveralServers(t *testing.T) {
	t.Parallel()
	text := `{"host":"b.example","dir":"/","name":"1"}
{"host":"a.example","dir":"/","name":"2"}
no JSON
{"host":"b.example","dir":"/","name":"3"}
{"host":"a.example","dir":"/x\u0000y","name":"4"}
{"host":"a.example","dir":"/x","name":"5","seen":"2024-06-01T00:00:00Z","added":"2024-05-01T00:00:00Z"}
`
	dir := t.TempDir()
	reports, err := archive.Import(t.Context(), dir, strings.NewReader(text), new(archive.ImportOptions))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range reports {
		got = append(got, fmt.Sprintf("%s %s %d bad %d", r.Server.Key(), r.State, r.Counts.Entries, r.Counts.Bad))
	}
	want := []string{"a.example incomplete 2 bad 1", "b.example complete 2 bad 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if reports[0].Counts.Missing[crawl.NotEnterable].N != 1 {
		t.Errorf("missing of a.example: %+v", reports[0].Counts.Missing)
	}
	_, err = archive.Import(t.Context(), t.TempDir(), strings.NewReader(text), &archive.ImportOptions{Server: example})
	if err == nil || !strings.Contains(err.Error(), "several servers, b.example and a.example") {
		t.Errorf("several servers imported as one: %v", err)
	}
	_, err = archive.Import(t.Context(), t.TempDir(), strings.NewReader(`{"server":{"format":9},"host":"a"}`), new(archive.ImportOptions))
	if err == nil {
		t.Error("an export of a later format was imported")
	}
}

// An export that is older than what a crawl has seen since does not replace it.
func TestAnOlderExportDoesNotReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line := `{"host":"ftp.example.org","dir":"/","name":"%s","seen":"%s"}`
	for _, l := range [][2]string{{"newer", "2024-06-02T00:00:00Z"}, {"older", "2024-06-01T00:00:00Z"}} {
		if _, err := archive.Import(t.Context(), dir, strings.NewReader(fmt.Sprintf(line, l[0], l[1])), new(archive.ImportOptions)); err != nil {
			t.Fatal(err)
		}
	}
	if got := paths(t, dir, example); len(got) != 1 || !strings.Contains(got[0], "newer") {
		t.Errorf("got %q, want the newer", got)
	}
}

// Every line of an ls -lR that we write is read as the entry that it was, and what is left out is counted.
func TestLsLRIsReadAsItWas(t *testing.T) {
	t.Parallel()
	from, to := oddities(t, "+05:30"), t.TempDir()
	a, err := archive.Open(from, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var b bytes.Buffer
	report, err := a.WriteLsLR(t.Context(), &b)
	if err != nil {
		t.Fatal(err)
	}
	reports, err := archive.Import(t.Context(), to, bytes.NewReader(b.Bytes()), &archive.ImportOptions{Server: example, Zone: "+05:30"})
	if err != nil {
		t.Fatal(err)
	}
	if got := reports[0].Counts; got.Entries != report.Entries || got.Bad != 0 {
		t.Errorf("%d entries and %d bad lines of %d written:\n%s", got.Entries, got.Bad, report.Entries, b.Bytes())
	}
	type row struct {
		Dir, Name, Target, Time string
		Type                    parse.Type
		Precision               parse.Precision
		Size                    int64
	}
	rows := func(dir string) (all []row) {
		a, err := archive.Open(dir, example, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		for item, err := range a.Entries(context.Background(), nil) {
			if err != nil {
				t.Fatal(err)
			}
			e := item.Entry
			r := row{item.Dir, e.Name, e.Target, e.ModTime.UTC().String(), e.Type, e.Precision, e.Size}
			if e.Precision == parse.NoTime {
				continue // is written as 1970
			}
			if r.Time != "1970-01-01 00:00:00 +0000 UTC" && r.Time != "1969-12-31 18:30:00 +0000 UTC" {
				all = append(all, r)
			}
		}
		return all
	}
	if diff := cmp.Diff(rows(from), rows(to)); diff != "" {
		t.Errorf("ls -lR (-archive +read):\n%s\n%s", diff, b.Bytes())
	}
	if report.Unlisted != 1 || report.Skipped != 0 {
		t.Errorf("report %+v, want one directory unlisted", report)
	}
}

func TestLsLRLeavesOutWhatNoLineHolds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := `{"host":"ftp.example.org","dir":"/","name":"two\nlines","type":"file"}
{"host":"ftp.example.org","dir":"/","name":"ends in CR\r","type":"file"}
{"host":"ftp.example.org","dir":"/","name":"a -> b","type":"link","target":"c"}
{"host":"ftp.example.org","dir":"/","name":"a -> b","type":"file"}
{"host":"ftp.example.org","dir":"/","name":"fine","type":"file","size":3,"perm":"4755","owner":"Bed Rock"}
`
	if _, err := archive.Import(t.Context(), dir, strings.NewReader(text), new(archive.ImportOptions)); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(dir, example, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var b bytes.Buffer
	r, err := a.WriteLsLR(t.Context(), &b)
	if err != nil {
		t.Fatal(err)
	}
	if r.Skipped != 2 || r.Entries != 2 || strings.Count(b.String(), "\n") != 4 {
		t.Errorf("%+v\n%s", r, b.Bytes())
	}
	if !strings.Contains(b.String(), "-rwsr-xr-x 1 Bed_Rock - 3 1970-01-01 fine\n") {
		t.Errorf("got\n%s", b.Bytes())
	}
}

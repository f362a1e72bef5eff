package archive_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// importAs makes an archive of the server with the user, which holds one file, named as the user in base 16.
func importAs(t *testing.T, dir, user string) crawl.Server {
	t.Helper()
	s := crawl.Server{Scheme: crawl.FTP, User: user, Host: "ftp.example.org", Port: 21}
	_, err := archive.Import(t.Context(), dir, strings.NewReader(".:\n-rw-r--r-- 1 u g 1 Jan 01 2020 "+hexName(user)+"\n"), &archive.ImportOptions{Server: s, Now: epoch})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hexName(user string) string {
	const hex = "0123456789abcdef"
	name := "x"
	for _, c := range []byte(user) {
		name += string(hex[c>>4]) + string(hex[c&15])
	}
	return name
}

var oddUsers = []string{"bob", "Bob", "BOB", "a/b", "A/b", "a:b", "a%b", "a%2Fb", "a%2fb", " a", "a b", `dom\al`, "é"}

// No two servers share a file, on file systems that do not tell capitals from small letters either.
func TestArchivesOfAnyUser(t *testing.T) {
	dir := t.TempDir()
	for _, user := range oddUsers {
		importAs(t, dir, user)
	}
	names := map[string]string{}
	for _, f := range files(t, dir) {
		if other := names[strings.ToLower(f)]; other != "" {
			t.Errorf("%s and %s are one file", f, other)
		}
		names[strings.ToLower(f)] = f
	}
	all, err := archive.List(dir)
	if err != nil || len(all) != len(oddUsers) {
		t.Fatalf("got %d archives, %v, want %d", len(all), err, len(oddUsers))
	}
	for i := range all {
		s, err := crawl.ParseKey(all[i].Key)
		if err != nil || s.User != all[i].User {
			t.Errorf("%q: got %q, %v, want the user %q", all[i].Key, s.User, err, all[i].User)
		}
		same(t, paths(t, dir, s), []string{"/" + hexName(s.User)})
		if err := archive.Forget(dir, all[i].Key, nil, func() error { return nil }); err != nil {
			t.Error(err)
		}
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

// formerly renames the files of an archive to what an earlier version of the program called them, which wrote another key into
// the summary, too.
func formerly(t *testing.T, dir string, s crawl.Server, ext ...string) {
	t.Helper()
	const hex = "0123456789ABCDEF"
	former := ""
	for _, c := range []byte(s.User + "@" + s.Host) {
		if strings.IndexByte(`/:% \`, c) >= 0 || c >= 0x80 {
			former += "%" + string(hex[c>>4]) + string(hex[c&15])
		} else {
			former += string(c)
		}
	}
	name := filepath.Join(dir, archive.FileName(s.Key()))
	text, err := os.ReadFile(name + ".json")
	if err == nil {
		text = []byte(strings.Replace(string(text), `"server": "`+s.Key(), `"server": "`+strings.ReplaceAll(s.User, `\`, `\\`)+"@"+s.Host, 1))
		err = os.WriteFile(name+".json", text, 0o644)
	}
	for _, e := range []string{".db", ".json"} {
		if err == nil {
			err = os.Rename(name+e, filepath.Join(dir, former)+e)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestArchivesWithTheirFormerNames(t *testing.T) {
	for _, user := range oddUsers {
		dir := t.TempDir()
		s := importAs(t, dir, user)
		formerly(t, dir, s)
		all, err := archive.List(dir)
		if err != nil || len(all) != 1 || all[0].Key != s.Key() {
			t.Fatalf("%q: got %+v, %v", user, all, err)
		}
		importAs(t, dir, user) // goes to the same archive
		if sum, err := archive.ReadSummary(dir, s.Key()); err != nil || sum.Held.Versions != 1 || sum.Seq <= all[0].Seq || len(files(t, dir)) != 2 {
			t.Errorf("%q: got %+v, %v, in %q", user, sum.Held, err, files(t, dir))
		}
		same(t, paths(t, dir, s), []string{"/" + hexName(user)})

		// Forgotten at once, and by who finishes what was begun.
		if err := archive.Forget(dir, s.Key(), nil, func() error { return nil }); err != nil || len(files(t, dir)) != 0 {
			t.Errorf("%q: %v, left behind: %q", user, err, files(t, dir))
		}
		importAs(t, dir, user)
		formerly(t, dir, s)
		for _, f := range files(t, dir) {
			if name, ok := strings.CutSuffix(f, ".json"); ok {
				err = os.Rename(f, name+".forgotten")
			}
		}
		if err == nil {
			err = archive.FinishForgetting(dir)
		}
		if err != nil || len(files(t, dir)) != 0 {
			t.Errorf("%q: %v, left behind: %q", user, err, files(t, dir))
		}
	}
}

// Where capitals are not told from small letters, the former name of one archive is the name of another.
func TestFormerNameOfAnother(t *testing.T) {
	dir := t.TempDir()
	importAs(t, dir, "Bob")
	other := crawl.Server{Scheme: crawl.FTP, User: "bob", Host: "ftp.example.org", Port: 21}
	for _, ext := range []string{".db", ".json"} {
		if err := os.Rename(filepath.Join(dir, "%42ob@ftp.example.org"+ext), filepath.Join(dir, "bob@ftp.example.org"+ext)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := archive.Create(dir, other, nil)
	if err == nil {
		a.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "Bob@ftp.example.org") {
		t.Errorf("got %v, want an error that names the other", err)
	}
	if err := archive.Forget(dir, other.Key(), nil, func() error { return nil }); err == nil {
		t.Error("the archive of another is forgotten")
	}
}

package index_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
)

func TestURL(t *testing.T) {
	for _, c := range []struct {
		server index.Server
		dir    string
		name   string
		typ    index.Type
		want   string
	}{
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/", "a", index.File, "ftp://h/a"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/pub", "a", index.Dir, "ftp://h/pub/a/"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/pub", "a", index.Link, "ftp://h/pub/a"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 2121, User: "bob"}, "/", "a", index.File, "ftp://bob@h:2121/a"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21, User: "a b@c"}, "/", "a", index.File, "ftp://a%20b%40c@h/a"},
		{index.Server{Scheme: "ftpes", Host: "h", Port: 21}, "/", "a", index.File, "ftp://h/a"},
		{index.Server{Scheme: "ftps", Host: "h", Port: 990}, "/", "a", index.File, "ftps://h/a"},
		{index.Server{Scheme: "ftps", Host: "h", Port: 21}, "/", "a", index.File, "ftps://h:21/a"},
		{index.Server{Scheme: "ftp", Host: "2001:db8::1", Port: 2121}, "/", "a", index.File, "ftp://[2001:db8::1]:2121/a"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21, LoginDir: "/"}, "/pub", "a", index.File, "ftp://h/pub/a"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21, LoginDir: "/home/bob"}, "/home/bob", "a", index.Dir, "ftp://h/%2Fhome/bob/a/"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/a b", "c#d?e;f%g\"h", index.File, "ftp://h/a%20b/c%23d%3Fe%3Bf%25g%22h"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/", "caf\xe9 é\x00\n", index.File, "ftp://h/caf%E9%20%C3%A9%00%0A"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/", "[1999] {x} (y)*'$&!|\\", index.File, "ftp://h/%5B1999%5D%20%7Bx%7D%20%28y%29%2A%27%24%26%21%7C%5C"},
		{index.Server{Scheme: "ftp", Host: "h", Port: 21}, "/", "-._~+,=:@", index.File, "ftp://h/-._~+,=:@"},
	} {
		d := &index.Document{Server: &c.server, Dir: c.dir, Name: c.name, Type: c.typ}
		got := d.URL()
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Errorf("%s: %v", got, err)
			continue
		}
		if path := strings.TrimSuffix(u.Path, "/"); strings.TrimPrefix(path, "/") != strings.TrimPrefix(d.Path(), "/") && path != "/"+d.Path() {
			t.Errorf("%s: got path %q, want %q", got, path, d.Path())
		}
	}
}

// TestURLIsAQuery: the URL of a document, pasted, finds it.
func TestURLIsAQuery(t *testing.T) {
	for _, d := range indextest.Generate(5, 400) {
		q, err := query.Parse(d.URL(), nil)
		if err != nil {
			t.Errorf("%s: %v", d.URL(), err)
			continue
		}
		if d.Server.Charset != "" && d.PathText() != query.TextForm(d.Path(), "") {
			continue // a URL says nothing of the charset
		}
		if !index.Match(q.Expr, d) {
			t.Errorf("%s, %s, does not select %q", d.URL(), q, d.PathText())
		}
	}
}

func TestTextForms(t *testing.T) {
	d := &index.Document{Server: &index.Server{Host: "h", Port: 21}, Dir: "/é/caf\xe9", Name: "\xe9é", Target: "../\xe9"}
	for _, c := range [][2]string{{d.NameText(), "éÃ©"}, {d.DirText(), "/é/café"}, {d.PathText(), "/é/café/éÃ©"}, {d.TargetText(), "../é"}} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
	d.Server = &index.Server{Host: "h", Port: 21, Charset: "ISO-2022-JP"}
	d.Name = "\x1b$B%+%?\x1b(B.txt"
	if got := d.NameText(); got != "カタ.txt" {
		t.Errorf("got %q, want カタ.txt", got)
	}
}

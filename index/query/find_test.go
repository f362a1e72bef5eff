package query

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFindText(t *testing.T) {
	for _, c := range []struct {
		query, text string
		want        string // the text with [ ] around what is found
	}{
		{`wget`, "wget-1.24.tar.gz", "[wget]-1.24.tar.gz"},
		{`WGET`, "libwget-wget.h", "lib[wget]-[wget].h"},
		{`aa`, "aaaaa", "[aa][aa]a"},
		{`aa`, "aaaaab", "[aa][aa]ab"},
		{`xyz`, "wget", "wget"},
		{`resume`, "Résumé.pdf", "[Résumé].pdf"},
		{`e`, "Re\u0301sume\u0301", "R[e\u0301]sum[e\u0301]"},
		{`strasse`, "die straße.txt", "die [straße].txt"},
		{`ss`, "straße", "stra[ß]e"},
		{`s`, "ß", "[ß]"},
		{`as`, "straße", "str[aß]e"},
		{`i`, "ﬁx", "[ﬁ]x"},
		{`カタログ`, "ｶﾀﾛｸﾞ.txt", "[ｶﾀﾛｸﾞ].txt"},
		{`グ`, "ｶﾀﾛｸﾞ.txt", "ｶﾀﾛ[ｸﾞ].txt"},
		{`ab`, "a\u200bb", "[a\u200bb]"},
		{`b`, "a\ufeffb", "a\ufeff[b]"},
		{`한`, "\u1112\u1161\u11ab글", "[\u1112\u1161\u11ab]글"},
		{`É case:yes`, "éÉE\u0301", "é[É][E\u0301]"},
		{`*.iso`, "a.iso", "[a.iso]"},
		{`*.iso`, "a.img", "a.img"},
		{`name:=Wget`, "wget", "[wget]"},
		{`/[0-9]+/`, "wget-1.24.5", "wget-[1].24.5"},
		{`/x*/`, "wget", "wget"},
		{`/.$/`, "straß", "stra[ß]"},
		{`/é.+/`, "Résumé", "R[ésumé]"},
	} {
		leaf := leafOf(t, c.query)
		got, at := "", 0
		for _, r := range FindText(leaf, c.text) {
			got += c.text[at:r[0]] + "[" + c.text[r[0]:r[1]] + "]"
			at = r[1]
		}
		if got += c.text[at:]; got != c.want {
			t.Errorf("%s in %q: got %q, want %q", c.query, c.text, got, c.want)
		}
	}
}

// FuzzFindText: the forms of the units of a text are together the form of it, and what is found are ranges of whole
// characters in order, there if and only if the leaf selects the text.
func FuzzFindText(f *testing.F) {
	f.Add("Résumé straße ｶﾀﾛｸﾞ", "s", false)
	f.Add("\u1100\u200b\u1161 か\u0301\u3099\u0345", "か", true)
	f.Fuzz(func(t *testing.T, text, value string, exact bool) {
		text, value = strings.ToValidUTF8(text, "?"), strings.ToValidUTF8(value, "?")
		if Fold(value) == "" {
			return
		}
		form := ""
		for _, u := range unitsOf(text, exact) {
			form += u.form
		}
		if want := formOf(text, exact); form != want {
			t.Fatalf("units of %+q: got %+q, want %+q", text, form, want)
		}
		leaf := &Text{Field: Name, Mode: Has, Value: value, Exact: exact}
		found := FindText(leaf, text)
		if got, want := len(found) > 0, CompileText(leaf)(form); got != want {
			t.Fatalf("%s in %+q: got %v, want found %t", leaf, text, found, want)
		}
		last := 0
		for _, r := range found {
			if r[0] < last || r[1] <= r[0] || r[1] > len(text) || !utf8.ValidString(text[r[0]:r[1]]) {
				t.Fatalf("%s in %+q: got %v", leaf, text, found)
			}
			if !strings.Contains(formOf(text[r[0]:r[1]], exact), formOf(value, exact)) && r[1] < len(text) && r[0] > 0 {
				if f := formOf(text[r[0]:r[1]], exact); len(f) < len(formOf(value, exact)) {
					t.Fatalf("%s in %+q: got %v, which is %+q", leaf, text, found, f)
				}
			}
			last = r[1]
		}
	})
}

func TestCompileHost(t *testing.T) {
	type server struct {
		user, host string
		port       int
	}
	servers := []server{
		{"", "ftp.debian.org", 21}, {"bob", "ftp.debian.org", 2121}, {"", "debian.org.example", 0}, {"", "a.edu", 990},
		{"", "10.1.2.3", 21}, {"", "10.11.2.3", 21}, {"", "110.1.2.3", 21}, {"", "10.1.example", 21},
		{"", "2001:db8::1", 21}, {"bob", "2001:db8::1", 2121}, {"A/b:c%", "odd", 21}, {"a%2Fb", "odd", 21},
	}
	for query, want := range map[string]string{
		`host:debian`:                   "0 1 2",
		`host:DEBIAN.org`:               "0 1 2",
		`host:ebian`:                    "",
		`host:ftp.debian`:               "0 1",
		`host:ftp.org`:                  "",
		`host:.org`:                     "0 1 2",
		`host:=ftp.debian.org`:          "0 1",
		`host:=debian.org`:              "",
		`host:debian.org:21`:            "0 2",
		`host:debian.org:2121`:          "1",
		`host:Bob@debian`:               "1",
		`host:anonymous@debian`:         "0 2",
		`host:bob@debian:21`:            "",
		`host:*.org`:                    "0 1",
		`host:*.org:2121`:               "1",
		`host:*deb*:990`:                "",
		`host:b*@*`:                     "1 9",
		`host:anonymous@*.edu`:          "3",
		`host:"*"?`:                     "",
		`host:10.1`:                     "4",
		`host:10.`:                      "4 5",
		`host:10`:                       "4 5 7",
		`host:10.1.2.3`:                 "4",
		`host:=10.1`:                    "",
		`host:10.1:2121`:                "",
		`host:bob@10.1`:                 "",
		`host:10.0.0.0/8`:               "4 5",
		`host:10.1.99.0/16`:             "4",
		`host:0.0.0.0/0`:                "4 5 6",
		`host:[2001:DB8:0::1]`:          "8 9",
		`host:[2001:db8::1]:2121`:       "9",
		`host:bob@[2001:db8::1]`:        "9",
		`host:[2001:db8::2]`:            "",
		`host:\[2001*`:                  "8 9",
		`ftp://bob@ftp.debian.org:2121`: "1",
		`ftp://ftp.debian.org`:          "0 1",
		`host:a%2Fb%3Ac%25@odd`:         "10",
		`host:A%2fB%3ac%25@*`:           "10",
		`host:a%252Fb@odd`:              "11",
		`host:a%252F*@odd`:              "11",
		`host:a%2Fb@odd`:                "",
		`ftp://a%2Fb%3ac%25@odd`:        "10",
		`ftp://a%252Fb@odd`:             "11",
	} {
		selects := CompileHost(leafOf(t, query))
		var got []int
		for i, s := range servers {
			if selects(s.user, s.host, s.port) {
				got = append(got, i)
			}
		}
		if s := strings.Trim(fmt.Sprint(got), "[]"); s != want {
			t.Errorf("%s: got %s, want %s", query, s, want)
		}
	}
}

func TestSplitAndJoinHost(t *testing.T) {
	for key, want := range map[string][3]string{
		"h":                      {"", "h", ""},
		"h:21":                   {"", "h", "21"},
		"bob@h":                  {"bob", "h", ""},
		"a@b@h:2121":             {"a@b", "h", "2121"},
		"[2001:db8::1]":          {"", "2001:db8::1", ""},
		"bob@[2001:db8::1]:2121": {"bob", "2001:db8::1", "2121"},
	} {
		user, host, port := SplitHost(key)
		if got := [3]string{user, host, port}; got != want {
			t.Errorf("SplitHost(%s): got %q, want %q", key, got, want)
		}
		if got := JoinHost(user, host, port); got != key {
			t.Errorf("JoinHost(%q): got %s, want %s", want, got, key)
		}
	}
}

func TestTextForm(t *testing.T) {
	for _, c := range []struct{ bytes, charset, want string }{
		{"abc", "", "abc"},
		{"é", "", "é"},
		{"caf\xe9", "", "café"},
		{"\xff\x00\x80", "", "ÿ\x00\u0080"},
		{"\xcf\xf0\xe8", "windows-1251", "При"},
		{"\x83J\x83^", "Shift_JIS", "カタ"},
		{"caf\xe9", "UTF-8", "café"},
		{"é", "windows-1251", "Г©"},
		{"\xff\xff", "Shift_JIS", "ÿÿ"},
		{"é", "no such charset", "é"},
	} {
		if got := TextForm(c.bytes, c.charset); got != c.want {
			t.Errorf("TextForm(%q, %s): got %q, want %q", c.bytes, c.charset, got, c.want)
		}
	}
}

func TestSizeClass(t *testing.T) {
	for n, want := range map[int64]string{-1: "unknown", 0: "empty", 1: "tiny", 10<<10 - 1: "tiny", 10 << 10: "small", 100 << 10: "medium",
		1<<20 - 1: "medium", 1 << 20: "large", 16 << 20: "huge", 128 << 20: "gigantic", 1<<63 - 1: "gigantic"} {
		if got := SizeClass(n); got != want {
			t.Errorf("SizeClass(%d): got %s, want %s", n, got, want)
		}
		if n < 0 {
			continue
		}
		q, err := Parse("size:"+want, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := q.Expr.(*Number); n < r.Lo || n > r.Hi {
			t.Errorf("size:%s is %s, without %d", want, r, n)
		}
	}
}

func TestLimits(t *testing.T) {
	words := func(n int) string { return strings.Repeat("a ", n) }
	for _, c := range []struct {
		name, query string
		start, end  int
		msg         string
	}{
		{"bytes", strings.Repeat("a", 4096), 0, 0, ""},
		{"more bytes", strings.Repeat("a", 4097), 4096, 4097, "the query is too long: 4097 bytes, at most 4096"},
		{"leaves", words(1024), 0, 0, ""},
		{"more leaves", words(1025), 2048, 2049, "too many terms: at most 1024"},
		{"list", "ext:" + strings.Repeat("a,", 1024), 0, 0, ""},
		{"longer list", "ext:" + strings.Repeat("a,", 1025), 0, 2054, "too many terms: at most 1024"},
		{"more fields", words(1024) + "file:", 2048, 2053, "too many terms: at most 1024"},
		{"more numbers", words(1024) + "size:1", 2048, 2054, "too many terms: at most 1024"},
		{"more URLs", words(1023) + "ftp://h/x", 2046, 2055, "too many terms: at most 1024"},
		{"more of a URL", words(1022) + "ftp://h/x", 2044, 2053, "too many terms: at most 1024"},
		{"one more URL", words(1024) + "ftp://h/x", 2048, 2057, "too many terms: at most 1024"},
		{"levels", strings.Repeat("(", 64) + "a" + strings.Repeat(")", 64), 0, 0, ""},
		{"more levels", strings.Repeat("(", 65) + "a" + strings.Repeat(")", 65), 64, 65, "nested too deeply: at most 64 levels"},
		{"not UTF-8", "a\xffb", 1, 2, "the query is not UTF-8 here"},
		{"negations", strings.Repeat("-", 4000) + "a", 0, 0, ""},
		{"replacement character", "a\ufffdb", 0, 0, ""},
	} {
		_, err := Parse(c.query, nil)
		if c.msg == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		e, ok := err.(*SyntaxError)
		if !ok || e.Start != c.start || e.End != c.end || e.Error() != c.msg {
			t.Errorf("%s: got %#v, want %d..%d %s", c.name, err, c.start, c.end, c.msg)
		}
	}
}

package crawl

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// An editor on Windows may have saved the file as UTF-16.
func TestRobotsInUTF16(t *testing.T) {
	text := "User-agent: *\r\nDisallow: /caf\u00e9/\r\n"
	for name, order := range map[string]binary.AppendByteOrder{"little endian": binary.LittleEndian, "big endian": binary.BigEndian} {
		var b []byte
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			b = order.AppendUint16(b, u)
		}
		rule, refused := ParseRobots(b, RobotsAgent).Refuses("/caf\u00e9")
		if want := "line 2: Disallow: /caf\u00e9/"; !refused || rule != want {
			t.Errorf("%s: got %q, %v, want %q", name, rule, refused, want)
		}
		if n := ParseRobots(b[:len(b)-9], RobotsAgent).Len(); n != 1 {
			t.Errorf("%s, cut: got %d rules, want 1", name, n)
		}
	}
}

func TestRobotsRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		file    string
		refused []string
		allowed []string
	}{
		{"empty", "", nil, []string{"/", "/a"}},
		{"all", "User-agent: *\nDisallow: /\n", []string{"/", "/a", "/a/b"}, nil},
		{"empty disallow", "User-agent: *\nDisallow:\n", nil, []string{"/", "/a"}},
		{"prefix", "User-agent: *\nDisallow: /pub\n", []string{"/pub", "/public", "/pub/a"}, []string{"/", "/a/pub"}},
		{"directory", "User-agent: *\nDisallow: /pub/\n", []string{"/pub", "/pub/a"}, []string{"/", "/public"}},
		{"our group alone", "User-agent: *\nDisallow: /\n\nUser-agent: ftpidx\nDisallow: /x\n", []string{"/x"}, []string{"/", "/y"}},
		{"our group, empty", "User-agent: *\nDisallow: /\n\nUser-agent: ftpidx\nDisallow:\n", nil, []string{"/a"}},
		{"an empty line between agents", "User-agent: ftpidx\n\nUser-agent: other\nDisallow: /\n", []string{"/a"}, nil},
		{"our group with version", "User-agent: FTPidx/2.0 (+x)\nDisallow: /x\n", []string{"/x"}, []string{"/y"}},
		{"not a name that begins the same", "User-agent: ftp\nDisallow: /x\n", nil, []string{"/x"}},
		{"two groups for us", "User-agent: ftpidx\nDisallow: /a\n\nUser-agent: b\nDisallow: /b\n\nUser-agent: ftpidx\nDisallow: /c\n", []string{"/a", "/c"}, []string{"/b"}},
		{"two agents in a group", "User-agent: b\nUser-agent: ftpidx\nDisallow: /a\n", []string{"/a"}, []string{"/b"}},
		{"longest wins", "User-agent: *\nDisallow: /pub\nAllow: /pub/free\n", []string{"/pub", "/pub/x"}, []string{"/pub/free", "/pub/free/x"}},
		{"allow wins a tie", "User-agent: *\nDisallow: /p\nAllow: /p\n", nil, []string{"/p"}},
		{"allow wins a tie, other order", "User-agent: *\nAllow: /p\nDisallow: /p\n", nil, []string{"/p"}},
		{"star", "User-agent: *\nDisallow: /*/private/\n", []string{"/a/private", "/a/b/private/c"}, []string{"/private", "/a/privates"}},
		{"end", "User-agent: *\nDisallow: /*.d/$\n", []string{"/rules.d", "/x/rules.d"}, []string{"/rules.d/sub", "/rules"}},
		{"star at the end", "User-agent: *\nDisallow: /a*\n", []string{"/a", "/ab/c"}, []string{"/b"}},
		{"percent", "User-agent: *\nDisallow: /a%20b\nDisallow: /caf%C3%A9\n", []string{"/a b", "/caf\xc3\xa9"}, []string{"/a%20b"}},
		{"bytes of another charset", "User-agent: *\nDisallow: /caf\xe9\n", []string{"/caf\xe9"}, []string{"/caf\xc3\xa9"}},
		{"escaped star and dollar", "User-agent: *\nDisallow: /a%2Ab\nDisallow: /c%24\n", []string{"/a*b", "/c$"}, []string{"/axb", "/c"}},
		{"bad percent", "User-agent: *\nDisallow: /100%/\n", []string{"/100%"}, []string{"/100"}},
		{"no slash in front", "User-agent: *\nDisallow: incoming\n", []string{"/incoming"}, []string{"/a"}},
		{"rule before any agent", "Disallow: /a\n\nUser-agent: *\nDisallow: /b\n", []string{"/b"}, []string{"/a"}},
		{"unknown lines", "Sitemap: ftp://x/y\nUser-agent: *\nNoindex: /c\nCrawl-delay: soon\nDisallow: /b\n", []string{"/b"}, []string{"/c"}},
		{"agents after an unknown line", "User-agent: ftpidx\nNoindex: /\nUser-agent: x\nDisallow: /b\n", []string{"/b"}, nil},
		{"byte order mark, CR, comments", "\ufeffUser-agent: * # all\rDisallow: /b # not this\r", []string{"/b"}, []string{"/a"}},
		{"CR LF", "USER-AGENT : *\r\ndisallow : /b\r\n", []string{"/b"}, []string{"/a"}},
		{"html", "<!DOCTYPE html>\n<html><body style=\"color: red\">\n<p>Not found: /</p>\n", nil, []string{"/"}},
		{"binary", "\x00\xff\x1f\x8b:\n:\n::", nil, []string{"/"}},
	} {
		r := ParseRobots([]byte(c.file), RobotsAgent)
		for _, p := range c.refused {
			if _, refused := r.Refuses(p); !refused {
				t.Errorf("%s: %q is allowed, want refused", c.name, p)
			}
		}
		for _, p := range c.allowed {
			if rule, refused := r.Refuses(p); refused {
				t.Errorf("%s: %q is refused by %q, want allowed", c.name, p, rule)
			}
		}
	}
}

func TestRobotsNamesTheRule(t *testing.T) {
	t.Parallel()
	r := ParseRobots([]byte("# ours\nUser-agent: *\nDisallow: /pub\nDisallow:  /pub/secret # really\n"), RobotsAgent)
	if rule, _ := r.Refuses("/pub/secret/a"); rule != "line 4: Disallow:  /pub/secret" {
		t.Errorf("got %q", rule)
	}
	if rule, _ := r.Refuses("/pub/other"); rule != "line 3: Disallow: /pub" {
		t.Errorf("got %q", rule)
	}
	if rule, refused := (*Robots)(nil).Refuses("/"); refused {
		t.Errorf("no robots.txt refuses by %q", rule)
	}
}

func TestRobotsDelay(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]time.Duration{
		"User-agent: *\nCrawl-delay: 2.5\n":                                      2500 * time.Millisecond,
		"User-agent: *\nCrawl-delay: 1\nUser-agent: ftpidx\nDisallow: /x\n":      0,
		"User-agent: *\nCrawl-delay: 86400\n":                                    time.Minute,
		"User-agent: *\nCrawl-delay: -1\nCrawl-delay: NaN\nCrawl-delay: 1e999\n": 0,
	} {
		if got := ParseRobots([]byte(file), RobotsAgent).Delay; got != want {
			t.Errorf("%q: got %v, want %v", file, got, want)
		}
	}
}

func TestRobotsOfAMegabyteIsCheap(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	b.WriteString("User-agent: *\n")
	for i := 0; b.Len() < 1<<20; i++ {
		fmt.Fprintf(&b, "Disallow: /%s*a*b*%d\n", strings.Repeat("x", i%50), i)
	}
	b.WriteString("Disallow: /last\n")
	r := ParseRobots(b.Bytes(), RobotsAgent)
	start := time.Now()
	for range 10 {
		if _, refused := r.Refuses("/last/one"); !refused {
			t.Fatal("the last rule does not count")
		}
		r.Refuses("/" + strings.Repeat("x", 4000))
	}
	if d := time.Since(start) / 20; d > 100*time.Millisecond {
		t.Errorf("%d rules take %v a directory", r.Len(), d)
	}
}

func TestRobotsState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want RobotsState
	}{
		{nil, RobotsRead},
		{&Error{Op: "RETR", Code: 550, Err: errors.New("no such file")}, RobotsAbsent},
		{&Error{Op: "RETR", Code: 500, Err: errors.New("unknown command")}, RobotsAbsent},
		{&Error{Op: "RETR", Code: 450, Err: errors.New("busy")}, RobotsUnavailable},
		{&Error{Op: "RETR", Code: 421, Err: errors.New("going down")}, RobotsUnavailable},
		{&Error{Op: "data", Err: context.DeadlineExceeded}, RobotsUnavailable},
		{&Error{Op: "RETR", Err: io.ErrUnexpectedEOF}, RobotsUnavailable},
	} {
		if got := robotsState(c.err); got != c.want {
			t.Errorf("%v: got %s, want %s", c.err, got, c.want)
		}
	}
}

func TestRobotsName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"pub", "README"}, ""},
		{[]string{"Robots.txt", "robots.txt"}, "robots.txt"},
		{[]string{"ROBOTS.TXT"}, "ROBOTS.TXT"},
	} {
		if got, ok := robotsName(c.names); got != c.want || ok != (c.want != "") {
			t.Errorf("%q: got %q, %v", c.names, got, ok)
		}
	}
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /*a%2$\nAllow: *\n"), "/a")
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		ParseRobots(file, RobotsAgent).Refuses(path)
	})
}

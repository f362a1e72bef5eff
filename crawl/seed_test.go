package crawl

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestParseSeed(t *testing.T) {
	for _, tt := range []struct{ name, url, server, path string }{
		{"bare host", "ftp.Example.ORG", "ftp://ftp.example.org", ""},
		{"bare host and path", "ftp.example.org/pub/linux/", "ftp://ftp.example.org", "pub/linux"},
		{"root of the login", "ftp://ftp.example.org/", "ftp://ftp.example.org", ""},
		{"absolute path", "ftp://ftp.example.org/%2Fpub", "ftp://ftp.example.org", "/pub"},
		{"absolute path, small hex digit", "ftp://ftp.example.org/%2fpub/x", "ftp://ftp.example.org", "/pub/x"},
		{"absolute root", "ftp://ftp.example.org/%2F", "ftp://ftp.example.org", "/"},
		{"absolute path as curl has it", "ftp://ftp.example.org//pub", "ftp://ftp.example.org", "/pub"},
		{"user", "ftp://bob@example.org:2121/x", "ftp://bob@example.org:2121", "x"},
		{"user with an at sign", "ftp://bob%40home@example.org/", "ftp://bob@home@example.org", ""},
		{"anonymous is no user", "ftp://anonymous@example.org/", "ftp://example.org", ""},
		{"explicit TLS", "FTPES://example.org/a", "ftpes://example.org", "a"},
		{"implicit TLS", "ftps://example.org/a", "ftps://example.org:990", "a"},
		{"default port", "ftp://example.org:21/", "ftp://example.org", ""},
		{"IPv4", "192.0.2.1", "ftp://192.0.2.1", ""},
		{"IPv6", "ftp://[2001:DB8::1]:2121/pub", "ftp://[2001:db8::1]:2121", "pub"},
		{"IPv6 without brackets", "2001:db8:0:0::1", "ftp://[2001:db8::1]", ""},
		{"international name", "ftp://BÜCHER.example/", "ftp://xn--bcher-kva.example", ""},
		{"final dot", "example.org./", "ftp://example.org", ""},
		{"underscore", "my_host/", "ftp://my_host", ""},
		{"bytes", "example.org/%FF%20%25", "ftp://example.org", "\xff %"},
		{"question mark and hash", "ftp://example.org/a?b#c", "ftp://example.org", "a?b#c"},
		{"type", "ftp://example.org/pub;type=d", "ftp://example.org", "pub"},
		{"dots", "ftp://example.org/a/./b/../c", "ftp://example.org", "a/c"},
		{"white space around", "  example.org \n", "ftp://example.org", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ParseSeed(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Server.String(); got != tt.server {
				t.Errorf("got server %s, want %s", got, tt.server)
			}
			if s.Path != tt.path {
				t.Errorf("got path %q, want %q", s.Path, tt.path)
			}
		})
	}
}

func TestParseSeedRefuses(t *testing.T) {
	for _, tt := range []struct{ name, url, want string }{
		{"nothing", "", "empty"},
		{"another scheme", "http://example.org/", "scheme must be ftp"},
		{"one slash", "ftp:/example.org/pub", "two slashes, as in ftp://example.org/pub"},
		{"no host", "ftp:///pub", "host is missing"},
		{"password", "ftp://bob:secret@example.org/", "password does not belong"},
		{"port 0", "example.org:0", "from 1 to 65535"},
		{"port of letters", "example.org:ftp/", "from 1 to 65535"},
		{"blank in the host", "ftp://exa mple.org/", "not a host name"},
		{"bad percent", "example.org/%zz", "hexadecimal"},
		{"cut percent", "example.org/%2", "hexadecimal"},
		{"line end", "example.org/a%0D%0ADELE%20x", "CR, LF or NUL"},
		{"endless path", "example.org/" + strings.Repeat("x/", 3000), "longer than"},
		{"open bracket", "ftp://[2001:db8::1/", "not closed"},
		{"IPv4 in brackets", "ftp://[192.0.2.1]/", "not an IPv6 address"},
		{"IPv6 and port without brackets", "2001:db8::1:xyz", "brackets"},
		{"label of hyphens", "ftp://-x.example/", "not a host name"},
		{"two dots", "ftp://a..b/", "not a host name"},
		{"user for terminals", "ftp://a%1B%5B2J@example.org/", "cannot be shown"},
		{"user of C1 controls", "ftp://a%C2%9B2J@example.org/", "cannot be shown"},
		{"user that reorders", "ftp://a%E2%80%AEb@example.org/", "cannot be shown"},
		{"user of two lines", "ftp://a%0Ab@example.org/", "cannot be shown"},
		{"user of other bytes", "ftp://a%FF@example.org/", "not UTF-8"},
		{"no user", "ftp://@example.org/", "empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ParseSeed(tt.url)
			if err == nil {
				t.Fatalf("got %+v, want an error", s)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in %q", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("got more than one line: %q", err)
			}
		})
	}
}

func TestSeedResolve(t *testing.T) {
	for _, tt := range []struct{ path, login, want string }{
		{"", "/", "/"}, {"", "/home/bob", "/home/bob"}, {"pub", "/home/bob", "/home/bob/pub"},
		{"/pub", "/home/bob", "/pub"}, {"/", "/home/bob", "/"}, {"pub", "", "/pub"}, {"../al", "/home/bob", "/home/al"},
	} {
		if got := (Seed{Path: tt.path}).Resolve(tt.login); got != tt.want {
			t.Errorf("%q in %q: got %q, want %q", tt.path, tt.login, got, tt.want)
		}
	}
}

func TestReadSeeds(t *testing.T) {
	const text = "\ufeff# mirrors\nftp.example.org/pub  # the big one\n\nhttp://x/\r\nftp://b.example/a#b\r\n"
	seeds, bad, err := ReadSeeds(strings.NewReader(text))
	if err != nil || len(seeds) != 2 || seeds[0].Path != "pub" || seeds[1].Path != "a#b" {
		t.Errorf("got %+v, %v, want two seeds", seeds, err)
	}
	if len(bad) != 1 || !strings.HasPrefix(bad[0].Error(), `line 4: "http://x/": `) {
		t.Errorf("got %v, want an error of line 4", bad)
	}
}

// Whatever a line is, those after it are read.
func TestReadSeedsOfAnyLength(t *testing.T) {
	long := strings.Repeat("x", 3*maxSeedLine)
	text := "a.example\n" + long + "\n# " + long + "\nb.example # " + long + "\n\xff\x00\nc.example"
	seeds, bad, err := ReadSeeds(iotest.OneByteReader(strings.NewReader(text)))
	if err != nil || len(seeds) != 3 || seeds[1].Server.Host != "b.example" || seeds[2].Server.Host != "c.example" {
		t.Errorf("got %+v, %v, want three seeds", seeds, err)
	}
	if len(bad) != 2 || bad[0].Line != 2 || bad[1].Line != 5 || !strings.Contains(bad[0].Error(), "longer than") {
		t.Errorf("got %v, want errors of the lines 2 and 5", bad)
	}
	broken := errors.New("broken")
	seeds, bad, err = ReadSeeds(io.MultiReader(strings.NewReader("a.example\nhttp://x/\nb.exam"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || len(seeds) != 1 || len(bad) != 1 {
		t.Errorf("got %v, %v, %v, want what came before the error", seeds, bad, err)
	}
}

func TestParseKeyReadsWhatKeyPrints(t *testing.T) {
	for _, key := range []string{"example.org", "bob@example.org:2121", "[2001:db8::1]", "[2001:db8::1]:990", "a_b"} {
		s, err := ParseKey(key)
		if err != nil || s.Key() != key {
			t.Errorf("got %q, %v, want %q", s.Key(), err, key)
		}
	}
	if s, err := ParseKey("example.org/pub"); err == nil {
		t.Errorf("got %v, want an error", s)
	}
}

package crawl

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// holdsKey checks that the key of a server names it, to whoever reads keys and whoever reads seeds.
func holdsKey(t *testing.T, s Server) {
	t.Helper()
	got, err := ParseKey(s.Key())
	if got.Scheme = s.Scheme; err != nil || got != s {
		t.Errorf("%+v has the key %q, which is %+v, %v", s, s.Key(), got, err)
	}
	seed, err := ParseSeed(s.String() + "/")
	if s.Scheme == FTPS && s.Port == 21 { // a port that the key leaves out
		return
	}
	if err != nil || seed.Server != s || seed.Path != "" {
		t.Errorf("%s: got %+v, %v, want %+v", s, seed, err, s)
	}
}

func TestKeyOfAnyUser(t *testing.T) {
	for _, tt := range []struct{ user, key string }{
		{"a/b", "a%2Fb@h"}, {"a:b", "a%3Ab@h"}, {"a%b", "a%25b@h"}, {"a%2Fb", "a%252Fb@h"}, {" a b", "%20a b@h"},
		{"b@home", "b@home@h"}, {`dom\bob`, `dom\bob@h`}, {"ftp://x", "ftp%3A%2F%2Fx@h"}, {"Bob", "Bob@h"}, {"é", "é@h"},
	} {
		s := Server{Scheme: FTP, User: tt.user, Host: "h", Port: 21}
		if got := s.Key(); got != tt.key {
			t.Errorf("%q: got the key %s, want %s", tt.user, got, tt.key)
		}
		holdsKey(t, s)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var user strings.Builder
		for range 1 + r.IntN(6) {
			user.WriteString([]string{"a", "B", "/", ":", "%", "%2F", "25", " ", "@", "#", "?", ";type=a", "é", "[", "]", `\`, "~"}[r.IntN(17)])
		}
		s := Server{Scheme: []Scheme{FTP, FTPES}[r.IntN(2)], User: user.String(), Host: []string{"h", "a-b.example", "2001:db8::1", "192.0.2.1", "fe80::1%eth0"}[r.IntN(5)], Port: []int{21, 2121}[r.IntN(2)]}
		holdsKey(t, s)
	}
}

func FuzzKey(f *testing.F) {
	for _, text := range []string{
		"ftp://a%2Fb@h/", "a%3Ab@h", "a%25b@h:2121", "%20a@h", "[fe80::1%25eth0]", "fe80::1%a]b", "ftps://h", "Bob@BÜCHER.example:990/x;type=d",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if seed, err := ParseSeed(text); err == nil {
			holdsKey(t, seed.Server)
		}
	})
}

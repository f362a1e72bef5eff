package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/index"
)

// The archive and the index name a server alike.
func TestKeysOfCrawlAndIndex(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"", "bob", "Bob", "a/b", "a:b", "a%b", "a%2Fb", " a b", "b@home"} {
		for _, host := range []string{"h", "192.0.2.1", "2001:db8::1"} {
			for _, port := range []int{21, 2121} {
				c := crawl.Server{Scheme: crawl.FTP, User: user, Host: host, Port: port}
				i := index.Server{Scheme: "ftp", User: user, Host: host, Port: port}
				if c.Key() != i.Key() || index.CanonicalKey(c.Key()) != c.Key() {
					t.Errorf("%q and %q, canonical %q", c.Key(), i.Key(), index.CanonicalKey(c.Key()))
				}
			}
		}
	}
}

// Blocks that an earlier version of the program made hold, and are lifted.
func TestBlocksWithTheirFormerNames(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := os.Mkdir(blockedDir(data), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"Bob@h": "Bob@h\n", "a%2Fb@h": "a/b@h\n", "a%25b@h": "a%b@h\n", "h": "h\n", "other": "h\n"} {
		if err := os.WriteFile(filepath.Join(blockedDir(data), name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := block(data, "Al@h"); err != nil {
		t.Fatal(err)
	}
	want := []string{"Al@h", "Bob@h", "a%25b@h", "a%2Fb@h", "h"}
	if got, err := blockedServers(data); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	for _, key := range want {
		if was, err := unblock(data, key); !was || err != nil {
			t.Errorf("%s: was blocked: %t, %v", key, was, err)
		}
	}
	if got, err := blockedServers(data); err != nil || len(got) != 0 {
		t.Errorf("still blocked: %q, %v", got, err)
	}
	if was, err := unblock(data, "h"); was || err != nil {
		t.Errorf("lifted twice: %t, %v", was, err)
	}
}

// Of many servers that a text may mean, the error says that they are not all, and what to do.
func TestFindKeyOfMany(t *testing.T) {
	t.Parallel()
	keys := []string{"a.example", "b.example", "c.example", "d.example", "e.example", "f.example"}
	for host, want := range map[string]string{
		"example": "example may mean 6 servers: a.example, b.example, c.example, d.example, e.example, …",
	} {
		i, err := findKey(keys, host)
		var hint *hintError
		if i != -1 || !errors.As(err, &hint) || err.Error() != want || hint.hint != "write more of the name, or all of it" {
			t.Errorf("%s: got %d, %v, %v", host, i, err, hint)
		}
	}
	if _, err := findKey(keys[:2], "example"); err == nil || err.Error() != "example may mean 2 servers: a.example, b.example" {
		t.Errorf("of two: got %v", err)
	}
	if i, err := findKey(keys, "c.ex"); i != 2 || err != nil {
		t.Errorf("c.ex: got %d, %v", i, err)
	}
}

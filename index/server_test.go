package index

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ftpidx/ftpidx/index/query"
)

func TestCanonicalKey(t *testing.T) {
	for _, tt := range []struct{ former, want string }{
		{"h", "h"}, {"h:2121", "h:2121"}, {"[2001:db8::1]:2121", "[2001:db8::1]:2121"}, {"bob@h", "bob@h"}, {"b@home@h:2121", "b@home@h:2121"},
		{"a/b@h", "a%2Fb@h"}, {"a:b@h:2121", "a%3Ab@h:2121"}, {"a%b@h", "a%25b@h"}, {"a%rb/@h", "a%25rb%2F@h"}, {" a@h", "%20a@h"},
	} {
		if got := CanonicalKey(tt.former); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.former, got, tt.want)
		}
		if got := CanonicalKey(tt.want); got != tt.want {
			t.Errorf("%s: got %s, want the same", tt.want, got)
		}
	}
}

// An index in which the keys of servers are written as they formerly were is read, and goes on with what they are now.
func TestManifestWithFormerKeys(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	src := source("h.example", 1, entry("/", "README", File))
	src.Server.User = "a/b"
	key := src.Server.Key()
	if _, err := Publish(ctx, dir, []Source{src}, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, manifestName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`,\s*"crc32c": \d+`).ReplaceAll(text, nil)
	former := bytes.Replace(text, []byte(`"`+key+`"`), []byte(`"a/b@h.example"`), 1)
	if bytes.Equal(former, text) {
		t.Fatalf("no %s in %s", key, text)
	}
	if err := os.WriteFile(path, former, 0o644); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		t.Helper()
		ix, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer ix.Close()
		r, err := ix.Search(ctx, &query.All{}, &SearchOptions{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range r.Hits {
			if h.Server.Key() != key {
				t.Errorf("a hit of %s, want %s", h.Server.Key(), key)
			}
		}
		return len(r.Hits)
	}
	if n := count(); n != 1 {
		t.Errorf("got %d hits, want 1", n)
	}
	src.ArchiveSeq = 2
	if m, err := Publish(ctx, dir, []Source{src}, nil); err != nil || m.Docs() != 1 {
		t.Errorf("published again: got %+v, %v, want one document", m, err)
	}
	if n := count(); n != 1 {
		t.Errorf("published again: got %d hits, want 1", n)
	}
	if err := Drop(ctx, dir, key); err != nil || count() != 0 {
		t.Errorf("dropped: got %d hits, %v, want none", count(), err)
	}
}

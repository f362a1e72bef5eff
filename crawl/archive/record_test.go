package archive

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/crawl"
)

func TestRecordReadsWhatItWrote(t *testing.T) {
	for _, want := range []record{
		{},
		{attempt: attempt{time: 1, round: 2, status: crawl.Failed, code: 550, reason: crawl.Refused, detail: "no\xff"}},
		{attempt: attempt{round: 3, bad: 4, skipped: []skipped{{crawl.TooDeep, 2, "a"}, {crawl.NotEnterable, 1, "b\r"}}}, versions: []version{{seq: 1}}},
		{versions: []version{
			{seq: 1 << 40, firstSeen: 5, confirmed: 6, status: crawl.Partial, sum: [16]byte{1, 2}, size: 1 << 33, entries: 7, runs: []run{{3, 0}, {4, 9}}, frames: 3, id: 12},
			{seq: 1, data: []byte("zstd")},
		}},
	} {
		b := want.encode()
		got, err := decodeRecord(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for i := range b {
			if _, err := decodeRecord(b[:i]); err == nil {
				t.Errorf("the first %d bytes of %d are a record", i, len(b))
			}
		}
	}
}

func FuzzDecodeRecord(f *testing.F) {
	r := record{versions: []version{{runs: []run{{1, 2}}, data: []byte("x")}}}
	f.Add(r.encode())
	r.attempt = attempt{bad: 1, skipped: []skipped{{crawl.TooDeep, 2, "a"}}}
	f.Add(r.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		if again, err := decodeRecord(r.encode()); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("got %+v, %v, want %+v", again, err, r)
		}
	})
}

func TestCurrentIsTheNewestWholeVersion(t *testing.T) {
	r := record{versions: []version{
		{seq: 9, status: crawl.Partial}, {seq: 7, status: crawl.Whole}, {seq: 5, status: crawl.Whole}, {seq: 3, status: crawl.Unconfirmed},
	}}
	for _, tt := range []struct{ seq, want uint64 }{{10, 7}, {6, 5}, {4, 3}} {
		if got := r.current(tt.seq); got == nil || got.seq != tt.want {
			t.Errorf("as of %d: got %+v, want the version of %d", tt.seq, got, tt.want)
		}
	}
	if got := r.current(2); got != nil {
		t.Errorf("as of 2: got %+v, want none", got)
	}
}

func TestKeysAreInDocumentOrder(t *testing.T) {
	paths := []string{"/", "/a", "/a/b", "/a/b/\x01", "/a/c", "/a b", "/a-b", "/a.b", "/a0", "/ab", "/b", "/\xff"}
	keys := make([][]byte, len(paths))
	for i, p := range paths {
		keys[i] = dirKey(p)
		if got := keyPath(keys[i]); got != p {
			t.Errorf("got %q back, want %q", got, p)
		}
	}
	if !slices.IsSortedFunc(keys, bytes.Compare) {
		t.Errorf("the keys of %q are not in order", paths)
	}
}

func TestFrontierIsDeepestFirst(t *testing.T) {
	shallow, deep := pendingKey(crawl.Dir{Path: "/a", Depth: 1}), pendingKey(crawl.Dir{Path: "/b/c", Depth: 2})
	if bytes.Compare(deep, shallow) >= 0 {
		t.Error("the deeper directory does not come first")
	}
	if d, err := pendingDir(deep, crawl.Server{}); err != nil || d.Path != "/b/c" || d.Depth != 2 {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestFileNameIsPlain(t *testing.T) {
	for _, tt := range []struct{ key, want string }{
		{"ftp.example.org", "ftp.example.org"},
		{"bob@example.org:2121", "bob@example.org%3A2121"},
		{"[2001:db8::1]", "%5B2001%3Adb8%3A%3A1%5D"},
		{"../x\xff@h", "%2E.%2Fx%FF@h"},
	} {
		if got := FileName(tt.key); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.key, got, tt.want)
		}
	}
	if strings.ContainsAny(FileName("a/b\\c"), `/\`) {
		t.Error("a separator is left")
	}
}

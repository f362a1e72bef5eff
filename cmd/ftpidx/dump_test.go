package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ftpidx/ftpidx/crawl/unpack"
)

// What unpacks to more than a listing can is given up, a dump of the usual kind is not.
func TestBombsAreGivenUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		text string
		want error
	}{
		{"bomb", strings.Repeat("-rw-r--r-- 1 a b 1 Mar  9  2011 x\n", 100_000), errBomb},
		{"small", strings.Repeat("-rw-r--r-- 1 a b 1 Mar  9  2011 x\n", 100), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			io.WriteString(z, tt.text)
			z.Close()
			var read atomic.Int64
			r, err := unpack.NewReader(&meter{r: &packed, add: func(n int64) { read.Add(n) }}, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			n, err := io.Copy(io.Discard, &bounded{ctx: t.Context(), r: r, packed: &read, free: 10_000, ratio: 20})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v after %d bytes, want %v", err, n, tt.want)
			}
			if tt.want == nil && n != int64(len(tt.text)) {
				t.Errorf("got %d bytes, want %d", n, len(tt.text))
			}
		})
	}
}

func TestDumpBase(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{"/ls-lR.gz": "/", "/pub/ls-lR.gz": "/pub", "/debian/indices/ls-lR.gz": "/debian"} {
		if got := dumpBase(file); got != want {
			t.Errorf("dumpBase(%q): got %s, want %s", file, got, want)
		}
	}
}

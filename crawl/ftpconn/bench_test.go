package ftpconn

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/jlaffaye/ftp"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// big serves a directory of 10,000 files by vsftpd.
func big(b *testing.B) crawl.Server {
	root := readable(b)
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("file-%05d.dat", i)), nil, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return at(b, realftp.Start(b, "vsftpd", root).Addr)
}

func BenchmarkList10k(b *testing.B) {
	server := big(b)
	c := open(b, listed(new(Dialer), server), server)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.List(b.Context(), crawl.Request{Path: "/"}, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(c.Stats().ListingBytes / max(c.Stats().DataConns, 1))
}

// The library's own List, for comparison: it parses and keeps all entries.
func BenchmarkLibrary10k(b *testing.B) {
	server := big(b)
	c, err := ftp.Dial(server.Addr(), ftp.DialWithDisabledMLSD(true))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Quit()
	if err := c.Login("anonymous", "x"); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if entries, err := c.List(""); err != nil || len(entries) != 10_000 {
			b.Fatal(len(entries), err)
		}
	}
}

package archive_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest/realftp"
)

// The zones of real servers whose machine is in Tokyo. vsftpd with use_localtime answers MDTM in local time too, so that
// nothing can be known of it.
func TestZoneOfRealServers(t *testing.T) {
	root, err := os.MkdirTemp("", "ftpidx-zone")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	modified := time.Now().Add(-50 * time.Hour).Truncate(time.Minute)
	name := filepath.Join(root, "news.txt")
	if err := os.WriteFile(name, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, modified, modified); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		server string
		env    []string
		zone   string
		known  bool
		off    time.Duration // of the times in the archive
	}{
		{"vsftpd", nil, "", false, 0},
		{"vsftpd", []string{"EXTRA=use_localtime=YES"}, "", false, 9 * time.Hour},
		{"pure-ftpd", nil, "+09:00", true, 0},
		{"proftpd", nil, "", true, 0},
	} {
		t.Run(c.server, func(t *testing.T) {
			s := realftp.Start(t, c.server, root, append(c.env, "TZ=Asia/Tokyo")...)
			dir := t.TempDir()
			crawler := newCrawler(dir)
			crawler.Dialer.(*ftpconn.Dialer).Listing = ftpconn.ListLIST // MLSD is in UTC everywhere
			report := run(t, crawler, seed(t, "ftp://"+s.Addr+"/"))
			a, err := archive.Open(dir, report.Server, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			f := a.Facts()
			if f.Zone != c.zone || f.ZoneEvidence.Known != c.known {
				t.Errorf("got %q, %+v, want %q", f.Zone, f.ZoneEvidence, c.zone)
			}
			for item, err := range a.Entries(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if item.Entry.Name == "news.txt" && !item.Entry.ModTime.Equal(modified.Add(c.off)) {
					t.Errorf("got %v, want %v", item.Entry.ModTime, modified.Add(c.off))
				}
			}
		})
	}
}

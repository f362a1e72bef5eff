package archive_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// Servers whose pathnames are not those of Unix are crawled to the end from the login directory, which is called "/".
func TestCrawlOfOtherSystems(t *testing.T) {
	t.Parallel()
	when := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	tree := ftptest.NewTree(when).File("A.TXT", 5, when).File("PUB/B.TXT", 5, when).File("PUB/DOC/C.TXT", 5, when).File("TMP/D.TXT", 5, when)
	flat := ftptest.NewTree(when).File("A.TXT", 5, when).File("PUB/B", 5, when).File("SYS1.PARMLIB/C", 5, when)
	asUnix := []string{"/A.TXT", "/PUB/", "/TMP/", "/PUB/B.TXT", "/PUB/DOC/", "/PUB/DOC/C.TXT", "/TMP/D.TXT"}
	for _, test := range []struct {
		name  string
		style *ftptest.Style
		tree  *ftptest.Tree
		want  []string
	}{
		{"Windows", ftptest.Windows(), tree, asUnix},
		{"IBM i", ftptest.OS400(), tree, asUnix},
		{"NetWare", ftptest.NetWare(), tree, asUnix},
		{"VMS", ftptest.VMS(), tree, asUnix},
		{"z/OS", ftptest.MVS(), flat, []string{"/A.TXT", "/PUB/", "/SYS1.PARMLIB/", "/PUB/B", "/SYS1.PARMLIB/C"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := serve(t, &ftptest.Server{FS: test.tree, Style: test.style})
			if report := run(t, newCrawler(dir), s); len(report.Counts.Missing) > 0 || report.Counts.Bad > 0 || report.Counts.Doubtful > 0 {
				t.Errorf("%+v", report.Counts)
			}
			if d := cmp.Diff(test.want, paths(t, dir, s.Server)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

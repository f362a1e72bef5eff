package archive_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/text/encoding/ianaindex"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// learned crawls a server and returns what was learned of it.
func learned(t *testing.T, dir string, s *ftptest.Server, change func(*crawl.Crawler)) crawl.Facts {
	t.Helper()
	if s.Addr == "" {
		serve(t, s)
	}
	c := newCrawler(dir)
	if s.Clock != nil {
		c.Now = s.Clock
	}
	if change != nil {
		change(c)
	}
	report := run(t, c, seed(t, s.URL))
	if report.State != crawl.Complete {
		t.Fatalf("got %s: %v, %+v", report.State, report.Err, report.Counts)
	}
	a, err := archive.Open(dir, report.Server, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	return a.Facts()
}

func encoded(t *testing.T, charset string, texts ...string) []string {
	t.Helper()
	e, err := ianaindex.IANA.Encoding(charset)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(texts))
	for i, text := range texts {
		if names[i], err = e.NewEncoder().String(text); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func TestCharsetIsLearned(t *testing.T) {
	t.Parallel()
	russian := []string{"Документы", "музыка", "Новая папка", "Отчёт за год.doc", "прайс-лист.xls", "Прочти меня.txt"}
	japanese := []string{"新しいフォルダ", "日本語.txt", "写真", "使い方.doc", "説明書.pdf", "お知らせ.html"}
	western := []string{"Bücher", "Français.pdf", "Größe.doc", "København.jpg", "canción.mp3", "São Paulo.jpg", "Übersicht.xls"}
	for _, c := range []struct {
		name  string
		names []string
		want  string
	}{
		{"ASCII", []string{"README", "a.tar"}, ""},
		{"UTF-8", slices.Concat(russian, japanese), "UTF-8"},
		{"windows-1251", encoded(t, "windows-1251", russian...), "windows-1251"},
		{"KOI8-R", encoded(t, "KOI8-R", russian...), "KOI8-R"},
		{"IBM866", encoded(t, "IBM866", russian...), "IBM866"},
		{"windows-1252", encoded(t, "windows-1252", western...), "windows-1252"},
		{"IBM850", encoded(t, "IBM850", western...), "IBM850"},
		{"IBM437", encoded(t, "IBM437", "BÜCHER", "français.txt", "größe.doc", "ESPAÑA", "résumé.doc"), "IBM437"},
		{"Shift_JIS", encoded(t, "Shift_JIS", japanese...), "Shift_JIS"},
		{"EUC-JP", encoded(t, "EUC-JP", japanese...), "EUC-JP"},
		{"GB18030", encoded(t, "GB18030", "新建文件夹", "中文说明.txt", "软件下载", "使用手册.pdf", "更新日志.txt"), "GB18030"},
		{"Big5", encoded(t, "Big5", "新資料夾", "中文說明.txt", "軟體下載", "使用手冊.pdf", "更新記錄.txt"), "Big5"},
		{"EUC-KR", encoded(t, "EUC-KR", "새 폴더", "한글 설명서.txt", "자료실", "사용설명서.pdf", "공지사항.hwp"), "EUC-KR"},
		{"UTF-8 and windows-1251", slices.Concat(russian, japanese, encoded(t, "windows-1251", russian...)), "UTF-8,windows-1251"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := ftptest.NewTree(epoch)
			for i, n := range c.names {
				tree.File(fmt.Sprintf("d%d/%s", i%3, n), 1, epoch)
			}
			f := learned(t, t.TempDir(), &ftptest.Server{FS: tree}, nil)
			if f.Charset != c.want || f.CharsetSet {
				t.Errorf("got %q, %+v, want %q", f.Charset, f.CharsetEvidence, c.want)
			}
		})
	}
}

func TestCharsetSetByTheUserStays(t *testing.T) {
	t.Parallel()
	tree := ftptest.NewTree(epoch)
	for _, n := range encoded(t, "KOI8-R", "Документы", "музыка", "Новая папка", "Отчёт") {
		tree.File(n, 1, epoch)
	}
	dir, server := t.TempDir(), &ftptest.Server{FS: tree}
	set := func(c *crawl.Crawler) { c.Charset, c.Zone = "windows-1251", "+03:00" }
	if f := learned(t, dir, server, set); f.Charset != "windows-1251" || f.CharsetEvidence.Charset != "KOI8-R" || f.Zone != "+03:00" {
		t.Errorf("set: got %+v", f)
	}
	if f := learned(t, dir, server, nil); f.Charset != "windows-1251" || f.Zone != "+03:00" {
		t.Errorf("the next time: got %+v", f)
	}
	auto := func(c *crawl.Crawler) { c.Charset, c.Zone = "auto", "auto" }
	if f := learned(t, dir, server, auto); f.Charset != "KOI8-R" || f.CharsetSet || f.ZoneSet {
		t.Errorf("back to auto: got %+v", f)
	}
}

func TestZoneIsLearned(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	local := func(s *ftptest.Session, c ftptest.Command) bool { // vsftpd with use_localtime=YES
		if c.Verb == "MDTM" {
			s.Reply(213, time.Date(2026, 11, 24, 14, 30, 0, 0, time.UTC).Format("20060102150405"))
			return true
		}
		return false
	}
	refuse := func(s *ftptest.Session, c ftptest.Command) bool {
		if c.Verb == "MDTM" {
			s.Reply(502, "Not implemented.")
			return true
		}
		return false
	}
	for _, c := range []struct {
		name   string
		server *ftptest.Server
		want   string
		known  bool
	}{
		{"+05:30", &ftptest.Server{Location: time.FixedZone("", 330*60)}, "+05:30", true},
		{"-08:00", &ftptest.Server{Location: time.FixedZone("", -8*3600)}, "-08:00", true},
		{"change of clock", &ftptest.Server{Location: berlin}, "Europe/Berlin", true},
		{"UTC", &ftptest.Server{Banner: "ProFTPD"}, "", true},
		{"UTC on vsftpd", &ftptest.Server{}, "", false},
		{"use_localtime", &ftptest.Server{Location: time.FixedZone("", 3600), Intercept: local}, "", false},
		{"no MDTM in FEAT", &ftptest.Server{Location: time.FixedZone("", 3600), Features: []string{"EPSV"}}, "", false},
		{"MDTM is refused", &ftptest.Server{Location: time.FixedZone("", 3600), Intercept: refuse}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := ftptest.NewTree(now.AddDate(-1, 0, 0))
			tree.File("pub/news.txt", 1, now.Add(-22*time.Hour).Add(-30*time.Minute))
			if c.name != "use_localtime" {
				tree.File("pub/summer.txt", 1, now.AddDate(0, -5, 0)).File("old", 1, now.AddDate(-3, 0, 0))
			}
			c.server.FS, c.server.Clock = tree, func() time.Time { return now }
			dir := t.TempDir()
			f := learned(t, dir, c.server, nil)
			if f.Zone != c.want || f.ZoneEvidence.Known != c.known || f.ZoneSet {
				t.Errorf("got %q, %+v, want %q", f.Zone, f.ZoneEvidence, c.want)
			}
			asked := c.server.Stats().Commands["MDTM"]
			if asked > 7 || c.known && asked == 0 {
				t.Errorf("MDTM was sent %d times", asked)
			}
			if c.known {
				// The times in the archive are right, also those listed before the zone was known.
				a, err := archive.Open(dir, seed(t, c.server.URL).Server, nil)
				if err != nil {
					t.Fatal(err)
				}
				for item, err := range a.Entries(t.Context(), nil) {
					if err != nil {
						t.Fatal(err)
					}
					want := map[string]time.Time{"news.txt": now.Add(-22*time.Hour - 30*time.Minute), "summer.txt": now.AddDate(0, -5, 0)}[item.Entry.Name]
					if !want.IsZero() && !item.Entry.ModTime.Equal(want) {
						t.Errorf("%s: got %v, want %v", item.Entry.Name, item.Entry.ModTime, want)
					}
				}
				a.Close()
				// The server is learned once.
				learned(t, dir, c.server, nil)
				if again := c.server.Stats().Commands["MDTM"]; again != asked {
					t.Errorf("the second crawl sent MDTM %d times", again-asked)
				}
			}
		})
	}
}

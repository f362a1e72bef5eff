package crawl

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/ianaindex"
)

// charsetNames are names as archives hold them, by charset.
var charsetNames = map[string][]string{
	"windows-1252": western1, "IBM850": western1, "IBM437": dosOnly,
	"windows-1251": russian1, "KOI8-R": russian1, "IBM866": russian1, "ISO-8859-5": russian1,
	"KOI8-U":       {"Звіт за рік.doc", "Українська мова.txt", "Фінанси і бюджет.xls", "історія України.pdf", "Київ.jpg", "Львів 2005.jpg", "пісні.zip"},
	"windows-1250": {"Zażółć gęślą jaźń.txt", "Książka.pdf", "wycieczka łódź.jpg", "Zpráva za měsíc.doc", "příručka uživatele.pdf", "Životopis.doc", "žádost.rtf", "śpiewnik.pdf"},
	"ISO-8859-2":   {"Zażółć gęślą jaźń.txt", "Książka.pdf", "wycieczka łódź.jpg", "Zpráva za měsíc.doc", "příručka uživatele.pdf", "žádost.rtf", "śpiewnik.pdf", "Šablony"},
	"IBM852":       {"Zażółć gęślą jaźń.txt", "Książka.pdf", "wycieczka łódź.jpg", "Zpráva za měsíc.doc", "příručka uživatele.pdf", "žádost.rtf", "śpiewnik.pdf", "Šablony"},
	"windows-1254": {"Türkçe dersleri.doc", "Yeni Klasör", "şarkılar", "İstanbul fotoğrafları", "kullanıcı kılavuzu.pdf", "güncellemeler"},
	"windows-1253": {"Έγγραφα", "Μουσική", "Νέος φάκελος", "εγχειρίδιο χρήσης.pdf", "φωτογραφίες 2006", "οδηγίες.txt"},
	"windows-1255": {"מסמכים", "תמונות", "מוזיקה", "מדריך למשתמש.pdf", "שירים חדשים"},
	"windows-1256": {"المستندات", "صور", "موسيقى", "دليل المستخدم.pdf", "ملف جديد.txt"},
	"Shift_JIS":    japanese1, "EUC-JP": japanese1,
	"GB18030": {"新建文件夹", "照片", "中文说明.txt", "软件下载", "音乐", "电影", "学习资料.doc", "使用手册.pdf", "北京大学", "安装程序.exe", "更新日志.txt"},
	"Big5":    {"新資料夾", "照片", "中文說明.txt", "軟體下載", "音樂", "電影", "學習資料.doc", "使用手冊.pdf", "台灣大學", "安裝程式.exe", "更新記錄.txt"},
	"EUC-KR":  {"새 폴더", "사진", "한글 설명서.txt", "자료실", "음악", "영화", "학습자료.doc", "사용설명서.pdf", "서울대학교", "설치파일.exe", "공지사항.hwp"},
}

var (
	western1 = []string{"Müller.txt", "Bücher", "Français.pdf", "Été 2003.jpg", "España", "canción.mp3", "Größe.doc", "København.jpg",
		"Übersicht.xls", "résumé.doc", "São Paulo.jpg", "Håndbok.pdf", "naïve.txt", "Straße.png", "Ålesund.jpg", "pâte à crêpes.txt"}
	dosOnly  = []string{"MÜLLER.TXT", "BÜCHER", "français.txt", "ESPAÑA", "größe.doc", "Ångström.txt", "résumé.doc", "pâté.txt", "Würfel ½.txt", "¿Qué¿.txt", "π und Ω.txt"}
	russian1 = []string{"Документы", "Новая папка", "музыка", "Фотографии 2004", "Отчёт за год.doc", "прайс-лист.xls", "ИНСТРУКЦИЯ.txt",
		"Лекции по физике", "Толстой - Война и мир.zip", "драйверы", "Прочти меня.txt", "Фильмы", "обновление", "ПО для Windows"}
	japanese1 = []string{"新しいフォルダ", "日本語.txt", "写真", "使い方.doc", "マイ ドキュメント", "説明書.pdf", "音楽", "東京大学", "プログラム", "お知らせ.html", "資料集", "更新履歴.txt"}
)

func encodeName(t *testing.T, charset, text string) string {
	t.Helper()
	e, err := ianaindex.IANA.Encoding(charset)
	if err != nil {
		t.Fatal(err)
	}
	name, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatalf("%s: %q: %v", charset, text, err)
	}
	return name
}

func decodeName(t *testing.T, charset, name string) string {
	t.Helper()
	e, err := ianaindex.IANA.Encoding(charset)
	if err != nil {
		t.Fatal(err)
	}
	text, err := e.NewDecoder().String(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func detect(names []string) CharsetEvidence {
	var d CharsetDetector
	for _, n := range names {
		d.Add(n)
	}
	return d.Evidence()
}

func encodeAll(t *testing.T, charset string, texts []string) []string {
	var names []string
	for _, text := range texts {
		names = append(names, encodeName(t, charset, text))
	}
	return names
}

func TestCharsetOfAServer(t *testing.T) {
	t.Parallel()
	for charset, texts := range charsetNames {
		names := encodeAll(t, charset, texts)
		e := detect(append(names, "README", "pub"))
		if e.Charset != charset && !sameText(t, e.Charset, charset, names) {
			t.Errorf("%s: found %+v", charset, e)
			continue
		}
		if !e.Sure() || e.Mixed != "" {
			t.Errorf("%s: got %+v, want to be sure and no mix", charset, e)
		}
		t.Logf("%s: %s", charset, &e)
	}
}

func sameText(t *testing.T, a, b string, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return decodeName(t, a, n) != decodeName(t, b, n) })
}

// One name is often enough; where it is not, the detector must not be sure of something wrong.
func TestCharsetOfFewNames(t *testing.T) {
	t.Parallel()
	right, wrong, unsure := 0, 0, 0
	for charset, texts := range charsetNames {
		for i := range texts {
			names := encodeAll(t, charset, texts[i:min(i+2, len(texts))])
			e := detect(names)
			switch {
			case e.Names == 0:
			case e.Charset == charset || e.Charset != "" && sameTextQuiet(e.Charset, charset, names):
				if right++; !e.Sure() {
					unsure++
				}
			case e.Sure():
				wrong++
				t.Logf("%s: %q: found %+v", charset, texts[i:min(i+2, len(texts))], e)
			default:
				unsure++
			}
		}
	}
	t.Logf("of names two and two: %d right, %d not sure, %d wrong", right, unsure, wrong)
	if wrong > right/20 {
		t.Errorf("%d sure and wrong, %d right", wrong, right)
	}
}

func sameTextQuiet(a, b string, names []string) bool {
	x, _ := ianaindex.IANA.Encoding(a)
	y, _ := ianaindex.IANA.Encoding(b)
	if x == nil || y == nil {
		return false
	}
	return !slices.ContainsFunc(names, func(n string) bool {
		s, _ := x.NewDecoder().String(n)
		t, _ := y.NewDecoder().String(n)
		return s != t
	})
}

func TestCharsetUTF8AndASCII(t *testing.T) {
	t.Parallel()
	if e := detect([]string{"README", "a.tar.gz"}); e.Charset != "" || e.Names != 0 || e.Sure() {
		t.Errorf("ASCII: got %+v", e)
	}
	var all []string
	for _, texts := range charsetNames {
		all = append(all, texts...)
	}
	if e := detect(all); e.Charset != "UTF-8" || !e.Sure() || e.Mixed != "" || e.UTF8 != e.Names {
		t.Errorf("UTF-8: got %+v", e)
	}
}

func TestCharsetMix(t *testing.T) {
	t.Parallel()
	koi, win := encodeAll(t, "KOI8-R", russian1), encodeAll(t, "windows-1251", russian1)
	for _, c := range []struct {
		name         string
		names        []string
		charset, mix string
	}{
		{"two Russian ones", append(slices.Repeat(win, 3), koi...), "windows-1251", "KOI8-R"},
		{"mostly UTF-8", append(slices.Repeat(russian1, 3), koi...), "UTF-8", "KOI8-R"},
		{"some UTF-8", append(slices.Repeat(koi, 3), russian1...), "KOI8-R", "UTF-8"},
		{"Japanese", append(encodeAll(t, "EUC-JP", japanese1), encodeAll(t, "Shift_JIS", japanese1[:6])...), "EUC-JP", "Shift_JIS"},
		{"a stray name is no mix", append(slices.Repeat(win, 10), koi[0]), "windows-1251", ""},
	} {
		e := detect(c.names)
		if e.Charset != c.charset || e.Mixed != c.mix || (e.Mixed != "") != (e.Others > 0) {
			t.Errorf("%s: got %+v, want %s mixed with %q", c.name, e, c.charset, c.mix)
		}
	}
}

// A few odd names, however long, do not outvote the others.
func TestCharsetIsNotDecidedByOneName(t *testing.T) {
	t.Parallel()
	names := encodeAll(t, "windows-1252", western1)
	names = append(names, strings.Repeat(encodeName(t, "Shift_JIS", "日本語"), 40))
	if e := detect(names); e.Charset != "windows-1252" {
		t.Errorf("got %+v", e)
	}
}

func TestCharsetOfBytesWithoutSense(t *testing.T) {
	t.Parallel()
	var d CharsetDetector
	for i := range 256 {
		d.Add(string([]byte{byte(i), 0xff, 0x80, byte(255 - i)}))
		d.Add(strings.Repeat(string([]byte{0x81}), 1000))
	}
	e := d.Evidence()
	_ = e.String()
}

func TestCharsetNamesAreReadable(t *testing.T) {
	t.Parallel()
	for _, m := range charsetModels() {
		if e, err := ianaindex.IANA.Encoding(m.name); err != nil || e == nil {
			t.Errorf("%s: %v", m.name, err)
		}
		if got, err := ParseCharset(m.name); err != nil || !strings.EqualFold(got, m.name) {
			t.Errorf("ParseCharset(%q) = %q, %v", m.name, got, err)
		}
	}
	for in, want := range map[string]string{
		"cp1251": "windows-1251", "CP866": "IBM866", "latin1": "ISO-8859-1", "sjis": "Shift_JIS", "utf8": "UTF-8", "UTF-8": "UTF-8",
		"koi8-r": "KOI8-R", "gbk": "GBK", "euc-kr": "EUC-KR", "cp437": "IBM437", "big5": "Big5",
	} {
		if got, err := ParseCharset(in); err != nil || got != want {
			t.Errorf("ParseCharset(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "nothing", "cp", "cp1"} {
		if got, err := ParseCharset(in); err == nil {
			t.Errorf("ParseCharset(%q) = %q, want an error", in, got)
		}
	}
}

func BenchmarkCharset(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"ascii", "README.txt"}, {"utf8", "Документы.txt"}, {"koi8", "\xe4\xcf\xcb\xd5\xcd\xc5\xce\xd4\xd9.txt"}} {
		b.Run(c.name, func(b *testing.B) {
			var d CharsetDetector
			b.ReportAllocs()
			for b.Loop() {
				d.Add(c.text)
			}
		})
	}
}

func FuzzCharset(f *testing.F) {
	f.Add("\x81\x30\x81\x30", "\xe9t\xe9")
	f.Fuzz(func(t *testing.T, a, b string) {
		e := detect([]string{a, b})
		_ = e.String()
	})
}

// In pathnames and listings printable ASCII stands for itself: charsets in which it does not cannot be those of a server.
func TestCharsetsKeepASCII(t *testing.T) {
	for _, s := range []string{"utf-16", "UTF-16LE", "utf-16be", "cp037", "IBM1047"} {
		if name, err := ParseCharset(s); err == nil {
			t.Errorf("%s is %s", s, name)
		}
	}
	for _, s := range []string{
		"utf-8", "latin1", "cp1251", "koi8-r", "cp437", "IBM866", "sjis", "euc-jp", "iso-2022-jp", "gbk", "gb18030", "hz-gb-2312", "big5", "euc-kr", "macintosh",
	} {
		if _, err := ParseCharset(s); err != nil {
			t.Error(err)
		}
	}
}

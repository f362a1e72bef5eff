package indextest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

// words are the parts of generated names: plain, in several scripts, and awkward.
var words = []string{
	"ubuntu", "Linux", "linux", "wget", "README", "readme", "Makefile", "foo", "bar", "foobar", "a", "b", "ab", "aa", "aaa",
	"x", "SHA256SUMS", "Résumé", "re\u0301sume\u0301", "straße", "STRASSE", "カタログ", "ｶﾀﾛｸﾞ", "が", "か", "東京", "ΣΊΣΥΦΟΣ", "σίσυφος",
	"ﬁle", "file", "Ａｂｃ", "ёлка", "елка", "й", "İstanbul", "ıssız", "Øre", "ægir", "한글", "שָלוֹם", "กำ", "½", "ǆ",
	"1.2", "24.04", "1999", "[1999]", "(demo)", "{x,y}", "*", "?", "^$", "\\", "\"q\"", "'", "-", "--", "!", "OR", "|", "&", "%41",
	"caf\xe9", "\xff\xfe", "\x80", "tab\there", "nul\x00byte", "new\u2028line", "\u200bzw\u200d", "e\u0301\u0323",
	"size:1", "ftp:", "🙂", "\U0001F1E9\U0001F1EA", "of", "the", "core", "tar", "gz", "iso",
}

// odd are names of which nothing is left when they are folded, and names that begin with what stands for no letter.
var odd = []string{"\u200b", "\u0301", "\ufeff\u00ad", "\u200b\u200b", "\x01z", "\x02a", "\x03", "\x04\x01", "\x02ab", "\x01", "\x1b[31m"}

var separators = []string{"-", "_", ".", " ", "", "", "\u00a0", "\u3000", "+"}

var extensions = []string{
	"", "", ".iso", ".ISO", ".tar.gz", ".tar", ".gz", ".txt", ".c", ".h", ".mp3", ".zip", ".jpg", ".JPEG", ".é", ".tar.xz",
	".1", ".", "..x", ".html", ".exe", ".ts", ".ｔｘｔ",
}

// A generator makes documents and queries; the same ones for the same seed.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](g generator, list []T) T { return list[g.IntN(len(list))] }

func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// Generate returns about n documents of several servers, with the directories above each, made to be hard: names in
// many scripts and none, the same names in other letters, sizes and times at the borders of what queries tell apart,
// copies, much that is not known. Copies are counted.
func Generate(seed uint64, n int) []*index.Document {
	g := newGenerator(seed)
	servers := []*index.Server{
		{Scheme: "ftp", Host: "ftp.linux.example", Port: 21},
		{Scheme: "ftp", Host: "mirror.uni.example", Port: 21},
		{Scheme: "ftpes", Host: "mirror.uni.example", Port: 2121, User: "bob", LoginDir: "/home/bob"},
		{Scheme: "ftp", Host: "10.1.2.3", Port: 21},
		{Scheme: "ftps", Host: "10.11.2.3", Port: 990, User: "Ann Lee"},
		{Scheme: "ftp", Host: "2001:db8::1", Port: 21},
		{Scheme: "ftp", Host: "xn--mnchen-3ya.example", Port: 2121},
		{Scheme: "ftp", Host: "wget.example", Port: 21, Charset: "windows-1251"},
		{Scheme: "ftp", Host: "a", Port: 21, Charset: "Shift_JIS"},
	}
	var docs []*index.Document
	for i, s := range servers {
		dirs := []string{"/"}
		taken := map[string]bool{}
		for range n/len(servers) + i {
			d := g.document(s, pick(g, dirs))
			if g.oneIn(8) && len(docs) > 0 { // a copy, or nearly one
				old := pick(g, docs)
				d.Name, d.Size, d.Type = old.Name, old.Size, old.Type
			}
			if taken[d.Path()] {
				continue
			}
			taken[d.Path()] = true
			if d.Type == index.Dir && strings.Count(d.Dir, "/") < 6 {
				dirs = append(dirs, d.Path())
			}
			docs = append(docs, d)
		}
	}
	CountCopies(docs)
	return docs
}

func (g generator) name() string {
	if g.oneIn(30) {
		return pick(g, odd)
	}
	for {
		var b strings.Builder
		if g.oneIn(15) {
			b.WriteByte('.')
		}
		for i := range 1 + g.IntN(3) {
			if i > 0 {
				b.WriteString(pick(g, separators))
			}
			b.WriteString(pick(g, words))
		}
		b.WriteString(pick(g, extensions))
		if g.oneIn(300) {
			b.WriteString(strings.Repeat(pick(g, words), 100))
		}
		if s := b.String(); s != "." && s != ".." {
			return s
		}
	}
}

// sizes are borders of size classes and of what one digit of a size stands for.
var sizes = []int64{
	0, 1, 2, 50, 1023, 1024, 1025, 1535, 1536, 4095, 4096, 4097, 10<<10 - 1, 10 << 10, 100<<10 - 1, 100 << 10, 1<<20 - 1, 1 << 20,
	5000000, 16<<20 - 1, 16 << 20, 128<<20 - 1, 128 << 20, 700 << 20, 701<<20 - 1, 701 << 20, 1 << 30, 6114656256, 1 << 40, 1<<63 - 2, 1<<63 - 1,
}

func (g generator) document(s *index.Server, dir string) *index.Document {
	e := &parse.Entry{
		Name: g.name(), Size: pick(g, sizes), Perm: parse.Perm(g.IntN(0o10000)),
		Owner: pick(g, []string{"ftp", "root", "Bob", "1001", ""}), Group: pick(g, []string{"staff", "wheel", "", "Domänen-Benutzer"}),
	}
	e.Type = pick(g, []parse.Type{parse.File, parse.File, parse.File, parse.File, parse.Dir, parse.Dir, parse.Link, parse.Device, parse.Unknown})
	if g.oneIn(8) {
		e.Size = -1
	}
	if g.oneIn(8) {
		e.Perm = parse.NoPerm
	} else {
		e.Mode = e.Perm.String()
	}
	if e.Type == parse.Link && !g.oneIn(5) {
		e.Target = pick(g, []string{"../", "/", "", "v2.6/"}) + g.name()
	}
	if !g.oneIn(8) {
		e.ModTime, e.Precision = g.moment()
	}
	var added, seen time.Time
	if !g.oneIn(3) {
		seen = Now.Add(-time.Duration(g.IntN(400*24)) * time.Hour)
		if g.oneIn(2) {
			added = seen.Add(-time.Duration(g.IntN(100000)) * time.Second)
		}
	}
	d := index.NewDocument(s, dir, e, added, seen)
	d.Name = e.Name
	return d
}

// moment returns a time and its precision, near borders of days and years, some in the future.
func (g generator) moment() (time.Time, parse.Precision) {
	p := pick(g, []parse.Precision{parse.Day, parse.Minute, parse.Second, parse.Subsecond})
	t := time.Date(pick(g, []int{1969, 1970, 1994, 2003, 2019, 2023, 2024, 2024, 2025, 2026, 2026, 2027, 2031, 2107}),
		time.Month(1+g.IntN(12)), 1+g.IntN(31), pick(g, []int{0, 0, 12, 23}), pick(g, []int{0, 59}), pick(g, []int{0, 59}), g.IntN(1e9), time.UTC)
	if g.oneIn(4) {
		t = Now.Add(-time.Duration(g.IntN(40*24)) * time.Hour)
	}
	return t.Truncate(max(p.Duration(), 1)), p
}

// GenerateQueries returns n queries about docs. Not all need be right.
func GenerateQueries(seed uint64, n int, docs []*index.Document) []string {
	g := newGenerator(seed)
	list := make([]string, n)
	for i := range list {
		list[i] = g.or(docs, 0)
		if g.oneIn(6) {
			list[i] += " sort:" + pick(g, []string{"", "-"}) + pick(g, sortNames)
		}
		if g.oneIn(8) {
			list[i] += " case:" + pick(g, []string{"yes", "auto"})
		}
	}
	return list
}

var sortNames = []string{"rank", "name", "path", "size", "date", "ext", "type", "host", "depth", "added", "seen", "copies"}

func (g generator) or(docs []*index.Document, depth int) string {
	s := g.and(docs, depth)
	for g.oneIn(4) {
		s += pick(g, []string{" | ", " OR "}) + g.and(docs, depth)
	}
	return s
}

func (g generator) and(docs []*index.Document, depth int) string {
	s := g.unary(docs, depth)
	for range g.IntN(3) {
		s += " " + g.unary(docs, depth)
	}
	return s
}

func (g generator) unary(docs []*index.Document, depth int) string {
	not := ""
	if g.oneIn(6) {
		not = pick(g, []string{"-", "!", "NOT "})
	}
	if depth < 3 && g.oneIn(6) {
		return not + "(" + g.or(docs, depth+1) + ")"
	}
	if g.oneIn(12) {
		return "(" + g.leaf(docs) + " case:" + pick(g, []string{"yes", "no", "auto"}) + ")"
	}
	return not + g.leaf(docs)
}

// leaf returns a leaf that is likely to select one of docs.
func (g generator) leaf(docs []*index.Document) string {
	d := &index.Document{Server: &index.Server{Host: "a", Port: 21}, Dir: "/pub", Name: "wget"}
	if len(docs) > 0 {
		d = pick(g, docs)
	}
	name := d.NameText()
	if g.oneIn(2) {
		return g.term(name)
	}
	size := pick(g, sizes)
	date := pick(g, []string{"2024", "2024-01", "2023-12-31", "today", "yesterday", "7d", "1y", "2003-06-01", "2026-11-20T12:00", "2024-01-01T00:00:59Z", "36h"})
	op := pick(g, []string{"", "", "=", "<", "<=", ">", ">="})
	return pick(g, []func() string{
		func() string { return "name:" + g.term(name) },
		func() string { return "name:=" + quoted(name) },
		func() string { return "path:" + g.term(d.PathText()) },
		func() string { return "path:=" + quoted(d.PathText()) },
		func() string { return quoted(g.part(d.PathText())) },
		func() string { return "in:" + quoted(d.DirText()) },
		func() string { return "in:" + quoted(lastElement(d.DirText())) },
		func() string { return "in:" + quoted(g.part(d.DirText())) + "*" },
		func() string { return "parent:" + quoted(d.DirText()) },
		func() string { return "parent:*" + quoted(lastElement(d.DirText())) },
		func() string { return "target:" + quoted(g.part(d.TargetText())) },
		func() string { return "target:*" + quoted(g.part(d.TargetText())) + "*" },
		func() string {
			return "ext:" + pick(g, []string{"iso", "tar.gz,gz", `""`, "t*", "é", "txt;.c", "{iso,gz}"})
		},
		func() string {
			return "kind:" + pick(g, []string{"image", "audio,video", "archive", "disk", "code", "exe", "doc"})
		},
		func() string { return "type:" + pick(g, []string{"file", "dir", "link", "other", "f,d"}) },
		func() string { return pick(g, []string{"file:", "folder:", "link:"}) + g.term(name) },
		func() string {
			return "host:" + pick(g, []string{"linux", "example", "uni.example", "=mirror.uni.example", "10.1", "10.0.0.0/8", "10.1.2.3",
				"[2001:db8::1]", "*.example", "bob@mirror.uni.example", "mirror.uni.example:2121", "bob@*", "*:2121", "a,wget.example", "ann\\ lee@10."})
		},
		func() string { return "owner:" + pick(g, []string{"root", "bob", "1*", `""`, "ftp,root"}) },
		func() string { return "group:" + pick(g, []string{"staff", "domanen-benutzer", `""`, "w*"}) },
		func() string { return fmt.Sprintf("size:%s%d", op, size) },
		func() string { return fmt.Sprintf("size:%d..%d", size, size+int64(g.IntN(1<<20))) },
		func() string {
			return "size:" + pick(g, []string{"empty", "tiny", "small", "medium", "large", "huge", "gigantic", "unknown", "700mb", "1.5k", "1k..1m"})
		},
		func() string { return "date:" + op + date },
		func() string { return pick(g, []string{"after:", "before:", "seen:", "added:"}) + date },
		func() string {
			return pick(g, []string{"date:unknown", "date:2019..2024-06", "date:..2003", "seen:>30d", "added:<30d"})
		},
		func() string {
			return "perm:" + pick(g, []string{"0644", "-022", "/022", "o+w", "u+s", "+x", "/000", "=0755"})
		},
		func() string { return fmt.Sprintf("depth:%s%d", op, 1+g.IntN(4)) },
		func() string { return "copies:" + pick(g, []string{">1", "1", ">=3", "2..3"}) },
		func() string { return strings.ReplaceAll(d.URL(), "|", "%7C") },
	})()
}

// term returns a term or pattern found in text.
func (g generator) term(text string) string {
	part := g.part(text)
	switch g.IntN(12) {
	case 0:
		return "*" + quoted(part) + "*"
	case 1:
		return quoted(part) + "*"
	case 2:
		return "*" + quoted(part)
	case 3:
		return "*[a-m]" + quoted(part) + "?*"
	case 4:
		return "*{" + quoted(part) + "," + quoted(g.part(pick(g, words[:20]))) + "}*"
	case 5:
		return pick(g, []string{"/^[a-f]/", "/[0-9]+$/", "/(wget|linux).*[a-z]/", "/.é/", `/\.(iso|gz)$/`, "/^.{3,9}$/", `/a\ b|o.b/`})
	case 6:
		return strings.ToUpper(quoted(part))
	case 7:
		return pick(g, []string{"a", "b", "1", ".c", "é", "が", "wget", "linux", "readme", "example", "pub"})
	}
	return quoted(part)
}

// part returns some characters of text that stand together.
func (g generator) part(text string) string {
	r := []rune(text)
	if len(r) == 0 {
		return "x"
	}
	i := g.IntN(len(r))
	return string(r[i:min(len(r), i+1+g.IntN(6))])
}

func lastElement(dir string) string {
	if dir == "/" {
		return dir
	}
	return dir[strings.LastIndexByte(dir, '/')+1:]
}

// quoted writes text between quotes.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

package ftptest

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"
)

// Mirror returns a small archive as a university might have kept one in 2009 and never cleaned up since:
// about a hundred directories and a thousand files that a person would search for, of all ages up to now, with a few
// links and one directory that nobody may enter. The same now gives the same tree.
func Mirror(now time.Time) *Tree {
	now = now.UTC().Truncate(time.Second)
	r := rand.New(rand.NewPCG(1971, 959)) // the year of the first FTP and the number of its RFC
	ago := func(days int) time.Time {
		return now.Add(-time.Duration(days)*24*time.Hour - time.Duration(r.IntN(86400))*time.Second)
	}
	size := func(typical int64) int64 { return typical/2 + r.Int64N(typical) }
	t := NewTree(ago(3))

	t.Add("welcome.msg", Node{Data: "Welcome to this archive. Be gentle.\n", ModTime: ago(2000)})
	t.Add("robots.txt", Node{Data: "User-agent: *\nDisallow: /incoming/\n", ModTime: ago(900)})
	t.Add("incoming", Node{Mode: fs.ModeDir | 0o730, ModTime: ago(1)})
	t.Add("lost+found", Node{Mode: fs.ModeDir | 0o700, ModTime: ago(4000), Meta: &Meta{Owner: "0", Group: "0", Links: 2}})

	age := 5200
	for major := 4; major <= 6; major++ {
		dir := fmt.Sprintf("pub/linux/kernel/v%d.x/", major)
		for minor := range 20 {
			age -= 80
			v := fmt.Sprintf("%d.%d", major, minor)
			when := ago(max(age, 2))
			t.File(dir+"linux-"+v+".tar.xz", size(100<<20), when)
			t.File(dir+"linux-"+v+".tar.sign", 989, when)
			t.File(dir+"ChangeLog-"+v, size(2<<20), when)
			t.File(dir+"patch-"+v+".xz", size(12<<20), when)
		}
	}
	t.Add("pub/linux/kernel/latest", Node{Mode: fs.ModeSymlink | 0o777, Target: "v6.x/linux-6.19.tar.xz"})

	for i, release := range []string{"lenny", "squeeze", "wheezy", "jessie", "bookworm"} {
		when := ago(6000 - 1150*i)
		for _, arch := range []string{"amd64", "i386"} {
			dir := "pub/debian-cd/" + release + "/" + arch + "/"
			for n := 1; n <= 6; n++ {
				t.File(fmt.Sprintf("%siso-cd/debian-%d.0.%d-%s-CD-%d.iso", dir, 5+i, n, arch, n), size(640<<20), when)
			}
			t.File(dir+"iso-cd/MD5SUMS", 1021, when)
			t.File(dir+"iso-dvd/debian-"+release+"-"+arch+"-DVD-1.iso", 4_700_372_992, when)
			t.File(dir+"jigdo-cd/debian-"+release+"-"+arch+"-netinst.jigdo", size(20<<10), when)
		}
	}
	t.Add("pub/debian-cd/current", Node{Mode: fs.ModeSymlink | 0o777, Target: "bookworm"})

	for _, p := range []string{"bash", "binutils", "coreutils", "ed", "emacs", "gawk", "gcc", "gdb", "grep", "gzip", "hello", "make", "sed", "tar", "wget"} {
		for v := 1; v <= 8; v++ {
			when := ago(7000 - 600*v - r.IntN(300))
			name := fmt.Sprintf("pub/gnu/%s/%s-%d.%d.tar.gz", p, p, 1+v/3, v)
			t.File(name, size(4<<20), when)
			t.File(name+".sig", 72, when)
		}
	}
	for n := 1; n <= 260; n++ {
		num := n * 31
		t.File(fmt.Sprintf("pub/rfc/rfc%d.txt", num), size(60<<10), ago(9000-num))
	}
	t.File("pub/rfc/rfc959.txt", 147_316, ago(9000)).File("pub/rfc/rfc3659.txt", 137_962, ago(7000)).File("pub/rfc/rfc-index.txt", 1_480_112, ago(7))

	for _, f := range strings.Fields("doom/doom19s.zip doom/doom.wad.zip doom/levels/hangar.zip doom/levels/e1m1-remix.zip quake/quake106.zip quake/q1shareware.lha " +
		"keen/1keen.zip keen/4keen14.zip duke/3dduke13.zip commander/readme.txt tetris/tetris.arj nethack/nethack-3.4.3.tgz rogue/rogue5.4.tar.Z") {
		t.File("pub/games/"+f, size(3<<20), ago(5000+r.IntN(3000)))
	}
	for disc := 1; disc <= 3; disc++ {
		for track := 1; track <= 12; track++ {
			t.File(fmt.Sprintf("pub/music/Live at the Plant/Disc %d/%02d - Track %d.flac", disc, track, track), size(30<<20), ago(1400+disc))
		}
		t.File(fmt.Sprintf("pub/music/Live at the Plant/Disc %d/cover.jpg", disc), size(300<<10), ago(1400+disc))
	}
	for year := 2019; year <= 2024; year++ {
		for month := 1; month <= 12; month++ {
			t.File(fmt.Sprintf("pub/climate/%d/temperature-%d-%02d.csv.gz", year, year, month), size(700<<10),
				time.Date(year, time.Month(month)+1, 2, 4, 30, r.IntN(60), 0, time.UTC))
		}
	}
	for day := range 60 {
		when := ago(day)
		t.File("pub/logs/transfer-"+when.Format("2006-01-02")+".log.gz", size(90<<10), when)
	}
	t.File("pub/docs/Résumé of holdings.pdf", size(1<<20), ago(300)).
		File("pub/docs/日本語の索引.txt", size(40<<10), ago(500)).
		File("pub/docs/caf\xe9.txt", 812, ago(8000)). // Latin-1, from before UTF-8 came
		File("pub/docs/.message", 120, ago(3000)).
		Dir("pub/empty")
	return t
}

// Grow adds n directories below dir, each with files files, as a wide and sometimes deep tree: directory
// number i lies in directory number (i−1)/fan. The names are dNNNNN and fNNN.dat; sizes and dates derive
// from the numbers. It is for tests that need many directories.
func (t *Tree) Grow(dir string, n, fan, files int) *Tree {
	paths := make([]string, n)
	for i := range n {
		parent := dir
		if i > 0 {
			parent = paths[(i-1)/fan]
		}
		paths[i] = fmt.Sprintf("%s/d%05d", parent, i)
		t.Add(paths[i], Node{Mode: fs.ModeDir | 0o755})
		for f := range files {
			t.File(fmt.Sprintf("%s/f%03d.dat", paths[i], f), int64(i*1000+f), time.Unix(1e9+int64(i)*3600, 0).UTC())
		}
	}
	return t
}

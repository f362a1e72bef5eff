package parse_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// When the listings of the examples were made.
var listed = time.Date(2011, 8, 12, 12, 0, 0, 0, time.UTC)

func ExampleReadAll() {
	listing := strings.NewReader(`total 52
drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic
-rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 rock list.txt
ls: closed: Permission denied
`)
	entries, bad, err := parse.ReadAll(listing, &parse.Options{Now: listed})
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range entries {
		fmt.Println(e.Type, e.Size, e.ModTime.Format(time.RFC3339), e.Precision, e.Name)
	}
	fmt.Println(len(bad), "lines were not understood")
	// Output:
	// dir 4096 2011-03-09T17:04:00Z minute attic
	// file 183502 2009-11-30T00:00:00Z day rock list.txt
	// 0 lines were not understood
}

func ExampleReader_All() {
	listing := strings.NewReader("03-09-11  05:04PM       <DIR>          attic\r\n11-30-09  08:00AM               183502 rock list.txt\r\n")
	r := parse.NewReader(listing, nil)
	for e, err := range r.All() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Type, e.Name)
	}
	fmt.Println(r.Format(), r.InputOffset())
	// Output:
	// dir attic
	// file rock list.txt
	// dos 100
}

// A line that is bad in one column but sure in name and type is an entry and an error. A caller
// that must not miss a directory takes the entry; a strict one takes the error.
func ExampleReader_Read() {
	r := parse.NewReader(strings.NewReader("drwxr-xr-x   4 wilma    quarry       4096 Feb 30 17:04 attic\nwhat is this?\n"), nil)
	for range 2 {
		e, err := r.Read()
		var bad *parse.SyntaxError
		if errors.As(err, &bad) {
			fmt.Printf("line %d: %v\n", bad.Line, bad.Err)
		}
		if e.Name != "" {
			fmt.Println("  but", e.Type, e.Name, "is there")
		}
		fmt.Println(errors.Is(err, parse.ErrTime))
	}
	// Output:
	// line 1: bad time
	//   but dir attic is there
	// true
	// line 2: not a line of any known format
	// false
}

func ExampleReader_Reset() {
	r := parse.NewReader(nil, &parse.Options{Now: listed}) // one buffer for many listings
	for _, listing := range []string{"type=dir; attic\r\n", "+/,\tattic\r\n"} {
		r.Reset(strings.NewReader(listing))
		e, err := r.Read()
		fmt.Println(r.Format(), e.Name, err)
	}
	// Output:
	// mlsx attic <nil>
	// eplf attic <nil>
}

func ExampleDetect() {
	fmt.Println(parse.Detect([]byte("ATTIC.DIR;1   1/16   9-MAR-2011 17:04:33  [WILMA]  (RWE,RWE,RE,RE)\r\n")))
	fmt.Println(parse.Detect([]byte("what is this?\r\n")))
	// Output:
	// vms
	// auto
}

// The zone is that of the server's clock, and Now is when the listing was made: together they tell the
// year of a date that has none.
func ExampleOptions() {
	line := "-rw-r--r--   1 wilma    quarry     183502 Aug 13 01:30 rock list.txt\n"
	tokyo := time.FixedZone("Asia/Tokyo", 9*60*60)
	for _, o := range []*parse.Options{
		{Now: listed, Location: tokyo}, // 24 hours may be between two clocks
		{Now: listed.AddDate(0, 0, -2), Location: tokyo},
	} {
		entries, _, err := parse.ReadAll(strings.NewReader(line), o)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(entries[0].ModTime.Format(time.RFC3339))
	}
	// Output:
	// 2011-08-13T01:30:00+09:00
	// 2010-08-13T01:30:00+09:00
}

func ExampleOptions_trace() {
	listing := "total 4\ndrwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic\n"
	_, _, err := parse.ReadAll(strings.NewReader(listing), &parse.Options{
		Now: listed,
		Trace: func(l parse.Line) {
			fmt.Printf("%d %s %s\n", l.Number, l.Verdict, l.Format)
			for _, c := range l.Columns {
				fmt.Printf("  %s: %s\n", c.Name, l.Text[c.Start:c.End])
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 noise auto
	// 2 entry unix
	//   mode: drwxr-xr-x
	//   links: 4
	//   owner: wilma
	//   group: quarry
	//   size: 4096
	//   time: Mar  9 17:04
	//   name: attic
}

func ExampleEntry_Fact() {
	entries, _, err := parse.ReadAll(strings.NewReader("type=file;perm=adfrw;media-type=text/plain; rock list.txt\r\n"), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(entries[0].Fact("Media-Type"))
	fmt.Println(entries[0].Fact("lang"))
	// Output:
	// text/plain true
	//  false
}

func ExampleEntry_FileInfo() {
	entries, _, err := parse.ReadAll(strings.NewReader("drwxrwxrwt   4 wilma    quarry       4096 Mar  9 17:04 attic\n"), &parse.Options{Now: listed})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fs.FormatFileInfo(entries[0].FileInfo()))
	// Output: dtrwxrwxrwx 4096 2011-03-09 17:04:00 attic/
}

func ExampleEntry_IsDir() {
	entries, _, err := parse.ReadAll(strings.NewReader("WILMA   20480 09/03/11 17:04:33 *DIR   attic/\r\n"), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(entries[0].Name, entries[0].IsDir(), entries[0].Format)
	// Output: attic true os400
}

// Formats are words in text, so that they can stand in flags and JSON.
func ExampleFormat() {
	var config struct{ Format parse.Format }
	if err := json.Unmarshal([]byte(`{"Format": "netware"}`), &config); err != nil {
		log.Fatal(err)
	}
	fmt.Println(config.Format, "is", config.Format.Title())
	err := json.NewEncoder(os.Stdout).Encode(map[string]parse.Format{"format": parse.MLSx})
	fmt.Println(err)
	// Output:
	// netware is Novell NetWare
	// {"format":"mlsx"}
	// <nil>
}

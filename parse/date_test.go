package parse

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// gnuDate prints t as GNU ls does: without the year within the six months before now, else with it. Files
// dated later than now have the year.
func gnuDate(t, now time.Time) (text string, recent bool) {
	const halfYear = 31556952 / 2 * time.Second
	if recent = t.After(now.Add(-halfYear)) && !t.After(now); recent {
		return t.Format("Jan _2 15:04"), true
	}
	return t.Format("Jan _2  2006"), false
}

// bsdDate prints t as BSD ls does: without the year from six months before now to six months after.
func bsdDate(t, now time.Time) (text string, recent bool) {
	const halfYear = (365 / 2) * 24 * time.Hour
	if recent = t.After(now.Add(-halfYear)) && t.Before(now.Add(halfYear)); recent {
		return t.Format("Jan _2 15:04"), true
	}
	return t.Format("Jan _2  2006"), false
}

// For a file of every day of years before and after now, whatever GNU and BSD ls print of it, with the server's
// clock up to 14 hours ahead of or behind ours, the time read is the time of the file, to the printed precision.
//
// It cannot be known of a file that BSD ls shows without a year although it is more than 24 hours ahead of our
// clock: that is read as a year earlier (or the last leap year, for February 29).
func TestYearRuleGivesBackWhatLsPrinted(t *testing.T) {
	nows := []time.Time{
		time.Date(2011, 3, 9, 17, 4, 33, 0, time.UTC),
		time.Date(2012, 2, 29, 0, 0, 0, 0, time.UTC),
		time.Date(2012, 3, 1, 23, 59, 59, 0, time.UTC),
		time.Date(2011, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2100, 6, 30, 12, 0, 0, 0, time.UTC),
	}
	if testing.Short() {
		nows = nows[:2]
	}
	for _, ours := range nows {
		for offset := -14; offset <= 14; offset += 2 {
			// The server's clock shows another time than ours, which is all that we know.
			theirs := ours.Add(time.Duration(offset) * time.Hour)
			var p parser
			p.init(&Options{Now: ours, Location: time.UTC})
			for day := -500; day <= 250; day++ {
				for _, minute := range []int{0, 1, 17*60 + 4, 24*60 - 1} {
					file := time.Date(ours.Year(), ours.Month(), ours.Day()+day, 0, minute, 0, 0, time.UTC)
					for _, ls := range []func(t, now time.Time) (string, bool){gnuDate, bsdDate} {
						text, recent := ls(file, theirs)
						if v := readUnix(&p, "-rw-r--r-- 1 wilma quarry 5 "+text+" x"); v != VerdictEntry {
							t.Fatalf("%s: %v", text, v)
						}
						want, precision := file, Minute
						switch {
						case !recent:
							want, precision = file.Truncate(24*time.Hour), Day
						case file.After(ours.Add(24 * time.Hour)):
							want = time.Date(file.Year()-1, file.Month(), file.Day(), 0, minute, 0, 0, time.UTC)
							for want.Day() != file.Day() {
								want = time.Date(want.Year()-1, file.Month(), file.Day(), 0, minute, 0, 0, time.UTC)
							}
						}
						if !p.e.ModTime.Equal(want) || p.e.Precision != precision {
							t.Fatalf("ours %v, server's %+d h, %q: got %v (%v), want %v (%v)", ours, offset, text, p.e.ModTime, p.e.Precision, want, precision)
						}
					}
				}
			}
		}
	}
}

func TestYearRuleAtItsEdges(t *testing.T) {
	for _, c := range []struct {
		now, text, want string
	}{
		{"2011-03-09T17:04:00Z", "Mar 10 17:04", "2011-03-10T17:04"}, // exactly 24 hours ahead
		{"2011-03-09T17:03:59Z", "Mar 10 17:04", "2010-03-10T17:04"},
		{"2011-12-31T23:00:00Z", "Jan  1 22:59", "2012-01-01T22:59"},
		{"2011-12-31T23:00:00Z", "Jan  1 23:01", "2011-01-01T23:01"},
		{"2012-01-01T00:00:00Z", "Dec 31 23:59", "2011-12-31T23:59"},
		{"2012-02-28T12:00:00Z", "Feb 29 12:00", "2012-02-29T12:00"},
		{"2012-02-28T12:00:00Z", "Feb 29 12:01", "2008-02-29T12:01"},
		{"2011-07-01T12:00:00Z", "Feb 29 12:00", "2008-02-29T12:00"},
		{"1901-07-01T12:00:00Z", "Feb 29 12:00", "1896-02-29T12:00"}, // 1900 had none
		{"2011-12-30T23:59:59Z", "Dec 31 24:00", "2011-01-01T00:00"}, // the end of the day
		{"2011-12-31T00:00:00Z", "Dec 31 24:00", "2012-01-01T00:00"},
		{"2011-03-09T17:04:00+14:00", "Mar 10 03:04", "2011-03-10T03:04"}, // the zone is that of the listing, here UTC
	} {
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		entries, _, _ := ReadAll(strings.NewReader("-rw-r--r-- 1 wilma quarry 5 "+c.text+" x"), &Options{Now: now})
		if len(entries) != 1 || entries[0].ModTime.Format("2006-01-02T15:04") != c.want {
			t.Errorf("now %s, %q: got %v, want %s", c.now, c.text, entries, c.want)
		}
	}
	// The server's wall clock counts: at 23:30 in UTC it is the next day in Berlin.
	berlin := time.FixedZone("", 3600)
	entries, _, _ := ReadAll(strings.NewReader("-rw-r--r-- 1 wilma quarry 5 Mar 11 00:30 x"), &Options{
		Now: time.Date(2011, 3, 9, 23, 30, 0, 0, time.UTC), Location: berlin})
	if len(entries) != 1 || entries[0].ModTime.Year() != 2011 {
		t.Errorf("got %v, want 2011", entries)
	}
}

func TestDaysSinceEpochAgreesWithTimeDate(t *testing.T) {
	for y := -10; y < 3000; y += 7 {
		for m := 1; m <= 12; m++ {
			for _, d := range []int{1, 28} {
				if got, want := daysSinceEpoch(y, m, d)*86400, time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix(); got != want {
					t.Fatalf("%d-%d-%d: got %d, want %d", y, m, d, got, want)
				}
			}
		}
	}
	for y := 1999; y < 2005; y++ {
		for d := range 366 {
			day := time.Date(y, 1, 1+d, 0, 0, 0, 0, time.UTC)
			if got := daysSinceEpoch(day.Year(), int(day.Month()), day.Day()); got != day.Unix()/86400 {
				t.Fatalf("%v: got %d", day, got)
			}
		}
	}
}

// In a zone with summer time, times come out as time.Date has them, by both readers.
func TestTimesInAZoneWithSummerTime(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone data: ", err)
	}
	var p parser
	p.init(&Options{Now: time.Date(2011, 12, 30, 23, 0, 0, 0, time.UTC), Location: loc})
	for day := range 364 {
		for hour := range 24 {
			want := time.Date(2011, 1, 1+day, hour, 30, 0, 0, loc)
			line := fmt.Sprintf("-rw-r--r-- 1 wilma quarry 5 %s %02d:30 x", time.Date(2011, 1, 1+day, 0, 0, 0, 0, time.UTC).Format("Jan _2"), hour)
			if !twins(t, &p, line) || !p.e.ModTime.Equal(want) {
				t.Fatalf("%q: got %v, want %v", line, p.e.ModTime, want)
			}
		}
	}
}

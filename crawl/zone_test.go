package crawl

import (
	"fmt"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// zoneSamples lists files modified at these times as a server in the zone does, and asks for them by MDTM.
func zoneSamples(zone *time.Location, modified ...time.Time) []ZoneSample {
	var all []ZoneSample
	for i, m := range modified {
		l := m.In(zone).Truncate(time.Minute)
		all = append(all, ZoneSample{
			Path:     fmt.Sprint("/", i),
			Listed:   time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC),
			Modified: m.UTC(),
		})
	}
	return all
}

func TestInferZone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 13, 14, 59, 0, time.UTC) }
	location := func(name string) *time.Location {
		l, err := time.LoadLocation(name)
		if err != nil {
			t.Skip(err)
		}
		return l
	}
	india, la, berlin := time.FixedZone("", 330*60), location("America/Los_Angeles"), location("Europe/Berlin")
	recent := []time.Time{at(11, 24), at(11, 20), at(11, 1)}
	year := []time.Time{at(11, 24), at(11, 2), at(9, 20), at(7, 1)}
	local := zoneSamples(berlin, year...)
	for i := range local {
		local[i].Modified = local[i].Listed // use_localtime
	}
	late := zoneSamples(india, recent...)
	late[1].Modified = late[1].Modified.Add(37 * time.Minute) // written between the two commands
	odd := zoneSamples(india, recent...)
	for i := range odd {
		odd[i].Modified = odd[i].Modified.Add(time.Duration(7+i) * time.Minute)
	}
	for _, c := range []struct {
		name    string
		samples []ZoneSample
		banner  string
		zone    string
		known   bool
	}{
		{"none", nil, "", "", false},
		{"UTC", zoneSamples(time.UTC, recent...), "ProFTPD", "", true},
		{"+05:30", zoneSamples(india, recent...), "(vsFTPd 3.0.3)", "+05:30", true},
		{"one file", zoneSamples(india, recent[:1]...), "", "+05:30", true},
		{"-08:00", zoneSamples(time.FixedZone("", -8*3600), recent...), "", "-08:00", true},
		{"+12:45", zoneSamples(time.FixedZone("", 765*60), recent...), "", "+12:45", true},
		{"-03:30", zoneSamples(time.FixedZone("", -210*60), recent...), "", "-03:30", true},
		{"change of clock", zoneSamples(berlin, year...), "", "Europe/Berlin", true},
		{"change of clock in America", zoneSamples(la, year...), "", "America/Los_Angeles", true},
		{"vsftpd, UTC both ways", zoneSamples(time.UTC, year...), "(vsFTPd 3.0.3)", "", false},
		{"vsftpd, local both ways", local, "220 vsFTPd", "", false},
		{"one file was written meanwhile", late, "", "+05:30", true},
		{"nothing goes together", odd, "", "", false},
		{"not on earth", zoneSamples(time.FixedZone("", 20*3600), recent...), "", "", false},
	} {
		got := InferZone(c.samples, c.banner, now)
		if got.Zone != c.zone || got.Known != c.known || got.Reason == "" {
			t.Errorf("%s: got %+v, want %q, known %v", c.name, got, c.zone, c.known)
		}
	}
}

func TestZonePicker(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	var p ZonePicker
	add := func(name string, age time.Duration, change func(*parse.Entry)) {
		e := parse.Entry{Name: name, Type: parse.File, Precision: parse.Minute, ModTime: now.Add(-age), Format: parse.Unix}
		if change != nil {
			change(&e)
		}
		p.Add("/pub", &e, now, nil)
	}
	day := 24 * time.Hour
	add("dir", day, func(e *parse.Entry) { e.Type = parse.Dir })
	add("old date form", day, func(e *parse.Entry) { e.Precision = parse.Day })
	add("mlsd", day, func(e *parse.Entry) { e.Format = parse.MLSx })
	add("being written", 30*time.Second, nil)
	add("tomorrow", -day, nil)
	add("last year", 360*day, nil)
	add("bad\rname", day, nil)
	if got := p.Samples(); len(got) != 0 {
		t.Fatalf("got %v, want none", got)
	}
	add("b", 3*day, nil)
	add("a", 2*day, nil)
	add("c", 4*day, nil)
	add("summer", 140*day, nil)
	add("zone ahead", -9*time.Hour, nil)
	got := p.Samples()
	if len(got) != 2 || got[0].Path != "/pub/zone ahead" || got[1].Path != "/pub/summer" {
		t.Errorf("got %v", got)
	}
	for range 10 {
		for age := time.Hour; age < 400*day; age += 7 * time.Hour {
			add("x", age, nil)
		}
	}
	if n := len(p.Samples()); n > zoneBuckets {
		t.Errorf("got %d samples", n)
	}
}

// A second crawl reads listings with the zone found by the first: what the server wrote counts, not what we made of it.
func TestZonePickerTakesWhatTheServerWrote(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	zone := time.FixedZone("", 330*60)
	written := time.Date(2026, 11, 24, 8, 41, 0, 0, zone)
	var p ZonePicker
	p.Add("/", &parse.Entry{Name: "a", Type: parse.File, Precision: parse.Minute, ModTime: written.UTC(), Format: parse.Unix}, now, zone)
	s := p.Samples()
	if len(s) != 1 || !s[0].Listed.Equal(time.Date(2026, 11, 24, 8, 41, 0, 0, time.UTC)) {
		t.Errorf("got %v", s)
	}
}

package crawl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// LIST prints times in whatever zone the server likes, and does not say which. MDTM answers in UTC (RFC
// 3659, section 2.3), so that one file asked for both ways gives the offset:
//
//	LIST  -rw-r--r--  1 ftp ftp  12 Nov 25 08:41 news.txt      08:41
//	MDTM  213 20261125031107                                   03:11 UTC, so it is UTC+05:30
//
// Only times with hours and minutes tell, which Unix servers print for the last six months. In
// these, clocks may have been changed: a few files of different months show it, and then a zone of the time
// zone database that has both offsets at their times is better than one offset.
//
// vsftpd with use_localtime answers MDTM in local time too, against the standard: there an offset of nothing
// proves nothing. An offset of anything else does on every server.

// A ZoneSample is what a server says of one file's time in both ways.
type ZoneSample struct {
	Path     string
	Listed   time.Time // as in the listing, taken for UTC; to the minute or better
	Modified time.Time // of MDTM
}

// zoneBuckets are the ages by which files are spread: one sample of each shows changes of the clock.
const (
	zoneBuckets   = 7
	zoneBucketAge = 30 * 24 * time.Hour
)

// A ZonePicker chooses, among all files listed, those whose times are worth asking for: the newest one of each
// of the last months. The zero value is ready. It is for one goroutine.
type ZonePicker struct {
	files [zoneBuckets]ZoneSample // Modified is not set; without Path: none yet
}

// Add looks at an entry of the directory dir, listed at the time now and read with the location zone (nil: UTC).
func (p *ZonePicker) Add(dir string, e *parse.Entry, now time.Time, zone *time.Location) {
	if e.Type != parse.File || e.Precision != parse.Minute && e.Precision != parse.Second ||
		e.Format == parse.MLSx || e.Format == parse.EPLF || strings.ContainsAny(e.Name, "\x00\r\n/") {
		return
	}
	if zone == nil {
		zone = time.UTC
	}
	t := e.ModTime.In(zone)
	listed := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	age := now.Sub(e.ModTime)
	// Nobody's clock is more than 14 hours ahead; a file of the last minutes may be changing.
	if age < -14*time.Hour || age >= zoneBuckets*zoneBucketAge || -time.Minute < age && age < 2*time.Minute {
		return
	}
	b := max(0, int(age/zoneBucketAge))
	if f := &p.files[b]; f.Path == "" || listed.After(f.Listed) {
		*f = ZoneSample{Path: Join(dir, e.Name), Listed: listed}
	}
}

// Samples returns the files chosen, newest first.
func (p *ZonePicker) Samples() []ZoneSample {
	return slices.DeleteFunc(slices.Clone(p.files[:]), func(s ZoneSample) bool { return s.Path == "" })
}

// ZoneEvidence says what is known of a server's clock zone, and why. The JSON form is part of the archive's
// format.
type ZoneEvidence struct {
	Zone    string    `json:"zone,omitempty"` // as ParseZone takes it; "" is UTC
	Known   bool      `json:"known"`          // false: UTC for want of anything better
	Reason  string    `json:"reason"`         // in words
	Offsets []int     `json:"offsets_minutes,omitempty"`
	Samples int       `json:"samples,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// quarter is the unit of offsets: all in use since 1972 are whole quarters of an hour.
const quarter = 15 * time.Minute

// offset returns what the two times of a sample make the zone, and whether they go together at all.
func (s *ZoneSample) offset() (d time.Duration, ok bool) {
	exact := s.Listed.Truncate(time.Minute).Sub(s.Modified.Truncate(time.Minute))
	d = exact.Round(quarter)
	return d, (exact-d).Abs() <= time.Minute && -12*time.Hour <= d && d <= 14*time.Hour
}

// InferZone finds the zone from samples. banner and system are the server's words at login.
func InferZone(samples []ZoneSample, banner string, now time.Time) ZoneEvidence {
	e := ZoneEvidence{At: now.UTC()}
	var good []ZoneSample
	votes := make(map[time.Duration]int)
	for _, s := range samples {
		if d, ok := s.offset(); ok {
			good = append(good, s)
			votes[d]++
		}
	}
	e.Samples = len(good)
	for d := range votes {
		e.Offsets = append(e.Offsets, int(d/time.Minute))
	}
	slices.Sort(e.Offsets)
	switch {
	case len(samples) == 0:
		e.Reason = "no file with a time of day could be asked for"
	case len(good) == 0:
		e.Reason = "LIST and MDTM do not go together"
	case len(good)*2 <= len(samples):
		e.Reason = fmt.Sprintf("LIST and MDTM go together for %d of %d files only", len(good), len(samples))
	case len(votes) == 1 && e.Offsets[0] == 0 && strings.Contains(strings.ToLower(banner), "vsftpd"):
		e.Reason = "LIST and MDTM agree, which vsftpd does in every zone"
	case len(votes) == 1:
		e.Known = true
		e.Zone = offsetName(time.Duration(e.Offsets[0]) * time.Minute)
		if e.Reason = "LIST and MDTM of one file"; len(good) > 1 {
			e.Reason = fmt.Sprintf("LIST and MDTM of %d files", len(good))
		}
	case len(votes) == 2 && e.Offsets[1]-e.Offsets[0] <= 60:
		if zone, ok := fittingZone(good); ok {
			e.Zone, e.Known = zone, true
			e.Reason = fmt.Sprintf("LIST and MDTM of %d files, in summer and in winter", len(good))
			break
		}
		fallthrough
	default:
		// Most files decide, the newest where as many say otherwise.
		best, _ := good[0].offset()
		for _, s := range good {
			if d, _ := s.offset(); votes[d] > votes[best] {
				best = d
			}
		}
		if votes[best]*2 <= len(good) && len(votes) > 2 {
			e.Reason = "the files contradict each other"
			break
		}
		e.Zone, e.Known = offsetName(best), true
		e.Reason = fmt.Sprintf("LIST and MDTM of %d of %d files", votes[best], len(good))
	}
	return e
}

// offsetName writes an offset as ParseZone takes it; none is "".
func offsetName(d time.Duration) string {
	if d == 0 {
		return ""
	}
	sign := '+'
	if d < 0 {
		sign, d = '-', -d
	}
	return fmt.Sprintf("%c%02d:%02d", sign, int(d.Hours()), int(d.Minutes())%60)
}

// zonesWithSummer are zones whose clocks are changed, one for each rule in use.
var zonesWithSummer = []string{
	"Europe/London", "Europe/Berlin", "Europe/Helsinki", "Europe/Chisinau", "Asia/Jerusalem", "Asia/Beirut", "Africa/Cairo",
	"America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "America/Adak",
	"America/Halifax", "America/St_Johns", "America/Havana", "America/Santiago", "America/Asuncion", "America/Nuuk", "Atlantic/Azores",
	"Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Norfolk",
	"Africa/Casablanca", "Pacific/Easter",
}

// fittingZone returns the first zone that has all the samples' offsets at their times.
func fittingZone(samples []ZoneSample) (name string, ok bool) {
	for _, name := range zonesWithSummer {
		zone, err := time.LoadLocation(name)
		if err != nil {
			continue // no time zone database here
		}
		if !slices.ContainsFunc(samples, func(s ZoneSample) bool {
			d, _ := s.offset()
			_, seconds := s.Modified.In(zone).Zone()
			return time.Duration(seconds)*time.Second != d
		}) {
			return name, true
		}
	}
	return "", false
}

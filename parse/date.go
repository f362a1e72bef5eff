package parse

import (
	"fmt"
	"time"
)

// A DateOrder is the order of the numbers of a date such as 03-09-11.
type DateOrder uint8

const (
	OrderAuto DateOrder = iota // month, day, year, unless the listing shows otherwise
	OrderMDY
	OrderDMY
	OrderYMD
)

var orderNames = [...]string{"auto", "mdy", "dmy", "ymd"}

// String returns "auto", "mdy", "dmy" or "ymd".
func (o DateOrder) String() string { return orderNames[min(int(o), len(orderNames)-1)] }

// MarshalText implements [encoding.TextMarshaler] with the words of String.
func (o DateOrder) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (o *DateOrder) UnmarshalText(text []byte) error {
	for i, s := range orderNames {
		if s == string(text) {
			*o = DateOrder(i)
			return nil
		}
	}
	return fmt.Errorf("parse: unknown date order %q", text)
}

// A stamp is a date as printed, which need not exist.
type stamp struct {
	year           int // noYear: not printed
	month, day     int
	hour, min, sec int
	nsec           int
	precision      Precision
	zoned          bool // offset is printed
	offset         int  // seconds east of UTC
}

// noYear marks a stamp whose year is to be concluded from the clock.
const noYear = -1

// dates turns stamps into times.
type dates struct {
	months
	now   time.Time // in loc
	loc   *time.Location
	order DateOrder
	// detecting says that a line of the detection window is looked at, to learn from it what
	// follows; it will be read later.
	detecting bool
	over12    bool  // a date had a first number over 12
	dayFirst  bool  // an entry had
	os400Not  uint8 // orders of IBM i dates that a line does not allow
	// A stamp without a year belongs to limitYear if within the year it is not after limitKey,
	// else to the year before: both are of the server's wall clock, 24 hours ahead of now.
	limitYear int
	limitKey  int
}

func (d *dates) init(now time.Time, loc *time.Location, order DateOrder) {
	d.now, d.loc, d.order = now.In(loc), loc, order
	t := now.Add(24 * time.Hour).In(loc)
	d.limitYear = t.Year()
	d.limitKey = yearKey(int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second())
}

// yearKey orders the seconds of a year.
func yearKey(month, day, hour, min, sec int) int {
	return (((month*32+day)*32+hour)*64+min)*64 + sec
}

// yearOf returns the latest year in which the date exists and is not more than 24 hours
// ahead of the clock. Servers print the year of older files, and round nothing, so that any other
// choice would move a file by a year; 24 hours allow for a clock or zone that is wrong.
func (d *dates) yearOf(month, day, hour, min, sec int) int {
	y := d.limitYear
	if yearKey(month, day, hour, min, sec) > d.limitKey {
		y--
	}
	if month == 2 && day == 29 {
		for !isLeap(y) {
			y--
		}
	}
	return y
}

func isLeap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

var monthDays = [...]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// exists reports whether there is such a day and time. 24:00 is the end of a day; second 60 is a leap second.
func (s *stamp) exists() bool {
	if s.month < 1 || s.month > 12 || s.day < 1 || s.day > monthDays[s.month] {
		return false
	}
	if s.month == 2 && s.day == 29 && s.year != noYear && !isLeap(s.year) {
		return false
	}
	return s.min <= 59 && s.sec <= 60 && (s.hour <= 23 || s.hour == 24 && s.min == 0 && s.sec == 0 && s.nsec == 0)
}

// time returns the time that s stands for, if it exists.
func (d *dates) time(s *stamp) (t time.Time, ok bool) {
	if !s.exists() {
		return time.Time{}, false
	}
	y := s.year
	if y == noYear {
		y = d.yearOf(s.month, s.day, s.hour, s.min, s.sec)
	}
	sec := min(s.sec, 59)
	if s.zoned || d.loc == time.UTC {
		u := daysSinceEpoch(y, s.month, s.day)*86400 + int64(s.hour*3600+s.min*60+sec-s.offset)
		return time.Unix(u, int64(s.nsec)).UTC(), true
	}
	return time.Date(y, time.Month(s.month), s.day, s.hour, s.min, sec, s.nsec, d.loc), true
}

// daysSinceEpoch returns the days from 1970-01-01 to the date, in the Gregorian calendar. It does for
// a tenth of the cost what time.Date does for all zones.
func daysSinceEpoch(year, month, day int) int64 {
	// Years begin in March, so that the leap day is the last; eras have 400 years.
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	y := year - era*400
	doy := (153*(month-3)+2)/5 + day - 1
	return int64(era*146097 + y*365 + y/4 - y/100 + doy - 719468)
}

// twoDigitYear returns the year that two digits stand for.
func twoDigitYear(y int) int {
	if y < 70 {
		return 2000 + y
	}
	return 1900 + y
}

// englishMonth returns 1 to 12 for the three letters, in any case, at s[i:]; else 0. It is called for
// every line of ls; a switch would cost a branch mispredicted for every other line.
func englishMonth(s string, i int) int {
	if len(s) < i+3 {
		return 0
	}
	w := uint32(s[i])<<16 | uint32(s[i+1])<<8 | uint32(s[i+2])
	// The sum of the last two letters is different for all months, modulo 32 in any case.
	e := &englishMonths[(s[i+1]+s[i+2])&31]
	if w|0x202020 != e.letters {
		return 0
	}
	return int(e.month)
}

var englishMonths = [32]struct {
	letters uint32
	month   uint8
}{
	('a' + 'n') & 31: {'j'<<16 | 'a'<<8 | 'n', 1},
	('e' + 'b') & 31: {'f'<<16 | 'e'<<8 | 'b', 2},
	('a' + 'r') & 31: {'m'<<16 | 'a'<<8 | 'r', 3},
	('p' + 'r') & 31: {'a'<<16 | 'p'<<8 | 'r', 4},
	('a' + 'y') & 31: {'m'<<16 | 'a'<<8 | 'y', 5},
	('u' + 'n') & 31: {'j'<<16 | 'u'<<8 | 'n', 6},
	('u' + 'l') & 31: {'j'<<16 | 'u'<<8 | 'l', 7},
	('u' + 'g') & 31: {'a'<<16 | 'u'<<8 | 'g', 8},
	('e' + 'p') & 31: {'s'<<16 | 'e'<<8 | 'p', 9},
	('c' + 't') & 31: {'o'<<16 | 'c'<<8 | 't', 10},
	('o' + 'v') & 31: {'n'<<16 | 'o'<<8 | 'v', 11},
	('e' + 'c') & 31: {'d'<<16 | 'e'<<8 | 'c', 12},
}

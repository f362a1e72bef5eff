package query

import (
	"strconv"
	"strings"
	"time"
)

// date reads the value of a field of time.
func (p *parser) date(info *fieldInfo, w *word) (Expr, *SyntaxError) {
	d := &Date{Field: info.field}
	op, rest := operatorOf(w.chars)
	if info.value != dateValue {
		if op != "" && op != "=" {
			return nil, p.dateError(w, w.text())
		}
		at, err := p.instant(w, charText(rest))
		if err != nil {
			return nil, err
		}
		if info.value == sinceValue {
			d.From = at.from
		} else if d.To = at.from; d.To.IsZero() {
			return nil, p.errorAt(w.start, w.end, "nothing is before the year 1")
		}
		return d, nil
	}
	if op == "" {
		if info.field == Mtime && lower(rest) == "unknown" {
			return &Unknown{Field: Mtime}, nil
		}
		if a, b, ok := rangeOf(rest); ok {
			if a != "" {
				at, err := p.instant(w, a)
				if err != nil {
					return nil, err
				}
				d.From = at.from
			}
			if b != "" {
				at, err := p.instant(w, b)
				if err != nil {
					return nil, err
				}
				d.To = at.to
				if !d.From.Before(d.To) {
					return nil, p.errorAt(w.start, w.end, "range runs backwards")
				}
			}
			return d, nil
		}
	}
	at, err := p.instant(w, charText(rest))
	if err != nil {
		return nil, err
	}
	if at.age { // "< 7 days" is less than seven days old
		op = map[string]string{"": ">=", "=": ">=", "<": ">=", "<=": ">=", ">": "<", ">=": "<"}[op]
	}
	switch op {
	case "", "=":
		d.From, d.To = at.from, at.to
	case ">":
		d.From = at.to
	case ">=":
		d.From = at.from
	case "<=":
		d.To = at.to
	case "<":
		if d.To = at.from; d.To.IsZero() {
			return nil, p.errorAt(w.start, w.end, "nothing is before the year 1")
		}
	}
	return d, nil
}

// A span is the interval of time [from, to) that a date stands for; an age is an instant.
type span struct {
	from, to time.Time
	age      bool
}

func (p *parser) dateError(w *word, v string) *SyntaxError {
	return p.errorAt(w.start, w.end, "bad date %q: write 2024, 2024-01, 2024-01-05, today, yesterday, 7d, 2w, 3mo or 1y", v)
}

// instant reads a date or an age.
func (p *parser) instant(w *word, v string) (span, *SyntaxError) {
	s := strings.ToLower(v)
	day := p.now.Truncate(24 * time.Hour)
	switch s {
	case "today":
		return span{from: day, to: day.AddDate(0, 0, 1)}, nil
	case "yesterday":
		return span{from: day.AddDate(0, 0, -1), to: day}, nil
	}
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	if i == 0 {
		return span{}, p.dateError(w, v)
	}
	if i == len(s) && i != 4 {
		return span{}, p.errorAt(w.start, w.end, "bad age %q: write %sd for days", v, v)
	}
	if i == 4 && (i == len(s) || s[i] == '-' || s[i] == '/') {
		from, to, ok := parseDate(s)
		switch {
		case !ok && isDateLike(s):
			return span{}, p.errorAt(w.start, w.end, "no such date: %s", v)
		case !ok:
			return span{}, p.dateError(w, v)
		case from.Year() < 1 || from.Year() > 9998:
			return span{}, p.errorAt(w.start, w.end, "no such date: %s: years are 0001 to 9998", v)
		}
		return span{from: from, to: to}, nil
	}
	unit, ok := ageUnits[s[i:]]
	if !ok {
		if unit := s[i:]; unit == "s" || strings.HasPrefix(unit, "min") || strings.HasPrefix(unit, "sec") {
			return span{}, p.errorAt(w.start, w.end, "bad age %q: the shortest is an hour, 1h", v)
		}
		if strings.HasPrefix(s[i:], "m") {
			return span{}, p.errorAt(w.start, w.end, "write mo for months")
		}
		return span{}, p.dateError(w, v)
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil || n > 9998*365*24 {
		return span{}, p.errorAt(w.start, w.end, "bad age %q: that is too long ago", v)
	}
	at := p.now.AddDate(0, 0, -int(n)*unit.days)
	if unit.days == 0 {
		at = p.now.AddDate(0, 0, -int(n/24)).Add(-time.Duration(n%24) * time.Hour)
	}
	if at.Year() < 1 || at.Year() > 9998 {
		return span{}, p.errorAt(w.start, w.end, "bad age %q: that is too long ago", v)
	}
	return span{from: at, to: at, age: true}, nil
}

// An ageUnit is a length of time in days; 0 for an hour.
type ageUnit struct{ days int }

var ageUnits = map[string]ageUnit{
	"h": {0}, "hour": {0}, "hours": {0},
	"d": {1}, "day": {1}, "days": {1},
	"w": {7}, "week": {7}, "weeks": {7},
	"mo": {30}, "month": {30}, "months": {30},
	"y": {365}, "year": {365}, "years": {365},
}

// dateForms are the forms of a date, each with the length of what it stands for: years, months, days and the rest.
var dateForms = [...]struct {
	layout              string
	years, months, days int
	rest                time.Duration
}{
	{"2006", 1, 0, 0, 0},
	{"2006-01", 0, 1, 0, 0},
	{"2006-01-02", 0, 0, 1, 0},
	{"2006-01-02t15:04", 0, 0, 0, time.Minute},
	{"2006-01-02t15:04:05", 0, 0, 0, time.Second},
}

// parseDate reads a date in small letters.
func parseDate(s string) (from, to time.Time, ok bool) {
	s = dashes(s)
	for _, f := range dateForms {
		v := s
		if f.rest != 0 {
			v = strings.TrimSuffix(s, "z")
		}
		if len(v) != len(f.layout) {
			continue
		}
		t, err := time.Parse(f.layout, v)
		if err != nil {
			return t, t, false
		}
		return t, t.AddDate(f.years, f.months, f.days).Add(f.rest), true
	}
	return from, to, false
}

// dashes turns the slashes of a date into dashes.
func dashes(s string) string { return strings.ReplaceAll(s, "/", "-") }

// isDateLike reports whether s has the digits and marks of a date in the right places, so that what is wrong must be
// a number.
func isDateLike(s string) bool {
	s = dashes(s)
	for _, f := range dateForms {
		if strings.Map(digitToNine, s) == strings.Map(digitToNine, f.layout) ||
			f.rest != 0 && strings.Map(digitToNine, s) == strings.Map(digitToNine, f.layout)+"z" {
			return true
		}
	}
	return false
}

func digitToNine(r rune) rune {
	if '0' <= r && r <= '9' {
		return '9'
	}
	return r
}

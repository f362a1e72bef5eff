package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// defaultDue is how old the last crawl of a known server may be.
const defaultDue = 7 * 24 * time.Hour

// allSeeds returns where to crawl: at the URLs, at those of the seeds file, or, where neither is given, at the seeds of
// the known servers; without those servers that are not due, if --due is given or meant.
func (o *crawlOptions) allSeeds(ctx context.Context, e *env, data string) ([]crawl.Seed, error) {
	var seeds []crawl.Seed
	var bad []error
	for _, u := range o.urls {
		s, err := crawl.ParseSeed(u)
		if err != nil {
			bad = append(bad, err)
		}
		seeds = append(seeds, s)
	}
	if err := errors.Join(bad...); err != nil {
		return nil, usageError{err}
	}
	if o.seeds != "" {
		in := e.input(ctx)
		if o.seeds != "-" {
			f, err := os.Open(o.seeds)
			if err != nil {
				return nil, fmt.Errorf("--seeds: %w", err)
			}
			defer f.Close()
			in = f
		}
		more, bad, err := crawl.ReadSeeds(in)
		if err == nil {
			err = badSeeds(bad)
		}
		if err != nil {
			return nil, fmt.Errorf("--seeds %s: %w", o.seeds, err)
		}
		if len(more) == 0 {
			e.remark("--seeds %s names no server", o.seeds)
		}
		o.logins = map[string]bool{}
		for _, s := range more {
			o.logins[s.Server.Key()] = s.Server.User != ""
		}
		for _, s := range seeds {
			delete(o.logins, s.Server.Key())
		}
		seeds = append(seeds, more...)
	}
	known := len(o.urls) == 0 && o.seeds == ""
	age := defaultDue
	if o.due != "" {
		var err error
		if age, err = parseAge(o.due); err != nil {
			return nil, usagef("--due: %w", err)
		}
	} else if !known {
		return o.withUser(seeds)
	}
	all, err := archive.List(archiveDir(data))
	if err != nil && len(all) == 0 {
		return nil, err
	}
	if known && len(all) == 0 {
		return nil, withHint(usagef("no URL, and no server is known yet"), "ftpidx crawl ftp://HOST/")
	}
	fresh := map[string]bool{}
	all = slices.DeleteFunc(all, func(s archive.Summary) bool { return known && imported(&s) })
	for i := range all {
		s := &all[i]
		fresh[s.Key] = s.Running() || (s.State == crawl.Complete || s.State == crawl.Incomplete) && e.now().Sub(s.Ended) < age ||
			!s.Facts.Health.Due(e.now())
		if known && !fresh[s.Key] {
			for _, p := range s.Seeds {
				seeds = append(seeds, crawl.Seed{Server: s.Server(), Path: p})
			}
		}
	}
	if !known {
		if seeds, err = o.withUser(seeds); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(seeds, func(s crawl.Seed) bool { return fresh[s.Server.Key()] }), nil
}

// maxBadSeeds is how many lines of a seeds file are shown that are no URLs: more of them say that the file is none of seeds.
const maxBadSeeds = 20

// badSeeds returns an error that shows the lines of a seeds file that are no URLs; nil if there are none.
func badSeeds(bad []*crawl.LineError) error {
	var text strings.Builder
	switch len(bad) {
	case 0:
		return nil
	case 1:
		text.WriteString(bad[0].Error())
	default:
		fmt.Fprintf(&text, "%s are no URLs of servers", plural(int64(len(bad)), "line", "lines"))
		for _, e := range bad[:min(len(bad), maxBadSeeds)] {
			text.WriteString("\n  " + e.Error())
		}
		if more := len(bad) - maxBadSeeds; more > 0 {
			text.WriteString("\n  and " + plural(int64(more), "line", "lines") + " more")
		}
	}
	return withHint(errors.New(text.String()), "nothing was crawled: correct them, or put # in front")
}

// imported reports whether an archive was only ever imported, which no login has made: nobody asked to call that server.
func imported(s *archive.Summary) bool { return !s.Facts.Called() }

// withUser puts --user into the seeds that name nobody.
func (o *crawlOptions) withUser(seeds []crawl.Seed) ([]crawl.Seed, error) {
	if o.user == "" || crawl.IsAnonymous(o.user) {
		return seeds, nil
	}
	if err := crawl.CheckUser(o.user); err != nil {
		return nil, usagef("--user %w", err)
	}
	for i := range seeds {
		if seeds[i].Server.User == "" {
			seeds[i].Server.User = o.user
		}
	}
	return seeds, nil
}

// ageUnits are the units of an age that are longer than those of a duration, as in queries.
var ageUnits = map[string]time.Duration{
	"d":  24 * time.Hour,
	"w":  7 * 24 * time.Hour,
	"mo": 30 * 24 * time.Hour,
	"y":  365 * 24 * time.Hour,
}

// parseAge reads a duration that may be written in days, weeks, months and years: 7d, 2w, 3mo, 1y, 36h.
func parseAge(s string) (time.Duration, error) {
	bad := fmt.Errorf("bad age %q: write 7d, 2w, 3mo, 1y or 36h", s)
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	unit := ageUnits[s[len(number):]]
	if unit == 0 {
		d, err := time.ParseDuration(s)
		if err != nil || d < 0 {
			return 0, bad
		}
		return d, nil
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n <= float64(100_000*ageUnits["d"]/unit)) {
		return 0, bad
	}
	return time.Duration(n * float64(unit)), nil
}

// parseSize reads a number of bytes with a unit of powers of 1024: 500M, 1GB, 1.5GiB.
func parseSize(s string) (int64, error) {
	bad := fmt.Errorf("bad size %q: write 500M or 1GB", s)
	text := strings.ToUpper(s)
	text = strings.TrimSuffix(strings.TrimSuffix(text, "B"), "I")
	shift := 0
	if n := len(text); n > 0 {
		if i := strings.IndexByte("KMGTP", text[n-1]); i >= 0 {
			text, shift = text[:n-1], 10*(i+1)
		}
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0) || n*float64(int64(1)<<shift) >= 1<<62 {
		return 0, bad
	}
	return int64(n * float64(int64(1)<<shift)), nil
}

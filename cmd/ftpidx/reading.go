package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// readingOptions say how listings are to be read: the flags --charset and --zone.
type readingOptions struct {
	charset string
	zone    string
}

func (o *readingOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.charset, "charset", "", "read names in charset `C`, as koi8-r, cp1251 or utf-8,sjis; auto: as the names show (default what is known)")
	fs.StringVar(&o.zone, "zone", "", "read times in `ZONE`, as +05:30 or Europe/Berlin; auto: as MDTM shows (default what is known)")
}

// check replaces the names by those that are registered.
func (o *readingOptions) check() error {
	if o.charset != "" && o.charset != "auto" {
		name, err := crawl.ParseCharset(o.charset)
		if err != nil {
			return usagef("--charset: %w", err)
		}
		o.charset = name
	}
	if o.zone != "" && o.zone != "auto" {
		if _, err := crawl.ParseZone(o.zone); err != nil {
			return usagef("--zone: %w", err)
		}
	}
	return nil
}

func (o *readingOptions) given() bool { return o.charset != "" || o.zone != "" }

// change makes them those of a server and publishes it anew. Nothing is asked of the server: its listings are kept
// as it sent them.
func (o *readingOptions) change(ctx context.Context, e *env, data string, s *archive.Summary) error {
	a, err := archive.Create(archiveDir(data), s.Server(), &archive.Options{Now: e.now, Logger: e.logger()})
	if err != nil {
		return err
	}
	err = a.Change(func(f *crawl.Facts) { f.Set(o.charset, o.zone) })
	if cerr := a.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if err := newPublisher(e, data).publish(ctx); err != nil {
		return fmt.Errorf("publishing: %w", err)
	}
	return nil
}

// charsetLine and zoneLine say what is known of a server, and why.
func charsetLine(f *crawl.Facts) string {
	switch {
	case f.CharsetSet:
		return f.Charset + ", as you said"
	case f.CharsetEvidence.Names == 0 && f.Charset == "":
		return ""
	case f.Charset == "":
		return fmt.Sprintf("not known (%s? %s)", f.CharsetEvidence.Charset, &f.CharsetEvidence)
	}
	return fmt.Sprintf("%s (%s)", f.Charset, &f.CharsetEvidence)
}

func zoneLine(f *crawl.Facts) string {
	zone := or(f.Zone, "UTC")
	switch {
	case f.ZoneSet:
		return zone + ", as you said"
	case f.ZoneEvidence.Known:
		return fmt.Sprintf("%s (%s)", zone, f.ZoneEvidence.Reason)
	case f.ZoneEvidence.Reason != "":
		return fmt.Sprintf("not known, taken for %s (%s)", zone, f.ZoneEvidence.Reason)
	}
	return f.Zone
}

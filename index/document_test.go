package index_test

import (
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/parse"
)

func TestNewDocument(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	mtime := time.Date(2024, 5, 17, 1, 0, 0, 0, zone)
	added, seen := now.Add(-time.Hour), now
	for _, c := range []struct {
		entry parse.Entry
		name  string
		typ   index.Type
		size  int64
	}{
		{parse.Entry{Name: "a", Type: parse.File, Size: 5}, "a", index.File, 5},
		{parse.Entry{Name: "a", Type: parse.File, Size: -1}, "a", index.File, -1},
		{parse.Entry{Name: "a", Type: parse.Dir, Size: 4096}, "a", index.Dir, -1},
		{parse.Entry{Name: "a", Type: parse.Link, Size: 4, Target: "b"}, "a", index.Link, -1},
		{parse.Entry{Name: "a", Type: parse.Device, Size: -1}, "a", index.Other, -1},
		{parse.Entry{Name: "a", Type: parse.Pipe, Size: 0}, "a", index.Other, 0},
		{parse.Entry{Name: "a", Type: parse.Socket, Size: 0}, "a", index.Other, 0},
		{parse.Entry{Name: "a", Type: parse.Unknown, Size: 7}, "a", index.Other, 7},
		{parse.Entry{Name: "a", Type: parse.Other, Size: 7}, "a", index.Other, 7},
		{parse.Entry{Name: "/pub/a b", Type: parse.File}, "a b", index.File, 0},
		{parse.Entry{Name: "pub/a/", Type: parse.Dir}, "a", index.Dir, -1},
	} {
		s := &index.Server{Host: "h", Port: 21}
		e := c.entry
		e.ModTime, e.Precision, e.Perm, e.Mode, e.Owner, e.Group = mtime, parse.Minute, 0o644, "rw-r--r--", "ftp", "staff"
		d := index.NewDocument(s, "/pub", &e, added, seen)
		want := index.Document{
			Server: s, Dir: "/pub", Name: c.name, Type: c.typ, Size: c.size, ModTime: mtime.UTC(), Precision: parse.Minute,
			Perm: 0o644, Mode: "rw-r--r--", Owner: "ftp", Group: "staff", Target: e.Target, Added: added, Seen: seen,
		}
		if *d != want {
			t.Errorf("%+v: got %+v, want %+v", e, *d, want)
		}
	}
	d := index.NewDocument(&index.Server{}, "/", &parse.Entry{Name: "a", ModTime: mtime}, time.Time{}, time.Time{})
	if !d.ModTime.IsZero() || d.Precision != parse.NoTime {
		t.Errorf("time without precision: got %v", d.ModTime)
	}
}

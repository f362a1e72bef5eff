package index

import (
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/parse"
)

// A Type is what a document is, as far as searching cares.
type Type uint8

const (
	File Type = iota
	Dir
	Link
	Other // device, pipe, socket, unknown
)

var typeNames = [...]string{"file", "dir", "link", "other"}

// String returns "file", "dir", "link" or "other".
func (t Type) String() string { return typeNames[min(t, Other)] }

// A Document is one entry of a listing as it is indexed. Names are bytes as the server sent them.
type Document struct {
	Server *Server
	Dir    string // pathname of the directory that holds it, "/" at the top; no "/" at the end otherwise
	Name   string // last element
	Type   Type
	Size   int64 // bytes; -1 unknown; always -1 for directories and links

	ModTime   time.Time // UTC; zero unknown
	Precision parse.Precision

	Perm   parse.Perm // parse.NoPerm unknown
	Mode   string     // permission column verbatim
	Owner  string
	Group  string
	Target string // of a link

	Added  time.Time // when the name first appeared in a listing; zero: before the first complete crawl, or unknown
	Seen   time.Time // when a listing last held it
	Copies int       // files of the same name and size in the whole index, itself included; 1 if not a copy, 0 not counted
}

// NewDocument returns the document of entry e in directory dir of server. Of a name that is a pathname, as some formats
// print, it takes the last element. Added and seen are when the name first and last appeared in a listing of dir; zero
// if that is not known.
func NewDocument(server *Server, dir string, e *parse.Entry, added, seen time.Time) *Document {
	d := &Document{
		Server: server, Dir: dir, Name: lastElement(e.Name), Type: Other, Size: e.Size,
		Perm: e.Perm, Mode: e.Mode, Owner: e.Owner, Group: e.Group, Target: e.Target,
		Added: added, Seen: seen,
	}
	switch e.Type {
	case parse.File:
		d.Type = File
	case parse.Dir:
		d.Type, d.Size = Dir, -1
	case parse.Link:
		d.Type, d.Size = Link, -1
	}
	if !e.ModTime.IsZero() && e.Precision != parse.NoTime {
		d.ModTime, d.Precision = e.ModTime.UTC(), e.Precision
		if e.Precision == parse.Day {
			// A day stays the one that the server printed, where in the world it is.
			year, month, day := e.ModTime.Date()
			d.ModTime = time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
		}
	}
	return d
}

// lastElement returns what stands after the last slash of a pathname, slashes at its end not counted.
func lastElement(name string) string {
	name = strings.TrimRight(name, "/")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// Path returns the pathname of d, the server's bytes.
func (d *Document) Path() string {
	if d.Dir == "/" {
		return "/" + d.Name
	}
	return d.Dir + "/" + d.Name
}

// Depth returns how many directories stand above d, the root not counted.
func (d *Document) Depth() int {
	if d.Dir == "/" {
		return 0
	}
	return strings.Count(d.Dir, "/")
}

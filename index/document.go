package index

import (
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

package parse

import (
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// A Type says what an entry is. The zero value is Unknown: the listing does not say.
type Type uint8

const (
	Unknown Type = iota // not said: bare names, MLSx without a type fact, mode letter ?
	File
	Dir
	Link // symbolic link, with or without a known target
	Device
	Pipe
	Socket
	Other // something that is none of these: a door, a whiteout, an MLSx OS type
)

var typeNames = [...]string{"unknown", "file", "dir", "link", "device", "pipe", "socket", "other"}

// String returns "file", "dir", "link", "device", "pipe", "socket", "other" or "unknown".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

// MarshalText implements [encoding.TextMarshaler] with the words of String.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (t *Type) UnmarshalText(text []byte) error {
	for i, s := range typeNames {
		if s == string(text) {
			*t = Type(i)
			return nil
		}
	}
	return fmt.Errorf("parse: unknown entry type %q", text)
}

// A Precision says how exactly a listing told a time: an entry dated to the day was
// modified at some instant of the 24 hours from its ModTime on.
type Precision uint8

const (
	NoTime Precision = iota // the listing does not say when
	Day
	Minute
	Second
	Subsecond
)

var precisionNames = [...]string{"", "day", "minute", "second", "subsecond"}

// String returns "day", "minute", "second", "subsecond", or "" for NoTime.
func (p Precision) String() string {
	if int(p) < len(precisionNames) {
		return precisionNames[p]
	}
	return ""
}

// MarshalText implements [encoding.TextMarshaler] with the words of String.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (p *Precision) UnmarshalText(text []byte) error {
	for i, s := range precisionNames {
		if s == string(text) {
			*p = Precision(i)
			return nil
		}
	}
	return fmt.Errorf("parse: unknown precision %q", text)
}

// Duration returns the length of the interval that a time of this precision stands for:
// 24 hours, a minute, a second, a nanosecond; 0 for NoTime.
func (p Precision) Duration() time.Duration {
	return [...]time.Duration{0, 24 * time.Hour, time.Minute, time.Second, 1}[min(p, Subsecond)]
}

// Perm holds the twelve POSIX permission bits, set-user-ID, set-group-ID and sticky
// included, as chmod(1) writes them in octal; or NoPerm.
type Perm int16

// NoPerm stands for a format or line that tells no POSIX permissions.
const NoPerm Perm = -1

// String returns four octal digits, or "" for NoPerm.
func (p Perm) String() string {
	if p < 0 {
		return ""
	}
	return fmt.Sprintf("%04o", int16(p)&07777)
}

// An Entry is one file, directory or other object named by a listing.
//
// Strings hold the server's bytes unchanged, whatever their charset; they may share memory
// with each other (one line is one string), never with the Reader's buffer, so an Entry may be kept.
type Entry struct {
	Name   string // last element of the pathname, or the pathname where the format prints one
	Dir    string // heading of the section of a recursive listing, without its colon; else ""
	Target string // target of a link, if printed
	Type   Type
	Perm   Perm   // NoPerm where the format has no POSIX bits
	Mode   string // the permission column verbatim: "rwxr-xr-x+", "0100644", "[RWCEAFMS]"; "" if there is none
	Size   int64  // bytes; -1 unknown

	ModTime   time.Time // start of the interval that the printed time stands for; zero if unknown
	Precision Precision // length of that interval

	Owner  string
	Group  string
	Links  int    // number of links; -1 unknown
	Device string // "major, minor" of a device, if printed; else ""
	Facts  string // MLSx and EPLF facts as printed, without the name

	Format Format // grammar that read the entry
	Line   int    // line of the listing, from 1 (its first, where an entry has two)
}

// IsDir reports whether e is a directory.
func (e *Entry) IsDir() bool { return e.Type == Dir }

// FileMode returns type and permission bits in Go's notation. An Unknown or Other type is fs.ModeIrregular;
// where no permissions are known there are none in the result.
func (e *Entry) FileMode() fs.FileMode {
	m := [...]fs.FileMode{
		Unknown: fs.ModeIrregular, File: 0, Dir: fs.ModeDir, Link: fs.ModeSymlink, Device: fs.ModeDevice,
		Pipe: fs.ModeNamedPipe, Socket: fs.ModeSocket, Other: fs.ModeIrregular,
	}[min(e.Type, Other)]
	if e.Type == Device && strings.HasPrefix(e.Mode, "c") {
		m |= fs.ModeCharDevice
	}
	if e.Perm < 0 {
		return m
	}
	m |= fs.FileMode(e.Perm) & 0o777
	for _, b := range [...]struct {
		bit  Perm
		mode fs.FileMode
	}{{0o4000, fs.ModeSetuid}, {0o2000, fs.ModeSetgid}, {0o1000, fs.ModeSticky}} {
		if e.Perm&b.bit != 0 {
			m |= b.mode
		}
	}
	return m
}

// Fact returns the value of the MLSx or EPLF fact called name (in any case), and whether the
// listing gave it: of the facts "type=file;size=3;" the fact "size" is "3".
// The facts of EPLF have names of one letter, or two for "up", without a separator.
func (e *Entry) Fact(name string) (value string, ok bool) {
	sep := byte(';')
	if e.Format == EPLF {
		sep = ','
	}
	for rest := e.Facts; rest != ""; {
		var fact string
		if i := strings.IndexByte(rest, sep); i >= 0 {
			fact, rest = rest[:i], rest[i+1:]
		} else {
			fact, rest = rest, ""
		}
		if len(fact) < len(name) || !strings.EqualFold(fact[:len(name)], name) {
			continue
		}
		if e.Format == EPLF {
			return fact[len(name):], true
		}
		if len(fact) > len(name) && fact[len(name)] == '=' {
			return fact[len(name)+1:], true
		}
	}
	return "", false
}

// FileInfo returns e as an [fs.FileInfo]. An unknown size is 0 there, and Sys returns e.
func (e *Entry) FileInfo() fs.FileInfo { return fileInfo{e} }

type fileInfo struct{ e *Entry }

func (i fileInfo) Name() string       { return i.e.Name }
func (i fileInfo) Size() int64        { return max(i.e.Size, 0) }
func (i fileInfo) Mode() fs.FileMode  { return i.e.FileMode() }
func (i fileInfo) ModTime() time.Time { return i.e.ModTime }
func (i fileInfo) IsDir() bool        { return i.e.IsDir() }
func (i fileInfo) Sys() any           { return i.e }
func (i fileInfo) String() string     { return fs.FormatFileInfo(i) }

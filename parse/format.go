package parse

import "fmt"

// A Format is a dialect of listings. The zero value, Auto, stands for none in particular.
type Format uint8

// The formats, in the order in which they are tried: strict grammars before loose ones.
const (
	Auto     Format = iota // found by looking at the listing
	MLSx                   // facts of RFC 3659, from MLSD, MLST and some LISTs
	EPLF                   // Easily Parsed LIST Format, Bernstein's publicfile and anonftpd
	NetWare                // Novell NetWare and Hellsoft
	Unix                   // ls -l and all its relatives
	SuperTCP               // SuperTCP FTP server for Windows
	VxWorks                // Wind River VxWorks
	OS9                    // Microware OS-9
	WFFTP                  // Windows for Workgroups FTP servers
	VShell                 // VanDyke VShell
	DOS                    // MSDOS style of Microsoft IIS, Windows CE and others
	OS2                    // IBM OS/2
	VMS                    // OpenVMS: TCP/IP Services, MultiNet, TCPware
	OS400                  // IBM i, LISTFMT 0
	Tandem                 // HPE NonStop, Guardian names
	ZVM                    // IBM z/VM CMS
	MVS                    // IBM z/OS: data sets, PDS members, load modules, JES jobs
	DLS                    // descriptive listings of some archives
	Find                   // find -ls, in published listings
	Names                  // NLST: one pathname a line
	numFormats
)

// To add a format: put listings with their origin under testdata/listings/<name>, write the grammar in a file of its
// own, add the constant and the row here, lines to the tables of lines_test.go and bench_test.go, run
// go test ./parse -run Golden/<name> -update, and read the difference.

// A format is a row of the table of formats.
type format struct {
	name  string // of Format.String, of the --format flag
	title string
	// read gives the verdict of the grammar on one line, which has neither line end nor only
	// blanks. With VerdictEntry and VerdictPartial the parser's entry is complete but for
	// Dir, Line and Format; with VerdictPartial and VerdictBad its err is the cause.
	read func(p *parser, line string) Verdict
	// join gives the verdict on an entry of two lines, after read has said VerdictPart of the first.
	join func(p *parser, first, second string) Verdict
	// told means that the grammar is not tried unless asked for, or chosen by detection for reasons of its own.
	told bool
	// sole means that no other grammar accepts a line of this format.
	sole bool
}

// formats is the table of formats; everything that goes through all of them goes through it.
// It is filled by index so that a format has its row, not its place.
var formats = [numFormats]format{
	Auto:     {name: "auto", title: "found by looking at the listing"},
	MLSx:     {name: "mlsx", title: "facts of RFC 3659 (MLSD, MLST)", read: readMLSx, sole: true},
	EPLF:     {name: "eplf", title: "Easily Parsed LIST Format (publicfile)", read: readEPLF, sole: true},
	NetWare:  {name: "netware", title: "Novell NetWare", read: readNetWare, sole: true},
	Unix:     {name: "unix", title: "ls -l and its relatives", read: readUnix, sole: true},
	SuperTCP: {name: "supertcp", title: "SuperTCP for Windows", read: readSuperTCP},
	VxWorks:  {name: "vxworks", title: "Wind River VxWorks", read: readVxWorks},
	OS9:      {name: "os9", title: "Microware OS-9", read: readOS9},
	WFFTP:    {name: "wfftp", title: "Windows for Workgroups", read: readWFFTP},
	VShell:   {name: "vshell", title: "VanDyke VShell", read: readVShell},
	DOS:      {name: "dos", title: "MSDOS style (Microsoft IIS, Windows CE)", read: readDOS, sole: true},
	OS2:      {name: "os2", title: "IBM OS/2", read: readOS2},
	VMS:      {name: "vms", title: "OpenVMS", read: readVMS, join: joinVMS},
	OS400:    {name: "os400", title: "IBM i (OS/400)", read: readOS400},
	Tandem:   {name: "tandem", title: "HPE NonStop (Tandem Guardian)", read: readTandem},
	ZVM:      {name: "zvm", title: "IBM z/VM CMS", read: readZVM},
	MVS:      {name: "mvs", title: "IBM z/OS: data sets, members, jobs", read: readMVS},
	DLS:      {name: "dls", title: "descriptive listings of archives", read: readDLS, join: joinDLS},
	Find:     {name: "find", title: "find -ls", read: readFind, told: true},
	Names:    {name: "names", title: "NLST: bare pathnames", read: readNames, told: true},
}

// Formats returns all formats but Auto, in the order in which they are tried.
func Formats() []Format {
	var fs []Format
	for f := Auto + 1; f < numFormats; f++ {
		fs = append(fs, f)
	}
	return fs
}

// String returns the format's name as the command line and the JSON have it: "unix", "dos".
func (f Format) String() string {
	if f < numFormats {
		return formats[f].name
	}
	return fmt.Sprintf("Format(%d)", uint8(f))
}

// Title returns a few words about the format, for help texts.
func (f Format) Title() string {
	if f < numFormats {
		return formats[f].title
	}
	return ""
}

// MarshalText implements [encoding.TextMarshaler] with the name that String returns.
func (f Format) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (f *Format) UnmarshalText(text []byte) error {
	for i := range formats {
		if formats[i].name == string(text) {
			*f = Format(i)
			return nil
		}
	}
	return fmt.Errorf("parse: unknown format %q", text)
}

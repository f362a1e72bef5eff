package parse

import "strings"

// noise recognizes lines that are of no format in particular, or of no interest in any: it returns
// VerdictNoise, VerdictDiagnostic, VerdictSection or foreign.
//
//	total 52
//	insgesamt 52
//	213-Status of /pub:
//	Directory DISK$PUB:[ANON.ATTIC]
//	Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname
//	               2 files           367,004 bytes
//	ls: attic: Permission denied
func (r *Reader) noise(line string) Verdict {
	s := trim(line)
	switch {
	case isTotal(s), isEnvelope(s), isSummary(s):
		return VerdictNoise
	case isDiagnostic(s):
		return VerdictDiagnostic
	case r.isColumnHeading(s):
		return VerdictNoise
	}
	if hasFold(s, directoryOf) && len(s) > len(directoryOf)+2 && s[len(directoryOf)+1] == ':' {
		// DIR /S of DOS.
		r.enter(s[len(directoryOf):])
		r.blank = false
		r.p.column("dir", strings.Index(line, s)+len(directoryOf), len(trimRight(line)))
		return VerdictSection
	}
	if hasFold(s, "directory ") && strings.ContainsAny(s, "[:") || isVMSDirectory(s) {
		return VerdictNoise
	}
	return foreign
}

// directoryOf is how a heading of DIR /S begins, in any case of letters.
const directoryOf = "directory of "

// isTotal recognizes the first line of ls -l: a word of any language, and a number, which
// some servers print as negative or as larger than any disk.
func isTotal(s string) bool {
	i := word(s, 0)
	j := blanks(s, i)
	if i == 0 || j == i || j == len(s) {
		return false
	}
	switch w := s[:i]; {
	case isTotalWord(w):
	case hasFold(s, "i alt "): // Danish
		j = blanks(s, len("i alt"))
	default:
		return false
	}
	if s[j] == '-' {
		j++
	}
	// ls -h prints a unit.
	n := digits(s, j)
	return n > j && (n == len(s) || isSizeWord(s[j:]))
}

// isTotalWord recognizes what ls and its translations call the total: a word that is known, or any that has letters
// beyond ASCII and no digits: 合計, итого, összesen, yhteensä.
func isTotalWord(w string) bool {
	for _, known := range [...]string{
		"total", "totaal", "totale", "totalt", "gesamt", "insgesamt", "samtals", "razem", "celkem", "celkom", "ukupno", "sveukupno", "skupaj", "skupno",
		"toplam", "guztira", "kokku", "viso", "jumlah", "summa",
	} {
		if equalFold(w, known) {
			return true
		}
	}
	beyond := false
	for i := range len(w) {
		if isDigit(w[i]) {
			return false
		}
		beyond = beyond || w[i] >= 0x80
	}
	return beyond
}

func isSizeWord(s string) bool {
	_, ok := lsSize(s)
	return ok
}

// isEnvelope recognizes the lines around a listing in the reply to STAT.
func isEnvelope(s string) bool {
	if isReply(s) {
		s = trim(s[4:])
	}
	return hasFold(s, "status of ") || hasFold(s, "end of status")
}

// isSummary recognizes what DOS and VMS print before and after the files of a directory.
func isSummary(s string) bool {
	switch {
	case hasFold(s, "total of "), hasFold(s, "grand total of "), hasFold(s, "total files listed:"):
		return true
	case hasFold(s, "volume in drive "), hasFold(s, "volume serial number "):
		return true
	case hasFold(s, "total ") && strings.HasSuffix(s, " files"):
		return true
	}
	i := 0
	for i < len(s) && (isDigit(s[i]) || s[i] == ',' || s[i] == '.') {
		i++
	}
	if i == 0 || i == len(s) || s[i] != ' ' {
		return false
	}
	s = s[blanks(s, i):]
	return (hasFold(s, "file(s)") || hasFold(s, "files ") || hasFold(s, "file ") || hasFold(s, "dir(s)")) &&
		(strings.HasSuffix(s, "bytes") || strings.HasSuffix(s, "free") || strings.HasSuffix(s, ")")) ||
		hasFold(s, "bytes free") || hasFold(s, "spool files") || hasFold(s, "bytes available")
}

// isRule recognizes a line drawn under column headings.
func isRule(s string) bool {
	return len(s) >= 10 && strings.Trim(s, "-= ") == ""
}

// isColumnHeading recognizes the headings of several formats by their first words.
func (r *Reader) isColumnHeading(s string) bool {
	for _, h := range columnHeadings {
		rest := s
		for i, w := range h.words {
			rest = rest[blanks(rest, 0):]
			if !hasFold(rest, w) || i < len(h.words)-1 && len(rest) == len(w) {
				rest = ""
				break
			}
			rest = rest[len(w):]
			if rest == "" {
				rest = " "
			}
			if rest[0] != ' ' {
				rest = ""
				break
			}
		}
		if rest != "" {
			if h.members {
				r.p.members = true
			}
			return true
		}
	}
	return false
}

var columnHeadings = [...]struct {
	words   []string
	members bool // bare names of members may follow
}{
	{[]string{"volume", "unit"}, false},               // z/OS data sets
	{[]string{"name", "vv.mm", "created"}, true},      // z/OS members
	{[]string{"name", "size", "ttr"}, true},           // z/OS load modules
	{[]string{"jobname", "jobid"}, false},             // z/OS JES
	{[]string{"owner", "last", "modified"}, false},    // OS-9
	{[]string{"directory", "of", "."}, false},         // OS-9
	{[]string{"size", "date", "time", "name"}, false}, // VxWorks
	{[]string{"code", "eof", "last"}, false},          // NonStop
	{[]string{"file", "code", "eof"}, false},          // NonStop
	{[]string{"filename", "filetype"}, false},         // z/VM
}

// isVMSDirectory recognizes DEVICE:[DIRECTORY] alone.
func isVMSDirectory(s string) bool {
	i := strings.Index(s, ":[")
	return i > 0 && s[len(s)-1] == ']' && word(s, 0) == len(s) && isUpperWord(s[:i], "$_-.")
}

// isDiagnostic recognizes what ls and servers write about a file or directory into the listing.
func isDiagnostic(s string) bool {
	for _, prefix := range [...]string{"ls: ", "/bin/ls: ", "ftpd: ", "find: "} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	for _, suffix := range [...]string{
		"No such file or directory", ": Permission denied", ": Not a directory", ": Input/output error", ": Invalid argument",
		": Stale NFS file handle", ": Stale file handle", ": Value too large for defined data type",
		": Operation not permitted", ": Too many levels of symbolic links", ": Not owner",
	} {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

package parse

import "strings"

// heading reports whether line heads a section of a recursive listing, and if so enters it.
//
//	./attic/old stuff:
//
// A heading is a pathname and a colon, at the start of the listing or after an empty line.
func (r *Reader) heading(line string) bool {
	dir, ok := strings.CutSuffix(line, ":")
	if !ok || dir == "" {
		return false
	}
	r.dir, r.blank = dir, false
	r.p.column("dir", 0, len(dir))
	return true
}

// isReply reports whether line begins with an FTP reply code, as the lines do that a server
// sends in answer to STAT: "213-", "211 ".
func isReply(line string) bool {
	return len(line) > 4 && isDigit(line[0]) && isDigit(line[1]) && isDigit(line[2]) && (line[3] == '-' || line[3] == ' ')
}

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
	r.enter(dir)
	r.blank = false
	r.p.column("dir", 0, len(dir))
	return true
}

// longHeading reports whether the line at hand, which is too long, is a heading all the same, as far as its beginning tells.
func (r *Reader) longHeading() bool {
	line := r.line.text
	switch {
	case r.opt.Format == Names:
		return r.blank && r.p.gap && r.line.colon
	case hasFold(trim(line), directoryOf):
		return r.noise(line) == VerdictSection
	case !r.blank || !r.line.colon:
		return false
	}
	q := question{r: r, alone: true}
	return q.askAll(line) == foreign // the name of an entry may end in a colon too
}

// isReply reports whether line begins with an FTP reply code, as the lines do that a server
// sends in answer to STAT: "213-", "211 ".
func isReply(line string) bool {
	return len(line) > 4 && isDigit(line[0]) && isDigit(line[1]) && isDigit(line[2]) && (line[3] == '-' || line[3] == ' ')
}

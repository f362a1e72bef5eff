package parse

import "strings"

// IBM z/OS (MVS): data sets, members of partitioned data sets, load modules, and jobs of JES.
//
//	Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname
//	PUB001 3390   2011/03/09  1   15  FB      80 27920  PS  WILMA.ROCKS
//	PUB001 3390   2011/03/09  1+++++  VB   32756 32760  PO-E WILMA.ATTIC
//	Migrated                                                WILMA.OLD
//	PUB002 Not Direct Access Device                         WILMA.TAPE1
//
// Of a data set, volume, unit, date of last reference, organization (DSORG) and name count; the columns between may run
// together or be unknown. A partitioned data set is a directory. Tracks are no bytes, so there is no size.
//
//	 Name     VV.MM   Created       Changed      Size  Init   Mod   Id
//	MINUTES   01.03 2010/01/02 2011/03/09 17:04    42    40     2 WILMA
//
// The size of a member counts lines. The names of members without statistics stand alone, and
// are read only after this heading.
//
//	 Name      Size     TTR   Alias-of AC --------- Attributes --------- Amode Rmode
//	PROG1    00A3C0   00001F PROG2    00 FO             RN RU            31    ANY
//
//	WILMA    JOB00417  OUTPUT    3 Spool Files
//	WILMA2   JOB00418  WILMA    OUTPUT A        RC=0000 3 spool files
//
// A job's name for RETR is its identifier.
//
// z/OS Communications Server: IP User's Guide and Commands, "LIST" and "DIR".

func readMVS(p *parser, line string) Verdict {
	var c [10]span
	n := split(line, c[:])
	p.e = Entry{Type: File, Perm: NoPerm, Size: -1, Links: -1}
	switch {
	case n >= 2 && c[0].of(line)[:min(8, c[0].end-c[0].start)] == "Migrated":
		return p.readMigrated(line)
	case n == 1:
		if w := c[0].of(line); (p.told == MVS || p.members) && isMember(w) && line[0] != ' ' {
			return p.setMVSName(c[0], line)
		}
		// A TAB may separate.
		return p.readMigrated(line)
	case n >= 8 && isMember(c[0].of(line)) && isMVSVersion(c[1].of(line)):
		return p.readMember(line, c[:n])
	case n >= 3 && isMVSDate(c[2].of(line)) && isVolume(c[0].of(line)):
		return p.readDataSet(line)
	case n >= 3 && isVolume(c[0].of(line)) && isWordOf(c[1].of(line), "Not", "Pseudo", "Tape", "VSAM", "3380", "3390"):
		return p.readOddDataSet(line, c[:n])
	case n >= 3 && isJobID(c[1].of(line)):
		return p.readJob(line, c[:n])
	case n >= 5 && isMember(c[0].of(line)):
		return p.readModule(line)
	}
	return foreign
}

// setMVSName makes line[c] the name of the entry.
func (p *parser) setMVSName(c span, line string) Verdict {
	p.e.Name = c.of(line)
	p.column("name", c.start, c.end)
	return p.named()
}

// lastColumn returns the last column of line, blanks after it aside.
func lastColumn(line string) span {
	end := len(trimRight(line))
	return span{strings.LastIndexByte(line[:end], ' ') + 1, end}
}

// readMigrated reads a data set that is not on a disk now.
func (p *parser) readMigrated(line string) Verdict {
	const word = "Migrated"
	rest := strings.TrimPrefix(line, word)
	name := strings.TrimLeft(rest, " \t")
	if len(rest) == len(line) || len(name) == len(rest) || !isDataSet(trimRight(name)) {
		return foreign
	}
	p.column("volume", 0, len(word))
	at := len(line) - len(name)
	return p.setMVSName(span{at, at + len(trimRight(name))}, line)
}

// readDataSet reads a data set on a disk, of which at least volume, unit and date are known.
func (p *parser) readDataSet(line string) Verdict {
	var c [3]span
	split(line, c[:])
	name := lastColumn(line)
	if name.start <= c[2].end {
		return p.bad(ErrColumns)
	}
	if date := c[2].of(line); date != "**NONE**" {
		st := stamp{year: small(date[:4]), month: two(date[5:]), day: two(date[8:]), precision: Day}
		p.setTime(&st)
		p.column("referred", c[2].start, c[2].end)
	}
	org := lastColumn(line[:name.start])
	if org.start < c[2].end {
		return p.bad(ErrColumns)
	}
	switch w := org.of(line); w {
	case "PO", "PO-E", "POE":
		p.e.Type = Dir
	case "PS", "PS-E", "PS-L", "PSU", "POU", "DA", "DAU", "IS", "ISU", "VS", "VSAM", "GDG", "PATH", "HFS", "ZFS", "U", "**", "??", "????":
	default:
		return p.bad(ErrColumns)
	}
	if !isDataSet(name.of(line)) {
		return p.bad(ErrName)
	}
	p.column("volume", c[0].start, c[0].end)
	p.column("unit", c[1].start, c[1].end)
	p.column("dsorg", org.start, org.end)
	return p.setMVSName(name, line)
}

// readOddDataSet reads the data sets of which there is no date.
//
//	PUB001 3390                                             VSAM WILMA.KEYS
//	PUB002 Tape                                                  WILMA.TAPE1
//	PUB002 Not Direct Access Device                              WILMA.TAPE2
//	Pseudo Directory                                             WILMA.TREE
func (p *parser) readOddDataSet(line string, c []span) Verdict {
	name := lastColumn(line)
	middle := trim(line[c[0].end:name.start])
	switch {
	case middle == "Tape", middle == "VSAM", middle == "Not Direct Access Device":
	case strings.HasSuffix(middle, " VSAM"):
	default:
		return foreign
	}
	if !isDataSet(name.of(line)) {
		return p.bad(ErrName)
	}
	p.column("volume", c[0].start, c[0].end)
	return p.setMVSName(name, line)
}

// readMember reads a member with statistics.
func (p *parser) readMember(line string, c []span) Verdict {
	created, changed, clock := c[2].of(line), c[3].of(line), c[4].of(line)
	st := stamp{}
	if !isMVSDate(created) || !isMVSDate(changed) || created[0] == '*' || changed[0] == '*' || !st.clock(clock) {
		return p.bad(ErrTime)
	}
	for _, n := range c[5:8] {
		if !allDigits(n.of(line)) {
			return p.bad(ErrColumns)
		}
	}
	st.year, st.month, st.day = small(changed[:4]), two(changed[5:]), two(changed[8:])
	p.setTime(&st)
	p.column("time", c[3].start, c[4].end)
	if len(c) > 8 {
		p.e.Owner = c[8].of(line)
		p.column("owner", c[8].start, c[8].end)
	}
	return p.setMVSName(c[0], line)
}

// readModule reads a load module.
func (p *parser) readModule(line string) Verdict {
	var c [3]span
	split(line, c[:])
	size, ok := hexNumber(c[1].of(line))
	_, ok2 := hexNumber(c[2].of(line))
	rmode := lastColumn(line)
	amode := lastColumn(line[:rmode.start])
	if !ok || !ok2 || c[1].end-c[1].start < 6 || c[2].end-c[2].start != 6 || amode.start <= c[2].end ||
		!isWordOf(amode.of(line), "24", "31", "64", "ANY", "MIN") || !isWordOf(rmode.of(line), "24", "31", "64", "ANY", "SPLIT") {
		return foreign
	}
	p.e.Size = size
	p.column("size", c[1].start, c[1].end)
	return p.setMVSName(c[0], line)
}

// readJob reads a job, of interface level 1 or 2.
func (p *parser) readJob(line string, c []span) Verdict {
	isStatus := func(w string) bool { return isWordOf(w, "INPUT", "ACTIVE", "OUTPUT", "HELD") }
	switch {
	case isStatus(c[2].of(line)):
	case len(c) > 3 && isStatus(c[3].of(line)):
		p.e.Owner = c[2].of(line)
		p.column("owner", c[2].start, c[2].end)
	default:
		return foreign
	}
	return p.setMVSName(c[1], line)
}

func isWordOf(w string, words ...string) bool {
	for _, x := range words {
		if w == x {
			return true
		}
	}
	return false
}

// isMember reports whether w can be the name of a member: one to eight letters, digits and national characters.
func isMember(w string) bool {
	return len(w) <= 8 && isUpperWord(w, "$#@") && !isDigit(w[0])
}

func isVolume(w string) bool { return len(w) <= 6 && isUpperWord(w, "$#@-+*?") }

// isDataSet reports whether w can be the name of a data set.
func isDataSet(w string) bool {
	for i := range len(w) {
		if c := w[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("$#@.-()+{", c) < 0 {
			return false
		}
	}
	return w != ""
}

// isMVSDate recognizes yyyy/mm/dd and what stands for no date.
func isMVSDate(w string) bool {
	return w == "**NONE**" || len(w) == 10 && w[4] == '/' && w[7] == '/' && allDigits(w[:4]) && allDigits(w[5:7]) && allDigits(w[8:])
}

// isMVSVersion recognizes VV.MM.
func isMVSVersion(w string) bool {
	return len(w) == 5 && w[2] == '.' && allDigits(w[:2]) && allDigits(w[3:])
}

// isJobID recognizes JOB00417, TSU00417, STC00417, and J0012345 as they are with more than 99,999 jobs.
func isJobID(w string) bool {
	if len(w) != 8 {
		return false
	}
	n := 8 - len(w[trailingDigits(w, 0, 8):])
	return n == 3 && isWordOf(w[:3], "JOB", "TSU", "STC") || n == 1 && isWordOf(w[:1], "J", "T", "S")
}

package parse

import "strings"

// Replies to MLSD and MLST, and listings of servers that send the same to LIST.
//
//	Type=dir;Modify=20110309170433;UNIX.mode=0755; attic
//	size=183502;type=file;modify=20091130080000.25; rock list.txt
//	 Type=dir;Modify=20110309170433; /pub/attic
//
// RFC 3659, section 7. A fact is a name, "=", a value, ";"; one blank follows the last fact, and all that
// comes after it is the name. Times are UTC. Facts that are not read here stay in Entry.Facts.

func readMLSx(p *parser, line string) Verdict {
	i := blanks(line, 0)
	if i == len(line) {
		return VerdictNoise
	}
	at, ok := p.factsEnd(line, i)
	if !ok {
		if i > 0 && p.told == MLSx && strings.IndexByte(line[i:word(line, i)], '=') < 0 {
			// Not even one fact.
			p.e = Entry{Name: line[1:], Perm: NoPerm, Size: -1, Links: -1}
			p.column("name", 1, len(line))
			return p.named()
		}
		if at < len(line) && line[at] == '=' && isFactName(line[i:at]) {
			return p.bad(ErrFact)
		}
		return foreign
	}
	if line[at-1] != ';' && p.told != MLSx && !isFactName(line[i:p.facts[0].eq]) {
		return foreign // a=b c may be anything
	}
	p.e = Entry{Name: line[at+1:], Facts: line[i:at], Perm: NoPerm, Size: -1, Links: -1}
	p.column("facts", i, at)
	p.column("name", at+1, len(line))
	if i > 0 {
		// In a reply to MLST, the name is that of the request.
		if p.e.Name != "" {
			p.e.Name = lastElement(p.e.Name)
		}
	}
	verdict := p.readFacts(line, i)
	if verdict != VerdictEntry {
		return verdict
	}
	if p.err != nil && p.e.Type == Unknown && p.e.Name != "" {
		return VerdictBad
	}
	return p.named()
}

// A factMark says where the "=" of a fact is, and where its value ends.
type factMark struct{ eq, end int }

// factsEnd returns the index of the blank that separates facts from name: the first that follows a ";" before
// which all is facts, or else, in the drafts before the RFC, that follows the last value. If line[i:] are no facts,
// at is where the name of the first would end. The facts are marked in p.facts.
func (p *parser) factsEnd(line string, i int) (at int, ok bool) {
	p.facts = p.facts[:0]
	first, early := -1, -1                        // end of the first fact name; first blank in a value
	blank := i + strings.IndexByte(line[i:], ' ') // where the first could be
	for i < len(line) && line[i] != ' ' && line[i] != '\t' {
		eq := i
		for eq < len(line) && line[eq] != '=' && line[eq] != ';' && line[eq] != ' ' {
			eq++
		}
		if first < 0 {
			first = eq
		}
		if eq == i || eq == len(line) || line[eq] != '=' {
			break
		}
		end := strings.IndexByte(line[eq:], ';')
		if end < 0 {
			end = len(line)
		} else {
			end += eq
		}
		if early < 0 && blank > eq+1 && blank < end {
			early = blank
			p.early = len(p.facts) + 1
		}
		p.facts = append(p.facts, factMark{eq, end})
		if i = end + 1; i > len(line) {
			break
		}
	}
	if i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		return i, first >= 0
	}
	if early >= 0 {
		p.facts = p.facts[:p.early]
		p.facts[p.early-1].end = early
	}
	return max(early, first), early >= 0
}

// isFactName reports whether a line that begins with w and "=" is meant to be facts.
func isFactName(w string) bool {
	switch len(w) {
	case 4:
		return equalFold(w, "type") || equalFold(w, "size") || equalFold(w, "perm") || equalFold(w, "sizd")
	case 6:
		return equalFold(w, "modify") || equalFold(w, "unique") || equalFold(w, "create")
	}
	return hasFold(w, "unix.")
}

// readFacts reads the facts marked, which begin at line[start], into the entry. The verdict is VerdictEntry unless they decide
// otherwise; err is then the cause if a value is bad.
func (p *parser) readFacts(line string, start int) Verdict {
	e := &p.e
	dots, ownerRank, groupRank := false, 0, 0
	unique := ""
	for _, m := range p.facts {
		name, value := line[start:m.eq], line[m.eq+1:m.end]
		start = m.end + 1
		if value == "" {
			continue
		}
		switch len(name) {
		case 4:
			switch {
			case equalFold(name, "type"):
				switch {
				case equalFold(value, "file"):
					e.Type = File
				case equalFold(value, "dir"):
					e.Type = Dir
				case equalFold(value, "cdir"), equalFold(value, "pdir"):
					e.Type, dots = Dir, true
				case equalFold(value, "link"), equalFold(value, "symlink"):
					e.Type = Link
				case hasFold(value, "os."):
					p.readOSType(value)
				case equalFold(value, "unknown"): // what Pure-FTPd 1.0.50 says of pipes and devices
				default:
					return p.bad(ErrFact)
				}
			case equalFold(name, "size"), equalFold(name, "sizd"):
				n, ok := number(value)
				if !ok {
					p.err, n = ErrSize, -1
				}
				e.Size = n
			}
		case 6:
			switch {
			case equalFold(name, "modify"):
				p.readTimeVal(value)
			case equalFold(name, "unique"):
				unique = value
			}
		case 8, 9, 10, 13, 14:
			if !hasFold(name, "unix.") {
				continue
			}
			switch name = name[5:]; {
			case equalFold(name, "mode"):
				if n, ok := octal(value); ok {
					e.Mode, e.Perm = value, Perm(n&0o7777)
				} else {
					p.err = ErrMode
				}
			case equalFold(name, "ownername"):
				e.Owner, ownerRank = value, 3
			case equalFold(name, "owner") && ownerRank < 2:
				e.Owner, ownerRank = value, 2
			case equalFold(name, "uid") && ownerRank < 1:
				e.Owner, ownerRank = value, 1
			case equalFold(name, "groupname"):
				e.Group, groupRank = value, 3
			case equalFold(name, "group") && groupRank < 2:
				e.Group, groupRank = value, 2
			case equalFold(name, "gid") && groupRank < 1:
				e.Group, groupRank = value, 1
			}
		}
	}
	if dots && !p.dots {
		return VerdictNoise
	}
	if unique != "" && !p.detecting && p.isTarget(unique) {
		return VerdictNoise
	}
	return VerdictEntry
}

// readOSType reads a type that RFC 3659 leaves to the system. ProFTPD and others use the
// prefix OS.unix for what Unix has beside files and directories.
//
//	OS.unix=slink:attic/v2.13   OS.unix=symlink   OS.unix=chr-4/64
func (p *parser) readOSType(value string) {
	const unix = "os.unix="
	p.e.Type = Other
	if !hasFold(value, unix) {
		return
	}
	switch v := value[len(unix):]; {
	case equalFold(v, "slink"), equalFold(v, "symlink"):
		p.e.Type = Link
	case hasFold(v, "slink:"):
		p.e.Type, p.e.Target = Link, v[len("slink:"):]
	case hasFold(v, "chr-"), hasFold(v, "blk-"):
		p.e.Type = Device
		if major, minor, ok := cutByte(v[4:], '/'); ok {
			p.e.Device = major + ", " + minor
		}
	}
}

// readTimeVal reads a time-val: YYYYMMDDHHMMSS and perhaps a fraction, in UTC.
func (p *parser) readTimeVal(w string) {
	if len(w) < 14 || digits(w, 0) != 14 {
		p.err = ErrTime
		return
	}
	s := stamp{
		year: two(w)*100 + two(w[2:]), month: two(w[4:]), day: two(w[6:]),
		hour: two(w[8:]), min: two(w[10:]), sec: two(w[12:]), precision: Second, zoned: true,
	}
	if len(w) > 14 {
		var ok bool
		if s.nsec, ok = fraction(w[14:]); !ok {
			p.err = ErrTime
			return
		}
		s.precision = Subsecond
	}
	p.setTime(&s)
}

const maxLinksKept = 1024

// isTarget remembers the unique facts of symbolic links, and reports whether the entry is the target of one:
// pure-ftpd and others list targets along with their links, as pathnames.
func (p *parser) isTarget(unique string) bool {
	if p.e.Type == Link {
		if p.links == nil || len(p.links) >= maxLinksKept {
			p.links = make(map[string]struct{})
		}
		p.links[strings.Clone(unique)] = struct{}{}
		return false
	}
	if len(p.links) == 0 || strings.IndexByte(p.e.Name, '/') < 0 {
		return false
	}
	_, ok := p.links[unique]
	return ok
}

package parse

import "strings"

// Descriptive listings, as some archives had them (dls).
//
//	attic/                 =  Public area
//	rocks              76384  Mar  9 17:04  list of all rocks
//	latest                 -  -> attic/v2.13
//	a-name-too-long-for-its-column
//	                    2210  one rock
//
// The columns are name, size or "-" or "=", perhaps a date, comment or target. Almost any text with a
// number in it would do, so such lines are read only if one of the detection window ends its name with a slash and
// has no size.

func readDLS(p *parser, line string) Verdict {
	if line[0] == ' ' {
		return foreign
	}
	end := word(line, 0)
	at := blanks(line, end)
	if at == len(line) {
		if p.told == DLS || p.descriptive {
			p.column("name", 0, end)
			return VerdictPart
		}
		return foreign
	}
	if _, ok := scanMode(line, 0); ok {
		return foreign // a line of ls
	}
	size := line[at:word(line, at)]
	proof := (size == "-" || size == "=") && end > 1 && line[end-1] == '/'
	proof = proof && p.detecting
	if !proof && !p.descriptive && p.told != DLS {
		return foreign
	}
	v := p.readDLSColumns(line[:end], line, at)
	p.descriptive = p.descriptive || proof && v == VerdictEntry
	return v
}

// joinDLS reads a name that has a line of its own.
func joinDLS(p *parser, first, second string) Verdict {
	at := blanks(second, 0)
	if at == 0 || at == len(second) {
		return foreign
	}
	return p.readDLSColumns(trimRight(first), second, at)
}

// readDLSColumns reads all but the name.
func (p *parser) readDLSColumns(name, line string, at int) Verdict {
	p.e = Entry{Name: name, Type: File, Perm: NoPerm, Size: -1, Links: -1}
	if at >= len(name) && strings.HasPrefix(line, name) {
		p.column("name", 0, len(name))
	}
	end := word(line, at)
	switch w := line[at:end]; {
	case w == "-" || w == "=":
	default:
		n, ok := number(w)
		if !ok {
			return foreign
		}
		p.e.Size = n
	}
	p.column("size", at, end)
	if len(name) > 1 && name[len(name)-1] == '/' {
		p.e.Name, p.e.Type = name[:len(name)-1], Dir
	}
	rest := blanks(line, end)
	if rest < len(line) {
		if d, ok := p.findDate(line, rest); ok {
			p.setTime(&d.stamp)
			p.column("time", d.start, d.end)
			rest = blanks(line, d.end)
		}
	}
	const arrow = "-> "
	if strings.HasPrefix(line[rest:], arrow) {
		p.e.Type, p.e.Target = Link, line[rest+len(arrow):]
		p.column("target", rest+len(arrow), len(line))
	} else {
		p.column("comment", rest, len(line))
	}
	return p.named()
}

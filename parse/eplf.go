package parse

import "strings"

// Easily Parsed LIST Format: anonftpd, publicfile.
//
//	+i83.21,m1299690000,/,	attic
//	+i83.34,m1299690273,r,s183502,up644,	rock list.txt
//
// https://cr.yp.to/ftp/list/eplf.html: facts with a comma after each, a TAB, the name. "/" is an entry
// to CWD into, "r" one to RETR, "s" the size, "m" the time in seconds since 1970 in UTC, "up" the mode, "i" an identity.

func readEPLF(p *parser, line string) Verdict {
	if line[0] != '+' {
		return foreign
	}
	tab := strings.IndexByte(line, '\t')
	if tab < 0 {
		return foreign
	}
	e := &p.e
	*e = Entry{Name: line[tab+1:], Facts: line[1:tab], Perm: NoPerm, Size: -1, Links: -1}
	p.column("facts", 1, tab)
	p.column("name", tab+1, len(line))
	for facts := e.Facts; facts != ""; {
		fact := facts
		if i := strings.IndexByte(facts, ','); i >= 0 {
			fact, facts = facts[:i], facts[i+1:]
		} else {
			facts = ""
		}
		if fact == "" {
			continue
		}
		value := fact[1:]
		switch fact[0] {
		case '/':
			e.Type = Dir
		case 'r':
			if e.Type != Dir {
				e.Type = File
			}
		case 's':
			n, ok := number(value)
			if !ok {
				p.err, n = ErrSize, -1
			}
			e.Size = n
		case 'm':
			if n, ok := number(value); ok && n >= 0 && n < 1<<37 {
				p.setEpoch(n, 0, Second)
			} else {
				p.err = ErrTime
			}
		case 'u':
			if value == "" || value[0] != 'p' {
				continue
			}
			if n, ok := octal(value[1:]); ok {
				e.Mode, e.Perm = value[1:], Perm(n&0o7777)
			} else {
				p.err = ErrMode
			}
		}
	}
	if e.Type == Unknown {
		return VerdictNoise // neither to RETR nor to CWD into: to be ignored
	}
	return p.named()
}

package parse

import "strings"

// The reply to NLST: one pathname a line, and nothing else. RFC 959 has it without
// paths; many servers print them. Any line would do, so it is never guessed.
//
//	rock list.txt
//	/pub/attic/v2.13

func readNames(p *parser, line string) Verdict {
	if i := strings.LastIndex(line, ": No such "); i >= 0 {
		return VerdictDiagnostic
	}
	p.e = Entry{Name: lastElement(line), Perm: NoPerm, Size: -1, Links: -1}
	at := strings.LastIndex(line, p.e.Name)
	p.column("name", at, at+len(p.e.Name))
	return p.named()
}

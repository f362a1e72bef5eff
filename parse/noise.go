package parse

import "strings"

// noise recognizes lines that are of no format in particular: it returns VerdictNoise,
// VerdictDiagnostic or foreign.
//
//	total 52
//	insgesamt 52
//	213-Status of /pub:
//	ls: attic: Permission denied
func noise(line string) Verdict {
	s := trim(line)
	switch {
	case isTotal(s), isEnvelope(s):
		return VerdictNoise
	case isDiagnostic(s):
		return VerdictDiagnostic
	}
	return foreign
}

// isTotal recognizes the first line of ls -l: a word of any language, and a number, which
// some servers print as negative or as larger than any disk.
func isTotal(s string) bool {
	i := word(s, 0)
	j := blanks(s, i)
	if i == 0 || j == i || j == len(s) {
		return false
	}
	switch w := s[:i]; {
	case hasFold(w, "total"), hasFold(w, "gesamt"), hasFold(w, "insgesamt"):
	case w[0] >= 0x80 && digits(w, 0) == 0: // 合計, итого, összesen
	default:
		return false
	}
	if s[j] == '-' {
		j++
	}
	return allDigits(s[j:])
}

// isEnvelope recognizes the lines around a listing in the reply to STAT.
func isEnvelope(s string) bool {
	if isReply(s) {
		s = trim(s[4:])
	}
	return hasFold(s, "status of ") || hasFold(s, "end of status")
}

// isDiagnostic recognizes what ls and servers write about a file or directory into the listing.
func isDiagnostic(s string) bool {
	return strings.HasPrefix(s, "ls: ") || strings.HasPrefix(s, "ftpd: ") || strings.HasPrefix(s, "/bin/ls: ") ||
		strings.HasSuffix(s, ": Permission denied") || strings.HasSuffix(s, ": No such file or directory") ||
		strings.HasSuffix(s, "No such file or directory")
}

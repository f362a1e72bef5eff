package parse

import "strings"

// OpenVMS: TCP/IP Services (UCX), MultiNet, TCPware.
//
//	Directory DISK$PUB:[ANON.ATTIC]
//
//	ATTIC.DIR;1              1/16          9-MAR-2011 17:04:33  [WILMA]               (RWE,RWE,RE,RE)
//	A_RATHER_LONG_NAME_FOR_ONE_LINE.TXT;12
//	                       37/40        30-NOV-2009 08:00:00.25  [QUARRY,WILMA]     (RWED,RWED,RE,)
//	SECRET.TXT;1       %RMS-E-PRV, insufficient privilege or file protection violation
//	Total of 3 files, 38 blocks.
//
// A file specification up to the first blank, then in any order the blocks used and allocated, the date, the UIC
// of the owner, and the protection of system, owner, group, world. A long name has a line of its own.
//
// The size is that of the blocks used, an upper bound. The version is not part of the name: RETR without
// it gives the newest, which is printed first. Nor is .DIR part of a directory's, where CWD does not want it.

const vmsBlock = 512

func readVMS(p *parser, line string) Verdict {
	end := vmsWord(line, 0)
	if end == 0 {
		return foreign
	}
	versioned := isVMSName(line[:end], true)
	if !versioned && !isVMSName(line[:end], false) {
		return foreign
	}
	rest := vmsBlanks(line, end)
	if rest == len(line) {
		p.column("name", 0, end)
		return VerdictPart
	}
	if versioned && isVMSError(line[rest:]) {
		p.e = Entry{}
		p.column("name", 0, end)
		return VerdictDiagnostic
	}
	if !versioned && !hasBlocks(line[rest:]) {
		return foreign
	}
	p.startVMS(line[:end])
	if v := p.readVMSColumns(line, rest); v != VerdictEntry {
		if versioned {
			return v
		}
		return foreign
	}
	p.column("name", 0, end)
	return p.named()
}

// joinVMS reads a name and the line of columns that follows it.
func joinVMS(p *parser, first, second string) Verdict {
	name := first[:vmsWord(first, 0)]
	rest := vmsBlanks(second, 0)
	if rest == len(second) {
		return foreign
	}
	versioned := isVMSName(name, true)
	if versioned && isVMSError(second[rest:]) {
		return VerdictDiagnostic
	}
	p.startVMS(name)
	if v := p.readVMSColumns(second, rest); v != VerdictEntry || p.e.ModTime.IsZero() {
		return foreign
	}
	return p.named()
}

// startVMS begins an entry of the name as printed.
func (p *parser) startVMS(name string) {
	p.e = Entry{Type: File, Perm: NoPerm, Size: -1, Links: -1}
	if i := strings.IndexByte(name, ';'); i >= 0 {
		name = name[:i]
	}
	if i := strings.LastIndexByte(name, ']'); i >= 0 {
		name = name[i+1:]
	}
	const dir = ".dir"
	if n := len(name) - len(dir); n > 0 && equalFold(name[n:], dir) {
		name = name[:n]
		p.e.Type = Dir
	}
	p.e.Name = name
}

// readVMSColumns reads all columns of line[i:], each at most once. The verdict is VerdictEntry or VerdictBad.
func (p *parser) readVMSColumns(line string, i int) Verdict {
	e := &p.e
	sized, dated := false, false
	for ; i < len(line); i = vmsBlanks(line, i) {
		end := vmsWord(line, i)
		w := line[i:end]
		next := vmsBlanks(line, end)
		switch {
		case w[0] == '(':
			if e.Mode != "" || !isVMSProtection(w) {
				return p.bad(ErrMode)
			}
			e.Mode = w
			p.column("protection", i, end)
		case w[0] == '[':
			if e.Owner != "" {
				return p.bad(ErrColumns)
			}
			e.Group, e.Owner = splitUIC(w)
			p.column("owner", i, end)
		case !sized && vmsSize(w, &e.Size):
			sized = true
			p.column("size", i, end)
		case !dated && isDigit(w[0]):
			st, ok := p.vmsDate(w)
			if !ok {
				if !sized {
					return p.bad(ErrSize)
				}
				return p.bad(ErrTime)
			}
			dated = true
			if t := vmsWord(line, next); st.clock(line[next:t]) {
				end = t
			}
			if p.setTime(&st); p.err != nil {
				return VerdictBad
			}
			p.column("time", i, end)
		case e.Owner == "" && next < len(line) && line[next] == '(' && isUpperWord(w, "$_,"):
			e.Owner = w
			p.column("owner", i, end)
		default:
			return p.bad(ErrColumns)
		}
		i = end
	}
	if !sized {
		return p.bad(ErrSize)
	}
	return VerdictEntry
}

// vmsWord and vmsBlanks are word and blanks with CR as a blank: servers leave one where VMS ends a record.
func vmsWord(s string, i int) int {
	for i < len(s) && s[i] != ' ' && s[i] != '\r' && s[i] != '\t' {
		i++
	}
	return i
}

func vmsBlanks(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\r' || s[i] == '\t') {
		i++
	}
	return i
}

// isVMSName reports whether w is a file specification with a version, or else one with a type.
func isVMSName(w string, version bool) bool {
	if version {
		i := strings.LastIndexByte(w, ';')
		return i > 0 && allDigits(w[i+1:])
	}
	i := strings.LastIndexByte(w, '.')
	return i > 0 && i < len(w)-1 && isUpperWord(w, "$_-.[]:~")
}

// isVMSError recognizes the text of an error: %FAC-S-ID, or the same in angle brackets.
func isVMSError(s string) bool { return s[0] == '%' || strings.HasPrefix(s, "<%") }

// hasBlocks reports whether s begins with used/allocated.
func hasBlocks(s string) bool {
	used, allocated, ok := cutByte(s[:vmsWord(s, 0)], '/')
	return ok && allDigits(used) && allDigits(allocated)
}

// vmsSize reads 37/40, 37, 2KB or ****, which is a number that did not fit.
func vmsSize(w string, size *int64) bool {
	if strings.Trim(w, "*") == "" {
		return true
	}
	unit := int64(vmsBlock)
	if n := len(w) - 2; n > 0 && equalFold(w[n:], "kb") {
		w, unit = w[:n], 1024
	} else if used, allocated, ok := cutByte(w, '/'); ok && (allDigits(allocated) || strings.Trim(allocated, "*") == "") {
		w = used
		if strings.Trim(w, "*") == "" {
			return true
		}
	}
	n, ok := number(w)
	if ok && n >= 0 && n < 1<<50 {
		*size = n * unit
	}
	return ok
}

// splitUIC divides [GROUP,OWNER], [OWNER], or what is left of one that was cut.
func splitUIC(w string) (group, owner string) {
	w = strings.TrimSuffix(w[1:], "]")
	if i := strings.IndexByte(w, ','); i >= 0 {
		return w[:i], w[i+1:]
	}
	return "", w
}

// isVMSProtection recognizes (S,O,G,W), each of the letters R, W, E, D.
func isVMSProtection(w string) bool {
	commas := 0
	for i := 1; i < len(w)-1; i++ {
		switch w[i] {
		case ',':
			commas++
		case 'R', 'W', 'E', 'D':
		default:
			return false
		}
	}
	return commas == 3 && w[len(w)-1] == ')'
}

// vmsDate reads d-mmm-yyyy.
func (p *parser) vmsDate(w string) (st stamp, ok bool) {
	day, rest, ok := cutByte(w, '-')
	month, year, ok2 := cutByte(rest, '-')
	if !ok || !ok2 || !allDigits(day) || len(day) > 2 {
		return st, false
	}
	y, ok := fourDigits(year)
	st = stamp{year: y, month: p.month(month), day: small(day), precision: Day}
	return st, ok && st.month != 0
}

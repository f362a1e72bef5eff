package parse

// Relatives of ls -l of which only the mode, or some columns, are like those of ls.

// readEnterprise reads the lines of Sterling Connect:Enterprise. The mode is all up to the letter
// after FTP; there is no number of links.
//
//	-C--E-----FTP B WILMA      4402         77310 Mar  9 17:04 ROCKS
func (p *parser) readEnterprise(line string, i int) Verdict {
	const end = 15 // of the mode
	if len(line) < i+end+1 {
		return foreign
	}
	mode := line[i : i+end]
	if mode[10:14] != "FTP " || mode[14] == ' ' || line[i+end] != ' ' {
		return foreign
	}
	for j := range 10 {
		if c := mode[j]; c != '-' && (c < 'A' || c > 'Z') {
			return foreign
		}
	}
	p.e = Entry{Type: File, Perm: NoPerm, Mode: mode, Size: -1, Links: -1}
	p.column("mode", i, i+end)
	p.noLinks = true
	v := p.readUnixColumns(line, i+end)
	p.noLinks = false
	return v
}

// readUnstatable reads the lines of GNU ls about files of which it could find out no more than the type.
//
//	d????????? ? ?    ?       ?            ? attic
func (p *parser) readUnstatable(line string, i int) Verdict {
	const marks = "?????????"
	end := i + 1 + len(marks)
	if end >= len(line) || line[i+1:end] != marks || line[end] != ' ' {
		return foreign
	}
	typ, ok := modeType(line[i])
	at := end
	for range 5 { // links, owner, group, size, time
		at = blanks(line, at)
		if at == len(line) || line[at] != '?' {
			return foreign
		}
		at++
	}
	if !ok || at == len(line) || line[at] != ' ' {
		return foreign
	}
	p.e = Entry{Name: line[at+1:], Type: typ, Perm: NoPerm, Mode: line[i:end], Size: -1, Links: -1}
	p.column("mode", i, end)
	p.column("name", at+1, len(line))
	return p.named()
}

// readOctal reads the lines of servers that print struct stat: mode, owner, group, size, time.
//
//	0100644   600  205   7310    1299690273   rocks.bin
func (p *parser) readOctal(line string, i int) Verdict {
	var at, end [5]int
	for n := range at {
		at[n] = i
		end[n] = digits(line, i)
		i = blanks(line, end[n])
		if at[n] == end[n] || end[n] == i && i < len(line) {
			return foreign
		}
	}
	mode, ok := octal(line[at[0]:end[0]])
	if !ok || end[0]-at[0] < 6 || end[0]-at[0] > 7 {
		return foreign
	}
	size, _ := number(line[at[3]:end[3]])
	sec, _ := number(line[at[4]:end[4]])
	p.e = Entry{
		Name: line[i:], Mode: line[at[0]:end[0]], Perm: Perm(mode & 0o7777), Size: size, Links: -1,
		Owner: line[at[1]:end[1]], Group: line[at[2]:end[2]],
	}
	for n, name := range [...]string{"mode", "owner", "group", "size", "time"} {
		p.column(name, at[n], end[n])
	}
	p.column("name", i, len(line))
	p.setEpoch(sec, 0, Second)
	p.e.Type = [16]Type{1: Pipe, 2: Device, 4: Dir, 6: Device, 8: File, 10: Link, 12: Socket}[mode>>12&15]
	if p.e.Type == Link {
		p.e.Name, p.e.Target = splitLink(p.e.Name, p.e.Size)
	}
	return p.named()
}

// readMacColumns reports whether s, what stands between mode and size, is what servers for the classic
// Mac OS print there (NetPresenz, Peter Lewis's FTPd, Rumpus, WebSTAR): the lengths of resource and data fork,
// whose sum is the size; or the word folder, and the size is a number of items.
//
//	-rw-r--r--    78440       49231   127671 Jul 22  2010 quarry.jpg
//	drwxr-xr-x               folder        3 Mar  9 17:04 attic
func (p *parser) readMacColumns(s string) bool {
	if s == "folder" {
		p.e.Type = Dir
		return true
	}
	i := digits(s, 0)
	if i == 0 || i == len(s) || s[i] != ' ' {
		return false
	}
	data := s[blanks(s, i):]
	a, _ := number(s[:i])
	b, ok := number(data)
	return ok && (a+b == p.e.Size || a == 0 && b < 0 && p.e.Size < 0)
}

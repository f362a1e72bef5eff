package parse

import "strings"

// Novell NetWare, and Hellsoft's server for it.
//
//	d [RWCEAFMS] wilma                          512 Mar  9 17:04    attic
//	-[R----F--]  1 fred                      183502 Nov 30  2009    rock list.txt
//
// The columns are type, trustee rights, perhaps a number of links, owner, size, date, name.

func readNetWare(p *parser, line string) Verdict {
	if line[0] != 'd' && line[0] != '-' {
		return foreign
	}
	i := blanks(line, 1)
	if i == len(line) || line[i] != '[' {
		return foreign
	}
	end := i + 1
	for end < len(line) && strings.IndexByte("RWCEAFMS-", line[end]) >= 0 {
		end++
	}
	if end == i+1 || end == len(line) || line[end] != ']' {
		return foreign
	}
	end++
	p.e = Entry{Type: File, Mode: line[i:end], Perm: NoPerm, Size: -1, Links: -1}
	if line[0] == 'd' {
		p.e.Type = Dir
	}
	p.column("type", 0, 1)
	p.column("rights", i, end)

	var c [6]span // links, owner, size, month, day, time
	rest := line[end:]
	n := split(rest, c[:])
	for j := 2; j <= 3 && j+2 < n; j++ {
		month := end + c[j].start
		if !allDigits(c[j-1].of(rest)) || isDigit(line[month]) {
			continue
		}
		d, ok := p.findDate(line, month)
		if !ok {
			continue
		}
		if j == 3 {
			links, ok := number(c[0].of(rest))
			if !ok || links < 0 {
				break
			}
			p.e.Links = int(links)
			p.column("links", end+c[0].start, end+c[0].end)
		}
		p.e.Owner = c[j-2].of(rest)
		p.e.Size, _ = number(c[j-1].of(rest))
		p.setTime(&d.stamp)
		name := blanks(line, d.end)
		p.e.Name = line[name:]
		p.column("owner", end+c[j-2].start, end+c[j-2].end)
		p.column("size", end+c[j-1].start, end+c[j-1].end)
		p.column("time", d.start, d.end)
		p.column("name", name, len(line))
		return p.named()
	}
	return p.bad(ErrColumns)
}

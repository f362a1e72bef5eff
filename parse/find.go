package parse

import "strings"

// The output of find -ls, as archives publish it for a whole tree.
//
//	  131074      4 drwxr-xr-x   3 wilma    quarry       4096 Mar  9 17:04 ./attic
//	  131075    180 -rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 ./attic/rock\ list.txt
//
// The columns are inode, blocks, then those of ls; the name is a pathname, with a backslash before a blank and \ooo for
// other bytes (GNU find). ls -lis prints the same but for the pathname, which tells the two apart.

func readFind(p *parser, line string) Verdict {
	i := blanks(line, 0)
	for range 2 {
		j := digits(line, i)
		k := blanks(line, j)
		if j == i || k == j {
			return foreign
		}
		i = k
	}
	m, ok := scanMode(line, i)
	if !ok {
		return foreign
	}
	p.e = Entry{Type: m.typ, Perm: m.perm, Mode: line[i:m.end], Size: -1, Links: -1}
	p.column("mode", i, m.end)
	v := p.readUnixColumns(line, m.end)
	p.e.Name, p.e.Target = unescape(p.e.Name), unescape(p.e.Target)
	return v
}

// countFind counts, while detecting, an ls line after inode and blocks whose name is a pathname.
func (p *parser) countFind() {
	if p.detecting && (strings.IndexByte(p.e.Name, '/') >= 0 || p.e.Name == ".") {
		p.finds++
	}
}

// unescape undoes the escapes of find.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) {
			if n, ok := octal(s[i+1 : i+4]); ok && n < 256 {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		i++
		if k := strings.IndexByte("abfnrtv", s[i]); k >= 0 {
			b.WriteByte("\a\b\f\n\r\t\v"[k])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

package index

import (
	"strconv"
	"strings"

	"github.com/ftpidx/ftpidx/index/query"
)

// NameText returns the text form of the name of d: decoded by the charset of the server if that is known, else the
// bytes if they are UTF-8, else each byte as the Latin-1 character of its value.
func (d *Document) NameText() string { return d.Server.text(d.Name) }

// DirText returns the text form of the directory that holds d.
func (d *Document) DirText() string { return d.Server.text(d.Dir) }

// PathText returns the text form of the pathname of d, which begins with "/".
func (d *Document) PathText() string { return d.Server.text(d.Path()) }

// TargetText returns the text form of the target of a link, "" if it is not known.
func (d *Document) TargetText() string { return d.Server.text(d.Target) }

// text returns the text form of a pathname, element by element.
func (s *Server) text(path string) string {
	ascii := true
	for i := 0; i < len(path) && ascii; i++ {
		ascii = path[i] < 0x80 && path[i] != 0x1b // ISO-2022 is ASCII and escapes
	}
	if ascii {
		return path
	}
	elements := strings.Split(path, "/")
	for i, e := range elements {
		elements[i] = query.TextForm(e, s.Charset)
	}
	return strings.Join(elements, "/")
}

// URL returns the URL of d as curl, wget and aria2c fetch it: scheme ftp, also where the control connection is
// protected by AUTH TLS, or ftps for implicit TLS; the pathname byte for byte, percent-encoded; "/" at the end of a
// directory. In a URL a pathname is relative to the directory after login (RFC 1738, section 3.2.2): where that
// is not "/", the path begins with %2F.
func (d *Document) URL() string {
	s := d.Server
	scheme, port := "ftp", 21
	if s.Scheme == "ftps" {
		scheme, port = "ftps", 990
	}
	var b strings.Builder
	b.WriteString(scheme + "://")
	if s.User != "" {
		escapeURL(&b, s.User, "")
		b.WriteByte('@')
	}
	if strings.Contains(s.Host, ":") {
		b.WriteString("[" + s.Host + "]")
	} else {
		b.WriteString(s.Host)
	}
	if s.Port != 0 && s.Port != port {
		b.WriteString(":" + strconv.Itoa(s.Port))
	}
	b.WriteByte('/')
	if s.LoginDir != "" && s.LoginDir != "/" {
		b.WriteString("%2F")
	}
	escapeURL(&b, strings.TrimPrefix(d.Path(), "/"), "/:@")
	if d.Type == Dir {
		b.WriteByte('/')
	}
	return b.String()
}

// escapeURL writes the bytes of s, percent-encoded except for letters, digits, -._~+,= and also.
func escapeURL(b *strings.Builder, s, also string) {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			strings.IndexByte("-._~+,=", c) >= 0 || strings.IndexByte(also, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}

package query

import (
	"strings"
	"unicode"
)

// atURL reports whether a URL of FTP begins at the position.
func (p *parser) atURL() bool {
	for _, scheme := range [...]string{"ftp://", "ftps://", "ftpes://"} {
		if len(p.src)-p.pos >= len(scheme) && strings.EqualFold(p.src[p.pos:p.pos+len(scheme)], scheme) {
			return true
		}
	}
	return false
}

// url reads a pasted URL: the entry that it names, and all below it. The password is dropped.
func (p *parser) url(g *group) (Expr, *SyntaxError) {
	start := p.pos
	open := 0
scan:
	for {
		r, n := p.peek()
		switch {
		case n == 0, unicode.IsSpace(r), r == '|', r == ')' && open == 0:
			break scan
		case r == '(':
			open++
		case r == ')':
			open--
		}
		p.pos += n
	}
	raw := p.src[start:p.pos]
	authority, path, _ := strings.Cut(raw[strings.Index(raw, "://")+3:], "/")
	bad := func(what string) *SyntaxError { return p.errorAt(start, p.pos, "bad URL: %s", what) }
	login, host := "", authority
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		login, host = authority[:i], authority[i+1:]
		login, _, _ = strings.Cut(login, ":")
	}
	user, ok := unescape(login)
	if !ok {
		return nil, bad("% needs two hexadecimal digits after it")
	}
	_, name, port := cutHost(host)
	if a, ok := ipv6(name); ok {
		name = a.String()
	} else if strings.Trim(Fold(name), ".") == "" || strings.ContainsAny(name, ":%[]") {
		return nil, bad("no such host or port")
	}
	if strings.ContainsAny(user, "[]") {
		return nil, bad("no such login")
	}
	at := &Text{Field: Host, Mode: Is, Value: Fold(JoinHost(EscapeUser(user), name, port))}
	if err := p.countLeaf(start, p.pos); err != nil {
		return nil, err
	}
	if i := strings.LastIndex(strings.ToLower(path), ";type="); i >= 0 && i+7 == len(path) {
		path = path[:i]
	}
	bytes, ok := unescape(path)
	if !ok {
		return nil, bad("% needs two hexadecimal digits after it")
	}
	var dir strings.Builder
	for _, e := range strings.Split(bytes, "/") {
		if e != "" {
			dir.WriteByte('/')
			dir.WriteString(TextForm(e, ""))
		}
	}
	if dir.Len() == 0 {
		return at, nil
	}
	is, err := p.addTerm(g, start, &term{Text: Text{Field: Path, Mode: Is, Value: dir.String()}})
	if err != nil {
		return nil, err
	}
	below, err := p.addTerm(g, start, &term{Text: Text{Field: In, Mode: Has, Value: dir.String()}})
	if err != nil {
		return nil, err
	}
	return &And{[]Expr{at, &Or{[]Expr{is, below}}}}, nil
}

// unescape decodes the %XX of a URL.
func unescape(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			hi, ok1 := hexDigit(s[i+1])
			lo, ok2 := hexDigit(s[i+2])
			if !ok1 || !ok2 {
				return "", false
			}
			c = hi<<4 | lo
			i += 2
		}
		b = append(b, c)
	}
	return string(b), true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

package query

import (
	"cmp"
	"net/netip"
	"strconv"
	"strings"
)

// hostItem reads an item of host:, which is [user@]host[:port]. The host is a run of labels, the whole host (if
// literal), a glob, an IPv4 prefix, an IPv4 network or an IPv6 address in brackets.
func (p *parser) hostItem(info *fieldInfo, w *word, literal bool) (Expr, *SyntaxError) {
	v := Fold(w.text())
	if v == "" {
		return nil, p.errorAt(w.start, w.end, "nothing to search for")
	}
	t := &Text{Field: Host, Mode: Has, Value: v}
	bad := func() *SyntaxError {
		return p.errorAt(w.start, w.end, "host: takes a host name, not a URL or path")
	}
	if !literal {
		if err := p.foldedGlob(t, w, w.chars); err != nil {
			return nil, err
		}
		if t.Mode == Glob {
			if strings.Contains(t.Value, "/") {
				return nil, bad()
			}
			return t, nil
		}
	}
	if a, err := netip.ParseAddr(v); err == nil && a.Is6() {
		v = "[" + v + "]" // written without brackets
	}
	user, host, port := cutHost(v)
	if strings.HasPrefix(host, "[") {
		a, ok := ipv6(host)
		if !ok {
			return nil, p.errorAt(w.start, w.end, "bad IPv6 address")
		}
		t.Mode, t.Value = Is, JoinHost(user, a.String(), port)
		return t, nil
	}
	if prefix, err := netip.ParsePrefix(host); err == nil && prefix.Addr().Is4() {
		t.Mode = CIDR
		return t, nil
	}
	if strings.ContainsAny(v, "/[]") || strings.Contains(host, ":") || strings.Trim(host, ".") == "" {
		return nil, bad()
	}
	if literal {
		t.Mode = Is
	} else if prefix, ok := ipv4Prefix(host); ok {
		t.Mode, t.Value = IP, JoinHost(user, prefix, port)
	}
	return t, nil
}

// ipv6 returns the IPv6 address in brackets.
func ipv6(host string) (a netip.Addr, ok bool) {
	host, closed := strings.CutSuffix(strings.TrimPrefix(host, "["), "]")
	a, err := netip.ParseAddr(host)
	return a, closed && err == nil && a.Is6() && a.Zone() == ""
}

// ipv4Prefix reports whether host is one to three numbers of an IPv4 address, with a dot, and returns them ending
// in a dot.
func ipv4Prefix(host string) (string, bool) {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(labels) > 3 || !strings.Contains(host, ".") {
		return "", false
	}
	for _, l := range labels {
		n, err := strconv.ParseUint(l, 10, 8)
		if err != nil || strconv.FormatUint(n, 10) != l {
			return "", false
		}
	}
	return strings.Join(labels, ".") + ".", true
}

// SplitHost cuts [user@]host[:port] into its parts; the brackets of an IPv6 address are removed. A part that is
// not given is "".
func SplitHost(key string) (user, host, port string) {
	user, host, port = cutHost(key)
	if strings.HasPrefix(host, "[") {
		host = strings.TrimSuffix(host[1:], "]")
	}
	return user, host, port
}

// cutHost is SplitHost, but leaves brackets.
func cutHost(key string) (user, host, port string) {
	if i := strings.LastIndexByte(key, '@'); i >= 0 {
		user, key = key[:i], key[i+1:]
	}
	i := strings.LastIndexByte(key, ':')
	if i < 0 || !isPort(key[i+1:]) || key[0] == '[' && key[i-1] != ']' {
		return user, key, ""
	}
	return user, key[:i], key[i+1:]
}

// JoinHost is the opposite of SplitHost.
func JoinHost(user, host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if user != "" {
		host = user + "@" + host
	}
	if port != "" {
		host += ":" + port
	}
	return host
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// CompileHost returns a function that reports whether t, a text leaf on Host, selects the server [user@]host[:port]:
// user "" is an anonymous login, an IPv6 host has no brackets, port 0 is 21. The function may be called by several
// goroutines at once.
func CompileHost(t *Text) func(user, host string, port int) bool {
	if t.Mode == Glob {
		return compileHostGlob(t.Value)
	}
	wantUser, want, wantPort := SplitHost(t.Value)
	wantUser = unescapeUser(wantUser)
	network, _ := netip.ParsePrefix(want)
	address, _ := netip.ParseAddr(want)
	label := "." + strings.Trim(want, ".") + "."
	return func(user, host string, port int) bool {
		if wantUser != "" && wantUser != Fold(loginOf(user)) || wantPort != "" && wantPort != portOf(port) {
			return false
		}
		host = Fold(host)
		switch {
		case t.Mode == Has:
			return strings.Contains("."+host+".", label)
		case t.Mode == Is && !address.Is6():
			return host == want
		}
		a, err := netip.ParseAddr(host)
		switch {
		case err != nil:
			return false
		case t.Mode == IP:
			return a.Is4() && strings.HasPrefix(host+".", want)
		case t.Mode == CIDR:
			return network.Masked().Contains(a)
		}
		return a == address
	}
}

// compileHostGlob is CompileHost of a glob: over the whole host, with the login if the glob holds an @.
func compileHostGlob(value string) func(user, host string, port int) bool {
	pattern, wantPort := value, ""
	if i := strings.LastIndexByte(value, ':'); i > 0 && value[i-1] != '\\' && isPort(value[i+1:]) {
		pattern, wantPort = value[:i], value[i+1:]
	}
	selects := CompileText(&Text{Field: Host, Mode: Glob, Value: pattern})
	login := strings.Contains(pattern, "@")
	return func(user, host string, port int) bool {
		if wantPort != "" && wantPort != portOf(port) {
			return false
		}
		text := Fold(host)
		if strings.Contains(text, ":") {
			text = "[" + text + "]"
		}
		if login {
			text = Fold(EscapeUser(loginOf(user))) + "@" + text
		}
		return selects(text)
	}
}

var (
	userEscapes   = strings.NewReplacer("%", "%25", "/", "%2F", ":", "%3A")
	userUnescapes = strings.NewReplacer("%25", "%", "%2f", "/", "%3a", ":", "%20", " ") // folded
)

// EscapeUser returns the name of a user as it stands in the key of a server: "/", ":" and "%", and a blank at the beginning,
// are percent-encoded, as in URLs. Package crawl does the same.
func EscapeUser(name string) string {
	name = userEscapes.Replace(name)
	if rest, ok := strings.CutPrefix(name, " "); ok {
		return "%20" + rest
	}
	return name
}

// unescapeUser returns the folded name of a user from a folded query.
func unescapeUser(name string) string { return userUnescapes.Replace(name) }

func loginOf(user string) string { return cmp.Or(user, "anonymous") }

func portOf(port int) string { return strconv.Itoa(cmp.Or(port, 21)) }

package query

import (
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
	if !literal && isGlob(w.chars) {
		g, msg := parseGlob(w.chars, false)
		if msg == "" {
			g, msg = g.fold()
		}
		if msg != "" {
			return nil, p.errorAt(w.start, w.end, "%s", msg)
		}
		t.Mode, t.Value = Glob, g.String()
		if strings.Contains(t.Value, "/") {
			return nil, bad()
		}
		return t, nil
	}
	user, host, port := SplitHost(v)
	if _, err := netip.ParseAddr(host); err != nil && port != "" && strings.Contains(host, ":") || host == "" {
		if a, err := netip.ParseAddr(v); err == nil && a.Is6() && a.Zone() == "" { // written without brackets
			user, host, port = "", a.String(), ""
		} else {
			return nil, bad()
		}
	}
	if prefix, err := netip.ParsePrefix(host); err == nil && prefix.Addr().Is4() {
		t.Mode = CIDR
		return t, nil
	}
	if strings.Contains(host, "/") || strings.Contains(user, "/") {
		return nil, bad()
	}
	switch {
	case strings.ContainsAny(host, "[]:"):
		a, err := netip.ParseAddr(host)
		if err != nil || !a.Is6() || a.Zone() != "" {
			return nil, p.errorAt(w.start, w.end, "bad IPv6 address")
		}
		t.Mode, t.Value = Is, JoinHost(user, a.String(), port)
	case literal:
		t.Mode = Is
	default:
		if prefix, ok := ipv4Prefix(host); ok {
			t.Mode, t.Value = IP, JoinHost(user, prefix, port)
		}
	}
	return t, nil
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
	if i := strings.LastIndexByte(key, '@'); i >= 0 {
		user, key = key[:i], key[i+1:]
	}
	if strings.HasPrefix(key, "[") {
		if i := strings.LastIndexByte(key, ']'); i > 0 && (i+1 == len(key) || key[i+1] == ':') {
			host, port = key[1:i], strings.TrimPrefix(key[i+1:], ":")
			return user, host, port
		}
	}
	if i := strings.LastIndexByte(key, ':'); i >= 0 && isPort(key[i+1:]) {
		return user, key[:i], key[i+1:]
	}
	return user, key, ""
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

// MatchHost reports whether t, a text leaf on Host, selects the server [user@]host[:port] (an IPv6 host without
// brackets; "" for anonymous).
func MatchHost(t *Text, user, host string, port int) bool {
	if user == "" {
		user = "anonymous"
	}
	if port == 0 {
		port = 21
	}
	value := t.Value
	if t.Mode == Glob {
		if pattern, digits, ok := cutPort(value); ok {
			if digits != strconv.Itoa(port) {
				return false
			}
			value = pattern
		}
		text := Fold(host)
		if strings.Contains(host, ":") {
			text = "[" + text + "]"
		}
		if strings.Contains(value, "@") {
			text = Fold(user) + "@" + text
		}
		return globRegexp(&Text{Field: Host, Mode: Glob, Value: value}).MatchString(text)
	}
	wantUser, want, wantPort := SplitHost(value)
	if wantUser != "" && wantUser != Fold(user) || wantPort != "" && wantPort != strconv.Itoa(port) {
		return false
	}
	host = Fold(host)
	switch t.Mode {
	case IP:
		a, err := netip.ParseAddr(host)
		return err == nil && a.Is4() && strings.HasPrefix(host+".", want)
	case CIDR:
		a, err := netip.ParseAddr(host)
		network, perr := netip.ParsePrefix(want)
		return err == nil && perr == nil && network.Masked().Contains(a)
	case Has:
		return strings.Contains("."+host+".", "."+strings.Trim(want, ".")+".")
	}
	if a, err := netip.ParseAddr(want); err == nil && a.Is6() {
		b, err := netip.ParseAddr(host)
		return err == nil && a == b
	}
	return host == want
}

// cutPort cuts :port off the end of a glob.
func cutPort(value string) (pattern, port string, ok bool) {
	i := strings.LastIndexByte(value, ':')
	if i <= 0 || value[i-1] == '\\' || !isPort(value[i+1:]) {
		return value, "", false
	}
	return value[:i], value[i+1:], true
}

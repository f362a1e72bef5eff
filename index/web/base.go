package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// ParseURL checks what a Server may have as its URL: http or https, a host, nothing that a client would send back. It returns it
// without a slash at the end.
func ParseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", fmt.Errorf("bad URL %q", s)
	case u.Scheme != "http" && u.Scheme != "https":
		return "", fmt.Errorf("bad URL %q: it begins with http:// or https://", s)
	case !isHost(u.Host):
		return "", fmt.Errorf("bad URL %q: no host in it", s)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return "", fmt.Errorf("bad URL %q: only a scheme and a host, as https://search.example", s)
	}
	return u.Scheme + "://" + u.Host, nil
}

// base returns the URL of the server's root without the slash at its end: the configured one, else what the request went to. A
// Host that could be anything but a host and a port is refused.
func (s *Server) base(r *http.Request) (string, error) {
	if s.URL != "" {
		return strings.TrimSuffix(s.URL, "/"), nil
	}
	if !isHost(r.Host) {
		return "", &statusError{http.StatusBadRequest, "bad Host in the request"}
	}
	if r.TLS != nil {
		return "https://" + r.Host, nil
	}
	return "http://" + r.Host, nil
}

// isHost reports whether s can be a host and a port, and is nothing else.
func isHost(s string) bool {
	if s == "" || len(s) > 300 || strings.ContainsFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(".-_:[]", c))
	}) {
		return false
	}
	u, err := url.Parse("//" + s)
	return err == nil && u.Host == s && u.Hostname() != "" && !strings.HasSuffix(s, ":")
}

// misdirected reports whether r asks this machine for a host that is another. What listens on loopback is for this machine's users alone;
// yet a page in their browser may ask it too, if it comes from a host whose name meanwhile leads here (DNS rebinding), and it could read
// the answers as its own. Addresses and localhost cannot be made to lead elsewhere. Behind a proxy, which has a URL, all is the proxy's.
func (s *Server) misdirected(r *http.Request) bool {
	if s.URL != "" || !s.state().local {
		return false
	}
	host := strings.ToLower((&url.URL{Host: r.Host}).Hostname())
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	return host != "" && host != "localhost" && !strings.HasSuffix(host, ".localhost")
}

// isLoopback reports whether only this machine can reach a.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

package index

import (
	"net"
	"strconv"
	"strings"

	"github.com/ftpidx/ftpidx/index/query"
)

// A Server is the FTP server that documents come from. It is shared by its documents and not changed after the first.
type Server struct {
	Scheme   string // "ftp", "ftpes" or "ftps"
	User     string // "" for anonymous logins
	Host     string // lower case; IPv6 without brackets
	Port     int
	LoginDir string // working directory after login, absolute; "" is "/"
	Charset  string // IANA name of the charset of its pathnames; "" is not known
}

// Key returns [user@]host[:port], the name of the server everywhere in ftpidx: the user only for
// real logins, the port unless it is 21, an IPv6 address in brackets. "/", ":" and "%" of a user's name, and a blank at its
// beginning, are percent-encoded, as in URLs.
func (s *Server) Key() string {
	host := s.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if s.Port != 21 && s.Port != 0 {
		host = net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	}
	if s.User != "" {
		return query.EscapeUser(s.User) + "@" + host
	}
	return host
}

// CanonicalKey returns the key of the server for which an earlier version of the program, which escaped nothing, may have
// written key.
func CanonicalKey(key string) string {
	at := strings.LastIndexByte(key, '@')
	if at < 0 {
		return key
	}
	user := key[:at]
	for _, escape := range []string{"%25", "%2F", "%3A", "%20"} {
		user = strings.ReplaceAll(user, escape, "\x00"+escape[1:])
	}
	return strings.ReplaceAll(query.EscapeUser(user), "\x00", "%") + key[at:]
}

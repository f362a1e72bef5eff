package index

import (
	"net"
	"strconv"
	"strings"
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
// real logins, the port unless it is 21, an IPv6 address in brackets.
func (s *Server) Key() string {
	host := s.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if s.Port != 21 && s.Port != 0 {
		host = net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	}
	if s.User != "" {
		return s.User + "@" + host
	}
	return host
}

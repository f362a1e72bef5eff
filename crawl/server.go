package crawl

import (
	"net"
	"strconv"
	"strings"
)

// A Scheme says how the control connection is protected.
type Scheme string

const (
	FTP   Scheme = "ftp"   // in clear
	FTPES Scheme = "ftpes" // explicit TLS, RFC 4217: AUTH TLS on the ordinary port
	FTPS  Scheme = "ftps"  // implicit TLS, port 990
)

// Port returns the scheme's port when a URL names none: 21, or 990 for FTPS.
func (s Scheme) Port() int {
	if s == FTPS {
		return 990
	}
	return 21
}

// A Server is a login on an FTP server. Values are comparable.
type Server struct {
	Scheme Scheme
	User   string // "" for anonymous logins
	Host   string // lower case; an IDNA A-label, an IPv4 address, or an IPv6 address without brackets
	Port   int
}

// Key returns [user@]host[:port], the name of the server everywhere in ftpidx: the user only for
// real logins, the port unless it is 21, an IPv6 address in brackets. "/", ":" and "%" of a user's name, and a blank at its
// beginning, are percent-encoded, as in URLs: [ParseKey] and [ParseSeed] would take them for something else.
func (s Server) Key() string {
	var b strings.Builder
	if s.User != "" {
		b.WriteString(escapeUser(s.User))
		b.WriteByte('@')
	}
	if strings.Contains(s.Host, ":") {
		b.WriteString("[" + s.Host + "]")
	} else {
		b.WriteString(s.Host)
	}
	if s.Port != 21 {
		b.WriteString(":" + strconv.Itoa(s.Port))
	}
	return b.String()
}

// Package index does the same.
var userEscapes = strings.NewReplacer("%", "%25", "/", "%2F", ":", "%3A")

func escapeUser(name string) string {
	name = userEscapes.Replace(name)
	if rest, ok := strings.CutPrefix(name, " "); ok {
		return "%20" + rest
	}
	return name
}

// Addr returns host:port as net.Dial takes it.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (s Server) String() string { return string(s.Scheme) + "://" + s.Key() }

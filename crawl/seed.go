package crawl

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// A Seed is where a crawl of a server begins.
type Seed struct {
	Server Server

	// Path is an absolute pathname if it begins with "/", else relative to the working directory
	// after login, "" being that directory itself (RFC 1738, section 3.2.2). Bytes, percent-decoded.
	Path string
}

const maxSeedPath = 4096

// ParseSeed reads what a user types to name a place on a server:
//
//	ftp://[user@]host[:port]/path     in clear
//	ftpes://…                         explicit TLS (AUTH TLS, RFC 4217), port 21
//	ftps://…                          implicit TLS, port 990
//	host, user@host:2121/pub          the same as ftp://…
//
// The path is relative to the login directory unless it begins with "/%2F" or "//".
// A "?" or "#" is an ordinary byte of the pathname, and a final ";type=x" is ignored.
// Errors are one sentence that quotes the input without any password in it.
func ParseSeed(url string) (Seed, error) {
	text := strings.TrimSpace(url)
	fail := func(format string, args ...any) (Seed, error) {
		text := text[:min(len(text), 200)]
		return Seed{}, fmt.Errorf("%q: %s", redact(text), fmt.Sprintf(format, args...))
	}
	if text == "" {
		return Seed{}, errors.New("the URL is empty")
	}
	server := Server{Scheme: FTP}
	rest := text
	if scheme, after, ok := strings.Cut(text, "://"); ok && !strings.ContainsAny(scheme, "/@:") {
		server.Scheme, rest = Scheme(strings.ToLower(scheme)), after
		switch server.Scheme {
		case FTP, FTPES, FTPS:
		default:
			return fail("the scheme must be ftp, ftpes or ftps, not %s", scheme)
		}
	}
	authority, rawPath, _ := strings.Cut(rest, "/")
	switch strings.ToLower(authority) {
	case "ftp:", "ftpes:", "ftps:":
		return fail("a scheme is followed by two slashes, as in %s//%s", strings.ToLower(authority), cmp.Or(strings.TrimLeft(rawPath, "/"), "HOST/"))
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, _, hasPassword := strings.Cut(authority[:i], ":")
		if hasPassword {
			return fail("a password does not belong in a URL; put it in ~/.netrc or $FTPIDX_PASSWORD")
		}
		name, err := percentDecode(user)
		if err != nil {
			return fail("the user name: %v", err)
		}
		if err := CheckUser(name); err != nil {
			return fail("the user name %v", err)
		}
		if !IsAnonymous(name) {
			server.User = name
		}
		authority = authority[i+1:]
	}
	host, port, err := splitHostPort(authority)
	if err != nil {
		return fail("%v", err)
	}
	if server.Host, err = canonicalHost(host); err != nil {
		return fail("%v", err)
	}
	server.Port = server.Scheme.Port()
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fail("the port must be a number from 1 to 65535, not %s", port)
		}
		server.Port = int(n)
	}
	if i := strings.LastIndex(strings.ToLower(rawPath), ";type="); i >= 0 && len(rawPath) == i+len(";type=x") {
		rawPath = rawPath[:i]
	}
	p, err := percentDecode(rawPath)
	if err != nil {
		return fail("the path: %v", err)
	}
	if strings.ContainsAny(p, "\x00\r\n") {
		return fail("the path holds CR, LF or NUL, which no FTP command can carry")
	}
	if len(p) > maxSeedPath {
		return fail("the path is longer than %d bytes", maxSeedPath)
	}
	return Seed{Server: server, Path: cleanSeedPath(p)}, nil
}

// IsAnonymous reports whether a user name is one of the two of anonymous logins (RFC 1635).
func IsAnonymous(name string) bool { return name == "anonymous" || name == "ftp" }

// CheckUser says why a user name cannot be one. It is a part of the server's key, which stands in tables, messages and file names as
// it is: what a terminal would obey, or what hides or reorders the text around it, has no place there. A key may come from strangers,
// in a list of URLs or an export.
func CheckUser(name string) error {
	switch {
	case name == "":
		return errors.New("is empty")
	case !utf8.ValidString(name):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("holds characters that cannot be shown")
	}
	return nil
}

// Resolve returns the absolute pathname of the seed on a server whose login directory is loginDir.
func (s Seed) Resolve(loginDir string) string {
	if strings.HasPrefix(s.Path, "/") {
		return s.Path
	}
	return path.Join("/", loginDir, s.Path)
}

// maxSeedLine is the longest line of seeds, but for a comment.
const maxSeedLine = 64 << 10 // bytes

// A LineError says what is wrong with a line of seeds.
type LineError struct {
	Line int // from 1 on
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// ReadSeeds reads one URL a line; blank lines and lines that begin with "#" are skipped, as is
// anything after white space and "#". All lines are read: the seeds that are good come back together
// with what is wrong with the others. The error is that of reading.
func ReadSeeds(r io.Reader) (seeds []Seed, bad []*LineError, err error) {
	lines := bufio.NewReaderSize(r, maxSeedLine)
	for n := 1; ; n++ {
		text, err := lines.ReadSlice('\n')
		line, _, commented := strings.Cut(strings.ReplaceAll(string(text), "\t#", " #"), " #")
		long := errors.Is(err, bufio.ErrBufferFull) && !commented
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = lines.ReadSlice('\n')
		}
		if err != nil && err != io.EOF {
			return seeds, bad, err
		}
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		switch {
		case line == "" || line[0] == '#':
		case long:
			bad = append(bad, &LineError{n, fmt.Errorf("it is longer than %d bytes", maxSeedLine)})
		default:
			seed, err := ParseSeed(line)
			if err != nil {
				bad = append(bad, &LineError{n, err})
				break
			}
			seeds = append(seeds, seed)
		}
		if err == io.EOF {
			return seeds, bad, nil
		}
	}
}

// ParseKey reads what [Server.Key] prints: [user@]host[:port]. The scheme, which a key does not hold,
// becomes FTPS for port 990 and FTP otherwise.
func ParseKey(key string) (Server, error) {
	if strings.ContainsAny(key, "/") {
		return Server{}, fmt.Errorf("%q: a server is named [user@]host[:port], without a path", redact(key))
	}
	seed, err := ParseSeed(key)
	if err != nil {
		return Server{}, err
	}
	if seed.Server.Port == FTPS.Port() {
		seed.Server.Scheme = FTPS
	}
	return seed.Server, nil
}

// cleanSeedPath removes empty and "." elements and resolves ".." by the text; it keeps the
// difference between absolute and relative, and never leaves a "/" at the end but for "/" itself.
func cleanSeedPath(p string) string {
	if p == "" {
		return ""
	}
	if p = path.Clean(p); p == "." {
		return ""
	}
	return p
}

// redact replaces what could be a password in a URL that was not understood.
func redact(url string) string {
	start := 0
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + len("://")
	}
	at := strings.LastIndexByte(url, '@')
	if at < start {
		return url
	}
	colon := strings.IndexByte(url[start:at], ':')
	if colon < 0 {
		return url
	}
	return url[:start+colon+1] + "…" + url[at:]
}

// splitHostPort takes an authority without user apart. Unlike net.SplitHostPort it accepts a missing
// port, and an IPv6 address without brackets.
func splitHostPort(s string) (host, port string, err error) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", "", errors.New("the bracket of the IPv6 address is not closed")
		}
		addr, err := netip.ParseAddr(s[1:end])
		if err != nil || !addr.Is6() {
			return "", "", fmt.Errorf("%s is not an IPv6 address", s[1:end])
		}
		rest := s[end+1:]
		if rest != "" && rest[0] != ':' {
			return "", "", errors.New("only a port may follow the IPv6 address")
		}
		return s[1:end], strings.TrimPrefix(rest, ":"), nil
	}
	if addr, err := netip.ParseAddr(s); err == nil && addr.Is6() {
		return s, "", nil
	}
	host, port, _ = strings.Cut(s, ":")
	if strings.Contains(port, ":") {
		return "", "", errors.New("an IPv6 address with a port needs brackets, as in [2001:db8::1]:2121")
	}
	return host, port, nil
}

// canonicalHost returns the one spelling by which a host is known: an address as netip prints it,
// or a name in lower case, an A-label where it is international (RFC 5891).
func canonicalHost(host string) (string, error) {
	if host == "" {
		return "", errors.New("the host is missing")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if strings.ContainsFunc(addr.Zone(), func(c rune) bool { return c != '-' && c != '.' && c != '_' && !isAlphanumeric(c) }) {
			return "", fmt.Errorf("%s is not the name of an interface", addr.Zone())
		}
		return addr.String(), nil
	}
	name, err := percentDecode(host)
	if err != nil {
		return "", fmt.Errorf("the host: %v", err)
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if !isASCII(name) {
		if name, err = idna.Lookup.ToASCII(name); err != nil {
			return "", fmt.Errorf("%s is not a host name", host)
		}
	}
	if len(name) > 253 {
		return "", errors.New("the host name is longer than 253 characters")
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return "", fmt.Errorf("%s is not a host name", host)
		}
		for i := range len(label) {
			if c := label[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return "", fmt.Errorf("%s is not a host name", host)
			}
		}
	}
	return name, nil
}

func isAlphanumeric(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// percentDecode decodes %XX; any other byte stands for itself.
func percentDecode(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", errors.New("two hexadecimal digits must follow a %")
		}
		b, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", errors.New("two hexadecimal digits must follow a %")
		}
		out = append(out, byte(b))
		i += 2
	}
	return string(out), nil
}

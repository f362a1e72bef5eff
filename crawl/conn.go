package crawl

import (
	"context"
	"io"
	"time"
)

// A Conn is one logged-in control connection. It is used by one goroutine at a time; only Close may
// be called while a List runs. [github.com/ftpidx/ftpidx/crawl/ftpconn] makes the real ones.
type Conn interface {
	// List makes req.Path the working directory, lists it, and copies the bytes of the listing to w as
	// they arrive. Success means that the data connection ended cleanly and the server confirmed the
	// transfer (226 or 250); the Reply is that confirmation, whose text may say that the listing was cut.
	// On failure the error is an *Error, or ctx's; what w got by then is worthless.
	// After an error for which Broken reports true the Conn is dead and only Close is of use.
	List(ctx context.Context, req Request, w io.Writer) (Reply, error)

	// Hello returns what the server said of itself at login.
	Hello() Hello

	// Stats returns the traffic of this connection so far.
	Stats() ConnStats

	// Close says QUIT without waiting for the reply, and closes both connections.
	Close() error
}

// A Request asks for the listing of one directory.
type Request struct {
	Path string // absolute pathname, bytes as the server sent them

	// Next, if not nil, is called at most once, when the data connection has ended, and returns the Path
	// of the request that will follow on this Conn, so that its CWD can be sent at once; ok false: not known.
	Next func() (path string, ok bool)
}

// A Reply is a server-FTP's answer to a command (RFC 959, section 4.2).
type Reply struct {
	Code int
	Text string // without the code of the first line; lines separated by LF; bytes as sent
}

// Hello is what a server tells at login.
type Hello struct {
	Banner   string   // text of the 220 reply
	Welcome  string   // text of the 230 reply
	System   string   // reply to SYST, "" if refused
	Features []string // lines of FEAT, nil if refused
	LoginDir string   // reply to PWD: the working directory after login, absolute
	TLS      string   // version and cipher, "" in clear

	Certificate Certificate // the zero value in clear

	Passive string // "EPSV" or "PASV": what worked; "" before the first listing
	Listing string // command that lists: "LIST", "LIST -a" or "MLSD"; one for the life of the Conn
}

// A Certificate is what is kept of a server's certificate. The JSON form is part of the archive's format.
type Certificate struct {
	Subject string    `json:"subject,omitempty"`
	Names   []string  `json:"names,omitempty"` // DNS names and addresses that it is for, the first few
	Issuer  string    `json:"issuer,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	SHA256  string    `json:"sha256,omitempty"` // fingerprint, hexadecimal
}

// ConnStats counts what one Conn cost the server.
type ConnStats struct {
	Commands      int64         // commands sent
	DataConns     int64         // data connections opened
	Sent          int64         // bytes of commands
	Received      int64         // bytes of replies and listings
	ListingBytes  int64         // bytes of listings alone
	LongestSilent time.Duration // longest wait for a reply
}

// Add adds the traffic of another Conn.
func (s *ConnStats) Add(t ConnStats) {
	s.Commands += t.Commands
	s.DataConns += t.DataConns
	s.Sent += t.Sent
	s.Received += t.Received
	s.ListingBytes += t.ListingBytes
	s.LongestSilent = max(s.LongestSilent, t.LongestSilent)
}

// A Dialer opens control connections. It may be used by several goroutines at once.
type Dialer interface {
	// Dial connects to the server, logs in, and learns what Hello holds. Its errors are *Error, or ctx's.
	Dial(ctx context.Context, server Server) (Conn, error)
}

// A PacedDialer is a Dialer that may list while it logs in, to find out how, and knows what its logins in vain have cost.
type PacedDialer interface {
	Dialer

	// DialPaced is Dial that calls pace before each command that lists, and gives up with its error.
	DialPaced(ctx context.Context, server Server, pace func(context.Context) error) (Conn, error)

	// Wasted returns how many control connections to the server were made so far over which no login succeeded, and
	// their traffic.
	Wasted(server Server) (connections int64, traffic ConnStats)
}

// A Rememberer is a Dialer that learns of servers what is worth knowing at the next crawl. The Crawler keeps
// it in the Store.
type Rememberer interface {
	Dialer

	// Recall tells what Facts returned after an earlier crawl, before the first Dial to the server.
	Recall(server Server, facts map[string]string)

	// Facts returns what has been learned of the server so far. The caller owns the map.
	Facts(server Server) map[string]string
}

// A Retriever is a Conn that can do more than list: fetch a small file, and ask when one was modified. A Conn
// that cannot gets neither robots.txt nor the zone of the server's clock.
type Retriever interface {
	Conn

	// Retrieve copies the file name, an absolute pathname, to w, up to limit bytes: when it is longer,
	// err is not nil and n not less than limit. Errors are as those of List.
	Retrieve(ctx context.Context, name string, w io.Writer, limit int64) (n int64, reply Reply, err error)

	// ModTime returns the modification time of a file by MDTM (RFC 3659, section 3): in UTC if the server
	// keeps to the standard.
	ModTime(ctx context.Context, name string) (time.Time, error)
}

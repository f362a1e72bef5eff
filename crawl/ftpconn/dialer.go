package ftpconn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// A Dialer opens control connections. Its zero value is ready for use; it must not be copied after
// that, nor its fields changed. It implements [crawl.Dialer].
type Dialer struct {
	// Contact is the password of anonymous logins, by custom a mail address (RFC 1635); "": "anonymous@".
	Contact string

	// Password returns the password of a login that is not anonymous. It is asked for each connection.
	// Nil: such logins fail.
	Password func(ctx context.Context, server crawl.Server) (string, error)

	// Client is what servers that ask for it (CLNT) are told we are; "": "ftpidx".
	Client string

	TLS TLSMode // for ftp:// servers; "": Auto

	// InClear, if not nil, is called once for each server before a real password is sent in clear: TLS was asked for, and the
	// server, or whoever is in between, says that it has none.
	InClear func(server crawl.Server)

	// TLSFor returns what TLS is for one server; "": as TLS says. Nil: "" for all.
	TLSFor func(server crawl.Server) TLSMode

	// TLSConfig holds what verifies certificates: RootCAs, MinVersion, InsecureSkipVerify. Nil: the
	// system's authorities, TLS 1.2 and later.
	TLSConfig *tls.Config

	// Pin returns the SHA-256 fingerprint, in hexadecimal, of the only certificate that is accepted from
	// a server, by whomever it is signed; "": any that verifies. Nil: "" for all.
	Pin func(server crawl.Server) string

	// Listing says which command lists; "": ListAuto.
	Listing ListingMode

	// Careful: no command is sent before the reply to the one before it.
	Careful bool

	// DialContext makes the TCP connections, both kinds; nil: a net.Dialer whose data connections come
	// from the address that the control connection has, as vsftpd demands, and go to the address that it
	// went to. Else data connections are asked for with the server's name. See [SOCKS].
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	DialTimeout     time.Duration // for a control connection to be made, and for TLS on it; 0: 30 s
	BannerTimeout   time.Duration // for the greeting, which may wait for look-ups; 0: 60 s
	ReplyTimeout    time.Duration // for every other reply; 0: 30 s
	DataDialTimeout time.Duration // for a data connection to be made; 0: 10 s
	DataTimeout     time.Duration // silence on a data connection; 0: 60 s
	Slowest         time.Duration // for a whole listing, besides a second for each KiB it brings; 0: 1 min
	Longest         time.Duration // for a whole listing or file, whatever it brings; 0: 1 h, in which 256 MiB take 73 KiB/s

	MaxReply   int   // bytes of a reply; 0: 256 KiB
	MaxListing int64 // bytes of a listing; 0: 256 MiB

	mu    sync.Mutex
	known map[crawl.Server]*known
}

// ErrTooLong is what the Err of a [crawl.Error] is when a listing or a file was longer than its limit.
var ErrTooLong = errors.New("too long")

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (d *Dialer) dialTimeout() time.Duration     { return or(d.DialTimeout, 30*time.Second) }
func (d *Dialer) bannerTimeout() time.Duration   { return or(d.BannerTimeout, 60*time.Second) }
func (d *Dialer) replyTimeout() time.Duration    { return or(d.ReplyTimeout, 30*time.Second) }
func (d *Dialer) dataDialTimeout() time.Duration { return or(d.DataDialTimeout, 10*time.Second) }
func (d *Dialer) dataTimeout() time.Duration     { return or(d.DataTimeout, 60*time.Second) }
func (d *Dialer) slowest() time.Duration         { return or(d.Slowest, time.Minute) }
func (d *Dialer) longest() time.Duration         { return or(d.Longest, time.Hour) }
func (d *Dialer) maxReply() int                  { return or(d.MaxReply, 256<<10) }
func (d *Dialer) maxListing() int64              { return or(d.MaxListing, 256<<20) }

// dial makes a TCP connection, by nd unless the user has a way of making them.
func (d *Dialer) dial(ctx context.Context, addr string, nd net.Dialer) (net.Conn, error) {
	if d.DialContext != nil {
		return d.DialContext(ctx, "tcp", addr)
	}
	return nd.DialContext(ctx, "tcp", addr)
}

// Dial implements [crawl.Dialer].
func (d *Dialer) Dial(ctx context.Context, server crawl.Server) (crawl.Conn, error) {
	return d.DialPaced(ctx, server, nil)
}

// DialPaced implements [crawl.PacedDialer]; pace may be nil.
func (d *Dialer) DialPaced(ctx context.Context, server crawl.Server, pace func(context.Context) error) (crawl.Conn, error) {
	user, password := "anonymous", or(d.Contact, "anonymous@")
	if server.User != "" {
		if d.Password == nil {
			return nil, &crawl.Error{Op: "login", Code: 530, Err: fmt.Errorf("%w for %s", crawl.ErrNoPassword, server.User)}
		}
		p, err := d.Password(ctx, server)
		if err != nil {
			return nil, err
		}
		user, password = server.User, p
	}
	if !sendable(user + password) {
		return nil, &crawl.Error{Op: "login", Code: 530, Err: fmt.Errorf("%w that can be sent: CR, LF and NUL cannot", crawl.ErrNoPassword)}
	}
	for try := 0; ; try++ {
		c := &Conn{d: d, server: server, known: d.memory(server), pace: pace}
		err := c.open(ctx, user, password)
		if err == nil {
			return c, nil
		}
		c.Close()
		c.known.waste(c)
		// What was learned may make the difference: a second greeting, a demand for TLS.
		if try == 2 || !c.adapt(err) {
			return nil, err
		}
	}
}

// Wasted implements [crawl.PacedDialer].
func (d *Dialer) Wasted(server crawl.Server) (connections int64, traffic crawl.ConnStats) {
	k := d.memory(server)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.lost, k.wasted
}

var _ crawl.PacedDialer = (*Dialer)(nil)

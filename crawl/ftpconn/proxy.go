package ftpconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"golang.org/x/net/proxy"

	"github.com/ftpidx/ftpidx/crawl"
)

// SOCKS returns a [Dialer.DialContext] that goes through the SOCKS5 proxy (RFC 1928) at rawURL,
// socks5://[user:password@]host[:port], as ALL_PROXY holds it; socks5h:// is the same. Names of servers
// are resolved by the proxy.
func SOCKS(rawURL string) (func(ctx context.Context, network, addr string) (net.Conn, error), error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	if u.Scheme != "socks5" && u.Scheme != "socks5h" || u.Hostname() == "" {
		return nil, errors.New("proxy: want socks5://host:port")
	}
	port := u.Port()
	if port == "" {
		port = "1080"
	}
	var auth *proxy.Auth
	if u.User != nil {
		auth = &proxy.Auth{User: u.User.Username()}
		auth.Password, _ = u.User.Password()
	}
	d, err := proxy.SOCKS5("tcp", net.JoinHostPort(u.Hostname(), port), auth, quickDialer{})
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	return d.(proxy.ContextDialer).DialContext, nil
}

// quickDialer makes the connections to the proxy: there is no putting quickACK around what the proxy
// package returns.
type quickDialer struct{}

func (quickDialer) Dial(network, addr string) (net.Conn, error) {
	return quickDialer{}.DialContext(context.Background(), network, addr)
}

func (quickDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", crawl.ErrProxy, err)
	}
	return quickACK(c), nil
}

package ftpconn

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// A TLSMode says when the control connection of an ftp:// server is protected (RFC 4217).
type TLSMode string

const (
	// Auto keeps anonymous sessions in clear unless the server demands TLS. Where a real password would
	// be sent it asks for TLS first, and takes no for an answer only from a server that has never said
	// yes; a failure once the server said yes is final.
	Auto TLSMode = "auto"

	Require TLSMode = "require" // TLS or nothing
	Never   TLSMode = "never"   // in clear; ftpes:// and ftps:// fail
)

// tlsMode returns what holds for a server.
func (d *Dialer) tlsMode(server crawl.Server) TLSMode {
	var mode TLSMode
	if d.TLSFor != nil {
		mode = d.TLSFor(server)
	}
	return or(mode, or(d.TLS, Auto))
}

// explicit reports whether to ask for TLS after the greeting, and whether no is an answer.
func (c *Conn) explicit() (ask, must bool) {
	f := c.known.recall()
	switch {
	case c.server.Scheme == crawl.FTPES || c.d.tlsMode(c.server) == Require:
		return true, true
	case c.d.tlsMode(c.server) == Never:
		return false, false
	case f.needTLS:
		return true, true
	}
	return c.server.User != "", f.offeredTLS
}

// forbidden returns the error for what is not allowed to begin with.
func (c *Conn) forbidden() error {
	if c.d.tlsMode(c.server) != Never {
		return nil
	}
	why := ""
	switch {
	case c.server.Scheme != crawl.FTP:
		why = fmt.Sprintf("%s:// is TLS, which is switched off", c.server.Scheme)
	case c.server.User != "" && c.known.recall().offeredTLS:
		why = "the server has taken this password over TLS before: it is not sent in clear"
	default:
		return nil
	}
	return &crawl.Error{Op: "TLS", Code: 534, Err: errors.New(why), Dead: true}
}

// upgrade asks for TLS by AUTH and shakes hands.
func (c *Conn) upgrade(must bool) error {
	r, err := c.ctl.exec("AUTH TLS")
	if err != nil {
		return c.fail("TLS", "", err)
	}
	switch {
	case r.Code == 234:
	case r.Code/100 == 5 && !must: // not offered
		if c.server.User != "" && c.d.InClear != nil && c.known.firstInClear() {
			c.d.InClear(c.server)
		}
		return nil
	default:
		return &crawl.Error{Op: "TLS", Code: r.Code, Err: fmt.Errorf("refused: %s", r.Text), Dead: true}
	}
	if c.server.User != "" {
		c.known.learn(func(f *facts) { f.offeredTLS = true })
	}
	if c.ctl.r.Buffered() > 0 {
		// Somebody may have put commands' replies before the handshake, to be believed after it.
		return c.fail("TLS", "", errors.New("the server sent more before the handshake"))
	}
	return c.handshake(c.ctl.Conn)
}

// handshake puts TLS over the control connection nc.
func (c *Conn) handshake(nc net.Conn) error {
	ctx, cancel := context.WithTimeout(c.ctx, c.d.dialTimeout())
	defer cancel()
	c.tls = c.d.tlsConfig(c.server)
	nc.SetDeadline(time.Time{}) // the context has it
	t := tls.Client(nc, c.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		return c.fail("TLS", "", explain(err))
	}
	state := t.ConnectionState()
	c.hello.TLS = tls.VersionName(state.Version) + " " + tls.CipherSuiteName(state.CipherSuite)
	if len(state.PeerCertificates) > 0 {
		sum := fingerprint(state.PeerCertificates[0])
		c.known.learn(func(f *facts) { f.certificate = sum })
		c.hello.Certificate = describe(state.PeerCertificates[0])
	}
	c.ctl = c.newControl(t)
	return nil
}

// tlsConfig returns the configuration for one control connection and its data connections.
//
// vsftpd (require_ssl_reuse) and ProFTPD let a data connection in only if it resumes the session of its
// control connection. So each control connection has a session cache, of its own: what another one left
// there would be taken for it. The cache goes by ServerName, and by the address with the port only where
// there is none, so that one is set always.
func (d *Dialer) tlsConfig(server crawl.Server) *tls.Config {
	cfg := &tls.Config{}
	if d.TLSConfig != nil {
		cfg = d.TLSConfig.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = server.Host
	}
	cfg.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	if cfg.MinVersion != 0 && cfg.MinVersion < tls.VersionTLS12 && cfg.CipherSuites == nil {
		// Whoever allows TLS 1.0 has an appliance that knows nothing newer in ciphers either.
		for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			cfg.CipherSuites = append(cfg.CipherSuites, s.ID)
		}
	}
	if d.Pin == nil {
		return cfg
	}
	pin := normalPin(d.Pin(server))
	if pin == "" {
		return cfg
	}
	cfg.InsecureSkipVerify = true // replaced by this, which is stricter
	cfg.VerifyConnection = func(state tls.ConnectionState) error {
		if got := fingerprint(state.PeerCertificates[0]); got != pin {
			return fmt.Errorf("the certificate has SHA-256 %s, not the pinned %s", got, pin)
		}
		return nil
	}
	return cfg
}

// normalPin takes a fingerprint as openssl x509 -fingerprint -sha256 prints it, colons and capitals.
func normalPin(pin string) string {
	return strings.ToLower(strings.NewReplacer(":", "", " ", "", "sha256=", "", "SHA256=", "").Replace(pin))
}

func fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return hex.EncodeToString(sum[:])
}

// describe returns what is kept of a certificate.
func describe(cert *x509.Certificate) crawl.Certificate {
	c := crawl.Certificate{
		Subject: cert.Subject.String(), Issuer: cert.Issuer.String(), Expires: cert.NotAfter.UTC(), SHA256: fingerprint(cert),
	}
	names := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	c.Names = names[:min(len(names), maxCertificateNames)]
	return c
}

// maxCertificateNames bounds what is kept of the names of a certificate, which may have thousands.
const maxCertificateNames = 20

// explain adds to a verification error the fingerprint that could be pinned.
func explain(err error) error {
	var e *tls.CertificateVerificationError
	if errors.As(err, &e) && len(e.UnverifiedCertificates) > 0 {
		return fmt.Errorf("%w (certificate SHA-256 %s)", err, fingerprint(e.UnverifiedCertificates[0]))
	}
	return err
}

// demandsTLS matches what servers say at 5yz, and at 421, that want no sessions in clear: "Anonymous
// sessions must use encryption." (vsftpd), "SSL/TLS required on the control channel" (ProFTPD), "Sorry,
// cleartext sessions and weak ciphers are not accepted on this server." (Pure-FTPd).
var demandsTLS = regexp.MustCompile(`(?i)\btls\b|\bssl\b|encrypt|secure (connection|session)|cleartext`)

// protectCodes are the replies to a transfer that ask for protection (RFC 4217, section 9; RFC 2228, section 5; 530 by some).
// A 550 does not: its text may name the directory /etc/ssl.
var protectCodes = map[int]bool{521: true, 522: true, 530: true, 533: true, 534: true, 536: true}

// LoadCAs returns the system's certificate authorities together with those in the PEM file name, for
// TLSConfig.RootCAs.
func LoadCAs(name string) (*x509.CertPool, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, 16<<20))
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: no certificate in PEM form", name)
	}
	return pool, nil
}

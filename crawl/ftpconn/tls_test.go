package ftpconn

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

func TestTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, scheme := range []crawl.Scheme{crawl.FTPES, crawl.FTPS} {
			t.Run(tls.VersionName(version)+" "+string(scheme), func(t *testing.T) {
				config, pool := ftptest.Certificate()
				config.MaxVersion = version
				s := &ftptest.Server{FS: small(time.Now()), TLSConfig: config, RequireReuse: true, Implicit: scheme == crawl.FTPS}
				var clear atomic.Int32
				s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
					if cmd.Verb != "AUTH" && !c.Secure() {
						clear.Add(1)
					}
					return false
				}
				server := serve(t, s)
				server.Scheme = scheme
				d := listed(&Dialer{TLSConfig: &tls.Config{RootCAs: pool}}, server)
				// Two connections at once: each resumes its own session, also with commands sent ahead.
				a, b := open(t, d, server), open(t, d, server)
				for range 5 {
					for _, c := range []crawl.Conn{a, b} {
						if got, _, err := list(t, c, "/pub"); err != nil || strings.Count(got, "\r\n") != 4 {
							t.Fatalf("%q, %v", got, err)
						}
						if got, _, err := list(t, c, "/pub/empty"); err != nil || got != "" {
							t.Fatalf("empty: %q, %v", got, err)
						}
					}
				}
				if n := a.(*Conn).resumed; n != 10 {
					t.Errorf("%d data connections resumed the session, want 10", n)
				}
				if h := a.Hello(); !strings.HasPrefix(h.TLS, tls.VersionName(version)+" TLS_") {
					t.Errorf("TLS: %q", h.TLS)
				}
				leaf := config.Certificates[0].Leaf
				if c := a.Hello().Certificate; c.Subject != "CN=localhost" || !c.Expires.Equal(leaf.NotAfter) || c.SHA256 != fingerprint(leaf) || len(c.Names) != 2 {
					t.Errorf("certificate: %+v", c)
				}
				if clear.Load() != 0 {
					t.Errorf("%d commands in clear", clear.Load())
				}
				if f := d.Facts(server); len(f["certificate"]) != 64 {
					t.Errorf("facts: %v", f)
				}
			})
		}
	}
}

func TestTLSVerification(t *testing.T) {
	config, pool := ftptest.Certificate()
	leaf := config.Certificates[0].Leaf
	pin := fingerprint(leaf)
	other, _ := ftptest.Certificate("other.example")
	colons := ""
	for i := 0; i < len(pin); i += 2 {
		colons += ":" + strings.ToUpper(pin[i:i+2])
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}), 0o644); err != nil {
		t.Fatal(err)
	}
	fromFile, err := LoadCAs(file)
	if err != nil {
		t.Fatal(err)
	}
	pinned := func(p string) func(crawl.Server) string { return func(crawl.Server) string { return p } }
	for _, test := range []struct {
		name   string
		dialer *Dialer
		server *tls.Config
		want   string // in the error; "": none
	}{
		{"unknown authority", &Dialer{}, config, pin},
		{"known authority", &Dialer{TLSConfig: &tls.Config{RootCAs: pool}}, config, ""},
		{"authority from a file", &Dialer{TLSConfig: &tls.Config{RootCAs: fromFile}}, config, ""},
		{"another host's", &Dialer{TLSConfig: &tls.Config{RootCAs: poolOf(other)}}, other, "127.0.0.1"},
		{"insecure", &Dialer{TLSConfig: &tls.Config{InsecureSkipVerify: true}}, other, ""},
		{"pinned", &Dialer{Pin: pinned(pin)}, config, ""},
		{"pinned as openssl prints it", &Dialer{Pin: pinned("sha256 Fingerprint=" + colons[1:])}, config, "not the pinned"},
		{"pinned with colons", &Dialer{Pin: pinned(colons[1:])}, config, ""},
		{"pinned another", &Dialer{Pin: pinned(pin), TLSConfig: &tls.Config{InsecureSkipVerify: true}}, other, "not the pinned"},
		{"not pinned", &Dialer{Pin: pinned("")}, config, pin},
		{"TLS 1.0 by default", &Dialer{TLSConfig: &tls.Config{RootCAs: pool}}, old(config), "protocol version"},
		{"TLS 1.0 allowed", &Dialer{TLSConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10}}, old(config), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := serve(t, &ftptest.Server{FS: small(time.Now()), TLSConfig: test.server})
			server.Scheme = crawl.FTPES
			c, err := test.dialer.Dial(t.Context(), server)
			if err == nil {
				defer c.Close()
				_, _, err = list(t, c, "/pub")
			}
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *crawl.Error
			if !errors.As(err, &e) || e.Op != "TLS" || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want one about %q", err, test.want)
			}
		})
	}
}

func poolOf(c *tls.Config) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c.Certificates[0].Leaf)
	return p
}

func old(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	return c
}

// Whether and when a session in clear becomes one over TLS, and that no password goes astray.
func TestTLSModes(t *testing.T) {
	config, pool := ftptest.Certificate()
	broken, _ := ftptest.Certificate("elsewhere.example")
	type server = *ftptest.Server
	auth := func(code int, text string) func(*ftptest.Session, ftptest.Command) bool {
		return func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "AUTH" {
				c.Reply(code, text)
			}
			return cmd.Verb == "AUTH"
		}
	}
	offered := map[string]string{"offered_tls": "true", "listing": "LIST"}
	for _, test := range []struct {
		name   string
		server server
		scheme crawl.Scheme
		user   string
		mode   TLSMode
		recall map[string]string

		tls   bool // ends so
		fails bool
		clear bool // the password went out in clear
	}{
		{name: "anonymous stays in clear", server: &ftptest.Server{TLSConfig: config}, clear: true},
		{name: "anonymous where TLS is demanded", server: &ftptest.Server{TLSConfig: config, RequireTLS: true}, tls: true},
		{name: "anonymous, required", server: &ftptest.Server{TLSConfig: config}, mode: Require, tls: true},
		{name: "required, not offered", server: &ftptest.Server{}, mode: Require, fails: true},
		{name: "demanded, but switched off", server: &ftptest.Server{TLSConfig: config, RequireTLS: true}, mode: Never, fails: true},
		{name: "ftpes, not offered", server: &ftptest.Server{}, scheme: crawl.FTPES, fails: true},
		{name: "ftpes, switched off", server: &ftptest.Server{TLSConfig: config}, scheme: crawl.FTPES, mode: Never, fails: true},
		{name: "password, offered", server: &ftptest.Server{TLSConfig: config}, user: "bob", tls: true},
		{name: "password, never offered", server: &ftptest.Server{}, user: "bob", clear: true},
		{name: "password, switched off", server: &ftptest.Server{TLSConfig: config}, user: "bob", mode: Never, clear: true},
		{name: "password, not offered any more", server: &ftptest.Server{}, user: "bob", recall: offered, fails: true},
		{name: "password, offered once, switched off", server: &ftptest.Server{TLSConfig: config}, user: "bob", mode: Never, recall: offered, fails: true},
		{name: "password, certificate of another", server: &ftptest.Server{TLSConfig: broken}, user: "bob", fails: true},
		{name: "password, TLS fails for now", server: &ftptest.Server{Intercept: auth(431, "no resources")}, user: "bob", fails: true},
		{name: "password, handshake does not come", server: &ftptest.Server{Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "AUTH" {
				c.Reply(234, "go on")
				c.Reply(220, "in clear")
			}
			return cmd.Verb == "AUTH"
		}}, user: "bob", fails: true},
		{name: "password, connection lost at AUTH", server: &ftptest.Server{Intercept: func(c *ftptest.Session, cmd ftptest.Command) bool {
			if cmd.Verb == "AUTH" {
				c.Hangup()
			}
			return cmd.Verb == "AUTH"
		}}, user: "bob", fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := test.server
			s.FS = small(time.Now())
			var clear atomic.Bool
			then := s.Intercept
			s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
				if cmd.Verb == "PASS" && !c.Secure() {
					clear.Store(true)
				}
				return then != nil && then(c, cmd)
			}
			sv := serve(t, s)
			sv.User = test.user
			sv.Scheme = or(test.scheme, crawl.FTP)
			d := &Dialer{TLS: test.mode, TLSConfig: &tls.Config{RootCAs: pool}, Password: func(context.Context, crawl.Server) (string, error) { return "secret", nil }}
			d.Recall(sv, test.recall)
			c, err := d.Dial(t.Context(), sv)
			if err == nil {
				defer c.Close()
				_, _, err = list(t, c, "/pub")
			}
			if (err != nil) != test.fails {
				t.Errorf("got %v, want an error: %t", err, test.fails)
			}
			if clear.Load() != test.clear {
				t.Errorf("password in clear: %t, want %t", clear.Load(), test.clear)
			}
			if err == nil && (c.Hello().TLS != "") != test.tls {
				t.Errorf("TLS: %q, want %t", c.Hello().TLS, test.tls)
			}
			if err != nil {
				return
			}
			// The next connection knows, and so does the next crawl.
			users := s.Stats().Commands["USER"]
			again := &Dialer{TLS: test.mode, TLSConfig: d.TLSConfig, Password: d.Password}
			again.Recall(sv, d.Facts(sv))
			open(t, again, sv)
			if got := s.Stats().Commands["USER"]; got != users+1 {
				t.Errorf("USER was sent %d times more, want once", got-users)
			}
			if test.tls && test.user != "" && again.Facts(sv)["offered_tls"] != "true" {
				t.Errorf("facts: %v", again.Facts(sv))
			}
		})
	}
}

// vsftpd with force_anon_data_ssl takes the login in clear, and no listing.
func TestTLSDemandedForData(t *testing.T) {
	config, pool := ftptest.Certificate()
	s := &ftptest.Server{FS: small(time.Now()), TLSConfig: config}
	s.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		if cmd.Verb == "LIST" && !c.Secure() {
			c.Reply(522, "Data connections must be encrypted.")
			return true
		}
		return false
	}
	server := serve(t, s)
	d := listed(&Dialer{TLSConfig: &tls.Config{RootCAs: pool}}, server)
	c := open(t, d, server)
	_, err := c.List(t.Context(), crawl.Request{Path: "/pub"}, new(bytes.Buffer))
	if !crawl.Broken(err) || !crawl.Retryable(err) {
		t.Fatalf("got %v, want an error that a new connection may mend", err)
	}
	if _, _, err := list(t, open(t, d, server), "/pub"); err != nil {
		t.Error(err)
	}
}

func ExampleLoadCAs() {
	_, err := LoadCAs("no-such-file.pem")
	fmt.Println(err)
	// Output: open no-such-file.pem: no such file or directory
}

func poolConfig(p *x509.CertPool) *tls.Config { return &tls.Config{RootCAs: p} }

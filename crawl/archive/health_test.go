package archive_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// facts returns what the archive of the place keeps of the server.
func (p *place) facts() crawl.Facts {
	p.Helper()
	a, err := archive.Open(p.dir, seed(p, p.server.URL).Server, nil)
	if err != nil {
		p.Fatal(err)
	}
	defer a.Close()
	return a.Facts()
}

// A server that dies is tried less and less often; what is known of it stays, with the time when it was true; and one
// that comes back is as good as before.
func TestHealthOfAServerThatDiesAndComesBack(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	p := newPlace(t)
	p.crawl(crawl.RefreshAuto)
	if h := p.facts().Health; h.State != crawl.HealthOK || !h.LastOK.Equal(epoch) {
		t.Errorf("alive: got %+v", h)
	}
	want := p.held()
	p.server.Close()
	p.later(day)
	died := p.now
	for i, c := range []struct {
		state crawl.HealthState
		wait  time.Duration
	}{{crawl.HealthFailing, day}, {crawl.HealthFailing, 3 * day}, {crawl.HealthFailing, 7 * day}, {crawl.HealthDead, 30 * day}, {crawl.HealthDead, 30 * day}} {
		if report, _ := p.crawl(crawl.RefreshAuto); report.State != crawl.Stopped {
			t.Fatalf("got %s", report.State)
		}
		if h := p.facts().Health; h.State != c.state || !h.Since.Equal(died) || !h.LastOK.Equal(epoch) || !h.Next.Equal(p.now.Add(c.wait)) {
			t.Errorf("failure %d: got %+v, want %s until %v", i+1, h, c.state, p.now.Add(c.wait))
		}
		p.sameAs(want, "dead")
		p.later(c.wait)
	}
	a, err := archive.Open(p.dir, seed(p, p.server.URL).Server, nil)
	if err != nil {
		t.Fatal(err)
	}
	for item, err := range a.Entries(context.Background(), nil) {
		if err != nil || !item.Seen.Equal(epoch) {
			t.Fatalf("%s: last true %v, %v, want %v", item.Entry.Name, item.Seen, err, epoch)
		}
	}
	a.Close()
	p.server = &ftptest.Server{FS: p.tree, Clock: p.server.Clock, Listen: p.server.Addr}
	if err := p.server.Start(); err != nil {
		t.Skip(err) // somebody else has the port by now
	}
	defer p.server.Close()
	report, _ := p.crawl(crawl.RefreshAuto)
	if h := p.facts().Health; report.State != crawl.Complete || h.State != crawl.HealthOK || !h.Since.IsZero() {
		t.Errorf("back: got %s, %+v", report.State, h)
	}
}

// A password that was refused is remembered even of a server that was never listed.
func TestRefusedPasswordIsRemembered(t *testing.T) {
	t.Parallel()
	server := &ftptest.Server{Password: func(_, password string) bool { return password == "right" }}
	serve(t, server)
	dir := t.TempDir()
	password := "wrong"
	try := func(retry bool) *crawl.ServerReport {
		c := newCrawler(dir)
		c.Policy.RetryLogin = retry
		c.Dialer = &ftpconn.Dialer{TLS: ftpconn.Never, Password: func(context.Context, crawl.Server) (string, error) { return password, nil }}
		s := seed(t, server.URL)
		s.Server.User = "bob"
		return run(t, c, s)
	}
	for i := range 3 {
		if r := try(false); r.State != crawl.Stopped || (i > 0) != errors.Is(r.Err, crawl.ErrLocked) {
			t.Errorf("attempt %d: got %s, %v", i, r.State, r.Err)
		}
	}
	if n := server.Stats().Commands["PASS"]; n != 1 {
		t.Errorf("the password was sent %d times, want once", n)
	}
	password = "right"
	if r := try(true); r.State != crawl.Complete {
		t.Errorf("told to try again: got %s, %v", r.State, r.Err)
	}
}

// That a server has offered TLS is remembered even if nothing came of it, since its certificate did not verify:
// whoever answers in its place at the next crawl, and refuses TLS, does not get the password in clear.
func TestOfferedTLSIsRemembered(t *testing.T) {
	t.Parallel()
	config, _ := ftptest.Certificate()
	var refuses, sent atomic.Bool
	server := &ftptest.Server{TLSConfig: config}
	server.Intercept = func(c *ftptest.Session, cmd ftptest.Command) bool {
		switch {
		case cmd.Verb == "PASS":
			sent.Store(true)
		case cmd.Verb == "AUTH" && refuses.Load():
			c.Reply(500, "Unknown command.")
			return true
		}
		return false
	}
	serve(t, server)
	dir := t.TempDir()
	s := seed(t, server.URL)
	s.Server.User = "bob"
	for i := range 3 {
		c := newCrawler(dir)
		c.Dialer = &ftpconn.Dialer{Password: func(context.Context, crawl.Server) (string, error) { return "secret", nil }}
		if r := run(t, c, s); r.State != crawl.Stopped || r.Err == nil {
			t.Errorf("crawl %d: got %s, %v", i, r.State, r.Err)
		}
		a, err := archive.Open(dir, s.Server, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a.Facts().Conn["offered_tls"] != "true" {
			t.Errorf("crawl %d: facts: %v", i, a.Facts().Conn)
		}
		a.Close()
		refuses.Store(true)
	}
	if sent.Load() {
		t.Error("the password was sent")
	}
	// What nobody logs in to with a password leaves nothing behind.
	s.Server.User, s.Server.Scheme = "", crawl.FTPES
	refuses.Store(false)
	c := newCrawler(dir)
	c.Dialer = new(ftpconn.Dialer)
	if r := run(t, c, s); r.State != crawl.Stopped {
		t.Errorf("anonymous: got %s", r.State)
	}
	if a, err := archive.Open(dir, s.Server, nil); err == nil {
		a.Close()
		t.Error("an archive of a server that was never used is there")
	}
}

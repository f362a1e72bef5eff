package crawl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"
)

// A proxy that is gone is no server's fault, although the connection was refused.
func TestAProxyThatIsGoneIsOurFault(t *testing.T) {
	refused := &Error{Op: "dial", Err: syscall.ECONNREFUSED}
	if ourFault(refused) {
		t.Error("a server that refuses is said to be our fault")
	}
	if gone := (&Error{Op: "dial", Err: fmt.Errorf("socks: %w: %w", ErrProxy, syscall.ECONNREFUSED)}); !ourFault(gone) {
		t.Error("a proxy that is gone is said to be the server's fault")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var h Health
	if !h.Due(start) {
		t.Error("a server never tried is not due")
	}
	h = h.Succeeded(start)
	now := start.Add(day)
	for i, c := range []struct {
		wait  time.Duration
		state HealthState
	}{{day, HealthFailing}, {3 * day, HealthFailing}, {7 * day, HealthFailing}, {30 * day, HealthDead}, {30 * day, HealthDead}} {
		h = h.Failed(now, errors.New("no route"))
		if h.State != c.state || !h.Next.Equal(now.Add(c.wait)) || !h.Since.Equal(start.Add(day)) || !h.LastOK.Equal(start) || h.Reason != "no route" {
			t.Errorf("failure %d at %v: got %+v, want %s, tried again after %v", i+1, now, h, c.state, c.wait)
		}
		if h.Due(now.Add(c.wait-time.Second)) || !h.Due(now.Add(c.wait)) {
			t.Errorf("failure %d: due at the wrong time", i+1)
		}
		now = now.Add(c.wait)
	}
	h = h.Succeeded(now)
	if h.State != HealthOK || !h.Since.IsZero() || h.Waits != 0 || !h.LastOK.Equal(now) || !h.Due(now) {
		t.Errorf("came back: got %+v", h)
	}
}

func TestHealthImpatienceKillsNoServer(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var h Health
	for i := range 100 {
		h = h.Failed(now.Add(time.Duration(i)*time.Minute), errors.New("x"))
	}
	if h.State != HealthFailing || h.Waits != 1 || !h.Next.Equal(now.Add(24*time.Hour)) {
		t.Errorf("got %+v", h)
	}
}

func TestHealthLock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	h := Health{}.Lock(now, errors.New("login incorrect"))
	if !h.Locked || h.Due(now.AddDate(10, 0, 0)) {
		t.Errorf("got %+v, want never due", h)
	}
	if h = h.Succeeded(now); h.Locked {
		t.Errorf("got %+v after a login that was accepted", h)
	}
}

func TestOutageIsSuspected(t *testing.T) {
	t.Parallel()
	timeout := &Error{Op: "dial", Err: &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return now.Add(time.Duration(seconds) * time.Second) }
	o := &outage{servers: 3}
	if !o.suspected(timeout, at(0), at(60)) {
		t.Error("nobody ever answered: no outage")
	}
	o.answered(at(30))
	if o.suspected(timeout, at(0), at(60)) {
		t.Error("somebody answered meanwhile: an outage")
	}
	if !o.suspected(timeout, at(40), at(60)) {
		t.Error("nobody answered since: no outage")
	}
	if o.suspected(&Error{Op: "dial", Err: syscall.ECONNREFUSED}, at(40), at(60)) || o.suspected(timeout, at(50), at(70)) {
		t.Error("a refused connection is no sign of life")
	}
	one := &outage{servers: 1}
	if one.suspected(timeout, at(0), at(60)) {
		t.Error("the only server of a run: an outage")
	}
}

func TestOurFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&Error{Op: "dial", Err: os.ErrDeadlineExceeded}, true},
		{&Error{Op: "dial", Err: context.DeadlineExceeded}, true},
		{&Error{Op: "dial", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ENETUNREACH)}}, true},
		{&net.DNSError{Err: "server misbehaving", IsTemporary: true}, true},
		{&net.DNSError{Err: "no such host", IsNotFound: true}, false},
		{&Error{Op: "dial", Err: &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}, false},
		{&Error{Op: "login", Code: 530, Err: errors.New("no")}, false},
		{&Error{Op: "login", Err: io.EOF}, false},
		{nil, false},
	} {
		if got := ourFault(c.err); got != c.want {
			t.Errorf("%v: got %v", c.err, got)
		}
	}
}

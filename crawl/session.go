package crawl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A session is a worker: one goroutine that lists directories of one server over one connection,
// which it replaces when it breaks.
type session struct {
	*walk
	slot     bool  // the host counts a connection for this session
	conn     Conn  // nil: none
	reserved *task // promised to the Conn as the next request
}

// work lists directories until there are none.
func (s *session) work() {
	defer s.drop()
	retired := false
	for !retired {
		t, ok, idle := s.take()
		switch {
		case ok:
			retired = !s.serve(t)
		case idle:
			// A server ends sessions that are silent for long; better we do.
			s.drop()
			retired = s.retire()
		default:
			s.askTimes()
			return
		}
	}
}

// take returns the next task: the one promised to the Conn, if there is one.
func (s *session) take() (t task, ok, idle bool) {
	if s.reserved != nil {
		t, s.reserved = *s.reserved, nil
		t.promised = true
		return t, true, false
	}
	wait := time.Duration(0)
	if s.conn != nil {
		wait = idleConn
	}
	return s.frontier.next(s.ctx, wait)
}

// serve lists the directory of a task and hands it back to the frontier as done, or to be done
// later. It reports false if the worker is to end.
func (s *session) serve(t task) bool {
	if reason, why := s.leaves(t.Dir); reason != "" && !t.promised {
		return s.skip(t, reason, why)
	}
	t.promised = false
	if s.conn == nil {
		if !s.connect(t) {
			return false
		}
		if s.conn == nil {
			return true // t is back on the frontier
		}
	}
	l, err := s.probed(t.Path)
	broke := false
	if l == nil {
		if err := s.pace(); err != nil {
			s.frontier.back(t)
			return true
		}
		l, err = s.list(t)
		broke = err != nil && Broken(err)
	} else {
		l.Dir = t.Dir
	}
	if err != nil && s.hard.Err() != nil {
		l.Close()
		s.drop()
		s.frontier.back(t)
		return true
	}
	if broke {
		s.drop()
	}
	var temp *TempError
	if errors.As(err, &temp) {
		// Nothing that another attempt, or another directory, could do about.
		l.Close()
		s.frontier.close(err)
		s.frontier.back(t)
		return true
	}
	if err != nil && t.failed < s.policy.Retries && retryListing(err, t.failed) {
		t.failed++
		if s.frontier.again(t, s.backoff(t.failed-1)) {
			l.Close()
			s.event(Event{Kind: Retried, Server: s.server, Path: t.Path, Err: err})
			return true
		}
	}
	if useless(err) {
		l.Close()
		s.frontier.close(fmt.Errorf("%s does not list directories: %w", s.server.Key(), err))
		s.frontier.back(t)
		return true
	}
	if err := s.record(t, l, err); err != nil {
		if s.hard.Err() == nil {
			s.frontier.close(err)
		}
		s.frontier.back(t)
		return true
	}
	s.frontier.done(t)
	s.grow()
	return true
}

// record turns the outcome of a listing into what the Store keeps, and puts it there. The error is
// the Store's.
func (s *session) record(t task, l *Listing, err error) error {
	l.judge(err)
	if err := s.scanner.Scan(l); err != nil {
		l.Close()
		return err
	}
	for _, reason := range []Reason{TooDeep, PathTooLong} {
		if skipped := l.Skipped[reason]; skipped != nil {
			s.traps.hit(l.Dir, skipped.N)
		}
	}
	l.suspectTruncation(s.store.Facts())
	if err := s.leaveUnmoved(l); err != nil {
		l.Close()
		return err
	}
	up := t.up
	if up == nil {
		up = lineage(t.Dir, s.store.Sum, make(map[string]*ancestor))
	}
	self := &ancestor{up: up}
	if l.Spool != nil {
		self.sum, self.known = l.Spool.Sum(), l.Entries >= LoopEntries
	}
	if len(l.children) > 0 && self.known && isLoop(self.sum, up) {
		l.Reason, l.Detail = Looping, "it lists exactly what two directories above it list"
	}
	event := Event{
		Kind: Listed, Server: s.server, Path: t.Path, Status: l.Status, Reason: l.Reason,
		Entries: l.Entries, Elapsed: l.Elapsed, Err: err,
	}
	if l.Spool != nil {
		event.Bytes = l.Spool.Len()
	}
	children, many := l.children, l.many
	if l.Reason == Looping {
		children, many = nil, false
	}
	status, entries := l.Status, l.Entries
	if err := s.store.Put(s.hard, l); err != nil {
		return err
	}
	s.event(event)
	// Only now does the Store know the children, or will before it answers Pending. Where a published listing
	// was read, it knows too which of them need not be listed.
	if s.report.Published.Used && len(children) > 0 {
		children, many = nil, true
	}
	for i := len(children) - 1; i >= 0; i-- {
		d := Dir{Server: s.server, Path: Join(t.Path, children[i]), Depth: t.Depth + 1, up: self}
		if !s.seeds[d.Path] {
			s.frontier.push(d)
		}
	}
	if many {
		s.frontier.spill()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == Whole {
		s.clean++
		s.outage.answered(s.now())
	}
	s.entries += entries
	if s.policy.MaxEntries > 0 && s.entries >= s.policy.MaxEntries {
		s.frontier.close(ErrMaxEntries)
	}
	return nil
}

// dial makes a connection; the slot is held already.
func (s *session) dial() error {
	var conn Conn
	var err error
	if d, ok := s.Dialer.(PacedDialer); ok {
		conn, err = d.DialPaced(s.ctx, s.server, s.paceLogin)
	} else {
		conn, err = s.Dialer.Dial(s.ctx, s.server)
	}
	if err != nil {
		// That the server offered TLS, say, with a certificate that did not verify: the next crawl, in another
		// process, must not be talked into sending the password in clear.
		s.learnConn()
		return err
	}
	s.conn = conn
	s.outage.answered(s.now())
	s.host.in()
	s.learn()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.walk.refused = 0
	s.logins++
	return nil
}

// acquire makes sure that the host counts a connection for s, which must be the only session of its walk.
func (s *session) acquire() error {
	if s.slot || s.host.tryAcquire() {
		s.slot = true
		return nil
	}
	err := s.wait(s.ctx, s.host, s.server)
	s.slot = err == nil
	return err
}

// connect makes a connection to serve t. Without success t is back on the frontier, s.conn is nil,
// and the result is false if the worker is to end.
func (s *session) connect(t task) bool {
	if !s.slot {
		if s.slot = s.host.tryAcquire(); !s.slot {
			s.frontier.back(t)
			if s.retire() {
				return false
			}
			_ = s.acquire() // ctx's end is seen by take
			return true
		}
	}
	err := s.dial()
	if err == nil {
		return true
	}
	s.drop()
	s.frontier.back(t)
	if s.ctx.Err() != nil {
		return true
	}
	s.mu.Lock()
	failed := s.walk.refused
	s.walk.refused++
	if failed == 0 {
		s.since = s.now()
	}
	since := s.since
	s.mu.Unlock()
	s.event(Event{Kind: Retried, Server: s.server, Err: err})
	others := s.host.logins()
	full := tooMany(err) || others > 0 && isRefusedLogin(err)
	if full {
		s.learnLimit(s.host.stepDown())
	}
	if others > 0 && s.retire() {
		return false
	}
	retries := s.policy.Retries
	if full {
		retries = fullRetries
	}
	if failed >= retries && s.outage.suspected(err, since, s.now()) {
		s.mu.Lock()
		s.since = s.now()
		s.mu.Unlock()
		if s.waitOut(failed-retries, err) {
			return true
		}
		err = fmt.Errorf("%w: %w", ErrOutage, err)
	}
	if failed >= retries || !full && !Retryable(err) {
		s.frontier.close(err)
		return true
	}
	s.mu.Lock()
	alone := s.workers == 1
	s.mu.Unlock()
	// ctx's end is seen by take.
	if alone {
		_ = s.pauseAlone(s.backoff(failed))
	} else {
		_ = sleep(s.ctx, s.backoff(failed))
	}
	return true
}

// learn has the Store remember what the connection says of the server.
func (s *session) learn() {
	hello := s.conn.Hello()
	s.store.Learn(func(f *Facts) {
		f.Banner, f.Welcome, f.System, f.Features, f.TLS = hello.Banner, hello.Welcome, hello.System, hello.Features, hello.TLS
		if hello.Certificate.SHA256 != "" {
			f.Certificate = hello.Certificate
		}
		f.LoginDir = cmp.Or(hello.LoginDir, f.LoginDir)
		f.Passive = cmp.Or(hello.Passive, f.Passive)
		f.Listing = cmp.Or(hello.Listing, f.Listing)
	})
	s.learnConn()
}

// learnConn has the Store remember what the Dialer has learned of the server, logged in or not.
func (s *session) learnConn() {
	r, ok := s.Dialer.(Rememberer)
	if !ok {
		return
	}
	if learned := r.Facts(s.server); learned != nil {
		s.store.Learn(func(f *Facts) { f.Conn = learned })
	}
}

func (s *session) learnLimit(limit int) {
	s.store.Learn(func(f *Facts) { f.Connections, f.LimitedAt = limit, s.now().UTC() })
	s.event(Event{Kind: Limited, Server: s.server, Connections: limit})
}

// drop closes the connection and gives the slot back. A task promised to the connection goes back
// to the frontier.
func (s *session) drop() {
	if s.reserved != nil {
		s.frontier.back(*s.reserved)
		s.reserved = nil
	}
	loggedIn := s.conn != nil
	if loggedIn {
		s.learn()      // some things show only with the first listings
		s.conn.Close() // what could fail is only the QUIT
		stats := s.conn.Stats()
		s.mu.Lock()
		s.traffic.Add(stats)
		s.mu.Unlock()
		s.conn = nil
	}
	if s.slot {
		s.slot = false
		s.host.release(loggedIn)
	}
}

// tooMany reports whether a connection was refused because there are too many.
func tooMany(err error) bool {
	var e *Error
	return errors.Is(err, ErrTooMany) || errors.As(err, &e) && e.Code == 421
}

// isRefusedLogin reports whether the server did not accept the login.
func isRefusedLogin(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == 530
}

// useless reports whether err says that the server cannot list at all: 502 and 504, command or
// parameter not implemented.
func useless(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Op != "CWD" && (e.Code == 502 || e.Code == 504)
}

// retryListing reports whether the directory may be listed at another attempt, of which so many failed before.
func retryListing(err error, failed int) bool {
	var cut *cutError
	if errors.As(err, &cut) {
		return false
	}
	if errors.Is(err, ErrUnconfirmed) {
		return failed == 0
	}
	return Retryable(err) || Broken(err)
}

// list asks for one listing. The Listing is never nil; it has no Status yet.
func (s *session) list(t task) (*Listing, error) {
	s.mu.Lock()
	s.listings++
	if t.failed > 0 {
		s.retries++
	}
	s.mu.Unlock()
	start := s.now()
	l := &Listing{Dir: t.Dir, Start: start.UTC().Truncate(time.Second), Spool: s.spool(), Command: s.conn.Hello().Listing}
	ctx, cancel := context.WithCancelCause(s.hard)
	defer cancel(nil)
	sink := &sink{spool: l.Spool, maxBytes: s.policy.MaxListing, maxLines: s.policy.MaxListingEntries}
	defer sink.watch(s.policy.MaxListingTime, cancel)()
	var err error
	l.Reply, err = s.conn.List(ctx, Request{Path: t.Path, Next: s.promise}, sink)
	l.Elapsed = s.now().Sub(start)
	if sink.err != nil {
		return l, sink.err
	}
	var cut *cutError
	if err != nil && errors.As(context.Cause(ctx), &cut) {
		if l.Spool.Len() == 0 {
			return l, &Error{Op: "LIST", Path: t.Path, Err: errors.New("no data came"), Dead: true}
		}
		return l, cut
	}
	return l, err
}

// promise is the Next of requests.
func (s *session) promise() (string, bool) {
	if s.reserved != nil || s.ctx.Err() != nil {
		return "", false
	}
	t, ok := s.frontier.try()
	if !ok {
		return "", false
	}
	if reason, _ := s.leaves(t.Dir); reason != "" {
		s.frontier.back(t)
		return "", false
	}
	s.reserved = &t
	return t.Path, true
}

// judge sets Status, Reason and Detail from the outcome.
func (l *Listing) judge(err error) {
	var e *Error
	var cut *cutError
	if errors.As(err, &e) {
		l.Reply.Code = e.Code
	}
	switch {
	case err == nil:
		l.Status = Whole
		if saysTruncated(l.Reply) {
			l.Status, l.Reason, l.Detail = Partial, Truncated, l.Reply.Text
		}
		return
	case errors.As(err, &cut):
		l.Status, l.Reason = Partial, cut.reason
		if terr := l.Spool.trimLine(); terr != nil {
			err = terr
			break
		}
		l.Detail = err.Error()
		return
	case errors.Is(err, ErrUnconfirmed):
		l.Status, l.Detail = Unconfirmed, err.Error()
		return
	case e != nil && e.Code == 450 && noFiles(e.Err.Error()):
		// After a successful CWD: an empty directory.
		l.Status, l.Reply.Text = Whole, e.Err.Error()
		l.Spool.Close()
		l.Spool = new(Spool)
		return
	}
	l.Status, l.Reason, l.Detail = Failed, Unreachable, err.Error()
	if e != nil && e.Code/100 == 5 {
		l.Reason = Refused
	}
	l.Spool.Close()
	l.Spool = nil
}

func noFiles(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "no files") || strings.Contains(text, "empty")
}

// saysTruncated reports whether the reply that confirms a listing says that it was cut.
func saysTruncated(r Reply) bool { return strings.Contains(strings.ToLower(r.Text), "truncated") }

// cutsAt reports whether the server is known to cut listings at so many entries.
func cutsAt(f Facts, entries int64) bool {
	return pureLimits[entries] && strings.Contains(f.Banner, "Pure-FTPd")
}

// pureLimits are the numbers of entries at which Pure-FTPd cuts unless told otherwise, now and formerly.
var pureLimits = map[int64]bool{2000: true, 10000: true}

// suspectTruncation notices a listing that has exactly as many entries as its server is known to
// cut at, should the reply have said nothing.
func (l *Listing) suspectTruncation(f Facts) {
	if l.Status == Whole && cutsAt(f, l.Entries) {
		l.Status, l.Reason = Partial, Truncated
		l.Detail = fmt.Sprintf("exactly %d entries, where Pure-FTPd cuts", l.Entries)
	}
}

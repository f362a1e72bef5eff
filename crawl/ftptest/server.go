// Package ftptest is an FTP server in one process, for tests and demonstrations: what net/http/httptest
// is for HTTP.
//
// A [Server] serves an [io/fs.FS] read-only over real sockets on the loopback interface. Without further
// settings it behaves like vsftpd, the commonest server: passive connections by EPSV (RFC 2428) and PASV
// (RFC 959), CWD and LIST, listings as
//
//	drwxr-xr-x    3 ftp      ftp            50 May 08 22:47 000
//	-rw-r--r--    1 ftp      ftp      12345678 Oct 22  2008 kernel.tar.gz
//
// [Tree] is a file system in memory made for it: names of any bytes, sizes without contents, links,
// forbidden directories; [Mirror] fills one with a believable archive.
//
// Faults are the work of [Server.Intercept], which sees every command first and may answer it, delay it,
// or drop the connection. [Server.Stats] is the witness: how many sessions there were at once, which
// commands came, when each listing was asked for.
//
// The package imports the standard library only and nothing that is for tests alone, so that a command
// may serve with it too.
package ftptest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
	"sync"
	"time"
)

// A Server is an FTP server. Set the fields, then call Start; they must not change afterwards, except
// that the FS itself may.
type Server struct {
	FS fs.FS // what to serve; nil: an empty directory

	// Listen is the address to listen on, "" for a free port of 127.0.0.1.
	Listen string

	Banner   string   // text of the 220 reply, lines separated by LF; "": "(vsFTPd 3.0.3)"
	Welcome  string   // text of the 230 reply; "": "Login successful."
	System   string   // text of the 215 reply to SYST; "": "UNIX Type: L8"; "-": SYST is refused
	Features []string // lines of FEAT; nil: as vsftpd; empty: FEAT is refused
	LoginDir string   // working directory after login; "": "/"

	// Password reports whether a login is accepted; nil: every one. Anonymous logins come as
	// "anonymous" or "ftp".
	Password func(user, password string) bool

	NoEPSV bool // EPSV is refused (500), as by servers older than RFC 2428
	NoPASV bool // PASV is refused

	// MaxSessions is how many sessions are served at once; one more is greeted with 421. 0: no limit.
	MaxSessions int

	// IdleTimeout ends a session with 421 after so much silence; 0: one minute.
	IdleTimeout time.Duration

	// Clock is the server's idea of the present, which decides between the two date forms; nil: time.Now.
	Clock func() time.Time

	// Location is the zone that listings are printed in; nil: UTC. MDTM is always UTC.
	Location *time.Location

	// Style makes it a server of another system than Unix; nil: Unix.
	Style *Style

	// Format prints a listing. Nil: the Style's, or [VSFTPD].
	Format Format

	// Hidden: entries whose names begin with a dot are listed only after LIST -a. vsftpd does that.
	Hidden bool

	// TLSConfig, if not nil, offers TLS: AUTH TLS (RFC 4217), or from the first byte if Implicit.
	TLSConfig  *tls.Config
	Implicit   bool
	RequireTLS bool // USER is refused in clear

	// RequireReuse refuses data connections that do not resume the TLS session of the control
	// connection, as vsftpd does unless told otherwise.
	RequireReuse bool

	MLSD bool // MLSD is offered (RFC 3659)

	// Intercept, if not nil, sees each command before the server does. If it returns true it has dealt
	// with the command; it may use every method of the Session, and sleep. It is called by one goroutine
	// for a session, by several for several sessions.
	Intercept func(*Session, Command) bool

	// Greet, if not nil, replaces the 220 reply; false ends the session.
	Greet func(*Session) bool

	Addr string // host:port that the server listens on; set by Start
	URL  string // ftp://host:port/ (ftps:// if Implicit); set by Start

	listener net.Listener
	wg       sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	next     int
	sessions map[*Session]struct{}
	stats    Stats
}

// style returns how directories are spoken of.
func (s *Server) style() Style {
	var st Style
	if s.Style != nil {
		st = *s.Style
	}
	st.System = or(s.System, or(st.System, "UNIX Type: L8"))
	if st.PWD == nil {
		st.PWD = func(dir string) string { return dir }
	}
	if st.CWD == nil {
		st.CWD = func(dir, arg string) (string, bool) { return absolute(dir, arg), true }
	}
	if st.CDUP == nil {
		st.CDUP = path.Dir
	}
	if s.Format != nil {
		st.Format = s.Format
	} else if st.Format == nil {
		st.Format = VSFTPD
	}
	return st
}

// NewServer starts a Server of fsys. It panics if no socket can be had. The caller calls Close.
func NewServer(fsys fs.FS) *Server {
	s := &Server{FS: fsys}
	if err := s.Start(); err != nil {
		panic(err)
	}
	return s
}

// Start listens and serves in the background until Close.
func (s *Server) Start() error {
	addr := s.Listen
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("ftptest: %w", err)
	}
	if s.FS == nil {
		s.FS = NewTree(time.Time{})
	}
	s.listener = l
	s.sessions = make(map[*Session]struct{})
	s.stats.Commands = make(map[string]int)
	s.Addr = l.Addr().String()
	s.URL = "ftp://" + s.Addr + "/"
	if s.Implicit {
		s.URL = "ftps://" + s.Addr + "/"
	}
	s.wg.Go(s.serve)
	return nil
}

// Close stops listening, drops every session, and waits until all of the server's goroutines have ended.
// It may be called several times.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for c := range s.sessions {
		c.Hangup()
	}
	s.mu.Unlock()
	s.listener.Close()
	s.wg.Wait()
}

func (s *Server) serve() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(time.Millisecond) // out of descriptors, or the client has gone
			continue
		}
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			c.Close()
			return
		}
		s.next++
		session := newSession(s, s.next, c)
		s.sessions[session] = struct{}{}
		s.stats.Total++
		s.stats.Peak = max(s.stats.Peak, len(s.sessions))
		full := s.MaxSessions > 0 && len(s.sessions) > s.MaxSessions
		if full {
			s.stats.Refused++
		}
		s.mu.Unlock()
		s.wg.Go(func() {
			defer s.leave(session)
			if full {
				session.Reply(421, "There are too many connections from your internet address.")
				return
			}
			session.serve()
		})
	}
}

func (s *Server) leave(c *Session) {
	c.Hangup()
	s.mu.Lock()
	delete(s.sessions, c)
	s.mu.Unlock()
}

func (s *Server) now() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
}

func (s *Server) features() []string {
	if s.Features != nil {
		return s.Features
	}
	f := []string{"EPRT", "EPSV", "MDTM", "PASV", "REST STREAM", "SIZE", "TVFS"}
	if s.MLSD {
		f = append(f, "MLST type*;size*;modify*;perm*;unix.mode;")
	}
	if s.TLSConfig != nil {
		f = append([]string{"AUTH TLS"}, append(f, "PBSZ", "PROT")...)
	}
	return f
}

// or returns s, or what is said instead if s is empty.
func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

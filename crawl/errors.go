package crawl

import (
	"errors"
	"fmt"
	"io/fs"
)

// An Error is the failure of one operation on a server.
type Error struct {
	Op   string // "dial", "login", "CWD", "LIST", "data", "TLS", …
	Path string // directory concerned, "" if none
	Code int    // reply code, 0 if the server did not answer
	Err  error  // the reply's text, or the network's error
	Dead bool   // the connection is of no more use, whatever the code says
}

func (e *Error) Error() string {
	s := e.Op
	if e.Path != "" {
		s += fmt.Sprintf(" %q", e.Path)
	}
	if e.Code != 0 {
		return fmt.Sprintf("%s: %d %v", s, e.Code, e.Err)
	}
	return fmt.Sprintf("%s: %v", s, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, fs.ErrPermission) true for refused logins (530) and
// errors.Is(err, fs.ErrNotExist) true for a pathname that the server will not enter or list (550):
// RFC 959 has one code for missing and forbidden.
func (e *Error) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e.Code == 550 && e.Path != ""
	case fs.ErrPermission:
		return e.Code == 530 || e.Code == 532 || e.Code == 553
	}
	return false
}

// ErrUnconfirmed is what the Err of an Error matches when the data connection of a listing ended
// cleanly but the control connection was lost before the reply that confirms it. The bytes are
// probably complete: this is the one failure whose bytes are of use.
var ErrUnconfirmed = errors.New("the listing was not confirmed")

// ErrTooMany is what the Err of an Error matches when the server refused a connection because it
// serves too many already, and did so by something else than code 421.
var ErrTooMany = errors.New("too many connections")

// ErrProxy is what the Err of an Error matches when not even the proxy could be reached that leads to all servers.
var ErrProxy = errors.New("no proxy answers")

// ErrNoPassword is what the Err of an Error matches when a login was not tried because there is no password for it that could
// be sent.
var ErrNoPassword = errors.New("no password")

// Retryable reports whether the same operation may succeed later: the network failed, or the server
// answered with a transient negative reply (4yz, RFC 959 section 4.2.1).
func Retryable(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == 0 || e.Code/100 == 4
}

// Broken reports whether the Conn that returned err is of no more use: the server closed it or is
// about to (421), nothing was answered, or the Conn lost count of the replies.
func Broken(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return err != nil
	}
	return e.Dead || e.Code == 0 || e.Code == 421
}

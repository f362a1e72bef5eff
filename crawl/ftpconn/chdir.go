package ftpconn

import (
	"errors"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// maxCommand is how long a command may be, line end included. inetutils ftpd takes 512 bytes and answers
// a longer line twice, so that every later reply belongs to the command before.
const maxCommand = 500

// errUnsendable stands for names that no command can carry: pyftpdlib closes the connection on NUL and CR,
// vsftpd reads NUL as LF. It comes with code 553, what a server would say.
var errUnsendable = errors.New("CR, LF and NUL cannot be sent in a pathname")

func sendable(path string) bool { return !strings.ContainsAny(path, "\r\n\x00") }

// chdir makes dir the working directory.
func (c *Conn) chdir(dir string) error {
	if !sendable(dir) {
		return &crawl.Error{Op: "CWD", Path: dir, Code: 553, Err: errUnsendable}
	}
	if c.odd {
		return c.walk(dir)
	}
	double := c.known.recall().doubleIAC
	err := c.enter(dir, double)
	if err == nil || double || !strings.Contains(dir, "\xff") || !errors.Is(err, errNotEntered) {
		return unwrapEntered(err)
	}
	// 0xFF is IAC to a server that takes the control connection for a Telnet connection, as RFC 959
	// has it; others read it as it is. ProFTPD and inetutils ftpd are of the first kind.
	if c.enter(dir, true) == nil {
		c.known.learn(func(f *facts) { f.doubleIAC = true })
		return nil
	}
	return unwrapEntered(err)
}

// enter makes dir the working directory by as few commands as their length allows.
func (c *Conn) enter(dir string, double bool) error {
	steps := split(dir, double)
	var opening []string
	if c.fast && len(steps) == 1 {
		opening = c.ctl.opening()
	}
	for _, step := range steps {
		r, err := c.ctl.exec("CWD "+step, opening...)
		if err != nil {
			return c.fail("CWD", dir, err)
		}
		if err := c.entered(dir, r); err != nil {
			return err
		}
	}
	return nil
}

// notEntered marks the refusals after which another spelling may be tried.
type notEntered struct{ error }

var errNotEntered = errors.New("not entered")

func (e notEntered) Is(target error) bool { return target == errNotEntered }
func (e notEntered) Unwrap() error        { return e.error }

func unwrapEntered(err error) error {
	if e, ok := err.(notEntered); ok {
		return e.error
	}
	return err
}

// entered makes an error of a reply to CWD that does not say yes.
func (c *Conn) entered(dir string, r crawl.Reply) error {
	switch {
	case r.Code < 400:
		return nil
	case r.Code == 550 || r.Code == 501 || r.Code == 553:
		return notEntered{c.refused("CWD", dir, r)}
	}
	return c.refused("CWD", dir, r)
}

// split returns the arguments of the CWD commands that lead to dir: one, unless that would be too long;
// then the first is absolute and the others relative to what went before.
func split(dir string, double bool) []string {
	spell := func(s string) string {
		if double {
			s = strings.ReplaceAll(s, "\xff", "\xff\xff")
		}
		return s
	}
	const room = maxCommand - len("CWD \r\n")
	if len(spell(dir)) <= room {
		return []string{spell(dir)}
	}
	var steps []string
	step := ""
	for i, name := range strings.Split(strings.TrimPrefix(dir, "/"), "/") {
		name = spell(name)
		if next := step + "/" + name; len(next) <= room {
			step = next
			continue
		}
		if step != "" {
			steps = append(steps, step)
		}
		step = name
		if i == 0 {
			step = "/" + name
		} else if !bare(name) {
			step = "./" + name
		}
	}
	return append(steps, step)
}

// bare reports whether a relative pathname may begin with name: no blanks to be skipped, no tilde to be
// expanded, no hyphen to be taken for an option.
func bare(name string) bool {
	return name != "" && name[0] != '-' && name[0] != '~' && name[0] > ' '
}

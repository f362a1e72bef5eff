package ftpconn

import (
	"fmt"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// maxHome is the longest working directory after login that is taken for one, in bytes: no system has longer pathnames. What a
// server names beyond that counts as not told.
const maxHome = 4096

// orient decides from the working directory after login, pwd, and the system how directories are named.
//
// Where the system is UNIX-like or Windows, pathnames are absolute and have slashes. On other systems
// (VMS, z/OS, IBM i, …) a pathname is whatever it is there, "DISK$USER:[ANON.PUB]" or "'SYS1.'"; there
// the working directory after login is called "/", and what lies below is reached step by step, by CWD
// with one name and by CDUP, which every system has. So "/pub/doc" is "CWD pub", "CWD doc".
func (c *Conn) orient(pwd string) error {
	if len(pwd) > maxHome {
		pwd = ""
	}
	c.home = pwd
	c.hello.LoginDir = pwd
	c.odd = !unixLike(c.hello.System) || pwd != "" && !strings.HasPrefix(pwd, "/") && !strings.HasPrefix(pwd, `\`)
	if c.odd && pwd == "" {
		text := fmt.Sprintf("the system %q does not tell its working directory and cannot be walked", c.hello.System)
		return c.refused("PWD", "", crawl.Reply{Code: 502, Text: text})
	}
	if c.odd || pwd == "" || pwd[0] != '/' {
		c.hello.LoginDir = "/"
	}
	return nil
}

// walk makes dir the working directory by steps from where the last walk led.
func (c *Conn) walk(dir string) error {
	var names []string
	if dir = strings.Trim(dir, "/"); dir != "" {
		names = strings.Split(dir, "/")
	}
	same := 0
	for same < len(names) && same < len(c.at) && names[same] == c.at[same] {
		same++
	}
	for len(c.at) > same {
		if err := c.up(); err != nil {
			return err
		}
	}
	for _, name := range names[same:] {
		r, err := c.ctl.exec("CWD " + c.step(name))
		if err != nil {
			return c.fail("CWD", dir, err)
		}
		if err := c.entered("/"+dir, r); err != nil {
			return unwrapEntered(err)
		}
		c.at = append(c.at, name)
	}
	return nil
}

// up goes to the parent directory. On z/OS, CDUP takes one qualifier off the name, while the step down may
// have added several ("SYS1.PARMLIB"): there, and where CDUP is refused, the way leads over home.
func (c *Conn) up() error {
	if !c.mvs() {
		r, err := c.ctl.exec("CDUP")
		if err != nil {
			return c.fail("CDUP", "", err)
		}
		if r.Code < 400 {
			c.at = c.at[:len(c.at)-1]
			return nil
		}
	}
	r, err := c.ctl.exec("CWD " + c.home)
	if err != nil {
		return c.fail("CWD", c.home, err)
	}
	c.at = c.at[:0]
	return unwrapEntered(c.entered(c.home, r))
}

// step returns the argument of the CWD that enters the subdirectory name.
func (c *Conn) step(name string) string {
	if strings.Contains(strings.ToUpper(c.hello.System), "VMS") {
		// A directory lists as the file PUB.DIR;1.
		base, _, _ := strings.Cut(name, ";")
		if n := len(base) - len(".DIR"); n > 0 && strings.EqualFold(base[n:], ".DIR") {
			name = base[:n]
		}
		return "[." + name + "]"
	}
	return name
}

// mvs reports whether the server is z/OS or its forebears.
func (c *Conn) mvs() bool {
	s := strings.ToUpper(c.hello.System)
	return strings.Contains(s, "MVS") || strings.Contains(s, "Z/OS")
}

var _ crawl.Conn = (*Conn)(nil)

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// maxNetrc is the size in bytes up to which a netrc file is read.
const maxNetrc = 1 << 20

// password returns how to find the password of a login, which has a user name: by the server's password_command, in
// $FTPIDX_PASSWORD, or in the netrc file under host and user. It is never kept, logged or shown. The variable, which names no
// server, is not for those that listed reports: a list of URLs may be a stranger's, and would collect the password.
func (e *env) password(c *config, listed func(crawl.Server) bool) func(context.Context, crawl.Server) (string, error) {
	return func(ctx context.Context, s crawl.Server) (string, error) {
		if command := c.server(s).PasswordCommand; len(command) > 0 {
			return commandPassword(ctx, command)
		}
		var unused string
		if p := e.getenv("FTPIDX_PASSWORD"); p != "" {
			if !listed(s) {
				return p, nil
			}
			unused = ", which is only for URLs on the command line"
		}
		name := e.getenv("NETRC")
		if name == "" {
			name = filepath.Join(e.home(), ".netrc")
		}
		p, ok, err := netrcPassword(name, s.Host, s.User)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", withHint(fmt.Errorf("no password for %s", s.Key()),
				"add a line to ~/.netrc: machine %s login %s password …; or set $FTPIDX_PASSWORD%s", s.Host, s.User, unused)
		}
		return p, nil
	}
}

// commandPassword runs the command and returns the first line that it prints.
func commandPassword(ctx context.Context, command []string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr // it may ask for a passphrase
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("password_command %s: %w", command[0], err)
	}
	line, _, _ := bytes.Cut(out, []byte("\n"))
	if line = bytes.TrimSuffix(line, []byte("\r")); len(line) == 0 {
		return "", fmt.Errorf("password_command %s printed nothing", command[0])
	}
	return string(line), nil
}

// netrcPassword looks up machine host, login user in a netrc file (as described in ftp(1)). The entry "default" is never
// used: it would send one password to whatever server a URL names. A file that others may read is refused.
func netrcPassword(name, host, user string) (password string, found bool, err error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" { // which has no such bits
		return "", false, withHint(fmt.Errorf("%s may be read by others", name), "chmod 600 %s", name)
	}
	if info.Size() > maxNetrc {
		return "", false, fmt.Errorf("%s is larger than a netrc file should be", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", false, err
	}
	var machine, login, secret string
	matches := func() bool { return secret != "" && strings.EqualFold(machine, host) && login == user }
	for tokens := netrcTokens(string(text)); len(tokens) > 0; tokens = tokens[1:] {
		var value *string
		switch tokens[0] {
		case "machine":
			if matches() {
				return secret, true, nil
			}
			machine, login, secret = "", "", ""
			value = &machine
		case "default":
			if matches() {
				return secret, true, nil
			}
			machine, login, secret = "", "", ""
		case "login":
			value = &login
		case "password":
			value = &secret
		case "account":
			value = new(string)
		}
		if value != nil && len(tokens) > 1 {
			tokens = tokens[1:]
			*value = tokens[0]
		}
	}
	if matches() {
		return secret, true, nil
	}
	return "", false, nil
}

// netrcTokens splits a netrc file: words between white space, comments from a # at the start of a word in
// the place of a keyword's line to its end, values perhaps in double quotes, macro definitions left out up to their empty line.
func netrcTokens(text string) []string {
	var tokens []string
	macro := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if macro {
			macro = line != ""
			continue
		}
		for line != "" && line[0] != '#' {
			var token string
			if rest, ok := strings.CutPrefix(line, `"`); ok {
				token, line = quotedToken(rest)
			} else {
				token, line = line, ""
				if i := strings.IndexAny(token, " \t"); i >= 0 {
					token, line = token[:i], token[i:]
				}
			}
			if token == "macdef" {
				macro = true
				break
			}
			tokens = append(tokens, token)
			line = strings.TrimLeft(line, " \t")
		}
	}
	return tokens
}

// quotedToken reads up to the closing quote; a backslash takes the character after it as it is.
func quotedToken(s string) (token, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

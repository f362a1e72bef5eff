package ftpconn

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// control is the control connection as the library sees it. It reads one reply at a time from the server,
// within a time and a size, remembers it, and hands it to the library in the plainest form that says the
// same. So the library and this package never disagree on where a reply ends, odd replies are understood
// in one place, and commands of our own can be slipped in between those of the library: see exec.
//
// # Sending ahead
//
// A listing needs CWD, EPSV and LIST in turn. Waiting for each reply before the next command costs four
// round trips with the data connection; sending CWD and EPSV together, and those of the next directory as
// soon as the data of this one has ended, leaves two. Commands so sent stand in ahead. When their turn
// comes they are not sent again; when another command's turn comes instead, their replies are read and
// dropped first. What is sent ahead changes nothing but the working directory and where the server
// listens, and every listing sets both.
//
// The library writes each command with one Write.
type control struct {
	net.Conn // TCP, or TLS over it
	r        *bufio.Reader

	timeout  time.Duration     // for one reply, and for one command to be taken
	maxReply int               // bytes
	mask     *strings.Replacer // hides the password; nil: there is none to hide

	verb  string      // of the command whose reply comes next; "" when it is the confirmation of a transfer
	ahead []string    // commands sent whose turn has not come
	last  crawl.Reply // last reply from the server
	err   error       // why the connection is lost
	early bool        // the transfer was confirmed before its data connection was read

	out    []byte       // what is left of a reply that the library is reading
	held   *crawl.Reply // the next reply for the library, not from the server
	noEPSV bool         // EPSV is not sent: the library is told that the server does not know it
	sent   func()       // called once, after the library's next command has been sent
	list   string       // what is sent for the library's LIST: "LIST", "LIST -a" or "MLSD"
	pret   bool         // the server wants PRET before EPSV and PASV

	welcome  string   // text of the reply that accepted the login
	features []string // lines of FEAT

	stats *crawl.ConnStats
}

// errOutOfStep: a reply cannot be one to the command it comes after. Replies have been missing or too many,
// and no later one can be trusted.
var errOutOfStep = errors.New("out of step")

// inStep reports whether code may answer the command verb ("": confirm a transfer), as far as that decides
// whose listing is whose.
func inStep(verb string, code int) bool {
	if code >= 400 {
		return true
	}
	switch verb {
	case "EPSV":
		return code == 229
	case "PASV":
		return code == 227
	case "CWD", "CDUP":
		return code == 250 || code == 200 || code == 257
	case "LIST", "MLSD", "RETR":
		return code/100 == 1 || code == 226 || code == 250
	case "":
		return code == 226 || code == 250 || code == 200
	case "SYST":
		return code/100 == 2 && code/10 != 22
	case "PWD":
		return code == 257
	case "MDTM":
		return code == 213
	}
	return true
}

// errReplyTooLong is what a server gets that does not end a reply.
var errReplyTooLong = errors.New("reply too long")

func newControl(c net.Conn, timeout time.Duration, maxReply int, stats *crawl.ConnStats) *control {
	return &control{Conn: c, r: bufio.NewReader(c), timeout: timeout, maxReply: maxReply, verb: "greeting", list: "LIST", stats: stats}
}

// read reads the server's next reply, whatever it belongs to.
func (t *control) read() (crawl.Reply, error) {
	start := time.Now()
	if err := t.SetReadDeadline(start.Add(t.timeout)); err != nil {
		return crawl.Reply{}, t.lost(err)
	}
	r, size, err := readReply(t.r, t.maxReply)
	t.stats.Received += int64(size)
	t.stats.LongestSilent = max(t.stats.LongestSilent, time.Since(start))
	r, err = t.hide(r, err)
	if err == io.EOF && size > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return r, t.lost(err)
	}
	return r, nil
}

// masker returns what puts "***" in place of a password wherever a server repeats it, as it is or
// percent-encoded; nil for the password "".
func masker(password string) *strings.Replacer {
	if password == "" {
		return nil
	}
	const hidden = "***"
	_, user, _ := strings.Cut(url.UserPassword("", password).String(), ":")
	// Where two fit at the same place the first is taken: the longer ones.
	return strings.NewReplacer(url.PathEscape(password), hidden, url.QueryEscape(password), hidden, user, hidden, password, hidden)
}

// hide takes the password out of what came in place of a reply, r or err. Some servers say it again ("530 Login
// incorrect for bob/secret"), and replies are shown, logged and kept. What a program reads stays as it is: a port,
// a time, or the pathname /home/bob of a user whose password is bob.
func (t *control) hide(r crawl.Reply, err error) (crawl.Reply, error) {
	if t.mask == nil {
		return r, err
	}
	var odd notReply
	if errors.As(err, &odd) {
		return r, notReply(t.mask.Replace(string(odd)))
	}
	if verb, ok := machineRead[r.Code]; !ok || verb != t.verb {
		r.Text = t.mask.Replace(r.Text)
	}
	return r, err
}

// machineRead are the replies that hold a number or a pathname, and the commands that they answer.
var machineRead = map[int]string{213: "MDTM", 227: "PASV", 229: "EPSV", 257: "PWD"}

func (t *control) lost(err error) error {
	if t.err == nil {
		t.err = err
	}
	return err
}

// reply reads the reply to the command whose turn it is.
func (t *control) reply() (crawl.Reply, error) {
	r, err := t.read()
	if err != nil {
		return r, err
	}
	t.last = r
	if !inStep(t.verb, r.Code) {
		return r, t.lost(fmt.Errorf("%w: %s was answered by %d %s", errOutOfStep, or(t.verb, "transfer"), r.Code, r.Text))
	}
	switch {
	case r.Code == 230 && (t.verb == "USER" || t.verb == "PASS"):
		t.welcome = r.Text
	case r.Code == 211 && t.verb == "FEAT":
		t.features = features(r)
		_, t.pret = feature(t.features, "PRET")
	case r.Code/100 == 5 && t.verb == "EPSV":
		t.noEPSV = true
	}
	return r, nil
}

// write sends commands, which must hold neither CR nor LF, in one segment.
func (t *control) write(cmds ...string) error {
	if err := t.SetWriteDeadline(time.Now().Add(t.timeout)); err != nil {
		return t.lost(err)
	}
	n, err := io.WriteString(t.Conn, strings.Join(cmds, "\r\n")+"\r\n")
	t.stats.Sent += int64(n)
	t.stats.Commands += int64(len(cmds))
	if err != nil {
		return t.lost(err)
	}
	return nil
}

// send makes it cmd's turn, and sends it unless that has been done; commands of opening go with it.
func (t *control) send(cmd string, opening ...string) error {
	if len(t.ahead) > 0 && t.ahead[0] == cmd {
		t.ahead = slices.Delete(t.ahead, 0, 1)
	} else {
		for len(t.ahead) > 0 { // not needed after all
			t.ahead = slices.Delete(t.ahead, 0, 1)
			if _, err := t.read(); err != nil {
				return err
			}
		}
		if err := t.write(append([]string{cmd}, opening...)...); err != nil {
			return err
		}
		t.ahead = append(t.ahead, opening...)
	}
	t.verb, _, _ = strings.Cut(cmd, " ")
	return nil
}

// sendAhead sends cmds before their turn.
func (t *control) sendAhead(cmds ...string) {
	if t.write(cmds...) == nil {
		t.ahead = append(t.ahead, cmds...)
	}
}

// opening returns the commands that the library will send between CWD and LIST.
func (t *control) opening() []string {
	passive := "EPSV"
	if t.noEPSV {
		passive = "PASV"
	}
	if t.pret {
		return []string{"PRET " + t.list, passive}
	}
	return []string{passive}
}

// exec sends a command of our own and returns its reply, past the library.
func (t *control) exec(cmd string, opening ...string) (crawl.Reply, error) {
	if err := t.send(cmd, opening...); err != nil {
		return crawl.Reply{}, err
	}
	return t.reply()
}

// Write takes a command from the library.
func (t *control) Write(p []byte) (int, error) {
	cmd := strings.TrimRight(string(p), "\r\n")
	switch {
	case cmd == "EPSV" && t.noEPSV:
		t.held = &crawl.Reply{Code: 500, Text: "not used"}
		return len(p), nil
	case cmd == "LIST":
		cmd = t.list
	case cmd == "PRET LIST":
		cmd = "PRET " + t.list
	}
	sent := t.sent
	t.sent = nil
	if err := t.send(cmd); err != nil {
		return 0, err
	}
	if sent != nil {
		sent()
	}
	return len(p), nil
}

// Read gives the library a reply.
func (t *control) Read(p []byte) (int, error) {
	if len(t.out) == 0 {
		var r crawl.Reply
		if t.held != nil {
			r, t.held = *t.held, nil
		} else {
			var err error
			if r, err = t.reply(); err != nil {
				return 0, err
			}
			r = t.plain(r)
		}
		t.out = encode(r)
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// plain turns what servers say otherwise into what the library understands.
func (t *control) plain(r crawl.Reply) crawl.Reply {
	class := r.Code / 100
	switch t.verb {
	case "PASS":
		if r.Code == 202 { // "superfluous": USER was enough
			r.Code = 230
		}
	case "TYPE", "PBSZ", "PROT":
		if class == 2 {
			r.Code = 200
		}
	case "OPTS":
		if class == 5 { // UTF8 goes without saying
			r.Code = 501
		}
	case "PASV":
		if r.Code == 227 {
			r.Text = plainPASV(r.Text)
		}
	case "LIST", "MLSD", "RETR":
		switch class {
		case 1:
			t.verb = "" // what comes next confirms the transfer
			r.Code = 150
		case 2:
			// Confirmed without 150: some servers do so for empty directories, others forget the 150.
			// The library reads the data connection in either case, and gets this afterwards.
			t.verb, t.early = "", true
			t.held = &crawl.Reply{Code: 226, Text: "done"}
			r = crawl.Reply{Code: 150, Text: "begins"}
		}
	case "":
		if class == 2 {
			r.Code = 226 // 250 is as good
		}
	}
	return r
}

// RemoteAddr returns a *net.TCPAddr, as the library insists, even if the connection goes through a proxy.
func (t *control) RemoteAddr() net.Addr {
	if a, ok := t.Conn.RemoteAddr().(*net.TCPAddr); ok {
		return a
	}
	return &net.TCPAddr{}
}

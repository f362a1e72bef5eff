package ftpconn

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// control is the control connection as the library sees it. It reads one reply at a time from the server,
// within a time and a size, remembers it, and hands it to the library in the plainest form that says the
// same. So the library and this package never disagree on where a reply ends, odd replies are understood
// in one place, and commands of our own can be slipped in between those of the library: see exec.
//
// The library writes each command with one Write.
type control struct {
	net.Conn // TCP, or TLS over it
	r        *bufio.Reader

	timeout  time.Duration // for one reply, and for one command to be taken
	maxReply int           // bytes

	out     []byte       // what is left of a reply that the library is reading
	held    *crawl.Reply // a reply that came before its turn
	refused bool         // the library's last command was answered here: see noEPSV
	noEPSV  bool         // EPSV is not sent: the library is told that the server does not know it
	verb    string       // of the command sent last
	last    crawl.Reply  // last reply from the server
	early   bool         // the transfer was confirmed before its data connection was read
	err     error        // why the connection is lost

	welcome  string   // text of the reply that accepted the login
	features []string // lines of FEAT

	stats *crawl.ConnStats
}

// errReplyTooLong is what a server gets that does not end a reply.
var errReplyTooLong = errors.New("reply too long")

func newControl(c net.Conn, timeout time.Duration, maxReply int, stats *crawl.ConnStats) *control {
	return &control{Conn: c, r: bufio.NewReader(c), timeout: timeout, maxReply: maxReply, stats: stats}
}

// reply reads the server's next reply.
func (t *control) reply() (crawl.Reply, error) {
	r, err := t.read()
	if err != nil {
		t.err = err
		return r, err
	}
	t.last = r
	switch {
	case r.Code == 230 && (t.verb == "USER" || t.verb == "PASS"):
		t.welcome = r.Text
	case r.Code == 211 && t.verb == "FEAT":
		t.features = features(r)
	case r.Code/100 == 5 && t.verb == "EPSV":
		t.noEPSV = true
	}
	return r, nil
}

// read reads a reply (RFC 959, section 4.2). A multi-line reply ends at the line that begins with its
// code and a blank; other lines may begin with anything, and are kept as they are.
func (t *control) read() (crawl.Reply, error) {
	start := time.Now()
	if err := t.Conn.SetReadDeadline(start.Add(t.timeout)); err != nil {
		return crawl.Reply{}, err
	}
	var text strings.Builder
	var code, size int
	for first := true; ; first = false {
		line, err := t.line(&size)
		if err != nil {
			if err == io.EOF && size > 0 {
				err = io.ErrUnexpectedEOF
			}
			return crawl.Reply{}, err
		}
		c, more, rest, ok := codeLine(line)
		if first {
			if !ok {
				return crawl.Reply{}, fmt.Errorf("not a reply: %q", line[:min(len(line), 80)])
			}
			code = c
			text.WriteString(rest)
			if more {
				continue
			}
		} else {
			text.WriteByte('\n')
			if !ok || c != code || more {
				text.WriteString(line)
				continue
			}
			text.WriteString(rest)
		}
		t.stats.LongestSilent = max(t.stats.LongestSilent, time.Since(start))
		return crawl.Reply{Code: code, Text: text.String()}, nil
	}
}

// line reads a line without its end, and adds its length to size.
func (t *control) line(size *int) (string, error) {
	var long []byte
	for {
		part, err := t.r.ReadSlice('\n')
		*size += len(part)
		t.stats.Received += int64(len(part))
		if *size > t.maxReply {
			return "", errReplyTooLong
		}
		if err == bufio.ErrBufferFull {
			long = append(long, part...)
			continue
		}
		if err != nil {
			return "", err
		}
		return strings.TrimRight(string(append(long, part...)), "\r\n"), nil
	}
}

// codeLine splits a line that begins with a reply code; more: it begins a multi-line reply.
func codeLine(line string) (code int, more bool, text string, ok bool) {
	if len(line) < 3 {
		return 0, false, "", false
	}
	for i := range 3 {
		if line[i] < '0' || line[i] > '9' {
			return 0, false, "", false
		}
	}
	code, _ = strconv.Atoi(line[:3])
	switch {
	case len(line) == 3: // some servers leave out the blank where there is no text
		return code, false, "", true
	case line[3] == ' ':
		return code, false, line[4:], true
	case line[3] == '-':
		return code, true, line[4:], true
	}
	return 0, false, "", false
}

// send writes a command, which must not hold CR or LF.
func (t *control) send(cmd string) error {
	t.verb, _, _ = strings.Cut(cmd, " ")
	if err := t.Conn.SetWriteDeadline(time.Now().Add(t.timeout)); err != nil {
		return err
	}
	n, err := io.WriteString(t.Conn, cmd+"\r\n")
	t.stats.Sent += int64(n)
	t.stats.Commands++
	if err != nil {
		t.err = err
	}
	return err
}

// exec sends a command of our own and returns its reply, past the library.
func (t *control) exec(cmd string) (crawl.Reply, error) {
	if err := t.send(cmd); err != nil {
		return crawl.Reply{}, err
	}
	return t.reply()
}

// Write takes a command from the library.
func (t *control) Write(p []byte) (int, error) {
	cmd := strings.TrimRight(string(p), "\r\n")
	if t.noEPSV && cmd == "EPSV" {
		t.refused = true
		return len(p), nil
	}
	if err := t.send(cmd); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Read gives the library a reply.
func (t *control) Read(p []byte) (int, error) {
	if len(t.out) == 0 {
		var r crawl.Reply
		var err error
		switch {
		case t.refused:
			t.refused = false
			r = crawl.Reply{Code: 500, Text: "not used"}
		case t.held != nil:
			r, t.held = *t.held, nil
		default:
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

// transfers are the commands that open a data connection.
func transfers(verb string) bool { return verb == "LIST" || verb == "MLSD" || verb == "RETR" }

// plain turns what servers say otherwise into what the library understands.
func (t *control) plain(r crawl.Reply) crawl.Reply {
	switch {
	case r.Code == 227:
		r.Text = plainPASV(r.Text)
	case t.verb == "PASS" && r.Code == 202: // "superfluous": USER was enough
		r.Code = 230
	case (t.verb == "TYPE" || t.verb == "PBSZ" || t.verb == "PROT") && r.Code/100 == 2:
		r.Code = 200
	case t.verb == "OPTS" && r.Code/100 == 5: // UTF8 goes without saying
		r.Code = 501
	case transfers(t.verb) && r.Code/100 == 1:
		t.verb = "" // what comes next confirms the transfer
		r.Code = 150
	case transfers(t.verb) && r.Code/100 == 2:
		// Confirmed without 150: some servers do so for empty directories, others forget the 150. The
		// library reads the data connection in either case, and gets the confirmation afterwards.
		t.verb, t.early = "", true
		t.held = &crawl.Reply{Code: 226, Text: "done"}
		r = crawl.Reply{Code: 150, Text: "begins"}
	case t.verb == "" && r.Code/100 == 2:
		r.Code = 226 // 250 is as good
	}
	return r
}

// plainPASV puts the six numbers of a 227 reply into parentheses, without blanks. RFC 1123, section
// 4.1.2.6: the text "is not standardized", a client must scan for the first digit.
func plainPASV(text string) string {
	var nums []string
	num := ""
	for i := 0; i <= len(text); i++ {
		switch {
		case i < len(text) && text[i] >= '0' && text[i] <= '9':
			num += text[i : i+1]
			continue
		case num != "":
			nums = append(nums, num)
			num = ""
		}
		if len(nums) == 6 {
			break
		}
		if i < len(text) && text[i] != ',' && text[i] != ' ' {
			nums = nil // a number of something else
		}
	}
	if len(nums) != 6 {
		return text
	}
	return "(" + strings.Join(nums, ",") + ")"
}

// encode writes a reply as the library reads it: FEAT's with its lines, every other on one line.
func encode(r crawl.Reply) []byte {
	if r.Code != 211 {
		line, _, _ := strings.Cut(r.Text, "\n")
		return fmt.Appendf(nil, "%03d %s\r\n", r.Code, line)
	}
	b := []byte("211-\r\n")
	for _, f := range features(r) {
		b = append(b, " "+f+"\r\n"...)
	}
	return append(b, "211 \r\n"...)
}

// features returns the lines of a reply to FEAT (RFC 2389) without the blank in front.
func features(r crawl.Reply) []string {
	lines := strings.Split(r.Text, "\n")
	if r.Code != 211 || len(lines) < 3 {
		return nil
	}
	var list []string
	for _, l := range lines[1 : len(lines)-1] {
		if l = strings.TrimSpace(l); l != "" {
			list = append(list, l)
		}
	}
	return list
}

// RemoteAddr returns a *net.TCPAddr, as the library insists, even if the connection goes through a proxy.
func (t *control) RemoteAddr() net.Addr {
	if a, ok := t.Conn.RemoteAddr().(*net.TCPAddr); ok {
		return a
	}
	return &net.TCPAddr{}
}

package ftpconn

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/ftpidx/ftpidx/crawl"
)

// readReply reads a reply (RFC 959, section 4.2) of at most max bytes. A multi-line reply ends at the line
// that begins with its code and a blank; other lines may begin with anything, and are kept as they are.
// size is the number of bytes read, also if there is an error.
func readReply(r *bufio.Reader, max int) (reply crawl.Reply, size int, err error) {
	var text strings.Builder
	for first := true; ; first = false {
		line, err := readLine(r, max, &size)
		if err != nil {
			return crawl.Reply{}, size, err
		}
		code, more, rest, ok := codeLine(line)
		switch {
		case first && !ok:
			return crawl.Reply{}, size, notReply(line)
		case first:
			reply.Code = code
			text.WriteString(rest)
			if more {
				continue
			}
		case !ok || code != reply.Code || more:
			text.WriteString("\n" + line)
			continue
		default:
			text.WriteString("\n" + rest)
		}
		reply.Text = text.String()
		return reply, size, nil
	}
}

// A notReply is a line that came where a reply should begin.
type notReply string

func (e notReply) Error() string { return fmt.Sprintf("not a reply: %q", string(e[:min(len(e), 80)])) }

// readLine reads a line without its end, and adds its length to size.
func readLine(r *bufio.Reader, max int, size *int) (string, error) {
	var long []byte
	for {
		part, err := r.ReadSlice('\n')
		*size += len(part)
		if *size > max {
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

// plainPASV puts the six numbers of a 227 reply into parentheses, without blanks. RFC 1123, section
// 4.1.2.6: the format is not standardized, a client must scan for the first digit.
func plainPASV(text string) string {
	var nums []string
	num := ""
	for i := 0; i <= len(text) && len(nums) < 6; i++ {
		switch {
		case i < len(text) && text[i] >= '0' && text[i] <= '9':
			num += text[i : i+1]
			continue
		case num != "":
			nums = append(nums, num)
			num = ""
		}
		if len(nums) < 6 && i < len(text) && text[i] != ',' && text[i] != ' ' {
			nums = nil // it was a number of something else
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

// feature returns what follows name in the lines of FEAT.
func feature(list []string, name string) (args string, ok bool) {
	for _, f := range list {
		word, args, _ := strings.Cut(f, " ")
		if strings.EqualFold(word, name) {
			return strings.TrimSpace(args), true
		}
	}
	return "", false
}

// quoted returns the pathname in a 257 reply, in which quotes are doubled (RFC 959, appendix II).
func quoted(text string) (string, bool) {
	i := strings.IndexByte(text, '"')
	if i < 0 {
		return "", false
	}
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] == '"' {
			if i+1 == len(text) || text[i+1] != '"' {
				return b.String(), true
			}
			i++
		}
		b.WriteByte(text[i])
	}
	return "", false
}

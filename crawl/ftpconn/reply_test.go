package ftpconn

import (
	"bufio"
	"bytes"
	"io"
	"net/textproto"
	"slices"
	"strings"
	"testing"
)

// Whatever a server sends, the reply that the library reads is the one that was read here, whole and alone.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		"220 hello\r\n", "220\n", "220-a\r\n 220 b\r\n220x\r\n220 c\r\nrest", "211-Features:\r\n MLST type*;size*;\r\n UTF8\r\n211 End\r\n",
		"211 no lines\r\n", "211-\r\n211 \r\n", "227 Entering Passive Mode 127,0,0,1,4,5\r\n", "226-\r\n226", "\r\n", "22", "2200 x\r\n", "999-\xff\r\n999 \x00\r\n",
	} {
		f.Add([]byte(s))
	}
	const most = 1000
	f.Fuzz(func(t *testing.T, sent []byte) {
		r := bufio.NewReaderSize(bytes.NewReader(sent), 64)
		reply, size, err := readReply(r, most)
		if size > most+64 || size > len(sent) {
			t.Fatalf("read %d bytes of %d, at most %d wanted", size, len(sent), most)
		}
		if err != nil {
			return
		}
		if rest, _ := io.ReadAll(r); !bytes.HasSuffix(sent, rest) || size+len(rest) != len(sent) {
			t.Fatalf("%d bytes read and %d left of %d", size, len(rest), len(sent))
		}
		if strings.Contains(reply.Text, "\r\n") {
			t.Errorf("line ends are left in %q", reply.Text)
		}
		lib := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(encode(reply), "299 next\r\n"...))))
		code, text, err := lib.ReadResponse(0)
		if reply.Code < 100 { // no reply code (RFC 959, section 4.2.1)
			return
		}
		if err != nil || code != reply.Code {
			t.Fatalf("the library reads %d, %v, want %d", code, err, reply.Code)
		}
		if reply.Code == 211 {
			var lines []string
			for _, l := range strings.Split(text, "\n") {
				if l = strings.TrimSpace(l); l != "" {
					lines = append(lines, l)
				}
			}
			if want := features(reply); !slices.Equal(lines, want) {
				t.Errorf("the library reads features %q, want %q", lines, want)
			}
		}
		if code, _, err := lib.ReadResponse(0); err != nil || code != 299 {
			t.Fatalf("the library is out of step: %d, %v", code, err)
		}
	})
}

func TestQuoted(t *testing.T) {
	for text, want := range map[string]string{
		`"/" is the current directory`: "/", `"/a ""b"" c"`: `/a "b" c`, `"/a"`: "/a", `""`: "", `x "y" z "w"`: "y",
	} {
		if got, ok := quoted(text); got != want || !ok {
			t.Errorf("%s: got %q, %t, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "none", `"unended`, `"a""`} {
		if got, ok := quoted(text); ok {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
)

// Examples are few and short, and what they leave out is counted.
func TestReportOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	var c crawl.Counts
	for i := range 7 {
		c.Miss(crawl.Refused, 1, fmt.Sprintf("/private%d", i), "")
	}
	c.Doubtful = 1
	c.BadLines = []crawl.Example{{Path: "/links", Detail: "l -> " + strings.Repeat("x", 1000)}}
	e, stdout, _ := testEnv(time.Unix(1e9, 0))
	printMissing(e, &c)
	e.stdout.Flush()
	lines := strings.Split(stdout.String(), "\n")
	shown := 0
	for _, line := range lines {
		if strings.HasPrefix(line, "    /private") {
			shown++
		}
		if len(line) > 200 {
			t.Errorf("a line of %d bytes: %s", len(line), line)
		}
	}
	if want := fmt.Sprintf("    and %d more\n", 7-shown); shown == 0 || !strings.Contains(stdout.String(), want) {
		t.Errorf("%d of 7 are shown: got\n%s\nwant %q", shown, stdout, want)
	}
	if got := stdout.String(); !strings.Contains(got, "  doubtful: 1 entry\n    /links: l -> xxx") || strings.Contains(got, "not understood") {
		t.Errorf("got\n%s\nwant the doubtful entry alone", got)
	}
}

// A server that could not be crawled comes with what can be done about it, alone and among others.
func TestReportOfAStoppedServer(t *testing.T) {
	t.Parallel()
	server := crawl.Server{Scheme: crawl.FTPES, Host: "login.example", Port: 21, User: "bob"}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&tls.CertificateVerificationError{Err: errors.New("x509: certificate signed by unknown authority")}, "hint: if it is the right one, its SHA-256 "},
		{withHint(errors.New("no password for bob@login.example"), "add a line to ~/.netrc"), "hint: add a line to ~/.netrc\n"},
	} {
		s := &crawl.ServerReport{Server: server, State: crawl.Stopped, Err: fmt.Errorf("login: %w", tt.err)}
		e, stdout, stderr := testEnv(time.Unix(1e9, 0))
		printReport(e, s)
		if got := stderr.String(); !strings.Contains(got, tt.want) {
			t.Errorf("got %s, want %q in it", got, tt.want)
		}
		printClosing(e, []*crawl.ServerReport{s, s}, 2)
		e.stdout.Flush()
		if got := stdout.String(); strings.Count(got, tt.want) != 1 {
			t.Errorf("got\n%s\nwant %q once", got, tt.want)
		}
	}
}

func TestTookText(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                            {"1ms", "1ms"},
		4200 * time.Microsecond:      {"4ms", "4ms"},
		349 * time.Millisecond:       {"350ms", "350ms"},
		6290 * time.Millisecond:      {"6.3s", "6s"},
		2*time.Hour + 29*time.Second: {"2h0m29s", "2h00m"},
	} {
		if got := [2]string{tookText(d), tookColumn(d)}; got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

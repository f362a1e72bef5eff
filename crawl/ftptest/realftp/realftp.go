// Package realftp starts the FTP servers of others for tests: vsftpd and kin, on the loopback interface,
// by the scripts in testdata/servers. They need root and the servers' packages; without, a test is
// skipped, except where the environment has CI=true: there it fails, so that no skip goes unnoticed.
package realftp

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A Server is a running FTP server.
type Server struct {
	Addr string // host:port
	Cert string // file with its certificate, if TLS was asked for with env
}

// Start starts the server name ("vsftpd") with root as what anonymous logins see, and env ("TLS=require")
// as in testdata/servers/lib.sh. It ends with the test. root must be readable by everyone.
func Start(t testing.TB, name, root string, env ...string) *Server {
	t.Helper()
	Need(t, name)
	var stderr lockedBuffer
	for range 3 { // another process may take the port between our look and the server's
		s, ok := start(t, name, root, env, &stderr)
		if ok {
			return s
		}
	}
	t.Fatalf("realftp: %s does not start: %s", name, stderr.String())
	return nil
}

// Need skips the test, or fails it where CI=true, if the server name cannot be started here.
func Need(t testing.TB, name string) {
	t.Helper()
	reason := ""
	if os.Geteuid() != 0 {
		reason = "needs root"
	} else if p, ok := needs[name]; !ok {
		t.Fatalf("realftp: no server %q", name)
	} else if !exists(filepath.Join(Prefix(), p)) && !(name == "vsftpd" && exists(p)) {
		reason = "not there: testdata/servers/fetch.sh fetches it"
	}
	if reason == "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("real %s: %s", name, reason)
	}
	t.Skipf("real %s: %s", name, reason)
}

// needs says what must be there, below Prefix, for a server to start. vsftpd may be the system's too.
var needs = map[string]string{
	"vsftpd":    "/usr/sbin/vsftpd",
	"proftpd":   "/usr/sbin/proftpd",
	"pure-ftpd": "/usr/sbin/pure-ftpd",
	"inetutils": "/usr/sbin/ftpd",
	"pyftpdlib": "/.debs", // Python's own packages hold it
	"goftp":     "/bin/goftp",
	"ftp-srv":   "/node_modules/ftp-srv",
}

// Prefix is where testdata/servers/fetch.sh has put the servers: $FTPD_PREFIX, or ~/.cache/ftpidx-servers.
func Prefix() string {
	if p := os.Getenv("FTPD_PREFIX"); p != "" {
		return p
	}
	home, _ := os.UserHomeDir() // without one, nothing is found
	return filepath.Join(home, ".cache", "ftpidx-servers")
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// Tests of several packages run at once, each in a process of its own. A port that one of them found free could
// be another's by the time its server listens there, and the other's banner be taken for that server's. So each
// process has portsEach ports to itself, as far as process ids in a row go, below those that Linux gives to whoever
// asks for any (from 32768).
const (
	firstPort = 10000
	portsEach = 50
	processes = 400
)

var ports atomic.Uint32 // handed out by this process so far

// freePort returns a port of ours on host, the next one where nobody listens.
func freePort(t testing.TB, host string) string {
	t.Helper()
	first := firstPort + os.Getpid()%processes*portsEach
	for range portsEach {
		port := strconv.Itoa(first + int((ports.Add(1)-1)%portsEach))
		if l, err := net.Listen("tcp", net.JoinHostPort(host, port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatalf("realftp: no port is free from %d to %d", first, first+portsEach-1)
	return ""
}

func start(t testing.TB, name, root string, env []string, stderr *lockedBuffer) (*Server, bool) {
	t.Helper()
	const host = "127.0.0.1"
	port := freePort(t, host)
	s := &Server{Addr: net.JoinHostPort(host, port), Cert: filepath.Join(t.TempDir(), "cert.pem")}

	cmd := exec.Command("bash", filepath.Join(Root(t), "testdata", "servers", name+".sh"), port, root, host)
	cmd.Env = append(append(os.Environ(), "CERT="+s.Cert), env...)
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe() // the script ends when this does, even if we are killed
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan bool, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		ready <- strings.HasPrefix(line, "READY ")
		io.Copy(io.Discard, stdout)
	}()
	stop := func() {
		stdin.Close()
		done := time.AfterFunc(10*time.Second, func() { cmd.Process.Kill() })
		cmd.Wait()
		done.Stop()
	}
	select {
	case ok := <-ready:
		if !ok {
			stop()
			return nil, false
		}
	case <-time.After(time.Minute):
		stop()
		return nil, false
	}
	t.Cleanup(stop)
	return s, true
}

// Root returns the top directory of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("realftp: no go.mod above the test")
		}
		dir = up
	}
}

// lockedBuffer collects what several processes write.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

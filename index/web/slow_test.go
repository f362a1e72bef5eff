package web

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftpidx/ftpidx/index"
)

// A pipeListener has the connections that dial makes, in memory: with these a test can tell the time.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{make(chan net.Conn), make(chan struct{})}
}

func (l *pipeListener) dial() net.Conn {
	client, server := net.Pipe()
	l.conns <- server
	return client
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.done); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// withServer runs f against a server that listens on pipes.
func withServer(t *testing.T, s *Server, f func(l *pipeListener)) {
	ctx, stop := context.WithCancel(context.Background())
	l := newPipeListener()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	f(l)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

const streamAll = "GET /api/v1/search?q=file HTTP/1.1\r\nHost: localhost\r\nAccept: " + ndjson + "\r\nConnection: close\r\n\r\n"

// Clients that do nothing, send no end of a request, or do not take the answer are left.
func TestSlowClientsTimeOut(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		send string
		most time.Duration
	}{
		"nothing sent":  {"", readHeaders},
		"half a header": {"GET / HTTP/1.1\r\nHost: localhost\r\nX", readHeaders},
		"answer":        {"GET " + apiURL("q", "file", "limit", "1000") + " HTTP/1.1\r\nHost: localhost\r\n\r\n", time.Minute},
		"lines":         {streamAll, streamBusy + 2*time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &Server{Index: newFake(manyDocuments(2 * streamHits)), Now: now}
				withServer(t, s, func(l *pipeListener) {
					c := l.dial()
					defer c.Close()
					io.WriteString(c, tt.send)
					start := time.Now()
					time.Sleep(tt.most + time.Second)
					if len(s.state().gate.running) != 0 {
						t.Error("its search still runs")
					}
					c.SetReadDeadline(time.Now().Add(time.Second))
					n, err := io.Copy(io.Discard, c)
					if err != nil || n > 200 {
						t.Errorf("after %v it is still connected: %d bytes, %v", time.Since(start), n, err)
					}
				})
			})
		})
	}
}

// A client that reads slowly, but does read, gets all of a stream, however long that takes.
func TestStreamToSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 3 * streamHits
		s := &Server{Index: newFake(manyDocuments(n)), Now: now}
		withServer(t, s, func(l *pipeListener) {
			c := l.dial()
			defer c.Close()
			io.WriteString(c, streamAll)
			start := time.Now()
			resp, err := http.ReadResponse(bufio.NewReaderSize(c, 64), nil)
			if err != nil {
				t.Fatal(err)
			}
			lines, buf := 0, make([]byte, 32<<10)
			for err == nil {
				var k int
				k, err = io.ReadFull(resp.Body, buf)
				lines += strings.Count(string(buf[:k]), "\n")
				time.Sleep(10 * time.Second)
			}
			if took := time.Since(start); err != io.EOF && err != io.ErrUnexpectedEOF || lines != n || took < 10*time.Minute {
				t.Errorf("%d lines of %d after %v: %v", lines, n, took, err)
			}
		})
	})
}

// In the middle of a stream its searches wait longer for their turn than a page does.
func TestStreamIsPatient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(nil)
		busy := 0
		f.hook = func(context.Context, int64, *index.Result) error {
			if busy--; busy >= 0 {
				return errBusy
			}
			return nil
		}
		s := &Server{Index: f, Now: now}
		req, err := readSearch(nil, now(), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			busy    int
			patient bool
			ok      bool
		}{{1, false, false}, {1, true, true}, {50, true, true}, {100, true, false}} {
			busy = tt.busy
			if _, err := s.streamPage(t.Context(), req, tt.patient); (err == nil) != tt.ok {
				t.Errorf("%+v: %v", tt, err)
			}
		}
	})
}

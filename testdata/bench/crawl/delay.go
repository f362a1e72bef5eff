package main

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// delayed dials connections that are rtt away.
func delayed(rtt time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		var d net.Dialer
		c, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		time.Sleep(rtt)
		dc := &delayConn{Conn: c, half: rtt / 2, in: newQueue(), out: newQueue()}
		go dc.pump()
		go dc.drain()
		return dc, nil
	}
}

// delayConn holds what comes and goes back for half a round trip.
type delayConn struct {
	net.Conn
	half    time.Duration
	in, out *queue
}

func (c *delayConn) pump() {
	raw, _ := c.Conn.(*net.TCPConn).SyscallConn()
	for {
		b := make([]byte, 16<<10)
		n, err := c.Conn.Read(b)
		// ftpconn acknowledges at once, but not what it does not know for a TCP connection.
		raw.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
		c.in.put(b[:n], err, time.Now().Add(c.half))
		if err != nil {
			return
		}
	}
}

func (c *delayConn) drain() {
	for {
		b, err := c.out.next()
		if len(b) > 0 {
			c.Conn.Write(b)
		}
		if err != nil {
			c.Conn.Close()
			return
		}
	}
}

func (c *delayConn) Read(p []byte) (int, error) { return c.in.read(p) }

func (c *delayConn) Write(p []byte) (int, error) {
	c.out.put(append([]byte(nil), p...), nil, time.Now().Add(c.half))
	return len(p), nil
}

func (c *delayConn) Close() error {
	c.out.put(nil, io.EOF, time.Now().Add(c.half))
	c.in.put(nil, net.ErrClosed, time.Now())
	return nil
}

// Time-outs do not matter to the benchmark.
func (c *delayConn) SetDeadline(time.Time) error      { return nil }
func (c *delayConn) SetReadDeadline(time.Time) error  { return nil }
func (c *delayConn) SetWriteDeadline(time.Time) error { return nil }

// queue holds pieces of a stream until their time.
type queue struct {
	mu     sync.Mutex
	wake   *sync.Cond
	pieces []piece
}

type piece struct {
	b    []byte
	err  error
	when time.Time
}

func newQueue() *queue {
	q := new(queue)
	q.wake = sync.NewCond(&q.mu)
	return q
}

func (q *queue) put(b []byte, err error, when time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pieces = append(q.pieces, piece{b, err, when})
	q.wake.Signal()
}

// head waits for the first piece and its time; the lock is held when it returns.
func (q *queue) head() *piece {
	q.mu.Lock()
	for len(q.pieces) == 0 {
		q.wake.Wait()
	}
	when := q.pieces[0].when
	q.mu.Unlock()
	time.Sleep(time.Until(when))
	q.mu.Lock()
	return &q.pieces[0]
}

func (q *queue) next() ([]byte, error) {
	p := *q.head()
	q.pieces = q.pieces[1:]
	q.mu.Unlock()
	return p.b, p.err
}

func (q *queue) read(b []byte) (int, error) {
	p := q.head()
	defer q.mu.Unlock()
	n := copy(b, p.b)
	p.b = p.b[n:]
	if len(p.b) > 0 || p.err != nil && n > 0 {
		return n, nil
	}
	if p.err != nil {
		return 0, p.err // and again each time
	}
	q.pieces = q.pieces[1:]
	return n, nil
}

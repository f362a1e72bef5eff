package main

import (
	"context"
	"io"
)

// input returns standard input, which ends with the error of ctx once that is done.
func (e *env) input(ctx context.Context) io.Reader {
	return &interruptible{ctx: ctx, src: e.stdin, buf: make([]byte, 64<<10), done: make(chan read, 1)}
}

// An interruptible reads src until ctx is done, also while src has nothing to give: a read of a terminal or a pipe cannot be ended
// otherwise. One that is under way then is left behind, with the buffer that it fills.
type interruptible struct {
	ctx context.Context
	src io.Reader

	buf  []byte
	done chan read
	got  []byte // of buf, not given yet
	err  error  // that comes after it
}

// A read is what a call of Read has returned.
type read struct {
	n   int
	err error
}

func (r *interruptible) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	for len(r.got) == 0 && r.err == nil {
		go func() {
			n, err := r.src.Read(r.buf)
			r.done <- read{n, err}
		}()
		select {
		case <-r.ctx.Done():
			r.err = r.ctx.Err() // buf belongs to who is left behind
		case d := <-r.done:
			r.got, r.err = r.buf[:d.n], d.err
		}
	}
	if len(r.got) == 0 {
		return 0, r.err
	}
	n := copy(b, r.got)
	r.got = r.got[n:]
	return n, nil
}

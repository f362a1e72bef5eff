package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestInputIsWhatIsRead(t *testing.T) {
	long := strings.Repeat("drwxr-xr-x    3 ftp      ftp            50 May 08 22:47 000\r\n", 5000)
	for _, src := range []io.Reader{strings.NewReader(long), iotest.DataErrReader(strings.NewReader(long)), iotest.HalfReader(strings.NewReader(long))} {
		e := &env{stdin: src}
		if got, err := io.ReadAll(e.input(t.Context())); err != nil || string(got) != long {
			t.Errorf("%d bytes of %d, %v", len(got), len(long), err)
		}
	}
	broken := errors.New("broken")
	e := &env{stdin: io.MultiReader(strings.NewReader("some"), iotest.ErrReader(broken))}
	if got, err := io.ReadAll(e.input(t.Context())); string(got) != "some" || err != broken {
		t.Errorf("%q, %v", got, err)
	}
}

// Commands that wait for standard input end by the first interrupt.
func TestInterruptedAtInput(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"parse"}, {"import", "--host", "ftp.example", "-"}, {"crawl", "--seeds", "-"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		r, w := io.Pipe()
		defer w.Close()
		status := make(chan int, 1)
		go func() {
			status <- run(ctx, append([]string{"--data", t.TempDir()}, args...), r, io.Discard, io.Discard)
		}()
		if _, err := w.Write([]byte("#\n")); err != nil { // it reads
			t.Fatal(err)
		}
		cancel()
		select {
		case got := <-status:
			if got != exitInterrupted {
				t.Errorf("%q: exit status %d, want %d", args, got, exitInterrupted)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%q: still reads", args)
		}
	}
}

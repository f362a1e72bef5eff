package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
)

// importedData makes a data directory with archives of these servers, of one file each.
func importedData(t *testing.T, hosts ...string) (data string) {
	t.Helper()
	data = t.TempDir()
	dump := ""
	for _, host := range hosts {
		dump += `{"host":"` + host + `","dir":"/","name":"wget.tar.gz","type":"file","size":5000}` + "\n"
	}
	if _, err := archive.Import(t.Context(), archiveDir(data), strings.NewReader(dump), &archive.ImportOptions{Now: time.Unix(1e9, 0)}); err != nil {
		t.Fatal(err)
	}
	return data
}

// newTestPublisher returns a publisher that says nothing.
func newTestPublisher(data string) *publisher {
	e, _, _ := testEnv(time.Unix(1e9, 0))
	return newPublisher(e, data)
}

func TestCrawlWaitsForOwnPublication(t *testing.T) {
	t.Parallel()
	server := crawl.Server{Scheme: crawl.FTP, Host: "a.example", Port: 21}
	data := importedData(t, server.Key(), "b.example")
	synctest.Test(t, func(t *testing.T) {
		p := newTestPublisher(data)
		read, err := p.acquire(server.Key())
		if err != nil {
			t.Fatal(err)
		}
		type result struct {
			h   *handle
			err error
		}
		created := make(chan result, 1)
		create := func(ctx context.Context) {
			h, err := p.create(ctx, server, nil)
			created <- result{h, err}
		}
		go create(t.Context())
		time.Sleep(time.Minute) // longer than an archive waits for another process
		select {
		case r := <-created:
			t.Fatalf("before the publication is done with it: %v", r.err)
		default:
		}
		other, err := p.create(t.Context(), crawl.Server{Scheme: crawl.FTP, Host: "b.example", Port: 21}, nil)
		if err != nil {
			t.Fatalf("of another server: %v", err)
		}
		if err := errors.Join(other.Close(), read.Close()); err != nil {
			t.Fatal(err)
		}
		r := <-created
		if r.err != nil {
			t.Fatal(r.err)
		}

		// A publication takes part in what the crawl has open, and keeps it open.
		if read, err = p.acquire(server.Key()); err != nil || read != r.h {
			t.Fatalf("got %p, %v, want %p, which the crawl has", read, err, r.h)
		}
		if err := r.h.Close(); err != nil {
			t.Fatal(err)
		}

		// An interrupt ends the waiting.
		ctx, interrupt := context.WithCancel(t.Context())
		go create(ctx)
		synctest.Wait()
		interrupt()
		if r := <-created; !errors.Is(r.err, context.Canceled) {
			t.Errorf("interrupted: got %v, want %v", r.err, context.Canceled)
		}
		if err := read.Close(); err != nil {
			t.Fatal(err)
		}
		if len(p.open) != 0 {
			t.Errorf("left open: %v", p.open)
		}
	})
}

// A publication that finds an archive about to be opened for its crawl takes part in it, or opens it itself if that fails.
func TestPublicationWaitsUntilAnArchiveIsOpen(t *testing.T) {
	t.Parallel()
	server := crawl.Server{Scheme: crawl.FTP, Host: "a.example", Port: 21}
	data := importedData(t, server.Key())
	for _, fails := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p := newTestPublisher(data)
			export, err := archive.OpenKey(archiveDir(data), server.Key(), nil) // as another process
			if err != nil {
				t.Fatal(err)
			}
			defer export.Close()
			failed := make(chan error)
			go func() {
				h, err := p.create(t.Context(), server, nil)
				if err == nil {
					defer h.Close()
				}
				failed <- err
			}()
			synctest.Wait()
			if !fails {
				export.Close()
			}
			h, err := p.acquire(server.Key())
			if err != nil || h.Archive == nil {
				t.Fatalf("got %+v, %v, want an open archive", h, err)
			}
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-failed; (err != nil) != fails {
				t.Errorf("the crawl: got %v, want an error: %v", err, fails)
			}
		})
	}
}

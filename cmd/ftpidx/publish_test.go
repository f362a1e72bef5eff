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
	"github.com/ftpidx/ftpidx/index"
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
		read, err := p.acquire(server.Key(), true)
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
		if read, err = p.acquire(server.Key(), true); err != nil || read != r.h {
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
			h, err := p.acquire(server.Key(), true)
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

// What another process has open is left to it at once, unless it cannot be done without; what this one crawls goes on meanwhile.
func TestPublicationDoesNotWaitForOthers(t *testing.T) {
	t.Parallel()
	server := crawl.Server{Scheme: crawl.FTP, Host: "a.example", Port: 21}
	data := importedData(t, server.Key(), "b.example")
	synctest.Test(t, func(t *testing.T) {
		p := newTestPublisher(data)
		own, err := p.create(t.Context(), crawl.Server{Scheme: crawl.FTP, Host: "b.example", Port: 21}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ready, err := p.source(t.Context(), server.Key(), false)
		if err != nil {
			t.Fatal(err)
		}
		other, err := archive.Create(archiveDir(data), server, nil) // as another process
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		start := time.Now()
		var used *archive.InUseError
		if _, err := p.source(t.Context(), server.Key(), false); !errors.As(err, &used) {
			t.Errorf("got %v, want an InUseError", err)
		}
		for _, err := range ready.Documents {
			if !errors.As(err, &used) {
				t.Errorf("documents: got %v, want an InUseError", err)
			}
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("waited for %v", took)
		}

		done := make(chan error)
		go func() {
			_, err := p.source(t.Context(), server.Key(), true)
			done <- err
		}()
		synctest.Wait()
		if !p.mu.TryLock() {
			t.Fatal("nobody else can open or close an archive meanwhile")
		}
		p.mu.Unlock()
		if err := own.Close(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("closing another archive took %v", took)
		}
		if err := <-done; !errors.As(err, &used) || time.Since(start) < time.Second/2 {
			t.Errorf("got %v after %v, want an InUseError after a second", err, time.Since(start))
		}
	})
}

// A server that is forgotten after its archive was read, and before what was read is put in force, does not come back.
func TestForgottenWhilePublished(t *testing.T) {
	t.Parallel()
	data := importedData(t, "a.example", "b.example")
	p := newTestPublisher(data)
	p.e.dataFlag = data
	var sources []index.Source
	for _, key := range []string{"a.example", "b.example"} {
		s, err := p.source(t.Context(), key, false)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, s)
	}
	whole := sources[1].Documents
	sources[1].Documents = func(yield func(*index.Document, error) bool) {
		if err := runForget(t.Context(), p.e, &forgetOptions{hosts: []string{"a.example"}, yes: true}); err != nil {
			t.Error(err)
		}
		whole(yield)
	}
	m, err := p.put(t.Context(), sources, &index.PublishOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := m.Server("a.example"); ok || m.Docs() != 1 {
		t.Errorf("published: %+v, want b.example only", m.Generations)
	}
}

package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	readHeaders = 10 * time.Second // that a client may take to send its request
	readAll     = 30 * time.Second // with a body, which nobody reads
	writeAll    = 30 * time.Second // to take the answer, besides the time of the search
	idle        = 2 * time.Minute  // between two requests on a connection
	grace       = 10 * time.Second // for requests under way when the server is to end
	maxHeaders  = maxURI + 32<<10  // bytes
)

// Serve answers requests on l until ctx is done; requests under way are then finished, within ten seconds. The error is nil
// after that, or that of the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.state().local = isLoopback(l.Addr())
	hs := s.httpServer()
	ended := make(chan error, 1)
	go func() { ended <- hs.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := hs.Shutdown(stop); err != nil {
		s.log().Warn("requests were cut", "after", grace)
		hs.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (s *Server) httpServer() *http.Server {
	limits := s.state().limits
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: readHeaders,
		ReadTimeout:       readAll,
		WriteTimeout:      limits.Wait + 2*limits.Time + writeAll,
		IdleTimeout:       idle,
		MaxHeaderBytes:    maxHeaders,
		ErrorLog:          slog.NewLogLogger(s.log().Handler(), slog.LevelDebug), // of clients that speak something else
	}
}

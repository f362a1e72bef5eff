package crawl

import (
	"context"
	"log/slog"
	"time"
)

// A Crawler lists whole servers. Its fields must not change while Run runs.
type Crawler struct {
	Dialer Dialer

	// Open returns the Store of a server, which the Crawler closes. An error, as that the server
	// is being crawled by another process, ends the crawl of this server only.
	Open func(context.Context, Server) (Store, error)

	Policy Policy

	// Scanner options for the parser come from the Store's facts.

	// Resolve returns the IP addresses of a host, so that servers with several names are treated
	// as one. nil, or an error, takes the host's name for its address.
	Resolve func(ctx context.Context, host string) ([]string, error)

	Now     func() time.Time // nil means time.Now
	Logger  *slog.Logger     // nil discards
	Observe func(Event)      // nil: nobody looks; called by several goroutines, one at a time
	TempDir string           // for large listings; "" means the system's
}

package index

import (
	"context"
	"iter"
	"log/slog"
)

// A Source gives the documents of one server to [Publish].
type Source struct {
	Server     *Server
	ArchiveSeq uint64 // sequence number of the archive that the documents were read at
	Zone       string // IANA name of the server's time zone; "" is not known
	Partial    bool   // the server has not been crawled completely

	// Documents yields them in document order: a directory's own entries first, by the bytes of their names;
	// then, in the same order, the block of each of its subdirectories. A document out of order is an error.
	// An error that it yields ends the publication, and what was published before stays.
	Documents iter.Seq2[*Document, error]
}

// PublishOptions are the options of [Publish]. Nil and the zero value are the defaults.
type PublishOptions struct {
	Logger *slog.Logger // nil discards
}

// Publish builds the documents of sources into a new generation in the index directory dir, made if it does not
// exist, and puts it in force: what the manifest held of these servers is replaced, all else is kept. When it
// returns an error, also that of ctx, what was published before is still in force.
func Publish(ctx context.Context, dir string, sources []Source, opts *PublishOptions) (*Manifest, error) {
	panic("index: Publish")
}

// Drop takes the servers with these keys out of the index in dir. Keys that it does not hold are ignored.
func Drop(ctx context.Context, dir string, keys ...string) error {
	panic("index: Drop")
}

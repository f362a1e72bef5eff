package index

import (
	"errors"
	"fmt"
)

// ErrCorrupt is wrapped by the errors of an index whose files are damaged.
var ErrCorrupt = errors.New("damaged")

// ErrVersion is wrapped by the errors of an index that was written in another format.
var ErrVersion = errors.New("other format")

// A FileError says which file of the index cannot be used, why, and what to do about it.
type FileError struct {
	Path string
	Err  error // wraps ErrCorrupt, ErrVersion or the error of the file system
}

func (e *FileError) Error() string {
	return fmt.Sprintf("index: %s: %v; run: ftpidx index rebuild", e.Path, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// A SourceError says which server [Publish] has left as it was, and why: its documents cannot be had, or not be indexed.
type SourceError struct {
	Key string // of the server
	Err error
}

func (e *SourceError) Error() string { return fmt.Sprintf("index: documents of %s: %v", e.Key, e.Err) }

func (e *SourceError) Unwrap() error { return e.Err }

func corrupt(path, format string, args ...any) error {
	return &FileError{path, fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))}
}

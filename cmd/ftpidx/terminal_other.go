//go:build !windows

package main

import (
	"errors"
	"os"
	"syscall"
)

// showsColor reports whether a terminal obeys escape sequences.
func showsColor(*os.File) bool { return true }

// closedPipe reports whether err says that nobody reads our output any more.
func closedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

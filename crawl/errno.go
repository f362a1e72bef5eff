package crawl

import (
	"errors"
	"slices"
	"syscall"
)

// IsErrno reports whether err is one of these errors of the network, by whatever number the system calls it.
func IsErrno(err error, errnos ...syscall.Errno) bool {
	return slices.ContainsFunc(errnos, func(e syscall.Errno) bool {
		return errors.Is(err, e) || errors.Is(err, systemErrno(e))
	})
}

//go:build !windows

package crawl

import "syscall"

// systemErrno returns what the system calls the error.
func systemErrno(e syscall.Errno) syscall.Errno { return e }

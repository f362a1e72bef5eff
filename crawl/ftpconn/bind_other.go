//go:build !linux

package ftpconn

import "syscall"

// lateBind does nothing here.
func lateBind(_, _ string, _ syscall.RawConn) error { return nil }

//go:build !linux

package ftpconn

import "net"

// quickACK has no counterpart outside Linux.
func quickACK(c net.Conn) net.Conn { return c }

package ftpconn

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// lateBind leaves the choice of a port to connect(2) where a data connection is bound to an address
// (ip(7), IP_BIND_ADDRESS_NO_PORT). A port chosen by bind must be free for every destination: with the thousands of
// closed connections of a crawl in TIME_WAIT the kernel searches long for one, and in the end finds none.
func lateBind(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// Kernels before 4.2 do not know it and choose at once.
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
}

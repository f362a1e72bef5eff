package crawl

import "syscall"

// winsock has the numbers of Windows Sockets for errors that package syscall only invents names for.
var winsock = map[syscall.Errno]syscall.Errno{
	syscall.EADDRNOTAVAIL: 10049, // WSAEADDRNOTAVAIL
	syscall.ENETDOWN:      10050, // WSAENETDOWN
	syscall.ENETUNREACH:   10051, // WSAENETUNREACH
	syscall.ECONNRESET:    10054, // WSAECONNRESET
	syscall.EPIPE:         10058, // WSAESHUTDOWN
	syscall.ECONNREFUSED:  10061, // WSAECONNREFUSED
	syscall.EHOSTUNREACH:  10065, // WSAEHOSTUNREACH
}

// systemErrno returns what the system calls the error.
func systemErrno(e syscall.Errno) syscall.Errno {
	if w, ok := winsock[e]; ok {
		return w
	}
	return e
}

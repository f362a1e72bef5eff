//go:build unix

package realftp

import "syscall"

// chmod sets all twelve bits of a mode, which os.Chmod takes apart.
func (b builder) chmod(name string, mode uint32) {
	b.check(syscall.Chmod(b.path(name), mode))
}

// devices makes a pipe in dir and, where root may, devices.
func (b builder) devices(dir string) {
	b.check(syscall.Mkfifo(b.path(dir+"/fifo"), 0o644))
	_ = syscall.Mknod(b.path(dir+"/chr"), syscall.S_IFCHR|0o644, 1<<8|3)
	_ = syscall.Mknod(b.path(dir+"/blk"), syscall.S_IFBLK|0o644, 7<<8)
}

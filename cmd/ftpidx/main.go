// Command ftpidx crawls FTP servers, keeps what they listed, and finds any file on any of them.
//
// The command is the only place where the packages meet: crawl and its archive fill the data
// directory, index publishes from there and answers queries, and everything that a terminal, a pipe
// or a script sees is decided here.
//
//	flags → options → run function → results on standard output, all else on standard error → exit status
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

func main() { os.Exit(processMain()) }

// processMain runs the command on the process's own arguments and streams and returns its exit status.
// The first interrupt cancels the context, so that a crawl saves and says how to go on; the second kills.
func processMain() int {
	// In a container the system ends who takes more than the group may: publishing then works in smaller parts, as with GOMEMLIMIT, which
	// goes before. Without a group, or where it cannot be read, there is no limit.
	_, _ = memlimit.Set()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/ftptest"
)

// demoSearches are queries that show what is different about searching here.
var demoSearches = []struct{ why, query string }{
	{"all words, whatever order and case; one may stand in the directory", "debian netinst lenny"},
	{"fields narrow it down: large images, newest first", "ext:iso size:>4gb sort:-date"},
	{"part of a name and a subtree, without signatures", "in:/pub/gnu wget -sig"},
	{"the server prints recent dates without a year; they are searched with it", "transfer date:>=" + "%s"},
}

func newDemoCommand(e *env) *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Crawl and search a small server that comes with the program",
		Long: `Demo starts an FTP server of its own on the loopback interface, crawls it over passive connections with
LIST, builds an index in a temporary directory, and runs four searches. It needs no network, does not
touch your data directory, and leaves nothing behind unless --keep is given.

Exit status: 0 done; 2 failure.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), e, keep) },
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "keep the data directory of the demo, and say where it is")
	return cmd
}

func runDemo(ctx context.Context, e *env, keep bool) (err error) {
	now := e.now()
	server := &ftptest.Server{FS: ftptest.Mirror(now), Clock: e.now, Hidden: true}
	if err := server.Start(); err != nil {
		return fmt.Errorf("starting the demonstration server: %w", err)
	}
	defer server.Close()

	pipes := make(chan os.Signal, 1) // who reads no more is told by an error then, not by a signal that would leave the data behind
	signal.Notify(pipes, syscall.SIGPIPE)
	defer signal.Stop(pipes)
	data, err := os.MkdirTemp("", "ftpidx-demo-")
	if err != nil {
		return err
	}
	defer func() {
		if !keep {
			if rerr := os.RemoveAll(data); rerr != nil && err == nil {
				err = rerr
			}
		}
	}()

	say := func(format string, args ...any) { fmt.Fprintf(e.stdout, format+"\n", args...) }
	prompt := func(command string) { say("%s", e.stdout.paint(bold, "$ "+command)) }

	say("An FTP server with a small archive listens on %s, in this process.\n", server.Addr)
	prompt("ftpidx crawl --rate 0 " + server.URL)
	seed, err := crawl.ParseSeed(server.URL)
	if err != nil {
		return err
	}
	report, err := crawlAndPublish(ctx, e, data, &crawl.Crawler{
		Dialer: &ftpconn.Dialer{},
		Policy: crawl.Policy{Rate: -1, MaxRate: -1},
	}, []crawl.Seed{seed}, 0, false)
	if err != nil {
		return err
	}
	for _, s := range report.Servers {
		printReport(e, s)
	}
	stats := server.Stats()
	say("\nThe server saw %s and %d LIST commands. Directories that it refused are told, not hidden.\n",
		plural(stats.Total, "session", "sessions"), stats.Commands["LIST"])

	for _, d := range demoSearches {
		q := d.query
		if q[len(q)-2:] == "%s" {
			q = fmt.Sprintf(q, now.AddDate(0, 0, -2).UTC().Format(time.DateOnly))
		}
		say("%s", e.stdout.paint(faint, "# "+d.why))
		prompt("ftpidx search '" + q + "'")
		if err := runSearch(ctx, e, &searchOptions{words: []string{q}, limit: "4", columns: true, data: data}); err != nil {
			return err
		}
		say("")
	}
	say("Next, with a server of yours:")
	say("  ftpidx crawl ftp://HOST/        list it; stop and run it again as you like")
	say("  ftpidx search --help            what a query can say")
	say("  ftpidx servers                  what is known, and how complete it is")
	if keep {
		say("\nThe data of this demo is kept: ftpidx search --data %s QUERY", data)
	}
	return nil
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
)

// forgetOptions are the flags of forget.
type forgetOptions struct {
	hosts   []string
	yes     bool
	dead    string
	block   bool
	unblock bool
}

func newForgetCommand(e *env) *cobra.Command {
	var o forgetOptions
	cmd := &cobra.Command{
		Use:   "forget HOST...",
		Short: "Remove servers: their archives, and all of them in the index",
		Long: `Forget removes everything that is known of the servers: the listings, what was learned of them, and their
entries in the index. It asks first on a terminal; elsewhere it wants --yes. There is no way back but a crawl, or an
import of what 'ftpidx export' wrote.

HOST is the whole name that 'ftpidx servers' shows. --dead takes all servers that could not be used for so long.

With --block the servers are not crawled again as one of many, from a seeds file or as one that is due, and HOST need not
be known yet. 'ftpidx crawl ftp://HOST/' crawls it nevertheless and lifts the block, as --unblock does; 'ftpidx servers
--blocked' lists them.

Exit status: 0 done; 2 usage, no such server, a server that is being crawled, the answer was no, or failure; what is left
is whole.`,
		Example: `  # a server, after a question
  ftpidx forget ftp.example.org

  # servers that gave no sign of life for half a year, without a question
  ftpidx forget --yes --dead 180d

  # never again
  ftpidx forget --block ftp.example.org`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.hosts = args
			return runForget(cmd.Context(), e, &o)
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if data, err := e.dataDir(); o.unblock && err == nil {
				keys, _ := blockedServers(data)
				return keys, cobra.ShellCompDirectiveNoFileComp
			}
			return completeServers(e)(cmd, args, word)
		},
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	cmd.Flags().StringVar(&o.dead, "dead", "", "all servers that could not be used for `AGE`, as 180d, 6mo or 1y")
	cmd.Flags().BoolVar(&o.block, "block", false, "and do not crawl them again, unless they are named")
	cmd.Flags().BoolVar(&o.unblock, "unblock", false, "lift the block of HOST; nothing is removed")
	return cmd
}

func runForget(ctx context.Context, e *env, o *forgetOptions) error {
	switch {
	case o.unblock && (o.block || o.dead != "" || o.yes):
		return usagef("--unblock goes with no other flag")
	case o.dead != "" && len(o.hosts) > 0:
		return usagef("--dead chooses the servers: name none")
	case o.dead == "" && len(o.hosts) == 0:
		return usagef("name a server, or say --dead AGE")
	}
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	if o.unblock {
		return runUnblock(e, data, o.hosts)
	}
	all, err := archive.List(archiveDir(data))
	if err != nil {
		e.warn("%v", err)
	}
	victims, unknown, err := o.choose(e, all)
	if err != nil {
		return err
	}
	for i := range victims {
		if err := notCrawled(&victims[i]); err != nil {
			return err
		}
	}
	if len(victims)+len(unknown) == 0 {
		e.remark("no server was dead for %s", o.dead)
		return nil
	}
	if len(victims) > 0 && !o.yes {
		if err := askForget(ctx, e, victims); err != nil {
			return err
		}
	}
	if data, err = e.writableData(); err != nil {
		return err
	}
	if o.block {
		// Before anything is removed: who is interrupted then has blocked a server, and sees that it is still there.
		for _, key := range unknown {
			if err := block(data, key); err != nil {
				return err
			}
			fmt.Fprintf(e.stdout, "%s: blocked, was not known\n", key)
		}
		for i := range victims {
			if err := block(data, victims[i].Key); err != nil {
				return err
			}
		}
	}
	for i := range victims {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := &victims[i]
		err := archive.Forget(archiveDir(data), s.Key, &archive.Options{Now: e.now, Logger: e.logger()}, func() error {
			return index.Drop(ctx, indexDir(data), s.Key)
		})
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s is gone already", s.Key)
		}
		if err != nil {
			return busy(err)
		}
		said := "forgotten"
		if o.block {
			said += " and blocked"
		}
		fmt.Fprintf(e.stdout, "%s: %s, %s\n", s.Key, said, plural(s.Held.Entries, "entry", "entries"))
	}
	return e.stdout.Flush()
}

// choose returns the servers to be removed, and the keys of those to be blocked that are not known.
func (o *forgetOptions) choose(e *env, all []archive.Summary) (victims []archive.Summary, unknown []string, err error) {
	if o.dead != "" {
		age, err := parseAge(o.dead)
		if err != nil {
			return nil, nil, usagef("--dead: %w", err)
		}
		for i := range all {
			if h := &all[i].Facts.Health; (h.State == crawl.HealthFailing || h.State == crawl.HealthDead) && !h.Locked && e.now().Sub(h.Since) >= age {
				victims = append(victims, all[i])
			}
		}
		return victims, nil, nil
	}
	for _, host := range o.hosts {
		server, err := crawl.ParseKey(host)
		if err != nil {
			return nil, nil, usageError{err}
		}
		key := server.Key()
		i := slices.IndexFunc(all, func(s archive.Summary) bool { return s.Key == key })
		switch {
		case i >= 0 && !slices.ContainsFunc(victims, func(s archive.Summary) bool { return s.Key == key }):
			victims = append(victims, all[i])
		case i >= 0: // named twice
		case o.block:
			unknown = append(unknown, key)
		default:
			err := fmt.Errorf("%s has not been crawled", host)
			if s, _ := findServer(all, host); s != nil {
				return nil, nil, withHint(err, "its whole name is wanted here: %s", s.Key)
			}
			return nil, nil, withHint(err, "ftpidx servers lists those that have")
		}
	}
	return victims, unknown, nil
}

// askForget asks on the terminal. The error says that the answer was no, or that nobody can be asked.
func askForget(ctx context.Context, e *env, victims []archive.Summary) error {
	f, ok := e.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || !e.stderr.terminal {
		return withHint(errors.New("there is no terminal to ask on"), "--yes removes %s without asking", plural(len(victims), "server", "servers"))
	}
	entries, bytes := int64(0), int64(0)
	for i := range victims {
		s := &victims[i]
		entries += s.Held.Entries
		bytes += s.Size
		if since := s.Facts.Health.Since; len(victims) > 1 && !since.IsZero() {
			fmt.Fprintf(e.stderr, "%s, dead since %s\n", s.Key, since.UTC().Format(time.DateOnly))
		} else if len(victims) > 1 {
			fmt.Fprintln(e.stderr, s.Key)
		}
	}
	what := victims[0].Key
	if len(victims) > 1 {
		what = plural(len(victims), "server", "servers")
	}
	fmt.Fprintf(e.stderr, "Forget %s: %s, archives of %s? [y/N] ", what, plural(entries, "entry", "entries"), humanSize(bytes))
	answer, err := bufio.NewReader(e.input(ctx)).ReadString('\n')
	if err != nil {
		fmt.Fprintln(e.stderr)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	e.remark("nothing was removed")
	return exit(exitError)
}

// runUnblock lifts the block of servers.
func runUnblock(e *env, data string, hosts []string) error {
	for _, host := range hosts {
		server, err := crawl.ParseKey(host)
		if err != nil {
			return usageError{err}
		}
		was, err := unblock(data, server.Key())
		if err != nil {
			return err
		}
		if !was {
			return withHint(fmt.Errorf("%s is not blocked", server.Key()), "ftpidx servers --blocked lists those that are")
		}
		fmt.Fprintf(e.stdout, "%s: not blocked any more\n", server.Key())
	}
	return e.stdout.Flush()
}

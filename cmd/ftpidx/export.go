package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/crawl/archive"
)

// exportOptions are the flags of export.
type exportOptions struct {
	hosts  []string
	format string
}

func newExportCommand(e *env) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write what the archives hold, as NDJSON or as ls -lR",
		Long: `Export writes what is known of all servers, or of those named with --host, to standard output: servers in the
order of their names, in each the entries of a directory before those of its subdirectories.

--format ndjson, the default, is one JSON object a line: one about the server ("server"), one for each directory ("listing"),
and the entries, with the keys that search --json has. 'ftpidx import -' makes the same archives of it: the same entries,
names byte for byte, times with their precision, when each was first and last seen, charset and zone. Lines that were not
understood and older versions of listings are not written.

--format ls-lR is for other programs, and for one server: times are in ISO form. Entries whose name no line of ls can hold
are left out and counted on standard error.

Exit status: 0 done; 2 usage, no such server, a server that is being crawled, or failure.`,
		Example: `  # a copy of everything, and back
  ftpidx export | zstd > all.ndjson.zst
  ftpidx import all.ndjson.zst

  # one server for a program that reads ls -lR
  ftpidx export --host ftp.example.org --format ls-lR | gzip > ls-lR.gz

  # the entries alone
  ftpidx export | jq -c 'select(.name)'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runExport(cmd.Context(), e, &o) },
	}
	cmd.Flags().StringArrayVar(&o.hosts, "host", nil, "write this `SERVER` only; may be given several times")
	cmd.Flags().StringVar(&o.format, "format", "ndjson", "`FORMAT`: ndjson, which can be imported without loss, or ls-lR, which other programs read")
	mustComplete(cmd, "host", completeServers(e))
	mustComplete(cmd, "format", cobra.FixedCompletions([]string{"ndjson", "ls-lR"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// mustComplete has a shell complete the values of a flag.
func mustComplete(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err) // there is no such flag
	}
}

func runExport(ctx context.Context, e *env, o *exportOptions) error {
	if o.format != "ndjson" && o.format != "ls-lR" {
		return usagef("--format is ndjson or ls-lR, not %q", o.format)
	}
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	all, err := archive.List(archiveDir(data))
	if err != nil && len(o.hosts) == 0 {
		return err // what cannot be read would be missing in silence
	}
	if len(o.hosts) > 0 {
		all, err = named(all, o.hosts)
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return withHint(fmt.Errorf("nothing to export: no server has been crawled into %s", data), "ftpidx crawl ftp://HOST/")
	}
	if o.format == "ls-lR" && len(all) > 1 {
		return usagef("an ls -lR is of one server, and there are %d: say --host SERVER", len(all))
	}
	// Before anything is written: who is not told of an error after a gigabyte need not throw it away.
	for i := range all {
		if err := notCrawled(&all[i]); err != nil {
			return err
		}
	}
	for i := range all {
		if err := o.export(ctx, e, data, all[i].Key); err != nil {
			return err
		}
	}
	return e.stdout.Flush()
}

// named returns those of the servers that have one of the names, in order.
func named(all []archive.Summary, hosts []string) ([]archive.Summary, error) {
	keys := make([]string, len(hosts))
	for i, host := range hosts {
		s, err := findServer(all, host)
		if err != nil {
			return nil, err
		}
		keys[i] = s.Key
	}
	return slices.DeleteFunc(slices.Clone(all), func(s archive.Summary) bool { return !slices.Contains(keys, s.Key) }), nil
}

// notCrawled returns the error that a server is in use by its crawl.
func notCrawled(s *archive.Summary) error {
	if !s.Running() {
		return nil
	}
	return busy(&archive.InUseError{Key: s.Key, PID: s.PID})
}

// busy adds to an error what to do about a server that another process has open.
func busy(err error) error {
	var used *archive.InUseError
	if errors.As(err, &used) {
		return withHint(err, "wait until it is done, or stop it: what it has listed is kept")
	}
	return err
}

func (o *exportOptions) export(ctx context.Context, e *env, data, key string) error {
	a, err := archive.OpenKey(archiveDir(data), key, &archive.Options{TellZone: true, Logger: e.logger()})
	if err != nil {
		return busy(err)
	}
	defer a.Close()
	if o.format == "ndjson" {
		n, err := a.Export(ctx, e.shown())
		e.logger().Debug("exported", "server", key, "entries", n)
		return err
	}
	r, err := a.WriteLsLR(ctx, e.shown())
	if err != nil {
		return err
	}
	if r.Skipped > 0 {
		e.warn("%s left out, which ls -lR cannot hold, the first %s", plural(r.Skipped, "entry", "entries"), escapeText(r.Example))
	}
	if r.Unlisted > 0 {
		e.warn("%s without a section: never listed", plural(r.Unlisted, "directory", "directories"))
	}
	return nil
}

// shown is standard output for lines that hold what servers sent: as they are for programs, escaped for a terminal.
func (e *env) shown() io.Writer {
	if !e.stdout.terminal {
		return e.stdout
	}
	return lineEscaper{e.stdout}
}

// A lineEscaper escapes lines, whole ones in each Write.
type lineEscaper struct{ w io.Writer }

func (l lineEscaper) Write(p []byte) (int, error) {
	var b strings.Builder
	for line := range strings.Lines(string(p)) {
		text, ended := strings.CutSuffix(line, "\n")
		b.WriteString(escapeText(text))
		if ended {
			b.WriteByte('\n')
		}
	}
	if _, err := io.WriteString(l.w, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/unpack"
	"github.com/ftpidx/ftpidx/parse"
)

// maxUnpacked bounds what one dump may become when it is decompressed.
const maxUnpacked = 1 << 40

// importOptions are the flags of import.
type importOptions struct {
	files  []string
	host   string
	prefix string
	now    string
	zone   string
	base   string
	format parse.Format
	order  parse.DateOrder
	json   bool
}

func (o *importOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.host, "host", "", "`server` that the dump is of, as bob@login.example:2121 (default: the file name up to .ls-lR)")
	fs.StringVar(&o.prefix, "host-prefix", "", "put `TEXT` before the host of each file name")
	fs.StringVar(&o.now, "now", "", "`time` when the dump was made, RFC 3339 (default: when the file was last written)")
	fs.StringVar(&o.zone, "zone", "", "`zone` of the times in the dump: UTC, +05:30 or Europe/Berlin (default UTC)")
	fs.StringVar(&o.base, "base", "", "`directory` of the server that the dump was made of (default /)")
	fs.TextVar(&o.format, "format", parse.Auto, "`format` of the listings (default: found out)")
	fs.TextVar(&o.order, "date-order", parse.OrderAuto, "`order` of numeric dates: mdy, dmy or ymd (default: found out)")
	fs.BoolVar(&o.json, "json", false, "the result as one JSON object a server")
}

func newImportCommand(e *env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE...",
		Short: "Take ls -lR dumps in as if the servers had been crawled",
		Long: `Import reads dumps of servers into the data directory and publishes them: 'ls -lR' and
'find -ls' output, and the NDJSON that ftpidx writes; plain or compressed (.gz .bz2 .xz .zst .Z).
Each section of a dump is kept as the listing of its directory, as a crawl keeps it. FILE - is
standard input.

A date without a year is the last such date before --now, so say when the dump was made.

Exit status: 0 everything was understood; 2 usage or failure; 3 some lines were not understood or
some directories have no section; 130 interrupted.`,
		Example: `  # one server, dumped today
  ftpidx import --host ftp.example.org ls-lR.gz

  # a directory of dumps, each named after its server
  ftpidx import --now 2026-11-01T00:00:00Z dumps/*.ls-lR`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.files = args
			return runImport(cmd.Context(), e, &o)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func runImport(ctx context.Context, e *env, o *importOptions) error {
	var now time.Time
	if o.now != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, o.now); err != nil {
			return usagef("--now takes a time as 2026-11-01T00:00:00Z, not %q", o.now)
		}
	}
	if _, err := crawl.ParseZone(o.zone); err != nil {
		return usagef("--zone: %w", err)
	}
	if o.host != "" && len(o.files) > 1 {
		return usagef("--host names one server, and there are %d files", len(o.files))
	}
	servers := make([]crawl.Server, len(o.files))
	for i, name := range o.files {
		var err error
		if servers[i], err = o.server(name); err != nil {
			return usageError{err}
		}
	}
	data, err := e.writableData()
	if err != nil {
		return err
	}
	var done counter
	shown := startProgress(e, 1, done.counts)
	var reports []*crawl.ServerReport
	for i, name := range o.files {
		r, ierr := o.file(ctx, e, data, name, servers[i], now, &done)
		reports = append(reports, r...)
		if ierr != nil {
			err = fmt.Errorf("%s: %w", name, ierr)
			break
		}
	}
	shown.end()
	perr := newPublisher(e, data).publish(context.WithoutCancel(ctx))
	left := e.leftOut(perr)
	if perr != nil && !left {
		err = errors.Join(err, fmt.Errorf("publishing: %w", perr))
	}
	if ctx.Err() != nil {
		e.remark("interrupted: run the same command again; what was imported is kept")
		return exit(exitInterrupted)
	}
	complete := !left
	for _, s := range reports {
		if perr := printResult(e, s, o.json); perr != nil {
			return perr
		}
		complete = complete && s.State == crawl.Complete
	}
	if err == nil && !complete {
		err = exit(exitIncomplete)
	}
	return err
}

// server returns the server that a file is a dump of; none for the NDJSON of several.
func (o *importOptions) server(name string) (crawl.Server, error) {
	if o.host != "" {
		return crawl.ParseKey(o.prefix + o.host)
	}
	if name == "-" {
		if o.format == parse.Auto {
			return crawl.Server{}, nil // NDJSON names its servers; anything else will be refused with a sentence
		}
		return crawl.Server{}, errors.New("standard input has no name: say --host SERVER")
	}
	base := unpack.TrimExt(filepath.Base(name))
	if strings.HasSuffix(base, ".ndjson") || strings.HasSuffix(base, ".jsonl") {
		return crawl.Server{}, nil
	}
	host, ok := strings.CutSuffix(base, ".ls-lR")
	if !ok {
		return crawl.Server{}, withHint(fmt.Errorf("the name of %s does not say which server it is of", name), "say --host SERVER, or name the file SERVER.ls-lR")
	}
	s, err := crawl.ParseKey(o.prefix + host)
	if err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// file imports one file.
func (o *importOptions) file(ctx context.Context, e *env, data, name string, server crawl.Server, now time.Time, done *counter) ([]*crawl.ServerReport, error) {
	in := e.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, errors.Unwrap(err) // the caller names the file
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && now.IsZero() {
			now = info.ModTime()
		}
		in = f
	}
	if now.IsZero() {
		now = e.now()
	}
	r, err := unpack.NewReader(in, maxUnpacked)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	base := done.counts()
	return archive.Import(ctx, archiveDir(data), contextReader{ctx, r}, &archive.ImportOptions{
		Server: server, Base: o.base, Now: now, Format: o.format, Zone: o.zone, DateOrder: o.order,
		Progress: func(c crawl.Counts) { done.set(base.Listed+c.Listed, base.Entries+c.Entries) },
		Archive:  &archive.Options{Now: e.now, Logger: e.logger()},
	})
}

// A contextReader ends with the context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// A counter is what an import shows of its progress.
type counter struct{ listed, entries atomic.Int64 }

func (c *counter) set(listed, entries int64) {
	c.listed.Store(listed)
	c.entries.Store(entries)
}

func (c *counter) counts() crawl.Counts {
	return crawl.Counts{Listed: c.listed.Load(), Entries: c.entries.Load()}
}

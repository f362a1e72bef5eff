package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
	"github.com/ftpidx/ftpidx/crawl/unpack"
	"github.com/ftpidx/ftpidx/parse"
)

// importOptions are the flags of import.
type importOptions struct {
	files   []string
	host    string
	prefix  string
	now     string
	zone    string
	base    string
	contact string
	minFree string
	format  parse.Format
	order   parse.DateOrder
	json    bool
}

func (o *importOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.host, "host", "", "`SERVER` that the dump is of, as bob@login.example:2121 (default: the file name up to .ls-lR)")
	fs.StringVar(&o.prefix, "host-prefix", "", "put `TEXT` before the host of each file name")
	fs.StringVar(&o.now, "now", "", "`TIME` when the dump was made, RFC 3339 (default: when the file was last written)")
	fs.StringVar(&o.zone, "zone", "", "`ZONE` of the times in the dump: UTC, +05:30 or Europe/Berlin (default UTC)")
	fs.StringVar(&o.base, "base", "", "`DIRECTORY` of the server that the dump was made of (default /, or where the URL says that the dump lies)")
	fs.StringVar(&o.contact, "contact", "", "mail `ADDRESS` given as the password of anonymous logins, where a dump is fetched")
	fs.TextVar(&o.format, "format", parse.Auto, "`FORMAT` of the listings; auto: found out")
	fs.TextVar(&o.order, "date-order", parse.OrderAuto, "`ORDER` of numeric dates: mdy, dmy or ymd; auto: found out")
	fs.StringVar(&o.minFree, "min-free", "1GB", "stop when the disk of the data directory, or that of temporary files, has less than `SIZE` left")
	fs.BoolVar(&o.json, "json", false, "the result as one JSON object a server")
}

func newImportCommand(e *env) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import FILE|URL...",
		Short: "Take ls -lR dumps in as if the servers had been crawled",
		Long: `Import reads dumps of servers into the data directory and publishes them: 'ls -lR' and
'find -ls' output, and the NDJSON that ftpidx writes; plain or compressed (.gz .bz2 .xz .zst .Z).
Each section of a dump is kept as the listing of its directory, as a crawl keeps it. FILE - is
standard input. An ftp:// URL is fetched, by one anonymous login, and is of the server that it is on.

Archives that 'ftpidx export' wrote come back as they were; what a crawl has seen later than an export is kept. A dump that
unpacks to more than 200 times its size is given up.

A dump that cannot be read does not keep the others from being imported.

A date without a year is the last such date before --now, so say when the dump was made.

Exit status: 0 everything was understood; 2 usage or failure; 3 some lines were not understood or
some directories have no section; 130 interrupted.`,
		Example: `  # one server, dumped today
  ftpidx import --host ftp.example.org ls-lR.gz

  # a directory of dumps, each named after its server
  ftpidx import --now 2026-11-01T00:00:00Z dumps/*.ls-lR

  # what a server publishes of itself
  ftpidx import ftp://ftp.example.org/pub/ls-lR.gz

  # the archives of another machine
  ssh elsewhere ftpidx export | ftpidx import -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.files = args
			return runImport(cmd.Context(), e, &o)
		},
	}
	o.addFlags(cmd.Flags())
	mustComplete(cmd, "host", completeServers(e))
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
	servers, missing := make([]crawl.Server, len(o.files)), make([]error, len(o.files))
	for i, name := range o.files {
		var err error
		var path *fs.PathError
		if servers[i], err = o.server(name); errors.As(err, &path) {
			missing[i] = path.Err // the name is put before it
		} else if err != nil {
			return usageError{err}
		}
	}
	if strings.ContainsAny(o.contact, "\r\n\x00") {
		return usagef("--contact holds control characters")
	}
	minFree, err := parseSize(or(o.minFree, "0"))
	if err != nil {
		return usagef("--min-free: %w", err)
	}
	conf, err := e.config()
	if err != nil {
		return err
	}
	dialer, err := (&crawlOptions{contact: o.contact}).dialer(e, conf)
	if err != nil {
		return err
	}
	data, err := e.writableData()
	if err != nil {
		return err
	}
	imp := importer{minFree: minFree, e: e, o: o, data: data, now: now, dialer: dialer, bar: startImportBar(e)}
	imp.measure()
	stop := context.AfterFunc(ctx, func() { e.remark("interrupted: saving what was imported; once more kills") })
	defer stop()
	var reports []*crawl.ServerReport
	var failed []error // one dump that cannot be read is no reason to leave out the others
	for i, name := range o.files {
		r, err := []*crawl.ServerReport(nil), missing[i]
		if err == nil {
			r, err = imp.file(ctx, name, servers[i])
		}
		if errors.Is(err, archive.ErrNoServer) {
			err = withHint(err, "say --host SERVER")
		}
		reports = append(reports, r...)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
		if ctx.Err() != nil || errors.Is(err, archive.ErrDiskFull) {
			break
		}
	}
	imp.bar.end()
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
	table := len(reports) > 1 && e.stdout.terminal && !o.json
	if table {
		printClosing(e, reports, len(reports))
	}
	for _, s := range reports {
		complete = complete && s.State == crawl.Complete
		if table {
			continue
		}
		if perr := printResult(e, s, o.json); perr != nil {
			return perr
		}
	}
	for i, ferr := range failed {
		if i == len(failed)-1 {
			err = errors.Join(ferr, err)
			break
		}
		fmt.Fprintf(e.stderr, "error: %s\n", escapeLines(ferr.Error()))
	}
	if err == nil && !complete {
		err = exit(exitIncomplete)
	}
	return err
}

// server returns the server that a file is a dump of; none for the NDJSON of several.
func (o *importOptions) server(name string) (crawl.Server, error) {
	var seed crawl.Seed
	if isURL(name) {
		var err error
		if seed, err = crawl.ParseSeed(name); err != nil {
			return crawl.Server{}, err
		}
		if seed.Path == "" || strings.HasSuffix(name, "/") {
			return crawl.Server{}, withHint(fmt.Errorf("%s names no file", name), "to list a server: ftpidx crawl %s", name)
		}
	}
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
	if seed.Server != (crawl.Server{}) {
		if o.prefix == "" {
			return seed.Server, nil
		}
		return crawl.ParseKey(o.prefix + seed.Server.Key())
	}
	host, ok := strings.CutSuffix(base, ".ls-lR")
	if !ok {
		if _, err := os.Stat(name); err != nil {
			return crawl.Server{}, err
		}
		return crawl.Server{}, withHint(fmt.Errorf("the name of %s does not say which server it is of", name), "say --host SERVER, or name the file SERVER.ls-lR")
	}
	s, err := crawl.ParseKey(o.prefix + host)
	if err != nil {
		return s, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// An importer is one run of import.
type importer struct {
	e      *env
	o      *importOptions
	data   string
	now    time.Time // zero: when each dump was made
	dialer *ftpconn.Dialer
	bar    *importBar

	minFree int64 // bytes that the disks keep
}

// room returns an error when there is too little room for temporary files.
func (i *importer) room() error { return archive.Room(os.TempDir(), i.minFree) }

// measure tells the bar how much there is to read, if that is known of all dumps.
func (i *importer) measure() {
	total := int64(0)
	for _, name := range i.o.files {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() {
			return
		}
		total += info.Size()
	}
	i.bar.total.Store(total)
}

// open opens a dump and returns the directory that it is a dump of, "" if its name does not say.
func (i *importer) open(ctx context.Context, name string) (d *dump, base string, err error) {
	if !isURL(name) {
		d, err = openDump(ctx, i.e, name)
		return d, i.o.base, err
	}
	seed, err := crawl.ParseSeed(name)
	if err != nil {
		return nil, "", err
	}
	d, err = fetchDump(ctx, i.dialer, seed, i.room, func(n int64) { i.bar.read.Add(n) })
	if err != nil {
		return nil, "", err
	}
	base = i.o.base
	if dir := dumpBase(seed.Resolve(d.loginDir)); base == "" && dir != "/" { // absolute headings say the same without it
		base = dir
	}
	return d, base, nil
}

// file imports one dump.
func (i *importer) file(ctx context.Context, name string, server crawl.Server) ([]*crawl.ServerReport, error) {
	i.bar.name.Store(&name)
	d, base, err := i.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	now := i.now
	for _, t := range []time.Time{d.made, i.e.now()} {
		if now.IsZero() {
			now = t
		}
	}
	var packed atomic.Int64
	in := &meter{r: d, add: func(n int64) {
		packed.Add(n)
		if !isURL(name) { // else counted as it came
			i.bar.read.Add(n)
		}
	}}
	r, err := unpack.NewReader(in, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	before, last := i.bar.entries.Load(), int64(0)
	return archive.Import(ctx, archiveDir(i.data), &bounded{ctx: ctx, r: r, packed: &packed, free: unpackedFree, ratio: unpackedRatio}, &archive.ImportOptions{
		Server: server, Base: base, LoginDir: d.loginDir, Now: now, Format: i.o.format, Zone: i.o.zone, DateOrder: i.o.order,
		Progress: func(c crawl.Counts) {
			if c.Entries < last {
				before += last // the next server of the same dump
			}
			last = c.Entries
			i.bar.entries.Store(before + last)
		},
		Room:    i.room,
		Archive: &archive.Options{Now: i.e.now, Logger: i.e.logger(), MinFree: i.minFree},
	})
}

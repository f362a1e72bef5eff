package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/crawl/ftpconn"
)

// interruptedPublish is how long publishing may take after an interrupt.
const interruptedPublish = 2 * time.Second

// crawlOptions are the flags of crawl.
type crawlOptions struct {
	urls  []string
	seeds string
	due   string
	fresh string

	published    string
	publishedAge string
	user         string

	contact  string
	tls      string
	insecure bool
	caFile   string
	tlsMin   string
	proxy    string
	listing  string

	reading readingOptions
	policy  crawl.Policy
	rate    float64
	maxRate float64
	minFree string
	json    bool

	// logins are the servers with a user that only a seeds file names, by key.
	logins map[string]bool
}

func (o *crawlOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.seeds, "seeds", "", "crawl the URLs in `FILE` too, one a line; # begins a comment; - is standard input")
	fs.StringVar(&o.due, "due", "", "only servers whose last crawl is older than `AGE`, as 7d or 12h, and failing ones after 1, 3, 7, then 30 days (default 7d where no URL is given)")
	fs.StringVar(&o.fresh, "refresh", "auto", "`HOW` known servers are crawled: full lists everything; quick leaves out directories whose time has not moved; auto is quick but for every fifth time and once a month")
	fs.StringVar(&o.published, "published", "auto", "`WHEN` listings that servers publish, as ls-lR.gz, are used: auto, where a sample shows that they are true; never; only, without walking the rest")
	fs.StringVar(&o.publishedAge, "published-max-age", "7d", "`AGE` up to which a published listing is used")
	fs.StringVar(&o.user, "user", "", "log in as `NAME` where the URL names nobody; its password comes from netrc, $FTPIDX_PASSWORD or the configuration")
	fs.StringVar(&o.contact, "contact", "", "mail `ADDRESS` given as the password of anonymous logins, so that an operator can reach you")

	fs.IntVar(&o.policy.Connections, "connections", 2, "at most `N` connections to an IP address; the second is opened when listings come clean")
	fs.Float64Var(&o.rate, "rate", 20, "`N` listings a second from an IP address; 0: no limit")
	fs.Float64Var(&o.maxRate, "max-rate", 200, "`N` listings a second over all servers; 0: no limit (--rate 0 lifts it too)")
	fs.DurationVar(&o.policy.Delay, "delay", 0, "wait at least `TIME` between two listings from an IP address, as 500ms")
	fs.IntVar(&o.policy.Parallel, "parallel", 64, "`N` servers are crawled at the same time")

	fs.BoolVar(&o.policy.RetryLogin, "retry-login", false, "try logins again whose password was refused the last time")
	fs.BoolVar(&o.policy.IgnoreRobots, "ignore-robots", false, "list what robots.txt asks robots not to: for servers of your own")
	fs.StringArrayVar(&o.policy.Exclude, "exclude", nil, "do not descend into directories that match `GLOB`: a name as lost+found, or a path as /pub/old*")
	fs.IntVar(&o.policy.MaxDepth, "max-depth", 128, "descend at most `N` levels below the URL and leave out the rest; by itself, a guard against traps: what is deeper is missing")
	fs.Int64Var(&o.policy.MaxEntries, "max-entries", 0, "stop after `N` entries of a server; 0: no limit")
	fs.DurationVar(&o.policy.MaxTime, "max-time", 0, "stop after `TIME` on a server, as 2h; 0: no limit")
	fs.StringVar(&o.minFree, "min-free", "1GB", "stop when the disk of the data directory, or that of temporary files, has less than `SIZE` left")

	o.reading.addFlags(fs)
	fs.StringVar(&o.listing, "listing", "auto", "`COMMAND` that lists: auto, list or mlsd")
	fs.StringVar(&o.tls, "tls", "auto", "`WHEN` ftp:// servers are asked for TLS: auto (for real passwords, and where demanded), require or never")
	fs.StringVar(&o.tlsMin, "tls-min", "1.2", "oldest TLS `VERSION` accepted: 1.0, 1.1, 1.2 or 1.3")
	fs.StringVar(&o.caFile, "ca-file", "", "trust the certificate authorities in this PEM `FILE` too")
	fs.BoolVar(&o.insecure, "insecure", false, "accept any certificate")
	fs.StringVar(&o.proxy, "proxy", "", "go through the SOCKS5 proxy at `URL`, socks5://host:port (default $ALL_PROXY; none: directly)")
	fs.BoolVar(&o.json, "json", false, "what happens as JSON objects, one a line; the last of each server is its result")
}

func newCrawlCommand(e *env) *cobra.Command {
	var o crawlOptions
	cmd := &cobra.Command{
		Use:   "crawl [URL...]",
		Short: "List servers and index what they hold",
		Long: `Crawl lists the directories of FTP servers over passive connections, keeps every listing in the
data directory, and publishes the index as it goes: 'ftpidx search' finds what has
been listed after ten seconds, and everything at the end.

A URL is ftp://[user@]host[:port]/path, ftpes:// (explicit TLS) or ftps:// (implicit TLS); a bare host
means ftp://host/. Without one, the known servers are crawled whose last crawl is older than --due.
If a line of a --seeds file is no URL, nothing is crawled, and all such lines are told.

Defaults are gentle: one connection until the first listings came clean, then two, and 20 listings a
second. robots.txt is obeyed on anonymous crawls: the rules for "ftpidx", else those for "*". Where a server
publishes an ls-lR.gz or the like that agrees with a sample of its directories, the rest is read there. A
crawl that was stopped, by whatever, goes on where it stopped when it is run again.

A server crawled before is asked for what has changed: --refresh quick lists directories that have
subdirectories, and others whose time in the listing above them has moved. It does not see that a
file was rewritten in place, or its permissions changed, in a directory without subdirectories;
--refresh full does.

With --json each line is an object with "event" and "time". Events are began (a server), fetching (a listing
that it publishes), failed (a directory that was not listed, or not wholly), retried (a directory, or a
login), waiting (for another server on the same address), limited (the server bears only so many
connections), slowed (its robots.txt asks for so many seconds between two listings), paused (no server answers:
our own network seems to be down), progress (every five seconds, over all servers) and ended: the result of a
server, with its counts, changes and manners.

Exit status: 0 everything was listed, but for what --exclude, --max-depth or robots.txt leave out, which is
counted and shown; 2 usage or failure; 3 something is missing: 'ftpidx servers HOST' says what (a URL that
robots.txt disallows is missing); 130 interrupted, run it again to go on.`,
		Example: `  # one server, from a directory downwards
  ftpidx crawl ftp://ftp.example.org/pub/

  # many servers; then, once a day, those that were not crawled for a week
  ftpidx crawl --contact me@example.org --seeds servers.txt
  ftpidx crawl --due 7d

  # one's own server, as fast as it goes
  ftpidx crawl --rate 0 --connections 8 ftp://127.0.0.1:2121/

  # a login, over TLS, with an old certificate
  ftpidx crawl --insecure ftpes://bob@login.example/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.urls = args
			if o.rate == 0 && !cmd.Flags().Changed("max-rate") {
				o.maxRate = 0
			}
			switch {
			case !cmd.Flags().Changed("max-depth"):
				o.policy.MaxDepth = 0
			case o.policy.MaxDepth < 1:
				return usagef("--max-depth is 1 or more")
			}
			return runCrawl(cmd.Context(), e, &o)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// check completes the policy from the flags.
func (o *crawlOptions) check() error {
	p := &o.policy
	for _, f := range []struct {
		name     string
		negative bool
	}{
		{"rate", o.rate < 0}, {"max-rate", o.maxRate < 0}, {"delay", p.Delay < 0},
		{"max-depth", p.MaxDepth < 0}, {"max-entries", p.MaxEntries < 0}, {"max-time", p.MaxTime < 0},
	} {
		if f.negative {
			return usagef("--%s cannot be negative", f.name)
		}
	}
	switch {
	case p.Connections < 1 || p.Parallel < 1:
		return usagef("--connections and --parallel are 1 or more")
	case strings.ContainsAny(o.contact, "\r\n\x00"):
		return usagef("--contact holds control characters")
	}
	if err := o.policy.Refresh.UnmarshalText([]byte(or(o.fresh, "auto"))); err != nil {
		return usagef("--refresh: %w", err)
	}
	if err := o.policy.Published.UnmarshalText([]byte(or(o.published, "auto"))); err != nil {
		return usagef("--published: %w", err)
	}
	age, err := parseAge(or(o.publishedAge, "7d"))
	if err != nil {
		return usagef("--published-max-age: %w", err)
	}
	o.policy.PublishedMaxAge = age
	if err := o.reading.check(); err != nil {
		return err
	}
	// The flags say 0 for no limit, the policy says negative: its zero is the default.
	o.policy.Rate, o.policy.MaxRate = o.rate, o.maxRate
	if o.rate == 0 {
		o.policy.Rate = -1
	}
	if o.maxRate == 0 {
		o.policy.MaxRate = -1
	}
	return nil
}

func runCrawl(ctx context.Context, e *env, o *crawlOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	minFree, err := parseSize(or(o.minFree, "0"))
	if err != nil {
		return usagef("--min-free: %w", err)
	}
	conf, err := e.config()
	if err != nil {
		return err
	}
	dialer, err := o.dialer(e, conf)
	if err != nil {
		return err
	}
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	seeds, err := o.allSeeds(ctx, e, data)
	if err != nil {
		return err
	}
	if len(seeds) > 0 {
		if data, err = e.writableData(); err != nil {
			return err
		}
		if seeds, err = o.leaveBlocked(e, data, seeds); err != nil {
			return err
		}
	}
	if len(seeds) == 0 {
		e.remark("no server is due")
		return nil
	}
	c := &crawl.Crawler{Dialer: dialer, Policy: o.policy, Charset: o.reading.charset, Zone: o.reading.zone}
	c.Settings = func(s crawl.Server) crawl.ServerSettings { return conf.server(s).settings(e.given) }
	if dialer.DialContext == nil { // else only the proxy knows addresses
		c.Resolve = net.DefaultResolver.LookupHost
	}
	report, err := crawlAndPublish(ctx, e, data, c, seeds, minFree, o.json)
	left := e.leftOut(err)
	if err != nil && !left {
		return err
	}
	if err := o.finish(ctx, e, report, countServers(seeds)); err != nil || !left {
		return err
	}
	return exit(exitIncomplete)
}

// dialer returns what connects, as the flags and the configuration want it.
func (o *crawlOptions) dialer(e *env, conf *config) (*ftpconn.Dialer, error) {
	versions := map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "": tls.VersionTLS12, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	oldest, ok := versions[o.tlsMin]
	if !ok {
		return nil, usagef("--tls-min is 1.0, 1.1, 1.2 or 1.3, not %q", o.tlsMin)
	}
	d := &ftpconn.Dialer{
		Contact:  o.contact,
		Password: e.password(conf, func(s crawl.Server) bool { return o.logins[s.Key()] }),
		TLSConfig: &tls.Config{
			MinVersion:         oldest,
			InsecureSkipVerify: o.insecure, // asked for by name
		},
		InClear: func(s crawl.Server) {
			e.warn("%s offers no TLS: the password is sent in clear; --tls require does not do that", s.Key())
		},
		Pin: func(s crawl.Server) string { return conf.server(s).Certificate },
		TLSFor: func(s crawl.Server) ftpconn.TLSMode {
			if e.given["tls"] {
				return ""
			}
			return ftpconn.TLSMode(conf.server(s).TLS)
		},
	}
	switch d.TLS = ftpconn.TLSMode(or(o.tls, "auto")); d.TLS {
	case ftpconn.Auto, ftpconn.Require, ftpconn.Never:
	default:
		return nil, usagef("--tls is auto, require or never, not %q", o.tls)
	}
	switch d.Listing = ftpconn.ListingMode(or(o.listing, "auto")); d.Listing {
	case ftpconn.ListAuto, ftpconn.ListLIST, ftpconn.ListMLSD:
	default:
		return nil, usagef("--listing is auto, list or mlsd, not %q", o.listing)
	}
	if o.caFile != "" {
		pool, err := ftpconn.LoadCAs(o.caFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		d.TLSConfig.RootCAs = pool
	}
	if proxy := or(o.proxy, e.getenv("ALL_PROXY")); proxy != "" {
		dial, err := ftpconn.SOCKS(proxy)
		if err != nil {
			return nil, err
		}
		d.DialContext = dial
	}
	return d, nil
}

// or returns s, or what to take where it is empty.
func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// crawlAndPublish runs the crawler into the archives of the data directory and publishes, on the schedule and
// at the end. With events, standard output gets what happens.
func crawlAndPublish(ctx context.Context, e *env, data string, c *crawl.Crawler, seeds []crawl.Seed, minFree int64, events bool) (*crawl.Report, error) {
	pub := newPublisher(e, data)
	shown := startProgress(e, countServers(seeds))
	c.Open = func(ctx context.Context, server crawl.Server) (crawl.Store, error) {
		h, err := pub.create(ctx, server, &archive.Options{Now: e.now, Logger: e.logger(), MinFree: minFree})
		if err != nil {
			return nil, err
		}
		known := int64(0)
		if !h.Facts().Refresh.Full.IsZero() {
			known = h.Held().Dirs
		}
		shown.opened(server, h.Progress, known)
		return h, nil
	}
	c.TempRoom = func() error { return archive.Room(os.TempDir(), minFree) }
	c.Now, c.Logger = e.now, e.logger()
	observe := shown.observe
	if e.verbose {
		observe = func(ev crawl.Event) {
			shown.observe(ev)
			e.tell(ev)
		}
	}
	c.Observe = observe
	var watched sync.WaitGroup
	over := make(chan struct{})
	if events {
		w := &eventWriter{e: e}
		c.Observe = func(ev crawl.Event) {
			observe(ev)
			w.observe(ev)
		}
		watched.Go(func() { w.run(shown, over) })
	}
	defer context.AfterFunc(ctx, shown.interrupted)()

	schedule, stop := context.WithCancel(ctx)
	var published sync.WaitGroup
	published.Go(func() { pub.run(schedule) })
	report, err := c.Run(ctx, seeds...)
	stop()
	close(over)
	watched.Wait()
	published.Wait()
	shown.end()
	if err != nil && ctx.Err() == nil {
		return report, err
	}

	last := ctx
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		last, cancel = context.WithTimeout(context.WithoutCancel(ctx), interruptedPublish)
		defer cancel()
	}
	if err := pub.publish(last); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			e.remark("the index does not hold the newest listings yet: run ftpidx index publish")
			return report, nil
		}
		return report, fmt.Errorf("publishing: %w", err)
	}
	return report, nil
}

// countServers returns how many servers there are among the seeds.
func countServers(seeds []crawl.Seed) int {
	keys := make(map[string]bool)
	for _, s := range seeds {
		keys[s.Server.Key()] = true
	}
	return len(keys)
}

// finish prints the result of a crawl of so many servers and returns the exit status.
func (o *crawlOptions) finish(ctx context.Context, e *env, report *crawl.Report, planned int) error {
	if report == nil {
		return exit(exitInterrupted)
	}
	switch {
	case o.json: // each when it ended
	case e.stdout.terminal && planned > 1:
		printClosing(e, report.Servers, planned)
	default:
		for _, s := range report.Servers {
			printReport(e, s)
		}
	}
	if ctx.Err() != nil {
		e.remark("interrupted: run the same command again to go on")
		return exit(exitInterrupted)
	}
	failed := func(s *crawl.ServerReport) bool { return s.State == crawl.Stopped && s.Counts.Listed == 0 }
	switch {
	case report.Complete():
		return nil
	case !slices.ContainsFunc(report.Servers, func(s *crawl.ServerReport) bool { return !failed(s) }):
		return exit(exitError) // no server could be used at all; each one's reason has been said
	}
	return exit(exitIncomplete)
}

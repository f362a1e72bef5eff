package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	urls    []string
	contact string
	json    bool

	policy  crawl.Policy
	rate    float64
	maxRate float64
}

func (o *crawlOptions) addFlags(fs *pflag.FlagSet) {
	fs.IntVar(&o.policy.Connections, "connections", 0, "at most `N` connections to an IP address (default 1, then 2)")
	fs.Float64Var(&o.rate, "rate", 20, "listings a second from an IP address; 0: no limit")
	fs.Float64Var(&o.maxRate, "max-rate", 200, "listings a second over all servers; 0: no limit (--rate 0 lifts it too)")
	fs.DurationVar(&o.policy.Delay, "delay", 0, "wait between two listings from an IP address, as 500ms")
	fs.IntVar(&o.policy.Parallel, "parallel", 64, "servers crawled at the same time")
	fs.IntVar(&o.policy.MaxDepth, "max-depth", 0, "descend at most `N` levels below the URL (default 128)")
	fs.StringVar(&o.contact, "contact", "", "mail `address` given as the password of anonymous logins, so that an operator can reach you")
	fs.BoolVar(&o.json, "json", false, "the result as one JSON object a server")
}

func newCrawlCommand(e *env) *cobra.Command {
	var o crawlOptions
	cmd := &cobra.Command{
		Use:   "crawl URL...",
		Short: "List servers and index what they hold",
		Long: `Crawl lists the directories of FTP servers over passive connections, keeps every listing in the
data directory, and publishes the index as it goes: 'ftpidx search' finds what has
been listed after ten seconds, and everything at the end.

A URL is ftp://[user@]host[:port]/path, ftpes:// or ftps://; a bare host means ftp://host/.
Defaults are gentle: one connection until the first listings came clean, then two, and 20 listings a
second. A crawl that was stopped, by whatever, goes on where it stopped when it is run again.

Exit status: 0 everything was listed; 2 usage or failure; 3 something is missing: 'ftpidx servers HOST'
says what; 130 interrupted, run it again to go on.`,
		Example: `  # one server, from a directory downwards
  ftpidx crawl ftp://ftp.example.org/pub/

  # one's own server, as fast as it goes
  ftpidx crawl --rate 0 --connections 8 ftp://127.0.0.1:2121/`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.urls = args
			if o.rate == 0 && !cmd.Flags().Changed("max-rate") {
				o.maxRate = 0
			}
			return runCrawl(cmd.Context(), e, &o)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// check completes the policy from the flags.
func (o *crawlOptions) check() error {
	switch {
	case o.rate < 0 || o.maxRate < 0 || o.policy.Delay < 0:
		return usagef("--rate, --max-rate and --delay cannot be negative")
	case o.policy.Connections < 0 || o.policy.Parallel < 0 || o.policy.MaxDepth < 0:
		return usagef("--connections, --parallel and --max-depth cannot be negative")
	case strings.ContainsAny(o.contact, "\r\n\x00"):
		return usagef("--contact holds control characters")
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
	var seeds []crawl.Seed
	for _, u := range o.urls {
		s, err := crawl.ParseSeed(u)
		if err != nil {
			return usageError{err}
		}
		seeds = append(seeds, s)
	}
	data, err := e.writableData()
	if err != nil {
		return err
	}
	conf, err := e.config()
	if err != nil {
		return err
	}
	if o.contact == "" {
		o.contact = conf.Contact
	}
	report, err := crawlAndPublish(ctx, e, data, &crawl.Crawler{
		Dialer: &ftpconn.Dialer{Contact: o.contact, Password: e.password(conf)},
		Policy: o.policy,
	}, seeds)
	if err != nil {
		return err
	}
	return o.finish(ctx, e, report)
}

// crawlAndPublish runs the crawler into the archives of the data directory and publishes, on the schedule and
// at the end.
func crawlAndPublish(ctx context.Context, e *env, data string, c *crawl.Crawler, seeds []crawl.Seed) (*crawl.Report, error) {
	pub := newPublisher(e, data)
	var running runningTotals
	c.Open = func(_ context.Context, server crawl.Server) (crawl.Store, error) {
		h, err := pub.create(server, &archive.Options{Now: e.now, Logger: e.logger()})
		if err != nil {
			return nil, err
		}
		running.add(h.Archive)
		return h, nil
	}
	c.Now, c.Logger = e.now, e.logger()
	shown := startProgress(e, running.sum)
	c.Observe = shown.observe

	schedule, stop := context.WithCancel(ctx)
	var published sync.WaitGroup
	published.Go(func() { pub.run(schedule) })
	report, err := c.Run(ctx, seeds...)
	stop()
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
			e.remark("the index does not hold the newest listings yet: run ftpidx crawl again")
			return report, nil
		}
		return report, fmt.Errorf("publishing: %w", err)
	}
	return report, nil
}

// runningTotals adds up the counts of all servers of a run.
type runningTotals struct {
	mu     sync.Mutex
	stores []crawl.Store
}

func (r *runningTotals) add(s crawl.Store) {
	r.mu.Lock()
	r.stores = append(r.stores, s)
	r.mu.Unlock()
}

func (r *runningTotals) sum() crawl.Counts {
	r.mu.Lock()
	defer r.mu.Unlock()
	var sum crawl.Counts
	for _, s := range r.stores {
		c := s.Progress()
		sum.Listed += c.Listed
		sum.Pending += c.Pending
		sum.Entries += c.Entries
	}
	return sum
}

// finish prints the result and returns the exit status.
func (o *crawlOptions) finish(ctx context.Context, e *env, report *crawl.Report) error {
	if report == nil {
		return exit(exitInterrupted)
	}
	for _, s := range report.Servers {
		if err := printResult(e, s, o.json); err != nil {
			return err
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

// printResult prints what came of crawling or importing one server, for people or as JSON.
func printResult(e *env, s *crawl.ServerReport, asJSON bool) error {
	if !asJSON {
		printReport(e, s)
		return nil
	}
	b, err := json.Marshal(reportJSON(s))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s\n", b)
	return err
}

// printReport prints what came of crawling one server.
func printReport(e *env, s *crawl.ServerReport) {
	c := &s.Counts
	if s.State == crawl.Stopped && c.Listed == 0 {
		reason := strings.TrimPrefix(fmt.Sprint(s.Err), s.Server.Key()+": ")
		if !strings.HasPrefix(reason, s.Server.Key()+" ") {
			reason = s.Server.Key() + ": " + reason
		}
		fmt.Fprintf(e.stderr, "error: %s\n", escapeLines(reason))
		return
	}
	fmt.Fprintf(e.stdout, "%s: %s, %s in %s, %s of listings, %s\n", s.Server.Key(), s.State,
		plural(c.Entries, "entry", "entries"), plural(c.Listed, "directory", "directories"), humanSize(c.Bytes),
		s.Ended.Sub(s.Started).Round(10*time.Millisecond))
	if s.Err != nil && s.State != crawl.Interrupted {
		fmt.Fprintf(e.stdout, "  %s\n", escapeLines(s.Err.Error()))
	}
	printMissing(e, c)
}

// printMissing prints what is missing or doubtful, with examples.
func printMissing(e *env, c *crawl.Counts) {
	reasons := make([]crawl.Reason, 0, len(c.Missing))
	for r, t := range c.Missing {
		if t.N > 0 {
			reasons = append(reasons, r)
		}
	}
	slices.Sort(reasons)
	for _, r := range reasons {
		t := c.Missing[r]
		fmt.Fprintf(e.stdout, "  %s: %s\n", r, plural(t.N, "directory", "directories"))
		for _, x := range t.Examples {
			fmt.Fprintf(e.stdout, "    %s", escapeText(x.Path))
			if x.Detail != "" {
				fmt.Fprintf(e.stdout, "  (%s)", escapeText(x.Detail))
			}
			fmt.Fprintln(e.stdout)
		}
	}
	if c.Unconfirmed > 0 {
		fmt.Fprintf(e.stdout, "  listed, but not confirmed by the server: %s\n", plural(c.Unconfirmed, "directory", "directories"))
	}
	if c.Bad > 0 || c.Doubtful > 0 {
		fmt.Fprintf(e.stdout, "  not understood: %s; doubtful: %s\n", plural(c.Bad, "line", "lines"), plural(c.Doubtful, "entry", "entries"))
		for _, x := range c.BadLines {
			fmt.Fprintf(e.stdout, "    %s: %s\n", escapeText(x.Path), escapeText(x.Detail))
		}
	}
}

// reportJSON is the object of crawl --json.
func reportJSON(s *crawl.ServerReport) any {
	var reason string
	if s.Err != nil {
		reason = s.Err.Error()
	}
	return struct {
		Host    string          `json:"host"`
		State   crawl.State     `json:"state"`
		Error   string          `json:"error,omitempty"`
		Resumed bool            `json:"resumed,omitempty"`
		Started time.Time       `json:"started"`
		Ended   time.Time       `json:"ended"`
		Counts  crawl.Counts    `json:"counts"`
		Traffic crawl.ConnStats `json:"traffic"`
		Peak    int             `json:"peak_connections"`
	}{s.Server.Key(), s.State, reason, s.Resumed, s.Started.UTC(), s.Ended.UTC(), s.Counts, s.Traffic, s.Peak}
}

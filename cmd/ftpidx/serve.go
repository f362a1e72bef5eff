package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/net/netutil"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/index/web"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	addr   string
	url    string
	origin string
	limits web.Limits

	connections int // at a time; 0: maxConnections
}

func (o *serveOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.addr, "addr", "127.0.0.1:8021", "`HOST:PORT` to listen on; port 0: a free one; :8021: every address of this machine")
	fs.StringVar(&o.url, "url", "", "`URL` that clients reach it by, as https://search.example: for feeds and search engines of browsers")
	fs.StringVar(&o.origin, "allow-origin", "", "let web pages of `ORIGIN` read the API; *: of all")
	fs.DurationVar(&o.limits.Time, "max-time", 10*time.Second, "end a search after `TIME`; its result is partial then")
	fs.Int64Var(&o.limits.Cost, "max-cost", 100_000_000, "end a search after looking at `N` entries one by one")
	fs.IntVar(&o.limits.Concurrent, "max-searches", 0, "run at most `N` searches at a time, others wait (default 4 a processor)")
}

func newServeCommand(e *env) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a search page and an API over HTTP",
		Long: `Serve answers searches over HTTP: a page for people, which works without JavaScript, an API for programs
(/api/v1/openapi.json describes it), each query as a feed (/feed?q=) and figures for operators (/healthz, /metrics).

It only reads. What crawls publish meanwhile is found at once, also what is published first when it runs already.
The files of the index are compared with their checksums, slowly, beside the searches; once one is found damaged,
searches fail and /healthz says so, until ftpidx index rebuild has run.
Only this machine can reach it unless --addr says otherwise; passwords and TLS are the part of a proxy before it.
Requests are logged on standard error; with --quiet, errors only. It keeps within the memory of its container,
or within $GOMEMLIMIT, as 500MiB.

Exit status: 0 ended by an interrupt; 2 usage or failure.`,
		Example: `  # http://127.0.0.1:8021/
  ftpidx serve

  # for a proxy that search.example is the name of
  ftpidx serve --url https://search.example

  # every file that matches, one JSON object a line
  curl -H 'Accept: application/x-ndjson' \
    'http://127.0.0.1:8021/api/v1/search?q=ext:iso'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context(), e, &o) },
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// check says what is wrong with the flags, and brings the URL into form.
func (o *serveOptions) check() (err error) {
	if _, _, err := net.SplitHostPort(o.addr); err != nil {
		return usagef("--addr takes HOST:PORT, as 127.0.0.1:8021, not %q", o.addr)
	}
	if o.url != "" {
		if o.url, err = web.ParseURL(o.url); err != nil {
			return usagef("--url: %w", err)
		}
	}
	if o.origin != "" && o.origin != "*" {
		if o.origin, err = web.ParseURL(o.origin); err != nil {
			return usagef("--allow-origin: %w", err)
		}
	}
	if o.limits.Time <= 0 || o.limits.Cost <= 0 || o.limits.Concurrent < 0 {
		return usagef("--max-time, --max-cost and --max-searches are greater than 0")
	}
	return nil
}

func runServe(ctx context.Context, e *env, o *serveOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	log := accessLog(e)
	ctx, stop := context.WithCancel(ctx)
	serving := make(chan struct{})
	ix := &lateIndex{dir: indexDir(data), verify: func(ix *index.Index) {
		select { // damage is answered with, and is no reason not to begin
		case <-serving:
		case <-ctx.Done():
		}
		ix.Verify(ctx, &index.VerifyOptions{Damage: func(err error) {
			log.Error("searches fail until the index is whole again", "err", err)
		}})
	}}
	defer ix.Close()
	defer stop()
	m, err := ix.Manifest()
	if err != nil {
		return err
	}
	l, err := net.Listen(network(o.addr), o.addr)
	if err != nil {
		err = fmt.Errorf("cannot listen on %s: %w", o.addr, listenReason(err))
		if errors.Is(err, syscall.EADDRINUSE) {
			return withHint(err, "something listens there already; choose another port with --addr")
		}
		return err
	}
	s := &web.Server{
		Index: ix, Servers: (&serverList{dir: archiveDir(data)}).all, Log: log,
		Now: e.now, URL: o.url, Origin: o.origin, Limits: o.limits,
	}
	e.remark("serving %s at http://%s/", plural(m.Docs(), "entry", "entries"), l.Addr())
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		e.remark("hint: whoever can reach %s can search; a proxy before it adds TLS and passwords", l.Addr())
	}
	if m.Docs() == 0 {
		e.remark("hint: nothing is indexed in %s yet; what ftpidx crawl finds is served as soon as it is published", data)
	}
	close(serving)
	return s.Serve(ctx, netutil.LimitListener(l, cmp.Or(o.connections, maxConnections)))
}

// maxConnections is how many clients serve talks to at a time. Others wait until one ends, or has been silent for too long: memory and open
// files are bounded whoever connects.
const maxConnections = 4096

// network returns on which network to listen: with "tcp" an unspecified IPv4 address would mean every IPv6 address too.
func network(addr string) string {
	host, _, _ := net.SplitHostPort(addr)
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		return "tcp4"
	}
	return "tcp"
}

// listenReason returns why net.Listen failed, without the address, which has been said.
func listenReason(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// accessLog writes requests too, unless --quiet, and the time, which nobody else adds.
func accessLog(e *env) *slog.Logger {
	level := slog.LevelInfo
	switch {
	case e.quiet:
		level = slog.LevelError
	case e.verbose:
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level}))
}

// A lateIndex is an index that may not be there yet: until something is published it is an empty one.
type lateIndex struct {
	dir    string
	verify func(*index.Index) // runs beside the searches from when it is there, and ends before Close does

	mu       sync.Mutex
	ix       *index.Index
	verifier sync.WaitGroup
}

// open returns the index, or nil while there is none.
func (l *lateIndex) open() (*index.Index, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ix == nil {
		ix, err := index.Open(l.dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		l.ix = ix
		l.verifier.Go(func() { l.verify(ix) })
	}
	return l.ix, nil
}

// Search implements [index.Searcher].
func (l *lateIndex) Search(ctx context.Context, expr query.Expr, opts *index.SearchOptions) (*index.Result, error) {
	ix, err := l.open()
	if err != nil {
		return nil, err
	}
	if ix == nil {
		return &index.Result{}, nil
	}
	return ix.Search(ctx, expr, opts)
}

// Manifest returns the newest manifest; before the first it is empty.
func (l *lateIndex) Manifest() (*index.Manifest, error) {
	ix, err := l.open()
	if err != nil {
		return nil, err
	}
	if ix == nil {
		return &index.Manifest{Format: index.Format}, nil
	}
	return ix.Manifest()
}

func (l *lateIndex) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.verifier.Wait()
	if l.ix == nil {
		return nil
	}
	return l.ix.Close()
}

// A serverList reads the summaries of the archives, at most once in two seconds whoever asks: there may be thousands.
type serverList struct {
	dir string

	mu   sync.Mutex
	read time.Time
	list []web.ServerStatus
	err  error
}

func (l *serverList) all() ([]web.ServerStatus, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.read) > 2*time.Second {
		all, err := archive.List(l.dir)
		l.list, l.err = make([]web.ServerStatus, 0, len(all)), err
		for i := range all {
			l.list = append(l.list, statusOf(&all[i]))
		}
		l.read = time.Now()
	}
	return slices.Clone(l.list), l.err
}

// statusOf returns what a summary says, for the page and the API.
func statusOf(s *archive.Summary) web.ServerStatus {
	root := "/"
	if s.Facts.LoginDir != "/" && s.Facts.LoginDir != "" {
		root = "/%2F" // URLs begin where logins do
	}
	st := web.ServerStatus{
		Key: s.Key, URL: s.Server().String() + root, State: or(unusable(s), string(serverState(s))), Error: s.Error, Ended: s.Ended,
		Entries: s.Held.Entries, Dirs: s.Held.Dirs, Charset: s.Facts.Charset, Zone: s.Facts.Zone, Object: serverObject(s),
	}
	if h := &s.Facts.Health; st.Error == "" && (h.State == crawl.HealthFailing || h.State == crawl.HealthDead) {
		st.Error = h.Reason
	}
	missing := s.Earlier.Counts()
	missing.Merge(&crawl.Counts{Missing: s.Counts.Missing})
	for reason, t := range missing.Missing {
		if t.N > 0 {
			st.Missing = append(st.Missing, web.Missing{Reason: string(reason), Dirs: t.N})
		}
	}
	slices.SortFunc(st.Missing, func(a, b web.Missing) int { return strings.Compare(a.Reason, b.Reason) })
	return st
}

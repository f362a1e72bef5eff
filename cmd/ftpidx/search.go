package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
)

const (
	terminalHits = 25   // shown on a terminal unless --limit says otherwise
	pageHits     = 5000 // asked of the index at a time when all hits are wanted

	// searchTimeout ends what no index helps with, as regular expressions made to be slow.
	searchTimeout = time.Minute
)

// searchOptions are the flags of search.
type searchOptions struct {
	json, urls, long, count, aria2, nul, group, local bool

	limit  string
	sort   string
	facets []string
	after  string
	words  []string // the query

	columns bool   // as on a terminal, also elsewhere
	data    string // data directory; "": the user's
}

// person reports whether the hits are for a person to read.
func (o *searchOptions) person(out *output) bool {
	return (out.terminal || o.columns) && !o.json && !o.urls && !o.aria2
}

func (o *searchOptions) addFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&o.json, "json", false, "one JSON object a hit and line")
	fs.BoolVar(&o.urls, "urls", false, "URLs alone")
	fs.BoolVar(&o.aria2, "aria2", false, "files as an input file for aria2c, kept by server and directory; with --group the copies of a file as its mirrors")
	fs.BoolVarP(&o.nul, "null", "0", false, "URLs alone, each ended by NUL instead of a line feed")
	fs.BoolVar(&o.long, "long", false, "as ls -l: permissions, owner and group too, nothing shortened")
	fs.BoolVar(&o.count, "count", false, "only how many documents match")
	fs.StringVar(&o.limit, "limit", "", "at most `N` hits; 0 or all: all (default all, on a terminal 25)")
	fs.StringVar(&o.sort, "sort", "", "order `KEYS`: rank name path size date ext type host depth added seen copies; -size descends")
	fs.StringSliceVar(&o.facets, "facets", nil, "count the hits by `FACETS`: host,ext,type,year,size")
	fs.StringVar(&o.after, "after", "", "go on behind `CURSOR`, as printed with the page before")
	fs.BoolVar(&o.group, "group", false, "one hit for all copies of a file, whose URLs --json and --aria2 list (default on a terminal)")
	fs.BoolVar(&o.local, "local", false, "times of the terminal in the local zone")
}

func newSearchCommand(e *env) *cobra.Command {
	var o searchOptions
	cmd := &cobra.Command{
		Use:   "search QUERY...",
		Short: "Find files",
		Long: `Search finds what matches the query among all files of all crawled servers.

All words must match, at least one of them in the name; -word excludes. Fields: ext: host: in: type: size:
date: and more: 'ftpidx help query' has all of them on a page. In a shell put the query in single quotes. Every
argument that does not begin with two dashes belongs to the query, so '-beta' needs no care.

On a terminal the best 25 hits are shown; a pipe gets every hit as one line of
type TAB size TAB mtime TAB url, with - for what is not known.

With --json a hit is an object with url, scheme, host, path, name, dir, depth, type, size, mtime, precision, perm,
mode, owner, group, target, added, seen and copies; name_raw has the bytes of a name that is not UTF-8, in base64;
with --group, others has the URLs of the other copies that match. What is not known is left out.

Exit status: 0 found; 1 found nothing; 2 a bad query or a failure.`,
		Example: `  # all words, one of them in the name
  ftpidx search 'ubuntu iso'

  # how many, and the largest
  ftpidx search --count 'ext:iso size:>1gb'
  ftpidx search --sort=-size --limit 10 type:file

  # the next page: the cursor stands below the hits
  ftpidx search --after CURSOR 'ubuntu iso'

  # fetch all that is found; each file once, from all its mirrors
  ftpidx search --urls 'wget ext:gz -beta type:file' | xargs -n 1 curl -O
  ftpidx search --aria2 --group 'in:/pub/gnu wget' | aria2c -i -`,
		DisableFlagParsing: true, // -beta is a word of the query
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, words, err := splitQuery(cmd.Flags(), args)
			if err != nil {
				return err
			}
			if err := cmd.Flags().Parse(flags); err != nil {
				return usageError{valueError(err)}
			}
			if help, _ := cmd.Flags().GetBool("help"); help {
				return cmd.Help()
			}
			if err := e.setDefaults(cmd); err != nil {
				return err
			}
			if len(words) == 0 {
				return usagef("nothing to search for")
			}
			for _, w := range words {
				if w == "-v" || w == "-h" {
					e.remark("hint: %s is a word of the query: without %s; flags have two dashes", w, w[1:])
				}
			}
			o.words = words
			return runSearch(cmd.Context(), e, &o)
		},
	}
	o.addFlags(cmd.Flags())
	cmd.Flags().Bool("help", false, "this text")
	return cmd
}

// splitQuery separates flags, which begin with two dashes, from the words of the query, which may begin with one.
// -0 is the only short flag, and -- alone is a word.
func splitQuery(defined *pflag.FlagSet, args []string) (flags, words []string, err error) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		name, isFlag := strings.CutPrefix(a, "--")
		if a == "-0" {
			flags = append(flags, a)
			continue
		}
		if !isFlag || name == "" || name[0] == '-' {
			words = append(words, a)
			continue
		}
		name, _, hasValue := strings.Cut(name, "=")
		f := defined.Lookup(name)
		if f == nil {
			hint := fmt.Sprintf("to exclude a word write -%s; to search for the text itself quote it: '\"%s\"'", name, a)
			if near := flagsLike(defined, name); near != "" {
				hint += "; or " + near
			}
			return nil, nil, withHint(usagef("unknown flag --%s", name), "%s", hint)
		}
		flags = append(flags, a)
		if !hasValue && f.NoOptDefVal == "" { // its value is the next argument
			if i++; i == len(args) {
				return nil, nil, usagef("--%s needs a value", name)
			}
			flags = append(flags, args[i])
		}
	}
	return flags, words, nil
}

// choose drops what the configuration says of the form of the hits where the command line or the environment asks for another one.
func (o *searchOptions) choose(given map[string]bool) {
	forms := map[string]*bool{"json": &o.json, "urls": &o.urls, "null": &o.nul, "aria2": &o.aria2, "count": &o.count}
	asked := false
	for name, form := range forms {
		asked = asked || given[name] && *form
	}
	for name, form := range forms {
		*form = *form && (given[name] || !asked)
	}
}

func runSearch(ctx context.Context, e *env, o *searchOptions) error {
	o.choose(e.given)
	o.urls = o.urls || o.nul
	limit, err := o.hits(e.stdout.terminal || o.columns)
	if err != nil {
		return err
	}
	if n := btoi(o.json) + btoi(o.urls) + btoi(o.aria2) + btoi(o.count); n > 1 {
		return usagef("--json, --urls, -0, --aria2 and --count exclude each other")
	}
	for _, f := range o.facets {
		if !slices.Contains(index.FacetNames, f) {
			return usagef("--facets are %s; not %q", strings.Join(index.FacetNames, ", "), f)
		}
	}
	text := strings.Join(o.words, " ")
	q, err := query.Parse(text, &query.Options{Now: e.now()})
	if err != nil {
		return redirected(o.words, err, queryError(e.stderr, err))
	}
	opts := index.SearchOptions{Timeout: searchTimeout, Sort: q.Sort, After: o.after, Facets: o.facets, Group: o.group || o.person(e.stdout)}
	if o.sort != "" {
		if opts.Sort, err = query.ParseSort(o.sort); err != nil {
			return usagef("--sort: %w", err)
		}
	}
	data := o.data
	if data == "" {
		if data, err = e.dataDir(); err != nil {
			return err
		}
	}
	ix, err := openIndex(e, data)
	if err != nil {
		return err
	}
	defer ix.Close()

	p := newHitPrinter(e, o)
	ill := unwell{e: e, data: data}
	total, shown, next, partial, all := 0, 0, "", false, 0
	for {
		opts.Limit = pageHits
		if limit > 0 {
			opts.Limit = min(pageHits, limit-shown)
		}
		if o.count {
			opts.Limit = -1
		}
		r, err := ix.Search(ctx, q.Expr, &opts)
		if errors.Is(err, index.ErrCursor) {
			err = errors.New(strings.TrimPrefix(err.Error(), "index: "))
			return withHint(err, "--after takes what more: printed for the same query and the same --sort; without it the first page is shown")
		} else if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		total, next, partial, all = r.Total, r.Next, partial || r.Partial, r.Docs
		if err := p.page(r.Hits); err != nil {
			return err
		}
		for i := range r.Hits {
			ill.saw(r.Hits[i].Server.Key())
		}
		if shown += len(r.Hits); r.Facets != nil && opts.After == o.after {
			p.facets = r.Facets
		}
		if next == "" || o.count || len(r.Hits) == 0 || limit > 0 && shown >= limit {
			break
		}
		opts.After, opts.Facets = next, nil
	}
	if o.count {
		fmt.Fprintln(e.stdout, total)
	}
	if err := p.end(shown, total); err != nil {
		return err
	}
	if total == 0 && o.person(e.stdout) && !o.count {
		e.remark("nothing found among %s", plural(all, "entry", "entries"))
	}
	if partial {
		e.warn("the search was ended after %v: at least %s match", searchTimeout, humanCount(total))
	}
	if !o.json && !o.count && !e.quiet {
		hints, err := index.Hints(ctx, ix, q, total)
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		for _, h := range hints {
			e.remark("hint: %s", h)
		}
	}
	if next != "" && !o.count && o.data == "" { // the demo's are gone when it ends
		// Last, and in one line however long: so it can be copied from any terminal.
		e.remark("more: --after %s", next)
	}
	if total == 0 {
		return exit(exitNothing)
	}
	return nil
}

// hits returns how many hits are wanted, 0 for all.
func (o *searchOptions) hits(terminal bool) (int, error) {
	switch {
	case o.limit == "all":
		return 0, nil
	case o.limit != "":
		n, err := strconv.Atoi(o.limit)
		if err != nil || n < 0 {
			return 0, usagef("--limit takes a number or all, not %q", o.limit)
		}
		return n, nil
	case terminal && !o.json:
		return terminalHits, nil
	}
	return 0, nil
}

// compared are the fields whose values may begin with < or >.
var compared = []string{"size:", "date:", "dm:", "modified:", "datemodified:", "mtime:", "added:", "firstseen:", "seen:", "lastseen:", "alive:", "depth:", "parents:", "copies:", "mirrors:"}

// redirected adds to shown, what is said of the error in a query of these words, what may be the cause: of size:>1gb without quotes a
// shell leaves size:, and writes to the file 1gb.
func redirected(words []string, err, shown error) error {
	var se *query.SyntaxError
	if !errors.As(err, &se) {
		return shown
	}
	field := se.Query[se.Start:se.End]
	if !slices.Contains(compared, strings.ToLower(field)) || !slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(w, field) }) {
		return shown
	}
	return withHint(shown, "a shell takes < and > for itself: put the query in single quotes, or write larger:1gb, newer:7d")
}

// queryError shows where in the query the error is.
func queryError(out *output, err error) error {
	var se *query.SyntaxError
	if !errors.As(err, &se) {
		return err
	}
	width := 1 << 20
	if out.terminal {
		width = out.width - len("  ")
	}
	line, carets := caretLine(se.Query, se.Start, se.End, width)
	return fmt.Errorf("%s\n  %s\n  %s", se.Msg, line, carets)
}

// caretLine returns the query as it can be shown in width columns, and carets below the bytes [start, end) of it. Of a query that
// is longer what stands around them is shown.
func caretLine(q string, start, end, width int) (line, carets string) {
	start, end = min(start, len(q)), min(end, len(q))
	before, marked, after := escapeText(q[:start]), escapeText(q[start:end]), escapeText(q[end:])
	if textWidth(before)+textWidth(marked)+textWidth(after) > width {
		before = fit(before, width/2, 0)
		marked = fit(marked, width-textWidth(before), 1)
		if room := width - textWidth(before) - textWidth(marked); room > 0 {
			after = fit(after, room, 1)
		} else {
			after = ""
		}
	}
	return before + marked + after,
		strings.Repeat(" ", textWidth(before)) + strings.Repeat("^", max(1, textWidth(marked)))
}

// openIndex opens what is published in the data directory, or says how to get something published.
func openIndex(e *env, data string) (*index.Index, error) {
	ix, err := index.Open(indexDir(data))
	if !errors.Is(err, fs.ErrNotExist) {
		return ix, err
	}
	return nil, nothingIndexed(data)
}

// nothingIndexed says so, and how to get something indexed.
func nothingIndexed(data string) error {
	err := fmt.Errorf("nothing is indexed in %s", data)
	if servers, _ := archive.List(archiveDir(data)); slices.ContainsFunc(servers, func(s archive.Summary) bool { return s.Running() }) {
		return withHint(err, "a crawl is running; what it finds can be searched after about ten seconds")
	}
	return withHint(err, "crawl a server first: ftpidx crawl ftp://HOST/")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

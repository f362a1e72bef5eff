package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
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

// facetNames are what --facets takes.
var facetNames = []string{"host", "ext", "type", "year", "size"}

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
	fs.BoolVar(&o.aria2, "aria2", false, "an input file for aria2c, the copies of a file as its mirrors")
	fs.BoolVarP(&o.nul, "null", "0", false, "URLs alone, each ended by NUL instead of a line feed")
	fs.BoolVar(&o.long, "long", false, "permissions, owner and group too")
	fs.BoolVar(&o.count, "count", false, "only how many documents match")
	fs.StringVar(&o.limit, "limit", "", "at most `N` hits; 0 or all: all (default all, on a terminal 25)")
	fs.StringVar(&o.sort, "sort", "", "order `KEYS`: rank name path size date ext type host depth added seen copies; -size descends")
	fs.StringSliceVar(&o.facets, "facets", nil, "count the hits by `FACETS`: host,ext,type,year,size")
	fs.StringVar(&o.after, "after", "", "go on behind `CURSOR`, as printed with the page before")
	fs.BoolVar(&o.group, "group", false, "one hit for all copies of a file (default on a terminal)")
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

Exit status: 0 found; 1 found nothing; 2 a bad query or a failure.`,
		Example: `  # all words, one of them in the name
  ftpidx search 'ubuntu iso'

  # how many, and the largest
  ftpidx search --count 'ext:iso size:>1gb'
  ftpidx search --sort=-size --limit 10 type:file

  # fetch all that is found
  ftpidx search --urls 'wget ext:gz -beta' | xargs -n 1 curl -O`,
		DisableFlagParsing: true, // -beta is a word of the query
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, words, err := splitQuery(cmd.Flags(), args)
			if err != nil {
				return err
			}
			if err := cmd.Flags().Parse(flags); err != nil {
				return usageError{err}
			}
			if help, _ := cmd.Flags().GetBool("help"); help {
				return cmd.Help()
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
			return nil, nil, withHint(usagef("unknown flag --%s", name), "to exclude a word write -%s; to search for the text itself quote it: '\"%s\"'", name, a)
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

func runSearch(ctx context.Context, e *env, o *searchOptions) error {
	o.urls = o.urls || o.nul
	limit, err := o.hits(e.stdout.terminal || o.columns)
	if err != nil {
		return err
	}
	if n := btoi(o.json) + btoi(o.urls) + btoi(o.aria2) + btoi(o.count); n > 1 {
		return usagef("--json, --urls, --aria2 and --count exclude each other")
	}
	for _, f := range o.facets {
		if !slices.Contains(facetNames, f) {
			return usagef("--facets are %s; not %q", strings.Join(facetNames, ", "), f)
		}
	}
	text := strings.Join(o.words, " ")
	q, err := query.Parse(text, &query.Options{Now: e.now()})
	if err != nil {
		return queryError(err)
	}
	opts := index.SearchOptions{Timeout: searchTimeout, Sort: q.Sort, After: o.after, Facets: o.facets, Group: o.group || o.aria2 || o.person(e.stdout)}
	if o.sort != "" {
		s, err := query.Parse("sort:"+o.sort, nil)
		if err != nil {
			return usagef("--sort: %w", err)
		}
		opts.Sort = s.Sort
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
	total, shown, next, partial := 0, 0, "", false
	for {
		opts.Limit = pageHits
		if limit > 0 {
			opts.Limit = min(pageHits, limit-shown)
		}
		if o.count {
			opts.Limit = -1
		}
		r, err := ix.Search(ctx, q.Expr, &opts)
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		total, next, partial = r.Total, r.Next, partial || r.Partial
		for i := range r.Hits {
			if err := p.print(&r.Hits[i]); err != nil {
				return err
			}
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
	if partial {
		e.warn("the search was ended after %v: at least %s match", searchTimeout, humanCount(total))
	}
	if next != "" && !o.count {
		e.remark("more: --after %s", next)
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

// queryError shows where in the query the error is.
func queryError(err error) error {
	var se *query.SyntaxError
	if !errors.As(err, &se) {
		return err
	}
	line, carets := caretLine(se.Query, se.Start, se.End)
	return fmt.Errorf("%s\n  %s\n  %s", se.Msg, line, carets)
}

// caretLine returns the query as it can be shown, and carets below the bytes [start, end) of it.
func caretLine(q string, start, end int) (line, carets string) {
	start, end = min(start, len(q)), min(end, len(q))
	before, marked := escapeText(q[:start]), escapeText(q[start:end])
	return before + marked + escapeText(q[end:]),
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

// A hitPrinter writes hits in the form that the flags and the output ask for.
type hitPrinter struct {
	e      *env
	o      *searchOptions
	loc    *time.Location
	facets map[string][]index.FacetValue
	buf    bytes.Buffer
}

func newHitPrinter(e *env, o *searchOptions) *hitPrinter {
	p := &hitPrinter{e: e, o: o, loc: time.UTC}
	if o.local {
		p.loc = time.Local
	}
	return p
}

func (p *hitPrinter) print(h *index.Hit) error {
	p.buf.Reset()
	switch {
	case p.o.json:
		b, err := json.Marshal(&h.Document)
		if err != nil {
			return err
		}
		p.buf.Write(b)
		p.buf.WriteByte('\n')
	case p.o.urls:
		p.buf.WriteString(h.URL())
		if p.o.nul {
			p.buf.WriteByte(0)
		} else {
			p.buf.WriteByte('\n')
		}
	case p.o.aria2:
		p.aria2(h)
	case p.o.person(p.e.stdout):
		p.columns(h)
	default:
		p.line(h)
	}
	_, err := p.e.stdout.Write(p.buf.Bytes())
	return err
}

// line is what a pipe gets: type, size, mtime and URL between TABs, then with --long permissions, owner and group.
func (p *hitPrinter) line(h *index.Hit) {
	size, mtime := "-", "-"
	if h.Size >= 0 {
		size = strconv.FormatInt(h.Size, 10)
	}
	if !h.ModTime.IsZero() {
		mtime = h.ModTime.UTC().Format(time.RFC3339)
	}
	fmt.Fprintf(&p.buf, "%s\t%s\t%s\t%s", h.Type, size, mtime, h.URL())
	if p.o.long {
		fmt.Fprintf(&p.buf, "\t%s\t%s\t%s", dash(h.Perm.String()), dash(escapeText(h.Owner)), dash(escapeText(h.Group)))
	}
	p.buf.WriteByte('\n')
}

// columns is what a person gets.
func (p *hitPrinter) columns(h *index.Hit) {
	out := p.e.stdout
	if p.o.long {
		fmt.Fprintf(&p.buf, "%-4s  %-8s %-8s  ", dash(h.Perm.String()), dash(escapeText(h.Owner)), dash(escapeText(h.Group)))
	}
	dir := h.DirText()
	name := p.marked(h.NameText(), h.Highlights, typeColor(h.Type))
	switch {
	case h.Type == index.Dir:
		name += "/"
	case h.Type == index.Link && h.Target != "":
		name += " -> " + escapeText(h.TargetText())
	}
	fmt.Fprintf(&p.buf, "%6s  %-16s  %s%s", humanSize(h.Size), humanTime(h.ModTime, h.Precision, p.loc),
		out.paint(faint, escapeText(h.Server.Key())), p.marked(dir, h.InDir, faint))
	if dir != "/" {
		p.buf.WriteString(out.paint(faint, "/"))
	}
	p.buf.WriteString(name)
	if n := len(h.Others); n > 0 {
		fmt.Fprint(&p.buf, out.paint(faint, fmt.Sprintf("  (+%s)", plural(n, "copy", "copies"))))
	}
	p.buf.WriteByte('\n')
}

// typeColor is how names of a type are painted.
func typeColor(t index.Type) string {
	switch t {
	case index.Dir:
		return blue
	case index.Link:
		return cyan
	}
	return ""
}

// marked returns text in the colour, with the ranges that the query found in bold.
func (p *hitPrinter) marked(text string, found []index.Range, sgr string) string {
	out := p.e.stdout
	if !out.color {
		return escapeText(text)
	}
	var b strings.Builder
	at := 0
	for _, r := range found {
		b.WriteString(out.paint(sgr, escapeText(text[at:r.Start])))
		b.WriteString(out.paint(strings.TrimPrefix(sgr+";"+bold, ";"), escapeText(text[r.Start:r.End])))
		at = r.End
	}
	b.WriteString(out.paint(sgr, escapeText(text[at:])))
	return b.String()
}

// aria2 writes an entry of an aria2c input file: the URLs of all copies, then the name to save it as. Only files can be fetched.
func (p *hitPrinter) aria2(h *index.Hit) {
	if h.Type != index.File {
		return
	}
	fmt.Fprint(&p.buf, strings.Join(append([]string{h.URL()}, h.Others...), "\t"), "\n")
	// A directory for each of the server's, or files of the same name would replace each other.
	if isPlainASCII(h.PathText()) {
		fmt.Fprintf(&p.buf, "  dir=%s%s\n  out=%s\n", h.Server.Key(), strings.TrimSuffix(h.DirText(), "/"), path.Base(h.NameText()))
	}
}

// end writes what follows the hits.
func (p *hitPrinter) end(shown, total int) error {
	if p.facets != nil {
		if p.o.json {
			b, err := json.Marshal(map[string]any{"facets": p.facets})
			if err != nil {
				return err
			}
			fmt.Fprintf(p.e.stdout, "%s\n", b)
		} else {
			for _, name := range p.o.facets {
				for _, v := range p.facets[name] {
					fmt.Fprintf(p.e.stdout, "%s\t%s\t%d\n", name, dash(escapeText(v.Value)), v.Count)
				}
			}
		}
	}
	if p.o.person(p.e.stdout) && !p.o.count {
		p.e.remark("%s of %s", humanCount(shown), humanCount(total))
	}
	return p.e.stdout.Flush()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

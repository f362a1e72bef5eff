package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// diffOptions are the flags of diff.
type diffOptions struct {
	json     bool
	urls     bool
	nul      bool
	sizeOnly bool
}

func newDiffCommand(e *env) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff HOST | diff MASTER MIRROR",
		Short: "Show what changed on a server, or what a mirror lacks",
		Long: `Diff HOST shows what the last crawl of a server found different from the one before. Diff MASTER MIRROR, two
URLs as ftp://host/path of any directories, shows what the second would have to do to hold what the first does. Both read the
archives alone; no server is asked.

  +  added; the mirror lacks it
  ~  changed; the mirror has another size, time, type or target
  -  removed; the mirror holds it too much
  ?  a directory that could not be listed on one side, or not the last time:
     whether what is in it differs is not known

Times are compared no more exactly than both listings tell them, and only of files. Where the zone of a server's clock is
not known, times less than 15 hours apart are taken as the same; 'ftpidx servers --zone' says which it is.

A terminal gets columns; a pipe the sign, type, size, time on the master (now), size and time on the mirror (before), and path,
with TABs between; unknown is -. Counts go to standard error.

Exit status: 0 no difference; 1 differences; 2 usage, a server that is not known or is being crawled, or failure; 3 no
difference in what is known, but not everything is.`,
		Example: `  # what is new on a server
  ftpidx diff ftp.example.org

  # is my mirror complete, and what must it fetch?
  ftpidx diff ftp://master.example.org/pub/ ftp://mirror.example.net/example/
  ftpidx diff --urls ftp://master.example.org/pub/ \
    ftp://mirror.example.net/example/ | aria2c -i -`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error { return runDiff(cmd.Context(), e, &o, args) },
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 2 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			keys, directive := completeServers(e)(cmd, args, word)
			if strings.HasPrefix(word, "f") {
				for _, key := range keys {
					keys = append(keys, "ftp://"+key+"/")
				}
			}
			return keys, directive
		},
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "one JSON object a difference and line")
	cmd.Flags().BoolVar(&o.urls, "urls", false, "only the URLs of the files that are new or changed: those that a mirror must fetch")
	cmd.Flags().BoolVarP(&o.nul, "null", "0", false, "as --urls, with NUL instead of line ends")
	cmd.Flags().BoolVar(&o.sizeOnly, "size-only", false, "do not compare times, for mirrors that do not keep them")
	return cmd
}

// A diffSide is one of the two things compared.
type diffSide struct {
	archive.Tree
	key    string
	server *index.Server
	vague  bool   // the zone of its clock is not known
	name   string // of the side, in JSON
}

func runDiff(ctx context.Context, e *env, o *diffOptions, args []string) error {
	if o.urls = o.urls || o.nul; o.urls && o.json {
		return usagef("--urls and --json exclude each other")
	}
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	all, err := archive.List(archiveDir(data))
	if err != nil && len(all) == 0 {
		return err
	}
	sides := make([]*diffSide, len(args))
	for i, arg := range args {
		if sides[i], err = openSide(e, data, all, arg, len(args) == 1); err != nil {
			return err
		}
		defer sides[i].Archive.Close()
	}
	p := differ{e: e, o: o}
	c := &archive.Comparison{}
	if len(args) == 1 {
		now := sides[0]
		rounds, before := now.Archive.Rounds()
		if rounds < 2 || before == 0 {
			return withHint(fmt.Errorf("%s has been crawled once: there is nothing to compare with", now.key), "crawl it again, or name a second server")
		}
		if s := now.Archive.State(); s != crawl.Complete && s != crawl.Incomplete {
			e.warn("the last crawl of %s did not come to its end: what it has not listed counts as unchanged", now.key)
		}
		then := *now
		then.Seq = before
		now.name, then.name = "now", "before"
		p.x, p.y = now, &then
		p.words = [...]string{archive.Missing: "added", archive.Stale: "changed", archive.Extra: "removed", archive.Unknown: "unknown"}
	} else {
		p.x, p.y = sides[0], sides[1]
		p.x.name, p.y.name = "master", "mirror"
		p.words = [...]string{archive.Missing: "missing", archive.Stale: "stale", archive.Extra: "extra", archive.Unknown: "unknown"}
		c.Same = p.same
	}
	c.X, c.Y = p.x.Tree, p.y.Tree
	for d, err := range c.Differences(ctx) {
		if err != nil {
			return err
		}
		if err := p.print(&d); err != nil {
			return err
		}
	}
	if err := e.stdout.Flush(); err != nil {
		return err
	}
	p.summary(c)
	switch n := p.counts; {
	case n[archive.Missing]+n[archive.Stale]+n[archive.Extra] > 0:
		return exit(exitNothing)
	case n[archive.Unknown] > 0:
		return exit(exitIncomplete)
	}
	return nil
}

// openSide opens the archive that an argument names and finds the directory in it.
func openSide(e *env, data string, all []archive.Summary, arg string, isHost bool) (*diffSide, error) {
	seed, err := crawl.ParseSeed(arg)
	if err != nil {
		return nil, usageError{err}
	}
	key := seed.Server.Key()
	var s *archive.Summary
	for i := range all {
		if all[i].Key == key {
			s = &all[i]
		}
	}
	if s == nil {
		if s, err = findServer(all, key); err != nil || strings.Contains(arg, "/") {
			return nil, withHint(fmt.Errorf("%s has not been crawled", key), "ftpidx crawl %s, or ftpidx servers to see which have", seed.Server)
		}
	}
	if err := notCrawled(s); err != nil {
		return nil, err
	}
	a, err := archive.OpenKey(archiveDir(data), s.Key, &archive.Options{TellZone: true, Logger: e.logger()})
	if err != nil {
		return nil, busy(err)
	}
	facts := a.Facts()
	side := &diffSide{key: s.Key, server: indexServer(a.Server(), &facts), vague: !facts.ZoneSet && !facts.ZoneEvidence.Known}
	side.Archive, side.Root = a, seed.Resolve(a.LoginDir())
	if isHost && seed.Path == "" {
		side.Root = "/"
	}
	place, err := a.Find(side.Root, 0)
	switch {
	case err != nil:
	case place == archive.Entry:
		err = withHint(fmt.Errorf("%s is no directory of %s", side.Root, s.Key), "name the directory that holds it")
	case place == archive.Nowhere && side.Root != "/":
		err = withHint(fmt.Errorf("%s is not known of %s: no listing leads there", side.Root, s.Key), "ftpidx servers %s shows from where it was crawled", s.Key)
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return side, nil
}

// A differ prints differences.
type differ struct {
	e     *env
	o     *diffOptions
	x, y  *diffSide
	words [4]string // for the kinds

	buf    bytes.Buffer
	counts [4]int64
	fetch  int64 // bytes of files that are missing or stale
	vague  bool  // times were taken as the same for want of a zone
}

// unknownZone is how far apart clocks may be of which the zone is not known.
const unknownZone = 15 * time.Hour

// same reports whether the mirror's entry may be a copy of the master's.
func (p *differ) same(x, y *archive.Item) bool {
	a, b := x.Entry, y.Entry
	switch {
	case a.Type != b.Type:
		return special(a.Type) && special(b.Type) && (vague(a.Type) || vague(b.Type))
	case a.Type == parse.Link: // MLSD tells where a link leads on some servers only
		return a.Target == "" || b.Target == "" || a.Target == b.Target
	case a.Type != parse.File:
		return true
	case a.Size >= 0 && b.Size >= 0 && a.Size != b.Size:
		return false
	case p.o.sizeOnly || a.Precision == parse.NoTime || b.Precision == parse.NoTime || overlap(a, b, 0):
		return true
	}
	slack := time.Duration(0)
	if x.Local && p.x.vague {
		slack += unknownZone
	}
	if y.Local && p.y.vague {
		slack += unknownZone
	}
	if slack == 0 || !overlap(a, b, min(slack, unknownZone)) {
		return false
	}
	p.vague = true
	return true
}

// special reports whether an entry is none of what every server has a word for, and vague whether its listing does not say
// what it is: where one server shows a device, another says only what it is not.
func special(t parse.Type) bool { return t != parse.File && t != parse.Dir && t != parse.Link }
func vague(t parse.Type) bool   { return t == parse.Unknown || t == parse.Other }

// overlap reports whether two entries may have the same time: each has one of an interval, as long as its listing is exact.
func overlap(a, b *parse.Entry, slack time.Duration) bool {
	return a.ModTime.Before(b.ModTime.Add(b.Precision.Duration()+slack)) && b.ModTime.Before(a.ModTime.Add(a.Precision.Duration()+slack))
}

var diffSigns = [...]string{archive.Missing: "+", archive.Stale: "~", archive.Extra: "-", archive.Unknown: "?"}

// diffColors are those of the signs.
var diffColors = [...]string{archive.Missing: "32", archive.Stale: "33", archive.Extra: "31", archive.Unknown: faint}

func (p *differ) print(d *archive.Difference) error {
	p.counts[d.Kind]++
	isFile := d.X != nil && d.X.Entry.Type == parse.File
	if isFile {
		p.fetch += max(d.X.Entry.Size, 0)
	}
	p.buf.Reset()
	switch {
	case p.o.urls:
		if !isFile {
			return nil
		}
		p.buf.WriteString(p.x.document(d.X).URL())
		p.buf.WriteByte("\n\x00"[btoi(p.o.nul)])
	case p.o.json:
		if err := p.object(d); err != nil {
			return err
		}
	case p.e.stdout.terminal:
		p.columns(d)
	default:
		p.line(d)
	}
	_, err := p.e.stdout.Write(p.buf.Bytes())
	return err
}

// document returns an item as it is indexed.
func (s *diffSide) document(item *archive.Item) *index.Document {
	return index.NewDocument(s.server, item.Dir, item.Entry, item.Added, item.Seen)
}

// path returns the pathname that is shown: all of it for one server, below the two roots otherwise.
func (p *differ) path(d *archive.Difference) string {
	charset := p.x.server.Charset
	if d.X == nil && d.XListing == nil {
		charset = p.y.server.Charset
	}
	path := d.Path
	if p.x.key == p.y.key && p.x.Root == p.y.Root {
		path = crawl.Join(strings.TrimSuffix(p.x.Root, "/"), path)
	}
	elements := strings.Split(path, "/")
	for i, name := range elements {
		elements[i] = query.TextForm(name, charset)
	}
	path = strings.Join(elements, "/")
	isDir := d.Kind == archive.Unknown
	for _, item := range []*archive.Item{d.Y, d.X} {
		if item != nil {
			isDir = item.Entry.IsDir()
		}
	}
	if isDir && !strings.HasSuffix(path, "/") {
		if path == "" {
			path = "."
		}
		path += "/"
	}
	return path
}

// line is what a pipe gets.
func (p *differ) line(d *archive.Difference) {
	kind := parse.Dir.String()
	if d.Y != nil {
		kind = p.y.document(d.Y).Type.String()
	}
	if d.X != nil {
		kind = p.x.document(d.X).Type.String()
	}
	p.buf.WriteString(diffSigns[d.Kind] + "\t" + kind)
	for i, item := range []*archive.Item{d.X, d.Y} {
		size, mtime := "-", "-"
		if item != nil {
			doc := []*diffSide{p.x, p.y}[i].document(item)
			if doc.Size >= 0 {
				size = strconv.FormatInt(doc.Size, 10)
			}
			if !doc.ModTime.IsZero() {
				mtime = doc.ModTime.Format(time.RFC3339)
			}
		}
		p.buf.WriteString("\t" + size + "\t" + mtime)
	}
	p.buf.WriteString("\t" + escapeText(p.path(d)) + "\n")
}

// columns is what a person gets.
func (p *differ) columns(d *archive.Difference) {
	out := p.e.stdout
	sign := out.paint(diffColors[d.Kind], diffSigns[d.Kind])
	path := out.paint(diffColors[d.Kind], isolate(escapeText(p.path(d))))
	if d.Kind == archive.Unknown {
		fmt.Fprintf(&p.buf, "%s %6s  %-16s  %s  %s\n", sign, "", "", path, out.paint(faint, "("+escapeText(p.reason(d))+")"))
		return
	}
	side, item := p.x, d.X
	if item == nil {
		side, item = p.y, d.Y
	}
	doc := side.document(item)
	fmt.Fprintf(&p.buf, "%s %6s  %-16s  %s", sign, humanSize(doc.Size), humanTime(doc.ModTime, doc.Precision, time.UTC), path)
	if d.Kind == archive.Stale {
		old := p.y.document(d.Y)
		var was []string
		if old.Type != doc.Type {
			was = append(was, old.Type.String())
		}
		if old.Size != doc.Size && old.Size >= 0 {
			size := humanSize(old.Size)
			if size == humanSize(doc.Size) {
				size = humanCount(old.Size) + " bytes"
			}
			was = append(was, size)
		}
		if old.Target != doc.Target && old.Target != "" {
			was = append(was, "-> "+escapeText(old.TargetText()))
		}
		if old.Perm != doc.Perm && p.y.name == "before" {
			was = append(was, dash(old.Perm.String()))
		}
		if t := humanTime(old.ModTime, old.Precision, time.UTC); doc.Type == index.File && t != humanTime(doc.ModTime, doc.Precision, time.UTC) {
			was = append(was, t)
		}
		if was == nil { // fractions of a second
			was = append(was, old.ModTime.Format(time.RFC3339Nano))
		}
		fmt.Fprint(&p.buf, out.paint(faint, fmt.Sprintf("  (%s: %s)", p.y.name, strings.Join(was, ", "))))
	}
	p.buf.WriteByte('\n')
}

// reason says why a directory is unknown.
func (p *differ) reason(d *archive.Difference) string {
	var reasons []string
	for i, l := range []*archive.Listing{d.XListing, d.YListing} {
		side := []*diffSide{p.x, p.y}[i]
		switch {
		case l == nil:
		case !l.Held && l.Reason != "":
			reasons = append(reasons, side.name+": "+string(l.Reason))
		case !l.Held:
			reasons = append(reasons, side.name+": not listed")
		case l.Reason != "" && l.Attempt != crawl.Whole:
			reasons = append(reasons, fmt.Sprintf("%s: %s, taken as of %s", side.name, l.Reason, l.Seen.UTC().Format(time.DateOnly)))
		case l.Status != crawl.Whole:
			reasons = append(reasons, side.name+": "+l.Status.String())
		}
	}
	return strings.Join(reasons, "; ")
}

// object is what --json prints.
func (p *differ) object(d *archive.Difference) error {
	o := map[string]any{"change": p.words[d.Kind], "path": p.path(d)}
	for i, item := range []*archive.Item{d.X, d.Y} {
		if side := []*diffSide{p.x, p.y}[i]; item != nil {
			o[side.name] = side.document(item)
		}
	}
	if d.Kind == archive.Unknown {
		o["reason"] = p.reason(d)
	}
	enc := json.NewEncoder(&p.buf)
	enc.SetEscapeHTML(false)
	return enc.Encode(o)
}

// summary says on standard error what was found.
func (p *differ) summary(c *archive.Comparison) {
	n := &p.counts
	of := fmt.Sprintf("%s%s between its last two crawls", p.x.key, escapeText(strings.TrimSuffix(p.x.Root, "/")))
	if p.y.name == "mirror" {
		of = fmt.Sprintf("%s%s on %s%s", p.x.key, escapeText(p.x.Root), p.y.key, escapeText(p.y.Root))
	}
	text := fmt.Sprintf("%s: %s %s, %s %s, %s %s, %s the same", of, humanCount(n[archive.Missing]), p.words[archive.Missing],
		humanCount(n[archive.Stale]), p.words[archive.Stale], humanCount(n[archive.Extra]), p.words[archive.Extra],
		humanCount(c.Compared-n[archive.Stale]))
	if p.y.name == "mirror" && p.fetch > 0 {
		text += fmt.Sprintf("; %s to fetch", humanSize(p.fetch))
	}
	p.e.remark("%s", text)
	if n[archive.Unknown] > 0 {
		p.e.remark("not known: %s, with %s that may differ", plural(n[archive.Unknown], "directory", "directories"), plural(c.Unknown, "entry", "entries"))
	}
	if p.vague {
		for _, s := range []*diffSide{p.x, p.y} {
			if s.vague {
				p.e.remark("the zone of %s is not known, times up to 15 hours apart are taken as the same: ftpidx servers --zone ZONE %s", s.key, s.key)
			}
		}
	}
}

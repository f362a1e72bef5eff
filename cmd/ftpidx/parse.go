package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	_ "time/tzdata" // zones by name, also where the system has none
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/crawl/unpack"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// parseOptions are the flags of parse.
type parseOptions struct {
	format, now, zone, dateOrder, charset string

	json, partial, explain bool
}

func (o *parseOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.format, "format", "auto", "read as `FORMAT` alone: "+formatNames())
	fs.StringVar(&o.now, "now", "", "`TIME` of the listing, RFC 3339, for dates without a year (default now)")
	fs.StringVar(&o.zone, "zone", "UTC", "`ZONE` of the server's clock: UTC, +05:30, Europe/Berlin")
	fs.StringVar(&o.dateOrder, "date-order", "auto", "`ORDER` of numeric dates: mdy, dmy or ymd (default: find out)")
	fs.StringVar(&o.charset, "charset", "auto", "`CHARSET` of names, to show them (default UTF-8, else Latin-1)")
	fs.BoolVar(&o.json, "json", false, "one JSON object an entry and line")
	fs.BoolVar(&o.partial, "partial", false, "also the entries of lines with a bad column, as far as they are understood")
	fs.BoolVar(&o.explain, "explain", false, "for each line what it and its columns were taken for, and why")
}

func newParseCommand(e *env) *cobra.Command {
	var o parseOptions
	var formats strings.Builder
	for _, f := range parse.Formats() {
		fmt.Fprintf(&formats, "  %-9s %s\n", f, f.Title())
	}
	cmd := &cobra.Command{
		Use:   "parse [FILE]",
		Short: "Read a listing",
		Long: `Parse reads one listing of an FTP server from FILE or standard input, whatever the format, and compressed or
not (.gz .bz2 .xz .zst .Z).

A pipe gets each entry as one line of type TAB size TAB mtime TAB name, with - for what is not known.
Lines that were not understood go to standard error with the reason. A line of which only a
column is bad is one of them; with --partial its entry is printed too.

Formats:
` + formats.String() + `
Exit status: 0 every line was an entry or known to be none; 1 some lines were not understood;
2 usage or failure.`,
		Example: `  # a listing that was kept
  ftpidx parse listing.txt
  ftpidx parse --json --now 2009-06-15T12:00:00Z --zone Europe/Berlin < listing

  # why is this line read as it is?
  ftpidx parse --explain listing.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file := ""
			if len(args) == 1 {
				file = args[0]
			}
			return runParse(cmd.Context(), e, &o, file)
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// reader returns the options of the parser.
func (o *parseOptions) reader(e *env) (*parse.Options, error) {
	p := &parse.Options{Now: e.now()}
	if err := p.Format.UnmarshalText([]byte(o.format)); err != nil {
		return nil, withHint(usagef("--format: unknown format %q", o.format), "formats: auto %s", formatNames())
	}
	if o.now != "" {
		now, err := time.Parse(time.RFC3339, o.now)
		if err != nil {
			return nil, usagef("--now takes a time such as 2009-06-15T12:00:00Z, not %q", o.now)
		}
		p.Now = now
	}
	zone, err := crawl.ParseZone(o.zone)
	if err != nil {
		return nil, usagef("--zone takes UTC, an offset such as +05:30, or a name such as Europe/Berlin, not %q", o.zone)
	}
	p.Location = zone
	if err := p.DateOrder.UnmarshalText([]byte(o.dateOrder)); err != nil {
		return nil, usagef("--date-order takes mdy, dmy or ymd, not %q", o.dateOrder)
	}
	if o.charset == "auto" {
		o.charset = ""
	} else if o.charset, err = crawl.ParseCharset(o.charset); err != nil {
		return nil, withHint(usagef("--charset: %w", err), "names are iso-8859-1, cp1251, koi8-r, sjis and so on")
	}
	if o.explain && o.json {
		return nil, usagef("--explain is for people; it has no --json")
	}
	return p, nil
}

func runParse(ctx context.Context, e *env, o *parseOptions, file string) error {
	options, err := o.reader(e)
	if err != nil {
		return err
	}
	src := e.input(ctx)
	if file != "" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		src = f
	}
	unpacked, err := unpack.NewReader(src, 0)
	if err != nil {
		return err
	}
	defer unpacked.Close()
	var x *explainer
	if o.explain {
		x = &explainer{out: e.stdout, text: o.text}
		options.Trace = x.trace
	}
	bad := 0
	for entry, err := range parse.NewReader(unpacked, options).All() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var line *parse.SyntaxError
		if err != nil && !errors.As(err, &line) {
			return err
		}
		if line != nil {
			bad++
		}
		switch {
		case x != nil:
			err = x.explain(&entry)
		default:
			if line != nil {
				fmt.Fprintf(e.stderr, "line %d: %v: %s\n", line.Line, line.Err, escapeText(o.text(line.Text)))
			}
			if line == nil || o.partial && entry.Name != "" {
				err = o.print(e.stdout, &entry, line)
			} else {
				err = nil
			}
		}
		if err != nil {
			return err
		}
	}
	if x != nil {
		if err := x.explain(nil); err != nil {
			return err
		}
	}
	if bad > 0 {
		return exit(exitNothing)
	}
	return nil
}

// text returns bytes of the server as text.
func (o *parseOptions) text(s string) string { return query.TextForm(s, o.charset) }

// print prints an entry; bad is why not all of it was understood, or nil.
func (o *parseOptions) print(out *output, entry *parse.Entry, bad *parse.SyntaxError) error {
	if o.json {
		line, err := o.marshal(entry, bad)
		if err == nil {
			_, err = out.Write(line)
		}
		return err
	}
	name := entry.Name
	if entry.Dir != "" {
		name = strings.TrimSuffix(entry.Dir, "/") + "/" + name
	}
	name = escapeText(o.text(name))
	var err error
	if out.terminal {
		if entry.Target != "" {
			name += " -> " + escapeText(o.text(entry.Target))
		}
		_, err = fmt.Fprintf(out, "%-7s %6s  %-16s  %s\n", entry.Type, humanSize(entry.Size), wallTime(entry), name)
	} else {
		size, mtime := "-", "-"
		if entry.Size >= 0 {
			size = fmt.Sprint(entry.Size)
		}
		if entry.Precision != parse.NoTime {
			mtime = entry.ModTime.Format(time.RFC3339Nano)
		}
		_, err = fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", entry.Type, size, mtime, name)
	}
	return err
}

// wallTime returns the time of an entry as the server's clock showed it.
func wallTime(entry *parse.Entry) string {
	t := entry.ModTime
	if entry.Precision != parse.NoTime {
		_, offset := t.Zone()
		t = t.UTC().Add(time.Duration(offset) * time.Second)
	}
	return humanTime(t, entry.Precision, time.UTC)
}

// A jsonEntry is an entry in JSON. Bytes that are not UTF-8 stand in base64 under the key with
// "_raw", beside a reading of them; what is not known is left out.
type jsonEntry struct {
	Dir       string          `json:"dir,omitempty"`
	DirRaw    []byte          `json:"dir_raw,omitempty"`
	Name      string          `json:"name"`
	NameRaw   []byte          `json:"name_raw,omitempty"`
	Type      parse.Type      `json:"type"`
	Size      *int64          `json:"size,omitempty"`
	Device    string          `json:"device,omitempty"`
	ModTime   string          `json:"mtime,omitempty"`
	Precision parse.Precision `json:"precision,omitempty"`
	Mode      string          `json:"mode,omitempty"`
	Perm      string          `json:"perm,omitempty"`
	Owner     string          `json:"owner,omitempty"`
	OwnerRaw  []byte          `json:"owner_raw,omitempty"`
	Group     string          `json:"group,omitempty"`
	GroupRaw  []byte          `json:"group_raw,omitempty"`
	Links     *int            `json:"links,omitempty"`
	Target    string          `json:"target,omitempty"`
	TargetRaw []byte          `json:"target_raw,omitempty"`
	Facts     string          `json:"facts,omitempty"`
	FactsRaw  []byte          `json:"facts_raw,omitempty"`
	Format    parse.Format    `json:"format"`
	Line      int             `json:"line"`
	Error     string          `json:"error,omitempty"`
}

func (o *parseOptions) marshal(entry *parse.Entry, bad *parse.SyntaxError) ([]byte, error) {
	j := jsonEntry{
		Type: entry.Type, Device: entry.Device, Precision: entry.Precision, Mode: entry.Mode, Perm: entry.Perm.String(),
		Format: entry.Format, Line: entry.Line,
	}
	for _, f := range [...]struct {
		from string
		text *string
		raw  *[]byte
	}{
		{entry.Dir, &j.Dir, &j.DirRaw}, {entry.Name, &j.Name, &j.NameRaw}, {entry.Target, &j.Target, &j.TargetRaw},
		{entry.Owner, &j.Owner, &j.OwnerRaw}, {entry.Group, &j.Group, &j.GroupRaw}, {entry.Facts, &j.Facts, &j.FactsRaw},
	} {
		*f.text = f.from
		if !utf8.ValidString(f.from) {
			*f.text, *f.raw = o.text(f.from), []byte(f.from)
		}
	}
	if entry.Size >= 0 {
		j.Size = &entry.Size
	}
	if entry.Links >= 0 {
		j.Links = &entry.Links
	}
	if entry.Precision != parse.NoTime {
		j.ModTime = entry.ModTime.Format(time.RFC3339Nano)
	}
	if bad != nil {
		j.Error = bad.Err.Error()
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(&j)
	return []byte(b.String()), err
}

// An explainer prints what the parser says of each line.
type explainer struct {
	out   io.Writer
	text  func(string) string
	lines []parse.Line // traced and not yet printed
}

func (x *explainer) trace(l parse.Line) { x.lines = append(x.lines, l) }

// explain prints the lines traced; the last of them gave the entry, if there is one.
func (x *explainer) explain(entry *parse.Entry) error {
	var b strings.Builder
	for i := range x.lines {
		l := &x.lines[i]
		var of *parse.Entry
		if i == len(x.lines)-1 && (l.Verdict == parse.VerdictEntry || l.Verdict == parse.VerdictPartial) {
			of = entry
		}
		x.line(&b, l, of)
	}
	x.lines = x.lines[:0]
	_, err := io.WriteString(x.out, b.String())
	return err
}

func (x *explainer) line(b *strings.Builder, l *parse.Line, entry *parse.Entry) {
	fmt.Fprintf(b, "line %d: %s", l.Number, l.Verdict)
	if l.Format != parse.Auto {
		fmt.Fprintf(b, ", %s", l.Format)
	}
	if l.Err != nil {
		fmt.Fprintf(b, ", %v", l.Err)
	}
	fmt.Fprintf(b, "\n    | %s\n", escapeText(x.text(l.Text)))
	for _, c := range l.Columns {
		column := x.text(l.Text[c.Start:c.End])
		fmt.Fprintf(b, "    %-10s \"%s\"%s\n", c.Name, escapeText(column), reading(c.Name, entry))
	}
	if l.Note != "" {
		fmt.Fprintf(b, "    %s\n", escapeText(l.Note))
	}
}

// reading returns what a column means in an entry, where that is more than its text.
func reading(column string, entry *parse.Entry) string {
	if entry == nil {
		return ""
	}
	switch column {
	case "mode", "type", "dsorg", "attributes":
		s := " = " + entry.Type.String()
		if entry.Perm >= 0 {
			s += ", " + entry.Perm.String()
		}
		return s
	case "size":
		if entry.Size >= 0 {
			return fmt.Sprintf(" = %d", entry.Size)
		}
		return " = unknown"
	case "time", "referred":
		if entry.Precision != parse.NoTime {
			return fmt.Sprintf(" = %s, to the %s", entry.ModTime.Format(time.RFC3339Nano), entry.Precision)
		}
		return " = unknown"
	}
	return ""
}

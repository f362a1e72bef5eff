package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ftpidx/ftpidx/index"
)

// A hitPrinter writes hits in the form that the flags and the output ask for.
type hitPrinter struct {
	e      *env
	o      *searchOptions
	loc    *time.Location
	facets map[string][]index.FacetValue
	copies int // that the hits so far stand for
	buf    bytes.Buffer
}

func newHitPrinter(e *env, o *searchOptions) *hitPrinter {
	p := &hitPrinter{e: e, o: o, loc: time.UTC}
	if o.local {
		p.loc = time.Local
	}
	return p
}

// page writes hits. As columns for a person they are laid out together.
func (p *hitPrinter) page(hits []index.Hit) error {
	p.buf.Reset()
	for i := range hits {
		p.copies += len(hits[i].Others)
	}
	switch {
	case !p.o.person(p.e.stdout):
		for i := range hits {
			if err := p.hit(&hits[i]); err != nil {
				return err
			}
		}
	case p.o.long:
		p.long(hits)
	default:
		p.columns(hits)
	}
	_, err := p.e.stdout.Write(p.buf.Bytes())
	return err
}

// hit writes one hit for a program.
func (p *hitPrinter) hit(h *index.Hit) error {
	switch {
	case p.o.json:
		b, err := json.Marshal(h)
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
	default:
		p.line(h)
	}
	return nil
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

// aria2 writes an entry of an aria2c input file: the URL, with --group those of all copies, then the name to save the file
// as: server, directory and name, so that files of the same name do not replace each other. Only files can be fetched.
func (p *hitPrinter) aria2(h *index.Hit) {
	if h.Type != index.File {
		return
	}
	p.buf.WriteString(h.URL())
	for _, other := range h.Others {
		p.buf.WriteByte('\t')
		p.buf.WriteString(other)
	}
	fmt.Fprintf(&p.buf, "\n out=%s\n", savedAs(h.Server.Key()+h.Path()))
}

// savedAs returns a pathname as a line of an aria2c input file can hold it, and as never leads out of the directory: the few
// characters that stand in the way are percent-encoded: controls, which terminals would obey too, and what leads up, on Windows as well.
func savedAs(path string) string {
	elements := strings.Split(path, "/")
	for i, e := range elements {
		if strings.Trim(e, ".") == "" && len(e) <= 2 {
			elements[i] = strings.ReplaceAll(e, ".", "%2E")
		}
	}
	path = strings.Join(elements, "/")
	end := len(strings.TrimRight(path, " \t\v\f")) // aria2c drops it
	var b strings.Builder
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		if i >= end || unicode.IsControl(r) || r == '\\' {
			for _, c := range []byte(path[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(path[i : i+n])
		}
		i += n
	}
	return b.String()
}

// end writes what follows the hits.
func (p *hitPrinter) end(shown, total int) error {
	person := p.o.person(p.e.stdout)
	if p.facets != nil {
		if err := p.writeFacets(person); err != nil {
			return err
		}
	}
	if person && !p.o.count && total > 0 {
		said := humanCount(shown) + " of " + humanCount(total)
		if p.copies > 0 {
			said += ", and " + plural(p.copies, "copy", "copies") + " of these"
		}
		p.e.remark("%s", said)
	}
	return p.e.stdout.Flush()
}

// facetLines is how many values of a facet a person is shown.
const facetLines = 10

func (p *hitPrinter) writeFacets(person bool) error {
	out := p.e.stdout
	if p.o.json {
		b, err := json.Marshal(map[string]any{"facets": p.facets})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s\n", b)
		return err
	}
	for _, name := range p.o.facets {
		values := p.facets[name]
		if !person {
			for _, v := range values {
				fmt.Fprintf(out, "%s\t%s\t%d\n", name, dash(escapeText(v.Value)), v.Count)
			}
			continue
		}
		fmt.Fprintf(out, "\n%s\n", out.paint(bold, name))
		for _, v := range values[:min(len(values), facetLines)] {
			m := marked{text: or(escapeText(v.Value), "(none)")}
			fmt.Fprintf(out, "%12s  %s\n", humanCount(v.Count), m.fit(out, "", out.width-14, 0.5, true))
		}
		if more := len(values) - facetLines; more > 0 {
			fmt.Fprintf(out, "%12s  %s\n", "", out.paint(faint, "and "+plural(more, "other", "others")))
		}
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/ftpidx/ftpidx/crawl"
)

// Sections implements [crawl.Sectioner].
func (a *Archive) Sections(ctx context.Context, r io.Reader, o *crawl.SectionOptions, take func(string, *crawl.Spool, crawl.Form) error) error {
	i := &importer{
		ctx: ctx, a: a, server: a.asked, take: take, base: cleanPath(o.Base),
		options:    ImportOptions{Server: a.asked, Base: o.Base, Now: o.Now, TempDir: o.TempDir, Room: o.Room},
		maxSection: o.MaxSection, maxSorted: o.MaxSorted,
	}
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err == nil {
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	return i.split(br, head)
}

var _ crawl.Sectioner = (*Archive)(nil)

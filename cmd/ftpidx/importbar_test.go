package main

import (
	"testing"
	"time"
)

// The bar takes the columns that there are now, whatever there were when it began.
func TestImportBarFitsTheTerminal(t *testing.T) {
	t.Parallel()
	e, _, _ := testEnv(time.Unix(1.3e9, 0))
	b := &importBar{e: e}
	name := "dumps/ftp.example.org.ls-lR.gz"
	b.name.Store(&name)
	b.total.Store(4 << 20)
	b.read.Store(3 << 20)
	b.entries.Store(12345)
	for width, want := range map[int]string{
		80: "━━━━━━━━━━━━━━━─────  75 % of 4.0M, 12,345 entries  ftp.example.org.ls-lR.gz",
		40: "━━━━━━━───  75 % of 4.0M, 12,345 entries",
	} {
		if got := b.draw(width); got != want {
			t.Errorf("%d columns: got %q, want %q", width, got, want)
		}
	}
	for width := 1; width < 200; width++ {
		if got := b.draw(width); textWidth(got) > width && width > 4 {
			t.Errorf("%d columns: %q", width, got)
		}
	}
	b.total.Store(0)
	if got := b.draw(60); got != "─────────────── 3.0M read, 12,345 entries  ftp.exam…ls-lR.gz" {
		t.Errorf("without a total: %q", got)
	}
}

// A terminal that cannot go back to where a line begins gets no bar.
func TestNoBarOnDumbTerminals(t *testing.T) {
	t.Parallel()
	e, _, _ := testEnv(time.Unix(1.3e9, 0))
	e.stderr.terminal = true
	e.getenv = func(name string) string { return map[string]string{"TERM": "dumb"}[name] }
	b := startImportBar(e)
	defer b.end()
	if b.show != nil {
		t.Error("a bar on a dumb terminal")
	}
}

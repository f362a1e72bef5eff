package index_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/indextest"
	"github.com/ftpidx/ftpidx/index/query"
)

func TestHints(t *testing.T) {
	s := indextest.Scan(indextest.ExampleDocuments(t), indextest.Now)
	for _, c := range []struct {
		query string
		want  string // hints between semicolons
	}{
		{`wget`, ""},
		{`wget or readme`, "OR in capital letters is the operator (or |); NOT or - for without"},
		{`wget not h`, "OR in capital letters is the operator (or |); NOT or - for without"},
		{`size>1gb`, "write size:>1gb"},
		{`^wget`, "a regular expression stands between slashes: /^wget/"},
		{`wget | ^wget`, ""},
		{`"foo bar"`, "without the quotes: 1 hit"},
		{`"nothing here"`, ""},
		{`host:deb`, ""},
		{`host:lin`, "host: compares whole labels; host:*lin* finds ftp.linux.example"},
		{`host:lin host:linux | xyzzy`, "host: compares whole labels; host:*lin* finds ftp.linux.example"},
		{`host:linux xyzzy`, ""},
		{`ftp.linux.example/gnu`, "write host:=ftp.linux.example path:/gnu"},
		{`retro.example:2121/gamez`, "write host:=retro.example:2121 path:/gamez"},
		{`ftp.linux.example/`, "write host:=ftp.linux.example"},
		{`other.example/gnu`, ""},
		{`readme ext:iso`, "without ext:iso: 3 hits"},
		{`readme ext:iso,zip`, "without ext:iso | ext:zip: 3 hits"},
		{`readme ext:iso type:dir`, ""},
		{`wget ext:iso type:dir`, "without ext:iso: 1 hit"},
		{`xyzzy ext:iso`, ""},
		{`ubuntu date:1999`, "without date:1999-01-01..1999-12-31: 3 hits"},
	} {
		q, err := query.Parse(c.query, &query.Options{Now: indextest.Now})
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		r, err := s.Search(context.Background(), q.Expr, &index.SearchOptions{Limit: -1})
		if err != nil {
			t.Fatal(err)
		}
		hints, err := index.Hints(context.Background(), s, q, r.Total)
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		if got := strings.Join(hints, "\n"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.query, got, c.want)
		}
	}
}

func TestHintsReturnErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q, err := query.Parse(`readme ext:iso`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := index.Hints(ctx, indextest.Scan(nil, indextest.Now), q, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

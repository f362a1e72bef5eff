package query

import (
	"fmt"
	"testing"
)

func TestHints(t *testing.T) {
	const operators = "OR in capital letters is the operator (or |); NOT or - for without"
	for _, c := range []struct {
		query string
		want  string
	}{
		{`wget or curl`, "5..7 always " + operators},
		{`wget and curl`, "5..8 always " + operators},
		{`wget not curl`, "5..8 always " + operators},
		{`not curl`, "0..3 always " + operators},
		{`(a | b) or c`, "8..10 always " + operators},
		{`or`, ""}, {`a or`, ""}, {`or a`, ""}, {`a not`, ""}, {`not`, ""}, {`a "or" b`, ""}, {`a Or b`, ""}, {`a name:or b`, ""},
		{`a OR b AND c NOT d`, ""},
		{`size>1gb`, "0..8 always write size:>1gb"},
		{`a date=2024`, "2..11 always write date:=2024"},
		{`Newer<7d`, "0..8 always write Newer:<7d"},
		{`sort=-size`, "0..10 always write sort:-size"},
		{`size>`, ""}, {`>size`, ""}, {`"size>1"`, ""}, {`foo=1`, ""}, {`=`, ""},
		{`size:>1 gb`, "0..10 always write size:>1gb"},
		{`a (larger:10  KiB|b)`, "3..17 always write larger:10KiB"},
		{`-size:15 m`, "1..10 always write size:15m"},
		{`size:>1gb mb`, ""}, {`size:>1 gbx`, ""}, {`size:>1 2`, ""}, {`size:1 "gb"`, ""}, {`size:1 | gb`, ""}, {`depth:1 gb`, ""}, {`size:>1`, ""},
		{`^wget`, "0..5 no hits a regular expression stands between slashes: /^wget/"},
		{`gz$`, "0..3 no hits a regular expression stands between slashes: /gz$/"},
		{`a.*b`, "0..4 no hits a regular expression stands between slashes: /a.*b/"},
		{`name:^a`, "5..7 no hits a regular expression stands between slashes: /^a/"},
		{`^a/b`, `0..4 no hits a regular expression stands between slashes: /^a\/b/`},
		{`"^wget"`, ""}, {`/^wget/`, ""}, {`a.b*`, ""},
	} {
		q, err := Parse(c.query, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		got := ""
		for _, h := range q.Hints() {
			when := map[bool]string{true: "always", false: "no hits"}[h.Always]
			got += fmt.Sprintf("%d..%d %s %s", h.Start, h.End, when, h.Text)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.query, got, c.want)
		}
	}
}

func TestUnquoted(t *testing.T) {
	for query, want := range map[string]string{
		`"foo bar" type:file`: `[(and (words "foo" "bar") (type is "file"))]`,
		`"foo -OR (x"`:        `[(words "foo" "-OR" "(x")]`,
		`-"foo bar"`:          `[(not (words "foo" "bar"))]`,
		`foo\ bar "x y"`:      `[(words "foo" "bar" "x y") (words "foo bar" "x" "y")]`,
		`"foo" name:"x y"`:    `[]`,
		`"foo bar"*`:          `[]`,
	} {
		q, err := Parse(query, nil)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if got := fmt.Sprint(q.Unquoted()); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

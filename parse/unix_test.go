package parse

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// twins reads line with the fast reader and with the grammar. The fast one may give up, but must not differ.
func twins(t testing.TB, p *parser, line string) (fast bool) {
	t.Helper()
	var got Entry
	if !p.readUnixFast(line, &got) {
		if got != (Entry{}) {
			t.Errorf("%q: left %+v", line, got)
		}
		return false
	}
	p.err = nil
	if v := p.readUnixSlow(line); v != VerdictEntry {
		t.Errorf("%q: fast reader got an entry, the grammar says %v (%v)", line, v, p.err)
	} else if p.e.Format = Unix; got != p.e {
		t.Errorf("%q:\nfast %+v\nslow %+v", line, got, p.e)
	}
	return true
}

// Lines put together at random from columns, good and odd, read the same by both readers.
func TestUnixFastAgreesWithGrammar(t *testing.T) {
	// pick returns the first of its choices half of the time.
	pick := func(r *rand.Rand, from ...string) string { return from[max(0, r.IntN(2*len(from))-len(from))] }
	r := rand.New(rand.NewPCG(1, 2))
	fast := 0
	const n = 200_000
	for _, loc := range []*time.Location{time.UTC, time.FixedZone("", -5*3600)} {
		var p parser
		p.init(&Options{Now: time.Date(2012, 2, 28, 12, 0, 0, 0, time.UTC), Location: loc})
		for range n {
			gap := func() string { return pick(r, " ", " ", " ", "  ", "    ") }
			user := func() string {
				return pick(r, "wilma", "1000", "0", "12", "mar", "May", "9", "a", "Bed Rock", "2011-03-09", "j\xe9", "-", "3rd", "17:04")
			}
			line := pick(r, "-rw-r--r--", "drwxr-xr-x", "lrwxrwxrwx", "-rwsr-S--T", "crw-------", "-rw-r-x", "-rw-r--r--+", "drwxrwxrwt") +
				gap() + pick(r, "1", "1", "0", "12", "1234567890", "x") + gap() + user() + gap() + user() +
				gap() + pick(r, "0", "12", "512", "183502", "1,024", "12k", "-1", "2011", "99999999999999999999") + gap() +
				pick(r, "Mar", "Mar", "Feb", "dec", "JUL", "Foo", "Mai") + gap() + pick(r, "9", "09", "28", fmt.Sprint(r.IntN(33))) + gap() +
				pick(r, "17:04", "2011", "2012", "24:00", "23:59", "12:60", "9:07", "17:04:33", "20:1", "0000") + gap() +
				pick(r, "x", "attic", " x", "  x", "", " ", ".", "..", "a -> b", ".hidden", "/", "/pub/x", "2011 report", "x ", "12 Mar 11 2005 x")
			if r.IntN(20) == 0 {
				line = strings.Replace(line, " ", "", 1)
			}
			if twins(t, &p, line) {
				fast++
			}
			if t.Failed() {
				return
			}
		}
	}
	if fast < n/25 {
		t.Errorf("the fast reader took %d of %d lines: the test shows little", fast, 2*n)
	}
}

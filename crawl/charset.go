package crawl

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// A CharsetDetector finds out in which charset the names of a server are written, from all of them:
//
//	Ñòàòüè.zip    the bytes D1 F2 E0 F2 FC E8 as windows-1252
//	Статьи.zip    the same bytes as windows-1251
//
// If all names are UTF-8 it is that. Else each candidate is a model of how likely its charset's languages
// make the bytes of a name, and the one that makes them likeliest has it. The unit is the bit: a
// candidate that is ten bits ahead explains the names a thousand times better. See
// charsetmodel.go for the models.
//
// A name that one candidate explains much better than another weighs no more than nameWeight bits, so that a
// few odd names do not outvote all others. A mix shows in names that are clearly in another charset.
//
// The zero value is ready. It is for one goroutine, needs 4 KiB, and forgets the names.
type CharsetDetector struct {
	names  int // not ASCII
	utf8   int
	scored int
	total  [][]float64 // bits that each candidate, in each language, is behind the best of each name, up to nameWeight
	clear  []int       // names that each candidate explains clearly best
	differ [][]int     // names that two candidates read differently
}

const (
	nameWeight  = 40   // bits
	clearMargin = 10   // bits by which a name is clearly in one charset
	sureMargin  = 6    // bits by which a charset must be ahead to be taken for the server's
	scoreAll    = 5000 // names; after them, one of 16 is scored
	rivalShare  = 4    // a rival reads one name of so many differently, at least
	mixNames    = 3    // so many names clearly in another charset make a mix,
	mixShare    = 20   // if they are one of so many
)

// CharsetEvidence is what a CharsetDetector found and why. The JSON form is part of the archive's
// format.
type CharsetEvidence struct {
	Charset string  `json:"charset,omitempty"` // the best; "" if all names are ASCII
	Second  string  `json:"second,omitempty"`  // the best of those that read many names differently
	Margin  float64 `json:"margin_bits,omitempty"`
	Names   int     `json:"names"`                // not ASCII
	UTF8    int     `json:"utf8,omitempty"`       // of these, good in UTF-8
	Scored  int     `json:"scored,omitempty"`     // of the others, looked at
	Mixed   string  `json:"mixed_with,omitempty"` // some names are in this charset
	Others  int     `json:"others,omitempty"`     // names clearly in Mixed
}

// Sure reports whether Charset may be taken for that of the server.
func (e *CharsetEvidence) Sure() bool {
	return e.Charset == "UTF-8" || e.Charset != "" && e.Margin >= sureMargin
}

// Read returns the charset by which names are to be read: "" if that is not sure; two, the first to be tried
// first, if some names are UTF-8 and others are not: what is good UTF-8 is hardly ever anything else.
func (e *CharsetEvidence) Read() string {
	switch {
	case !e.Sure():
		return ""
	case e.Charset == "UTF-8" && e.Mixed != "" && e.Others >= mixNames:
		return "UTF-8," + e.Mixed
	case e.Mixed == "UTF-8":
		return "UTF-8," + e.Charset
	}
	return e.Charset
}

// String says it in words.
func (e *CharsetEvidence) String() string {
	switch {
	case e.Names == 0:
		return "all names are ASCII"
	case e.Charset == "UTF-8" && e.Mixed == "":
		return fmt.Sprintf("all of %d names beyond ASCII are UTF-8", e.Names)
	case e.Charset == "UTF-8":
		return fmt.Sprintf("%d of %d names beyond ASCII are UTF-8, others look like %s", e.UTF8, e.Names, e.Mixed)
	}
	s := fmt.Sprintf("%d names beyond ASCII, %.0f bits ahead of %s", e.Names, e.Margin, e.Second)
	if e.Mixed != "" {
		s += fmt.Sprintf(", %d names look like %s", e.Others, e.Mixed)
	}
	return s
}

// Add looks at a name, one element of a pathname. Most names are ASCII or UTF-8 and cost little.
func (d *CharsetDetector) Add(name string) {
	if isASCII(name) {
		return
	}
	d.names++
	if utf8.ValidString(name) {
		d.utf8++
		return
	}
	others := d.names - d.utf8
	if others > scoreAll && others%16 != 0 {
		return
	}
	d.score(name)
}

func (d *CharsetDetector) score(name string) {
	models := charsetModels()
	if d.total == nil {
		d.total, d.clear = make([][]float64, len(models)), make([]int, len(models))
		d.differ = make([][]int, len(models))
		for i, m := range models {
			d.total[i], d.differ[i] = make([]float64, m.languages()), make([]int, len(models))
		}
	}
	if len(name) > 255 {
		name = name[:255]
	}
	prices := make([][]float64, len(models))
	bits := make([]float64, len(models)) // of the best language
	text := make([]uint64, len(models))
	best := 0
	for i, m := range models {
		prices[i] = make([]float64, m.languages())
		for j := range prices[i] {
			prices[i][j] = m.bits(name, j)
		}
		bits[i], text[i] = slices.Min(prices[i]), m.read(name)
		if bits[i] < bits[best] {
			best = i
		}
	}
	if math.IsInf(bits[best], 1) {
		return // good in none: it tells nothing
	}
	d.scored++
	alone := true
	for i := range models {
		for j, p := range prices[i] {
			d.total[i][j] += min(p-bits[best], nameWeight)
		}
		for j := range models {
			if text[i] != text[j] {
				d.differ[i][j]++
			}
		}
		if text[i] != text[best] && bits[i]-bits[best] < clearMargin {
			alone = false
		}
	}
	if alone {
		d.clear[best]++
	}
}

// Evidence returns what the names so far say.
func (d *CharsetDetector) Evidence() CharsetEvidence {
	e := CharsetEvidence{Names: d.names, UTF8: d.utf8, Scored: d.scored}
	others := d.names - d.utf8
	switch {
	case d.names == 0:
		return e
	case others == 0:
		e.Charset = "UTF-8"
		return e
	}
	if d.scored == 0 {
		return e // good in no charset
	}
	models := charsetModels()
	order := make([]int, len(models))
	for i := range order {
		order[i] = i
	}
	behind := func(i int) float64 {
		return slices.Min(d.total[i]) + models[i].prior
	}
	slices.SortStableFunc(order, func(x, y int) int {
		switch a, b := behind(x), behind(y); {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	best := order[0]
	e.Charset = models[best].name
	// Those that read nearly all names the same are as good: they are not held against the best.
	for _, i := range order[1:] {
		if d.differ[best][i] > 0 && d.differ[best][i]*rivalShare >= d.scored {
			e.Second, e.Margin = models[i].name, behind(i)-behind(best)
			break
		}
	}
	for i, n := range d.clear {
		if d.differ[best][i] > 0 && n > e.Others && n >= mixNames && n*mixShare >= d.scored {
			e.Mixed, e.Others = models[i].name, n
		}
	}
	// A name of another charset is hardly ever good UTF-8 by chance: UTF-8 has it when most are.
	switch {
	case d.utf8 >= others:
		e.Mixed, e.Others = e.Charset, others
		e.Charset, e.Second, e.Margin = "UTF-8", "", 0
	case d.utf8*mixShare >= d.names:
		e.Mixed, e.Others = "UTF-8", d.utf8
	}
	return e
}

// ParseCharset returns the registered name (IANA) of a charset given by it or by one of its other names, as
// cp1251, latin1, sjis or gbk; of several with commas between them, to be tried in this order, that of each.
func ParseCharset(s string) (string, error) {
	if first, rest, ok := strings.Cut(s, ","); ok {
		name, err := ParseCharset(first)
		if err != nil {
			return "", err
		}
		others, err := ParseCharset(rest)
		return name + "," + others, err
	}
	lower := strings.ToLower(strings.TrimSpace(s))
	for prefix, registered := range map[string]string{"cp125": "windows-125", "cp": "IBM", "ibm-": "IBM", "dos-": "IBM"} {
		if rest, ok := strings.CutPrefix(lower, prefix); ok && (prefix != "cp" || !strings.HasPrefix(lower, "cp125")) {
			if name, ok := charsetName(ianaindex.IANA.Encoding(registered + rest)); ok {
				return name, nil
			}
		}
	}
	for _, get := range []func(string) (encoding.Encoding, error){ianaindex.IANA.Encoding, ianaindex.MIME.Encoding, htmlindex.Get} {
		if name, ok := charsetName(get(lower)); ok {
			return name, nil
		}
	}
	return "", fmt.Errorf("unknown charset %q", s)
}

// keepsASCII reports whether printable ASCII stands for itself, as it must in pathnames and in the lines of listings: not so in UTF-16 and
// EBCDIC.
func keepsASCII(e encoding.Encoding) bool {
	for c := byte(' '); c < 0x7f; c++ {
		if c == '\\' || c == '~' { // a yen in Japan; an escape in HZ
			continue
		}
		if s, err := e.NewDecoder().String(string([]byte{c})); err != nil || s != string(rune(c)) {
			return false
		}
	}
	return true
}

func charsetName(e encoding.Encoding, err error) (string, bool) {
	if err != nil || e == nil {
		return "", false
	}
	name, err := ianaindex.MIME.Name(e)
	if err != nil {
		name, err = ianaindex.IANA.Name(e)
	}
	if err != nil {
		return "", false
	}
	// What is written must be readable by IANA name, whichever index knew it.
	if again, err := ianaindex.IANA.Encoding(name); err != nil || again == nil || !keepsASCII(again) {
		return "", false
	}
	return name, true
}

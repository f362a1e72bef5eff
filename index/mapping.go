package index

import (
	"math"
	"time"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// Fields of the bleve index. Every one is made of plain terms, without frequencies, norms, positions, stored values or doc
// values: queries are sets, and what a hit shows stands in the entry blocks.
const (
	fieldID    = "_id"   // number in the generation, 6 characters (bleve wants an id)
	fieldWord  = "word"  // maximal runs of letters, digits and marks of the folded name
	fieldGram  = "gram"  // every 3 bytes of the folded name between a begin and an end mark
	fieldAbove = "above" // the same of the name of each directory above, but the top one
	fieldExt   = "ext"   // folded text after the last dot, "." if ext:"" selects the name; no term for directories
	fieldHost  = "host"  // key of the server
	fieldType  = "type"  // file, dir, link, other
	fieldSize  = "size"  // bucket of the size; "~" if a file has none, no term for directories and links
	fieldTime  = "time"  // precision and month of the mtime; "~" if it is unknown
	fieldAdded = "added" // second in which the name first appeared; none if that is unknown
	fieldPerm  = "perm"  // permission bits, four octal digits; none if they are unknown
	fieldOwner = "owner" // folded; none if not given
	fieldGroup = "group"
	fieldMore  = "more" // targetTerm
)

// Marks that stand before and after the folded name in trigrams.
const (
	beginMark = 0x02
	endMark   = 0x03

	anyGramByte = endMark + 1 // control characters up to this one
)

// docTerms are the terms of one document: all that a segmentWriter is told.
type docTerms struct {
	Name   string // folded
	Ext    string // "" if there is none
	Host   string // key of the server
	Type   Type
	Size   string // terms of these fields
	Time   string
	Added  string // "" unknown
	Perm   string // "" unknown
	Owner  string // folded; "" not given
	Group  string
	Target bool // it has a target but is no link

	Up   int      // how many directories end before it, the innermost first
	Down []string // folded names of those that begin with it then, from the top
}

// Terms of documents that have no value. They sort after all values.
const (
	unknownTerm = "~"
	noExtTerm   = "."      // of documents that could have an extension
	targetTerm  = "target" // in fieldMore, of documents that are no links but have a target
)

const noTime = -1 << 63

// hasNoExt reports whether ext:"" selects a name: "a.b." has no last extension, but is not without.
var hasNoExt = query.CompileText(&query.Text{Field: query.Ext, Mode: query.Is})

// termsOf returns the terms of d, a document of a server with this key, whose name folds to name.
func termsOf(d *Document, name, key string, s *Server) docTerms {
	t := docTerms{Name: name, Host: key, Type: d.Type, Perm: d.Perm.String()}
	if d.Type != Dir {
		if t.Ext = query.LastExt(name); t.Ext == "" && hasNoExt(name) {
			t.Ext = noExtTerm
		}
	}
	switch {
	case d.Size >= 0:
		t.Size = sizeTerm(d.Size)
	case d.Type == File || d.Type == Other:
		t.Size = unknownTerm
	}
	t.Time = unknownTerm
	if !d.ModTime.IsZero() {
		t.Time = timeTerm(d.Precision, monthOf(d.ModTime))
	}
	if !d.Added.IsZero() {
		t.Added = secondTerm(d.Added.Unix())
	}
	t.Target = d.Target != "" && d.Type != Link
	if d.Owner != "" {
		t.Owner = query.Fold(s.text(d.Owner))
	}
	if d.Group != "" {
		t.Group = query.Fold(s.text(d.Group))
	}
	return t
}

// eachWord calls yield with each maximal run of word characters of s.
func eachWord(s string, yield func(string)) {
	start := -1
	for i, r := range s {
		if isWord(r) {
			if start < 0 {
				start = i
			}
		} else if start >= 0 {
			yield(s[start:i])
			start = -1
		}
	}
	if start >= 0 {
		yield(s[start:])
	}
}

// fieldNames are the fields that documents are given, but _id: those of several terms, then those of single.
var fieldNames = [...]string{
	wordField: fieldWord, gramField: fieldGram, aboveField: fieldAbove,
	fieldExt, fieldHost, fieldType, fieldSize, fieldTime, fieldAdded, fieldPerm, fieldOwner, fieldGroup, fieldMore,
}

const (
	wordField = iota
	gramField
	aboveField
	firstSingle
)

// single returns the terms of the fields that have one term at most, "" for none, in the order of fieldNames.
func (t *docTerms) single() [10]string {
	more := ""
	if t.Target {
		more = targetTerm
	}
	return [...]string{t.Ext, t.Host, t.Type.String(), t.Size, t.Time, t.Added, t.Perm, t.Owner, t.Group, more}
}

// appendSeq appends n as six characters that sort as the numbers do.
func appendSeq(b []byte, n uint32) []byte {
	for shift := 30; shift >= 0; shift -= 6 {
		b = append(b, '0'+byte(n>>shift&63))
	}
	return b
}

// sizeBucket puts sizes into buckets: below 32 one each, then sixteen for each power of two, so a bucket is at most a
// sixteenth of its sizes wide and the limits of the size classes (10 KiB, 100 KiB, 1 MiB …) fall between buckets. Buckets are in the
// order of the sizes.
func sizeBucket(v int64) int {
	u, e := uint64(v), 0
	for ; u >= 32; u >>= 1 {
		e++
	}
	return e*16 + int(u)
}

// bucketSize returns the smallest size in a bucket.
func bucketSize(b int) int64 {
	if b < 32 {
		return int64(b)
	}
	e := b/16 - 1
	if e > 58 {
		return math.MaxInt64
	}
	return int64(b-e*16) << e
}

// monthOf numbers the months. Years before 0 and after 9999 count as these.
func monthOf(t time.Time) int {
	t = t.UTC()
	return min(max(t.Year(), 0), 9999)*12 + int(t.Month()) - 1
}

// monthStart returns the first second of a month.
func monthStart(m int) int64 {
	return time.Date(m/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC).Unix()
}

// sizeTerm returns the term of a size: its bucket as two characters that sort as the sizes do.
func sizeTerm(size int64) string {
	b := sizeBucket(size)
	return string([]byte{'0' + byte(b>>6), '0' + byte(b&63)})
}

// termBucket is the bucket of a term of sizeTerm.
func termBucket(t string) int { return int(t[0]-'0')<<6 | int(t[1]-'0') }

// timeTerm returns the term of an mtime: its precision, then its month as three characters.
func timeTerm(p parse.Precision, month int) string {
	return string([]byte{'0' + byte(p), '0' + byte(month>>12), '0' + byte(month>>6&63), '0' + byte(month&63)})
}

// termMonth is the opposite of timeTerm.
func termMonth(t string) (parse.Precision, int) {
	return parse.Precision(t[0] - '0'), int(t[1]-'0')<<12 | int(t[2]-'0')<<6 | int(t[3]-'0')
}

// secondTerm returns a time, in seconds since 1970, as eleven characters that sort as the times do.
func secondTerm(sec int64) string {
	var b [11]byte
	u := uint64(sec) ^ 1<<63
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = '0' + byte(u&63)
		u >>= 6
	}
	return string(b[:])
}

// termSecond is the opposite of secondTerm.
func termSecond(t string) int64 {
	u := uint64(0)
	for i := range len(t) {
		u = u<<6 | uint64(t[i]-'0')
	}
	return int64(u ^ 1<<63)
}

// appendGramName appends name between the marks, without control characters that would pass for one. Names that fold to nothing have a
// trigram too, by a second mark.
func appendGramName(b []byte, name string) []byte {
	b = append(b, beginMark)
	for i := range len(name) {
		b = append(b, gramByte(name[i]))
	}
	if name == "" {
		b = append(b, endMark)
	}
	return append(b, endMark)
}

// gramByte is a byte of a name as it stands in trigrams: never a mark; anyGramByte stands for several.
func gramByte(c byte) byte { return max(c, anyGramByte) }

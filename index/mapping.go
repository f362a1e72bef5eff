package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	index "github.com/blevesearch/bleve_index_api"
)

// Fields of the bleve index. Every one is made of plain terms, without frequencies, norms, positions, stored values or doc
// values: queries are sets, and what a hit shows stands in the entry blocks.
const (
	fieldID   = "_id"  // sequence number in the generation, 6 characters (bleve wants an id)
	fieldWord = "word" // maximal runs of letters, digits and marks of the folded name
	fieldGram = "gram" // every 3 bytes of the folded name between a begin and an end mark
	fieldExt  = "ext"  // folded text after the last dot, not of directories; none if there is none
	fieldHost = "host" // key of the server
	fieldType = "type" // file, dir, link, other
	fieldSize = "size" // bucket of the size; none if it is unknown
	fieldTime = "time" // bucket of the mtime; none if it is unknown
)

// Marks that stand before and after the folded name in trigrams.
const (
	beginMark = 0x02
	endMark   = 0x03
)

// docTerms are the terms of one document: all that the writer of segments is told.
type docTerms struct {
	Name string // folded
	Ext  string // "" if there is none
	Host string
	Type Type
	Size int64 // -1 unknown
	Time int64 // seconds since 1970; noTime unknown
}

const noTime = -1 << 63

func termsOf(d *Document, name, host string) docTerms {
	t := docTerms{Name: name, Host: host, Type: d.Type, Size: d.Size, Time: noTime}
	if d.Type != Dir {
		t.Ext = extOf(name)
	}
	if !d.ModTime.IsZero() {
		t.Time = d.ModTime.Unix()
	}
	return t
}

// extOf returns the text after the last dot of a folded name, "" if there is no dot with text on both sides.
func extOf(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i+1:]
	}
	return ""
}

// isWordRune reports whether r is a part of a word: a letter, number or mark.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// eachWord calls yield with each maximal run of word characters of s.
func eachWord(s string, yield func(string)) {
	start := -1
	for i, r := range s {
		if isWordRune(r) {
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

// seqTerm returns n as six characters that sort as the numbers do.
func seqTerm(n uint32) string {
	var b [6]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = '0' + byte(n&63)
		n >>= 6
	}
	return string(b[:])
}

// sizeBucket puts sizes into buckets that are at most an eighth of their size wide: below 16 one each, then eight for each power of
// two. Buckets are in the order of the sizes.
func sizeBucket(v int64) int {
	u, e := uint64(v), 0
	for ; u >= 16; u >>= 1 {
		e++
	}
	return e*8 + int(u)
}

// timeBucket numbers spans of 2^21 seconds, about 24 days. Times before 1902 or after 2107 share the first or last.
func timeBucket(sec int64) int {
	const first, last = -1024, 2071
	return int(min(max(sec>>21, first), last)) - first
}

// bucketTerm returns a bucket as two characters that sort as the numbers do.
func bucketTerm(n int) string { return string([]byte{'0' + byte(n>>6), '0' + byte(n&63)}) }

// A leanDoc is a document for bleve, made of ready terms.
type leanDoc struct {
	id     string
	fields []leanField
}

func (d *leanDoc) ID() string { return d.id }
func (d *leanDoc) Size() int  { return 0 }
func (d *leanDoc) VisitFields(v index.FieldVisitor) {
	for i := range d.fields {
		v(&d.fields[i])
	}
}
func (d *leanDoc) VisitComposite(index.CompositeFieldVisitor) {}
func (d *leanDoc) HasComposite() bool                         { return false }
func (d *leanDoc) NumPlainTextBytes() uint64                  { return 0 }
func (d *leanDoc) StoredFieldsBytes() uint64                  { return 0 }
func (d *leanDoc) Indexed() bool                              { return true }
func (d *leanDoc) AddIDField() {
	d.fields = append(d.fields, leanField{fieldID, index.IndexField | index.StoreField, []byte(d.id), index.TokenFrequencies{d.id: once}})
}

type leanField struct {
	name  string
	opt   index.FieldIndexingOptions
	value []byte
	terms index.TokenFrequencies
}

func (f *leanField) Name() string                                     { return f.name }
func (f *leanField) Value() []byte                                    { return f.value }
func (f *leanField) ArrayPositions() []uint64                         { return nil }
func (f *leanField) EncodedFieldType() byte                           { return 't' }
func (f *leanField) Analyze()                                         {}
func (f *leanField) Options() index.FieldIndexingOptions              { return f.opt }
func (f *leanField) AnalyzedLength() int                              { return len(f.terms) }
func (f *leanField) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.terms }
func (f *leanField) NumPlainTextBytes() uint64                        { return 0 }

var once = func() *index.TokenFreq { f := &index.TokenFreq{}; f.SetFrequency(1); return f }()

// A docMaker makes leanDocs, sharing the terms of fields that have few values.
type docMaker struct {
	shared map[string]index.TokenFrequencies
}

func (m *docMaker) term(t string) index.TokenFrequencies {
	f, ok := m.shared[t]
	if !ok {
		if len(m.shared) > 1<<16 {
			clear(m.shared)
		}
		t = strings.Clone(t)
		f = index.TokenFrequencies{t: once}
		m.shared[t] = f
	}
	return f
}

func (m *docMaker) make(n uint32, t *docTerms) *leanDoc {
	const plain = index.IndexField | index.SkipFreqNorm
	d := &leanDoc{id: seqTerm(n), fields: make([]leanField, 0, 8)}
	add := func(field string, terms index.TokenFrequencies) {
		d.fields = append(d.fields, leanField{name: field, opt: plain, terms: terms})
	}
	words := make(index.TokenFrequencies, 4)
	eachWord(t.Name, func(w string) { words[w] = once })
	add(fieldWord, words)
	s := string([]byte{beginMark}) + t.Name + string([]byte{endMark})
	grams := make(index.TokenFrequencies, len(s)-2)
	for i := 0; i+3 <= len(s); i++ {
		grams[s[i:i+3]] = once
	}
	add(fieldGram, grams)
	if t.Ext != "" {
		add(fieldExt, m.term(t.Ext))
	}
	add(fieldHost, m.term(t.Host))
	add(fieldType, m.term(t.Type.String()))
	if t.Size >= 0 {
		add(fieldSize, m.term(bucketTerm(sizeBucket(t.Size))))
	}
	if t.Time != noTime {
		add(fieldTime, m.term(bucketTerm(timeBucket(t.Time))))
	}
	return d
}

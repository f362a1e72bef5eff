package segment

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/ftpidx/ftpidx/parse"
)

// The benchmarks index real names: all *.ls-lR of the directory $FTPIDX_LISTINGS, as the index package does, but for what it reads
// from archives. They report CPU seconds for a million documents, of all threads, and bytes a document.

const plain = index.IndexField | index.SkipFreqNorm

const (
	fieldWord = iota
	fieldGram
	fieldExt
	fieldHost
	fieldType
	fieldSize
	fieldTime
	fieldPerm
	fieldOwner
	fieldGroup
)

var benchFields = []Field{
	{"word", plain, false}, {"gram", plain, false}, {"ext", plain, false}, {"host", plain, false}, {"type", plain, false}, {"size", plain, false},
	{"time", plain, false}, {"perm", plain, false}, {"owner", plain, false}, {"group", plain, false},
}

type benchDoc struct {
	name, ext, host, typ, size, time, perm, owner, group string
}

var benchDocs = sync.OnceValues(func() ([]benchDoc, error) {
	paths, err := filepath.Glob(filepath.Join(os.Getenv("FTPIDX_LISTINGS"), "*.ls-lR"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no *.ls-lR there")
	}
	var docs []benchDoc
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		host := strings.TrimSuffix(filepath.Base(path), ".ls-lR")
		r := parse.NewReader(f, &parse.Options{Now: now})
		for {
			e, err := r.Read()
			if err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			d := benchDoc{name: strings.ToLower(e.Name), host: host, typ: e.Type.String(), owner: e.Owner, group: e.Group, perm: "644"}
			if i := strings.LastIndexByte(d.name, '.'); i > 0 {
				d.ext = d.name[i+1:]
			}
			d.size = fmt.Sprintf("%02x", 64-leadingZeros(e.Size))
			d.time = e.ModTime.Format("200601")
			docs = append(docs, d)
		}
	}
	return docs, nil
})

func leadingZeros(size int64) (n int) {
	for ; size > 0; size >>= 1 {
		n++
	}
	return n
}

func loadBench(b *testing.B) []benchDoc {
	if os.Getenv("FTPIDX_LISTINGS") == "" {
		b.Skip("FTPIDX_LISTINGS is not set")
	}
	docs, err := benchDocs()
	if err != nil {
		b.Fatal(err)
	}
	return docs
}

func eachWord(s []byte, yield func([]byte)) {
	start := -1
	for i, c := range s {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= 0x80 {
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

func addBench(v *Inverter, n int, d *benchDoc, buf []byte) []byte {
	v.Begin(fmt.Appendf(buf[:0], "%06x", n))
	buf = append(append(append(buf[:0], 2), d.name...), 3)
	eachWord(buf, func(w []byte) { v.Add(fieldWord, w) })
	v.AddTrigrams(fieldGram, buf)
	for f, s := range [...]string{fieldExt: d.ext, fieldHost: d.host, fieldType: d.typ, fieldSize: d.size, fieldTime: d.time, fieldPerm: d.perm, fieldOwner: d.owner, fieldGroup: d.group} {
		if s != "" {
			buf = append(buf[:0], s...)
			v.Add(f, buf)
		}
	}
	return buf
}

// report starts the count of CPU time. The function it returns reports figures for rounds of docs documents.
func report(b *testing.B, docs int) func(bytes int64) {
	b.ReportAllocs()
	start := cpuTime()
	return func(bytes int64) {
		n := float64(docs) * float64(b.N)
		b.ReportMetric((cpuTime()-start).Seconds()/n*1e6, "CPU-s/M")
		b.ReportMetric(n/b.Elapsed().Seconds(), "docs/s")
		if bytes > 0 {
			b.ReportMetric(float64(bytes)/float64(docs), "B/doc")
		}
	}
}

// BenchmarkInvert is all but writing.
func BenchmarkInvert(b *testing.B) {
	docs := loadBench(b)
	v, err := NewInverter(benchFields)
	if err != nil {
		b.Fatal(err)
	}
	done := report(b, len(docs))
	for b.Loop() {
		v.Reset()
		var buf []byte
		for i := range docs {
			buf = addBench(v, i, &docs[i], buf)
		}
	}
	b.ReportMetric(float64(v.Size())/float64(len(docs)), "heldB/doc")
	done(0)
}

// BenchmarkWriteSegment writes one segment.
func BenchmarkWriteSegment(b *testing.B) {
	docs := loadBench(b)
	v, err := NewInverter(benchFields)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "segment")
	done := report(b, len(docs))
	for b.Loop() {
		v.Reset()
		var buf []byte
		for i := range docs {
			buf = addBench(v, i, &docs[i], buf)
		}
		if err := v.WriteSegment(path); err != nil {
			b.Fatal(err)
		}
	}
	fi, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	done(fi.Size())
}

// BenchmarkBleve is the same with bleve's own code: parts of 10,000 documents, then merged.
func BenchmarkBleve(b *testing.B) {
	docs := loadBench(b)
	dir := b.TempDir()
	path := filepath.Join(dir, "segment")
	done := report(b, len(docs))
	for b.Loop() {
		var parts []segment.Segment
		for lo := 0; lo < len(docs); lo += 10_000 {
			part := filepath.Join(dir, fmt.Sprint(lo))
			s, _, err := plugin.New(leanDocs(docs, lo, min(lo+10_000, len(docs))))
			if err != nil {
				b.Fatal(err)
			}
			if err := s.(segment.UnpersistedSegment).Persist(part); err != nil {
				b.Fatal(err)
			}
			if s, err = plugin.Open(part); err != nil {
				b.Fatal(err)
			}
			parts = append(parts, s)
		}
		if _, _, err := plugin.Merge(parts, make([]*roaring.Bitmap, len(parts)), path, nil, nil); err != nil {
			b.Fatal(err)
		}
		for _, s := range parts {
			s.Close()
		}
	}
	fi, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	done(fi.Size())
}

var once = &index.TokenFreq{}

// leanDocs are documents of bleve that cost as little as they can.
func leanDocs(docs []benchDoc, lo, hi int) []index.Document {
	shared := map[string]index.TokenFrequencies{}
	out := make([]index.Document, 0, hi-lo)
	for i := lo; i < hi; i++ {
		d := &docs[i]
		b := &bleveDoc{id: fmt.Sprintf("%06x", i)}
		add := func(f int, terms index.TokenFrequencies) {
			b.fields = append(b.fields, &bleveField{benchFields[f].Name, plain, "", 0, terms})
		}
		name := append(append([]byte{2}, d.name...), 3)
		words, grams := index.TokenFrequencies{}, make(index.TokenFrequencies, len(name))
		eachWord(name, func(w []byte) { words[string(w)] = once })
		for k := 0; k+3 <= len(name); k++ {
			grams[string(name[k:k+3])] = once
		}
		add(fieldWord, words)
		add(fieldGram, grams)
		for f, s := range [...]string{fieldExt: d.ext, fieldHost: d.host, fieldType: d.typ, fieldSize: d.size, fieldTime: d.time, fieldPerm: d.perm, fieldOwner: d.owner, fieldGroup: d.group} {
			if s != "" {
				if shared[s] == nil {
					shared[s] = index.TokenFrequencies{s: once}
				}
				add(f, shared[s])
			}
		}
		b.AddIDField()
		out = append(out, b)
	}
	return out
}

// BenchmarkDeep writes a million documents below directories with 25,000 trigrams in their names: what that takes must not be the product of both.
func BenchmarkDeep(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	path := make([]byte, 25_000)
	for i := range path {
		path[i] = byte(' ' + r.IntN(90))
	}
	for b.Loop() {
		v, err := NewInverter([]Field{{"runs", plain, true}})
		if err != nil {
			b.Fatal(err)
		}
		v.OpenTrigrams(0, path)
		var id [4]byte
		for i := range uint32(1_000_000) {
			binary.BigEndian.PutUint32(id[:], i)
			v.Begin(id[:])
		}
		v.CloseTrigrams(0, path)
		if err := v.WriteSegment(filepath.Join(b.TempDir(), "deep")); err != nil {
			b.Fatal(err)
		}
	}
}

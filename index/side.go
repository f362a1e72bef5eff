package index

import (
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// A side directory, side-<n>, holds what changes without generations being written again: for each generation in force
//
//	gen-<n>.copies  which of its documents have copies anywhere, and how many: length of set (4), set (a roaring bitmap), one
//	                count (4) for each document of the set
//	gen-<n>.seen    if documents were seen again since it was built, the runs of times seen that hold instead of its own:
//	                number of runs (4), runs as in its columns
//
// after a magic and the CRC-32C of that (4); little endian. Each publication writes a new one. A count includes the document itself.
const (
	sideMagic  = "ftpidxS2"
	seenMagic  = "ftpidxT2"
	sideHead   = len(sideMagic) + 4
	copiesExt  = ".copies"
	seenExt    = ".seen"
	sidePrefix = "side-"
)

func sideDir(dir string, n uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%d", sidePrefix, n))
}

// A sideData is what a side directory says of a generation.
type sideData struct {
	m      *mapped
	set    *roaring.Bitmap // documents with copies
	counts u32s            // of each document of set
	runs   []seenRun       // nil: those of the generation hold
	checked
}

// openSide opens what side directory n of dir says of a generation. The error is errGone if the directory is not there.
func openSide(dir string, n uint64, gen string) (_ *sideData, err error) {
	base := filepath.Join(sideDir(dir, n), gen)
	s := &sideData{set: roaring.New()}
	if s.m, err = mapFile(base + copiesExt); errors.Is(err, fs.ErrNotExist) {
		return nil, errGone
	} else if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.m.Close()
		}
	}()
	b := s.m.data
	if len(b) < sideHead+4 || string(b[:len(sideMagic)]) != sideMagic {
		return nil, corrupt(s.m.path, "not a side file")
	}
	b = b[sideHead:] // the checksum is for Verify and Check: it takes reading all
	size := int64(binary.LittleEndian.Uint32(b))
	if b = b[4:]; size > int64(len(b)) {
		return nil, corrupt(s.m.path, "cut short")
	}
	err = guard(s.m.path, func() error {
		_, err := s.set.FromBuffer(b[:size])
		return err
	})
	if err != nil {
		return nil, corrupt(s.m.path, "%v", err)
	}
	s.counts = b[size:]
	if uint64(len(s.counts)) != 4*s.set.GetCardinality() {
		return nil, corrupt(s.m.path, "%d bytes of counts of %d documents", len(s.counts), s.set.GetCardinality())
	}
	if s.runs, err = readRuns(base + seenExt); errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	return s, err
}

// readRuns reads a file of times seen.
func readRuns(path string) ([]seenRun, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < sideHead+4 || string(b[:len(seenMagic)]) != seenMagic {
		return nil, corrupt(path, "not a file of times seen")
	}
	sum, b := binary.LittleEndian.Uint32(b[len(seenMagic):]), b[sideHead:]
	if sum != crc32.Checksum(b, castagnoli) || len(b)-4 != 12*int(binary.LittleEndian.Uint32(b)) {
		return nil, corrupt(path, "the checksum is wrong")
	}
	return decodeRuns(b[4:]), nil
}

// check compares the copies with their checksum, reading them at a pace unless that is nil; times seen were compared when they were
// opened. A file that has gone is not damage: there is a newer one.
func (s *sideData) check(p *pace) (damage []error) {
	r, err := os.Open(s.m.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return []error{&FileError{s.m.path, err}}
	}
	defer r.Close()
	var head [sideHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return []error{corrupt(s.m.path, "cut short")}
	}
	sum, _, err := sumReader(r, p)
	if err != nil {
		return []error{&FileError{s.m.path, err}}
	}
	if sum != binary.LittleEndian.Uint32(head[len(sideMagic):]) {
		return []error{corrupt(s.m.path, "the checksum is wrong")}
	}
	return nil
}

// writeSideFile writes a side file: b is sideHead bytes, which it fills in, and what follows them.
func writeSideFile(path, magic string, b []byte) error {
	binary.LittleEndian.PutUint32(b[copy(b, magic):], crc32.Checksum(b[sideHead:], castagnoli))
	return writeFileSync(path, b)
}

func decodeRuns(b []byte) []seenRun {
	runs := make([]seenRun, 0, len(b)/12)
	for ; len(b) >= 12; b = b[12:] {
		runs = append(runs, seenRun{binary.LittleEndian.Uint32(b), int64(binary.LittleEndian.Uint64(b[4:]))})
	}
	return runs
}

func appendRuns(b []byte, runs []seenRun) []byte {
	for _, r := range runs {
		b = binary.LittleEndian.AppendUint32(b, r.first)
		b = binary.LittleEndian.AppendUint64(b, uint64(r.sec))
	}
	return b
}

// writeSide writes the side directory path for the generations in shards, in force. Runs are the times seen that hold
// instead of a generation's own, by its directory.
func writeSide(path string, shards []*shard, runs map[string][]seenRun) error {
	if err := os.Mkdir(path, 0o755); err != nil {
		return err
	}
	for i, counted := range countCopies(shards) {
		name := filepath.Join(path, filepath.Base(shards[i].dir))
		set := roaring.New()
		slices.SortFunc(counted, func(a, b copyCount) int { return int(a.doc) - int(b.doc) })
		for _, c := range counted {
			set.Add(c.doc)
		}
		set.RunOptimize()
		bits, err := set.ToBytes()
		if err != nil {
			return err
		}
		b := make([]byte, sideHead, sideHead+4+len(bits)+4*len(counted))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(bits)))
		b = append(b, bits...)
		for _, c := range counted {
			b = binary.LittleEndian.AppendUint32(b, c.count)
		}
		if err := writeSideFile(name+copiesExt, sideMagic, b); err != nil {
			return err
		}
		if r := runs[filepath.Base(shards[i].dir)]; r != nil {
			b := binary.LittleEndian.AppendUint32(make([]byte, sideHead), uint32(len(r)))
			if err := writeSideFile(name+seenExt, seenMagic, appendRuns(b, r)); err != nil {
				return err
			}
		}
	}
	return syncDir(path)
}

type copyCount struct{ doc, count uint32 }

// countCopies returns for each shard its documents in force that have copies in force in any shard, by merging their tables.
func countCopies(shards []*shard) [][]copyCount {
	out := make([][]copyCount, len(shards))
	var h copyHeap
	for i, s := range shards {
		c := &copyCursor{shard: i, f: s.copies, live: s.live}
		if c.next() {
			h = append(h, c)
		}
	}
	heap.Init(&h)
	type member struct {
		shard int
		doc   uint32
	}
	var group []member
	for len(h) > 0 {
		hash := h[0].hash
		group = group[:0]
		for len(h) > 0 && h[0].hash == hash {
			group = append(group, member{h[0].shard, h[0].doc})
			if h[0].next() {
				heap.Fix(&h, 0)
			} else {
				heap.Pop(&h)
			}
		}
		if len(group) > 1 {
			for _, m := range group {
				out[m.shard] = append(out[m.shard], copyCount{m.doc, uint32(len(group))})
			}
		}
	}
	return out
}

// A copyCursor goes through a table of copies, by hash, leaving out what is not in force.
type copyCursor struct {
	shard int
	f     *copyFile
	live  *roaring.Bitmap
	i     int
	hash  uint64
	doc   uint32
}

func (c *copyCursor) next() bool {
	for c.i < c.f.n {
		c.hash, c.doc = c.f.hashAt(c.i), c.f.doc.at(uint32(c.i))
		c.i++
		if c.live.Contains(c.doc) {
			return true
		}
	}
	return false
}

type copyHeap []*copyCursor

func (h copyHeap) Len() int           { return len(h) }
func (h copyHeap) Less(i, j int) bool { return h[i].hash < h[j].hash }
func (h copyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *copyHeap) Push(x any)        { *h = append(*h, x.(*copyCursor)) }
func (h *copyHeap) Pop() any          { c := (*h)[len(*h)-1]; *h = (*h)[:len(*h)-1]; return c }

// seen returns the runs of times seen that hold for the generation.
func (s *shard) seen() []seenRun {
	if s.side != nil && s.side.runs != nil {
		return s.side.runs
	}
	return s.cols.seen
}

// copiesOf returns how many copies of document n there are, itself included.
func (s *shard) copiesOf(n uint32) int {
	if s.side == nil || !s.side.set.Contains(n) {
		return 1
	}
	return int(s.side.counts.at(uint32(s.side.set.Rank(n) - 1)))
}

// copied returns the documents of within that have from lo to hi copies.
func (s *shard) copied(lo, hi int64, within *roaring.Bitmap) *roaring.Bitmap {
	if s.side == nil {
		if lo <= 1 && 1 <= hi {
			return within
		}
		return none
	}
	set := s.side.set // all counts are 2 or more
	if lo > 2 || hi < math.MaxInt64 {
		var some []uint32
		s.eachCopied(func(n, count uint32) {
			if lo <= int64(count) && int64(count) <= hi {
				some = append(some, n)
			}
		})
		set = roaring.BitmapOf(some...)
	}
	set = roaring.And(set, within)
	if lo <= 1 && 1 <= hi {
		set.Or(roaring.AndNot(within, s.side.set))
	}
	return set
}

// eachCopied calls yield with the documents that have copies.
func (s *shard) eachCopied(yield func(n, count uint32)) {
	if s.side == nil {
		return
	}
	i := uint32(0)
	for it := s.side.set.Iterator(); it.HasNext(); i++ {
		yield(it.Next(), s.side.counts.at(i))
	}
}

// seenAt returns when document n was seen.
func (s *shard) seenAt(n uint32) time.Time {
	t, _ := seenAt(s.seen(), n)
	return t
}

// spliceRuns returns runs with those of the documents [first, end) replaced.
func spliceRuns(runs []seenRun, first, end uint32, with []seenRun) []seenRun {
	var out []seenRun
	add := func(r seenRun) {
		if k := len(out); k == 0 || out[k-1].sec != r.sec {
			out = append(out, r)
		}
	}
	after := seenRun{end, noTime}
	for _, r := range runs {
		if r.first < first {
			add(r)
		}
		if r.first <= end {
			after.sec = r.sec
		}
	}
	for _, r := range with {
		add(r)
	}
	add(after)
	for _, r := range runs {
		if r.first > end {
			add(r)
		}
	}
	return out
}

package segment

// An arena holds the lists of documents of all terms. A list is a chain of blocks, each twice as long as the one before, up to
// maxBlock: seldom more than a third of a list is unused, and no list is ever moved. The last four bytes of a full block say
// where the next begins.
//
// The first document of a term stands in the term itself, so a term in one document takes no block. Each further one adds its
// distance from the one before as a uvarint; if frequencies are kept, twice the distance, plus 1 if the frequency of the one
// before is 1, else followed by that frequency. The frequency of the last document stands in the term.
type arena struct {
	pages [][]byte // each of arenaPage bytes; a block is in one page
	used  int      // pages in use
	off   uint32   // of the free place in the last of them
	over  bool     // a block found no place: nothing here is of use any more
}

const (
	pageBits  = 20
	arenaPage = 1 << pageBits
	minBlock  = 12 // with the address of the next
	maxLevel  = 8
	maxPages  = 1 << (32 - pageBits)
)

// blockSize returns the length of the block of this number in a list.
func blockSize(level uint32) uint32 { return minBlock << min(level, maxLevel) }

// alloc returns the address of a new block. It is never 0.
func (a *arena) alloc(size uint32) uint32 {
	if a.used == 0 || a.off+size > arenaPage {
		if a.used == maxPages {
			a.over = true
			return 1
		}
		if a.used == len(a.pages) {
			a.pages = append(a.pages, make([]byte, arenaPage))
		}
		a.used++
		a.off = 0
		if a.used == 1 {
			a.off = 1
		}
	}
	p := uint32(a.used-1)<<pageBits | a.off
	a.off += size
	return p
}

func (a *arena) size() int { return a.used << pageBits }

func (a *arena) reset() { a.used, a.off, a.over = 0, 0, false }

// add appends a number to the list of t.
func (a *arena) add(t *term, x uint32) {
	for x >= 0x80 {
		a.put(t, byte(x)|0x80)
		x >>= 7
	}
	a.put(t, byte(x))
}

// addFreq appends the frequency of the last document, and the distance of doc from it.
func (a *arena) addFreq(t *term, doc uint32) {
	d := doc - t.last // less than 2^31
	if t.freq == 1 {
		a.add(t, d<<1|1)
		return
	}
	a.add(t, d<<1)
	a.add(t, t.freq)
}

func (a *arena) put(t *term, c byte) {
	if t.tail == t.end {
		a.extend(t)
	}
	a.pages[t.tail>>pageBits][t.tail&(arenaPage-1)] = c
	t.tail++
}

// extend gives t a new block.
func (a *arena) extend(t *term) {
	size := blockSize(t.level)
	p := a.alloc(size)
	if t.level == 0 {
		t.head = p
	} else {
		next := a.pages[t.end>>pageBits][t.end&(arenaPage-1):]
		next[0], next[1], next[2], next[3] = byte(p), byte(p>>8), byte(p>>16), byte(p>>24)
	}
	t.level++
	t.tail, t.end = p, p+size-4
}

// A listReader reads what add appended.
type listReader struct {
	a     *arena
	block []byte
	next  uint32 // address of the block after it
	level uint32
}

func (r *listReader) load() {
	size := blockSize(r.level)
	p := r.a.pages[r.next>>pageBits][r.next&(arenaPage-1):][:size]
	end := p[size-4:]
	r.block, r.next = p[:size-4], uint32(end[0])|uint32(end[1])<<8|uint32(end[2])<<16|uint32(end[3])<<24
	r.level++
}

func (r *listReader) read() uint32 {
	if len(r.block) == 0 {
		r.load()
	}
	c := r.block[0]
	r.block = r.block[1:]
	if c < 0x80 {
		return uint32(c)
	}
	x := uint32(c & 0x7f)
	for s := 7; ; s += 7 {
		if len(r.block) == 0 {
			r.load()
		}
		c := r.block[0]
		r.block = r.block[1:]
		x |= uint32(c&0x7f) << s
		if c < 0x80 {
			return x
		}
	}
}

// docs appends the documents of t to docs and, if freqs is not nil, their frequencies to it.
func (a *arena) docs(t *term, docs []uint32, freqs *[]uint32) []uint32 {
	d := t.first
	docs = append(docs, d)
	r := listReader{a: a, next: t.head}
	if freqs == nil {
		for range t.n - 1 {
			d += r.read()
			docs = append(docs, d)
		}
		return docs
	}
	for range t.n - 1 {
		x := r.read()
		f := uint32(1)
		if x&1 == 0 {
			f = r.read()
		}
		*freqs = append(*freqs, f)
		d += x >> 1
		docs = append(docs, d)
	}
	*freqs = append(*freqs, t.freq)
	return docs
}

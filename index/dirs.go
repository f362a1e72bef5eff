package index

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// The directory table has one record for each directory that holds a document at any depth, in document order (so a
// directory stands before all below it), for all servers of the generation:
//
//	file   = magic count (4) record* entries name bytes
//	record = parent (4)  number of the record of the directory above; its own number for a root
//	         first (4)   number of its first document
//	         end (4)     one more than the last of its own documents; first if it has none
//	         below (4)   one more than the last document at any depth
//	         last (4)    one more than the last record below it
//	         entry (4)   document that is its own entry in the directory above; none (all ones) if nothing listed it
//	         name (4)    offset of its name, the last element of its pathname, in the name bytes
//	entries = count × 8  entry and number of each record, in the order of their entries, those without entry last
//
// All little endian. The name of record i ends where that of i+1 begins.
const (
	dirMagic  = "ftpidxD1"
	dirRecord = 28
	noEntry   = ^uint32(0)
)

// A dirInfo is a record of the directory table, but for its name.
type dirInfo struct {
	parent, first, end, below, last, entry uint32
}

// A dirTable is built while documents are added in order.
type dirTable struct {
	dirs  []dirInfo
	names []string
	after []uint32  // own document of the parent before which the block stands in order of paths; noEntry: not known
	stack []openDir // the directories above and including the current one
	path  string

	// What has happened since moves was called, the top directories of servers left out.
	ended int
	begun []string
}

type openDir struct {
	id      uint32
	subs    map[string]subDir // entries of type dir among its documents, by name, until passed
	pending []string          // names in subs whose after is not known yet
}

type subDir struct{ entry, after uint32 }

// begin starts a new server at document n.
func (t *dirTable) begin(n uint32) {
	t.finish(n)
	t.push("", n)
	t.path = "/"
}

func (t *dirTable) push(name string, n uint32) {
	d := dirInfo{parent: uint32(len(t.dirs)), first: n, end: n, entry: noEntry}
	after := uint32(noEntry)
	if k := len(t.stack); k > 0 {
		t.begun = append(t.begun, name)
		up := &t.stack[k-1]
		d.parent = up.id
		if s, ok := up.subs[name]; ok {
			d.entry, after = s.entry, s.after
			if after == noEntry {
				after = t.dirs[up.id].end
			}
			delete(up.subs, name)
		}
	}
	t.after = append(t.after, after)
	t.stack = append(t.stack, openDir{id: uint32(len(t.dirs))})
	t.dirs = append(t.dirs, d)
	t.names = append(t.names, strings.Clone(name)) // it is a part of a whole pathname
}

func (t *dirTable) pop(n uint32) {
	top := len(t.stack) - 1
	d := &t.dirs[t.stack[top].id]
	d.below, d.last = n, uint32(len(t.dirs))
	t.stack = t.stack[:top]
	if top > 0 {
		t.ended++
	}
}

// moves returns how many directories have ended since the last document, and the names of those that have begun then.
func (t *dirTable) moves() (ended int, begun []string) {
	ended, begun = t.ended, t.begun
	t.ended, t.begun = 0, nil
	return ended, begun
}

// finish closes all directories at document n.
func (t *dirTable) finish(n uint32) {
	for len(t.stack) > 0 {
		t.pop(n)
	}
}

// add puts document n into its directory, opening and closing directories as needed.
// The caller has checked the order.
func (t *dirTable) add(n uint32, d *Document) {
	if d.Dir != t.path {
		was, now := splitDir(t.path), splitDir(d.Dir)
		k := 0
		for k < len(was) && k < len(now) && was[k] == now[k] {
			k++
		}
		for len(t.stack) > k+1 {
			t.pop(n)
		}
		for _, name := range now[k:] {
			t.push(name, n)
		}
		t.path = d.Dir
	}
	top := &t.stack[len(t.stack)-1]
	t.dirs[top.id].end = n + 1
	top.pending = slices.DeleteFunc(top.pending, func(sub string) bool {
		if d.Name < sub+"/" {
			return false
		}
		s := top.subs[sub]
		s.after = n
		top.subs[sub] = s
		return true
	})
	if d.Type == Dir {
		if top.subs == nil {
			top.subs = map[string]subDir{}
		}
		name := strings.Clone(d.Name) // it may be a part of a whole listing
		top.subs[name] = subDir{n, noEntry}
		top.pending = append(top.pending, name)
	}
}

// byPath yields the documents in the order of host and path, as bytes. In that order the block below a directory
// does not always follow its entry: "/a" < "/a-b" < "/a/x". nameAt gives the name of a document.
func (t *dirTable) byPath(nameAt func(uint32) (string, error), yield func(uint32) error) error {
	type frame struct {
		next, end uint32
		subs      []uint32
	}
	var stack []frame
	open := func(id uint32) error {
		d := &t.dirs[id]
		f := frame{next: d.first, end: d.end}
		for s := id + 1; s < d.last; s = t.dirs[s].last {
			if t.after[s] == noEntry {
				// Nothing listed this directory: look where its entry would be.
				lo, hi := d.first, d.end
				for lo < hi {
					mid := lo + (hi-lo)/2
					name, err := nameAt(mid)
					if err != nil {
						return err
					}
					if name < t.names[s]+"/" {
						lo = mid + 1
					} else {
						hi = mid
					}
				}
				t.after[s] = lo
			}
			f.subs = append(f.subs, s)
		}
		slices.SortFunc(f.subs, func(a, b uint32) int {
			return cmp.Or(cmp.Compare(t.after[a], t.after[b]), strings.Compare(t.names[a]+"/", t.names[b]+"/"))
		})
		stack = append(stack, f)
		return nil
	}
	for root := uint32(0); root < uint32(len(t.dirs)); root = t.dirs[root].last {
		if err := open(root); err != nil {
			return err
		}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			switch {
			case len(f.subs) > 0 && t.after[f.subs[0]] <= f.next:
				s := f.subs[0]
				f.subs = f.subs[1:]
				if err := open(s); err != nil {
					return err
				}
			case f.next < f.end:
				f.next++
				if err := yield(f.next - 1); err != nil {
					return err
				}
			default:
				stack = stack[:len(stack)-1]
			}
		}
	}
	return nil
}

func splitDir(dir string) []string {
	if dir == "/" {
		return nil
	}
	return strings.Split(dir[1:], "/")
}

// compareDirs orders the directories of a server as documents are ordered: each before what is below it, those of
// one directory by the bytes of their names.
func compareDirs(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] == b[i] {
			continue
		}
		switch {
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		case a[i] < b[i]:
			return -1
		}
		return 1
	}
	switch {
	case len(a) == len(b):
		return 0
	case len(a) < len(b):
		return -1
	}
	return 1
}

// write writes the file of the finished table.
func (t *dirTable) write(path string) error {
	w, err := createFile(path)
	if err != nil {
		return err
	}
	defer w.abort()
	w.WriteString(dirMagic) // errors of a bufio.Writer stay
	w.u32(uint32(len(t.dirs)))
	off := uint64(0)
	for i, d := range t.dirs {
		for _, v := range [...]uint32{d.parent, d.first, d.end, d.below, d.last, d.entry, uint32(off)} {
			w.u32(v)
		}
		off += uint64(len(t.names[i]))
		if off > 1<<32-1 {
			return fmt.Errorf("index: more than 4 GiB of directory names in a generation")
		}
	}
	order := make([]uint32, len(t.dirs))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(a, b uint32) int { return cmp.Compare(t.dirs[a].entry, t.dirs[b].entry) })
	for _, i := range order {
		w.u32(t.dirs[i].entry)
		w.u32(i)
	}
	for _, n := range t.names {
		w.WriteString(n)
	}
	return w.close()
}

// A dirFile is a mapped directory table.
type dirFile struct {
	m       *mapped
	n       int
	recs    []byte
	entries u32s
	names   []byte
}

func openDirs(path string) (*dirFile, error) {
	m, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	head := len(dirMagic) + 4
	if len(m.data) < head || string(m.data[:len(dirMagic)]) != dirMagic {
		m.Close()
		return nil, corrupt(path, "not a directory table")
	}
	n := int(binary.LittleEndian.Uint32(m.data[len(dirMagic):]))
	b := m.data[head:]
	if n > len(b)/(dirRecord+8) {
		m.Close()
		return nil, corrupt(path, "directory table cut short")
	}
	return &dirFile{m, n, b[:n*dirRecord], u32s(b[n*dirRecord : n*(dirRecord+8)]), b[n*(dirRecord+8):]}, nil
}

func (f *dirFile) u32(i, k int) uint32 { return binary.LittleEndian.Uint32(f.recs[i*dirRecord+4*k:]) }

// name returns the last element of the pathname of directory i, "" for a root. It is the server's bytes.
func (f *dirFile) name(i int) string {
	lo, hi := uint64(f.u32(i, 6)), uint64(len(f.names))
	if i+1 < f.n {
		hi = uint64(f.u32(i+1, 6))
	}
	if lo > hi || hi > uint64(len(f.names)) {
		return ""
	}
	return string(f.names[lo:hi])
}

// path returns the pathname of directory i.
func (f *dirFile) path(i int) string {
	var elems []string
	for range f.n {
		up := int(f.u32(i, 0))
		if up >= i {
			break
		}
		elems = append(elems, f.name(i))
		i = up
	}
	if len(elems) == 0 {
		return "/"
	}
	var b strings.Builder
	for k := len(elems) - 1; k >= 0; k-- {
		b.WriteByte('/')
		b.WriteString(elems[k])
	}
	return b.String()
}

// of returns the directory that holds document n.
func (f *dirFile) of(n uint32) int {
	return sort.Search(f.n, func(i int) bool { return f.u32(i, 1) > n }) - 1
}

package ftptest

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Tree is a file system in memory, made to be served. It implements [fs.FS], [fs.ReadDirFS],
// [fs.StatFS] and [fs.ReadLinkFS], with these differences to what fs demands:
//
//   - names may hold any bytes but a slash, UTF-8 or not, as on a Unix disk;
//   - files have sizes without holding bytes: what was not given reads as zeros;
//   - directories that others may not search or read are refused with [fs.ErrPermission].
//
// It may be read and added to by several goroutines at once.
type Tree struct {
	mu   sync.RWMutex
	root *node
	time time.Time
}

// A Node is what [Tree.Add] puts at a pathname.
type Node struct {
	Mode    fs.FileMode // type and permissions; 0: a file, 0644
	Size    int64       // of a file; 0: the length of Data
	ModTime time.Time   // zero: the tree's
	Data    string      // first bytes of a file
	Target  string      // of a symbolic link
	Meta    *Meta       // owner, group, links; nil: ftp, ftp, and 1 for files or 2 + subdirectories
}

type node struct {
	Node
	name     string
	children map[string]*node
	subdirs  int
}

// NewTree returns an empty Tree in which everything dates from t unless said otherwise.
func NewTree(t time.Time) *Tree {
	return &Tree{time: t, root: &node{Node: Node{Mode: fs.ModeDir | 0o755, Size: 4096, ModTime: t}, name: ".", children: map[string]*node{}}}
}

// Dir adds directories, with 0755 and their parents. It returns t.
func (t *Tree) Dir(names ...string) *Tree {
	for _, n := range names {
		t.Add(n, Node{Mode: fs.ModeDir | 0o755})
	}
	return t
}

// File adds a file of some size, 0644. It returns t.
func (t *Tree) File(name string, size int64, modified time.Time) *Tree {
	return t.Add(name, Node{Size: size, ModTime: modified})
}

// Add puts n at name, slash-separated, with or without a slash in front; parents are made. What was there
// before is replaced, a directory keeping its children. It returns t.
func (t *Tree) Add(name string, n Node) *Tree {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.Mode == 0 {
		n.Mode = 0o644
	}
	if n.ModTime.IsZero() {
		n.ModTime = t.time
	}
	if n.Size == 0 {
		switch {
		case n.Mode.IsDir():
			n.Size = 4096
		case n.Target != "":
			n.Size = int64(len(n.Target))
		default:
			n.Size = int64(len(n.Data))
		}
	}
	d := t.root
	elems := split(name)
	for i, e := range elems {
		c := d.children[e]
		if c == nil {
			c = &node{Node: Node{Mode: fs.ModeDir | 0o755, Size: 4096, ModTime: n.ModTime}, name: e}
			if i == len(elems)-1 {
				c.Node = n
			}
			d.children[e] = c
			if c.Mode.IsDir() {
				d.subdirs++
			}
		} else if i == len(elems)-1 {
			if c.Mode.IsDir() && !n.Mode.IsDir() {
				d.subdirs--
			} else if !c.Mode.IsDir() && n.Mode.IsDir() {
				d.subdirs++
			}
			c.Node = n
		}
		if c.Mode.IsDir() && c.children == nil {
			c.children = make(map[string]*node)
		}
		d = c
	}
	if len(elems) == 0 {
		t.root.Node = n
	}
	return t
}

// Remove takes name away, with everything below it.
func (t *Tree) Remove(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	elems := split(name)
	if len(elems) == 0 {
		return
	}
	d, _ := t.find(strings.Join(elems[:len(elems)-1], "/"), false, 0)
	if d == nil {
		return
	}
	last := elems[len(elems)-1]
	if c := d.children[last]; c != nil && c.Mode.IsDir() {
		d.subdirs--
	}
	delete(d.children, last)
}

func split(name string) []string {
	return strings.FieldsFunc(path.Clean("/"+name), func(r rune) bool { return r == '/' })
}

// find walks to name, following links in the middle, and at the end if follow says so.
func (t *Tree) find(name string, follow bool, depth int) (*node, error) {
	if depth > 40 { // as Linux: ELOOP
		return nil, fs.ErrNotExist
	}
	d := t.root
	elems := split(name)
	for i, e := range elems {
		if !d.Mode.IsDir() {
			return nil, fs.ErrNotExist
		}
		if d.Mode&0o001 == 0 {
			return nil, fs.ErrPermission
		}
		c := d.children[e]
		if c == nil {
			return nil, fs.ErrNotExist
		}
		if c.Mode&fs.ModeSymlink != 0 && (follow || i < len(elems)-1) {
			to := c.Target
			if !strings.HasPrefix(to, "/") {
				to = strings.Join(elems[:i], "/") + "/" + to
			}
			return t.find(to+"/"+strings.Join(elems[i+1:], "/"), follow, depth+1)
		}
		d = c
	}
	return d, nil
}

func (t *Tree) lookup(op, name string, follow bool) (*node, error) {
	n, err := t.find(name, follow, 0)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return n, nil
}

// Open opens name, following links. A directory that others may not search is refused.
func (t *Tree) Open(name string) (fs.File, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.lookup("open", name, true)
	if err != nil {
		return nil, err
	}
	if n.Mode.IsDir() && n.Mode&0o001 == 0 || !n.Mode.IsDir() && n.Mode&0o004 == 0 {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	f := &file{info: n.info(), data: n.Data}
	if n.Mode.IsDir() && n.Mode&0o004 != 0 {
		f.entries = n.entries()
	}
	return f, nil
}

// ReadDir returns the entries of the directory name, sorted by the bytes of their names.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.lookup("readdir", name, true)
	if err != nil {
		return nil, err
	}
	if !n.Mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	if n.Mode&0o004 == 0 {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrPermission}
	}
	return n.entries(), nil
}

// Stat describes name, following links.
func (t *Tree) Stat(name string) (fs.FileInfo, error) { return t.stat("stat", name, true) }

// Lstat describes name without following a link at its end.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) { return t.stat("lstat", name, false) }

func (t *Tree) stat(op, name string, follow bool) (fs.FileInfo, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.lookup(op, name, follow)
	if err != nil {
		return nil, err
	}
	return n.info(), nil
}

// ReadLink returns the target of the symbolic link name.
func (t *Tree) ReadLink(name string) (string, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, err := t.lookup("readlink", name, false)
	if err != nil {
		return "", err
	}
	return n.Target, nil
}

func (n *node) entries() []fs.DirEntry {
	entries := make([]fs.DirEntry, 0, len(n.children))
	for _, c := range n.children {
		entries = append(entries, fs.FileInfoToDirEntry(c.info()))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries
}

func (n *node) info() info {
	i := info{Node: n.Node, name: n.name}
	if i.Meta == nil && n.Mode.IsDir() {
		i.Meta = &Meta{Links: 2 + n.subdirs}
	}
	return i
}

// info is a snapshot of a node.
type info struct {
	Node
	name string
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.Node.Size }
func (i info) Mode() fs.FileMode  { return i.Node.Mode }
func (i info) ModTime() time.Time { return i.Node.ModTime }
func (i info) IsDir() bool        { return i.Node.Mode.IsDir() }
func (i info) Sys() any           { return i.Meta }

// file is an open Node.
type file struct {
	info    info
	data    string
	entries []fs.DirEntry
	off     int64
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

func (f *file) Read(p []byte) (int, error) {
	if f.info.IsDir() {
		return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: fs.ErrInvalid}
	}
	left := f.info.Size() - f.off
	if left <= 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), left)]
	n := 0
	if f.off < int64(len(f.data)) {
		n = copy(p, f.data[f.off:])
	}
	clear(p[n:])
	f.off += int64(len(p))
	return len(p), nil
}

func (f *file) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		all := f.entries
		f.entries = nil
		return all, nil
	}
	if len(f.entries) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.entries))
	head := f.entries[:n]
	f.entries = f.entries[n:]
	return head, nil
}

package index

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/ftpidx/ftpidx/index/query"
)

// Directories: what stands in the path above a document is found among the documents of type dir, by their names, and widened to the
// interval of documents below each, with the directory table. Directories that nothing listed have no document; they are few, and
// looked at one by one. Documents are never asked for their paths one by one, but by globs and regular expressions on paths.

// parentOf returns the record above record i; root says that i is one and has none.
func (f *dirFile) parentOf(i uint32) (up uint32, root bool) {
	up = f.u32(int(i), 0)
	return up, up >= i
}

func (f *dirFile) entryOf(i uint32) uint32 { return f.u32(int(i), 5) }

// own returns the interval of the own documents of a directory.
func (f *dirFile) own(i uint32) (first, end uint32) { return f.u32(int(i), 1), f.u32(int(i), 2) }

// below returns the interval of the documents at any depth below a directory.
func (f *dirFile) below(i uint32) (first, end uint32) { return f.u32(int(i), 1), f.u32(int(i), 3) }

// listedEntry returns the entry, and record the record, that is number k in the order of entries.
func (f *dirFile) listedEntry(k int) uint32 { return f.entries.at(uint32(2 * k)) }
func (f *dirFile) record(k int) uint32      { return f.entries.at(uint32(2*k + 1)) }

// listed returns how many of the records have an entry.
func (f *dirFile) listed() int {
	return sort.Search(f.n, func(k int) bool { return f.listedEntry(k) == noEntry })
}

// recordsOf returns the records of the directories whose entries are in docs. An empty directory has no record.
func (f *dirFile) recordsOf(docs *roaring.Bitmap) []uint32 {
	listed := f.listed()
	var out []uint32
	k, it := 0, docs.Iterator()
	for it.HasNext() && k < listed {
		n := it.Next()
		// Look ahead in steps that double, then in between.
		lo, step := k, 1
		for lo+step < listed && f.listedEntry(lo+step) <= n {
			lo += step
			step *= 2
		}
		hi := min(lo+step, listed)
		k = lo + sort.Search(hi-lo, func(i int) bool { return f.listedEntry(lo+i) >= n })
		if k < listed && f.listedEntry(k) == n {
			out = append(out, f.record(k))
		}
	}
	return out
}

// unlisted returns the records of directories that no document stands for, but for roots.
func (f *dirFile) unlisted() []uint32 {
	var out []uint32
	for k := f.listed(); k < f.n; k++ {
		i := f.record(k)
		if _, root := f.parentOf(i); !root {
			out = append(out, i)
		}
	}
	return out
}

// roots returns the records of the top directories of all servers.
func (f *dirFile) roots() []uint32 {
	var out []uint32
	for k := f.listed(); k < f.n; k++ {
		i := f.record(k)
		if _, root := f.parentOf(i); root {
			out = append(out, i)
		}
	}
	return out
}

// dirName returns the name of a directory in the form in which leaves compare.
func (e *evaluator) dirName(i uint32, exact bool) string {
	if n := e.dirs.entryOf(i); !exact && n < e.docs {
		return textOf(e.cols.nameOf(n))
	}
	first, _ := e.dirs.own(i)
	return form(e.serverOf(uint32(first)).server.text(e.dirs.name(int(i))), exact)
}

// dirPath returns the path of a directory in the form in which leaves compare.
func (e *evaluator) dirPath(i uint32, exact bool) string {
	var elems []string
	for {
		up, root := e.dirs.parentOf(i)
		if root {
			break
		}
		elems = append(elems, e.dirName(i, exact))
		i = up
	}
	if len(elems) == 0 {
		return "/"
	}
	slices.Reverse(elems)
	return "/" + strings.Join(elems, "/")
}

// dirsNamed returns the records of the directories whose name a leaf on names selects.
func (e *evaluator) dirsNamed(t *query.Text) ([]uint32, error) {
	docs, err := e.postings(fieldType, Dir.String())
	if err != nil {
		return nil, err
	}
	if docs, err = e.name(t, docs); err != nil {
		return nil, err
	}
	selects := query.CompileText(t)
	unlisted, err := e.dirsThat(e.dirs.unlisted(), func(i uint32) bool { return selects(e.dirName(i, t.Exact)) })
	return append(e.dirs.recordsOf(docs), unlisted...), err
}

// dirsThat returns the directories of dirs, whose memory it uses, that pass test.
func (e *evaluator) dirsThat(dirs []uint32, test func(i uint32) bool) ([]uint32, error) {
	out := dirs[:0]
	for k, i := range dirs {
		if err := e.budget.look(k); err != nil {
			return nil, err
		}
		if test(i) {
			out = append(out, i)
		}
	}
	return out, nil
}

// below returns the documents of within that are below a directory whose folded name holds v.
func (e *evaluator) below(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	t := &query.Text{Field: query.Name, Mode: query.Has, Value: v}
	lists, exact, err := e.listsOf(fieldAbove, nameNeed(t))
	if err != nil {
		return nil, err
	}
	set := e.narrow(lists, within)
	if exact && len(lists) > 0 {
		return set, nil
	}
	return e.climb(t, set)
}

// climb returns the documents of within that are below a directory whose name a leaf on names selects, by looking at the directories
// above each, but for those where the answer is known.
func (e *evaluator) climb(t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	if within.IsEmpty() {
		return none, nil
	}
	selects := query.CompileText(t)
	not := make([]uint64, (e.dirs.n+63)/64) // a bit for each record: neither it nor one above it is selected
	found := rangeSet{docs: e.docs}         // ascending
	var path []uint32
	i := uint32(0) // the directory of the last document
	looked := 0
	for it := within.Iterator(); it.HasNext(); {
		n := it.Next()
		if looked++; looked%patternRuns == 0 {
			if err := e.budget.spend(patternRuns); err != nil {
				return nil, err
			}
		}
		i = e.dirs.after(i, n)
		_, next := e.dirs.own(i) // all documents before it are as this one
		path = path[:0]
		for k := i; not[k/64]>>(k%64)&1 == 0; {
			up, root := e.dirs.parentOf(k)
			if !root && selects(e.dirName(k, t.Exact)) {
				_, next = e.dirs.below(k)
				found.add(n, next)
				path = path[:0]
				break
			}
			path = append(path, k)
			if root {
				break
			}
			k = up
		}
		for _, k := range path {
			not[k/64] |= 1 << (k % 64)
		}
		it.AdvanceIfNeeded(next)
	}
	return found.within(within), nil
}

// after returns the record of the directory that holds document n, which is not before record i.
func (f *dirFile) after(i, n uint32) uint32 {
	step := uint32(1)
	for i+step < uint32(f.n) && f.u32(int(i+step), 1) <= n {
		i += step
		step *= 2
	}
	hi := min(i+step, uint32(f.n))
	k := sort.Search(int(hi-i), func(k int) bool { return f.u32(int(i)+k, 1) > n })
	return i + uint32(k) - 1
}

// widen returns the documents below directories. The set is the caller's own.
func (e *evaluator) widen(dirs []uint32) *roaring.Bitmap {
	set := rangeSet{docs: e.docs}
	for _, i := range dirs {
		set.add(e.dirs.below(i))
	}
	return set.set()
}

// children returns the own documents of directories. The set is the caller's own.
func (e *evaluator) children(dirs []uint32) *roaring.Bitmap {
	set := rangeSet{docs: e.docs}
	for _, i := range dirs {
		set.add(e.dirs.own(i))
	}
	return set.set()
}

// inDir evaluates leaves on the directories above: In any of them, Parent the one directly above.
func (e *evaluator) inDir(t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	dirs, err := e.dirsAt(t)
	if err != nil {
		return nil, err
	}
	if t.Field == query.Parent {
		return e.in(e.children(dirs), within), nil
	}
	return e.in(e.widen(dirs), within), nil
}

// dirsAt returns the records of the directories that a leaf on In or Parent selects.
func (e *evaluator) dirsAt(t *query.Text) (dirs []uint32, err error) {
	selects := query.CompileText(t)
	switch v := query.Fold(t.Value); {
	case t.Mode == query.Has && v == "/" && t.Field == query.In:
		return e.dirs.roots(), nil
	case t.Mode == query.Has && v == "/": // names of directories may fold to nothing
		dirs, err = e.dirsNamed(&query.Text{Field: query.Name, Mode: query.Is})
		dirs = append(dirs, e.dirs.roots()...)
	case t.Mode == query.Has && !t.Exact:
		dirs, err = e.dirsNamed(&query.Text{Field: query.Name, Mode: query.Is, Value: v[strings.LastIndexByte(v, '/')+1:]})
	default:
		dirs, err = e.allDirs()
	}
	if err != nil {
		return nil, err
	}
	return e.dirsThat(dirs, func(i uint32) bool { return selects(e.dirPath(i, t.Exact)) })
}

// allDirs returns all records.
func (e *evaluator) allDirs() ([]uint32, error) {
	if err := e.budget.spend(e.dirs.n); err != nil {
		return nil, err
	}
	all := make([]uint32, e.dirs.n)
	for i := range all {
		all[i] = uint32(i)
	}
	return all, nil
}

// path evaluates a leaf on paths.
func (e *evaluator) path(t *query.Text, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	v := form(t.Value, t.Exact)
	switch {
	case t.Exact:
		need := requiredByText(v)
		if t.Mode == query.Glob || t.Mode == query.Re {
			need = requiredBy(query.Pattern(t))
		}
		set, err := e.pathNeeds(need, within)
		if err != nil {
			return nil, err
		}
		return e.byMatch(t, set)
	case t.Mode == query.Is:
		if !strings.HasPrefix(v, "/") {
			return none, nil
		}
		i := strings.LastIndexByte(v, '/')
		dirs, err := e.dirsAt(&query.Text{Field: query.Parent, Mode: query.Has, Value: max(v[:i], "/")})
		if err != nil {
			return nil, err
		}
		return e.nameIs(v[i+1:], e.in(e.children(dirs), within))
	case t.Mode == query.Has && !strings.Contains(v, "/"):
		return e.elementHas(v, within)
	case t.Mode == query.Has:
		return e.pathHas(strings.Split(v, "/"), within)
	}
	set, err := e.pathNeeds(requiredBy(query.Pattern(t)), within)
	if err != nil {
		return nil, err
	}
	selects := query.CompileText(t)
	return e.filter(set, func() func(uint32) (bool, error) {
		p := pathBuilder{e: e}
		return func(n uint32) (bool, error) { return selects(textOf(p.path(n))), nil }
	})
}

// elementHas returns the documents of within with an element of their path that holds v.
func (e *evaluator) elementHas(v string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	names, err := e.nameHas(v, within)
	if err != nil {
		return nil, err
	}
	left := roaring.AndNot(within, names)
	above, err := e.below(v, left)
	if err != nil {
		return nil, err
	}
	return union(names, above), nil
}

// pathHas returns the documents of within whose path holds elems, joined by slashes: the end of one element, whole ones,
// and the begin of one.
func (e *evaluator) pathHas(elems []string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	last, above := elems[len(elems)-1], elems[:len(elems)-1]
	inside := roaring.New() // documents directly in a directory whose path ends in above
	inside.AddRange(0, uint64(e.docs))
	isAbove := func(uint32) bool { return true }
	if len(above) > 1 || above[0] != "" {
		dirs, err := e.dirsEnding(above)
		if err != nil {
			return nil, err
		}
		if last == "" {
			return e.in(e.widen(dirs), within), nil
		}
		inside = e.children(dirs)
		slices.Sort(dirs)
		isAbove = func(i uint32) bool { _, ok := slices.BinarySearch(dirs, i); return ok }
	} else if last == "" {
		return within, nil
	}
	// Those that go on with last, and what is below them, whether or not they are in within themselves.
	inside, err := e.namePrefix(last, inside)
	if err != nil {
		return nil, err
	}
	isDir, err := e.postings(fieldType, Dir.String())
	if err != nil {
		return nil, err
	}
	next := e.dirs.recordsOf(roaring.And(inside, isDir))
	for _, i := range e.dirs.unlisted() {
		if up, _ := e.dirs.parentOf(i); isAbove(up) && strings.HasPrefix(e.dirName(i, false), last) {
			next = append(next, i)
		}
	}
	set := e.widen(next)
	set.Or(inside)
	set.And(within)
	return set, nil
}

// dirsEnding returns the records of the directories whose path ends in elems, joined by slashes: the end of one element, and
// whole ones.
func (e *evaluator) dirsEnding(elems []string) ([]uint32, error) {
	docs, err := e.postings(fieldType, Dir.String())
	if err != nil {
		return nil, err
	}
	k := len(elems) - 1
	ends := func(name string) bool { return name == elems[k] }
	if k == 0 {
		docs, err = e.nameSuffix(elems[0], docs)
		ends = func(name string) bool { return strings.HasSuffix(name, elems[0]) }
	} else {
		docs, err = e.nameIs(elems[k], docs)
	}
	if err != nil {
		return nil, err
	}
	unlisted, err := e.dirsThat(e.dirs.unlisted(), func(i uint32) bool { return ends(e.dirName(i, false)) })
	if err != nil {
		return nil, err
	}
	return e.dirsThat(append(e.dirs.recordsOf(docs), unlisted...), func(i uint32) bool {
		for n := k; n > 0; n-- {
			up, root := e.dirs.parentOf(i)
			if root || e.dirName(i, false) != elems[n] {
				return false
			}
			i = up
		}
		if _, root := e.dirs.parentOf(i); root {
			return elems[0] == ""
		}
		return strings.HasSuffix(e.dirName(i, false), elems[0])
	})
}

// pathNeeds returns the documents of within whose path can hold what n says. It is a superset of what matches.
func (e *evaluator) pathNeeds(n need, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	for _, alts := range n {
		sets := make([]*roaring.Bitmap, len(alts))
		for i, t := range alts {
			var err error
			if sets[i], err = e.pathNeed(t, within); err != nil {
				return nil, err
			}
		}
		within = roaring.FastOr(sets...)
	}
	return within, nil
}

// pathNeed is pathNeeds for one text. Its end mark is that of the path, so of the name; after its begin mark stands the directory
// at the top that all is below.
func (e *evaluator) pathNeed(t string, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	t, begin := strings.CutPrefix(t, string(rune(beginMark)))
	t, end := strings.CutSuffix(t, string(rune(endMark)))
	if k := strings.LastIndexByte(t, '/'); begin && k > 0 {
		var err error
		if within, err = e.inDir(&query.Text{Field: query.In, Mode: query.Has, Value: t[:k]}, within); err != nil {
			return nil, err
		}
	}
	pieces := strings.Split(t, "/")
	for k, p := range pieces {
		var err error
		switch {
		case end && k == len(pieces)-1:
			within, _, err = e.gramsOf(gramKey{k > 0, p, true}, within)
		case len(p) >= 3:
			within, err = e.elementHas(p, within)
		}
		if err != nil {
			return nil, err
		}
	}
	return within, nil
}

// depth returns the documents of within whose depth is in [lo, hi].
func (e *evaluator) depth(lo, hi int64, within *roaring.Bitmap) (*roaring.Bitmap, error) {
	set := rangeSet{docs: e.docs}
	e.eachDepth(func(i uint32, depth int64) {
		if lo <= depth && depth <= hi {
			set.add(e.dirs.own(i))
		}
	})
	return e.in(set.set(), within), e.budget.spend(0)
}

// eachDepth calls yield with each record and the depth of its own documents.
func (e *evaluator) eachDepth(yield func(i uint32, depth int64)) {
	depths := make([]uint32, e.dirs.n)
	for i := range uint32(e.dirs.n) {
		if up, root := e.dirs.parentOf(i); !root {
			depths[i] = min(depths[up], math.MaxUint32-1) + 1
		}
		yield(i, int64(depths[i]))
	}
}

// A pathBuilder makes the folded paths of documents, without building what neighbours share again. It is used by one goroutine.
type pathBuilder struct {
	e      *evaluator
	lo, hi uint32 // own documents of the directory at the top of the stack
	stack  []pathElement
	up     []uint32
	buf    []byte
}

// A pathElement is a directory of the path in buf, which ends, with its slash, at end.
type pathElement struct {
	dir uint32
	end int
}

// path returns the path of document n, in memory that the next call uses again.
func (p *pathBuilder) path(n uint32) []byte {
	if n < p.lo || n >= p.hi {
		i := uint32(p.e.dirs.of(n))
		p.lo, p.hi = p.e.dirs.own(i)
		p.enter(i)
	}
	p.buf = append(p.buf[:p.stack[len(p.stack)-1].end], p.e.cols.nameOf(n)...)
	return p.buf
}

// enter makes i the directory at the top of the stack. Records stand in depth-first order, so those of the stack are ascending.
func (p *pathBuilder) enter(i uint32) {
	p.up = p.up[:0]
	for {
		for len(p.stack) > 0 && p.stack[len(p.stack)-1].dir > i {
			p.stack = p.stack[:len(p.stack)-1]
		}
		if len(p.stack) > 0 && p.stack[len(p.stack)-1].dir == i {
			break
		}
		p.up = append(p.up, i)
		up, root := p.e.dirs.parentOf(i)
		if root {
			p.stack = p.stack[:0]
			break
		}
		i = up
	}
	for _, i := range slices.Backward(p.up) {
		if k := len(p.stack); k > 0 {
			p.buf = append(p.buf[:p.stack[k-1].end], p.e.dirName(i, false)...)
		} else {
			p.buf = p.buf[:0]
		}
		p.buf = append(p.buf, '/')
		p.stack = append(p.stack, pathElement{i, len(p.buf)})
	}
}

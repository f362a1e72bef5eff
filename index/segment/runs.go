package segment

import "slices"

// Runs are for terms that many neighbours share, like the names of the directories that documents are in: what is added is where
// they begin and end, not each document.
//
// While documents are added, of a term with runs freq is how often it is open, first is where the last run begins and last, while it is not
// open, where that ends. Runs before the last are in the list, each as its first document and its length; n is how many documents those have.
// Runs that touch are one.

// OpenTrigrams makes every three bytes that follow each other in s terms of all documents from the next [Inverter.Begin] on, up to the one
// that begins after CloseTrigrams with the same s, or the last of the segment. The field is one with runs. A term may be open more than once.
func (v *Inverter) OpenTrigrams(field int, s []byte) {
	v.eachRun(field, s, func(t *term) {
		t.freq++
		if t.freq > 1 {
			return
		}
		switch {
		case t.last == 0: // no run yet
			t.first = v.doc
		case t.last < v.doc:
			v.addRun(t)
			t.first = v.doc
		}
	})
}

// CloseTrigrams ends what OpenTrigrams has begun.
func (v *Inverter) CloseTrigrams(field int, s []byte) {
	v.eachRun(field, s, func(t *term) {
		if t.freq == 0 {
			panic("segment: run ends that has not begun")
		}
		if t.freq--; t.freq == 0 {
			t.last = v.doc
		}
	})
}

func (v *Inverter) eachRun(i int, s []byte, f func(*term)) {
	field := &v.fields[v.order[i]]
	if !field.runs {
		panic("segment: run of field " + v.names[v.order[i]] + ", which has none")
	}
	if len(s) < 3 {
		return
	}
	key := uint64(s[0])<<48 | uint64(s[1])<<40
	for _, c := range s[2:] {
		key = key<<8 | uint64(c)<<40
		f(field.table.short(key, 3))
	}
}

// addRun appends the last run of t to its list.
func (v *Inverter) addRun(t *term) {
	if n := t.last - t.first; n > 0 {
		v.lists.add(t, t.first)
		v.lists.add(t, n)
		t.n += n
	}
}

// endRuns makes terms with runs like others: n are all their documents, and first is the first of them.
func (v *Inverter) endRuns() {
	if v.ended {
		return
	}
	v.ended = true
	for i := range v.fields {
		f := &v.fields[i]
		if !f.runs {
			continue
		}
		for k := range f.table.terms {
			t := &f.table.terms[k]
			if t.freq > 0 {
				t.last = v.doc
			}
			if v.addRun(t); t.n > 0 {
				r := listReader{a: &v.lists, next: t.head}
				t.first = r.read()
			}
		}
		f.table.terms = slices.DeleteFunc(f.table.terms, func(t term) bool { return t.n == 0 })
	}
}

// A run is the documents from first on, before end.
type run struct{ first, end uint32 }

// runs appends the runs of t, a term with runs, to list. They ascend and do not touch.
func (a *arena) runs(t *term, list []run) []run {
	r := listReader{a: a, next: t.head}
	for n := uint32(0); n < t.n; {
		first, length := r.read(), r.read()
		list = append(list, run{first, first + length})
		n += length
	}
	return list
}

// cut yields the pieces of runs that are in the same part of size documents, with the number of the part.
func cut(runs []run, size uint32, yield func(part uint32, piece run)) {
	for _, r := range runs {
		for r.first < r.end {
			part := r.first / size
			end := r.end
			if (part+1)*size > r.first { // else it is more than a uint32 holds, and the last part
				end = min(end, (part+1)*size)
			}
			yield(part, run{r.first, end})
			r.first = end
		}
	}
}

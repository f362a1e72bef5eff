package query

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// A dfa tells whether a regular expression matches a text, as its MatchString does, by looking at each byte once: package regexp tries
// the alternatives one after the other or all at a time, which takes ten times longer for a pattern that says little about where it
// matches, and such patterns are tried on every name there is.
//
// States are made when they are first met (Thompson; Cox, "Regular Expression Matching Can Be Simple And Fast"). They are kept, so a
// text leads from state to state by one table each. Texts that are not ASCII, and patterns that make many states, are left to package
// regexp. A dfa may be used by several goroutines at once.
type dfa struct {
	re    *regexp.Regexp
	prog  *syntax.Prog
	start *dfaState

	mu     sync.Mutex // of what follows
	states map[string]*dfaState
	full   atomic.Bool
}

// A dfaState is the set of instructions at which the expression may go on after what has been read.
type dfaState struct {
	insts  []uint32 // that read a character, or wait for the end of the text
	match  bool     // it has matched already
	atEnd  bool     // it matches if the text ends here
	failed bool     // it will never match
	next   [utf8.RuneSelf]atomic.Pointer[dfaState]
}

// Limits of what is left to package regexp.
const (
	maxDFAInsts  = 2000
	maxDFAStates = 1000
)

// matcherOf returns re.MatchString, or what does the same in less time.
func matcherOf(re *regexp.Regexp) func(text string) bool {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return re.MatchString
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(prog.Inst) > maxDFAInsts {
		return re.MatchString
	}
	for _, in := range prog.Inst {
		if in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return re.MatchString // \b, or lines
		}
	}
	d := &dfa{re: re, prog: prog, states: map[string]*dfaState{}}
	var s threads
	s.follow(prog, uint32(prog.Start), syntax.EmptyBeginText)
	d.start = d.state(&s)
	return d.match
}

// match reports whether the expression matches a part of text.
func (d *dfa) match(text string) bool {
	if text == "" || d.full.Load() {
		return d.re.MatchString(text)
	}
	s := d.start
	for i := range len(text) {
		if s.match {
			return true
		}
		if s.failed {
			return false
		}
		c := text[i]
		if c >= utf8.RuneSelf {
			return d.re.MatchString(text)
		}
		next := s.next[c].Load()
		if next == nil {
			if next = d.step(s, c); next == nil {
				return d.re.MatchString(text)
			}
		}
		s = next
	}
	return s.match || s.atEnd
}

// step returns the state after s and c; nil if there are too many.
func (d *dfa) step(s *dfaState, c byte) *dfaState {
	d.mu.Lock()
	defer d.mu.Unlock()
	if next := s.next[c].Load(); next != nil {
		return next
	}
	var t threads
	for _, pc := range s.insts {
		in := &d.prog.Inst[pc]
		ok := false
		switch in.Op {
		case syntax.InstRune, syntax.InstRune1:
			ok = in.MatchRune(rune(c))
		case syntax.InstRuneAny:
			ok = true
		case syntax.InstRuneAnyNotNL:
			ok = c != '\n'
		}
		if ok {
			t.follow(d.prog, in.Out, 0)
		}
	}
	t.follow(d.prog, uint32(d.prog.Start), 0) // a match may begin here
	next := d.state(&t)
	if next != nil {
		s.next[c].Store(next)
	}
	return next
}

// state returns the state of a set of threads; nil if there are too many.
func (d *dfa) state(t *threads) *dfaState {
	slices.Sort(t.insts)
	var key []byte
	if t.match {
		t.insts = nil // nothing else counts
		key = append(key, 1)
	}
	for _, pc := range t.insts {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if s := d.states[string(key)]; s != nil {
		return s
	}
	if len(d.states) == maxDFAStates {
		d.full.Store(true)
		return nil
	}
	s := &dfaState{insts: t.insts, match: t.match, failed: !t.match && len(t.insts) == 0 && d.anchored()}
	var end threads
	for _, pc := range s.insts {
		if in := &d.prog.Inst[pc]; in.Op == syntax.InstEmptyWidth {
			end.follow(d.prog, in.Out, syntax.EmptyEndText)
		}
	}
	s.atEnd = end.match
	d.states[string(key)] = s
	return s
}

// anchored reports whether a match can only begin where the text does.
func (d *dfa) anchored() bool { return d.prog.StartCond()&syntax.EmptyBeginText != 0 }

// threads are the instructions that are reached without reading.
type threads struct {
	insts []uint32
	match bool
	seen  map[uint32]bool
}

// follow adds what is reached from instruction pc where flag holds. Where the text may end is not known before it does: what waits for
// the end is kept, unless flag says that this is the end.
func (t *threads) follow(prog *syntax.Prog, pc uint32, flag syntax.EmptyOp) {
	if t.seen == nil {
		t.seen = map[uint32]bool{}
	}
	for stack := []uint32{pc}; len(stack) > 0; {
		pc := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if t.seen[pc] {
			continue
		}
		t.seen[pc] = true
		switch in := &prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			switch op := syntax.EmptyOp(in.Arg); {
			case op&^flag == 0:
				stack = append(stack, in.Out)
			case op == syntax.EmptyEndText:
				t.insts = append(t.insts, pc)
			}
		case syntax.InstMatch:
			t.match = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			t.insts = append(t.insts, pc)
		}
	}
}

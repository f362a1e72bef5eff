package crawl

import (
	"context"
	"slices"
	"sync"
	"time"
)

// The frontier of a crawl is on disk, in the Store; what is held here is the part of it that will be
// listed next. Directories are taken newest first, so that a subtree is finished before the next is
// begun and little is pending at any time. What does not fit, the oldest first, is left to the Store, and fetched when
// the stack has run empty.
const (
	stackDirs  = 2048
	stackBytes = 256 << 10
	laterDirs  = 1024 // directories waiting for another attempt
)

// A frontier hands out directories to the workers of one server.
type frontier struct {
	pending func(ctx context.Context, limit int, skip func(path string) bool) ([]Dir, error)
	now     func() time.Time

	mu      sync.Mutex
	changed *sync.Cond

	stack []Dir
	bytes int                 // of the pathnames in stack
	later []retry             // in no order
	hand  map[string]struct{} // on the stack, in later, or being listed

	busy      int      // directories handed out
	spilled   bool     // the Store has directories that are not in hand
	fetching  bool     // one worker asks the Store
	late      []string // finished while it did: the Store may still have given them
	closed    bool     // nothing more is handed out
	err       error    // why
	exhausted bool     // everything is listed
}

// A retry is a directory that failed and waits for another attempt.
type retry struct {
	task
	at time.Time
}

// A task is a directory handed out, with the number of attempts that failed.
type task struct {
	Dir
	failed   int
	promised bool // to the Conn, which may have asked for it already
}

func newFrontier(store Store, now func() time.Time) *frontier {
	f := &frontier{pending: store.Pending, now: now, hand: make(map[string]struct{}), spilled: true}
	f.changed = sync.NewCond(&f.mu)
	return f
}

// next waits for a directory. ok is false when there is none and will be none: the frontier is
// exhausted or closed, or ctx is done. idle, if positive, bounds the wait: then ok is false and again is true.
func (f *frontier) next(ctx context.Context, idle time.Duration) (t task, ok, again bool) {
	stop := context.AfterFunc(ctx, f.wake)
	defer stop()
	var expired bool
	if idle > 0 {
		timer := time.AfterFunc(idle, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			expired = true
			f.changed.Broadcast()
		})
		defer timer.Stop()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		if f.closed || ctx.Err() != nil {
			return task{}, false, false
		}
		if t, ok := f.pop(); ok {
			return t, true, false
		}
		switch {
		case f.spilled && !f.fetching:
			f.fetch(ctx)
			continue
		case !f.spilled && !f.fetching && f.busy == 0 && len(f.later) == 0:
			f.exhausted, f.closed = true, true
			f.changed.Broadcast()
			return task{}, false, false
		case expired:
			return task{}, false, true
		}
		var timer *time.Timer
		if at, ok := f.soonest(); ok {
			timer = time.AfterFunc(at.Sub(f.now()), f.wake)
		}
		f.changed.Wait()
		if timer != nil {
			timer.Stop()
		}
	}
}

// try is next without waiting.
func (f *frontier) try() (t task, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return task{}, false
	}
	return f.pop()
}

func (f *frontier) pop() (t task, ok bool) {
	if n := len(f.stack); n > 0 {
		d := f.stack[n-1]
		f.stack[n-1] = Dir{}
		f.stack = f.stack[:n-1]
		f.bytes -= len(d.Path)
		f.busy++
		return task{Dir: d}, true
	}
	now := f.now()
	for i, r := range f.later {
		if !r.at.After(now) {
			f.later = append(f.later[:i], f.later[i+1:]...)
			f.busy++
			return r.task, true
		}
	}
	return task{}, false
}

func (f *frontier) soonest() (at time.Time, ok bool) {
	for _, r := range f.later {
		if !ok || r.at.Before(at) {
			at, ok = r.at, true
		}
	}
	return at, ok
}

// push adds a directory that the Store has got, or will have when what was put so far is durable.
func (f *frontier) push(d Dir) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.add(d, true)
	f.changed.Signal()
}

// drop leaves the n oldest directories on the stack to the Store.
func (f *frontier) drop(n int) {
	for _, d := range f.stack[:n] {
		delete(f.hand, d.Path)
		f.bytes -= len(d.Path)
	}
	f.stack = slices.Delete(f.stack, 0, n)
}

// add puts a directory on the stack. If that is full, deeper directories, which come first, take the place of others.
func (f *frontier) add(d Dir, deeper bool) {
	if _, ok := f.hand[d.Path]; ok {
		return
	}
	if len(f.stack) >= stackDirs || f.bytes+len(d.Path) > stackBytes {
		f.spilled = true
		if !deeper || len(f.stack) == 0 {
			return
		}
		f.drop(len(f.stack)/4 + 1)
	}
	f.hand[d.Path] = struct{}{}
	f.stack = append(f.stack, d)
	f.bytes += len(d.Path)
}

// done says that the result of t is with the Store.
func (f *frontier) done(t task) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fetching {
		f.late = append(f.late, t.Path)
	} else {
		delete(f.hand, t.Path)
	}
	f.busy--
	f.changed.Broadcast()
}

// back returns a task that was not tried, or not to the end.
func (f *frontier) back(t task) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
	if t.failed > 0 {
		f.later = append(f.later, retry{t, f.now()})
	} else {
		f.stack = append(f.stack, t.Dir)
		f.bytes += len(t.Path)
	}
	f.changed.Broadcast()
}

// again has t tried once more after a while. It reports false if too many wait already.
func (f *frontier) again(t task, after time.Duration) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.later) >= laterDirs {
		return false
	}
	f.busy--
	f.later = append(f.later, retry{t, f.now().Add(after)})
	f.changed.Broadcast()
	return true
}

// fetch fills the stack from the Store. f.mu is held, but not while the Store is asked.
func (f *frontier) fetch(ctx context.Context) {
	f.fetching, f.spilled = true, false
	f.mu.Unlock()
	dirs, err := f.pending(ctx, stackDirs, func(path string) bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		_, ok := f.hand[path]
		return ok
	})
	f.mu.Lock()
	f.fetching = false
	if err != nil {
		if ctx.Err() == nil {
			f.closed, f.err = true, err
		}
		f.spilled = true
	}
	if len(dirs) == stackDirs {
		f.spilled = true
	}
	for i := len(dirs) - 1; i >= 0; i-- { // the deepest on top
		f.add(dirs[i], false)
	}
	for _, path := range f.late {
		delete(f.hand, path)
	}
	f.late = nil
	f.changed.Broadcast()
}

// close ends the handing out; err says why.
func (f *frontier) close(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.closed, f.err = true, err
	}
	f.changed.Broadcast()
}

// result reports how handing out ended.
func (f *frontier) result() (exhausted bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.exhausted, f.err
}

func (f *frontier) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed.Broadcast()
}

// plenty reports whether a directory waits for a worker.
func (f *frontier) plenty() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.closed && len(f.stack) > 0
}

// spill says that the Store has directories that were not pushed.
func (f *frontier) spill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spilled = true
	f.changed.Broadcast()
}

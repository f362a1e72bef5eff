package archive

import (
	"errors"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/ftpidx/ftpidx/crawl"
	"github.com/ftpidx/ftpidx/parse"
)

// Options say how archives are kept. nil and the zero value are the defaults.
type Options struct {
	// MinFree stops writing when the file system has fewer free bytes than this; 0 does not look.
	MinFree int64

	// TellZone has [Archive.Entries] tell which times were printed without a zone, see [Item]. Reading is a little slower.
	TellZone bool

	// NoWait makes an [InUseError] of it at once when another process has the archive open. Without it that is given a second.
	NoWait bool

	Now    func() time.Time // nil means time.Now
	Logger *slog.Logger     // nil discards
}

// serverUTC is the zone of servers whose clock is in UTC where that is to be told from times that are UTC by themselves.
var serverUTC = time.FixedZone("UTC", 0)

// An Archive holds the listings of one server. It is a [crawl.Store]; its methods may be called by
// several goroutines at once.
type Archive struct {
	dir      string
	key      string // of the server
	name     string // of its files, without extension
	options  Options
	db       *bolt.DB
	file     *os.File              // that db has open
	broken   atomic.Pointer[error] // not nil: db panicked and is not to be used
	readOnly bool
	asked    crawl.Server  // as Create was given it: meta.Server from the first listing that comes by its scheme
	seq      atomic.Uint64 // of the last transaction

	committer *committer // nil if readOnly

	summary sync.Mutex // held while the summary is written

	mu      sync.Mutex
	meta    meta           // as of the last transaction, but for the facts, which may be newer
	parsing *parse.Options // what meta.Facts say of parsing; nil: not worked out
	ahead   crawl.Counts   // meta.Counts and what is put but not committed
	report  *crawl.ServerReport
	begun   bool // a crawl or an import, by this Archive
	counted census
	closed  bool
}

// meta is the value of "meta" in the bucket "meta", as JSON.
type meta struct {
	Format int          `json:"format"`
	Server serverMeta   `json:"server"`
	Seq    uint64       `json:"seq"`             // transactions so far
	Frames uint64       `json:"frames"`          // versions with frames of their own so far
	Open   uint64       `json:"open,omitempty"`  // version whose frames are being written
	Round  uint64       `json:"round"`           // crawls begun so far
	Since  time.Time    `json:"since,omitzero"`  // end of the first crawl that came to its end
	Seeds  []string     `json:"seeds,omitempty"` // of all crawls
	Raw    [][]byte     `json:"seeds_raw,omitempty"`
	Facts  crawl.Facts  `json:"facts"`  // learned
	Crawl  crawlMeta    `json:"crawl"`  // the last crawl
	Counts crawl.Counts `json:"counts"` // of the last crawl
	Held   Held         `json:"held"`   // of the archive

	// What the counts of the last crawl do not tell of: see earlier.go.
	Earlier *Earlier `json:"earlier,omitempty"` // as of the end of the last crawl that came to its end
	Loose   []loose  `json:"loose,omitempty"`   // by imports
	Told    bool     `json:"told,omitempty"`    // records say what is missing within listings

	// Since the last crawl that could use the server.
	Failures int       `json:"failures,omitempty"`
	Failed   time.Time `json:"failed,omitzero"` // the last of them
	Failure  string    `json:"failure,omitempty"`
}

// worthKeeping reports whether there is anything that the next crawl must know: a crawl has begun, or a password has
// been refused, or TLS been offered where one is sent.
func (m *meta) worthKeeping() bool {
	return m.Round > 0 || m.Facts.Health.Locked || m.Server.User != "" && len(m.Facts.Conn) > 0
}

type serverMeta struct {
	Scheme crawl.Scheme `json:"scheme"`
	User   string       `json:"user,omitempty"`
	Host   string       `json:"host"`
	Port   int          `json:"port"`
}

func metaOf(s crawl.Server) serverMeta { return serverMeta{s.Scheme, s.User, s.Host, s.Port} }

type crawlMeta struct {
	State   crawl.State `json:"state,omitempty"`
	Seeds   []string    `json:"seeds,omitempty"`
	Raw     [][]byte    `json:"seeds_raw,omitempty"` // as [crawl.RawPaths] has them; nil but in the file
	Started time.Time   `json:"started,omitzero"`
	Ended   time.Time   `json:"ended,omitzero"`
	Error   string      `json:"error,omitempty"`

	Before  uint64         `json:"before,omitempty"` // the last transaction before it
	Changes *crawl.Changes `json:"changes,omitempty"`
	Manners crawl.Manners  `json:"manners,omitzero"` // of all processes that took part
}

// Held counts what an archive holds.
type Held struct {
	Dirs     int64 `json:"dirs"`     // directories with a listing
	Versions int64 `json:"versions"` // of their listings
	Entries  int64 `json:"entries"`  // in the newest version of each
	Bytes    int64 `json:"bytes"`    // of all versions, as the server sent them

	// Of Dirs and Entries, what no listing leads to any more, as of the end of the last crawl that was compared with one before.
	GoneDirs    int64 `json:"gone_dirs,omitempty"`
	GoneEntries int64 `json:"gone_entries,omitempty"`
}

// there returns h with Dirs and Entries of what is there, as [Archive.Entries] yields it; the rest is history.
func (h Held) there() Held {
	h.Dirs = max(0, h.Dirs-h.GoneDirs)
	h.Entries = max(0, h.Entries-h.GoneEntries)
	return h
}

// A census is what Entries has yielded.
type census struct {
	seq           uint64
	dirs, entries int64
}

const formatVersion = 1

var (
	bucketMeta     = []byte("meta")
	bucketListings = []byte("listings")
	bucketFrames   = []byte("frames")
	bucketPending  = []byte("pending")
	keyMeta        = []byte("meta")
)

// Server returns the server with the scheme that its listings came by: another one that has been tried in vain does not count.
func (a *Archive) Server() crawl.Server {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.meta.Server
	return crawl.Server{Scheme: s.Scheme, User: s.User, Host: s.Host, Port: s.Port}
}

// Seq returns the number of the last transaction. It grows with every change.
func (a *Archive) Seq() uint64 { return a.seq.Load() }

// LoginDir returns the working directory after login, "/" if it is not known.
func (a *Archive) LoginDir() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.meta.Facts.LoginDir == "" {
		return "/"
	}
	return a.meta.Facts.LoginDir
}

// Partial reports whether the last crawl has not come to its end, or something is missing of what this one or those before
// were asked for.
func (a *Archive) Partial() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.meta.state() != crawl.Complete
}

// Held returns what the archive holds, what is gone from the server included.
func (a *Archive) Held() Held {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.meta.Held
}

// Facts implements [crawl.Store].
func (a *Archive) Facts() crawl.Facts {
	a.mu.Lock()
	defer a.mu.Unlock()
	return cloneFacts(a.meta.Facts)
}

// ParseOptions implements [crawl.Store].
func (a *Archive) ParseOptions(now time.Time) *parse.Options {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.parsing == nil {
		// Kept because a zone is read from a file.
		a.parsing = a.meta.Facts.ParseOptions(now)
		if a.options.TellZone && (a.parsing.Location == nil || a.parsing.Location == time.UTC) {
			a.parsing.Location = serverUTC
		}
	}
	o := *a.parsing
	o.Now = now
	return &o
}

func cloneFacts(f crawl.Facts) crawl.Facts {
	f.Features = slices.Clone(f.Features)
	conn := make(map[string]string, len(f.Conn))
	for k, v := range f.Conn {
		conn[k] = v
	}
	f.Conn = conn
	return f
}

// Learn implements [crawl.Store].
func (a *Archive) Learn(change func(*crawl.Facts)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := cloneFacts(a.meta.Facts)
	change(&f)
	a.meta.Facts = f
	a.parsing = nil
}

// Progress implements [crawl.Store].
func (a *Archive) Progress() crawl.Counts {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.ahead.Clone()
	c.Pending = a.meta.Counts.Pending
	return c
}

// durable returns the counts of what is committed.
func (a *Archive) durable() crawl.Counts {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.meta.Counts.Clone()
}

// Close commits what was put, writes the summary and lets other processes in.
func (a *Archive) Close() error {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return nil
	}
	a.closed = true
	a.mu.Unlock()
	var err error
	if !a.readOnly {
		err = a.committer.close()
	}
	unused := !a.readOnly && a.broken.Load() == nil && !a.meta.worthKeeping()
	if !a.readOnly && !unused {
		err = errors.Join(err, a.writeSummary())
	}
	if !unused {
		return errors.Join(err, a.closeFile())
	}
	path := a.db.Path()
	if runtime.GOOS == "windows" { // an open file cannot be removed, nor one that another has opened meanwhile
		return errors.Join(err, a.closeFile(), os.Remove(path))
	}
	// Removed while the lock is held: nobody else can be about to use it.
	return errors.Join(err, os.Remove(path), a.closeFile())
}

package ftpconn

import (
	"sync"

	"github.com/ftpidx/ftpidx/crawl"
)

// known is what the connections to one server share.
type known struct {
	mu   sync.Mutex
	live int // logged in now

	// clean counts the listings that came clean; after some of them, commands are sent ahead. The first
	// surprise while they are ends that for good: the server is one that does not bear it.
	clean     int
	surprised bool

	// fatal are directories in which MLSD cost the connection; they are listed by LIST.
	fatal map[string]bool

	inClear bool // the user has been told that the password goes in clear

	// What connections have cost over which no login succeeded, and how many there were.
	wasted crawl.ConnStats
	lost   int64

	probe chan struct{} // holds one token, to be taken while finding out which command lists best

	facts
}

// facts are what holds until the next crawl.
type facts struct {
	noEPSV      bool   // EPSV is refused, or its port is dead
	swallow     bool   // greets twice
	needTLS     bool   // does not serve in clear
	offeredTLS  bool   // has offered TLS for a login: never again in clear
	certificate string // SHA-256 of its certificate, hexadecimal
	doubleIAC   bool   // wants 0xFF in pathnames doubled
	listing     string // command that lists: LIST, LIST -a or MLSD
}

// cleanListings is how many listings must have come clean before commands are sent ahead.
const cleanListings = 3

// Recall tells the Dialer what [Dialer.Facts] returned after an earlier crawl of server. It is to be
// called before the first Dial to that server; unknown names are ignored.
func (d *Dialer) Recall(server crawl.Server, names map[string]string) {
	k := d.memory(server)
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, flag := range k.flags() {
		*flag = names[name] == "true"
	}
	k.certificate = names["certificate"]
	k.listing = names["listing"]
}

// Facts returns what is worth knowing at the next crawl of server, by names of ours:
//
//	no_epsv      true: EPSV is refused, or the ports it names are dead
//	greets_twice true: two replies come where one should
//	needs_tls    true: does not serve in clear
//	offered_tls  true: has offered TLS for a login, and never gets its password in clear
//	certificate  SHA-256 of its certificate, hexadecimal
//	double_iac   true: wants 0xFF in pathnames doubled
//	listing      LIST, LIST -a or MLSD
//
// Facts that are not so are missing. The caller owns the map.
func (d *Dialer) Facts(server crawl.Server) map[string]string {
	k := d.memory(server)
	k.mu.Lock()
	defer k.mu.Unlock()
	names := make(map[string]string)
	for name, flag := range k.flags() {
		if *flag {
			names[name] = "true"
		}
	}
	if k.certificate != "" {
		names["certificate"] = k.certificate
	}
	if k.listing != "" {
		names["listing"] = k.listing
	}
	return names
}

// flags returns the facts that are true or not, by name.
func (f *facts) flags() map[string]*bool {
	return map[string]*bool{
		"no_epsv":      &f.noEPSV,
		"greets_twice": &f.swallow,
		"needs_tls":    &f.needTLS,
		"offered_tls":  &f.offeredTLS,
		"double_iac":   &f.doubleIAC,
	}
}

// memory returns what is known of a server.
func (d *Dialer) memory(s crawl.Server) *known {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.known[s]
	if k == nil {
		if d.known == nil {
			d.known = make(map[crawl.Server]*known)
		}
		k = &known{probe: make(chan struct{}, 1)}
		d.known[s] = k
	}
	return k
}

// learn changes what is known.
func (k *known) learn(change func(*facts)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(&k.facts)
}

// recall returns what is known.
func (k *known) recall() facts {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.facts
}

// others reports whether a connection to the server is logged in.
func (k *known) others() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.live > 0
}

// fast reports whether commands may be sent ahead.
func (k *known) fast() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.clean >= cleanListings && !k.surprised
}

// firstInClear reports whether it is called for the first time.
func (k *known) firstInClear() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	first := !k.inClear
	k.inClear = true
	return first
}

// waste counts what c, closed and never logged in, has cost the server.
func (k *known) waste(c *Conn) {
	c.mu.Lock()
	made := c.control != nil
	c.mu.Unlock()
	if !made {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lost++
	k.wasted.Add(c.stats)
}

// maxFatal bounds what is remembered of a server that closes every connection.
const maxFatal = 10_000

// fatalMLSD remembers that MLSD cost the connection in dir.
func (k *known) fatalMLSD(dir string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fatal == nil {
		k.fatal = make(map[string]bool)
	}
	if len(k.fatal) < maxFatal {
		k.fatal[dir] = true
	}
}

// isFatal reports whether MLSD cost a connection in dir.
func (k *known) isFatal(dir string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fatal[dir]
}

// listed counts a listing.
func (k *known) listed(clean, surprise bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if clean {
		k.clean++
	}
	if surprise {
		k.surprised = true
	}
}

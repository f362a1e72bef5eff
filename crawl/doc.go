// Package crawl lists whole FTP servers, gently and completely, whatever they do.
//
// A [Crawler] takes seeds, logs in at each server through a [Dialer], and asks a [Conn] for one
// listing after the other. The bytes of each go to a [Spool]; a [Scanner] reads in them which
// directories to list next; and a [Store] takes both in one durable step:
//
//	Seed → Dialer → Conn.List → Spool → Scanner → Listing → Store.Put → frontier → Conn.List → …
//
// The Store is the truth: the frontier is in it, and what the Crawler holds in memory is a window of
// it, of bounded size. Whoever kills the process at any instant loses the listings of the last few
// milliseconds, which will be asked for again, and nothing else.
//
// # Vocabulary
//
// A seed is where the user wants a crawl to begin. The frontier are the directories that are known
// of and not listed yet; the deepest are taken first, which keeps it small. A listing is whole when the
// data connection ended cleanly and the server confirmed it with 226 or 250 (RFC 959, section 5.4); otherwise it
// is unconfirmed, partial or failed, and a [Reason] says why. [Counts] add all this up, so that
// a crawl can say how complete it is.
//
// # Manners
//
// A [Policy] bounds connections and listings a second, for each IP address and over all servers. There
// is one connection until the first listings came without trouble. A server that says it has too
// many, by 421, by 530, or by hanging up, gets fewer from then on, also the next time. Failed
// listings are tried again after a growing, jittered pause. One directory that cannot be listed
// never ends a crawl, and one server never delays another, unless they share an address: then they take turns.
// Who waits, for its turn or because the server lets nobody in now, leaves its place among the parallel ones to others.
//
// On anonymous crawls robots.txt is obeyed. It is looked for in the listing of the directory after login, which the
// crawl mostly needs anyway, and fetched if it is there, or may be because that listing was cut or failed. If it cannot be had now,
// nothing is listed.
//
// What robots.txt disallows, or the user excludes, is left out: it is counted and shown apart from what is missing, and a crawl is
// complete without it. A seed that robots.txt disallows is missing, for the user asked for it by name.
//
// Directory trees without end are cut off where they show: by what they list (loop.go), or by how often they meet the guards of
// depth and length (trap.go).
//
// # The second time
//
// A [Refresh] may be quick: what has not moved is not listed, see refresh.go. A server that publishes an ls -lR of
// itself is mostly read there, see published.go. What a crawl learns of a server is kept in [Facts]: the limits that it
// bears, its robots.txt, the charset of its names and the zone of its clock with the evidence, and its [Health].
//
// # What is not done
//
// Symbolic links are not followed: nothing they lead to is out of reach of the walk, except what the
// server does not show. Names with CR, LF, NUL or "/" cannot be sent in a command and are counted as
// not enterable. Sections of recursive listings beyond the first are ignored.
package crawl

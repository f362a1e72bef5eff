package crawl

// An ancestor is what a directory above listed, for finding loops.
type ancestor struct {
	sum [16]byte
	up  *ancestor
}

package archive

import "github.com/ftpidx/ftpidx/crawl"

// Change is Learn for the time between crawls: the facts are durable when it returns, and Seq has grown, so that
// whoever publishes notices.
func (a *Archive) Change(change func(*crawl.Facts)) error {
	a.Learn(change)
	return a.committer.barrier(nil)
}

// Package archive keeps the listings of FTP servers, one bbolt file a server, so that nothing that a
// crawl has been told is lost: not when the process is killed, and not when a better parser comes,
// since the bytes are kept as they were received.
//
//	<key>.db      bbolt, for one process at a time
//	    meta      one JSON object: format version, sequence number, facts, state and counts of the last crawl
//	    listings  pathname → how the last attempt went, and versions of the listing, newest first
//	    frames    zstd frames of listings that are not small
//	    pending   the frontier, deepest directories first
//	<key>.json    a [Summary] for others to read at any time, replaced by rename
//	<key>.forgotten   what it becomes when the archive is about to be removed, see [Forget]
//
// Pathnames are keys with NUL for "/", so that the order of the file is document order: a
// directory's own entries, then each subdirectory with all below it, by the bytes of the names.
//
// An [Archive] is the [crawl.Store] of a crawl, and yields what it holds through [Archive.Entries],
// also while the crawl writes. A version is always parsed with the time at which it was first seen
// as the present: "Nov 22 08:42" means the same for ever. Confirming it moves only the time of the last confirmation.
// Beside a version stands when each of its names first appeared, as runs of consecutive lines.
//
// It comes from crawls, and from dumps through [Import]; [Archive.Export] and [Archive.WriteLsLR] write it out again, and a
// [Comparison] tells two of them apart, or one from what it was before.
//
// What speaks for a directory is its newest whole listing. A failed, cut or unconfirmed one never
// replaces it; it counts only where there is no whole one.
package archive

// Package index finds files: it builds read-only indexes from the documents of servers, and answers the queries of
// package query on them, exactly and in milliseconds.
//
//	Publish(ctx, dir, sources, nil)            documents of servers → a new generation, put in force
//	ix, err := Open(dir)                       opens what is in force
//	ix.Search(ctx, expr, &SearchOptions{…})    total, hits, facets, cursor
//
// # Vocabulary
//
// A document is one entry of a listing, at any depth ([Document]). A query selects documents: [Match] defines which, and
// [Order] in which order they come. A [Searcher] answers queries; package indextest holds it against a plain scan. [Index]
// is the Searcher of this package. Nothing outside of it sees what is below.
//
// # Generations
//
// An index is never changed. The documents of one or several servers are built into a generation, a directory gen-<n>
// that is complete and synced before anyone looks into it. MANIFEST.json names the generations in force, and for each
// server the interval of document numbers that is hers; it is replaced by a rename, so there is always one, old or new.
// A server whose documents have changed is built anew and moved by the manifest; what was hers before is out of force,
// and gone when the generation has no other server, or is written again because too much of it is out of date.
//
//	MANIFEST.json          what is in force (manifest.go)
//	publisher.lock         held by whoever changes the manifest (change.go)
//	gen-<n>/               a bleve index, which the bleve library opens, and beside it
//	    lock               shared by readers, exclusive while the generation is built or removed
//	    generation.json    servers, and size and checksum of all other files (builder.go)
//	    index_meta.json, store/root.bolt, store/<m>.zap
//	                       segments: for each term of each field the set of documents (mapping.go, segments.go)
//	    blocks             what a hit shows, 16 documents a frame (block.go)
//	    dirs               the tree of directories as intervals of document numbers (dirs.go)
//	    names, columns     folded names and their capitals, sizes, times, ranks, extensions by document number (columns.go)
//	    copies             hashes of name and size, to count copies over all generations (copytable.go)
//	side-<n>/              what changes without a generation being written again: copies, times seen (side.go)
//
// Documents are numbered in document order: servers by key; of a directory its own entries first, by the bytes of
// their names, then the block of each subdirectory. So the entries of a directory, and all that is below it, are one interval each.
//
// Readers look at the manifest before each search. A search uses the generations of one manifest to its end; they stay
// open as long as a search uses them, and their files stay as long as a reader has them locked. Publishers remove what
// the manifest does not name and nobody has locked, also what others left when they were killed.
//
// # Searching
//
// A query becomes one set of documents a generation (evaluate.go), as a roaring bitmap:
//
//	texts in names         the documents with all their trigrams (postings.go), verified in the column of names (evalname.go);
//	                       a pattern gives the trigrams that all it matches must hold (required.go)
//	texts in directories   the documents with all their trigrams in the names of directories above, verified directory by directory; or the documents
//	                       of type dir that are found by name, widened to the intervals below them (evaldir.go)
//	words                  both: lists in names and of what is above are intersected, the rarest first (evalwords.go)
//	few values             the union of postings; ranges are whole buckets, and of those at their edges what the column
//	                       says (evalvalue.go)
//	And, Or, Not           intersection, union, difference; cheap operands first
//
// The size of the set is the total. What it holds is put in order by buckets of the first key, best first, until a page
// is full: tiers (tiers.go), sizes, months, first letters (buckets.go, sort.go). Facets are intersections (facets.go). Entries are
// unpacked only for the hits that are shown, and for the few leaves that look at what is nowhere else: exact letters of paths, targets of links.
//
// # Size
//
// Bytes a document, of 972,524 real ones:
//
//	segments   70.2   lists of trigrams 31.1, of words 8.4, of what is above 5.6, of times 2.0, of sizes 1.7, of extensions 0.9, of all
//	                  else 0.4; numbers of documents, which bleve wants, 17; dictionaries 3
//	columns    28.3   offset of the name, size, time, three orders 4 each; extension 2; capital letters 2.3
//	blocks     23.3   names as they are, modes, owners, times, compressed
//	names      18.1   folded
//	dirs        8.1
//	copies      4.5   and 1.6 in the side files
//	together  154.1   plocate, with pathnames only: 17.8; a database of SQLite with trigrams of names only: 58.3
//
// What was tried: a dictionary for the blocks, trained or of 32 kB of others, saves 1.4 bytes, takes three times as long to compress them
// and no less to unpack them; so there is none. Lists as runs where these are shorter, one copy of the frequencies that are all zero, and terms of one
// document in the dictionary alone spare 43 bytes in segments (package segment).
//
// # Memory
//
// A search maps files and reads what it looks at: with ten million documents it holds 5 to 12 MB of its own, and up to 390 MB of mapped
// pages are resident, which the kernel may take back. A build holds two segments, one that is being filled and one that is being written,
// of at most 192 MB each, and the garbage collector adds as much again, or half of that in the command. Columns, orders and the table of
// copies wait in temporary files of the generation and are sorted in pieces (spool.go). One server whose names are all different takes
// 0.5 GB with two million documents and 0.65 with ten in the command, mapped pages included. What grows with it is small: about 50 bytes
// and the name of each directory, twice the name if all are in one directory, and 8 bytes for 16 documents.
//
// With a limit of memory (GOMEMLIMIT, or [runtime/debug.SetMemoryLimit]) a segment has at most a quarter of it: two million documents in
// one directory are built within 64 MB, and 40 of mapped pages, in no more time. That is paid for in searching: there are more segments,
// and each search looks into all of them.
//
// # Formats
//
// Every file says its version; [Format] is that of all. An index of another version is refused with the command that
// rebuilds it from the archives, and so is one that is damaged ([FileError]). Opening compares sizes; [Check] looks at every
// byte, and so does [Index.Verify], slowly, beside the searches of a process that goes on.
package index

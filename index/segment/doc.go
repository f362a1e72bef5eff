// Package segment writes segments of a bleve index, and the two small files that make them one, without the detour through
// bleve's documents.
//
// # What it writes
//
// A segment is a file in the zap format, version 17 (zap.md in github.com/blevesearch/zapx/v17). An index is
//
//	index_meta.json       says that the index is of the kind "scorch"
//	store/root.bolt       a bbolt database: one snapshot that names the segments, in the order of their documents
//	store/<number>.zap    segments
//
// Any program with bleve v2.6.1 opens, searches, merges and changes it as one of its own. Nothing is registered with bleve, so
// a program that reads or writes other indexes is not affected.
//
// # Why
//
// bleve makes a segment of documents whose fields hold a map from term to frequency. Making, walking and hashing these maps
// is most of the work of indexing. An [Inverter] is told the terms themselves: each is hashed once, into the table of its field, and
// adds a byte or two to the list of its documents. The lists are then written in the order of the terms. Ten times less work, and a
// tenth of the memory.
//
// Terms that neighbours share, like the names of the directories above them, are told as runs of documents (runs.go): what that costs
// is in the directories, not in the documents times the directories above each.
//
// # Layout of a segment
//
// In the order of the file. Numbers are uvarints unless their size is given; these are big endian.
//
//	zeros            frequencies for all lists that keep none (zeros.go)
//	documents        for each one: length of meta, length of data, meta, data;
//	                 meta is the length of the id, then for each stored value its field, type, offset, length and 0;
//	                 data is the id, then the stored values compressed with snappy
//	document index   8 bytes for each document: its offset; then 0, the number of nested documents
//	for each field
//	  lists          one for each term in more than one document, in the order of the terms:
//	                 frequencies, then the list: offset of the frequencies, 0 (no locations), length, roaring bitmap
//	  dictionary     length, then an FST (github.com/blevesearch/vellum) from term to offset of its list, or to the
//	                 one document that has it ("1-hit")
//	  doc values     for each 1024 documents their terms, compressed; then where each of these chunks ends
//	  address        where the doc values begin and end (or twice 2^64-1), where the dictionary is
//	fields           for each one: length of the name, name, options, 1, section 0 (2 bytes), offset of the address (8 bytes)
//	field index      number of fields, 8 bytes for each: its offset
//	footer           length of the writer's id (4), documents (8), offset of the document index (8) and of the field
//	                 index (8), chunk mode (4), version (4), CRC-32 of everything before it (4)
//
// The frequencies of a list are cut into chunks by document number, of about 1024 postings: number of chunks, the end of each,
// then for each posting twice its frequency and, if that is not 0, the norm: the number of terms of the document in the field.
//
// # Where it differs from what bleve writes
//
// What bleve reads from a segment is the same, but for one thing: where a field keeps no frequencies, a term that is in one document
// only has the frequency 1 instead of 0, because "1-hit" has no other; bleve's own merge writes such entries too. The bytes differ
// to save space, 67 instead of 107 a document with the names of a file index: terms in one document are always "1-hit", sets of
// documents use runs where these are shorter, and lists without frequencies share the bytes that say so.
//
// A bug of bleve shows more often for it: the Count of the entries that AutomatonIterator yields is 1 for all terms after the first
// "1-hit" one, also in segments that bleve merged. The count of a postings list is right.
package segment

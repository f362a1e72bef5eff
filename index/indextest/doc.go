// Package indextest is the conformance suite of an [index.Searcher]. It knows no engine: [Run] takes a function that
// makes a Searcher of documents, and holds it against [Scan], which looks at every document with index.Match.
//
//	func TestConformance(t *testing.T) {
//		indextest.Run(t, func(t testing.TB, docs []*index.Document) index.Searcher {
//			return build(t, docs)
//		})
//	}
//
// What is checked: exact totals; the hits, all their fields, and their order; cursors from page to page through to the
// end; facets; copies and their groups; what is highlighted; limits; cursors that are damaged or of another query; a
// context that is over; many searches at once. The documents are those of testdata/queries, with the worked examples
// of the language, and generated ones, with generated queries.
package indextest

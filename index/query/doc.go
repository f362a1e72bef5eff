// Package query is the language in which files are searched for: its text, its trees, its folding of
// letters, and nothing of any engine.
//
//	ubuntu iso (ext:iso | ext:img) -beta size:>1g host:debian.org sort:-date
//
// [Parse] reads a query and gives a [Query], a tree of [Expr] in normal form with an order, or a
// [*SyntaxError] that knows which bytes it is about. [Print] writes the tree again in the one canonical way, so
// that Parse(Print(q)) equals q. [Help] is the page that users read; it is made from the table of fields of
// this package, as are the suggestions for mistyped ones.
//
// # Trees
//
// The String methods write trees as
//
//	all                                   every document
//	(and X Y …) (or X Y …) (not X)
//	(words "ubuntu" !"ISO")               bare terms; ! before an exact one
//	(name has "wget") (name is! "README") kinds has, is, glob, re, and for hosts ip and cidr; ! if exact
//	(size 1025..) (depth 0..2)            both ends included
//	(date [2024-01-01, 2025-01-01))       the second end not included
//	(perm all 0020) (size unknown)
//
// What a tree selects is defined by index.Match; this package supplies the comparison of one leaf with one
// text ([CompileText]) because folding, wildcards and regular expressions belong to the language.
//
// # Folding
//
// Two texts are equal if their folds are: [Fold] makes é, É and e the same, and ß and ss, full width and half
// width, final and inner sigma. A term that is exact (the setting case:) compares [Exact] forms instead.
package query

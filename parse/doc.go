// Package parse reads the directory listings that FTP servers send.
//
// A listing is bytes in the dialect of the server, most often that of the Unix command ls -l:
//
//	drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic
//	-rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 rock list.txt
//	lrwxrwxrwx   1 fred     quarry         11 Jan  5 08:00 latest -> attic/v2.13
//
// [ReadAll] returns its entries, the lines that were not understood, and the error of the source.
// A [Reader] does the same line by line, in constant memory. Which format a line has is found out;
// [Options.Format] is for those who know it better.
//
// # What becomes of a line
//
// Each line is an entry, the heading of a section (of ls -lR), known noise ("total 52", empty
// lines, "." and ".."), a diagnostic of the server ("ls: attic: Permission denied"), or a
// [*SyntaxError]. Nothing is dropped otherwise, and nothing is guessed: a column that cannot be
// read makes the line an error. Where its name and type are beyond doubt the
// entry comes with that error, the doubtful column unknown. [Options.Trace] shows each line and its [Verdict].
//
// # Names
//
// Names are the server's bytes; nothing is decoded, trimmed or unescaped. To find out the charset
// is left to whoever knows more of a server than one listing.
//
// # Times
//
// Listings show the server's wall clock, without its zone ([Options.Location]), and of recent files not
// the year: it is the latest year in which the date exists and is not more than 24 hours after [Options.Now].
// [Entry.Precision] says how much of the time was printed.
package parse

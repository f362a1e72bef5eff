// Package parse reads the directory listings that FTP servers send.
//
// RFC 959 says of LIST that "this information may be hard to use automatically in a program, but may be quite
// useful to a human user". So a listing is bytes in the dialect of the server, most often that of the Unix command ls -l:
//
//	drwxr-xr-x   4 wilma    quarry       4096 Mar  9 17:04 attic
//	-rw-r--r--   1 wilma    quarry     183502 Nov 30  2009 rock list.txt
//	lrwxrwxrwx   1 fred     quarry         11 Jan  5 08:00 latest -> attic/v2.13
//
// [ReadAll] returns its entries, the lines that were not understood, and the error of the source.
// A [Reader] does the same line by line, in constant memory. Which format a line has is found out, line by
// line; [Options.Format] is for those who know better. The package imports the standard library alone.
//
// # What becomes of a line
//
// Each line is an entry, the heading of a section (of ls -lR), known noise ("total 52", column headings,
// empty lines, "." and ".."), a diagnostic of the server ("ls: attic: Permission denied"), or a
// [*SyntaxError]. Nothing is dropped otherwise, and nothing is guessed: a column that cannot be
// read makes the line an error. Where its name and type are beyond doubt the
// entry comes together with that error, the doubtful column unknown, so that no subtree is lost to one odd
// column. [Options.Trace] shows each line, its [Verdict], and what its columns were taken for.
//
// Unknown is not zero: a size or number of links that the listing does not say is -1, permissions are
// [NoPerm], a time is the zero [time.Time].
//
// # Names
//
// Names are the server's bytes; nothing is decoded, trimmed or unescaped but as the format demands. To find out
// the charset is left to whoever knows more of a server than one listing. Only LF ends a line, with one CR
// before it or without.
//
// # Times
//
// Listings show the server's wall clock, without its zone ([Options.Location]), and of recent files not
// the year: it is the latest year in which the date exists and is not more than 24 hours after [Options.Now],
// which should be when the listing was made. Times of MLSx and EPLF are UTC. [Entry.Precision] says how much of a
// time was printed. Dates that do not exist are errors; they never roll over. Numeric dates are read month
// first, unless a line among the first 64 KiB of the listing shows otherwise or [Options.DateOrder] says so. Months may be
// named in some forty languages and their charsets.
//
// # Formats
//
// Each format is a row of one table and a grammar in a file of its own, which begins with samples and
// references. In the order in which they are tried:
//
// MLSx: facts of RFC 3659, in reply to MLSD, MLST, and of some servers to LIST.
//
//	type=dir;modify=20110309170433;UNIX.mode=0755; attic
//
// EPLF: https://cr.yp.to/ftp/list/eplf.html, with a TAB before the name.
//
//	+i83.34,m1299690273,r,s183502,	rock list.txt
//
// NetWare: type, trustee rights, owner, size, date.
//
//	d [RWCEAFMS] wilma                          512 Mar  9 17:04 attic
//
// Unix: POSIX ls -l and everything like it: GNU, BSD, Solaris, AIX and busybox ls, with inodes, blocks, numeric
// identities or ACL marks; columns missing or run together; dates of any style and language; servers for Windows and
// the classic Mac OS that imitate it; Connect:Enterprise, HylaFAX; the reply to STAT.
//
//	-rw-r-----+ 12 Bed Rock    Power Users  512 2011-03-09 17:04 minutes
//	drwxr-xr-x               folder        3 Mar  9 17:04 attic
//
// SuperTCP, VxWorks, OS9, WFFTP, VShell: servers of the nineties and of embedded systems.
//
//	ATTIC        <DIR>     Mar 09 2011   17:04
//	  2048    Mar-09-2011  17:04:33   attic             <DIR>
//	 7.12     11/03/09 1704  d-ewrewr     1A0        4608 attic
//	rocks.bin        48640  03/09/11  Wed.  17:04:33
//	  4096  Mar 09, 2011 17:04 attic/
//
// DOS: Microsoft IIS in MSDOS style, Windows CE, DIR /S.
//
//	03-09-11  05:04PM       <DIR>          attic
//	2011-03-09  17:04              183,502 rock list.txt
//
// OS2: IBM OS/2.
//
//	0           DIR   03-09-111   17:04  attic
//
// VMS: OpenVMS, one entry in one line or two. Sizes are those of the blocks used.
//
//	ATTIC.DIR;1              1/16          9-MAR-2011 17:04:33  [WILMA]     (RWE,RWE,RE,RE)
//
// OS400: IBM i, LISTFMT 0.
//
//	WILMA            20480 09/03/11 17:04:33 *DIR       attic/
//
// Tandem: HPE NonStop. ZVM: IBM z/VM CMS.
//
//	ROCKS        101           736  9-Mar-11 17:04:33 255, 10 "NUNU"
//	ROCKS    DATA     V         80         42          3 2011-03-09 17:04:33 WILMA
//
// MVS: IBM z/OS: data sets, members, load modules, jobs.
//
//	PUB001 3390   2011/03/09  1   15  FB      80 27920  PS  WILMA.ROCKS
//	MINUTES   01.03 2010/01/02 2011/03/09 17:04    42    40     2 WILMA
//	WILMA    JOB00417  OUTPUT    3 Spool Files
//
// DLS: descriptive listings. Find: find -ls, in published listings. Names: NLST.
//
//	attic/                 =  Public area
//	  131074      4 drwxr-xr-x   3 wilma    quarry       4096 Mar  9 17:04 ./attic
//	/pub/rock list.txt
//
// Three things are never guessed: bare names, bare z/OS members that no heading announces, and
// MLSD lines without any fact. Listings in UTF-16 and EBCDIC are one error.
//
// Not read, for lack of a real sample: Unisys, MPE, Stratus, TOPS-20, NOS/VE.
package parse

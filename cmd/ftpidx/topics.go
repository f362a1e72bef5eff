package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// helpTopics are commands that do nothing but have a help text, in lines of a width: ftpidx help query.
func helpTopics(width int) []*cobra.Command {
	var formats strings.Builder
	formats.WriteString("The formats of listings that ftpidx reads, in the order in which they are tried.\n" +
		"Each line is read by the format that fits it; ftpidx parse --format NAME tries only one.\n")
	for _, f := range parse.Formats() {
		fmt.Fprintf(&formats, "\n  %-9s %s", f, f.Title())
	}
	return []*cobra.Command{
		{Use: "query", Short: "The query language", Long: strings.TrimRight(query.Help(max(width, 60)), "\n")},
		{Use: "formats", Short: "The formats of listings", Long: formats.String()},
		{Use: "config", Short: "The configuration file and the environment", Long: configHelp},
	}
}

// serversHelp is what ftpidx help servers adds to the help of the command.
const serversHelp = `What is learned of a server

FTP servers differ more than the standard lets one think. A crawl finds out how to deal with each of them, keeps it
with the archive, and 'ftpidx servers HOST' shows it:

  login       the directory after login, to which the paths of URLs are relative
              (RFC 1738): a URL that begins with /%2F is counted from the root
  listing     MLSD where the server has it, else LIST; -a where that shows more
  passive     EPSV, else PASV; the address in a PASV reply is not believed
  TLS         whether it is offered or demanded, and the certificate
  charset     of names, from all names together: UTF-8, or what fits best
  zone        of times, from MDTM against the listing
  limits      how many connections it bears, and how fast: both are remembered
              for later crawls
  robots.txt  what it asks robots not to list
  published   an ls-lR.gz or the like that agrees with a sample of directories

Say it yourself where a guess is wrong: 'ftpidx servers --charset cp1251 --zone Europe/Moscow HOST' reads the listings
kept anew, without asking the server. 'ftpidx help config' says how to set limits, TLS and certificates for one
server or a domain.`

package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// helpTopics are commands that do nothing but have a help text: ftpidx help query.
func helpTopics() []*cobra.Command {
	var formats strings.Builder
	formats.WriteString("The formats of listings that ftpidx reads, in the order in which they are tried.\n" +
		"Each line is read by the format that fits it; ftpidx parse --format NAME tries only one.\n")
	for _, f := range parse.Formats() {
		fmt.Fprintf(&formats, "\n  %-9s %s", f, f.Title())
	}
	return []*cobra.Command{
		{Use: "query", Short: "The query language", Long: strings.TrimRight(query.Help(), "\n")},
		{Use: "formats", Short: "The formats of listings", Long: formats.String()},
	}
}

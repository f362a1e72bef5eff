package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ftpidx/ftpidx/index"
	"github.com/ftpidx/ftpidx/index/query"
	"github.com/ftpidx/ftpidx/parse"
)

// Shells ask the program itself what may come next (cobra's hidden command __complete): commands and flags cobra knows,
// values of flags, servers and the query language are told here. Servers come from the summaries in the data directory, which
// may be read while crawls run.

func newCompletionCommand(e *env) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes commands, flags, servers and queries in a shell",
		Long: `Completion prints a script for bash, zsh, fish or powershell. In bash it needs the package bash-completion.

Exit status: 0 done; 2 usage.`,
		Example: `  # bash, for this session and for all to come
  source <(ftpidx completion bash)
  ftpidx completion bash > ~/.local/share/bash-completion/completions/ftpidx

  # zsh: a directory of $fpath
  ftpidx completion zsh > "${fpath[1]}/_ftpidx"

  # fish
  ftpidx completion fish > ~/.config/fish/completions/ftpidx.fish`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return writeBashCompletion(e.stdout, root)
			case "zsh":
				return writeZshCompletion(e.stdout, root)
			case "fish":
				return root.GenFishCompletion(e.stdout, true)
			}
			return root.GenPowerShellCompletionWithDesc(e.stdout)
		},
	}
}

// flagWords are the values of flags, whatever command has them. A leading comma: several between commas.
var flagWords = map[string]string{
	"format":     "auto " + formatNames(),
	"date-order": "auto mdy dmy ymd",
	"charset":    "auto utf-8 iso-8859-1 iso-8859-2 iso-8859-15 cp1250 cp1251 cp1252 koi8-r ibm866 ibm437 ibm850 sjis euc-jp gbk gb18030 big5 euc-kr",
	"zone":       zoneWords,
	"tls":        "auto require never",
	"tls-min":    "1.0 1.1 1.2 1.3",
	"listing":    "auto list mlsd",
	"refresh":    "auto full quick",
	"published":  "auto never only",
	"limit":      "all 10 100",
	"due":        "1d 7d 30d",
	"dead":       "30d 180d 1y",
	"facets":     "," + strings.Join(index.FacetNames, " "),
	"sort":       "," + strings.Join(query.SortKeys(), " "),
}

const zoneWords = "UTC Europe/Berlin Europe/London Europe/Moscow America/New_York America/Los_Angeles Asia/Tokyo"

// wordsOf are flags of one command whose values are others than those of flagWords.
var wordsOf = map[string]string{
	"crawl --zone":    "auto " + zoneWords,
	"servers --zone":  "auto " + zoneWords,
	"export --format": "ndjson ls-lR",
}

// serverArgs are the commands whose arguments are servers.
var serverArgs = []string{"crawl", "servers", "forget", "diff"}

// addCompletions tells cobra what may be typed in each command of root.
func addCompletions(e *env, root *cobra.Command) {
	for _, c := range root.Commands() {
		for _, name := range serverArgs {
			if c.Name() == name && c.ValidArgsFunction == nil {
				c.ValidArgsFunction = e.completeServer
			}
		}
		if c.Name() == "search" {
			c.ValidArgsFunction = e.completeSearch
		}
		if c.Args != nil && c.Args(c, []string{"file"}) != nil && c.ValidArgs == nil && c.ValidArgsFunction == nil {
			c.ValidArgsFunction = cobra.NoFileCompletions
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if words := e.flagCompletion(c.Name(), f.Name); words != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, words) // the command's own comes first
			}
		})
	}
}

// plainUsages removes the quotes around the names of values from the usages of flags: help pages put the name behind the
// flag for them, the descriptions of a completion would show them.
func plainUsages(c *cobra.Command) {
	plain := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") }
	c.PersistentFlags().VisitAll(plain)
	c.Flags().VisitAll(plain)
	for _, sub := range c.Commands() {
		plainUsages(sub)
	}
}

// flagCompletion returns what completes the value of a flag; nil: file names do.
func (e *env) flagCompletion(command, flag string) cobra.CompletionFunc {
	if flag == "host" {
		return e.completeServer
	}
	words := wordsOf[command+" --"+flag]
	if words == "" {
		words = flagWords[flag]
	}
	list, several := strings.CutPrefix(words, ",")
	if words == "" {
		return nil
	}
	return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := ""
		if i := strings.LastIndexByte(typed, ','); several && i >= 0 {
			before, typed = typed[:i+1], typed[i+1:]
		}
		if flag == "sort" && strings.HasPrefix(typed, "-") {
			before, typed = before+"-", typed[1:]
		}
		var out []string
		for _, w := range strings.Fields(list) {
			if strings.HasPrefix(w, typed) && !(several && strings.Contains(","+before, ","+w+",")) {
				out = append(out, before+w)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeServer completes the keys of known servers, in URLs too.
func (e *env) completeServer(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	scheme := ""
	for _, s := range []string{"ftp://", "ftps://", "ftpes://"} {
		if rest, ok := strings.CutPrefix(typed, s); ok {
			scheme, typed = s, rest
		}
	}
	var out []string
	for _, key := range serverKeys(e) {
		if scheme != "" {
			key = scheme + key + "/"
		}
		if strings.HasPrefix(key, scheme+typed) {
			out = append(out, key)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeSearch completes values of flags of search, which cobra leaves to us where it does not parse them, and the query: fields, their words, servers.
func (e *env) completeSearch(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	flags := cmd.Flags()
	valued := func(name string) bool {
		f := flags.Lookup(name)
		return f != nil && f.NoOptDefVal == ""
	}
	if len(args) > 0 { // the value of the flag before
		if name, ok := strings.CutPrefix(args[len(args)-1], "--"); ok && valued(name) {
			return e.completeValue(cmd, name, args, typed)
		}
	}
	if name, ok := strings.CutPrefix(typed, "--"); ok {
		if name, value, ok := strings.Cut(name, "="); ok && valued(name) {
			return e.completeValue(cmd, name, args, value) // the shells' scripts put --name= before it
		}
		return nil, cobra.ShellCompDirectiveNoFileComp // names of flags are cobra's
	}
	return e.completeQuery(typed)
}

func (e *env) completeValue(cmd *cobra.Command, flag string, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if f := e.flagCompletion(cmd.Name(), flag); f != nil {
		return f(cmd, args, typed)
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// completeQuery completes the last word of a query.
func (e *env) completeQuery(typed string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	// A query in quotes comes as one word, from fish with the open quote.
	word := strings.TrimLeft(typed[strings.LastIndexByte(typed, ' ')+1:], "-!('\"")
	before := typed[:len(typed)-len(word)]
	field, value, isField := strings.Cut(word, ":")
	var out []string
	if !isField {
		for _, f := range query.FieldNames() {
			if strings.HasPrefix(f.Text, strings.ToLower(word)) {
				out = append(out, before+f.Text+"\t"+f.About)
			}
		}
		return out, directive
	}
	before += field + ":"
	if i := strings.LastIndexByte(value, ','); i >= 0 {
		before, value = before+value[:i+1], value[i+1:]
	}
	if strings.EqualFold(field, "sort") && strings.HasPrefix(value, "-") {
		before, value = before+"-", value[1:]
	}
	suggestions := query.FieldValues(field)
	if isHostField(field) {
		for _, key := range serverKeys(e) {
			suggestions = append(suggestions, query.Suggestion{Text: key})
		}
	}
	for _, s := range suggestions {
		if strings.HasPrefix(s.Text, strings.ToLower(value)) {
			out = append(out, strings.TrimSuffix(fmt.Sprintf("%s%s\t%s", before, s.Text, s.About), "\t"))
		}
	}
	return out, directive &^ cobra.ShellCompDirectiveNoSpace
}

// isHostField reports whether a field of the language takes servers.
func isHostField(field string) bool {
	switch strings.ToLower(field) {
	case "host", "server", "site":
		return true
	}
	return false
}

// formatNames are the formats of listings, with blanks between them.
func formatNames() string {
	var names []string
	for _, f := range parse.Formats() {
		names = append(names, f.String())
	}
	return strings.Join(names, " ")
}

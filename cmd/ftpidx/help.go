package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	helpWidth    = 80  // where nobody knows how wide the reader's terminal is
	maxHelpWidth = 100 // longer lines are hard to read
)

// newHelpCommand is cobra's help command, but what there is no help about is an error.
func newHelpCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Explain a command, the query language, formats, servers or the configuration",
		Long: `Help prints what --help does, and pages about more than one command: query, formats, servers and config.

Exit status: 0 done; 2 there is no such command or topic.`,
		Example: `  # the query language on one page
  ftpidx help query`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			c := cmd.Root()
			for _, word := range args {
				c = subcommand(c, word)
			}
			if c == nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range c.Commands() {
				if !sub.Hidden && strings.HasPrefix(sub.Name(), toComplete) {
					names = append(names, sub.Name()+"\t"+sub.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c := cmd.Root()
			for i, word := range args {
				sub := subcommand(c, word)
				if sub == nil {
					err := usagef("no help about %q", strings.Join(args[:i+1], " "))
					if near := c.SuggestionsFor(word); len(near) > 0 {
						return withHint(err, "did you mean %s?", strings.Join(near, " or "))
					}
					return withHint(err, "%s --help names what there is", strings.TrimSpace(c.CommandPath()))
				}
				c = sub
			}
			writeHelp(e.stdout, c)
			if c.Name() == "servers" {
				fmt.Fprintf(e.stdout, "\n%s\n", layOut(serversHelp, lineWidth(e.stdout)))
			}
			return nil
		},
	}
}

// subcommand returns the command or topic of this name below c, nil if there is none.
func subcommand(c *cobra.Command, name string) *cobra.Command {
	if c == nil {
		return nil
	}
	for _, sub := range c.Commands() {
		if sub.Name() == name {
			return sub
		}
	}
	return nil
}

func lineWidth(out *output) int {
	if !out.terminal {
		return helpWidth
	}
	return min(out.width, maxHelpWidth)
}

// writeHelp writes the help text of a command or topic: what it does, how it is called, examples, subcommands, flags.
func writeHelp(out *output, cmd *cobra.Command) {
	width := lineWidth(out)
	title := func(s string) string { return out.paint(bold, s) }
	fmt.Fprintln(out, layOut(or(cmd.Long, cmd.Short+"."), width))
	if !cmd.Runnable() && !cmd.HasSubCommands() { // a topic
		return
	}
	if cmd.Runnable() && cmd.HasParent() {
		fmt.Fprintf(out, "\n%s\n  %s\n", title("Usage:"), cmd.UseLine())
	} else {
		fmt.Fprintf(out, "\n%s\n  %s COMMAND [flags]\n", title("Usage:"), cmd.CommandPath())
	}
	if cmd.Example != "" {
		fmt.Fprintf(out, "\n%s\n%s\n", title("Examples:"), cmd.Example)
	}
	list := func(heading string, want func(*cobra.Command) bool) {
		for _, sub := range cmd.Commands() {
			if sub.Hidden || !want(sub) {
				continue
			}
			if heading != "" {
				fmt.Fprintf(out, "\n%s\n", title(heading))
				heading = ""
			}
			fmt.Fprintln(out, hang(fmt.Sprintf("  %-11s ", sub.Name()), sub.Short, width))
		}
	}
	runs := func(c *cobra.Command) bool { return c.Runnable() || c.HasSubCommands() }
	list("Commands:", runs)
	list("More help, as in ftpidx help query:", func(c *cobra.Command) bool { return !runs(c) })
	flags := func(heading string, fs *pflag.FlagSet) {
		if text := strings.TrimRight(fs.FlagUsagesWrapped(width), "\n"); text != "" {
			fmt.Fprintf(out, "\n%s\n%s\n", title(heading), text)
		}
	}
	if cmd.HasParent() {
		flags("Flags:", cmd.LocalFlags())
		flags("Flags of all commands:", inheritedFlags(cmd))
	} else {
		flags("Flags of all commands:", cmd.PersistentFlags())
	}
}

// inheritedFlags returns the flags of all commands as a command takes them: search, which reads its arguments itself, takes
// what begins with one dash as a word of the query.
func inheritedFlags(cmd *cobra.Command) *pflag.FlagSet {
	if !cmd.DisableFlagParsing {
		return cmd.InheritedFlags()
	}
	long := pflag.NewFlagSet(cmd.Name(), pflag.ContinueOnError)
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		only := *f
		only.Shorthand = ""
		long.AddFlag(&only)
	})
	return long
}

// layOut breaks the lines of paragraphs anew for a width. Lines that begin with a blank stay as they are.
func layOut(text string, width int) string {
	var out []string
	var words []string
	flush := func() {
		if words != nil {
			out = append(out, hang("", strings.Join(words, " "), width))
			words = nil
		}
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if line == "" || line[0] == ' ' {
			flush()
			out = append(out, line)
			continue
		}
		words = append(words, strings.Fields(line)...)
	}
	flush()
	return strings.Join(out, "\n")
}

// hang breaks text into lines of a width; all but the first are indented as far as the prefix, with which that begins.
func hang(prefix, text string, width int) string {
	indent := textWidth(prefix)
	var b strings.Builder
	b.WriteString(prefix)
	at := indent
	for i, word := range strings.Fields(text) {
		w := textWidth(word)
		switch {
		case i == 0:
		case at+1+w > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += w
	}
	return b.String()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Exit statuses, the same for every command.
const (
	exitOK          = 0
	exitNothing     = 1   // search found nothing, parse met lines it did not understand
	exitError       = 2   // usage, bad query or failure
	exitIncomplete  = 3   // crawl finished with something missing
	exitInterrupted = 130 // resumable
)

const exitStatusHelp = `Exit status: 0 done; 1 search found nothing, parse met lines it did not
understand, diff found differences, index check found damage; 2 usage, bad
query or failure; 3 a crawl, an import or a diff finished with something
missing; 130 interrupted: the same command goes on where it stopped.`

// An env is everything that a command may touch of the process that it runs in.
type env struct {
	stdin  io.Reader
	stdout *output
	stderr *output
	now    func() time.Time
	getenv func(string) string

	environ func() []string // as os.Environ; nil: nobody looks for names that mean nothing

	dataFlag   string // --data
	configFlag string // --config
	quiet      bool
	verbose    bool

	given map[string]bool // flags of the command that the command line or the environment set
}

// A statusError ends the command with an exit status of its own; err is nil where everything has been said.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// exit returns the error that ends the command with the status and says nothing more.
func exit(status int) error { return &statusError{status: status} }

// A hintError adds what to do about an error.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

func withHint(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

// A usageError is shown with the usage line of its command.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{
		stdin: stdin, stdout: newOutput(stdout, os.Getenv), stderr: newOutput(stderr, os.Getenv),
		now: time.Now, getenv: os.Getenv, environ: os.Environ,
	}
	e.stderr.unbuffered = true
	root := newRootCommand(e)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if ferr := e.stdout.Flush(); ferr != nil && err == nil {
		err = ferr
	}
	return report(ctx, e, cmd, err)
}

// report says what went wrong and returns the exit status.
func report(ctx context.Context, e *env, cmd *cobra.Command, err error) int {
	if err == nil || closedPipe(err) { // whoever read our output has seen enough
		return exitOK
	}
	var status *statusError
	if errors.As(err, &status) && status.err == nil {
		return status.status
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	fmt.Fprintf(e.stderr, "error: %s\n", escapeLines(err.Error()))
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(e.stderr, "usage: %s\n", cmd.UseLine())
	}
	var hint *hintError
	if errors.As(err, &hint) {
		fmt.Fprintln(e.stderr, e.stderr.fold("hint: "+hint.hint))
	} else if errors.As(err, &usage) {
		fmt.Fprintf(e.stderr, "hint: %s --help shows examples\n", cmd.CommandPath())
	}
	if status != nil {
		return status.status
	}
	return exitError
}

// helpers are commands that work whatever the configuration is.
var helpers = []string{"help", "version", "completion"}

func newRootCommand(e *env) *cobra.Command {
	root := &cobra.Command{
		Use:   "ftpidx COMMAND",
		Short: "Crawl FTP servers, keep what they listed, find any file in milliseconds",
		Long: `ftpidx crawls FTP servers, keeps what they listed, and finds any file on any of
them in milliseconds.

` + exitStatusHelp,
		Example: `  # see it work, without network and without touching your data
  ftpidx demo

  # crawl a server, then search it
  ftpidx crawl ftp://ftp.example.org/pub/
  ftpidx search 'ubuntu iso size:>1gb'

  # read a listing that you have
  ftpidx parse --json < listing.txt`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Version:           version(),
		TraverseChildren:  true, // ftpidx -v search …: the flag is ours, not a word of the query
		Args:              cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			err := fmt.Errorf("unknown command %q", args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				return withHint(usageError{err}, "did you mean %s?", strings.Join(near, " or "))
			}
			return usageError{err}
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case strings.HasPrefix(cmd.Name(), cobra.ShellCompRequestCmd): // where the data is
				_ = e.setDefaults(cmd) // a mistake is told when a command runs
				plainUsages(cmd.Root())
				return nil
			case cmd == cmd.Root() || cmd.DisableFlagParsing || slices.Contains(helpers, cmd.Name()):
				return nil
			}
			return e.setDefaults(cmd)
		},
		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	pf := root.PersistentFlags()
	pf.StringVar(&e.dataFlag, "data", "", "data `DIRECTORY` (default $FTPIDX_DATA, else ~/.local/share/ftpidx)")
	pf.StringVar(&e.configFlag, "config", "", "configuration `FILE` (default $FTPIDX_CONFIG, else ~/.config/ftpidx/config.toml)")
	pf.BoolVar(&e.quiet, "quiet", false, "no progress, no remarks")
	pf.BoolVarP(&e.verbose, "verbose", "v", false, "say what is done, on standard error")
	root.SetVersionTemplate("ftpidx {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd.Flags(), err) })
	root.CompletionOptions.DisableDefaultCmd = true // ours says what it is for
	root.AddCommand(commands(e)...)
	root.AddCommand(helpTopics(lineWidth(e.stdout))...)
	help := newHelpCommand(e)
	root.SetHelpCommand(help)
	root.AddCommand(help)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(e.stdout, cmd) })
	addCompletions(e, root)
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	return root
}

// commands is the table of commands.
func commands(e *env) []*cobra.Command {
	return []*cobra.Command{
		newCrawlCommand(e),
		newSearchCommand(e),
		newServeCommand(e),
		newImportCommand(e),
		newExportCommand(e),
		newServersCommand(e),
		newDiffCommand(e),
		newForgetCommand(e),
		newIndexCommand(e),
		newParseCommand(e),
		newDemoCommand(e),
		newVersionCommand(e),
		newCompletionCommand(e),
	}
}

// logger writes to standard error: everything with --verbose, warnings otherwise, nothing with --quiet.
func (e *env) logger() *slog.Logger {
	level := slog.LevelWarn
	switch {
	case e.verbose:
		level = slog.LevelDebug
	case e.quiet:
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// warn says on standard error that something is missing or was cut, with --quiet too.
func (e *env) warn(format string, args ...any) {
	fmt.Fprintln(e.stderr, e.stderr.fold(fmt.Sprintf("warning: "+format, args...)))
}

// remark says something on standard error unless --quiet.
func (e *env) remark(format string, args ...any) {
	if !e.quiet {
		fmt.Fprintln(e.stderr, e.stderr.fold(fmt.Sprintf(format, args...)))
	}
}

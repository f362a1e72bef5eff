package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What is wrong with a command line is said in our words: those of the packages that read it are for programmers.

// wrapArgs makes wrong arguments usage errors, as wrong flags are.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) == nil {
				return nil
			}
			return usageError{argsError(check, cmd, args)}
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// argsError says in our words what is wrong with the arguments of a command, which check refuses.
func argsError(check cobra.PositionalArgs, cmd *cobra.Command, args []string) error {
	for n := len(args) - 1; n >= 0; n-- {
		if check(cmd, args[:n]) == nil {
			return fmt.Errorf("unexpected argument %q", args[n])
		}
	}
	if len(args) > 0 && cmd.ValidArgs != nil {
		return fmt.Errorf("%q is none of %s", args[0], strings.Join(cmd.ValidArgs, ", "))
	}
	return errors.New("an argument is missing")
}

// flagError is the usage error for what the flags of a command do not take.
func flagError(flags *pflag.FlagSet, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return usageError{valueError(err)}
	}
	err = usagef("unknown flag --%s", unknown.GetSpecifiedName())
	if near := flagsLike(flags, unknown.GetSpecifiedName()); near != "" {
		return withHint(err, "%s", near)
	}
	return err
}

// flagsLike asks whether a flag with a name like this one was meant; "" if there is none.
func flagsLike(flags *pflag.FlagSet, name string) string {
	var known []string
	flags.VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	near := didYouMean(name, known)
	if len(near) == 0 {
		return ""
	}
	return "did you mean --" + strings.Join(near, " or --") + "?"
}

// valueError says that a flag cannot have a value.
func valueError(err error) error {
	var bad *pflag.InvalidValueError
	if !errors.As(err, &bad) {
		return err
	}
	f := bad.GetFlag()
	kinds := map[string]string{"int": "a whole number", "int64": "a whole number", "float64": "a number", "bool": "true or false", "duration": "a time as 500ms, 30s or 2h"}
	if kind := kinds[f.Value.Type()]; kind != "" {
		return fmt.Errorf("--%s takes %s, not %q", f.Name, kind, bad.GetValue())
	}
	return fmt.Errorf("--%s: %s", f.Name, strings.TrimPrefix(bad.Unwrap().Error(), "parse: "))
}

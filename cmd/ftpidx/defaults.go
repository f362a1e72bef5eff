package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every flag has a default that the user may change: for one session in the environment, for good in the configuration file. The
// names are those of the flags. What is nearer to the command line comes first:
//
//	ftpidx crawl --max-rate 5       flag
//	FTPIDX_CRAWL_MAX_RATE=5         environment; FTPIDX_QUIET for flags that all commands have
//	[crawl] max-rate = 5            file; quiet = true, above all tables, for flags that all commands have

// oneTime are flags about one run of a command, which have no default to change.
var oneTime = []string{"help", "version", "config", "yes", "after"}

// setDefaults gives the flags of a command that are not on the command line their values from the environment or the configuration
// file. It checks the whole file, whatever the command.
func (e *env) setDefaults(cmd *cobra.Command) error {
	conf, err := e.config()
	if err != nil {
		return err
	}
	section := strings.Fields(cmd.CommandPath())[1:]
	e.given = make(map[string]bool)
	cmd.InheritedFlags() // adds them to Flags, where cobra has not
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err != nil || slices.Contains(oneTime, f.Name) {
			return
		}
		if f.Changed {
			e.given[f.Name] = true
			return
		}
		name := envName(section, f)
		if v := e.getenv(name); v != "" {
			e.given[f.Name] = true
			if serr := cmd.Flags().Set(f.Name, v); serr != nil {
				err = usagef("%s=%s: %w", name, v, valueError(serr))
			}
		}
	})
	if err != nil {
		return err
	}
	if err := e.unknownVariable(cmd, section); err != nil {
		return err
	}
	for i := range conf.keys {
		k := &conf.keys[i]
		if _, table := k.value.(map[string]any); k.path[0] == "server" || table && commandAt(cmd.Root(), k.path) != nil {
			continue
		}
		owner := commandAt(cmd.Root(), k.path[:len(k.path)-1])
		name := strings.ReplaceAll(k.path[len(k.path)-1], "_", "-")
		var f *pflag.Flag
		if owner == cmd.Root() {
			f = owner.PersistentFlags().Lookup(name)
		} else if owner != nil {
			f = owner.LocalFlags().Lookup(name)
		}
		if f == nil || slices.Contains(oneTime, name) {
			return unknownKey(cmd.Root(), conf, k)
		}
		if err := checkValue(k.value); err != nil {
			return conf.at(k, "%s: %w", strings.Join(k.path, "."), err)
		}
		if owner != cmd.Root() && owner != cmd || e.given[name] {
			continue
		}
		if text, ok := k.value.(string); ok && slices.Contains(fileFlags, name) {
			file, err := e.configPath(text)
			if err != nil {
				return conf.at(k, "%s: %w", strings.Join(k.path, "."), err)
			}
			k.value = file
		}
		if err := setValue(cmd.Flags(), name, k.value); err != nil {
			return conf.at(k, "%s: %w", strings.Join(k.path, "."), valueError(err))
		}
	}
	return nil
}

// unknownVariable is the error for a variable of the environment that would be of a flag of the command, were there one: it would
// do nothing, in silence.
func (e *env) unknownVariable(cmd *cobra.Command, section []string) error {
	if e.environ == nil {
		return nil
	}
	prefix := envName(section, new(pflag.Flag))
	var known []string
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(oneTime, f.Name) {
			known = append(known, envName(section, f))
		}
	})
	for _, v := range e.environ() {
		name, value, _ := strings.Cut(v, "=")
		if value == "" || !strings.HasPrefix(name, prefix) || slices.Contains(known, name) {
			continue
		}
		err := usagef("%s in the environment sets no flag of %s", name, cmd.CommandPath())
		if near := didYouMean(name, known); len(near) > 0 {
			return withHint(err, "did you mean %s?", strings.Join(near, " or "))
		}
		return err
	}
	return nil
}

// fileFlags are flags that name a file or a directory.
var fileFlags = []string{"data", "ca-file", "seeds"}

// configPath returns the file that a value of the configuration file means. No shell has read it: ~/ is ours to replace; and what is
// relative would be another file in each directory that the program is started in.
func (e *env) configPath(value string) (string, error) {
	if rest, ok := strings.CutPrefix(filepath.ToSlash(value), "~/"); ok && e.home() != "" {
		return filepath.Join(e.home(), rest), nil
	}
	if value == "-" || filepath.IsAbs(value) {
		return value, nil
	}
	return "", fmt.Errorf("%q is relative: write the whole path, or one that begins with ~/", value)
}

// envName returns the name of the variable for a flag of a command.
func envName(section []string, f *pflag.Flag) string {
	words := []string{"FTPIDX"}
	if !slices.Contains(globalFlags, f.Name) {
		words = append(words, section...)
	}
	return strings.ToUpper(strings.ReplaceAll(strings.Join(append(words, f.Name), "_"), "-", "_"))
}

// globalFlags are those that all commands have.
var globalFlags = []string{"data", "quiet", "verbose"}

// commandAt returns the command that these words run, nil if there is none; no words: the root.
func commandAt(c *cobra.Command, words []string) *cobra.Command {
	for _, w := range words {
		i := slices.IndexFunc(c.Commands(), func(sub *cobra.Command) bool {
			return sub.Name() == w && sub.Runnable() || sub.Name() == w && sub.HasSubCommands()
		})
		if i < 0 {
			return nil
		}
		c = c.Commands()[i]
	}
	return c
}

// checkValue returns an error for what no flag can be.
func checkValue(v any) error {
	switch v := v.(type) {
	case map[string]any:
		return fmt.Errorf("a table is not expected here")
	case []any:
		for _, item := range v {
			if _, ok := item.(string); !ok {
				return fmt.Errorf("the items are not all texts in quotes")
			}
		}
	}
	return nil
}

// setValue sets a flag to a value of the configuration file.
func setValue(fs *pflag.FlagSet, name string, v any) error {
	f := fs.Lookup(name)
	list, isList := v.([]any)
	if !isList {
		return fs.Set(name, fmt.Sprint(v))
	}
	slice, ok := f.Value.(pflag.SliceValue)
	if !ok {
		return fmt.Errorf("one value is expected, not a list")
	}
	var texts []string
	for _, item := range list {
		texts = append(texts, item.(string))
	}
	f.Changed = true
	return slice.Replace(texts)
}

// unknownKey says what might have been meant.
func unknownKey(root *cobra.Command, c *config, k *configKey) error {
	full := strings.Join(k.path, ".")
	err := c.at(k, "unknown key %s", full)
	var known []string
	name := strings.ReplaceAll(k.path[len(k.path)-1], "_", "-")
	for _, sub := range root.Commands() {
		sub.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if slices.Contains(oneTime, f.Name) || slices.Contains(globalFlags, f.Name) {
				return
			}
			if len(k.path) == 1 && f.Name == name { // in the wrong table
				known = append(known, sub.Name()+"."+f.Name)
			}
			if len(k.path) > 1 && sub.Name() == k.path[0] {
				known = append(known, sub.Name()+"."+f.Name)
			}
		})
	}
	if len(k.path) == 1 && len(known) > 0 {
		return withHint(err, "did you mean %s?", strings.Join(known, " or "))
	}
	if len(k.path) == 1 {
		known = append(slices.Clone(globalFlags), "server")
		for _, sub := range root.Commands() {
			if sub.HasAvailableLocalFlags() {
				known = append(known, sub.Name())
			}
		}
	}
	if len(known) == 0 {
		return withHint(err, "ftpidx help config has all keys")
	}
	return withHint(err, "%s", orKnown(didYouMean(full, known), known))
}

// didYouMean returns the known words that are like the word, as cobra suggests commands.
func didYouMean(word string, known []string) []string {
	c := cobra.Command{SuggestionsMinimumDistance: 2}
	for _, k := range known {
		c.AddCommand(&cobra.Command{Use: k, Run: func(*cobra.Command, []string) {}})
	}
	return c.SuggestionsFor(word)
}

// orKnown is a hint: what may have been meant, or what there is.
func orKnown(near, known []string) string {
	if len(near) > 0 {
		return fmt.Sprintf("did you mean %s?", strings.Join(near, " or "))
	}
	return "known are " + strings.Join(known, " ")
}

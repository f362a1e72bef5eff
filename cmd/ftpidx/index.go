package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/crawl/archive"
	"github.com/ftpidx/ftpidx/index"
)

func newIndexCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "index",
		Short: "Publish, rebuild and look at the index",
		Long: `The index is a view of the archives: crawl and import publish what they find, and everything can always
be built again from the archives alone. That takes up to 0.7 GB of memory; in a container that has less, or with
$GOMEMLIMIT, as 100MiB, it takes about that much, and searches take longer.

Exit status: 0 done; 1 check found damage; 2 usage or failure; 3 an archive cannot be read, the others are published.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newIndexPublishCommand(e), newIndexRebuildCommand(e), newIndexInfoCommand(e), newIndexCheckCommand(e), newIndexSnapshotCommand(e))
	return cmd
}

func newIndexPublishCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "publish",
		Short: "Publish what archives hold and the index does not",
		Long: `Publish brings the index up to date with the archives. Servers that another process crawls are left to it.

Exit status: 0 done; 2 failure; 3 an archive cannot be read, the others are published.`,
		Example: `  # after a crawl was killed
  ftpidx index publish`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := e.writableData()
			if err != nil {
				return err
			}
			return publishedInfo(e, data, newPublisher(e, data).publish(cmd.Context()))
		},
	}
}

func newIndexRebuildCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Build the whole index again from the archives",
		Long: `Rebuild builds the index from the archives alone, whatever there is of it: after damage, after an upgrade
that changes its format, or to read the kept listings with a better parser. Searches go on in what was
published before until it is done.

Exit status: 0 done; 2 failure, or a server is being crawled; 3 an archive cannot be read, the others
are published.`,
		Example: `  # after an upgrade that reads listings better
  ftpidx index rebuild`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := e.writableData()
			if err != nil {
				return err
			}
			return publishedInfo(e, data, newPublisher(e, data).rebuild(cmd.Context()))
		},
	}
}

func newIndexInfoCommand(e *env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Show what is published",
		Long: `Info shows the generations in force: documents, size, servers.

Exit status: 0 done; 2 nothing is published, or failure.`,
		Example: `  # what is published, and how many bytes it takes
  ftpidx index info
  ftpidx index info --json | jq '.generations[].bytes' | paste -sd+ | bc`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			data, err := e.dataDir()
			if err != nil {
				return err
			}
			return printIndexInfo(e, data, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the manifest as JSON")
	return cmd
}

func newIndexCheckCommand(e *env) *cobra.Command {
	var opts index.CheckOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Look for damage",
		Long: `Check reads everything in the index: checksums, counts, all entries, and whether queries for a sample
of documents find exactly what a scan of all documents finds.

Exit status: 0 no damage; 1 damage was found; 2 nothing is published, or failure.`,
		Example: `  # look, and build anew what is damaged
  ftpidx index check || ftpidx index rebuild`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.Samples < 0 {
				return usagef("--samples cannot be negative")
			}
			if opts.Samples == 0 {
				opts.Samples = -1
			}
			return runIndexCheck(cmd.Context(), e, &opts)
		},
	}
	cmd.Flags().IntVar(&opts.Samples, "samples", 20, "try queries for `N` documents of each generation; 0: none")
	return cmd
}

func runIndexCheck(ctx context.Context, e *env, opts *index.CheckOptions) error {
	data, err := e.dataDir()
	if err != nil {
		return err
	}
	r, err := index.Check(ctx, indexDir(data), opts)
	if errors.Is(err, fs.ErrNotExist) {
		return nothingIndexed(data)
	}
	if err != nil {
		return err
	}
	for _, d := range r.Damage {
		fmt.Fprintf(e.stderr, "damage: %s\n", escapeLines(d.Error()))
	}
	damage := "no damage"
	if n := len(r.Damage); n > 0 {
		damage = "damage in " + plural(n, "place", "places")
	}
	fmt.Fprintf(e.stdout, "%s in %s and %s checked, %s found\n", plural(r.Docs, "document", "documents"),
		plural(r.Generations, "generation", "generations"), plural(r.Queries, "query", "queries"), damage)
	if len(r.Damage) > 0 {
		return exit(exitNothing)
	}
	return nil
}

func newIndexSnapshotCommand(e *env) *cobra.Command {
	var hosts []string
	cmd := &cobra.Command{
		Use:   "snapshot DIR",
		Short: "Make a copy of the index that can be searched elsewhere",
		Long: `Snapshot makes a consistent copy of the index, as it is now, in the data directory DIR, which must not hold
an index yet. Beside the original it is made of hard links and costs next to nothing. Archives are not copied.

Exit status: 0 done; 2 nothing is published, or failure.`,
		Example: `  # a copy to take to another machine
  ftpidx index snapshot /srv/ftpidx-copy
  ftpidx search --data /srv/ftpidx-copy 'ubuntu iso'

  # chosen servers only
  ftpidx index snapshot --host ftp.example.org --host ftp.example.net /srv/two`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := e.dataDir()
			if err != nil {
				return err
			}
			keys, err := indexedKeys(e, data, hosts)
			if err != nil {
				return err
			}
			if _, err := index.Snapshot(cmd.Context(), indexDir(data), indexDir(args[0]), keys...); err != nil {
				return err
			}
			return printIndexInfo(e, args[0], false)
		},
	}
	cmd.Flags().StringArrayVar(&hosts, "host", nil, "copy this `SERVER` only; may be given several times")
	mustComplete(cmd, "host", completeServers(e))
	return cmd
}

// indexedKeys returns the keys of the servers in the index that hosts mean.
func indexedKeys(e *env, data string, hosts []string) ([]string, error) {
	ix, err := openIndex(e, data)
	if err != nil {
		return nil, err
	}
	defer ix.Close()
	m, err := ix.Manifest()
	if err != nil {
		return nil, err
	}
	var all, keys []string
	for _, g := range m.Generations {
		for _, s := range g.Servers {
			all = append(all, s.Key)
		}
	}
	slices.Sort(all)
	for _, host := range hosts {
		i, err := findKey(all, host)
		switch {
		case err != nil:
			return nil, err
		case i < 0:
			return nil, withHint(fmt.Errorf("the index holds no server %s", host), "ftpidx index info --json names those that it holds")
		}
		keys = append(keys, all[i])
	}
	return keys, nil
}

// publishedInfo shows what is published after publishing ended with err.
func publishedInfo(e *env, data string, err error) error {
	left := e.leftOut(err)
	if err != nil && !left {
		return err
	}
	if err := printIndexInfo(e, data, false); err != nil || !left {
		return err
	}
	return exit(exitIncomplete)
}

func printIndexInfo(e *env, data string, asJSON bool) error {
	ix, err := openIndex(e, data)
	if err != nil {
		return err
	}
	defer ix.Close()
	m, err := ix.Manifest()
	if err != nil {
		return err
	}
	if asJSON {
		b, err := json.Marshal(m)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s\n", b)
		return err
	}
	servers, partial, bytes := 0, 0, int64(0)
	for _, g := range m.Generations {
		bytes += g.Bytes
		for _, s := range g.Servers {
			servers++
			partial += btoi(s.Partial)
		}
	}
	docs := m.Docs()
	fmt.Fprintf(e.stdout, "%s of %s in %s, %s", plural(docs, "document", "documents"), plural(servers, "server", "servers"),
		plural(len(m.Generations), "generation", "generations"), humanSize(bytes))
	if docs > 0 {
		fmt.Fprintf(e.stdout, " (%d bytes a document)", bytes/int64(docs))
	}
	fmt.Fprintln(e.stdout)
	if partial > 0 {
		fmt.Fprintf(e.stdout, "%s crawled in part\n", plural(partial, "server", "servers"))
	}
	return nil
}

// rebuild builds the index again from all archives that can be read. The error is a *leftOutError if there are others too.
func (p *publisher) rebuild(ctx context.Context) error {
	all, unread := archive.List(archiveDir(p.data))
	var keys []string
	for i := range all {
		keys = append(keys, all[i].Key)
	}
	if len(keys) == 0 {
		if unread != nil {
			return unread
		}
		err := fmt.Errorf("no archives in %s", p.data)
		if hasIndex(p.data) {
			return withHint(err, "it has a snapshot of an index: make it anew where the archives are, by ftpidx index snapshot")
		}
		return withHint(err, "crawl a server first: ftpidx crawl ftp://HOST/")
	}
	err := p.publishAll(ctx, keys, true, &index.PublishOptions{Replace: true, Compact: true})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("an archive has gone: %w", err)
	}
	return alsoLeftOut(err, unread)
}

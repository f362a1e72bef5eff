package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/ftpidx/ftpidx/index"
)

func newIndexCommand(e *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "index",
		Short: "Publish, rebuild and look at the index",
		Long: `The index is a view of the archives: crawl and import publish what they find, and everything can always
be built again from the archives alone.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newIndexPublishCommand(e), newIndexRebuildCommand(e), newIndexInfoCommand(e))
	return cmd
}

func newIndexPublishCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "publish",
		Short: "Publish what archives hold and the index does not",
		Long: `Publish brings the index up to date with the archives. Servers that another process crawls are left to it.

Exit status: 0 done; 2 failure.`,
		Example: `  # after a crawl was killed
  ftpidx index publish`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := e.writableData()
			if err != nil {
				return err
			}
			if err := newPublisher(e, data).publish(cmd.Context()); err != nil {
				return err
			}
			return printIndexInfo(e, data, false)
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

Exit status: 0 done; 2 failure, or a server is being crawled.`,
		Example: `  ftpidx index rebuild`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := e.writableData()
			if err != nil {
				return err
			}
			if err := newPublisher(e, data).rebuild(cmd.Context()); err != nil {
				return err
			}
			return printIndexInfo(e, data, false)
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
		Example: `  ftpidx index info
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

// rebuild builds the index again from all archives. One that cannot be read ends it: what is published is kept.
func (p *publisher) rebuild(ctx context.Context) error {
	keys, err := p.known()
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return withHint(fmt.Errorf("no archives in %s", p.data), "crawl a server first: ftpidx crawl ftp://HOST/")
	}
	err = p.publishAll(ctx, keys, true, &index.PublishOptions{Replace: true, Compact: true})
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("an archive has gone: %w", err)
	}
	return err
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports"
)

func newDiff(c *common) *cobra.Command {
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "What changed between two kept runs",
		Long: "diff compares two runs (folders, ids below --out, or latest): what is new, fixed, moved, newly unknown, newly uncovered, and what the later run\n" +
			"could not look at again. It says whether the policies or the configuration changed too. -o json writes it for a program.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("%s takes 2 arguments, not %d: OLD and NEW, each a run folder, a run's id or latest", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.diff(cmd.Context(), args[0], args[1], exitCode)
		},
	}
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit 4 where the runs differ")
	return cmd
}

func (c *common) diff(ctx context.Context, oldRun, newRun string, exitCode bool) error {
	for _, format := range c.formats {
		if format != "table" && format != "json" {
			return fmt.Errorf("-o %q: diff writes table or json", format)
		}
	}
	compared, err := c.compare(ctx, oldRun, newRun)
	if err != nil {
		return err
	}
	err = buffered(c.stdout, func(w io.Writer) error {
		if len(c.formats) == 1 && c.formats[0] == "json" {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(compared)
		}
		return reports.Diff(w, compared)
	})
	if err == nil && exitCode && len(compared.Differences) > 0 {
		return errExit(exitDiffers)
	}
	return err
}

// compare compares two runs by their folders. Where one has expired, the database tells what it still knows.
func (c *common) compare(ctx context.Context, oldRun, newRun string) (*residency.Comparison, error) {
	var dirs [2]string
	for i, arg := range []string{oldRun, newRun} {
		dir, err := evidence.Find(c.out, arg)
		if err != nil {
			if compared, known, err := c.remembered(ctx, oldRun, newRun); known || err != nil {
				return compared, err
			}
			return nil, fmt.Errorf("diff %q: there is no run of that name, neither as a folder nor in %s", arg, c.out)
		}
		dirs[i] = dir
	}
	compared, err := audit.Diff(ctx, dirs[0], dirs[1])
	if err != nil {
		return nil, fmt.Errorf("diff: %w", err)
	}
	return compared, nil
}

// remembered compares two runs of the store's log as its database knows them; false where the log does not have them.
func (c *common) remembered(ctx context.Context, oldRun, newRun string) (*residency.Comparison, bool, error) {
	l, err := evidence.ReadLog(c.out)
	if err != nil {
		return nil, false, nil //nolint:nilerr // there is no store to ask
	}
	for _, id := range []string{oldRun, newRun} {
		if !slices.ContainsFunc(l.Entries(), func(e evidence.Entry) bool { return e.Leaf.Kind == evidence.KindRun && e.Leaf.Run == id }) {
			return nil, false, nil
		}
	}
	cfg, path, err := c.storeConfig()
	if err != nil {
		return nil, true, err
	}
	h, err := c.remember(ctx, cfg, path)
	if err != nil {
		return nil, true, err
	}
	compared, err := h.Compare(ctx, oldRun, newRun)
	return compared, true, errors.Join(err, h.Close())
}

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/schedule"
	"github.com/seed-1578181b/domicile/reports"
)

func newHistory(c *common) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "history",
		Short: "The kept runs, the nights that are missing, and what is open since when",
		Long: "history tells what happened in the store below --out: its runs and heartbeats, a calendar of the nights with the reason for each that is not done,\n" +
			"and the violations that are open, with since when. The nights are those of the configuration's schedule, else each day (UTC). It brings the\n" +
			"database up to the store's log first: " + historyFile + " in the store, or what history.dsn names. -o json writes it for a program.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%s %q: one of rebuild, hold, release, expire", cmd.CommandPath(), args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return c.history(cmd.Context(), from, to) },
	}
	cmd.Flags().StringVar(&from, "from", "", "first day, as 2026-11-23 (default a year before the last, or the first of the store)")
	cmd.Flags().StringVar(&to, "to", "", "last day (default today)")
	cmd.AddCommand(newHistoryRebuild(c), newHold(c, "hold", evidence.KindHold), newHold(c, "release", evidence.KindRelease), newExpire(c))
	return cmd
}

// historyFile is the database in a store, where none is configured.
const historyFile = "history.db"

// historyShown is how many runs are listed where no days are given.
const historyShown = 30

// lateAfter is how long after a night was due, and its jitter, a run of it counts as late.
const lateAfter = time.Hour

func (c *common) history(ctx context.Context, from, to string) error {
	asJSON, err := c.tableOrJSON("history")
	if err != nil {
		return err
	}
	read := c.storeConfig
	if isThere(filepath.Join(c.out, historyFile)) { // of nights that failed before there was a log
		read = c.optionalConfig
	}
	cfg, path, err := read()
	if err != nil {
		return err
	}
	span := audit.Span{From: from, To: to, Now: c.now(), Location: time.UTC}
	if from == "" && to == "" {
		span.Most = historyShown
	}
	if s := cfg.Schedule; s.Cron != "" && !strings.Contains(s.Cron, "@every") { // which says no time of a day
		parsed, err := schedule.Parse(s.Cron, s.Timezone)
		if err != nil {
			return fmt.Errorf("%s: schedule: %w", path, err)
		}
		span.Schedule, span.Location, span.Next, span.Slack = s.Cron, parsed.Location(), parsed.Next, s.Jitter+lateAfter
	}
	h, err := c.remember(ctx, cfg, path)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // all is written
	chronicle, err := audit.ChronicleOf(ctx, c.out, h, span)
	if err != nil {
		return err
	}
	return buffered(c.stdout, func(w io.Writer) error {
		if asJSON {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(chronicle)
		}
		width, isTerminal := c.terminal(c.stdout)
		return reports.History(w, chronicle, width, isTerminal && !c.noColor && c.getenv("NO_COLOR") == "")
	})
}

// tableOrJSON is -o of a command that writes no other formats.
func (c *common) tableOrJSON(command string) (asJSON bool, err error) {
	for _, format := range c.formats {
		if format != "table" && format != "json" {
			return false, fmt.Errorf("-o %q: %s writes table or json", format, command)
		}
	}
	return len(c.formats) == 1 && c.formats[0] == "json", nil
}

// storeConfig is the configuration of a command on a store, which needs none.
func (c *common) storeConfig() (*config.Config, string, error) {
	if !evidence.HasLog(c.out) {
		return nil, "", fmt.Errorf("%s has no log of runs: domicile scan writes one; name another folder with --out", c.out)
	}
	return c.optionalConfig()
}

// optionalConfig is the configuration, or an empty one where none is named and none is there.
func (c *common) optionalConfig() (*config.Config, string, error) {
	if _, err := os.Stat(defaultConfig); c.config == "" && errors.Is(err, os.ErrNotExist) {
		return &config.Config{}, "", nil
	}
	return c.read("")
}

// historyDSN is the address of the store's database.
func (c *common) historyDSN(cfg *config.Config, path string) string {
	dsn := cfg.History.DSN
	if file, is := history.IsPath(dsn); is && file != "" && !strings.Contains(file, "://") {
		return beside(path, file)
	}
	return cmp.Or(dsn, filepath.Join(c.out, historyFile))
}

// remember opens the store's database and brings it up to the log.
func (c *common) remember(ctx context.Context, cfg *config.Config, path string) (*history.Store, error) {
	h, err := history.Open(ctx, c.historyDSN(cfg, path))
	if err != nil {
		return nil, err
	}
	if _, err := audit.Remember(ctx, c.out, h, audit.Standings); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func newHistoryRebuild(c *common) *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Make the history's database anew from the log and the run folders",
		Long: "rebuild reads every run again and replaces the database in one step; the nights of the schedule and their leases stay. A file that is damaged is\n" +
			"put aside. What only expired runs told is in no folder any more, and so is not in the new database.",
		Args: exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.historyRebuild(cmd.Context()) },
	}
}

func (c *common) historyRebuild(ctx context.Context) error {
	cfg, path, err := c.storeConfig()
	if err != nil {
		return err
	}
	dsn := c.historyDSN(cfg, path)
	recorded, done, err := audit.RebuildHistory(ctx, c.out, dsn, audit.Standings)
	if err != nil {
		return err
	}
	if done.Kept != "" {
		c.note("the damaged file is %s", done.Kept)
	}
	if done.Lost != nil {
		c.note("the nights of the schedule and their leases could not be read from it, and begin anew: %v", done.Lost)
	}
	h, err := history.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // it is only read
	all, err := h.Runs(ctx, time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	silent := 0
	for _, e := range all {
		if e.Problem != "" {
			silent++
		}
	}
	fmt.Fprintf(c.stdout, "made anew: %s, with %s of the log and %s of the schedule\n", oneLine(h.Name()), entries(recorded), counted(done.Nights, "night"))
	if silent > 0 {
		fmt.Fprintf(c.stdout, "%s among them could not be read, expired or gone: see domicile history\n", counted(silent, "run"))
	}
	return nil
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

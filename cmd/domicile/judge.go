package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

func newJudge(c *common) *cobra.Command {
	var index string
	cmd := &cobra.Command{
		Use:   "judge SNAPSHOT",
		Short: "Judge a stored snapshot with today's policies; touches no cloud",
		Long:  "judge judges a snapshot (a file, a run folder, a run's id below --out, or latest) with this version's policies and the given configuration.",
		Args:  exactly(1, "SNAPSHOT: a snapshot file, a run folder, a run's id or latest"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if index != "" {
				return c.index(cmd.Context(), args[0], index)
			}
			return c.judge(cmd.Context(), args[0], cmd.Flags().Changed("out"))
		},
	}
	cmd.Flags().StringVar(&index, "index", "", "write a small look-up file for check --with in place of judging: ids, regions, accounts, zones, edges")
	c.policyFlag(cmd)
	c.baselineFlag(cmd)
	cmd.Flags().BoolVar(&c.passes, "passes", false, "json, ndjson and csv hold what passed too")
	return cmd
}

// index writes the look-up file of a snapshot.
func (c *common) index(ctx context.Context, arg, file string) error {
	path, err := c.snapshotPath(arg)
	if err != nil {
		return err
	}
	cfg, _, err := c.load(ctx, "")
	if err != nil {
		return err
	}
	if err := (&audit.Judge{Zones: cfg.Zones, Rules: cfg.Assign}).Index(ctx, path, file); err != nil {
		return err
	}
	c.note("index written to %s", file)
	return nil
}

// judge reads the snapshot. It keeps a run only where --out is given.
func (c *common) judge(ctx context.Context, arg string, keep bool) (err error) {
	outs, err := c.outputs()
	if err != nil {
		return err
	}
	failOn, err := c.severity()
	if err != nil {
		return err
	}
	baseline, err := c.readBaseline()
	if err != nil {
		return err
	}
	path, err := c.snapshotPath(arg)
	if err != nil {
		return err
	}
	cfg, configPath, err := c.load(ctx, "")
	if err != nil {
		return err
	}
	engine, err := c.engine(ctx)
	if err != nil {
		return err
	}
	forgetCode() // of which its start and the compiling of the policies touched a good part, once
	if keep {
		return c.judgeAndKeep(ctx, engine, cfg, configPath, path, func(run *audit.Run) error {
			verdicts := filepath.Join(run.Dir, snapshot.VerdictsFileName)
			report := reportOf(run.Summary, engine, verdicts, c.passes, c.listing(run.Dir, configPath))
			return errors.Join(c.write(outs, report), c.concludedAgainst(baseline, run.Summary, verdicts, failOn))
		})
	}
	dir, err := os.MkdirTemp("", "domicile-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	verdicts := filepath.Join(dir, snapshot.VerdictsFileName)
	judge := audit.NewJudge(engine, cfg)
	if err := judge.WithCarried(path); err != nil {
		return err
	}
	summary, err := c.judgeTo(ctx, judge, path, verdicts)
	if err != nil {
		return err
	}
	if err := c.write(outs, reportOf(summary, engine, verdicts, c.passes, c.listing(arg, configPath))); err != nil {
		return err
	}
	return c.concludedAgainst(baseline, summary, verdicts, failOn)
}

func (c *common) judgeAndKeep(ctx context.Context, engine *policies.Engine, cfg *config.Config, configPath, path string, tell func(*audit.Run) error) error {
	keeper, err := c.keeper(ctx, engine, cfg, configPath)
	if err != nil {
		return err
	}
	run, err := keeper.Snapshot(ctx, path)
	if err != nil {
		return err
	}
	c.noteKept(run)
	if err := tell(run); run.Refused == nil {
		return err
	}
	return run.Refused
}

// snapshotPath finds what an argument names: a path as it is, else a run below --out.
func (c *common) snapshotPath(arg string) (string, error) {
	_, err := os.Stat(arg)
	if err == nil {
		return arg, nil
	}
	var at *fs.PathError
	if !errors.Is(err, fs.ErrNotExist) && errors.As(err, &at) {
		return "", fmt.Errorf("judge %q: %w: name a snapshot, a run, or latest", arg, at.Err)
	}
	path, err := evidence.Find(c.out, arg)
	switch {
	case err == nil:
		return path, nil
	case arg == "latest":
		return "", fmt.Errorf("judge latest: there is no run in %s: make one with domicile scan, or name another folder with --out", c.out)
	}
	return "", fmt.Errorf("judge %q: there is no such file or folder, and no run of that id in %s: name a snapshot, a run, or latest", arg, c.out)
}

func (c *common) judgeTo(ctx context.Context, j *audit.Judge, path, verdicts string) (*residency.Summary, error) {
	out, err := snapshot.CreateVerdicts(verdicts)
	if err != nil {
		return nil, err
	}
	summary, err := j.Run(ctx, path, shown(c.passes), out)
	if err != nil {
		return nil, errors.Join(err, out.Abort())
	}
	return summary, out.Close()
}

// shown are the outcomes that a report holds.
func shown(passes bool) func(residency.Outcome) bool {
	return func(o residency.Outcome) bool {
		return passes || o != residency.Pass && o != residency.NotApplicable
	}
}

// reportOf reads the verdicts anew for each format.
func reportOf(summary *residency.Summary, engine *policies.Engine, verdicts string, passes bool, command string) func() residency.Report {
	controls := map[string]residency.Control{}
	for _, c := range engine.Controls() {
		controls[c.ID] = c
	}
	var leaveOut []residency.Outcome
	if !passes {
		leaveOut = []residency.Outcome{residency.Pass, residency.NotApplicable}
	}
	return func() residency.Report {
		return residency.Report{Summary: *summary, Controls: controls, Verdicts: snapshot.ReadVerdicts(verdicts, leaveOut...), Command: command}
	}
}

// exactly refuses another number of arguments with a line that says what is wanted.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("%s takes %d argument, not %d: %s", cmd.CommandPath(), n, len(args), what)
		}
		return nil
	}
}
